"""What statements here have in common: the id of a new row, and rows that belong to others, read all at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Insert, Select


def add_row(connection: Connection, statement: Insert, row: Mapping[str, Any]) -> int:
    """Insert one row and return its id."""
    key = connection.execute(statement, row).inserted_primary_key
    if key is None:
        raise TypeError("an inline insert returns no key")
    return int(key[0])


def grouped(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any] | None = None
) -> Mapping[int, list[tuple[Any, ...]]]:
    """The rows by their first column, which says whose they are, each without it; none for whoever has none."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in connection.execute(statement, values or {}):
        found[row[0]].append(tuple(row[1:]))
    return found
