"""May this be said in a room? Judged while its client waits, by the posting chain and before it is an event.

What may be published is let through, and becomes a post when the homeserver tells of it. What has to wait is held
here and now, so that its words never reach the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupware import content, posting
from groupware.chain import BARRED, DRAFT_RULES
from groupware.errors import Forbidden, Refused
from groupware.matrix import holds, rooms, speech, telling
from groupware.message.markings import Marks, asked
from groupware.message.scan import scan
from groupware.recipients import Room as Bars
from groupware.recipients import resolve
from groupware.sealing.seals import OFF
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.matrix.rooms import Room
    from groupware.matrix.speech import Answered, Speech
    from groupware.message.compose import File
    from groupware.monitor import Monitor
    from groupware.posting import Submission
    from groupware.recipients import Recipient
    from groupware.sealing.seals import Seals
    from groupware.store import Snapshot, Tx

HELD = "eu.iconet.held"
"""The key of the notice that stands in a held message's place."""


@dataclass(frozen=True, slots=True)
class Published:
    """It may be said, as `content`."""

    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """It waits under this number, or is published another way (0); `content` is the notice in its place."""

    number: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waits:
    """What has to be handed in before it can be said, and isn't yet.

    With `shown` it may be said as that after all, if it holds nothing that the room bars.
    """

    key: str
    caller: Caller
    raw: bytes
    to: Recipient
    answer: Answered | None
    shown: Mapping[str, Any] | None = None
    media: str = ""
    """What the homeserver calls the file that is handed in."""


@dataclass(frozen=True, slots=True)
class House:
    """What judging needs besides a transaction; `domain` is of mail, `key` the installation's."""

    monitor: Monitor
    domain: str
    key: bytes
    directory: Path
    seals: Seals = OFF


def room_of(snapshot: Snapshot, room: int) -> Room:
    """The room. Raises Forbidden without one."""
    found = next((each for each in rooms.rooms(snapshot) if each.id == room), None)
    if found is None:
        raise Forbidden("no-such-room")
    return found


def judge(
    snapshot: Snapshot, house: House, caller: Caller, room: Room, said: Speech, key: str, file: File | None = None
) -> Published | Held | Waits:
    """What becomes of the words. Raises Refused or Forbidden by rule, Unacceptable; `hold` hands in what waits.

    A file always waits for ICONet to take it: in the room it would be anybody's who has its address, for good.
    """
    answer = speech.answered(snapshot, room.id, said)
    earlier = holds.repeated(snapshot, key)
    if earlier is not None:
        return held(earlier.number, key, answer, earlier.rule)
    to = resolve(snapshot, house.monitor, caller, f"{room.code}@{house.domain}", house.domain)
    name = speech.name(house.key, "said", key, str(snapshot.now))
    raw = speech.written(caller, house.domain, room, said, answer, name=name, at=snapshot.now, file=file)
    publishes = house.monitor.decide(snapshot, caller, Action.PUBLISH, Kind.ROOM, room.id).allowed
    if not publishes or said.upload is not None:
        return Waits(key, caller, raw, to, answer, media=said.upload.url if said.upload is not None else "")
    asks = asked(scan(raw).subject)
    marking = Marking(max(room.marking, asks.marking, answer.marking if answer else Marking.CLEAR))
    if marking >= Marking.AMBER_STRICT:
        raise Refused("marking-stays-inside", f"{marking.label} isn't for everybody here: post it in the portal")
    if asks.handling > room.handling:
        raise Refused("handling-stays-inside", f"{asks.handling.label} isn't for everybody here: post it in the portal")
    shown = said.shown if marking <= max(room.marking, asks.marking) else _prefixed(said.shown, marking)
    if isinstance(to, Bars) and to.second_person.asks(Marks(marking, Handling(max(room.handling, asks.handling)))):
        return Waits(key, caller, raw, to, answer)
    if isinstance(to, Bars) and to.bars_personal_data:
        return Waits(key, caller, raw, to, answer, shown)
    return Published(shown)


def _prefixed(shown: Mapping[str, Any], marking: Marking) -> Mapping[str, Any]:
    """An answer to what is marked more strictly than the room is: its own words don't say so."""
    return {**shown, "body": f"[{marking.label}] {shown['body']}"}


def prepared(house: House, waits: Waits, seeming: tuple[str, ...] | None) -> Submission:
    """All that needs no transaction; `seeming` is what was found in it. Raises message.errors.Unacceptable."""
    scanned = scan(waits.raw)  # before anything is written
    kept = content.prepare(house.directory, waits.raw, house.seals)
    return posting.prepare(waits.caller, house.domain, waits.raw, scanned, kept, [waits.to], seeming)


def hold(tx: Tx, house: House, waits: Waits, submission: Submission, room: int) -> Held:
    """Hand it in through the posting chain. Raises as `posting.submit` does."""
    earlier = holds.repeated(tx, waits.key)
    if earlier is not None:
        return held(earlier.number, waits.key, waits.answer, earlier.rule)
    outcome = posting.submit(tx, house.monitor, submission).outcomes[0]
    holds.add(tx, waits.key, holds.post_of(tx, submission.message_id, waits.caller.official, room), waits.media)
    return held(outcome.number, waits.key, waits.answer, outcome.rule)


def held(number: int, key: str, answer: Answered | None, rule: str = "") -> Held:
    """CONTRACT's placeholder: without text, file name or address of a file; of relations only those we know."""
    awaited = "its author's word" if rule == BARRED else "authorisation" if rule in DRAFT_RULES else "moderation"
    text = f"awaits {awaited}, no. {number}" if number else "is being published"
    said: dict[str, Any] = {"msgtype": "m.notice", "body": text, HELD: key}
    if answer is not None and answer.root:
        said["m.relates_to"] = telling.related(answer.root, answer.event)
    return Held(number, said)
