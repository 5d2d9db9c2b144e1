"""Every verb of administration, found in the facades themselves, with arguments of one's own body or of another's.

A facade joins by a line in FACADES. A verb is a public coroutine with a parameter of ACTING; each further parameter is
drawn by its name from the facade's arguments, and one that isn't there fails the test, so that none is forgotten.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from foreign_duties import DUTIES, point_of, rows_of
from foreign_machines import PROVISIONING, kept_version
from hypothesis import strategies as st
from people_world import DAY, START
from sqlalchemy import select

from directory.tables import FOREVER, area, metadata, official, role_grant, unit
from groupware.areas.access import Asked
from groupware.areas.areas import Areas
from groupware.areas.rooms import Settings
from groupware.areas.rooms import State as RoomState
from groupware.bodies.facade import Bodies
from groupware.bodies.keeping import KINDS
from groupware.duty_desk import Duties
from groupware.people.entry import Entry
from groupware.people.facade import People
from groupware.people.looking import State
from groupware.people.own import Own
from groupware.people.units import UnitEntry
from groupware.provisioning.provisioning import Provisioning
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from people_world import World
    from sqlalchemy import Dialect, Table

    from groupware.caller import Caller
    from groupware.store import Snapshot, Tx

Strategy = st.SearchStrategy[Any]
ACTING = ("who", "by", "caller", "machine")
CANARY, HIDDEN = "Kanarienvogel", "Verborgen"
"""What entries of another body say, and what they say that nobody else is ever shown."""
CURRENT = -1
"""Stands for the version that the entry has when the verb is called."""
VERSIONS = ("seen", "version")


@dataclass(frozen=True)
class Side:
    """What may be named of a body: its own admin draws from both sides."""

    code: str
    officials: tuple[int, ...]
    logins: tuple[str, ...]
    units: tuple[int, ...]
    unit_codes: tuple[str, ...]
    areas: tuple[str, ...]
    number: int
    everybody: tuple[int, ...]
    """Officials of whatever body: who else is named beside what a verb is about."""
    rows: Mapping[str, tuple[int, ...]]
    """Ids of what its officials have to do with, by table."""
    places: tuple[int, ...]
    """Ids of all bodies, areas and rooms: what a role may be wanted for."""
    contacts: tuple[int, ...]
    """Who has a place in its contact point, and `point` the version of that."""
    point: int


def texts(*usual: str) -> Strategy:
    return st.one_of(st.sampled_from(("", *usual)), st.text(max_size=8))


def _moments() -> Strategy:
    return st.sampled_from((0, START - DAY, START + DAY, FOREVER))


def _entries(side: Side) -> Strategy:
    return st.builds(
        Entry,
        name=st.sampled_from(("New Name", "Other Name")),
        unit=st.sampled_from((*side.unit_codes, "nowhere")),
        phone=st.sampled_from(("", "+358 9 1234")),
        external_id=st.sampled_from(("", "P1", "P2")),
        clearance=st.integers(0, 3),
        listed=st.booleans(),
        valid_from=_moments(),
        valid_until=_moments(),
    )


def _unit_entries(side: Side) -> Strategy:
    parents = st.sampled_from((*side.unit_codes, ""))
    return st.builds(UnitEntry, st.sampled_from(("Unit", "Other unit")), parents)


def _files(side: Side) -> Strategy:
    def written(lines: list[tuple[str, str, str, str]]) -> bytes:
        rows = ["login,name,unit,clearance", *(",".join(line) for line in lines)]
        return "\n".join(rows).encode()

    units = st.sampled_from(side.unit_codes)
    line = st.tuples(st.sampled_from((*side.logins, "newcomer")), st.just("Imported"), units, st.sampled_from("0123"))
    return st.lists(line, max_size=4).map(written)


ARGUMENTS: Mapping[str, Callable[[Side], Strategy]] = {
    "reason": lambda _: st.sampled_from(("Lost telephone", "")),
    "body": lambda side: st.just(side.code),
    "official": lambda side: st.sampled_from(side.officials),
    "invite.official": lambda side: st.sampled_from((*side.officials, *side.officials[-1:] * 8)),
    "officials": lambda side: st.lists(st.sampled_from(side.officials), min_size=1, max_size=3),
    "unit": lambda side: st.sampled_from(side.units),
    "login": lambda side: st.sampled_from((*side.logins, "newcomer")),
    "add.login": lambda side: st.sampled_from((*side.logins, *["newcomer", "novice"] * 4)),
    "entry": lambda side: st.one_of(_entries(side), _unit_entries(side)),
    "octets": _files,
    "code": lambda side: st.sampled_from((*side.unit_codes, "fresh")),
    "digest": lambda _: st.just(""),
    "seen": lambda _: st.sampled_from((CURRENT, CURRENT, CURRENT, 1)),
    "into": lambda side: st.sampled_from(("", *side.unit_codes)),
    "words": lambda _: texts(CANARY[:4]),
    "state": lambda _: st.sampled_from(State),
    "after": lambda _: texts("a"),
    "new": lambda _: st.builds(Own, texts("+1 23"), texts(), texts("fi")),
}
"""By a parameter's name, how it is drawn."""
RULES = st.sampled_from(("everybody", "official:adela", "official:carol", "official:bruno", "body:aa", "unit:bb/u1"))
AREAS: Mapping[str, Callable[[Side], Strategy]] = {
    "code": lambda side: st.sampled_from((*side.areas * 3, "fresh")),
    "area": lambda side: st.sampled_from(side.areas),
    "under": lambda side: st.sampled_from(("", *side.areas)),
    "unit": lambda side: st.sampled_from([f"{side.code}/{code}" for code in side.unit_codes]),
    "wanted": lambda side: st.builds(Settings, st.just("Room"), st.just(f"{side.code}/u"), moderated=st.booleans()),
    "asked": lambda _: st.builds(Asked, st.sampled_from([*Access, *Access, *Access, *Role]), RULES, st.just("test")),
    "state": lambda _: st.sampled_from(RoomState),
    "seen": lambda _: st.none(),
    "name": lambda _: st.sampled_from(("Name", "Other")),
    "reason": lambda _: st.just(""),
    "token": lambda _: st.just("nothing"),
    "tokens": lambda _: st.just(()),
    "given": lambda _: st.booleans(),
    "deputy": lambda _: st.booleans(),
    "rule": lambda side: st.sampled_from((1, *side.rows["room_access"])),
}
"""The same for areas and rooms, which have codes of their own."""


