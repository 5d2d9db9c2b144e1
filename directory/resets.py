"""Requests for new credentials of somebody who has, or had, some: one person asks, and another makes the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory.keeping_tables import reset_request
from directory.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Reset:
    """One that is open: for whom, who asked, why, when, and until when it may be released (microseconds)."""

    id: int
    official: int
    asked_by: int
    asked: int
    reason: str
    expires: int


_r = reset_request.c
_open = (_r.released == 0, _r.expires > bindparam("at"))
_WHOLE = select(_r.id, _r.official, _r.asked_by, _r.asked, _r.reason, _r.expires)
_ADD = insert(reset_request)
_OPEN_OF = _WHOLE.where(_r.official == bindparam("of"), *_open)
_OPEN_IN = _WHOLE.where(_r.body == bindparam("in_body"), *_open).order_by(_r.id)
_RELEASE = (
    update(reset_request)
    .where(_r.id == bindparam("wanted"), _r.released == 0, _r.expires > bindparam("at"))
    .values(released=bindparam("at"), released_by=bindparam("by"))
)
_END = update(reset_request).where(_r.official == bindparam("of"), *_open).values(expires=bindparam("at"))


def ask(connection: Connection, new: Reset, body: int) -> int:
    """Write a request down and return its id; `new.id` is ignored. The caller has seen that none is open."""
    row = {"official": new.official, "body": body, "reason": new.reason, "asked": new.asked}
    return add_row(connection, _ADD, {**row, "asked_by": new.asked_by, "expires": new.expires})


def open_of(connection: Connection, official: int, now: int) -> Reset | None:
    """The one that awaits a second person; there is at most one."""
    row = connection.execute(_OPEN_OF, {"of": official, "at": now}).mappings().first()
    return None if row is None else Reset(**row)


def open_in(connection: Connection, body: int, now: int) -> list[Reset]:
    """All of a body that await a second person, oldest first."""
    return [Reset(**row) for row in connection.execute(_OPEN_IN, {"in_body": body, "at": now}).mappings()]


def release(connection: Connection, number: int, by: int, now: int) -> bool:
    """Write down that a second person agrees; False if another was quicker, or it has ended."""
    return connection.execute(_RELEASE, {"wanted": number, "by": by, "at": now}).rowcount == 1


def end(connection: Connection, official: int, now: int) -> int:
    """End what awaits a second person for an official; return how many requests that were."""
    return connection.execute(_END, {"of": official, "at": now}).rowcount
