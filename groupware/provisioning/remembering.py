"""What SCIM remembers of an entry: when a token made it and last wrote it, and that it was told to delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import histories
from directory.histories import Change
from directory.tables import official, unit
from groupware.provisioning.authority import PERSON, UNIT
from groupware.provisioning_tables import provisioned

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.store import Tx

_here = (provisioned.c.kind == bindparam("of_kind"), provisioned.c.number == bindparam("of_number"))
_ADD = insert(provisioned)
_CHANGED = (
    update(provisioned).where(*_here).values(changed=bindparam("at"), version=bindparam("seen"), token=bindparam("by"))
)
_KINDS = {PERSON: histories.OFFICIAL, UNIT: histories.UNIT}
_VERSIONS = {
    PERSON: select(official.c.version).where(official.c.id == bindparam("wanted")),
    UNIT: select(unit.c.version).where(unit.c.id == bindparam("wanted")),
}
_REMOVED = update(provisioned).where(*_here).values(removed=bindparam("at"))
_NAMED = update(provisioned).where(*_here).values(external_id=bindparam("name"))


def made(tx: Tx, machine: Machine, kind: str, number: int) -> None:
    """A token has made this entry."""
    tx.connection.execute(_ADD, _row(tx, machine, kind, number, created=tx.now))
    _write_down(tx, machine, kind, number, "entry")


def changed(tx: Tx, machine: Machine, kind: str, number: int, what: str = "") -> None:
    """A token has written these columns of an entry, whoever made it; to be said when all of it is written."""
    here = {"of_kind": kind, "of_number": number}
    if not tx.change(_CHANGED, {**here, "at": tx.now, "seen": _version(tx, kind, number), "by": machine.token}):
        tx.connection.execute(_ADD, _row(tx, machine, kind, number, created=0))
    if what:
        _write_down(tx, machine, kind, number, what)


def removed(tx: Tx, machine: Machine, kind: str, number: int) -> None:
    """From now on SCIM says that there is no such entry."""
    changed(tx, machine, kind, number)
    tx.change(_REMOVED, {"of_kind": kind, "of_number": number, "at": tx.now})


def named(tx: Tx, kind: str, number: int, external_id: str) -> None:
    """The national system's own name for an entry that it has written."""
    tx.change(_NAMED, {"of_kind": kind, "of_number": number, "name": external_id})


def _row(tx: Tx, machine: Machine, kind: str, number: int, created: int) -> dict[str, str | int]:
    times = {"created": created, "changed": tx.now, "removed": 0, "version": _version(tx, kind, number)}
    return {"kind": kind, "number": number, "external_id": "", "token": machine.token, **times}


def _write_down(tx: Tx, machine: Machine, kind: str, number: int, what: str) -> None:
    """For whoever asks who changed an entry: as at other doors; a token is no official, and is named as such."""
    change = Change(_KINDS[kind], number, _version(tx, kind, number), 0, tx.now, what, machine.token)
    histories.record(tx.connection, [change])


def _version(tx: Tx, kind: str, number: int) -> int:
    return int(tx.connection.execute(_VERSIONS[kind], {"wanted": number}).scalar_one())
