"""Looser markings that are asked for, as those see them who may confirm them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupware.errors import NotFound
from groupware.marks import loosening
from groupware.message.markings import Marks
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot


@dataclass(frozen=True, slots=True)
class Ask:
    """One, by the token of its post. Times in microseconds; `mine`: the caller has asked it, and doesn't confirm it.

    `number` is its own: of a post much can be asked, one after the other.
    """

    number: int
    token: str
    room: str
    room_name: str
    asker: str
    was: Marks
    marks: Marks
    reason: str
    at: int
    until: int
    mine: bool


def to_confirm(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Ask]:
    """What awaits the caller's confirmation, oldest first."""
    return [_ask(row, caller) for row in loosening.to_confirm(snapshot, monitor, caller)]


def asked(snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str) -> Ask | None:
    """What waits for a post; nothing for whoever may not mark it."""
    try:
        row = loosening.last(snapshot, token)
        allowed = all(
            monitor.decide(snapshot, caller, action, Kind.POST, row.post).allowed
            for action in (Action.READ, Action.MARK)
        )
    except NotFound:
        return None
    return _ask(row, caller) if allowed and not row.word else None


def _ask(row: Row[Any], caller: Caller) -> Ask:
    was = Marks(Marking(row.was_marking), Handling(row.was_handling))
    to = Marks(Marking(row.marking), Handling(row.handling))
    mine = row.asker == caller.official
    named = (row.id, row.token, row.code, row.name, row.asker_name)
    return Ask(*named, was, to, row.reason, row.at, row.until, mine)
