"""What homeserver and application service know each other by: made once, kept in DIR/matrix, for this user only."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from connectors.fault import Fault

if TYPE_CHECKING:
    from pathlib import Path

NAME = "secrets.json"
OCTETS = 32


def _token() -> str:
    return secrets.token_urlsafe(OCTETS)


def _signing_key() -> str:
    """Synapse's file of one ed25519 seed: algorithm, version, unpadded base64."""
    return f"ed25519 a_1 {b64encode(secrets.token_bytes(OCTETS)).decode().rstrip('=')}\n"


@dataclass(frozen=True, slots=True)
class Secrets:
    """`as_token` opens the homeserver to us, `hs_token` us to the homeserver; the others are the homeserver's own."""

    as_token: str = field(default_factory=_token)
    hs_token: str = field(default_factory=_token)
    macaroon: str = field(default_factory=_token)
    form: str = field(default_factory=_token)
    signing_key: str = field(default_factory=_signing_key)
    oidc: str = field(default_factory=_token)
    """By what the homeserver proves itself to the portal; of files from before there was one, anew each time."""


def kept(directory: Path) -> Secrets:
    """Those of `directory`, made if there are none. Raises Fault."""
    path = directory / NAME
    try:
        return Secrets(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        made = Secrets()
        write(path, json.dumps(asdict(made), indent=1))
        return made
    except (OSError, ValueError, TypeError) as error:
        raise Fault(f"{path}: cannot be read: {type(error).__name__}") from error


def write(path: Path, text: str) -> None:
    """Whole or not at all, and durable, for this user only: it may hold secrets. Raises Fault."""
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise Fault(f"{path}: cannot be written: {error.strerror}") from error
