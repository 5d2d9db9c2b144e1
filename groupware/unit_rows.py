"""What there is of a unit, and the end of its row: one that owns something can't be deleted, but be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, delete, or_

from directory import histories
from directory.tables import unit, unit_above, unit_competence
from groupware import tables
from groupware.provisioning_tables import provisioned
from groupware.release_tables import consent

if TYPE_CHECKING:
    from groupware.store import Tx

OWNERS = (tables.room, tables.post, tables.mail, tables.resource, tables.booking, consent)
"""Tables whose rows are a unit's, in their column `owner`."""
_wanted: BindParameter[int] = bindparam("wanted")
_DELETIONS = (
    delete(unit_above).where(or_(unit_above.c.unit == _wanted, unit_above.c.above == _wanted)),
    delete(unit_competence).where(unit_competence.c.unit == _wanted),
    delete(provisioned).where(provisioned.c.kind == histories.UNIT, provisioned.c.number == _wanted),
    delete(unit).where(unit.c.id == _wanted),
)


def remove(tx: Tx, number: int) -> None:
    """Delete the row of a unit in which nobody is and that owns nothing."""
    for statement in _DELETIONS:
        tx.connection.execute(statement, {"wanted": number})
