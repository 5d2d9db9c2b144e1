"""The demo network as rows: a town is read from text and put into an empty store, once."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from directory import areas, bodies, officials, partners, roles, units
from directory.bodies import BodyKind
from directory.errors import UnfitError
from directory.officials import Official
from directory.roles import Grant
from groupware.demo_details import NO_DETAILS, Details, Ids, review
from groupware.demo_details import seed as seed_details
from groupware.events import EventKind
from groupware.meetings import resources
from groupware.tables import room
from policies.vocabulary import Access, Marking, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groupware.store import Tx

DUTIES = {
    "contact-points": Role.CONTACT_POINT,
    "deputies": Role.DEPUTY,
    "liaison-officers": Role.LIAISON_OFFICER,
    "directory-admins": Role.DIRECTORY_ADMIN,
    "security-officers": Role.SECURITY_OFFICER,
}
WITHOUT_ROOMS = frozenset({Role.DIRECTORY_ADMIN, Role.SECURITY_OFFICER})
LIAISON_AREA = "liaison"
_ROOM = insert(room)
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ß": "ss", "æ": "ae", "þ": "th", " ": ".", "'": None}
)


@dataclass(frozen=True, slots=True)
class Area:
    """An area and its one room, owned by the unit `owner` of the body `owner_body`."""

    code: str
    name: str
    owner_body: str
    owner: str
    handling: int
    moderators: tuple[str, ...]
    organisers: tuple[str, ...]
    bars_personal_data: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """What can be booked as `code` at the town's domain; `zone` is the IANA name of its local time."""

    code: str
    name: str
    capacity: int
    zone: str
    owner_body: str
    owner: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, the code of the one above it ("" for none), its own competences and its officials' names."""

    code: str
    name: str
    under: str
    competences: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A body, its units (an upper one before those below it) and the logins of those with duties."""

    code: str
    name: str
    kind: BodyKind
    units: tuple[Unit, ...]
    duties: Mapping[Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Town:
    """All of it, in the order in which ids are given; `sign_in` has the areas of each login with credentials.

    `authority` is the code of the body that governs the others and runs the areas.
    """

    domain: str
    authority: str
    partners: tuple[str, ...]
    clearance: int
    areas: tuple[Area, ...]
    bodies: tuple[Body, ...]
    sign_in: Mapping[str, tuple[str, ...]]
    resources: tuple[Resource, ...] = ()
    details: Details = NO_DETAILS

    @property
    def without_rooms(self) -> frozenset[str]:
        """Logins of those who run the directory or read the audit log, and so take part in no room."""
        return frozenset(login for body in self.bodies for role in WITHOUT_ROOMS for login in body.duties.get(role, ()))


def parse(text: str) -> Town:
    """A town written as TOML; KeyError or ValueError where it is not one."""
    data = tomllib.loads(text)
    return Town(
        domain=data["domain"],
        authority=data["authority"],
        partners=tuple(data["partners"]),
        clearance=data["clearance"],
        areas=tuple(_area(code, entry) for code, entry in data["area"].items()),
        bodies=tuple(_body(code, entry) for code, entry in data["body"].items()),
        sign_in={login: tuple(codes) for login, codes in data["sign-in"].items()},
        resources=tuple(_resource(code, entry) for code, entry in data.get("resource", {}).items()),
    )


def login_of(name: str) -> str:
    """The login that goes with a name: `Anna Kask` is anna.kask, `Jörg Prüßmann-Sø` is jorg.prussmann-so."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def seed(tx: Tx, town: Town) -> bool:
    """Put a town into an empty directory; a directory with its first body in it stays as it is, and False is returned.

    Credentials are not part of it: see `groupware.demo_people`.
    """
    if bodies.find(tx.connection, town.bodies[0].code):
        return False
    _Seeding(tx, town).run()
    tx.record(EventKind.RIGHTS_CHANGED, 0)
    return True


