"""What pages and programs show of duties, for one caller: names in place of ids, and nothing not theirs to see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from directory import appointments, contact_points, countries, hand_overs, officials, postings, proposals, roles
from directory import tables as directory
from groupware import given, tables
from groupware.duties import naming, on_duty, second_word
from groupware.duties.acts import acts
from groupware.duties.handing_over import may_confirm, may_withdraw
from groupware.duties.moving import moving
from groupware.duties.revoking import may_revoke
from groupware.duties.scopes import DUTIES
from groupware.errors import NotFound
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directory.contact_points import ContactPoint
    from directory.hand_overs import HandOver
    from directory.postings import Posting
    from directory.proposals import Proposal
    from directory.roles import Grant
    from groupware.caller import Caller
    from groupware.duties.acts import Acts
    from groupware.duties.moving import Moving
    from groupware.monitor import Monitor
    from groupware.store import Snapshot


@dataclass(frozen=True, slots=True)
class Person:
    """An official as others name them, and the body that they are of."""

    id: int
    login: str
    name: str
    address: str
    body: int


@dataclass(frozen=True, slots=True)
class Held:
    """A grant: whose, what for, from when until when, by whom and why; `ends`: the caller may end it.

    `by_rule`: it follows from a rule of a room, and ends with that.
    """

    id: int
    holder: str
    role: Role | Access
    scope: str
    valid_from: int
    valid_until: int
    granted_by: str
    approved_by: str
    reason: str
    by_rule: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that waits; `decides` says whether the caller may approve it, `own` whether they made it."""

    id: int
    official: str
    role: Role | Access
    scope: str
    valid_from: int
    valid_until: int
    reason: str
    proposed_by: str
    decides: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A hand-over; `taken` says whether the caller is the one to accept it, `confirms` whether it needs their word.

    `confirmed`: nothing but the taker's word is missing; `withdraws`: the caller may take it back. `moving` is what
    would go over now.
    """

    id: int
    giver: str
    taker: str
    state: str
    effective: int
    note: str
    taken: bool
    confirms: bool
    confirmed: bool
    withdraws: bool
    moving: Moving


@dataclass(frozen=True, slots=True)
class Appointed:
    """An appointment that waits for the caller's answer."""

    id: int
    body: str
    act: str
    appointed_by: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact point as everybody sees it; `now` is who answers at present, if anybody."""

    id: int
    body: str
    body_name: str
    area: str
    area_code: str
    holder: Person | None
    deputies: Sequence[Person]
    now: Person | None
    open: bool
    opens: int
    point: ContactPoint


@dataclass(frozen=True, slots=True)
class Abroad:
    """A posting as everybody sees it; `keeps`: the caller keeps it, `asks`: they may say that their body needs it."""

    official: Person
    body: str
    country: str
    serves: Sequence[str]
    areas: Sequence[str]
    interested: Sequence[tuple[str, str]]
    keeps: bool
    asks: bool
    posting: Posting


@dataclass(frozen=True, slots=True)
class Mine:
    """All that the caller has to do with; `moving` is what a hand-over of theirs would take."""

    held: Sequence[Held]
    senders: Sequence[Held]
    proposals: Sequence[Proposed]
    hand_overs: Sequence[Offered]
    appointments: Sequence[Appointed]
    moving: Moving
    acts: Acts


_ENTERED = select(tables.room.c.area).distinct()
_SEEN = select(
    directory.official.c.id,
    directory.official.c.login,
    directory.official.c.name,
    directory.official.c.address,
    directory.official.c.body,
)
_BODIES = select(directory.body.c.id, directory.body.c.code, directory.body.c.name)


def mine(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Mine:
    """The caller's duties, and what waits for their word."""
    connection, me = snapshot.connection, caller.official
    held = [grant for grant in roles.held(connection, me, snapshot.now) if grant.role in DUTIES]
    senders = roles.in_force(connection, Access.SENDER, me, snapshot.now)
    own = [each for each in hand_overs.of(connection, me) if each.state in ("proposed", "accepted")]
    others = [each for each in hand_overs.unconfirmed(connection) if me not in (each.giver, each.taker)]
    others = [each for each in others if may_confirm(snapshot, monitor, caller, each) or each.proposed_by == me]
    open_for = appointments.open_for(connection, me)
    return Mine(
        [_held(snapshot, grant) for grant in held],
        [_held(snapshot, grant) for grant in senders],
        waiting(snapshot, monitor, caller),
        [_offered(snapshot, monitor, caller, each) for each in (*own, *others)],
        [
            Appointed(each.id, naming.body(snapshot, each.body), each.act, naming.person(snapshot, each.appointed_by))
            for each in open_for
        ],
        moving(snapshot, monitor, me),
        acts(snapshot, monitor, caller),
    )


def person(snapshot: Snapshot, monitor: Monitor, caller: Caller, login: str) -> Person:
    """Somebody by login whose entry the caller may see. Raises NotFound, the same for who isn't there or isn't seen."""
    found = officials.by_login(snapshot.connection, given.name(login))
    if found is None or not monitor.decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, found.id).allowed:
        raise NotFound(login)
    return Person(found.id, found.login, found.name, found.address, found.body)


def held_by(snapshot: Snapshot, monitor: Monitor, caller: Caller, official: int) -> list[Held]:
    """What somebody holds, for who may administer them; to others what they may end, for it is of a place they run.

    Raises Forbidden or NotFound.
    """
    found = roles.all_of(snapshot.connection, official, snapshot.now)
    held = [replace(_held(snapshot, each), ends=may_revoke(snapshot, monitor, caller, each)) for each in found]
    if official == caller.official:
        return held
    if not monitor.decide(snapshot, caller, Action.ADMINISTER, Kind.OFFICIAL, official).allowed:
        held = [each for each in held if each.ends]
    if not held:
        monitor.require(snapshot, caller, Action.ADMINISTER, Kind.OFFICIAL, official)
    return held


