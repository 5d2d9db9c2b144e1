"""Who keeps the entries of a body: its directory admins, contact points and their deputies, as far as in office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import watchers
from directory.tables import official

if TYPE_CHECKING:
    from groupware.store import Snapshot

_NAME = select(official.c.name).where(official.c.id == bindparam("official"))


def of(snapshot: Snapshot, body: int) -> list[int]:
    """Their ids."""
    return watchers.of(snapshot.connection, body, snapshot.now, watchers.KEEPERS)


def name_of(snapshot: Snapshot, official_id: int) -> str:
    """What somebody is called; 0 is the operator."""
    return str(snapshot.connection.execute(_NAME, {"official": official_id}).scalar() or "The operator")
