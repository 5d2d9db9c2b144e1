"""The ledger of an item: who was sent it, through which door, and who opened it. Each line goes on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.acts import DRAFT, Act, Happening
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.caller import Caller
    from groupware.store import Snapshot, Tx
    from policies.vocabulary import Door

TOLD_FROM = Marking.AMBER
"""Openings are on record from this marking on; below it, whoever may read may do so unwatched."""
RELAY = "relay"
"""The door by which mail leaves the network."""


def opened(snapshot: Snapshot, caller: Caller, kind: Kind, number: int, marking: int, state: str = "") -> None:
    """Somebody gets the contents; they have them only once this is on record. Of a draft it always is."""
    detail = {DRAFT: 1} if state == DRAFT else {}
    if detail or marking >= TOLD_FROM:
        act = Act(Happening.READ, caller.official, caller.door, Action.READ, kind, number, detail=detail)
        snapshot.acts.append(act)


def delivered(tx: Tx, officials: Iterable[int], door: Door, kind: Kind, number: int) -> None:
    """It was put where each of them gets it at this door."""
    tx.acts.extend([Act(Happening.DELIVERED, each, door, Action.LIST, kind, number) for each in officials])


def sent_out(tx: Tx, domain: str, outbound: int) -> None:
    """A partner's server has taken what is queued for it under this number."""
    detail = {"outbound": outbound}
    tx.acts.append(Act(Happening.DELIVERED, 0, RELAY, Action.RELAY, Kind.PARTNER, domain, detail=detail))