BODIES: Mapping[str, Callable[[Side], Strategy]] = {
    "code": lambda side: st.just(side.code),
    "add.code": lambda _: st.sampled_from(("NEW", "OTHER", "1")),
    "name": lambda _: st.sampled_from(("Name", "Other", "")),
    "kind": lambda _: st.sampled_from(KINDS),
    "authority": lambda side: st.sampled_from(("", "", side.code)),
    "seen": lambda _: st.sampled_from((None, 1)),
}
"""The same for bodies."""


@dataclass(frozen=True)
class Facade:
    """The class of an attribute of Groupware; which parameters name what a verb is about, and how others are drawn.

    One that `reaches` others' people lets a body say who of them takes part in what it runs; it may run its own alone.
    `public` verbs show everybody what every entry says, or answer something of another's. Verbs of a facade for a
    `machine` are called by a body's token. One's own rights may be handed over where the facade `lets_go`. A parameter
    of one verb may be drawn as VERB.PARAMETER.
    """

    kind: type
    naming: frozenset[str]
    arguments: Mapping[str, Callable[[Side], Strategy]]
    reaches: bool = False
    public: frozenset[str] = frozenset()
    machine: bool = False
    lets_go: bool = False
    unasked: frozenset[str] = frozenset()
    """Coroutines that nobody is named to: the operator's, the clock's, and what everybody may know."""


FACADES: Mapping[str, Facade] = {
    "people": Facade(
        People,
        frozenset({"body", "official", "officials", "unit", "login"}),
        ARGUMENTS,
        unasked=frozenset({"forget_drafts", "remind", "run"}),
    ),
    "areas": Facade(
        Areas,
        frozenset({"code", "area"}),
        {**ARGUMENTS, **AREAS},
        reaches=True,
        unasked=frozenset({"run", "units"}),
    ),
    "bodies": Facade(Bodies, frozenset({"code"}), {**ARGUMENTS, **BODIES}, unasked=frozenset({"put_under"})),
    "duties": Facade(
        Duties,
        frozenset({"official", "body", "number", "wanted", "new", "changed", "offer", "login"}),
        {**ARGUMENTS, **DUTIES},
        public=frozenset({"declare_interest", "withdraw_interest", "official", "scope"}),
        lets_go=True,
        unasked=frozenset(
            {
                "body",
                "bodies_without_contact_point",
                "end_posting_by_operator",
                "held_by_operator",
                "post_abroad_by_operator",
                "postings_for_operator",
                "revoke_by_operator",
                "waiting_for_operator",
                "off_board_by_operator",
                "appoint_by_operator",
                "resume_by_operator",
                "run",
                "tend",
                "waits",
            }
        ),
    ),
    "provisioning": Facade(
        Provisioning,
        frozenset({"number"}),
        {**ARGUMENTS, **PROVISIONING},
        machine=True,
        unasked=frozenset({"open", "issue", "keep", "is_kept", "tokens", "revoke"}),
    ),
}
FOREIGN_KEYS = frozenset({"body", "official", "unit"})


