"""Turning secrecy on or off where there is something already: what lies in clear is sealed, or what is sealed opened.

Nothing but the rows says how far it has come, so it goes on after a stop where it was. A content goes with all its
renderings in one transaction; the old file of a large one goes after it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, update

from groupware import content, rendering, sealed_periods, tables
from groupware.sealing.seals import MAGIC, month, period_of
from groupware.secrecy.belonging import period_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.store import Snapshot, Store, Tx

SLICE = 100
AT_ONCE = 10
"""Contents turned in one transaction, for which nobody else is written."""
_c, _r = tables.content.c, tables.rendering.c
_COLUMNS = (_c.id, _c.body, _c.file, _c.size)
_SEALED = and_(_c.body.is_not(None), func.substr(_c.body, 1, len(MAGIC)) == MAGIC)
_CLEAR = and_(_c.size > 0, or_(_c.body.is_(None), func.substr(_c.body, 1, len(MAGIC)) != MAGIC))
"""What retention erased has no octets left, and nothing to seal."""


def _following(which: Any) -> Select[Any]:  # noqa: ANN401 -- a condition
    return select(*_COLUMNS).where(_c.id > bindparam("after"), which).order_by(_c.id).limit(SLICE)


_TO_SEAL, _TO_OPEN = _following(_CLEAR), _following(_SEALED)
_LEFT = select(func.count()).select_from(tables.content).where(_CLEAR)
_THIS = select(*_COLUMNS).where(_c.id == bindparam("this"))
_CHANGE = (
    update(tables.content)
    .where(_c.id == bindparam("this"))
    .values(body=bindparam("new_body"), file=bindparam("new_file"))
)
_RENDERINGS = select(_r.id, _r.head, _r.envelope, _r.body, _r.bodystructure).where(_r.content == bindparam("this"))
_CHANGE_RENDERING = (
    update(tables.rendering)
    .where(_r.id == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in rendering.SEALED})
)


@dataclass(frozen=True, slots=True)
class Turned:
    """A content to be changed; `file` is its new one, sealed with `key`, or in clear without one."""

    id: int
    old_file: str | None
    file: str | None = None
    key: bytes | None = None


class Turning:
    """For one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._after = 0
        self._turned = False

    async def step(self) -> int:
        """Turn the next slice to what the settings want; how many contents that were."""
        statement = _TO_SEAL if self._store.seals.sealing else _TO_OPEN
        found = await self._store.read(lambda snapshot: snapshot.rows(statement, {"after": self._after}))
        for start in range(0, len(found), AT_ONCE):
            rows = found[start : start + AT_ONCE]
            ready = [await asyncio.to_thread(self._prepared, row) for row in rows]
            done = await self._store.run(partial(_turn, ready=ready))
            await asyncio.to_thread(_remove, self._store.directory / content.FOLDER, done)
            self._after = rows[-1].id
        if found:
            self._turned = True
        else:
            await self._end()
        return len(found)

    async def _end(self) -> None:
        """After the last one look from the beginning again, next time; where all is open, backups alone need keys."""
        self._after = 0
        if self._turned:
            self._turned = False
            await self._store.fold()
        if not self._store.seals.sealing and await self._store.read(sealed_periods.any_unneeded):
            await self._store.run(_forget_if_open)

    def _prepared(self, row: Any) -> Turned:  # noqa: ANN401 -- a row of content
        if row.file is None:
            return Turned(row.id, None)
        seals, directory = self._store.seals, self._store.directory
        held = content.kept(seals, directory, row.id, row.body, row.file, row.size)
        if isinstance(held, bytes):
            return Turned(row.id, row.file)  # its key was destroyed: it stays as it is
        file, key = content.write_file(directory / content.FOLDER, held.read(), sealing=seals.sealing)
        return Turned(row.id, row.file, file, key)


def left(snapshot: Snapshot) -> int:
    """How many contents lie in clear."""
    return int(snapshot.connection.execute(_LEFT).scalar_one())


def _turn(tx: Tx, ready: Sequence[Turned]) -> list[str]:
    """The files that nothing names any more."""
    return [name for each in ready if (name := _turn_one(tx, each))]


def _turn_one(tx: Tx, what: Turned) -> str:
    row = tx.first(_THIS, {"this": what.id})
    if row is None or row.file != what.old_file:
        return what.file or ""  # erased or turned by another meanwhile
    if tx.seals.sealing:
        _seal(tx, what, row)
    elif not tx.seals.erased(bytes(row.body)):
        _open(tx, what, row)
    return what.old_file or "" if what.file else ""


def _seal(tx: Tx, what: Turned, row: Any) -> None:  # noqa: ANN401 -- a row of content
    secret = what.key if what.file else bytes(row.body)
    if secret is None or (not what.file and secret.startswith(MAGIC)):
        return
    period = period_for(tx, row.id, tx.now)
    sealed_periods.require(tx, period)
    sealed = tx.seals.seal(period, content.COLUMN, row.id, secret)
    tx.change(_CHANGE, {"this": row.id, "new_body": sealed, "new_file": what.file})
    for each in tx.rows(_RENDERINGS, {"this": row.id}):
        values = {name: bytes(getattr(each, name)) for name in rendering.SEALED}
        closed = rendering.sealed(tx, period, {**values, "id": each.id})
        tx.change(_CHANGE_RENDERING, {"this": each.id, **{f"new_{name}": closed[name] for name in rendering.SEALED}})


def _open(tx: Tx, what: Turned, row: Any) -> None:  # noqa: ANN401 -- a row of content
    body = None if what.file else tx.seals.open(content.COLUMN, row.id, bytes(row.body))
    tx.change(_CHANGE, {"this": row.id, "new_body": body, "new_file": what.file})
    for each in tx.rows(_RENDERINGS, {"this": row.id}):
        clear = {
            f"new_{name}": tx.seals.open(f"rendering.{name}", each.id, bytes(getattr(each, name)))
            for name in rendering.SEALED
        }
        tx.change(_CHANGE_RENDERING, {"this": each.id, **clear})
    sealed_periods.empty(tx, period_of(bytes(row.body)), month(tx.now))


def _forget_if_open(tx: Tx) -> None:
    if tx.first(_TO_OPEN, {"after": 0}) is None:
        sealed_periods.forget_all(tx)


def _remove(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)
