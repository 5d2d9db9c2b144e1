"""Legal hold: what is needed as evidence isn't erased, whatever its date; withdrawn, it is hidden and kept.

A security officer places it: of the body that owns the post, or that runs the area. To lift it takes another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, exists, func, insert, or_, select, update

from directory import officials
from directory import tables as directory
from groupware import given, tables
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from groupware.retention_tables import erasure, legal_hold
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

LONGEST_REASON = 1_000
DIGITS = 18


class What(StrEnum):
    """What a hold is on."""

    POST = "post"
    THREAD = "thread"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold as security officers see it: `name` is a room's code or a post's number. Times in microseconds."""

    id: int
    kind: What
    name: str
    reason: str
    placed: int
    placed_by: str
    lifted: int
    lifted_by: str
    why_lifted: str


_h, _post, _room, _unit = legal_hold.c, tables.post.c, tables.room.c, directory.unit.c
_POSTS: Select[Any] = (
    select(_post.id, _post.thread, _unit.body.label("owner"), directory.area.c.body.label("runs"))
    .join(directory.unit, _unit.id == _post.owner)
    .join(tables.room, _room.id == _post.room)
    .join(directory.area, directory.area.c.id == _room.area)
    .join(tables.rendering, tables.rendering.c.id == _post.rendering)
    .where(~exists().where(erasure.c.post == _post.id))
    .order_by(_post.id)
)
_BY_NUMBER = _POSTS.where(_post.id == bindparam("name"))
_BY_MESSAGE_ID = _POSTS.where(tables.rendering.c.message_id == bindparam("name"))
_ROOM: Select[Any] = (
    select(_room.id, directory.area.c.body.label("runs"))
    .join(directory.area, directory.area.c.id == _room.area)
    .where(_room.code == bindparam("name"))
)
_IN_FORCE = select(_h.id).where(_h.kind == bindparam("kind"), _h.subject == bindparam("subject"), _h.lifted == 0)
_PLACE = insert(legal_hold)
_LIFT = (
    update(legal_hold)
    .where(_h.id == bindparam("this"), _h.lifted == 0)
    .values(lifted=bindparam("at"), lifted_by=bindparam("by"), why_lifted=bindparam("why"))
)
_SHOWN = (
    select(legal_hold, _room.code)
    .outerjoin(tables.room, and_(_h.kind == What.ROOM.value, _room.id == _h.subject))
    .order_by(_h.lifted != 0, _h.id.desc())
)
_ONE = _SHOWN.where(_h.id == bindparam("number"))
_OF_BODY = _SHOWN.where(_h.body == bindparam("body"))


_ON = (
    and_(_h.kind == What.POST.value, _h.subject == _post.id),
    and_(_h.kind == What.THREAD.value, _h.subject == _post.thread),
    and_(_h.kind == What.ROOM.value, _h.subject == _post.room),
)


def held() -> ColumnElement[bool]:
    """True for rows of `post` that a hold keeps."""
    return or_(*(exists().where(each, _h.lifted == 0) for each in _ON))


def keeper() -> ColumnElement[int]:
    """A hold that keeps a row of `post`; 0 for none."""
    each = (select(func.min(_h.id)).where(on, _h.lifted == 0).scalar_subquery() for on in _ON)
    return func.coalesce(*each, 0)


def place(tx: Tx, monitor: Monitor, caller: Caller, kind: What, name: str, reason: str) -> Sequence[int]:
    """Keep a post or a thread (by a post's number in the log, or Message-ID) or a room (by its code).

    A Message-ID may name posts of several rooms: each that the caller may look after gets a hold. Returns their
    numbers. Raises NotFound, alike for forbidden and absent; Refused for a reason that isn't one; Conflict(held).
    """
    said = _reason(reason)
    wanted = [(row, body) for row in _found(tx, kind, name) if (body := _looked_after(tx, monitor, caller, row))]
    if not wanted:
        raise NotFound(name)
    subjects = {row.thread if kind is What.THREAD else row.id: body for row, body in wanted}
    made = [_place(tx, monitor, caller, (kind, subject), body, said) for subject, body in subjects.items()]
    if not any(made):
        raise Conflict("held", "there is a hold on this already")
    return [number for number in made if number]


