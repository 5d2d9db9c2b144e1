"""Which periods the store knows: a key that it knows and nobody has is lost, and no other is made in its place."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from groupware.sealing.keys import KeyAway, KeyFolder, KeyState, proof_of
from groupware.secrecy_tables import secrecy_period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groupware.store import Snapshot, Tx

_period = secrecy_period.c
_ALL = select(_period.name, _period.proof).order_by(_period.name)
_KNOWN = select(_period.proof).where(_period.name == bindparam("period"))
_KEEP = insert(secrecy_period)
_FORGET = delete(secrecy_period)
_EMPTIED = select(_period.name, _period.emptied).where(_period.emptied > 0)
_EMPTY = update(secrecy_period).where(_period.name == bindparam("period")).values(emptied=bindparam("since"))
_COVER = (
    update(secrecy_period)
    .where(_period.name == bindparam("period"), _period.emptied == bindparam("since", type_=BigInteger))
    .values(emptied=0)
)


def require(tx: Tx, period: str) -> None:
    """See to it that the period has its key, a new one if nothing was ever sealed in it. Raises KeyAway."""
    known = tx.first(_KNOWN, {"period": period})
    if known is None:
        tx.insert_all(_KEEP, [{"name": period, "proof": proof_of(tx.seals.make(period)), "at": tx.now}])
    else:
        tx.seals.prove(period, bytes(known.proof))


def faults(snapshot: Snapshot, folder: KeyFolder) -> Iterator[str]:
    """A sentence for each known period whose key isn't there, or is another."""
    for name, state in states(snapshot, folder):
        if state in {KeyState.LOST, KeyState.WRONG}:
            yield f"the key of period {name} is {state} in {folder.path}: what lies under it can't be read"


def states(snapshot: Snapshot, folder: KeyFolder) -> list[tuple[str, KeyState]]:
    """Each known period and what has become of its key."""
    return [(row.name, _state(folder, row.name, bytes(row.proof))) for row in snapshot.rows(_ALL, {})]


def any_known(snapshot: Snapshot) -> bool:
    """Whether anything was ever sealed."""
    return snapshot.first(_ALL, {}) is not None


def emptied(snapshot: Snapshot) -> dict[str, int]:
    """Periods out of which something was sealed anew, and when last: no whole backup has it where it lies now."""
    return {row.name: row.emptied for row in snapshot.rows(_EMPTIED, {})}


def empty(tx: Tx, period: str) -> None:
    """Something that lay under this period's key lies under another's now."""
    tx.change(_EMPTY, {"period": period, "since": tx.now})


def covered(tx: Tx, known: Mapping[str, int]) -> None:
    """A backup is whole that was begun when `known` was: what was sealed anew by then, and nothing later, is in it."""
    for period, since in known.items():
        tx.change(_COVER, {"period": period, "since": since})


def forget_all(tx: Tx) -> None:
    """Nothing is sealed any more."""
    tx.change(_FORGET, {})


def _state(folder: KeyFolder, name: str, known: bytes) -> KeyState:
    state = folder.state(name)
    if state is not KeyState.HELD:
        return state
    try:
        same = hmac.compare_digest(proof_of(folder.key(name)), known)
    except KeyAway:
        return KeyState.LOST
    return KeyState.HELD if same else KeyState.WRONG
