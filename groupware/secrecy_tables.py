"""Which periods have a key: names and proofs, never keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, func, literal_column

from directory.tables import metadata
from groupware import tables
from groupware.sealing.seals import HEAD
from groupware.store.dialect import is_sealed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

secrecy_period = Table(
    "secrecy_period",
    metadata,
    Column("name", String, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("emptied", BigInteger, nullable=False, default=0),
)
"""A period under whose key something was sealed: by `proof`, a hash of it, another key is told from the right one.

`emptied` is when something was last sealed anew that had lain under it, until a backup that was begun later is whole;
0: every backup has it where it lies now.
"""


def beginning(column: ColumnElement[bytes]) -> ColumnElement[Any]:
    """With what a sealed value begins (seals.prefix), as the indexes say it."""
    return func.substr(column, literal_column("1"), literal_column(str(HEAD)))


for _of, _value in ((tables.content.c, tables.content.c.body), (tables.rendering.c, tables.rendering.c.head)):
    Index(
        f"ix_{_value.table.name}_sealed",
        beginning(_value),
        _of.id,
        sqlite_where=is_sealed(_value),
        postgresql_where=is_sealed(_value),
    )
