"""Appointments of first contact points, as rows: by whom, on what act, and whether the appointed took it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory.duty_tables import appointment
from directory.errors import UnknownEntryError
from directory.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Appointment:
    """One row; `accepted` and `declined` are when, 0 for not."""

    body: int
    official: int
    act: str
    appointed_by: int
    appointed: int
    accepted: int = 0
    declined: int = 0
    id: int = 0

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.accepted and not self.declined


_c = appointment.c
_ADD = insert(appointment)
_BY_ID = select(appointment).where(_c.id == bindparam("wanted"))
_NEWEST = select(appointment).where(_c.body == bindparam("of")).order_by(_c.id.desc()).limit(1)
_OPEN_FOR = (
    select(appointment).where(_c.official == bindparam("whom"), _c.accepted == 0, _c.declined == 0).order_by(_c.id)
)
_OPEN_BY = (
    select(appointment).where(_c.appointed_by == bindparam("whom"), _c.accepted == 0, _c.declined == 0).order_by(_c.id)
)
_waits = (_c.id == bindparam("wanted"), _c.accepted == 0, _c.declined == 0)
_ACCEPT = update(appointment).where(*_waits).values(accepted=bindparam("at"))
_DECLINE = update(appointment).where(*_waits).values(declined=bindparam("at"))


def add(connection: Connection, new: Appointment) -> int:
    """Add an appointment and return its id; `new.id` is ignored."""
    row = {"body": new.body, "official": new.official, "act": new.act}
    return add_row(connection, _ADD, {**row, "appointed_by": new.appointed_by, "appointed": new.appointed})


def get(connection: Connection, number: int) -> Appointment:
    """The appointment of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"appointment {number}")
    return Appointment(**row)


def newest(connection: Connection, body: int) -> Appointment | None:
    """The one that counts for a body: those before it count no more."""
    row = connection.execute(_NEWEST, {"of": body}).mappings().first()
    return None if row is None else Appointment(**row)


def open_for(connection: Connection, official: int) -> list[Appointment]:
    """What waits for an official's answer."""
    return [Appointment(**row) for row in connection.execute(_OPEN_FOR, {"whom": official}).mappings()]


def open_by(connection: Connection, appointer: int) -> list[Appointment]:
    """What an official has appointed, and nobody has answered."""
    return [Appointment(**row) for row in connection.execute(_OPEN_BY, {"whom": appointer}).mappings()]


def answer(connection: Connection, number: int, now: int, *, accepted: bool) -> bool:
    """Write down the answer; False if there is one."""
    statement = _ACCEPT if accepted else _DECLINE
    return connection.execute(statement, {"wanted": number, "at": now}).rowcount == 1
