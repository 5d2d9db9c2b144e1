"""What all changes of an official have in common: the wanted row, and the directory's no in the domain's words."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import units
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from directory.tables import official, unit
from groupware.errors import Conflict, NotFound, Refused
from groupware.people import entry as entries
from groupware.people.faults import BadEntry
from groupware.provisioning.authority import PERSON
from groupware.provisioning_tables import provisioned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directory.officials import Official
    from groupware.provisioning.authority import Machine
    from groupware.provisioning.person import Wanted
    from groupware.store import Snapshot

_ANY = "any"
"""Stands for a unit's code that has been looked up."""
_FIRST_UNIT = (
    select(unit.c.id).where(unit.c.body == bindparam("of_body"), unit.c.parent.is_(None)).order_by(unit.c.id).limit(1)
)
_SAME_NAME = (
    select(official.c.id)
    .outerjoin(provisioned, (provisioned.c.kind == PERSON) & (provisioned.c.number == official.c.id))
    .where(
        official.c.body == bindparam("of_body"),
        official.c.external_id == bindparam("name"),
        official.c.id != bindparam("own"),
        provisioned.c.removed.is_(None) | (provisioned.c.removed == 0),
    )
    .limit(1)
)


def row(snapshot: Snapshot, machine: Machine, before: Official, wanted: Wanted) -> Official:
    """`before` with what is wanted; in service or not is left to the caller.

    Refused("unit") for one that the body hasn't; Conflict("taken") if another entry has the same external id.
    """
    begins = before.valid_from if wanted.valid_from is None else wanted.valid_from
    ends = before.valid_until if wanted.valid_until is None else wanted.valid_until
    if begins >= ends:
        raise Refused("dates", "validFrom has to be before validUntil")
    if wanted.external_id:
        same = {"of_body": machine.body, "name": wanted.external_id, "own": before.id}
        if snapshot.connection.execute(_SAME_NAME, same).first() is not None:
            raise Conflict("taken", "externalId")
    after = replace(
        before,
        name=wanted.name,
        unit=_unit(snapshot, machine, wanted.unit, before.unit),
        given_name=wanted.given_name,
        surname=wanted.surname,
        title=wanted.title,
        phone=wanted.phone,
        mobile=wanted.mobile,
        languages=_languages(before.languages, wanted.language),
        external_id=wanted.external_id,
        listed=before.listed if wanted.listed is None else wanted.listed,
        valid_from=begins,
        valid_until=ends,
    )
    _check(after)
    return after


def first_unit(snapshot: Snapshot, machine: Machine) -> int:
    """The oldest unit at the top of the body: who isn't given another is there. Refused("unit") without any."""
    found = snapshot.connection.execute(_FIRST_UNIT, {"of_body": machine.body}).scalar()
    if found is None:
        raise Refused("unit", "the body has no unit yet")
    return int(found)


@contextmanager
def told() -> Iterator[None]:
    """The directory's errors as the domain's. Whose login is taken isn't said."""
    try:
        yield
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    except TakenError as error:
        raise Conflict("taken", "userName") from error
    except StaleError as error:
        raise Conflict("changed-meanwhile", "the entry has changed since it was read") from error
    except UnfitError as error:
        raise Refused("unfit", str(error)) from error


def _check(after: Official) -> None:
    """What holds for an entry at every door; BadEntry is a Refused, and names the field."""
    if problems := entries.objections(entries.of_official(after, _ANY), {_ANY}):
        raise BadEntry(problems)


def _unit(snapshot: Snapshot, machine: Machine, code: str | None, present: int) -> int:
    if code is None:
        return present or first_unit(snapshot, machine)
    found = units.find(snapshot.connection, machine.body, code)
    if found is None:
        raise Refused("unit", "department is the code of a unit of the body")
    return found


def _languages(before: str, first: str) -> str:
    """The preferred language goes in front of the others; without one there are none."""
    if not first:
        return ""
    return ",".join([first, *(tag for tag in before.split(",") if tag and tag != first)])
