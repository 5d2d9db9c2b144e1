"""Who changed which entry, and which of its columns: for whoever meets a conflict, and for whoever asks later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from directory.keeping_tables import entry_change
from directory.tables import official

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

OFFICIAL, UNIT, BODY = "official", "unit", "body"
"""Kinds of entries."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one entry: `version` is the one it made, `what` a comma list of columns; `token` a SCIM token."""

    kind: str
    subject: int
    version: int
    by: int
    at: int
    what: str
    token: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """The same to be shown; `by` is a name, "SCIM token no. N" for a token, "" for whoever has the machine."""

    version: int
    at: int
    what: tuple[str, ...]
    by: str


_ADD = insert(entry_change)
_FIRST = select(entry_change.c.by).where(
    entry_change.c.kind == bindparam("of_kind"),
    entry_change.c.subject == bindparam("of"),
    entry_change.c.version == 1,
    entry_change.c.what == "entry",
)
_SINCE = (
    select(entry_change.c.version, entry_change.c.at, entry_change.c.what, entry_change.c.token, official.c.name)
    .outerjoin(official, official.c.id == entry_change.c.by)
    .where(
        entry_change.c.kind == bindparam("of_kind"),
        entry_change.c.subject == bindparam("of"),
        entry_change.c.version > bindparam("seen"),
    )
    .order_by(entry_change.c.version, entry_change.c.id)
)


def first_by(connection: Connection, kind: str, subject: int) -> int | None:
    """Who added an entry; 0 for whoever has the machine, or a SCIM token; None if that was never written down."""
    found: int | None = connection.scalar(_FIRST, {"of_kind": kind, "of": subject})
    return found


def record(connection: Connection, changes: Iterable[Change]) -> None:
    """Write them down."""
    if rows := [{name: getattr(each, name) for name in Change.__slots__} for each in changes]:
        connection.execute(_ADD, rows)


def since(connection: Connection, kind: str, subject: int, version: int = 0) -> Sequence[Line]:
    """What changed after a version, oldest first."""
    rows = connection.execute(_SINCE, {"of_kind": kind, "of": subject, "seen": version})
    return [Line(row.version, row.at, tuple(row.what.split(",")), _by(row.token, row.name)) for row in rows]


def _by(token: int, name: str | None) -> str:
    return f"SCIM token no. {token}" if token else name or ""
