"""A word is taken back: by an owner, whose consent ends, or by who asked.

A package that hasn't left is stopped. What has left can't be fetched back: its recipient is told to use it no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from groupware import outbound
from groupware.errors import Conflict, NotFound
from groupware.events import EventKind
from groupware.release_tables import consent, package
from groupware.releases import rows
from groupware.releases.rows import Ending
from groupware.releases.words import State, a_note, a_text
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.releases.rows import Consent, Release
    from groupware.store import Tx

TAKEN_BACK = "consent was withdrawn"
_c = consent.c
_END = (
    update(consent)
    .where(_c.id == bindparam("this"), _c.state == "given")
    .values(
        state="withdrawn",
        decided=bindparam("at"),
        decided_by=bindparam("by"),
        door=bindparam("through"),
        note=bindparam("said"),
    )
)
_OUTBOUND = select(package.c.outbound).where(package.c.release == bindparam("of"))


def withdraw(tx: Tx, monitor: Monitor, caller: Caller, number: int, reason: str) -> State:
    """Take back one's own word; what the release is by that. Packed stays packed when the package has left.

    Raises NotFound, the same for forbidden and absent; Conflict(already-decided) where there is nothing to take back;
    Refused(unfit) without a reason of an owner's.
    """
    found = [each for each in rows.consents(tx, number) if _may(tx, monitor, caller, Action.READ, each)]
    if not found:
        raise NotFound(f"release {number}")
    mine = [each for each in found if _may(tx, monitor, caller, Action.WITHDRAW, each)]
    known = rows.get(tx, number)
    if not mine or known.state not in (State.ASKED, State.AGREED, State.PACKED):
        raise Conflict("already-decided", "there is nothing to take back any more")
    if known.asker == caller.official:
        return _by_asker(tx, known, a_note(reason, "the reason"))
    text = a_text(reason, "the reason")
    for each in mine:
        monitor.require(tx, caller, Action.WITHDRAW, Kind.CONSENT, each.id).use(tx, Action.WITHDRAW, each.id)
        _take_back(tx, caller, each, text)
    return _end(tx, known, text)


def _may(tx: Tx, monitor: Monitor, caller: Caller, action: Action, known: Consent) -> bool:
    return monitor.decide(tx, caller, action, Kind.CONSENT, known.id).allowed


def _by_asker(tx: Tx, known: Release, reason: str) -> State:
    """Who asked doesn't want it any more: nothing of an owner's is undone by that once it has left."""
    if known.state is State.PACKED and not stopped(tx, known.id, "the asker took the ask back"):
        raise Conflict("already-decided", "the package has left already")
    rows.end(tx, known, Ending(State.WITHDRAWN, reason))
    return State.WITHDRAWN


def _take_back(tx: Tx, caller: Caller, known: Consent, reason: str) -> None:
    values = {
        "this": known.id,
        "at": tx.now,
        "by": caller.official,
        "through": caller.door,
        "said": reason,
    }
    if tx.connection.execute(_END, values).rowcount != 1:
        raise Conflict("already-decided", "this has been decided already")
    tx.record(EventKind.CONSENT_DECIDED, known.id)


def _end(tx: Tx, known: Release, reason: str) -> State:
    if known.state is State.PACKED and not stopped(tx, known.id, TAKEN_BACK):
        tx.record(EventKind.RELEASE_RECALLED, known.id)
        return State.PACKED
    rows.end(tx, known, Ending(State.WITHDRAWN, reason))
    return State.WITHDRAWN


def stopped(tx: Tx, number: int, why: str) -> bool:
    """Whether the package of a release was kept from leaving: it isn't sent yet, nor this very moment."""
    queued = tx.connection.execute(_OUTBOUND, {"of": number}).scalar()
    return queued is not None and outbound.stop(tx, int(queued), why)
