"""After a restore, before any door opens: what was erased since the backup is erased again, and who was put out is out.

Rights are else those of the backup's moment: what was given and taken since by roles and rooms is listed, not done.
Who was off-boarded is suspended, which holds until an administrator off-boards them again, or lets them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import tables as directory
from groupware.acts import Act, Happening
from groupware.administering import suspend_body, suspend_official
from groupware.backup import since
from groupware.backup.since import What
from groupware.retention.removing import EVENT, MEDIA
from groupware.retention.worker import Worker
from groupware.retention_tables import erasure_errand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.backup.manifest import Manifest
    from groupware.backup.since import Line
    from groupware.store import Snapshot, Store, Tx

_official, _body, _errand = directory.official.c, directory.body.c, erasure_errand.c
_OFFICIAL = select(_official.id).where(_official.login == bindparam("name"), ~_official.suspended)
_BODY = select(_body.id).where(_body.code == bindparam("name"), ~_body.suspended)
_UNDONE = select(_errand.kind, _errand.name).where(_errand.done == 0, _errand.kind.in_([EVENT, MEDIA]))


@dataclass(frozen=True, slots=True)
class Done:
    """What was done again, and what the homeserver's copy must not have: events, and media by their names."""

    erased: int
    suspended: tuple[Line, ...]
    bodies: tuple[str, ...]
    roles: tuple[str, ...]
    events: tuple[str, ...]
    media: tuple[str, ...]


async def again(store: Store, backup: Manifest, lines: Sequence[Line]) -> Done:
    """Do it by what was written down; `backup` was restored, which goes on record."""
    news = since.after(lines, backup.moment)
    erased = await Worker(store, "restore").again([line.name for line in news if line.what is What.ERASED])
    suspended, bodies = await store.run(lambda tx: _shut_out(tx, news))
    roles = tuple(line.name for line in news if line.what is What.ROLE_ENDED)
    named = await store.read(_to_forget)
    done = Done(erased, suspended, bodies, roles, named[EVENT], named[MEDIA])
    await store.run(lambda tx: _on_record(tx, backup, done))
    return done


def _shut_out(tx: Tx, news: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    people, bodies = [], []
    for line in news:
        if line.what in {What.LEFT, What.SUSPENDED} and (row := tx.first(_OFFICIAL, {"name": line.name})):
            suspend_official(tx, row.id)
            people.append(line)
        if line.what is What.BODY_SUSPENDED and (row := tx.first(_BODY, {"name": line.name})):
            suspend_body(tx, row.id)
            bodies.append(line.name)
    return tuple(people), tuple(bodies)


def _to_forget(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    rows = snapshot.connection.execute(_UNDONE).all()
    return {kind: tuple(row.name for row in rows if row.kind == kind) for kind in (EVENT, MEDIA)}


def _on_record(tx: Tx, backup: Manifest, done: Done) -> None:
    """The operator's act."""
    counts = {"erased-again": done.erased, "suspended": len(done.suspended) + len(done.bodies)}
    detail = {**backup.facts(), **counts}
    tx.acts.append(Act(Happening.CHANGED, 0, "", "restore", "backup", backup.identity, (), detail))
