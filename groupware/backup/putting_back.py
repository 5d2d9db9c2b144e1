"""The way back of what sorting took out: texts go to their events where their period's key opened them.

Synapse makes its index of words again by itself, as after an upgrade of its own (`event_search` in background_updates).
"""

from __future__ import annotations

import json
import shutil
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, bindparam, column, create_engine, delete, func, insert, make_url, select, table, update
from sqlalchemy.exc import SQLAlchemyError

from groupware.backup.sorting import left_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from sqlalchemy import Connection

AT_ONCE = 500
_EVENT = table("event_json", column("event_id"), column("json"))
_MEDIA = table("local_media_repository", column("media_id"), column("upload_name"))
_ORDER = table("events", column("stream_ordering")).c.stream_ordering
_UPDATES = table("background_updates", column("update_name"), column("progress_json"), column("ordering"))
_SAY = update(_EVENT).where(_EVENT.c.event_id == bindparam("event")).values(json=bindparam("text"))
_NAME = update(_MEDIA).where(_MEDIA.c.media_id == bindparam("media")).values(upload_name=bindparam("text"))
_TEXT = select(_EVENT.c.json).where(_EVENT.c.event_id == bindparam("event"))
_WORDS = table("event_search", column("event_id"))
_NO_WORDS = delete(_WORDS).where(_WORDS.c.event_id == bindparam("event"))
_WHICH = (("event", _SAY), ("media", _NAME))
_ENDS = select(func.min(_ORDER), func.max(_ORDER))
_INDEX = insert(_UPDATES)


def put_back(where: Path | str, folder: Path) -> int:
    """Into the homeserver's database, a file or a URL, what the files in `folder` say; how many texts that were.

    The folder is removed. Raises OSError.
    """
    engine = create_engine(_url(where))
    try:
        with engine.begin() as at:
            number = sum(_rows(at, path) for path in sorted(folder.glob("*")))
            _index(at)
    except SQLAlchemyError as error:
        raise OSError(f"the homeserver's copy: {error}") from error
    finally:
        engine.dispose()
    shutil.rmtree(folder, ignore_errors=True)
    return number


def take_out(where: Path | str, events: Sequence[str], media: Sequence[str]) -> None:
    """Of what was erased: the events' texts and words, and files' names. Synapse scours its pages at its next start.

    Raises OSError.
    """
    engine = create_engine(_url(where))
    try:
        with engine.begin() as at:
            for event in events:
                found = at.execute(_TEXT, {"event": event}).scalar()
                if found is not None:
                    at.execute(_SAY, {"event": event, "text": left_of(found)})
                at.execute(_NO_WORDS, {"event": event})
            for name in media:
                at.execute(_NAME, {"media": name, "text": None})
    except SQLAlchemyError as error:
        raise OSError(f"the homeserver's copy: {error}") from error
    finally:
        engine.dispose()


def _url(where: Path | str) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    return make_url(where).set(drivername="postgresql+psycopg")


def _rows(at: Connection, path: Path) -> int:
    with path.open() as file:
        return sum(_write(at, rows) for rows in _slices(file))


def _slices(file: TextIO) -> Iterator[list[dict[str, str]]]:
    while lines := list(islice(file, AT_ONCE)):
        yield [json.loads(line) for line in lines]


def _write(at: Connection, rows: list[dict[str, str]]) -> int:
    for kind, statement in _WHICH:
        found = [row for row in rows if kind in row]
        if found:
            at.execute(statement, found)
    return len(rows)


def _index(at: Connection) -> None:
    first, last = at.execute(_ENDS).one()
    if first is None:
        return
    progress = {"target_min_stream_id_inclusive": first, "max_stream_id_exclusive": last + 1}
    at.execute(_INDEX, {"update_name": "event_search", "progress_json": json.dumps(progress), "ordering": 0})