def waiting(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Proposed]:
    """The proposals that the caller made or may decide, oldest first."""
    found = []
    for each in proposals.waiting(snapshot.connection):
        own = each.proposed_by == caller.official
        decides = second_word.may_decide(snapshot, monitor, caller, each)
        if own or decides:
            found.append(_proposed(snapshot, each, decides=decides, own=own))
    return found


def contacts(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Contact]:
    """The contact points of all bodies, of people whose entries the caller may see.

    Those for an area are told to who takes part in it, and to the keepers of their own body.
    """
    seen, bodies, areas = _seen(snapshot, monitor, caller), _bodies(snapshot), _areas(snapshot, monitor, caller)
    kept = _kept(snapshot, monitor, caller)
    found = [
        _contact(snapshot, each, seen, bodies)
        for each in contact_points.everywhere(snapshot.connection)
        if each.area in areas or each.body == kept
    ]
    return sorted(found, key=lambda each: (each.body_name, each.area))


def without_contact_point(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Code and name of each body that nobody in office is the contact point of."""
    now = snapshot.now
    return [
        (code, name)
        for number, (code, name) in _bodies(snapshot).items()
        if not roles.in_force(snapshot.connection, Role.CONTACT_POINT, number, now)
    ]


def abroad(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Abroad]:
    """The postings that haven't ended, of people whose entries the caller may see.

    Areas are named to who takes part in them, and to the posting's keepers.
    """
    seen, bodies, areas = _seen(snapshot, monitor, caller), _bodies(snapshot), _areas(snapshot, monitor, caller)
    own = officials.get(snapshot.connection, caller.official).body
    asks = monitor.decide(snapshot, caller, Action.ADMINISTER, Kind.BODY, own).allowed
    found = []
    for each in postings.current(snapshot.connection, snapshot.now):
        if each.official in seen:
            keeps = monitor.decide(snapshot, caller, Action.ADMINISTER, Kind.OFFICIAL, each.official).allowed
            body = officials.get(snapshot.connection, each.official).body
            wished = [
                (bodies[interest.body][1], interest.note)
                for interest in postings.interests(snapshot.connection, each.id)
            ]
            found.append(
                Abroad(
                    seen[each.official],
                    bodies[body][1],
                    countries.names()[each.host_country],
                    sorted(bodies[number][1] for number in each.serves),
                    sorted(naming.area_name(snapshot, number) for number in each.areas if keeps or number in areas),
                    wished,
                    keeps=keeps,
                    asks=asks and each.planned and body != own,
                    posting=each,
                )
            )
    return found


def _held(snapshot: Snapshot, grant: Grant) -> Held:
    return Held(
        grant.id,
        naming.person(snapshot, grant.official),
        grant.role,
        naming.scope(snapshot, grant.role, grant.scope),
        grant.valid_from,
        grant.valid_until,
        naming.person(snapshot, grant.granted_by),
        naming.person(snapshot, grant.approved_by) if grant.approved_by else "",
        grant.reason,
        grant.access != 0,
    )


def _proposed(snapshot: Snapshot, each: Proposal, *, decides: bool, own: bool) -> Proposed:
    return Proposed(
        each.id,
        naming.person(snapshot, each.official),
        each.role,
        naming.scope(snapshot, each.role, each.scope),
        each.valid_from,
        each.valid_until,
        each.reason,
        naming.person(snapshot, each.proposed_by),
        decides,
        own,
    )


def _offered(snapshot: Snapshot, monitor: Monitor, caller: Caller, each: HandOver) -> Offered:
    return Offered(
        each.id,
        naming.person(snapshot, each.giver),
        naming.person(snapshot, each.taker),
        each.state,
        each.effective,
        each.note,
        taken=each.taker == caller.official,
        confirms=may_confirm(snapshot, monitor, caller, each),
        confirmed=each.confirmed_by != 0,
        withdraws=may_withdraw(snapshot, monitor, caller, each),
        moving=moving(snapshot, monitor, each.giver),
    )


def _contact(
    snapshot: Snapshot, each: ContactPoint, seen: Mapping[int, Person], bodies: Mapping[int, tuple[str, str]]
) -> Contact:
    duty, (code, name) = on_duty.of(snapshot, each), bodies[each.body]
    deputies = [seen[deputy] for deputy in each.deputies if deputy in seen]
    area = naming.area_name(snapshot, each.area), naming.area_code(snapshot, each.area)
    now = seen.get(duty.official)
    return Contact(each.id, code, name, *area, seen.get(each.holder), deputies, now, duty.on_duty, duty.next, each)


def _areas(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> frozenset[int]:
    """The areas that the caller takes part in; 0 stands for everything, in which everybody does."""
    view = monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)
    entered = snapshot.connection.scalars(_ENTERED.where(view.clause), view.parameters)
    return frozenset({0, *entered})


def _kept(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> int:
    """The body whose entries the caller keeps, or 0."""
    own = officials.get(snapshot.connection, caller.official).body
    return own if monitor.decide(snapshot, caller, Action.ADMINISTER, Kind.BODY, own).allowed else 0


def _seen(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> dict[int, Person]:
    """Whose entries the caller may see."""
    view = monitor.view(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL)
    rows = snapshot.connection.execute(_SEEN.where(view.clause), view.parameters)
    return {row.id: Person(*row) for row in rows}


def _bodies(snapshot: Snapshot) -> dict[int, tuple[str, str]]:
    return {
        row.id: (row.code, row.name) for row in snapshot.connection.execute(_BODIES.order_by(directory.body.c.name))
    }
