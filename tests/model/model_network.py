"""The network in which all sequences begin, in the oracle's words and as rows of an empty store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_oracle import Grant, Network, Official, Room, Unit
from model_oracle_beside import KEPT, KEPT_UNPUBLISHED
from sqlalchemy import insert

from directory import areas, bodies, officials, roles, units
from directory.bodies import BodyKind
from directory.tables import partner
from groupware import clock, tables
from groupware.meetings import resources
from groupware.retention import classes
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from groupware.store import Tx

DOMAIN = "iconet.test"
HOUR = 3_600 * clock.MICROSECONDS
BEGIN = 500_000 * HOUR


def network() -> Network:
    """Two rooms in two areas, two states and their officials: a reader, a moderator and an outsider for each room."""
    return Network(
        units={
            "a1": Unit("aa", {"return", "liaison"}),
            "a2": Unit("aa", {"liaison"}),
            "b1": Unit("bb", {"return", "liaison"}),
        },
        officials={
            "anna": Official("a1"),
            "bruno": Official("b1"),
            "dora": Official("a1"),
            "emil": Official("b1", clearance=1),
            "otto": Official("a2", clearance=0),
            "sven": Official("b1", listed=False),
            "ines": Official("a1"),
        },
        rooms={"return": Room("return"), "liaison": Room("liaison", marking=1, handling=1)},
        now=BEGIN,
        resources={"hall": ["return", "liaison"], "booth": ["liaison"]},
        grants=[
            *(Grant(name, role, "return") for name in ("anna", "bruno", "dora") for role in ("reader", "poster")),
            *(Grant(name, role, "liaison") for name in ("emil", "otto", "anna") for role in ("reader", "poster")),
            *(Grant("sven", role, "return") for role in ("reader", "poster", "moderator")),
            Grant("sven", "security-officer", "bb"),
            Grant("ines", "security-officer", "aa"),
            Grant("dora", "contact-point", "aa"),
            Grant("bruno", "deputy", "bb"),
            Grant("emil", "contact-point", "bb"),
            Grant("dora", "moderator", "return"),
            Grant("emil", "moderator", "liaison"),
        ],
    )


class Ids:
    """The rows of a network, by name."""

    def __init__(self) -> None:
        self.bodies: dict[str, int] = {}
        self.units: dict[str, int] = {}
        self.competences: dict[str, int] = {}
        self.rooms: dict[str, int] = {}
        self.areas: dict[str, int] = {}
        self.officials: dict[str, int] = {}

    def scope(self, name: str) -> int:
        """Of a grant."""
        return self.rooms.get(name) or self.bodies[name]


def plant(tx: Tx, model: Network) -> Ids:
    """The network as rows of an empty store."""
    made, connection = Ids(), tx.connection
    for code in sorted({unit.body for unit in model.units.values()}):
        made.bodies[code] = bodies.create(connection, code, code.upper(), BodyKind.MEMBER_STATE)
    for code in sorted({room.competence for room in model.rooms.values()}):
        made.competences[code] = areas.create_competence(connection, code)
    for name, unit in model.units.items():
        made.units[name] = units.create(connection, made.bodies[unit.body], name, name)
        for code in sorted(unit.competences):
            units.give_competence(connection, made.units[name], made.competences[code])
    for name, room in model.rooms.items():
        made.rooms[name] = _plant_room(tx, made, name, room)
    for name, one in model.officials.items():
        row = officials.Official(
            0, name, f"{name}@{DOMAIN}", name.title(), 0, made.units[one.unit], one.clearance, listed=one.listed
        )
        made.officials[name] = officials.add(connection, row)
    for grant in model.grants:
        roles.grant(connection, as_granted(made, grant))
    connection.execute(insert(partner).values(domain="partner.test", allowed=True))
    for name, length in ((classes.STANDARD, KEPT), (classes.UNPUBLISHED, KEPT_UNPUBLISHED)):
        classes.set_class(tx, name, f"{length // HOUR}h")
    for name, rooms in model.resources.items():
        thing = resources.Resource(0, f"{name}@{DOMAIN}", name.title(), 9, "UTC")
        resources.add(tx, thing, made.units["a1"], [made.areas[room] for room in rooms])
    return made


def _plant_room(tx: Tx, made: Ids, code: str, room: Room) -> int:
    made.areas[code] = areas.create_area(tx.connection, code, code.title())
    row = {
        "area": made.areas[code],
        "code": code,
        "name": code.title(),
        "owner": made.units["a1"],
        "competence": made.competences[room.competence],
        "moderated": room.moderated,
        "marking": room.marking,
        "handling": room.handling,
        "retention": "standard",
    }
    return tx.insert(insert(tables.room), row)


def as_granted(made: Ids, grant: Grant) -> roles.Grant:
    """The grant as the directory keeps it."""
    role = Access(grant.role) if grant.role in set(Access) else Role(grant.role)
    return roles.Grant(made.officials[grant.official], role, made.scope(grant.scope), grant.since, grant.until)
