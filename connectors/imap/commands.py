"""The commands of IMAP as values: what the grammar makes of a line and what the front acts on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.imap.fetching import FetchItem
    from connectors.imap.line import Upload
    from connectors.imap.numbers import SequenceSet
    from connectors.imap.searching import Result, SearchKey


class StatusItem(StrEnum):
    """What STATUS may ask of a folder (RFC 9051 6.3.11, RFC 7162 3.1.7, RFC 8438)."""

    MESSAGES = "MESSAGES"
    RECENT = "RECENT"
    UIDNEXT = "UIDNEXT"
    UIDVALIDITY = "UIDVALIDITY"
    UNSEEN = "UNSEEN"
    DELETED = "DELETED"
    SIZE = "SIZE"
    HIGHESTMODSEQ = "HIGHESTMODSEQ"


class Selection(StrEnum):
    """Which folders LIST selects (RFC 5258 3.1, RFC 6154 5.2)."""

    SUBSCRIBED = "SUBSCRIBED"
    REMOTE = "REMOTE"
    RECURSIVEMATCH = "RECURSIVEMATCH"
    SPECIAL_USE = "SPECIAL-USE"


class Return(StrEnum):
    """What LIST tells about a folder (RFC 5258 3.2, RFC 5819, RFC 6154)."""

    SUBSCRIBED = "SUBSCRIBED"
    CHILDREN = "CHILDREN"
    SPECIAL_USE = "SPECIAL-USE"
    STATUS = "STATUS"


class Mode(StrEnum):
    """What STORE does with the flags it names."""

    ADD = "+"
    REMOVE = "-"
    REPLACE = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What every command has: the tag to answer with."""

    tag: bytes


@dataclass(frozen=True, slots=True)
class Capability(Command):
    """RFC 9051 6.1.1."""


@dataclass(frozen=True, slots=True)
class Noop(Command):
    """RFC 9051 6.1.2."""


@dataclass(frozen=True, slots=True)
class Logout(Command):
    """RFC 9051 6.1.3."""


@dataclass(frozen=True, slots=True)
class Id(Command):
    """RFC 2971 3.1: what the client says of itself; not to be believed."""

    parameters: tuple[tuple[bytes, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    """RFC 9051 6.2.1; known only so that the refusal can be polite: the door is TLS from the first octet."""


@dataclass(frozen=True, slots=True)
class Login(Command):
    """RFC 9051 6.2.3."""

    user: bytes
    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    """RFC 9051 6.2.2; `initial` is the decoded first response (RFC 4959), None if the client waits for a `+`."""

    mechanism: str
    initial: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enable(Command):
    """RFC 9051 6.3.1; names in upper case."""

    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    """RFC 9051 6.3.10."""


@dataclass(frozen=True, slots=True)
class Select(Command):
    """RFC 9051 6.3.2; `condstore` as in RFC 7162 3.1.8."""

    mailbox: str
    condstore: bool


@dataclass(frozen=True, slots=True)
class Examine(Select):
    """RFC 9051 6.3.3."""


@dataclass(frozen=True, slots=True)
class Create(Command):
    """RFC 9051 6.3.4; `use` are special-use attributes (RFC 6154 3)."""

    mailbox: str
    use: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Delete(Command):
    """RFC 9051 6.3.5."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename(Command):
    """RFC 9051 6.3.6."""

    mailbox: str
    to: str


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    """RFC 9051 6.3.7."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class Unsubscribe(Command):
    """RFC 9051 6.3.8."""

    mailbox: str


@dataclass(frozen=True, slots=True)
class List(Command):
    """RFC 9051 6.3.9; `status` are the items of RETURN (STATUS (...)). One pattern "" asks for the separator."""

    reference: str
    patterns: tuple[str, ...]
    selection: frozenset[Selection] = frozenset()
    returning: frozenset[Return] = frozenset()
    status: tuple[StatusItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Lsub(Command):
    """RFC 3501 6.3.9."""

    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Status(Command):
    """RFC 9051 6.3.11."""

    mailbox: str
    items: tuple[StatusItem, ...]


@dataclass(frozen=True, slots=True)
class Append(Command):
    """RFC 9051 6.3.12; `date` in microseconds since 1970, None if the client gave none."""

    mailbox: str
    flags: tuple[bytes, ...]
    date: int | None
    message: Upload


@dataclass(frozen=True, slots=True)
class Idle(Command):
    """RFC 9051 6.3.13; the wire's `continuation()` then reads DONE."""


@dataclass(frozen=True, slots=True)
class Check(Command):
    """RFC 3501 6.4.1."""


@dataclass(frozen=True, slots=True)
class Close(Command):
    """RFC 9051 6.4.1."""


@dataclass(frozen=True, slots=True)
class Unselect(Command):
    """RFC 9051 6.4.2."""


@dataclass(frozen=True, slots=True)
class Expunge(Command):
    """RFC 9051 6.4.3; with `uids` it is UID EXPUNGE (6.4.9) of those only."""

    uids: SequenceSet | None = None


@dataclass(frozen=True, slots=True)
class Search(Command):
    """RFC 9051 6.4.4; `returning` is None for the old answer `* SEARCH`, else ESEARCH (empty RETURN () means ALL)."""

    uid: bool
    key: SearchKey
    returning: frozenset[Result] | None


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    """RFC 9051 6.4.5; `changed_since` as in RFC 7162 3.1.4.1. UID FETCH answers UID even if `items` lack it."""

    uid: bool
    numbers: SequenceSet
    items: tuple[FetchItem, ...]
    changed_since: int | None = None


@dataclass(frozen=True, slots=True)
class Store(Command):
    """RFC 9051 6.4.6; flags as written; `unchanged_since` as in RFC 7162 3.1.3."""

    uid: bool
    numbers: SequenceSet
    mode: Mode
    silent: bool
    flags: tuple[bytes, ...]
    unchanged_since: int | None = None


@dataclass(frozen=True, slots=True)
class Copy(Command):
    """RFC 9051 6.4.7."""

    uid: bool
    numbers: SequenceSet
    mailbox: str


@dataclass(frozen=True, slots=True)
class Move(Command):
    """RFC 9051 6.4.8."""

    uid: bool
    numbers: SequenceSet
    mailbox: str
