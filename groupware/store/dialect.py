"""The SQL words in which SQLite and PostgreSQL differ, or that SQLAlchemy writes for one of them only.

They are FunctionElements, because SQLAlchemy compiles a ColumnElement of one's own again at each execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from groupware.sealing.seals import MAGIC

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.operators import OperatorType


class current_txid(FunctionElement[int]):  # noqa: N801 -- reads as the SQL function that it stands for
    """The number of this transaction; 0 on SQLite, where a transaction has no rivals."""

    inherit_cache = True
    type = BigInteger()


class settled_below(FunctionElement[int]):  # noqa: N801 -- as above
    """Every transaction with a smaller number has ended, so its rows are in this snapshot or never will be.

    On PostgreSQL the number is of the whole cluster: a transaction held open in another database of it counts.
    """

    inherit_cache = True
    type = BigInteger()


class next_key(FunctionElement[int]):  # noqa: N801 -- as above
    """`next_key(literal_column("content"))`: the id of the next row, for one that holds what is bound to its own id."""

    inherit_cache = True
    type = BigInteger()


class behind(FunctionElement[bool]):  # noqa: N801 -- as above
    """`behind(txid, id, their txid, their id)`: the row stands later in the log than the place named.

    SQLite, where all numbers of transactions are the same, would read the index from its beginning for a comparison of
    pairs, since the second of the pair is the row's own number.
    """

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> behind:  # noqa: ARG002 -- SQLAlchemy's
        """Itself: else SQLAlchemy compares it with 1 on SQLite, and no index serves that."""
        return self


class is_sealed(FunctionElement[bool]):  # noqa: N801 -- as above
    """`is_sealed(column)`: what it holds is sealed (groupware/sealing/seals.py), as the partial indexes say it."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: OperatorType | None = None) -> is_sealed:  # noqa: ARG002 -- SQLAlchemy's
        """Itself: see behind."""
        return self


class insert_missing(Insert):  # noqa: N801 -- as above
    """An insert that passes over rows which are there already; `inline`, since nothing may stand behind its words."""

    inherit_cache = True


@compiles(behind)
def _same_txid(element: behind, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    txid, number, at, after = _written(element, compiler, how)
    return f"({txid} = {at} AND {number} > {after})"


@compiles(behind, "postgresql")
def _pair(element: behind, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    txid, number, at, after = _written(element, compiler, how)
    return f"(({txid}, {number}) > ({at}, {after}))"


def _written(element: FunctionElement[Any], compiler: SQLCompiler, how: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **how) for clause in element.clauses]


@compiles(next_key)
def _one_more(element: next_key, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return f"(SELECT coalesce(max(id), 0) + 1 FROM {_named(element)})"  # noqa: S608 -- a table's name in our own code


@compiles(next_key, "postgresql")
def _next_of_sequence(element: next_key, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return f"nextval(pg_get_serial_sequence('{_named(element)}', 'id'))"


def _named(element: next_key) -> str:
    """The table's name, which stands in our own code: a column of words, so that it is part of what is cached."""
    (clause,) = element.clauses
    return str(clause)


@compiles(is_sealed)
def _begins(element: is_sealed, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return f"substr({_written(element, compiler, how)[0]}, 1, {len(MAGIC)}) = x'{MAGIC.hex()}'"


@compiles(is_sealed, "postgresql")
def _begins_bytea(element: is_sealed, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return f"substr({_written(element, compiler, how)[0]}, 1, {len(MAGIC)}) = '\\x{MAGIC.hex()}'::bytea"


@compiles(insert_missing)
def _on_conflict(element: insert_missing, compiler: SQLCompiler, **how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return f"{compiler.visit_insert(element, **how)} ON CONFLICT DO NOTHING"  # type: ignore[no-untyped-call] # SQLAlchemy's


@compiles(current_txid)
def _one_writer(_element: current_txid, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return "0"


@compiles(current_txid, "postgresql")
def _xact_id(_element: current_txid, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return "pg_current_xact_id()::text::bigint"


@compiles(settled_below)
def _all_settled(_element: settled_below, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return "1"


@compiles(settled_below, "postgresql")
def _xmin(_element: settled_below, _compiler: SQLCompiler, **_how: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
