"""A national system makes a unit: at the top of its body, with a code made from the name and no competence."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from typing import TYPE_CHECKING

from directory import units
from groupware.events import EventKind
from groupware.provisioning import authority, reforming, remembering, unit_finding, writing

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.provisioning.unit import Unit, WantedUnit
    from groupware.store import Tx

LONGEST_CODE = 40


def found(tx: Tx, machine: Machine, wanted: WantedUnit) -> Unit:
    """Add a unit and move its members there. Conflict("taken") for an external id of another; Refused by rule."""
    authority.admit(tx, machine)
    reforming.check(tx, machine, wanted, 0)
    with writing.told():
        number = units.create(tx.connection, machine.body, _code(tx, machine, wanted.name), wanted.name)
    remembering.made(tx, machine, authority.UNIT, number)
    remembering.named(tx, authority.UNIT, number, wanted.external_id)
    reforming.move(tx, machine, wanted.members, number)
    tx.record(EventKind.RIGHTS_CHANGED, 0)
    return unit_finding.one(tx, machine, number)


def _code(tx: Tx, machine: Machine, name: str) -> str:
    """Small letters, digits and dashes; numbered where the body has such a unit."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    code = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_CODE] or "unit"
    tries = (code if not number else f"{code}-{number}" for number in count())
    return next(each for each in tries if units.find(tx.connection, machine.body, each) is None)