@dataclass(frozen=True)
class Verb:
    """One call of a facade, and its parameters but for who acts."""

    facade: str
    name: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.facade}.{self.name}"

    @property
    def naming(self) -> frozenset[str]:
        """Which of its parameters say what it is about; a login that is to be given to somebody new doesn't."""
        named = FACADES[self.facade].naming & {*self.names}
        return named - {"login"} if "body" in named else named

    @property
    def public(self) -> bool:
        """Whether it is meant for what is another's."""
        return self.name in FACADES[self.facade].public

    def drawn(self, parameter: str) -> Callable[[Side], Strategy] | None:
        """How a parameter is drawn; None where nobody says so."""
        known = FACADES[self.facade].arguments
        return known.get(f"{self.name}.{parameter}", known.get(parameter))

    def entry_type(self) -> type:
        """What an `entry` is here."""
        return UnitEntry if "unit" in self.name else Entry


def verbs() -> Iterator[Verb]:
    """All of all facades."""
    for facade, made in FACADES.items():
        for name, call in inspect.getmembers(made.kind, inspect.iscoroutinefunction):
            names = tuple(inspect.signature(call).parameters)[1:]
            if not name.startswith("_") and {*ACTING} & {*names}:
                yield Verb(facade, name, tuple(each for each in names if each not in ACTING))


Step = Callable[["People", "Caller", "dict[str, Any]"], Awaitable[str]]


async def _compared(people: People, caller: Caller, arguments: dict[str, Any]) -> str:
    return (await people.compare(caller, arguments["body"], arguments["octets"])).digest


async def _proposed(people: People, caller: Caller, arguments: dict[str, Any]) -> str:
    return (await people.propose(caller, arguments["body"], arguments.pop("octets"))).digest


BEFORE: Mapping[str, tuple[tuple[str, ...], Step]] = {
    "people.apply": ((), _compared),
    "people.accept": (("octets",), _proposed),
}
"""What comes before a verb that names a digest: what else is drawn for it, and the step that gives the digest."""


def unasked(facade: str) -> set[str]:
    """The public coroutines of one that don't say who acts."""
    calls = inspect.getmembers(FACADES[facade].kind, inspect.iscoroutinefunction)
    return {
        name
        for name, call in calls
        if not name.startswith("_") and not {*ACTING} & {*inspect.signature(call).parameters}
    }


def version_of(snapshot: Snapshot, verb: Verb, arguments: Mapping[str, Any]) -> object:
    """The version of the entry that a verb is about."""
    if verb.facade == "provisioning":
        return kept_version(snapshot, verb.name, arguments["number"])
    table, number = (unit, arguments["unit"]) if "unit" in arguments else (official, arguments.get("official", 0))
    return snapshot.connection.scalar(select(table.c.version).where(table.c.id == number)) or 1


def side(snapshot: Snapshot, code: str, body: int) -> Side:
    """What there is of a body."""
    people = snapshot.connection.execute(select(official.c.id, official.c.login).where(official.c.body == body)).all()
    units = snapshot.connection.execute(select(unit.c.id, unit.c.code).where(unit.c.body == body)).all()
    return Side(
        code,
        tuple(row.id for row in people),
        tuple(row.login for row in people),
        tuple(row.id for row in units),
        tuple(row.code for row in units),
        tuple(snapshot.connection.scalars(select(area.c.code).where(area.c.body == body))),
        body,
        tuple(snapshot.connection.scalars(select(official.c.id))),
        rows_of(snapshot, body, [row.id for row in people]),
        tuple({*_all(snapshot, "body"), *_all(snapshot, "area"), *_all(snapshot, "room")}),
        *point_of(snapshot, body),
    )


def _all(snapshot: Snapshot, table: str) -> list[int]:
    return list(snapshot.connection.scalars(select(metadata.tables[table].c.id)))


def mark(tx: Tx, body: int) -> None:
    """Write the canary into everything that a body's entries say."""
    people = official.update().where(official.c.body == body)
    tx.connection.execute(people.values(name=CANARY, title=CANARY, phone="+32 2 555", external_id=HIDDEN))
    tx.connection.execute(unit.update().where(unit.c.body == body).values(name=CANARY))


