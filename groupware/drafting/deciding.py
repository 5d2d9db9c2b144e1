"""A colleague authorises a draft or refuses it, through whatever door: the first word counts.

Authorised, it goes on like any other message: to its author's word about personal data, to
moderators, or into the room.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, update

from directory import officials
from groupware import draft_endings, drafts, given, moderation, posting, tables, unconfirmed
from groupware.caller import Caller
from groupware.chain import Verdict
from groupware.drafting import authorised, rows
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

ENDED = "withdrawn"
"""The state of a draft that ended in another way than it was meant to."""
_above = tables.room.alias("above")
_post, _room = tables.post.c, tables.room.c
_BARS: Select[Any] = (
    select(_room.bars_personal_data, _above.c.bars_personal_data.label("above"))
    .outerjoin(_above, _above.c.id == _room.parent)
    .where(_room.id == bindparam("room"))
)
_GO_ON = (
    update(tables.post)
    .where(_post.id == bindparam("this"), _post.state == "draft")
    .values(state=bindparam("to"), published=bindparam("when"), rendering=bindparam("shown"))
)
"""The rule stays: who hands in the same message again is answered the same."""


class Word(StrEnum):
    """What a colleague says."""

    AUTHORISE = "authorise"
    REFUSE = "refuse"


def decide(tx: Tx, monitor: Monitor, caller: Caller, token: str, word: Word, reason: str = "") -> str:
    """Say it; what state the draft is in by that: published, held or unconfirmed; refused; withdrawn where it fell.

    Raises NotFound or Forbidden (told alike), Conflict(already-decided), Conflict(closed-room), Refused(reason-needed)
    for a refusal without one, and what posting raises where nobody could moderate it.
    """
    return _decide(tx, monitor, caller, rows.by_token(tx, given.name(token)), word, reason)


def decide_one(tx: Tx, monitor: Monitor, caller: Caller, post: int, word: Word, reason: str = "") -> str:
    """The same by the post's id."""
    return _decide(tx, monitor, caller, rows.get(tx, post), word, reason)


def _decide(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any], word: Word, reason: str) -> str:
    require(tx, monitor, caller, row)
    if word is Word.REFUSE:
        said = fit(reason)
        if not said:
            raise Refused("reason-needed", "say why it is refused")
        draft_endings.end(tx, row, "refused", caller.official, caller.door, said)
        return "refused"
    if not monitor.decide(tx, caller, Action.POST_ALONE, Kind.ROOM, row.room).allowed:
        raise Conflict("closed-room", "nothing is posted in this room any more")
    if not may_go_on(tx, monitor, row):
        draft_endings.end(tx, row, "fallen", reason="its author may not post there any more")
        return ENDED
    drafts.say(tx, row.id, drafts.AUTHORISED, caller.official, caller.door, fit(reason))
    tx.record(EventKind.DRAFT_AUTHORISED, row.id, row.room)
    return _go_on(tx, monitor, caller, row)


def require(snapshot: Snapshot, monitor: Monitor, caller: Caller, row: Row[Any]) -> None:
    """The monitor's leave, used; only a colleague who could have said it is told that it was decided already."""
    rules = monitor.decide(snapshot, caller, Action.AUTHORISE, Kind.POST, row.id).rules
    if rules == ("nothing-to-authorise",) and _is_colleague(snapshot, monitor, caller, row):
        raise drafts.already(snapshot, row.word, row.by, row.said)
    monitor.require(snapshot, caller, Action.AUTHORISE, Kind.POST, row.id).use(snapshot, Action.AUTHORISE, row.id)


def may_go_on(snapshot: Snapshot, monitor: Monitor, row: Row[Any]) -> bool:
    """Whether both, who wrote it and who handed it in, may still post there."""
    return all(
        monitor.decide(snapshot, each, Action.POST, Kind.ROOM, row.room).allowed for each in _voices(snapshot, row)
    )


def fit(reason: str) -> str:
    """As a database and a page can take it: without what can't be printed."""
    kept = (letter if letter.isprintable() or letter == "\n" else " " for letter in reason[: drafts.LONGEST_REASON])
    return "".join(kept).strip()


def _is_colleague(snapshot: Snapshot, monitor: Monitor, caller: Caller, row: Row[Any]) -> bool:
    same = officials.get(snapshot.connection, caller.official).body == row.body
    try:
        return same and monitor.decide(snapshot, caller, Action.POST_ALONE, Kind.ROOM, row.room).allowed
    except (Forbidden, NotFound):
        return False


def _go_on(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any]) -> str:
    kinds = row.kinds.split() if _bars(tx, row.room) else []
    verdict = Verdict.CONFIRM if kinds else Verdict.ACCEPT if _publishes(tx, monitor, row) else Verdict.HOLD
    state, event = posting.STATES[verdict]
    if verdict is Verdict.ACCEPT:
        moderation.require_new_name(tx, row.room, row.rendering)
    shown = authorised.rendering_of(tx, row.rendering, caller)
    when = tx.now if verdict is Verdict.ACCEPT else 0
    if tx.change(_GO_ON, {"this": row.id, "to": state, "when": when, "shown": shown}) != 1:
        raise Conflict("already-decided", "somebody has decided this already")
    if verdict is Verdict.HOLD and posting.is_strict(row.marking, row.handling, row.usual):
        posting.require_a_moderator(tx, monitor, row.id)
    if kinds:
        unconfirmed.hold(tx, row.id, kinds)
    tx.record(event, row.id, row.room)
    return state


def _bars(tx: Tx, room: int) -> bool:
    row = tx.connection.execute(_BARS, {"room": room}).one()
    return bool(row.bars_personal_data or row.above)


def _publishes(tx: Tx, monitor: Monitor, row: Row[Any]) -> bool:
    """Moderators' four eyes are others than these: only who moderates a moderated room publishes there."""
    if not row.moderated:
        return True
    return all(monitor.decide(tx, each, Action.PUBLISH, Kind.ROOM, row.room).allowed for each in _voices(tx, row))


def _voices(snapshot: Snapshot, row: Row[Any]) -> Iterator[Caller]:
    for official in {row.author, row.sender}:
        known = officials.get(snapshot.connection, official)
        yield Caller(known.id, known.login, known.address, known.name, Door.SUBMISSION)
