"""What readers see of an authorisation: the field MMHS-Authorizing-Users of RFC 7912 5, on top of the author's own.

From stays the author's and no Sender is added: the colleague countersigns the message, and neither wrote nor sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select

from groupware import content, tables
from groupware.message import writer
from groupware.rendering import SEALED, sealed

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

FIELD = "MMHS-Authorizing-Users"
_columns = [column for column in tables.rendering.c if column.name != "id"]
_AS_IS: Select[Any] = select(*_columns).where(tables.rendering.c.id == bindparam("this"))
_ADD = insert(tables.rendering)


def value(name: str, address: str) -> str:
    """A mailbox-list of one (RFC 7912 5, RFC 5322 3.4)."""
    return f"{writer.phrase(FIELD, name)} <{address}>"


def rendering_of(tx: Tx, rendering: int, caller: Caller) -> int:
    """The same message with the field on top; not an octet of what its author wrote is changed."""
    row = dict(tx.connection.execute(_AS_IS, {"this": rendering}).one()._mapping)  # noqa: SLF001 -- SQLAlchemy's public name
    said = {name: tx.seals.open(f"rendering.{name}", rendering, bytes(row[name])) for name in SEALED}
    field = writer.structured(FIELD, value(caller.name, caller.address))
    again = {"head": field + said["head"], "size": row["size"] + len(field), "received": tx.now}
    return _add(tx, {**row, **said, **again})


def _add(tx: Tx, row: dict[str, Any]) -> int:
    """Sealed in the period of its bytes, where they are: what is sealed is bound to its own row."""
    period = content.period_of(tx, row["content"]) if tx.seals.used else ""
    return tx.insert(_ADD, sealed(tx, period, row) if period else row)
