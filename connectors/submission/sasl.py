"""What clients send to sign in: base64, and inside it a name and a secret (RFC 4616, and the older LOGIN)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import NamedTuple


class Credentials(NamedTuple):
    """A name and a secret, as given."""

    name: str
    secret: str


def decoded(text: str) -> bytes | None:
    """The octets of a response; `=` stands for none (RFC 4954 4). None for what isn't base64."""
    try:
        return b"" if text == "=" else b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def plain(response: bytes) -> Credentials:
    """RFC 4616 2: for whom, who, secret. Nobody's, for another shape or for acting as somebody else: answered alike."""
    parts = response.split(b"\0")
    if len(parts) != 3 or parts[0] not in (b"", parts[1]):  # noqa: PLR2004 -- the RFC's three
        return Credentials("", "")
    return Credentials(text(parts[1]), text(parts[2]))


def text(octets: bytes) -> str:
    """Never fails: what is no text is nobody's name and opens nothing."""
    return octets.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
