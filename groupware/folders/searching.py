"""SEARCH: which of a folder's messages have certain words, dates or sizes. Each answer is a set of UIDs.

Only places of the folder are looked at, and those are what its reader may list: no count and no time tells of others.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, String, bindparam, column, literal_column, or_, select, table

from groupware import tables
from groupware.message.fields import read_tolerantly
from groupware.message.folding import fold
from groupware.message.words import decode
from groupware.rendering import opened

if TYPE_CHECKING:
    from groupware.folders.numbering import State
    from groupware.store import Snapshot

SHORTEST_INDEXED = 3
"""Letters of a trigram; shorter words are looked for row by row."""


class Where(StrEnum):
    """Which words are looked at."""

    HEADER = "header"
    BODY = "body"
    TEXT = "text"


_place, _rendering, _words = tables.place.c, tables.rendering.c, tables.search_text.c
_index = table("search_index", column("rowid"), column("header"), column("body"))
_FIELDS_WITH_WORDS = frozenset({b"subject", b"from", b"to", b"cc"})
"""Fields whose words are in the index (groupware.message.text.search_text); others are read in each header."""
_HERE = select(_place.uid).where(_place.folder == bindparam("folder"))
_WITH_RENDERING = _HERE.join(tables.rendering, _rendering.id == _place.rendering)
_HEADS = (
    select(_place.uid, _rendering.id, _rendering.head)
    .join(tables.rendering, _rendering.id == _place.rendering)
    .where(_place.folder == bindparam("folder"))
)
_MATCH = select(_index.c.rowid).where(
    literal_column("search_index", String).op("MATCH")(bindparam("expression", type_=String))
)


def having_words(snapshot: Snapshot, state: State, where: Where, text: str) -> set[int]:
    """Those in whose decoded header, body or either `text` occurs, in any case and with or without accents."""
    condition, values = _words_clause(snapshot, where, fold(text))
    return _uids(snapshot, _HERE.where(_place.rendering.in_(condition)), state, values)


def having_field(snapshot: Snapshot, state: State, name: str, text: str) -> set[int]:
    """Those with a header field `name` in which `text` occurs; an empty `text` asks only for the field."""
    wanted, key = fold(text), name.lower().encode("utf-8", "replace")
    statement = _HEADS
    values: dict[str, str] = {}
    if wanted and key in _FIELDS_WITH_WORDS:
        condition, values = _words_clause(snapshot, Where.HEADER, wanted)
        statement = _HEADS.where(_place.rendering.in_(condition))
    rows = snapshot.connection.execute(statement, {"folder": state.id, **values})
    return {row.uid for row in rows if _field_has(opened(snapshot, row.id, bytes(row.head)), key, wanted)}


def arrived(snapshot: Snapshot, state: State, since: int, before: int) -> set[int]:
    """Those with an INTERNALDATE from `since` until before `before` (microseconds)."""
    statement = _HERE.where(_place.at >= bindparam("since"), _place.at < bindparam("before"))
    return _uids(snapshot, statement, state, {"since": since, "before": before})


def sent(snapshot: Snapshot, state: State, since: int, before: int) -> set[int]:
    """Those with a Date field from `since` until before `before` (microseconds, as UTC)."""
    statement = _WITH_RENDERING.where(_rendering.sent >= bindparam("since"), _rendering.sent < bindparam("before"))
    return _uids(snapshot, statement, state, {"since": since, "before": before})


def sized(snapshot: Snapshot, state: State, above: int, below: int) -> set[int]:
    """Those with more octets than `above` and fewer than `below`."""
    statement = _WITH_RENDERING.where(_rendering.size > bindparam("above"), _rendering.size < bindparam("below"))
    return _uids(snapshot, statement, state, {"above": above, "below": below})


def modified(snapshot: Snapshot, state: State, modseq: int) -> set[int]:
    """Those with this modification sequence or a higher one."""
    return _uids(snapshot, _HERE.where(_place.modseq >= bindparam("modseq")), state, {"modseq": modseq})


def _uids(snapshot: Snapshot, statement: Select[Any], state: State, values: dict[str, Any]) -> set[int]:
    return set(snapshot.connection.execute(statement, {"folder": state.id, **values}).scalars())


def _words_clause(snapshot: Snapshot, where: Where, text: str) -> tuple[Select[Any], dict[str, str]]:
    """The renderings that have the text: by the index where there is one for it, else by looking at each."""
    if snapshot.connection.dialect.name == "sqlite" and len(text) >= SHORTEST_INDEXED:
        phrase = '"' + text.replace('"', '""') + '"'
        return _MATCH, {"expression": phrase if where is Where.TEXT else f"{{{where}}} : {phrase}"}
    return select(_words.rendering).where(_contains(where, text)), {}


def _contains(where: Where, text: str) -> ColumnElement[bool]:
    looked_at = {Where.HEADER: [_words.header], Where.BODY: [_words.body], Where.TEXT: [_words.header, _words.body]}
    return or_(*(found.contains(text, autoescape=True) for found in looked_at[where]))


def _field_has(head: bytes, name: bytes, wanted: str) -> bool:
    values = read_tolerantly(head, 0, len(head)).all(name)
    return any(wanted in fold(decode(value)) for value in values)
