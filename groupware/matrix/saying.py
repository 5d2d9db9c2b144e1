"""May this be said in a room? Judged while its client waits, by the posting chain and before it is an event.

What may be published is let through, and becomes a post when the homeserver tells of it. What has to wait is held
here and now, so that its words never reach the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupware import content, posting
from groupware.errors import Busy, Forbidden, Refused
from groupware.labels import strictest
from groupware.matrix import holds, rooms, speech, telling
from groupware.message.markings import subject_marking
from groupware.message.scan import scan
from groupware.recipients import resolve
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.matrix.rooms import Room
    from groupware.matrix.speech import Answered, Speech
    from groupware.monitor import Monitor
    from groupware.posting import Submission
    from groupware.store import Snapshot, Tx

HELD = "eu.iconet.held"
"""The key of the notice that stands in a held message's place."""


@dataclass(frozen=True, slots=True)
class Published:
    """It may be said as it is."""


@dataclass(frozen=True, slots=True)
class Held:
    """It waits under this number; `content` is the notice that is said in its place."""

    number: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waits:
    """What has to be held: not held yet, but all that needs no transaction is done."""

    key: str
    submission: Submission
    answer: Answered | None


@dataclass(frozen=True, slots=True)
class House:
    """What judging needs besides a transaction; `domain` is of mail, `key` the installation's."""

    monitor: Monitor
    domain: str
    key: bytes
    directory: Path


def room_of(snapshot: Snapshot, room: int) -> Room:
    """The room. Raises Forbidden without one."""
    found = next((each for each in rooms.rooms(snapshot) if each.id == room), None)
    if found is None:
        raise Forbidden("no-such-room")
    return found


def judge(
    snapshot: Snapshot, house: House, caller: Caller, room: Room, said: Speech, key: str
) -> Published | Held | Waits:
    """What becomes of the words. Raises Refused or Forbidden by rule; what waits is then held by `hold`."""
    answer = speech.answered(snapshot, room.id, said)
    earlier = holds.repeated(snapshot, key)
    if earlier is not None:
        return held(earlier.number, key, answer)
    name = speech.name(house.key, "said", key, str(snapshot.now))
    raw = speech.written(caller, house.domain, room, said, answer, name=name, at=snapshot.now)
    waiting = Waits(key, _prepared(snapshot, house, caller, room, raw), answer)
    if not house.monitor.decide(snapshot, caller, Action.PUBLISH, Kind.ROOM, room.id).allowed:
        return waiting
    marking = strictest(Marking(room.marking), subject_marking(speech.subject(said, answer)))
    if marking >= Marking.AMBER_STRICT:
        raise Refused("marking-stays-inside", f"{marking.label} isn't for everybody here: post it in the portal")
    return Published()


def hold(tx: Tx, house: House, waits: Waits, room: int) -> Held:
    """Hand it in through the posting chain. Raises as `posting.submit` does; Busy when it need not wait any more."""
    earlier = holds.repeated(tx, waits.key)
    if earlier is None:
        outcome = posting.submit(tx, house.monitor, waits.submission).outcomes[0]
        if not outcome.number:
            raise Busy("the rights have just changed")
        author = waits.submission.caller.official
        holds.add(tx, waits.key, holds.post_of(tx, waits.submission.message_id, author, room))
        return held(outcome.number, waits.key, waits.answer)
    return held(earlier.number, waits.key, waits.answer)


def held(number: int, key: str, answer: Answered | None) -> Held:
    """CONTRACT's placeholder: without text, file name or address of a file; of relations only those we know."""
    said: dict[str, Any] = {"msgtype": "m.notice", "body": f"awaits moderation, no. {number}", HELD: key}
    if answer is not None and answer.root:
        said["m.relates_to"] = telling.related(answer.root, answer.event)
    return Held(number, said)


def _prepared(snapshot: Snapshot, house: House, caller: Caller, room: Room, raw: bytes) -> Submission:
    to = resolve(snapshot, house.monitor, caller, f"{room.code}@{house.domain}", house.domain)
    return posting.prepare(caller, house.domain, raw, scan(raw), content.prepare(house.directory, raw), [to])
