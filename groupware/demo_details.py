"""What the demo's directory tells besides names: details of people, contact points and postings, as rows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from directory import duty_tables as tables
from directory.tables import official, unit
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx

Duties = Mapping[Role, tuple[str, ...]]
DAY = 24 * 3600 * 1_000_000
OFFICE_DAYS, OFFICE_HOURS = (0, 1, 2, 3, 4), (9 * 60, 17 * 60)
EVERY, SPREAD = 183, 150
"""Days for which a confirmation of the half-yearly review holds, and within which all bodies have made theirs."""
MISSED, LATE_BY = 12, 25
"""One in so many was left out the last time; the days since theirs was due."""
_MAILBOX = update(unit).where(unit.c.id == bindparam("wanted")).values(address=bindparam("mailbox"))
_KEEPERS = (Role.DIRECTORY_ADMIN, Role.CONTACT_POINT, Role.DEPUTY)
_CONFIRM = (
    update(official)
    .where(official.c.id == bindparam("wanted"))
    .values(reviewed=bindparam("at"), reviewed_by=bindparam("by"))
)
_POSTING = insert(tables.posting)
_CONTACT = insert(tables.contact_point)
_DEPUTY = insert(tables.contact_deputy)
_HOURS = insert(tables.duty_hours)
_SERVES = insert(tables.posting_body)
_ABOUT = insert(tables.posting_area)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a body about an area, or ("") about all; `hours` are the first and last minute of each day."""

    body: str
    area: str
    holder: str
    deputies: tuple[str, ...]
    hours: tuple[int, int] = OFFICE_HOURS
    days: tuple[int, ...] = OFFICE_DAYS


@dataclass(frozen=True, slots=True)
class Details:
    """All of it; empty for a town of which nothing more is told."""

    phone: str = ""
    titles: tuple[str, ...] = ()
    mailbox: str = ""
    languages: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    postings: tuple[Mapping[str, Any], ...] = ()

    def of_person(self, body: str, name: str, place: int, number: int) -> dict[str, str]:
        """The columns of the official who stands at this place in the unit, and is the town's `number`th."""
        given, _, surname = name.rpartition(" ")
        told = {"given_name": given, "surname": surname, "languages": self.languages.get(body, "")}
        if not self.titles:
            return told
        return {**told, "title": self.titles[min(place, len(self.titles) - 1)], "phone": self.phone.format(number)}

    def of_unit(self, body: str, unit: str) -> str:
        """The functional mailbox of a unit."""
        return self.mailbox.format(unit=unit, body=body.lower())


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that the town's things were given, by code or login."""

    bodies: Mapping[str, int]
    units: Mapping[tuple[str, str], int]
    areas: Mapping[str, int]
    officials: Mapping[str, int]


def parse(text: str) -> Details:
    """Details written as TOML; KeyError or ValueError where they are none."""
    data = tomllib.loads(text)
    contacts = [
        Contact(
            each["body"],
            each["area"],
            each["holder"],
            tuple(each["deputies"]),
            (each["hours"][0], each["hours"][1]),
            tuple(each["days"]),
        )
        for each in data["contact"]
    ]
    bodies = data["body"]
    return Details(
        data["phone"],
        tuple(data["titles"]),
        data["mailbox"],
        {code: each["languages"] for code, each in bodies.items()},
        {code: each["zone"] for code, each in bodies.items()},
        tuple(contacts),
        tuple(data["posting"]),
    )


def seed(tx: Tx, details: Details, duties: Mapping[str, Duties], ids: Ids) -> None:
    """Put functional mailboxes, contact points and postings into the directory; `duties` are the bodies', by code."""
    if not details.zones:
        return
    for (body, code), number in ids.units.items():
        tx.connection.execute(_MAILBOX, {"wanted": number, "mailbox": details.of_unit(body, code)})
    for contact in (*_general(duties), *details.contacts):
        _appoint(tx, contact, details.zones[contact.body], ids)
    for each in details.postings:
        _post(tx, each, ids)


def review(tx: Tx, duties: Mapping[str, Duties], homes: Mapping[str, str], ids: Ids) -> None:
    """Have each body's last half-yearly review made by one who keeps its entries; `homes` has everybody's body.

    Some were left out of it, and are late from the first day on. Days count from the start of the day, as postings' do.
    """
    place = {code: number for number, code in enumerate(ids.bodies)}
    rows = [
        {
            "wanted": ids.officials[login],
            "at": _confirmed(tx, place[home], number),
            "by": ids.officials.get(_keeper(duties[home], login), 0),
        }
        for number, (login, home) in enumerate(homes.items())
    ]
    tx.connection.execute(_CONFIRM, rows)


def _keeper(duties: Duties, besides: str) -> str:
    """Who confirms somebody of this body; "" is the operator."""
    keepers = (each for role in _KEEPERS for each in duties.get(role, ()) if each != besides)
    return next(keepers, "")


def _confirmed(tx: Tx, body: int, person: int) -> int:
    days = EVERY + LATE_BY if person % MISSED == 0 else 10 + body * 37 % SPREAD
    return tx.now // DAY * DAY - days * DAY


def _general(duties: Mapping[str, Duties]) -> Iterator[Contact]:
    """Each body's contact point for everything, as its duties say."""
    for code, logins in duties.items():
        for holder in logins.get(Role.CONTACT_POINT, ())[:1]:
            yield Contact(code, "", holder, logins.get(Role.DEPUTY, ()))


def _appoint(tx: Tx, contact: Contact, zone: str, ids: Ids) -> None:
    area = ids.areas[contact.area] if contact.area else 0
    row = {"body": ids.bodies[contact.body], "area": area, "holder": ids.officials[contact.holder], "zone": zone}
    number = tx.insert(_CONTACT, row)
    for place, login in enumerate(contact.deputies, start=1):
        deputy = {"contact_point": number, "place": place, "official": ids.officials[login]}
        tx.connection.execute(_DEPUTY, deputy)
    opens, closes = contact.hours
    for day in contact.days:
        hours = {"contact_point": number, "weekday": day, "opens": opens, "closes": closes}
        tx.connection.execute(_HOURS, hours)


def _post(tx: Tx, each: Mapping[str, Any], ids: Ids) -> None:
    today = tx.now // DAY * DAY
    row = {
        "official": ids.officials[each["official"]],
        "host_country": each["country"],
        "host_city": each["city"],
        "seat": each["seat"],
        "duties": each["duties"],
        "planned": each.get("planned", False),
        "valid_from": today + each["from"] * DAY,
        "valid_until": today + each["until"] * DAY,
    }
    number = tx.insert(_POSTING, row)
    for code in each["areas"]:
        tx.connection.execute(_ABOUT, {"posting": number, "area": ids.areas[code]})
    for code in each.get("serves", ()):
        tx.connection.execute(_SERVES, {"posting": number, "body": ids.bodies[code]})