@dataclass(slots=True)
class _Seeding:
    """One run of `seed`, with the ids given so far."""

    tx: Tx
    town: Town
    areas: dict[str, int] = field(default_factory=dict)
    competences: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    units: dict[tuple[str, str], int] = field(default_factory=dict)
    rooms: dict[str, int] = field(default_factory=dict)
    officials: dict[str, int] = field(default_factory=dict)
    unit_of: dict[str, int] = field(default_factory=dict)
    home_of: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        for area in self.town.areas:
            self.areas[area.code] = areas.create_area(self.tx.connection, area.code, area.name)
            self.competences[area.code] = areas.create_competence(self.tx.connection, area.code)
        for body in self.town.bodies:
            self._add_body(body)
        self._give_authority()
        for area in self.town.areas:
            self._open_room(area)
        for resource in self.town.resources:
            self._add_resource(resource)
        for login in self.officials:
            self._let_in(login)
        for body in self.town.bodies:
            self._give_duties(body)
        for domain in self.town.partners:
            partners.allow(self.tx.connection, domain)
        duties = {body.code: body.duties for body in self.town.bodies}
        ids = Ids(self.bodies, self.units, self.areas, self.officials)
        seed_details(self.tx, self.town.details, duties, ids)
        review(self.tx, duties, self.home_of, ids)

    def _add_body(self, body: Body) -> None:
        self.bodies[body.code] = bodies.create(self.tx.connection, body.code, body.name, body.kind)
        for unit in body.units:
            self._add_unit(body, unit)

    def _give_authority(self) -> None:
        authority = self.bodies[self.town.authority]
        bodies.put_under(self.tx.connection, list(self.bodies.values()), authority)
        for area in self.areas.values():
            areas.give_area(self.tx.connection, area, authority)

    def _add_unit(self, body: Body, unit: Unit) -> None:
        above = self.units[body.code, unit.under] if unit.under else None
        number = units.create(self.tx.connection, self.bodies[body.code], unit.code, unit.name, above)
        self.units[body.code, unit.code] = number
        for code in unit.competences:
            units.give_competence(self.tx.connection, number, self.competences[code])
        for place, name in enumerate(unit.names):
            self.home_of[login_of(name)] = body.code
            self._add_official(name, number, self.town.details.of_person(body.code, name, place, len(self.officials)))

    def _add_official(self, name: str, unit: int, details: Mapping[str, str]) -> None:
        login = login_of(name)
        address = f"{login}@{self.town.domain}"
        plain = Official(0, login, address, name, 0, unit, clearance=self.town.clearance)
        new = replace(plain, **details)  # type: ignore[arg-type] # text columns all
        self.officials[login] = officials.add(self.tx.connection, new)
        self.unit_of[login] = unit

    def _open_room(self, area: Area) -> None:
        row = {
            "area": self.areas[area.code],
            "code": area.code,
            "name": area.name,
            "owner": self.units[area.owner_body, area.owner],
            "competence": self.competences[area.code],
            "moderated": True,
            "marking": Marking.AMBER,
            "handling": area.handling,
            "retention": "standard",
            "bars_personal_data": area.bars_personal_data,
        }
        self.rooms[area.code] = number = self.tx.insert(_ROOM, row)
        for login in area.moderators:
            self._grant(login, Role.MODERATOR, number)
        for login in area.organisers:
            self._grant(login, Role.ORGANISER, number)

    def _add_resource(self, new: Resource) -> None:
        address = f"{new.code}@{self.town.domain}"
        made = resources.Resource(0, address, new.name, new.capacity, new.zone)
        owner = self.units[new.owner_body, new.owner]
        resources.add(self.tx, made, owner, [self.areas[code] for code in new.areas])

    def _let_in(self, login: str) -> None:
        for code in self._areas_of(login):
            for access in (Access.READER, Access.POSTER):
                self._grant(login, access, self.rooms[code])

    def _areas_of(self, login: str) -> Iterator[str]:
        """Those of its unit's competences, or those of them that [sign-in] has; UnfitError for any other."""
        chosen = () if login in self.town.without_rooms else self.town.sign_in.get(login)
        for code in self.areas:
            competent = units.is_competent(self.tx.connection, self.unit_of[login], self.competences[code])
            if chosen and code in chosen and not competent:
                raise UnfitError(f"{login}: unit without competence for {code}")
            if competent and (chosen is None or code in chosen):
                yield code

    def _give_duties(self, body: Body) -> None:
        for role, logins in body.duties.items():
            scope = self.areas[LIAISON_AREA] if role is Role.LIAISON_OFFICER else self.bodies[body.code]
            for login in logins:
                self._grant(login, role, scope)

    def _grant(self, login: str, role: Role | Access, scope: int) -> None:
        new = Grant(self.officials[login], role, scope, valid_from=self.tx.now, reason="Demo network")
        roles.grant(self.tx.connection, new)


def _area(code: str, entry: Mapping[str, Any]) -> Area:
    owner = entry["owner"]
    moderators, organisers = tuple(entry["moderators"]), tuple(entry["organisers"])
    bars = bool(entry.get("bars_personal_data"))
    return Area(code, entry["name"], owner["body"], owner["unit"], entry["handling"], moderators, organisers, bars)


def _resource(code: str, entry: Mapping[str, Any]) -> Resource:
    owner, codes = entry["owner"], tuple(entry["areas"])
    return Resource(code, entry["name"], entry["capacity"], entry["zone"], owner["body"], owner["unit"], codes)


def _body(code: str, entry: Mapping[str, Any]) -> Body:
    duties = {role: tuple(entry[key]) for key, role in DUTIES.items() if key in entry}
    people = entry["official"]
    parts = tuple(_unit(name, part, people.get(name, ())) for name, part in entry["unit"].items())
    return Body(code, entry["name"], BodyKind(entry["kind"]), parts, duties)


def _unit(code: str, entry: Mapping[str, Any], names: tuple[str, ...]) -> Unit:
    return Unit(code, entry["name"], entry.get("under", ""), tuple(entry.get("competences", ())), tuple(names))
