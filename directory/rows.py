"""The one thing that every insert here wants back: the id of the new row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Insert


def add_row(connection: Connection, statement: Insert, row: Mapping[str, Any]) -> int:
    """Insert one row and return its id."""
    key = connection.execute(statement, row).inserted_primary_key
    if key is None:
        raise TypeError("an inline insert returns no key")
    return int(key[0])
