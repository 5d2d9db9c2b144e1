"""The units of a body: a tree that its admins keep, with names, functional mailboxes and telephones.

A mailbox is what address books tell. One of our domain is nobody else's address; one of another is the ministry's own,
told as it is: nothing is delivered to it here, and mail to it leaves by the relay's rules like all other.

What a unit is competent for is not theirs to say: that belongs to whoever runs the area.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from directory import histories, officials, units
from directory.histories import Change
from directory.tables import official, unit
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.people import entry as entries
from groupware.people import places
from groupware.people.faults import BadEntry, Problem, check_version, told
from groupware.reserved import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directory.units import Unit
    from groupware.people.leave import Leave
    from groupware.store import Snapshot, Tx

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_MAILBOX_OF = select(unit.c.id).where(unit.c.address == bindparam("address"), unit.c.id != bindparam("own")).limit(1)
_COUNTS = (
    select(official.c.unit, func.count().label("people"))
    .where(official.c.body == bindparam("body"), official.c.departed == 0)
    .group_by(official.c.unit)
)


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """What an admin may write: `parent` is a unit's code, "" at the top; `address` a mail address, or ""."""

    name: str
    parent: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in its tree: how deep, the code of the one above, and how many officials it has itself."""

    unit: Unit
    depth: int
    parent: str
    people: int


def tree(snapshot: Snapshot, leave: Leave) -> list[Branch]:
    """All units, each followed by those below it."""
    leave.use(snapshot, leave.body)
    found = units.of_body(snapshot.connection, leave.body)
    rows = snapshot.connection.execute(_COUNTS, {"body": leave.body})
    children: defaultdict[int | None, list[Unit]] = defaultdict(list)
    for each in found:
        children[each.parent].append(each)
    return list(_below(children, None, "", 0, {row.unit: row.people for row in rows}))


def add(tx: Tx, leave: Leave, code: str, entry: UnitEntry, domain: str) -> int:
    """A new unit, and its id. Raises BadEntry."""
    leave.use(tx, leave.body)
    own = _codes(tx, leave)
    entry = replace(entry, address=officials.folded(entry.address.strip()) or entry.address)
    problems = {**_objections(tx, entry, own, 0), **_mailbox_objections(tx, entry, domain, 0)}
    if not _CODE.fullmatch(code):
        problems["code"] = Problem("bad-code", "Small letters, digits, dots and hyphens, at most 64.")
    elif code in own:
        problems["code"] = Problem("code-taken", "The body has a unit of this code.")
    if problems:
        raise BadEntry(problems)
    with told():
        number = units.create(tx.connection, leave.body, code, entry.name, own.get(entry.parent))
        new = replace(units.get(tx.connection, number), address=entry.address, phone=entry.phone)
        units.change(tx.connection, new)
    _tell(tx, leave, number, new.version + 1, ["unit"])
    return number


def change(tx: Tx, leave: Leave, number: int, entry: UnitEntry, seen: int, domain: str) -> int:
    """Rename a unit, or hang it elsewhere with all below it; returns its version.

    Raises Conflict(changed-meanwhile), BadEntry, or Refused(own-unit): where one's own unit hangs says what one may
    read, so others move it.
    """
    with told():
        found = units.get(tx.connection, number)
    leave.use(tx, found.body)
    check_version(tx, histories.UNIT, number, found.version, seen)
    own = _codes(tx, leave)
    entry = replace(entry, address=officials.folded(entry.address.strip()) or entry.address)
    problems = _objections(tx, entry, own, number)
    if entry.address != found.address:
        problems |= _mailbox_objections(tx, entry, domain, number)
    if problems:
        raise BadEntry(problems)
    parent = own.get(entry.parent)
    changed = replace(found, parent=parent, name=entry.name, address=entry.address, phone=entry.phone)
    what = [each for each in ("name", "parent", "address", "phone") if getattr(found, each) != getattr(changed, each)]
    if not what:
        return found.version
    with told():
        if "parent" in what:
            _refuse_own(tx, leave, number)
            units.move(tx.connection, number, parent)
        units.change(tx.connection, changed)
    _tell(tx, leave, number, found.version + 1, what)
    return found.version + 1


def _refuse_own(tx: Tx, leave: Leave, number: int) -> None:
    if leave.by and units.is_below(tx.connection, officials.get(tx.connection, leave.by).unit, number):
        raise Refused("own-unit", "You are in this unit: where it belongs is for another admin to say.")


def _codes(snapshot: Snapshot, leave: Leave) -> dict[str, int]:
    return {each.code: each.id for each in units.of_body(snapshot.connection, leave.body)}


def _objections(tx: Tx, entry: UnitEntry, own: Mapping[str, int], number: int) -> dict[str, Problem]:
    found = {"name": entries.text_problem(entry.name), "phone": entries.phone_problem(entry.phone)}
    if not entry.name.strip():
        found["name"] = Problem("name-missing", "A unit has a name.")
    if entry.parent and entry.parent not in own:
        found["parent"] = Problem("no-such-unit", "The body has no unit of this code.")
    elif number and entry.parent and units.is_below(tx.connection, own[entry.parent], number):
        found["parent"] = Problem("circle", "A unit isn't below itself.")
    return {field: problem for field, problem in found.items() if problem}


def _mailbox_objections(tx: Tx, entry: UnitEntry, domain: str, number: int) -> dict[str, Problem]:
    problem = _mailbox_problem(tx, entry.address, domain, number) if entry.address else None
    return {"address": problem} if problem else {}


def _mailbox_problem(tx: Tx, address: str, domain: str, number: int) -> Problem | None:
    local, _, host = address.partition("@")
    if not officials.is_address(address) or address.startswith(entries.FORMULA):
        return Problem("bad-mailbox", f"A mail address is like asylum-unit@{domain}.")
    if host != domain:
        return None
    if not _CODE.fullmatch(local) or local in RESERVED:
        return Problem("bad-mailbox", f"A functional mailbox of ours is like asylum-unit@{domain}.")
    other = tx.connection.execute(_MAILBOX_OF, {"address": address, "own": number}).first()
    if other or (local in places.taken(tx, [local], domain) and not _has(tx, number, address)):
        return Problem("mailbox-taken", "This address isn't free.")
    return None


def _has(tx: Tx, number: int, address: str) -> bool:
    return bool(number) and units.get(tx.connection, number).address == address


def _below(
    children: Mapping[int | None, Sequence[Unit]], above: int | None, code: str, depth: int, counts: Mapping[int, int]
) -> Iterator[Branch]:
    for each in children.get(above, ()):
        yield Branch(each, depth, code, counts.get(each.id, 0))
        yield from _below(children, each.id, each.code, depth + 1, counts)


def _tell(tx: Tx, leave: Leave, number: int, version: int, what: Sequence[str]) -> None:
    histories.record(tx.connection, [Change(histories.UNIT, number, version, leave.by, tx.now, ",".join(what))])
    tx.record(EventKind.RIGHTS_CHANGED, 0)
