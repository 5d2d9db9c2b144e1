"""Statements of the hottest paths, compiled once and run on SQLite's own cursor.

SQLAlchemy takes about 10 us to bring a statement to the driver, which itself takes 1 to 4. It still writes the SQL and
says how values are converted; PostgreSQL, where the way to the server costs more than that, is left to it altogether.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Insert
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection, Delete, Select, Update
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Statement = Select[Any] | Insert | Update | Delete
    Convert = Callable[[Any], Any]

_DIALECT = dialect(paramstyle="qmark")
MOST = 512
"""Statements that are remembered: more than stand at module level and are run this way."""


class Prepared(NamedTuple):
    """A statement as SQLite takes it, the names of its values in their order, and how its rows are made."""

    text: str
    names: tuple[str, ...]
    constants: dict[str, Any]
    converted: tuple[tuple[str, Convert], ...]
    row: Callable[[Iterable[Any]], Any]

    def run(self, raw: sqlite3.Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        """Run it with these values and its own. Raises SQLAlchemy's errors."""
        try:
            return raw.execute(self.text, self._in_order(values))
        except sqlite3.Error as error:
            raise self._wrapped(error) from error

    def run_for_each(self, raw: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of them."""
        try:
            raw.executemany(self.text, [self._in_order(values) for values in rows])
        except sqlite3.Error as error:
            raise self._wrapped(error) from error

    def run_tuples(self, raw: sqlite3.Connection, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it once for each: values in the order of `columns`, as the driver takes them."""
        if self.names != columns:
            raise TypeError(f"takes {self.names}")
        try:
            raw.executemany(self.text, rows)
        except sqlite3.Error as error:
            raise self._wrapped(error) from error

    def _wrapped(self, error: sqlite3.Error) -> BaseException:
        return DBAPIError.instance(self.text, None, error, sqlite3.Error, hide_parameters=True)

    def _in_order(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self.constants, **values}
        for name, convert in self.converted:
            given[name] = convert(given[name])
        return [given[name] for name in self.names]


def sqlite_of(connection: Connection) -> sqlite3.Connection | None:
    """The driver's connection, if it is SQLite's."""
    raw = connection.connection.driver_connection
    return raw if isinstance(raw, sqlite3.Connection) else None


def prepared(statement: Statement, values: Mapping[str, Any]) -> Prepared:
    """The statement, compiled for the names of these values the first time. Raises TypeError when one is a list."""
    return _compiled(statement, tuple(values) if isinstance(statement, Insert) else ())


@lru_cache(MOST)
def _compiled(statement: Statement, columns: tuple[str, ...]) -> Prepared:
    compiled: SQLCompiler = statement.compile(dialect=_DIALECT, column_keys=list(columns) or None)
    if compiled.post_compile_params:
        raise TypeError(f"takes a list: {compiled}")
    names = tuple(compiled.positiontup or ())
    binds = {name: compiled.binds[name] for name in names}
    constants = {name: bind.value for name, bind in binds.items() if not bind.required}
    for column in compiled.insert_prefetch if isinstance(statement, Insert) else ():
        if not isinstance(column.default, ScalarElementColumnDefault):
            raise TypeError(f"has to be asked for {column}")
        constants[column.key] = column.default.arg
    converters = ((name, _to_driver(bind)) for name, bind in binds.items())
    converted = tuple((name, convert) for name, convert in converters if convert is not None)
    return Prepared(str(compiled), names, constants, converted, _row_of(statement))


def _to_driver(bind: BindParameter[Any]) -> Convert | None:
    return bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _from_driver(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)


def _row_of(statement: Statement) -> Callable[[Iterable[Any]], Any]:
    """What makes a row of what the driver gives: a named tuple."""
    columns = list(statement.exported_columns)
    row = namedtuple("row", [column.key for column in columns])  # type: ignore[misc] # noqa: PYI024 -- made of a statement
    converters = [_from_driver(column.type) for column in columns]
    if not any(converters):
        return row._make

    def convert(values: Iterable[Any]) -> Any:  # noqa: ANN401 -- a row of whatever was selected
        pairs = zip(converters, values, strict=True)
        return row._make(value if convert is None else convert(value) for convert, value in pairs)

    return convert
