"""T2: what can be booked, by invitation; who sees what for, and who sees that it is taken alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import model_oracle_beside as oracle
from meeting_world import Meeting
from meeting_world import mail as invitation
from model_network import BEGIN, DOMAIN
from model_oracle import Mail
from model_oracle_beside import Booking
from model_worlds import MARKINGS, NO
from sqlalchemy import select

from groupware import tables
from groupware.meetings.calendar import Span
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from model_worlds import World

    from groupware.store import Snapshot

Views = dict[str, Any]
NOTHING_THERE = "nothing there"
FIRST = datetime.fromtimestamp(BEGIN / 1_000_000, UTC).replace(tzinfo=None) + timedelta(days=30)
DAYS = Span(FIRST.date(), FIRST.date() + timedelta(days=20))
_BY = select(tables.booking.c.author).order_by(tables.booking.c.id)


@dataclass(frozen=True)
class Wanted:
    """A resource on one of a few days: some are asked for twice."""

    resource: str
    day: int
    label: str = ""


def book(world: World, author: str, wanted: Wanted) -> None:
    """By mail. Who may is answered in their INBOX; what is taken stays another's."""
    model, canary = world.model, world.canary()
    may = oracle.member(model, author, wanted.resource)
    to, start = f"{wanted.resource}@{DOMAIN}", FIRST + timedelta(days=wanted.day)
    meeting = Meeting(author, start, uid=f"{canary[4:8]}@client.test", summary=f"What for: {canary}")
    subject = f"{wanted.label} Invitation: {canary}".strip()
    try:
        world.run(world._submit(author, invitation(author, to, meeting.asked(), subject=subject), [wanted.resource]))
    except NO as error:
        assert not may, f"{author} may book {wanted}: {error}"  # noqa: PT017 -- it may be raised or not
        return
    assert may, f"{author} must not book {wanted}"
    marking, unit = max(Marking.AMBER, MARKINGS[wanted.label]), model.officials[author].unit
    if marking <= Marking.AMBER:
        model.mails.append(Mail(canary, wanted.resource, author, model.body_of(author), marking))
    if (wanted.resource, wanted.day) not in world.taken:
        world.taken.add((wanted.resource, wanted.day))
        model.bookings.append(Booking(canary, wanted.resource, author, unit, marking))
    world.run(world.settle())


def inherited(world: World, leaver: str) -> None:
    """What somebody had booked a colleague keeps who may book it; what nobody can keep stays theirs."""
    names = {number: name for name, number in world.ids.officials.items()}
    authors = world.run(world.groupware.store.read(_authors))
    for booking, author in zip(world.model.bookings, authors, strict=True):
        now = names[author]
        if booking.author == leaver and now != leaver:
            assert world.model.body_of(now) == world.model.body_of(leaver), f"{now} has {booking}"
            assert oracle.member(world.model, now, booking.resource), f"{now} has {booking}"
            booking.author = now


def _authors(snapshot: Snapshot) -> list[int]:
    return list(snapshot.connection.scalars(_BY))


# ---- views


async def booking_views(world: World, name: str) -> Views:
    """What can be booked, and the days of each; how many there are is for all its members."""
    strong = world.strong
    caller = world.caller(name, strong=strong)
    cards = await world.groupware.resources(caller)
    found: Views = {f"bookings of {strong}": frozenset(card.resource.address.partition("@")[0] for card in cards)}
    for resource in world.model.resources:
        found[f"bookings {resource} {strong}"] = await _taken(world, caller, resource)
    return found


async def _taken(world: World, caller: Any, resource: str) -> object:  # noqa: ANN401 -- a Caller
    try:
        timetable = await world.groupware.timetable(caller, f"{resource}@{DOMAIN}", DAYS)
    except NO:
        return NOTHING_THERE
    shown = [slot.summary.partition(": ")[2] for slot in timetable.slots if slot.organiser or slot.summary]
    return len(timetable.slots), frozenset(shown)


def due_bookings(world: World, name: str, view: str, _got: object) -> object:
    """How many, and the canaries of those that they may read."""
    model, (what, _, signed_in) = world.model, view.partition(" ")
    if what == "of":
        return frozenset(each for each in model.resources if oracle.member(model, name, each))
    if not oracle.member(model, name, what):
        return NOTHING_THERE
    strong, there = signed_in == "True", [each for each in model.bookings if each.resource == what]
    shown = [each.canary for each in there if oracle.may_read_booking(model, name, each, strong=strong)]
    return len(there), frozenset(shown)
