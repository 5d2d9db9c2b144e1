"""Contact points, postings and details for the small town.

Anna is posted to Senegal and planned for Togo, bruno is planned for India. Aland's contact point is dora with clara as
deputy; for return it is anna around the clock, for liaison emil.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from directory import duty_tables as duties
from directory import officials
from directory.tables import area, unit

if TYPE_CHECKING:
    from town import Town

    from groupware.store import Tx

DAY = 24 * 3600 * 1_000_000


def furnish(tx: Tx, town: Town) -> None:
    anna = officials.get(tx.connection, town.people["anna"])
    details = {"given_name": "Anna", "surname": "Ånström", "title": "Head of unit", "phone": "+388 2005 267 001"}
    officials.change(tx.connection, replace(anna, **details, name="Anna Ånström", languages="et,en"))  # type: ignore[arg-type] # columns by their names
    tx.connection.execute(update(unit).where(unit.c.id == anna.unit).values(address="unit-a@aa.example"))
    areas = {code: number for number, code in tx.connection.execute(select(area.c.id, area.c.code))}
    _contact(tx, anna.body, 0, town.people["dora"], town.people["clara"], [(day, 540, 1020) for day in range(5)])
    _contact(tx, anna.body, areas["return"], anna.id, town.people["dora"], [(day, 0, 1440) for day in range(7)])
    _contact(tx, anna.body, areas["liaison"], town.people["emil"], anna.id, [])
    _posting(tx, anna.id, "SN", "Dakar", planned=False, begins=-DAY, area=areas["return"])
    _posting(tx, anna.id, "TG", "Lomé", planned=False, begins=30 * DAY, area=areas["liaison"])
    _posting(tx, town.people["bruno"], "IN", "New Delhi", planned=True, begins=-DAY, area=areas["return"])


def _contact(tx: Tx, body: int, about: int, holder: int, deputy: int, hours: list[tuple[int, int, int]]) -> None:
    row = {"body": body, "area": about, "holder": holder, "zone": "Europe/Tallinn", "version": 1}
    number = tx.insert(insert(duties.contact_point), row)
    place = {"contact_point": number, "place": 1, "official": deputy}
    tx.connection.execute(insert(duties.contact_deputy), place)
    for weekday, opens, closes in hours:
        line = {"contact_point": number, "weekday": weekday, "opens": opens, "closes": closes}
        tx.connection.execute(insert(duties.duty_hours), line)


def _posting(tx: Tx, who: int, country: str, city: str, *, planned: bool, begins: int, area: int) -> None:
    row = {
        "official": who,
        "host_country": country,
        "host_city": city,
        "seat": "The embassy",
        "duties": "Documents",
        "planned": planned,
        "valid_from": tx.now + begins,
        "valid_until": tx.now + 300 * DAY,
        "version": 1,
    }
    number = tx.insert(insert(duties.posting), row)
    tx.connection.execute(insert(duties.posting_area), {"posting": number, "area": area})