SERVING = "posting_body"
"""Whom a posting serves is the posting's, and its row is another whenever that changes."""


def foreign_rows(snapshot: Snapshot, own: int) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, of whatever table, that belongs to another body, its officials or its units."""
    strangers = {
        "body": _ids(snapshot, metadata.tables["body"], "id", own),
        "official": _ids(snapshot, official, "body", own),
        "unit": _ids(snapshot, unit, "body", own),
    }
    said = snapshot.connection.exec_driver_sql
    return {
        name: [tuple(row) for row in said(text) if any(row[place] in strangers[whose] for place, whose in keys)]
        for name, text, keys in _linked(snapshot.connection.dialect)
    }


def _ids(snapshot: Snapshot, table: Table, column: str, own: int) -> set[int]:
    return set(snapshot.connection.scalars(select(table.c.id).where(table.c[column] != own)))


@cache
def _linked(dialect: Dialect) -> list[tuple[str, str, list[tuple[int, str]]]]:
    """Each table with rows of somebody's, how all of it is read, and which columns say whose a row is.

    Ready as text: this is asked some thousand times, and SQLAlchemy takes longer to say it than SQLite to answer.
    """
    tables = ((table, _keys(table)) for table in metadata.sorted_tables if table.name != SERVING)
    return [
        (table.name, str(select(table).order_by(*table.primary_key).compile(dialect=dialect)), keys)
        for table, keys in tables
        if keys
    ]


def _keys(table: Table) -> list[tuple[int, str]]:
    if table.name in FOREIGN_KEYS:
        return [(list(table.c).index(table.c.id), table.name)]
    links = ((list(table.c).index(key.parent), key.column.table.name) for key in table.foreign_keys)
    return [link for link in links if link[1] in FOREIGN_KEYS]


CHANGING = frozenset({Action.MAIL, Action.SEND_FOR})
"""What one may do to officials as long as they are in office: that they are again widens nobody's rights."""


def powers(world: World, snapshot: Snapshot, caller: Caller) -> set[tuple[str, str, Any]]:
    """All that the policies let somebody do, to what."""
    kinds = world.groupware.monitor._policies.shapes.kinds
    found: set[tuple[str, str, Any]] = set()
    for action in set(Action) - CHANGING:
        for kind in kinds[action]:
            view = world.groupware.monitor.view(snapshot, caller, action, Kind(kind))
            table = metadata.tables[kind.lower()]
            key = table.c.domain if kind == "Partner" else table.c.id
            rows = snapshot.connection.scalars(select(key).where(view.clause), view.parameters)
            found |= {(action.value, kind, row) for row in rows}
    return found


def standing(snapshot: Snapshot, who: int) -> tuple[Any, ...]:
    """What an official is by their own row and grants, without what they may write themselves."""
    row = snapshot.connection.execute(select(official).where(official.c.id == who)).one()
    grants = snapshot.connection.execute(
        select(role_grant).where(role_grant.c.official == who).order_by(role_grant.c.id)
    ).all()
    free = {"phone", "mobile", "languages", "version"}
    return tuple(value for name, value in row._mapping.items() if name not in free), tuple(map(tuple, grants))


def widened(was: tuple[Any, ...], stands: tuple[Any, ...], *, lets_go: bool) -> bool:
    """Whether somebody stands otherwise than before; that a right of theirs ends sooner counts unless it `lets_go`."""
    if not lets_go:
        return stands != was
    ends = {grant[0]: grant for grant in was[1]}
    kept = [each for each in stands[1] if each != ends.get(each[0])]
    return stands[0] != was[0] or any(each[0] not in ends or not sooner(each, ends[each[0]]) for each in kept)


def sooner(now: tuple[Any, ...], before: tuple[Any, ...]) -> bool:
    """Whether a grant is the same but for an earlier end."""
    names = [column.name for column in role_grant.columns]
    said = dict(zip(names, now, strict=True)), dict(zip(names, before, strict=True))
    same = all(said[0][name] == said[1][name] for name in ("official", "role", "scope", "valid_from"))
    return same and said[0]["valid_until"] <= said[1]["valid_until"]


def existing(snapshot: Snapshot) -> set[tuple[str, Any]]:
    """What there is of each kind."""
    return {
        (kind.value, row)
        for kind in Kind
        for table in [metadata.tables[kind.value.lower()]]
        for row in snapshot.connection.scalars(select(table.c.domain if kind is Kind.PARTNER else table.c.id))
    }
