"""An author confirms, with a reason, that what their post holds may be there; then it goes on like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, update

from groupware import given, moderation, posting, tables, unconfirmed
from groupware.chain import ACCEPTED, MODERATED, Verdict
from groupware.draft_tables import draft
from groupware.errors import Conflict, NotFound, Refused
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor, Permit
    from groupware.store import Snapshot, Tx

LONGEST_REASON = 1_000
_post = tables.post.c
_BY_TOKEN: Select[Any] = (
    select(
        _post.id,
        _post.token,
        _post.state,
        _post.room,
        _post.author,
        _post.sender,
        _post.marking,
        _post.handling,
        _post.rendering,
        tables.room.c.handling.label("usual"),
        tables.room.c.moderated,
    )
    .join(tables.room, tables.room.c.id == _post.room)
    .where(_post.token == bindparam("token"))
)
_AUTHORISED = select(draft.c.post).where(draft.c.post == bindparam("post"), draft.c.word == "authorised")
_GO_ON = (
    update(tables.post)
    .where(_post.id == bindparam("this"), _post.state == "unconfirmed")
    .values(state=bindparam("to"), published=bindparam("when"))
)
"""The rule stays: who hands in the same message again is answered the same."""


def confirm(tx: Tx, monitor: Monitor, caller: Caller, token: str, reason: str) -> str:
    """Let the post go on, to the room or to its moderators; its new state.

    Raises NotFound or Forbidden (told alike), Conflict(already-decided), Refused(reason-needed), and what posting
    raises where the author may not post in the room any more or nobody could moderate it.
    """
    row, permit = require(tx, monitor, caller, token)
    permit.use(tx, Action.CONFIRM, row.id)
    said = fit(reason)
    if not said:
        raise Refused("reason-needed", "say why this may be there")
    fate = ACCEPTED if _publishes(tx, monitor, caller, row) or _was_authorised(tx, row) else MODERATED
    if fate is ACCEPTED:
        moderation.require_new_name(tx, row.room, row.rendering)
    state, event = posting.STATES[fate.verdict]
    when = tx.now if fate.verdict is Verdict.ACCEPT else 0
    _change(tx, {"this": row.id, "to": state, "when": when})
    if fate is MODERATED and posting.is_strict(row.marking, row.handling, row.usual):
        posting.require_a_moderator(tx, monitor, row.id)
    unconfirmed.say(tx, row.id, "confirmed", caller.official, said)
    tx.record(event, row.id, row.room)
    return state


def require(snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str) -> tuple[Row[Any], Permit]:
    """The post that awaits the caller's word, and leave to say it.

    Raises NotFound or Forbidden (told alike), Conflict(already-decided).
    """
    row = snapshot.connection.execute(_BY_TOKEN, {"token": given.name(token)}).first()
    if row is None:
        raise NotFound(token)
    rules = monitor.decide(snapshot, caller, Action.CONFIRM, Kind.POST, row.id).rules
    if rules == ("nothing-to-confirm",) and caller.official in (row.author, row.sender):
        raise Conflict("already-decided", "the post doesn't await your word any more")
    return row, monitor.require(snapshot, caller, Action.CONFIRM, Kind.POST, row.id)


def fit(reason: str) -> str:
    """As a database and a page can take it: without what can't be printed."""
    kept = (letter if letter.isprintable() or letter == "\n" else " " for letter in reason[:LONGEST_REASON])
    return "".join(kept).strip()


def _publishes(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any]) -> bool:
    """Whether both, who wrote it and who handed it in, may publish in the room by now. Raises Refused(closed-room)."""
    for voice in _voices(caller, row):
        if not monitor.decide(tx, voice, Action.POST, Kind.ROOM, row.room).allowed:
            raise Refused("may-not-post", "you may not post in this room any more")
    return all(monitor.decide(tx, each, Action.PUBLISH, Kind.ROOM, row.room).allowed for each in _voices(caller, row))


def _was_authorised(snapshot: Snapshot, row: Row[Any]) -> bool:
    """A colleague who may post there alone has said yes to it: where nobody moderates, no more is needed."""
    found = snapshot.connection.execute(_AUTHORISED, {"post": row.id}).first()
    return found is not None and not row.moderated


def _voices(caller: Caller, row: Row[Any]) -> Iterator[Caller]:
    for official in {row.author, row.sender}:
        yield caller if official == caller.official else replace(caller, official=official, strong=False)


def _change(tx: Tx, values: dict[str, Any]) -> None:
    if tx.connection.execute(_GO_ON, values).rowcount != 1:
        raise Conflict("already-decided", "the post doesn't await your word any more")
