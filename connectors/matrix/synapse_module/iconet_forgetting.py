# SPDX-License-Identifier: AGPL-3.0-or-later
"""The part of ICONet's module inside Synapse that forgets what ICONet has erased. Runs in Synapse's process only.

Under Synapse's licence, as iconet_policy.py is; it imports nothing of ICONet.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from synapse.api.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synapse.module_api import ModuleApi


SCOURING = (
    "VACUUM (FULL) event_json",
    "VACUUM (FULL) event_search",
    "VACUUM (FULL) local_media_repository",
)
"""PostgreSQL: tables in which texts, words and names of files were."""


class Asking(Protocol):
    """Who asks ICONet: iconet_policy's."""

    async def ask(self, question: str, **fields: object) -> dict[str, Any]:
        """The answer. SynapseError 503 if there is none."""


class Forgetting:
    """What ICONet has erased goes from Synapse's database, index and disk, too, and is looked for afterwards.

    A redaction alone hides an event and takes it from what is searched; its text stays in `event_json` and, in remains,
    in the index of words. What can't be forgotten is told to ICONet with the reason, and doesn't keep others from it;
    ICONet says when it is tried again.
    """

    def __init__(self, api: ModuleApi, asked: Asking) -> None:
        self._hs = api._hs  # noqa: SLF001 -- the module API deletes nothing
        self._asked = asked
        self._looked_back = False
        self._tried: set[str] = set()
        """What was named before and is there yet: another try that deletes nothing leaves nothing to be scoured."""
        self._unscoured = False
        _unindex_what_is_redacted(self._hs.get_datastores().persist_events)

    async def step(self) -> None:
        """Forget what ICONet names, scour the database, and say what isn't there any more."""
        await self._look_back()
        with suppress(SynapseError):  # asked again in a while
            named = await self._asked.ask("forget")
            events, media = _names(named, "events"), _names(named, "media")
            if events or media:
                await self._forget(events, media)

    async def _look_back(self) -> None:
        """Once a start: what was redacted before this module saw to it, or was indexed anew since."""
        if not self._looked_back:
            pool = self._hs.get_datastores().main.db_pool
            await pool.runInteraction("iconet_unindex_redacted", _unindex_redacted)
            self._looked_back = True

    async def _forget(self, events: list[str], media: list[str]) -> None:
        """Each by itself, then what that left in the database, then look."""
        why: dict[str, str] = {}
        for each, forget in (*((each, self._event) for each in events), *((each, self._media) for each in media)):
            try:
                deleted = await forget(each)
            except Exception as error:  # noqa: BLE001 -- whatever it was, others go on
                why[each], deleted = _said(error), False
            # what is gone at the first look, as a redacted event is, was deleted before it was scoured
            self._unscoured |= deleted or (each not in self._tried and each not in why)
        why |= await self._scour([*events, *media])
        why |= await self._look(events, media, why)
        self._tried = self._tried - {*events, *media} | why.keys()
        events, media = ([each for each in names if each not in why] for names in (events, media))
        await self._asked.ask("forgotten", events=events, media=media, left=why)

    async def _event(self, event: str) -> bool:
        """Whether there was some text of it."""
        store = self._hs.get_datastores().main
        left = await store.db_pool.runInteraction("iconet_look", _with_text, [event])
        with suppress(SynapseError):  # it never was here
            await store.expire_event(event)
        await store.db_pool.runInteraction("iconet_unindex", _unindex, [event])
        return bool(left)

    async def _media(self, media: str) -> bool:
        """Whether there was a file. Raises OSError: it is there yet."""
        repository = self._hs.get_media_repository()
        if not await self._hs.get_datastores().main.get_local_media(media):
            return False
        _unlink(repository.filepaths.local_media_filepath(media))
        await repository.delete_local_media_ids([media])
        return True

    async def _scour(self, names: list[str]) -> dict[str, str]:
        """Nothing is gone for certain before this has been done once since it was deleted."""
        if not self._unscoured:
            return {}
        try:
            await self._hs.get_datastores().main.db_pool.runWithConnection(_scour, db_autocommit=True)
        except Exception as error:  # noqa: BLE001 -- told, and tried again
            return dict.fromkeys(names, f"the database isn't written anew: {_said(error)}")
        self._unscoured = False
        return {}

    async def _look(self, events: list[str], media: list[str], known: Mapping[str, str]) -> dict[str, str]:
        """What there is yet of what nothing else is said about."""
        pool = self._hs.get_datastores().main.db_pool
        left = await pool.runInteraction("iconet_look", _with_text, events)
        path = self._hs.get_media_repository().filepaths.local_media_filepath
        kept = [each for each in media if _exists(path(each))]
        return {each: "it is there yet" for each in (*left, *kept) if each not in known}


def _unindex_what_is_redacted(persisting: Any) -> None:  # noqa: ANN401 -- Synapse's
    """Synapse's search counts what was redacted, so by it one could try which words were said.

    No callback runs in the transaction that stores a redaction, and after it somebody might ask sooner.
    """
    stored = persisting._store_redaction  # noqa: SLF001 -- see above

    def store(txn: Any, event: Any) -> None:  # noqa: ANN401 -- Synapse's
        stored(txn, event)
        _unindex(txn, [event.redacts])

    persisting._store_redaction = store  # noqa: SLF001 -- see above


def _said(error: Exception) -> str:
    """Its name, and of the system's errors what they are: other words may quote what was said."""
    return f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__


def _names(answer: Mapping[str, Any], name: str) -> list[str]:
    return [str(each) for each in answer.get(name) or ()]


def _unlink(path: str) -> None:
    """Synapse's own deletion says only in its log why it can't."""
    Path(path).unlink(missing_ok=True)


def _exists(path: str) -> bool:
    return Path(path).exists()


def _unindex(txn: Any, events: list[str]) -> None:  # noqa: ANN401 -- Synapse's
    for event in events:
        txn.execute("DELETE FROM event_search WHERE event_id = ?", (event,))


def _unindex_redacted(txn: Any) -> None:  # noqa: ANN401 -- Synapse's
    txn.execute("DELETE FROM event_search WHERE event_id IN (SELECT redacts FROM redactions)")


def _with_text(txn: Any, events: list[str]) -> list[str]:  # noqa: ANN401 -- Synapse's
    """Those of the events of which something is left that somebody said."""
    left = []
    for event in events:
        txn.execute("SELECT json FROM event_json WHERE event_id = ?", (event,))
        content = [json.loads(row[0]).get("content") for row in txn.fetchall()]
        txn.execute("SELECT count(*) FROM event_search WHERE event_id = ?", (event,))
        if any(content) or txn.fetchall()[0][0]:
            left.append(event)
    return left


def _scour(connection: Any) -> None:  # noqa: ANN401 -- Synapse's
    """Deleted text stays in the index's segments, in free pages and in the log until all of them are written anew."""
    cursor = connection.cursor()
    if connection.engine.single_threaded:  # SQLite
        connection.commit()
        cursor.execute("INSERT INTO event_search (event_search) VALUES ('rebuild')")
        connection.commit()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
    else:
        for statement in SCOURING:
            cursor.execute(statement)
    cursor.close()
