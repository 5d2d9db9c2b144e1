"""Where two persons are asked for, one who speaks for the owner asks for a looser marking, and another confirms it.

That is where the room or the network has chosen the post's marking, or the room's usual one (groupware.second_person).
A stricter marking takes one. Behind a strong sign-in, so in the portal and the API; the operator enters an ask only.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, func, insert, or_, select, update

from directory import officials, rights
from directory import tables as directory
from groupware import drafts, given, tables
from groupware.caller import Caller
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.events import EventKind
from groupware.mark_endings import CONFIRMED
from groupware.marking_tables import loosening
from groupware.message.markings import Marks
from groupware.second_person import of_room
from groupware.too_often import DAY, require_few
from policies.vocabulary import Action, Door, Handling, Kind, Marking

if TYPE_CHECKING:
    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

WITHIN = drafts.DECIDED_WITHIN
"""What nobody confirms in this time lapses: the marking stays."""
_l, _post, _room = loosening.c, tables.post.c, tables.room.c
_above = tables.room.alias("above")
_CHOSEN: Select[Any] = (
    select(
        *(_room.marking, _room.handling, _room.second_person),
        func.coalesce(_above.c.second_person, "").label("second_above"),
    )
    .outerjoin(_above, _above.c.id == _room.parent)
    .where(_room.id == bindparam("room"))
)
ASKS: Select[Any] = (
    select(
        *(_l.id, _l.post, _l.asker, _l.at, _l.until, _l.reminded, _l.marking, _l.handling, _l.reason, _l.operator),
        *(_l.word, _l.said, _l.by, _l.note, directory.official.c.name.label("asker_name")),
        *(_post.token, _post.room, _post.state, _post.loosener, _room.code, _room.name),
        *(_post.marking.label("was_marking"), _post.handling.label("was_handling")),
    )
    .join(tables.post, _post.id == _l.post)
    .join(tables.room, _room.id == _post.room)
    .join(directory.official, directory.official.c.id == _l.asker)
    .order_by(_l.id)
)
_LAST = ASKS.where(_post.token == bindparam("name")).order_by(None).order_by(_l.id.desc()).limit(1)
_moment = bindparam("moment", type_=BigInteger)
_OF_MOMENT = ASKS.where(_post.id == bindparam("post"), or_(_l.at == _moment, _l.said == _moment)).limit(1)
_WAITING = ASKS.where(_l.word == "")
_KEEP = insert(loosening)
_BEGIN = (
    update(tables.post).where(_post.id == bindparam("this"), _post.loosener == 0).values(loosener=bindparam("asker"))
)
_OPEN = (
    select(func.count())
    .select_from(loosening)
    .where(_l.asker == bindparam("by"), _l.word == "", _l.until > bindparam("now"))
)
_OF_BODY = (
    select(func.count())
    .select_from(loosening)
    .join(directory.official, directory.official.c.id == _l.asker)
    .where(directory.official.c.body == bindparam("body"), _l.at > bindparam("since"))
)


class Word(StrEnum):
    """What is said about an ask; who asked may take it back."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


BECOMES = {Word.CONFIRM: CONFIRMED, Word.REFUSE: "refused", Word.WITHDRAW: "withdrawn"}
"""What the ask is by that."""


def needs_two(snapshot: Snapshot, monitor: Monitor, room: int, was: Marks, to: Marks) -> bool:
    """Whether marking a post of the room so takes another person's word."""
    if to.marking >= was.marking and to.handling >= was.handling:
        return False
    row = snapshot.connection.execute(_CHOSEN, {"room": room}).one()
    chosen = of_room(monitor.second_person, row)
    return chosen.asks(was) or chosen.asks(Marks(Marking(row.marking), Handling(row.handling)))