def lift(tx: Tx, monitor: Monitor, caller: Caller, number: int, reason: str) -> None:
    """End a hold. Raises NotFound, Refused, Conflict(four-eyes) for who placed it, Conflict(changed-meanwhile)."""
    said, row = _reason(reason), _row(tx, monitor, caller, number)
    if row.placed_by == caller.official:
        raise Conflict("four-eyes", "whoever placed a hold doesn't lift it: another security officer has to")
    monitor.require(tx, caller, Action.PRESERVE, Kind.BODY, row.body).use(tx, Action.PRESERVE, row.body)
    if tx.connection.execute(_LIFT, {"this": number, "at": tx.now, "by": caller.official, "why": said}).rowcount != 1:
        raise Conflict("changed-meanwhile", "it is lifted already")
    tx.record(EventKind.HOLD_LIFTED, number)


def holds(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[LegalHold]:
    """Those that the caller's body looks after, those in force first. Raises Forbidden."""
    body = officials.get(snapshot.connection, caller.official).body
    monitor.require(snapshot, caller, Action.PRESERVE, Kind.BODY, body)
    return [_shown(snapshot, row) for row in snapshot.connection.execute(_OF_BODY, {"body": body}).all()]


def one(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> LegalHold:
    """One of them. Raises NotFound, alike for forbidden and absent."""
    return _shown(snapshot, _row(snapshot, monitor, caller, number))


def _found(tx: Tx, kind: What, name: str) -> Sequence[Any]:
    if kind is What.ROOM:
        return tx.connection.execute(_ROOM, {"name": given.name(name)}).all()
    if name.isascii() and name.isdecimal() and len(name) <= DIGITS:
        return tx.connection.execute(_BY_NUMBER, {"name": int(name)}).all()
    return tx.connection.execute(_BY_MESSAGE_ID, {"name": given.name(f"<{name.strip('<>')}>")}).all()


def _looked_after(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any]) -> int:
    """The body for which the caller may, of the one that owns it and the one that runs its area; 0 for none."""
    bodies = dict.fromkeys((getattr(row, "owner", 0), row.runs))
    return next((each for each in bodies if each and _may(tx, monitor, caller, each)), 0)


def _may(snapshot: Snapshot, monitor: Monitor, caller: Caller, body: int) -> bool:
    return monitor.decide(snapshot, caller, Action.PRESERVE, Kind.BODY, body).allowed


def _place(tx: Tx, monitor: Monitor, caller: Caller, on: tuple[What, int], body: int, reason: str) -> int:
    key = {"kind": on[0].value, "subject": on[1]}
    if tx.connection.execute(_IN_FORCE, key).first() is not None:
        return 0
    monitor.require(tx, caller, Action.PRESERVE, Kind.BODY, body).use(tx, Action.PRESERVE, body)
    row = {**key, "body": body, "reason": reason, "placed": tx.now, "placed_by": caller.official}
    number = tx.insert(_PLACE, row)
    tx.record(EventKind.HOLD_PLACED, number)
    return number


def _row(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> Row[Any]:
    row = snapshot.connection.execute(_ONE, {"number": number}).first()
    if row is None or not _may(snapshot, monitor, caller, row.body):
        raise NotFound(f"hold {number}")
    return row


def _shown(snapshot: Snapshot, row: Row[Any]) -> LegalHold:
    placed_by, lifted_by = (
        officials.get(snapshot.connection, by).name if by else "" for by in (row.placed_by, row.lifted_by)
    )
    name = row.code or str(row.subject)
    when = (row.placed, placed_by, row.lifted, lifted_by)
    return LegalHold(row.id, What(row.kind), name, row.reason, *when, row.why_lifted)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refused("reason-needed", "say why")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused("reason-too-long", f"a reason has at most {LONGEST_REASON} characters")
    return reason.strip()
