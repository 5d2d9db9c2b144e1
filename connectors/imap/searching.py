"""What SEARCH may ask (RFC 9051 6.4.4): a tree of typed keys.

RECENT, NEW and OLD (RFC 3501) become `Not(Everything())`, the same, and `Everything()`: no message is recent here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.imap.numbers import SequenceSet


class Field(StrEnum):
    """Where words are looked for; `TEXT` is header and body."""

    BCC = "BCC"
    BODY = "BODY"
    CC = "CC"
    FROM = "FROM"
    SUBJECT = "SUBJECT"
    TEXT = "TEXT"
    TO = "TO"


class Order(StrEnum):
    """How a message's day or age compares: ON is that day, SINCE that day or later."""

    BEFORE = "BEFORE"
    ON = "ON"
    SINCE = "SINCE"


class Result(StrEnum):
    """What RETURN asks for (RFC 4731 3.1)."""

    MIN = "MIN"
    MAX = "MAX"
    ALL = "ALL"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Everything:
    """ALL: every message."""


@dataclass(frozen=True, slots=True)
class And:
    """All of `keys`."""

    keys: tuple[SearchKey, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of two."""

    left: SearchKey
    right: SearchKey


@dataclass(frozen=True, slots=True)
class Not:
    """What `key` doesn't find."""

    key: SearchKey


@dataclass(frozen=True, slots=True)
class Named:
    """Messages by number, or by UID if `uid`."""

    numbers: SequenceSet
    uid: bool


@dataclass(frozen=True, slots=True)
class Flagged:
    r"""`flag` (a name as in FLAGS, `\Seen`) is set, or isn't."""

    flag: bytes
    present: bool


@dataclass(frozen=True, slots=True)
class Words:
    """`text` occurs in `field`, in any case."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """`text` occurs in the header field `name`; an empty `text` asks only whether the field is there."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dated:
    """INTERNALDATE, or the Date field if `sent`, against the day that begins at `day` (microseconds since 1970)."""

    order: Order
    day: int
    sent: bool


@dataclass(frozen=True, slots=True)
class Sized:
    """More than `octets` if `larger`, else fewer."""

    octets: int
    larger: bool


@dataclass(frozen=True, slots=True)
class Aged:
    """INTERNALDATE within the last `seconds` if `younger`, else before them (RFC 5032)."""

    seconds: int
    younger: bool


@dataclass(frozen=True, slots=True)
class Modified:
    """Mod-sequence `modseq` or higher (RFC 7162 3.1.5)."""

    modseq: int


SearchKey = Everything | And | Or | Not | Named | Flagged | Words | Header | Dated | Sized | Aged | Modified
