"""What a body's duties are drawn from, and what of them there is to begin with."""

from __future__ import annotations

from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from people_world import DAY, START
from sqlalchemy import or_, select

from directory import (
    appointments,
    contact_points,
    hand_overs,
    officials,
    passwords,
    postings,
    proposals,
    resets,
    roles,
)
from directory import duty_tables as duty
from directory.access_tables import room_access
from directory.appointments import Appointment
from directory.contact_points import ContactPoint
from directory.hand_overs import HandOver
from directory.postings import Posting
from directory.proposals import Proposal
from directory.resets import Reset
from directory.roles import Grant
from directory.tables import FOREVER, area, role_grant
from groupware.duties.arranging import Arrangement
from groupware.duties.handing_over import Offer
from groupware.duties.proposing import Wanted
from groupware.duties.scopes import FOUR_EYES, TWO_EYES
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from foreign import Side

    from groupware.store import Snapshot, Tx

Strategy = st.SearchStrategy[Any]
ACTORS = ("adela", "carol")
"""Who calls the verbs; they stay in office, or every further call would be refused for that."""
OFFERED = ("take_over", "confirm_offer", "decline_offer", "withdraw_offer")
OWNED: Mapping[str, tuple[str, ...]] = {
    "role_grant": ("official",),
    "grant_proposal": ("official",),
    "posting": ("official",),
    "hand_over": ("giver", "taker"),
    "appointment": ("official",),
}
"""Tables, and the columns that say whose a row is."""


def rows_of(snapshot: Snapshot, body: int, people: list[int]) -> dict[str, tuple[int, ...]]:
    """Ids of what a body's people have to do with, by table."""
    found = {}
    for name, columns in OWNED.items():
        table = role_grant if name == "role_grant" else duty.metadata.tables[name]
        theirs = or_(*(table.c[column].in_(people) for column in columns))
        found[name] = tuple(snapshot.connection.scalars(select(table.c.id).where(theirs)))
    points = select(duty.contact_point.c.id).where(duty.contact_point.c.body == body)
    rooms = select(room.c.id).join(area, area.c.id == room.c.area).where(area.c.body == body)
    rules = select(room_access.c.id).where(room_access.c.room.in_(rooms))
    for name, statement in (("contact_point", points), ("room", rooms), ("room_access", rules)):
        found[name] = tuple(snapshot.connection.scalars(statement))
    return found


def point_of(snapshot: Snapshot, body: int) -> tuple[tuple[int, ...], int]:
    """Who has a place in a body's general contact point, and its version."""
    point = contact_points.find(snapshot.connection, body)
    if point is None:
        return (), 0
    return (*([point.holder] if point.holder else []), *point.deputies), point.version


def begin(tx: Tx, body: int, admin: str, contact: str, others: tuple[str, str, str]) -> None:
    """A deputy, a contact point, and one of each thing that waits for a word; all of three without duties.

    All three have signed in before, and new credentials are asked for the first.
    """
    connection = tx.connection
    keeper, head, first, second, third = (_id(tx, name) for name in (admin, contact, *others))
    roles.grant(connection, Grant(second, Role.DEPUTY, body, reason="test"))
    roles.grant(connection, Grant(third, Access.SENDER, head, reason="test"))
    contact_points.add(connection, ContactPoint(body, holder=head, deputies=(second,)))
    for role, who in ((Role.SECURITY_OFFICER, first), (Role.DEPUTY, third), (Role.DIRECTORY_ADMIN, head)):
        proposals.add(connection, Proposal(who, role, body, "test", keeper, START))
    hand_overs.add(connection, HandOver(first, third, 0, "test", first, START, confirmed_by=first))
    hand_overs.add(connection, HandOver(second, third, START + DAY, "test", second, START, confirmed_by=second))
    for who, planned in ((first, True), (second, False), (keeper, True)):
        postings.add(connection, Posting(who, "TR", "Ankara", START - DAY, planned=planned))
    appointments.add(connection, Appointment(body, first, "test", keeper, START))
    for who in (first, second, third):
        passwords.keep(connection, who, "no hash", START)
    resets.ask(connection, Reset(0, first, keeper, START, "test", START + 7 * DAY), body)