def ask(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any], to: Marks, reason: str, *, operator: bool) -> None:
    """Of the post whose `id` and `room` the row has.

    Raises Conflict(asked-already), Refused(nobody-may-confirm), and as too_often does.
    """
    if tx.change(_BEGIN, {"this": row.id, "asker": caller.official}) != 1:
        raise Conflict("asked-already", "a looser marking is asked for already")
    waiting = tx.connection.scalar(_OPEN, {"by": caller.official, "now": tx.now}) or 0
    body = officials.get(tx.connection, caller.official).body
    require_few(waiting, tx.connection.scalar(_OF_BODY, {"body": body, "since": tx.now - DAY}) or 0)
    made = {"post": row.id, "asker": caller.official, "at": tx.now, "until": tx.now + WITHIN, "operator": operator}
    tx.connection.execute(_KEEP, {**made, "marking": int(to.marking), "handling": int(to.handling), "reason": reason})
    rights.bump(tx.connection)
    if not confirmers(tx, monitor, row.id):
        raise Refused("nobody-may-confirm", "it takes a second person, and nobody else may confirm it")
    tx.record(EventKind.MARK_ASKED, row.id, row.room)


def confirmers(snapshot: Snapshot, monitor: Monitor, post: int) -> list[int]:
    """Whoever may confirm what is asked for a post, and can read it."""
    reads = set(monitor.audience(snapshot, Action.READ, Kind.POST, post, strong=True))
    found = monitor.audience(snapshot, Action.CONFIRM_MARK, Kind.POST, post, strong=True)
    return [each for each in found if each in reads]


def last(snapshot: Snapshot, token: str) -> Row[Any]:
    """The last ask about a post, whatever has become of it. Raises NotFound."""
    row = snapshot.connection.execute(_LAST, {"name": given.name(token)}).first()
    if row is None:
        raise NotFound(token)
    return row


def of_moment(snapshot: Snapshot, post: int, moment: int) -> Row[Any] | None:
    """The ask about a post that was made or ended then, None where there is none."""
    return snapshot.connection.execute(_OF_MOMENT, {"post": post, "moment": moment}).first()


def to_confirm(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Row[Any]]:
    """What awaits the caller's confirmation, oldest first."""
    statement, values = _WAITING, dict[str, Any]()
    for action in (Action.CONFIRM_MARK, Action.READ):
        view = monitor.view(snapshot, caller, action, Kind.POST)
        statement, values = statement.where(view.clause), values | view.parameters
    return list(snapshot.connection.execute(statement, values))


def require(snapshot: Snapshot, monitor: Monitor, caller: Caller, row: Row[Any], word: Word) -> None:
    """Leave to say this about the ask.

    Raises NotFound for whoever may not mark or read the post, Conflict(already-decided) with by whom and when for
    others, Forbidden where it is their own ask, or not theirs to take back.
    """
    for action in (Action.READ, Action.MARK):
        monitor.require(snapshot, caller, action, Kind.POST, row.post).use(snapshot, action, row.post)
    if row.word:
        raise decided(snapshot, row)
    if word is not Word.WITHDRAW:
        allowed = monitor.require(snapshot, caller, Action.CONFIRM_MARK, Kind.POST, row.post)
        allowed.use(snapshot, Action.CONFIRM_MARK, row.post)
    elif row.asker != caller.official:
        raise Forbidden("not-yours", "who asked takes it back; others refuse it")


def decided(snapshot: Snapshot, row: Row[Any]) -> Conflict:
    """What has become of it, for those concerned."""
    return drafts.already(snapshot, row.word, row.by, row.said)


def asker_may(snapshot: Snapshot, monitor: Monitor, row: Row[Any]) -> bool:
    """Whether who asked could still mark the post; the strong sign-in was asked of them when they did."""
    known = officials.get(snapshot.connection, row.asker)
    caller = Caller(known.id, known.login, known.address, known.name, Door.PORTAL, strong=True)
    try:
        return monitor.decide(snapshot, caller, Action.MARK, Kind.POST, row.post).allowed
    except (Forbidden, NotFound):
        return False
