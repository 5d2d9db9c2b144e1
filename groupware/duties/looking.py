"""What pages and programs show of duties, for one caller: names in place of ids, and nothing not theirs to see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from directory import appointments, departures, hand_overs, officials, proposals, roles
from directory import tables as directory
from groupware import given
from groupware.duties import inheriting, naming, second_word
from groupware.duties.acts import acts
from groupware.duties.handing_over import may_confirm, may_withdraw
from groupware.duties.moving import moving
from groupware.duties.revoking import may_revoke
from groupware.duties.scopes import DUTIES
from groupware.errors import NotFound
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.departures import Departure
    from directory.hand_overs import HandOver
    from directory.proposals import Proposal
    from directory.roles import Grant
    from groupware.caller import Caller
    from groupware.duties.acts import Acts
    from groupware.duties.moved import Followed
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
class Mine:
    """All that the caller has to do with; `moving` is what a hand-over of theirs would take."""

    held: Sequence[Held]
    senders: Sequence[Held]
    proposals: Sequence[Proposed]
    hand_overs: Sequence[Offered]
    appointments: Sequence[Appointed]
    moving: Moving
    acts: Acts


_BODIES = select(directory.body.c.id, directory.body.c.code, directory.body.c.name).order_by(directory.body.c.name)


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
    """Somebody by login or address whose entry the caller may see.

    Raises NotFound, the same for who isn't there and for who isn't seen.
    """
    found = officials.by_name(snapshot.connection, given.name(login))
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


@dataclass(frozen=True, slots=True)
class Left:
    """An off-boarding as it was, for who asks later: `by` in words, the rest as directory.departures has it."""

    login: str
    name: str
    by: str
    was: Departure
    followed: tuple[Followed, ...]


def departure(snapshot: Snapshot, monitor: Monitor, caller: Caller, official: int) -> Left:
    """The last off-boarding of somebody, for who may administer them. Raises Forbidden or NotFound."""
    monitor.require(snapshot, caller, Action.ADMINISTER, Kind.OFFICIAL, official)
    was = departures.last(snapshot.connection, official)
    if was is None:
        raise NotFound(f"departure of official {official}")
    known = officials.get(snapshot.connection, official)
    by = naming.person(snapshot, was.by)
    return Left(known.login, known.name, by, was, inheriting.followed(snapshot, official, was.at))


def held_by_operator(snapshot: Snapshot, official: int) -> list[Held]:
    """All that somebody holds, for the operator."""
    return [_held(snapshot, each) for each in roles.all_of(snapshot.connection, official, snapshot.now)]


def waiting_for_operator(snapshot: Snapshot) -> list[Proposed]:
    """All proposals that wait for a second person, oldest first: to be seen; the word is theirs."""
    return [_proposed(snapshot, each, decides=False, own=False) for each in proposals.waiting(snapshot.connection)]


def waiting(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[Proposed]:
    """The proposals that the caller made or may decide, oldest first."""
    found = []
    for each in proposals.waiting(snapshot.connection):
        own = each.proposed_by == caller.official
        decides = second_word.may_decide(snapshot, monitor, caller, each)
        if own or decides:
            found.append(_proposed(snapshot, each, decides=decides, own=own))
    return found


def without_contact_point(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Code and name of each body that nobody in office is the contact point of."""
    served = roles.scopes_in_force(snapshot.connection, Role.CONTACT_POINT, snapshot.now)
    return [(row.code, row.name) for row in snapshot.connection.execute(_BODIES) if row.id not in served]


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