def _id(tx: Tx, name: str) -> int:
    found = officials.by_login(tx.connection, name)
    assert found is not None, name
    return found.id


def _ids(table: str) -> Callable[[Side], Strategy]:
    return lambda side: st.sampled_from(side.rows[table])


def _wanted(side: Side) -> Strategy:
    scopes = st.sampled_from((side.number, *side.rows["room"], *side.officials, *side.places))
    given = st.sampled_from((*FOUR_EYES, *TWO_EYES))
    return st.builds(Wanted, st.sampled_from(side.officials), given, scopes, st.sampled_from(("why", "")))


def _arrangement(side: Side) -> Strategy:
    people = (*side.contacts * 4, *side.officials, *side.everybody)
    holders = st.sampled_from((0, *people))
    deputies = st.lists(st.sampled_from(people), max_size=2, unique=True).map(tuple)
    area, seen = st.sampled_from((0, 0, 0, 1, 2)), st.sampled_from((side.point, side.point, side.point, 0))
    any_of_them = st.builds(_Arranged, st.just(side.number), area, holders, deputies, seen=seen)
    orders = st.sampled_from(tuple(_orders(side.contacts[:3])))
    in_order = orders.map(lambda order: _Arranged(side.number, 0, *order, seen=side.point))
    return st.sampled_from((any_of_them, in_order, in_order)).flatmap(lambda each: each)


_Arranged = partial(Arrangement, zone="UTC", hours=())


def _orders(contacts: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """All ways in which those who have a place may share it among themselves, or give it up: holder and deputies."""
    for holder in (0, *contacts):
        others = [each for each in contacts if each != holder]
        for count in range(len(others) + 1):
            yield from ((holder, deputies) for deputies in permutations(others, count))


def _posting(side: Side, numbers: Strategy) -> Strategy:
    return st.builds(
        Posting,
        st.sampled_from(side.officials),
        st.sampled_from(("TR", "MA", "XX")),
        st.sampled_from(("Ankara", "Rabat")),
        st.sampled_from((START - DAY, START)),
        st.sampled_from((START + DAY, FOREVER)),
        planned=st.booleans(),
        areas=st.frozensets(st.sampled_from((1, 2)), max_size=1),
        serves=st.frozensets(st.sampled_from((1, 2, 3)), max_size=1),
        version=st.integers(1, 3),
        id=numbers,
    )


def _leavers(side: Side) -> Strategy:
    known = zip(side.officials, side.logins, strict=True)
    return st.sampled_from([number for number, login in known if login not in ACTORS])


DUTIES: Mapping[str, Callable[[Side], Strategy]] = {
    "number": _ids("grant_proposal"),
    "revoke.number": _ids("role_grant"),
    "answer_appointment.number": _ids("appointment"),
    **{f"{verb}.number": _ids("posting") for verb in ("end_posting", "declare_interest", "withdraw_interest")},
    **{f"{verb}.number": _ids("hand_over") for verb in OFFERED},
    "wanted": _wanted,
    "arrange.wanted": _arrangement,
    "new": lambda side: _posting(side, st.just(0)),
    "changed": lambda side: _posting(side, _ids("posting")(side)),
    "offer": lambda side: st.builds(Offer, st.sampled_from(side.officials), st.sampled_from(side.everybody)),
    "official": lambda side: st.sampled_from(side.officials),
    "off_board.official": _leavers,
    "body": lambda side: st.just(side.number),
    "login": lambda side: st.sampled_from(side.logins),
    "address": lambda side: st.sampled_from([f"{login}@iconet.test" for login in side.logins]),
    "role": lambda _: st.sampled_from([*Role, *Access]),
    "named": lambda side: st.sampled_from(("return", "special", "nowhere", *side.areas, *side.logins)),
    "reason": lambda _: st.sampled_from(("why", "")),
    "act": lambda _: st.just("Note 17"),
    "note": lambda _: st.sampled_from(("", "note")),
    "accepted": lambda _: st.booleans(),
    "seen": lambda _: st.integers(1, 3),
}
"""As foreign.ARGUMENTS."""
