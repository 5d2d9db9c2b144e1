"""Where in the database a word stands: bytes that are packed would not show in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, String, select

from directory.tables import metadata

if TYPE_CHECKING:
    from groupware.store import Snapshot


def rows_with(snapshot: Snapshot, word: str) -> list[str]:
    """Columns of any table in which the word stands."""
    found = []
    for table in metadata.tables.values():
        for column in table.c:
            if isinstance(column.type, String | LargeBinary):
                texts = snapshot.connection.scalars(select(column))
                octets = (text.encode() if isinstance(text, str) else bytes(text or b"") for text in texts)
                found += [f"{table.name}.{column.name}"] if any(word.encode() in text for text in octets) else []
    return found
