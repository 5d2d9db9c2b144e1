"""Which periods the store knows: a key that it knows and nobody has is lost, and no other is made in its place."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, delete, insert, literal_column, select, update

from groupware import tables
from groupware.sealing.keys import KeyAway, KeyFolder, KeyState, proof_of
from groupware.sealing.seals import UNDATED
from groupware.secrecy_tables import secrecy_period
from groupware.store.dialect import is_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groupware.store import Snapshot, Tx

_period = secrecy_period.c
_ALL = select(_period.name, _period.proof).order_by(_period.name)
_KNOWN = select(_period.proof).where(_period.name == bindparam("period"))
_ANY = tuple(
    select(of.id).where(is_sealed(value)).limit(1)
    for of, value in ((tables.content.c, tables.content.c.body), (tables.rendering.c, tables.rendering.c.head))
)
_KEEP = insert(secrecy_period)
_UNNEEDED = select(_period.name).where(_period.emptied == literal_column("0")).limit(1)
_FORGET = delete(secrecy_period).where(_period.emptied == 0)
_EMPTIED = select(_period.name, _period.emptied).where(_period.emptied > 0)
_EMPTY = update(secrecy_period).where(_period.name == bindparam("period")).values(emptied=bindparam("since"))
_NOT_AFTER = (
    update(secrecy_period)
    .where(_period.emptied > bindparam("now", type_=BigInteger))
    .values(emptied=bindparam("now", type_=BigInteger))
)
_WAIT_FROM = _EMPTY.where(_period.emptied == bindparam("before", type_=BigInteger))


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


def any_sealed(snapshot: Snapshot) -> bool:
    """Whether anything is."""
    return any(snapshot.first(each, {}) is not None for each in _ANY)


def any_unneeded(snapshot: Snapshot) -> bool:
    """Whether forget_all would forget any."""
    return snapshot.first(_UNNEEDED, {}) is not None


def emptied(snapshot: Snapshot) -> dict[str, int]:
    """Periods out of which something was sealed anew, and when last: no whole backup has it where it lies now."""
    return {row.name: row.emptied for row in snapshot.rows(_EMPTIED, {})}


def empty(tx: Tx, period: str, now: str) -> None:
    """Something that lay under this period's key lies under another's now, or under none, in the month that is `now`.

    A period that is still to come has its key for longer than a backup is waited for.
    """
    if UNDATED < period <= now:
        tx.change(_EMPTY, {"period": period, "since": tx.now})


def not_after(tx: Tx, now: int) -> None:
    """What a clock that was ahead has noted waits from now on."""
    tx.change(_NOT_AFTER, {"now": now})


def end(tx: Tx, period: str) -> None:
    """Nothing is waited for any more: its key goes."""
    tx.change(_EMPTY, {"period": period, "since": 0})


def wait_from(tx: Tx, known: Mapping[str, int], since: int) -> None:
    """These wait from `since`, unless something was sealed anew meanwhile."""
    for period, before in known.items():
        tx.change(_WAIT_FROM, {"period": period, "before": before, "since": since})


def forget_all(tx: Tx) -> None:
    """Nothing is sealed any more. A key that waits for a backup does yet."""
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
