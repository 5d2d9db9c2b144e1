"""The accounts at identity providers of states by which officials get in: bound at the first sign-in, until they end.

What has ended is written down: whoever had one has been here, and gets in by another only if they let it themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, literal, select

from directory.oidc_tables import national_leave, national_past, national_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

_n, _leave, _past = national_subject.c, national_leave.c, national_past.c
_KEPT = ("issuer", "subject", "official", "at")
_AT = select(_n.subject).where(_n.issuer == bindparam("by"), _n.official == bindparam("of"))
_OF = select(_n.issuer, _n.at).where(_n.official == bindparam("of")).order_by(_n.at)
_ADD = insert(national_subject)
_HAD = select(_past.id).where(_past.official == bindparam("of")).limit(1)
_LET = select(_leave.until).where(_leave.official == bindparam("of"), _leave.until > bindparam("now"))
_END_LEAVE = delete(national_leave).where(_leave.official == bindparam("of"))
_LEAVE = insert(national_leave)


@dataclass(frozen=True, slots=True)
class Bound:
    """An account that opens an official's: whose provider's, and since when (microseconds)."""

    issuer: str
    at: int


def of(connection: Connection, official: int) -> Sequence[Bound]:
    """An official's, oldest first."""
    return [Bound(row.issuer, row.at) for row in connection.execute(_OF, {"of": official})]


def subject(connection: Connection, issuer: str, official: int) -> str | None:
    """What a provider calls the one of an official; None for who has none there."""
    found: str | None = connection.scalar(_AT, {"by": issuer, "of": official})
    return found


def bind(connection: Connection, issuer: str, subject: str, official: int, now: int) -> None:
    """Have one open an official's account from now on, and nobody else's."""
    _end(connection, (_n.issuer == issuer) & (_n.subject == subject), now)
    connection.execute(_ADD, {"issuer": issuer, "subject": subject, "official": official, "at": now})


def end_all(connection: Connection, official: int, now: int) -> int:
    """All of an official's open nothing any more, nor may another be bound; return how many that were."""
    forbid(connection, official)
    return _end(connection, _n.official == official, now)


def had(connection: Connection, official: int) -> bool:
    """Whether an official had one that has ended."""
    return connection.execute(_HAD, {"of": official}).first() is not None


def let(connection: Connection, official: int, until: int) -> None:
    """Have an official's next one be bound, until then."""
    forbid(connection, official)
    connection.execute(_LEAVE, {"official": official, "until": until})


def forbid(connection: Connection, official: int) -> None:
    """End that."""
    connection.execute(_END_LEAVE, {"of": official})


def is_let(connection: Connection, official: int, now: int) -> bool:
    """Whether an official has let the next one be bound."""
    return connection.execute(_LET, {"of": official, "now": now}).first() is not None


def _end(connection: Connection, which: ColumnElement[bool], now: int) -> int:
    ended = select(*(_n[name] for name in _KEPT), literal(now)).where(which)
    connection.execute(insert(national_past).from_select([*_KEPT, "ended"], ended))
    return connection.execute(delete(national_subject).where(which)).rowcount
