"""One line of the log, as a row and as the octets that are hashed."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PSEUDONYM = 32


class Happening(StrEnum):
    """What kind of thing is on record."""

    PERMITTED = "permitted"
    DENIED = "denied"
    READ = "read"
    DELIVERED = "delivered"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that goes on record. `official` is 0 for ICONet itself and its operator.

    `about` is the official whom it concerns, where the thing isn't one: a pseudonym of theirs is kept in the detail.
    """

    event: Happening
    official: int
    door: str
    action: str
    kind: str
    resource: int | str
    rules: tuple[str, ...] = ()
    about: int = 0
    owner: int = 0
    detail: Mapping[str, int | str] = field(default_factory=dict)


def pseudonym(key: bytes, official: int) -> str:
    """What stands for an official in the log: nobody goes back from it to them without the key."""
    return hmac.digest(key, b"official %d" % official, sha256).hex()[:_PSEUDONYM]


def canonical(detail: Mapping[str, int | str]) -> str:
    """As JSON of one form only (RFC 8785 for what is used here: strings and whole numbers)."""
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if detail else "{}"
