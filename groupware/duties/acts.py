"""Which acts about duties are the caller's to do at all: pages offer these, and the use cases ask again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from directory import tables as directory
from groupware import tables
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_TABLES = {
    Kind.OFFICIAL: directory.official,
    Kind.BODY: directory.body,
    Kind.AREA: directory.area,
    Kind.ROOM: tables.room,
}
_FIRST = {kind: select(table.c.id).limit(1) for kind, table in _TABLES.items()}
_GIVES = (
    (Action.ADMINISTER, Kind.OFFICIAL),
    (Action.DESIGNATE, Kind.OFFICIAL),
    (Action.MANAGE, Kind.ROOM),
    (Action.MANAGE, Kind.AREA),
)


@dataclass(frozen=True, slots=True)
class Acts:
    """Give somebody a role, offer another's duties, appoint a first contact point, off-board somebody."""

    gives: bool
    offers: bool
    appoints: bool
    off_boards: bool


def acts(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Acts:
    """What the caller may do to anybody, once they have proved who they are: each form asks for that."""
    proved = replace(caller, strong=True)
    return Acts(
        gives=any(_may(snapshot, monitor, proved, *each) for each in _GIVES),
        offers=_may(snapshot, monitor, proved, Action.DESIGNATE, Kind.OFFICIAL),
        appoints=_may(snapshot, monitor, proved, Action.GOVERN, Kind.BODY),
        off_boards=_may(snapshot, monitor, proved, Action.ADMINISTER, Kind.OFFICIAL),
    )


def _may(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, kind: Kind) -> bool:
    """Whether there is anything of this kind that the caller may do it to."""
    view = monitor.view(snapshot, caller, action, kind)
    return snapshot.connection.execute(_FIRST[kind].where(view.clause), view.parameters).first() is not None
