"""What ends by itself: an ask that nobody confirms, what has had its time, and what an officer no longer vouches for.

The policies refuse all three in the second in which they become true. Here it goes on record, and those who were told
of it are told that it is over. Who is suspended, or leaves, ends it in that transaction: let in again, they vouch for
nothing that they vouched for before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, or_, select

from directory import officials, rights
from directory.tables import official
from groupware import clock
from groupware.caller import Caller
from groupware.glass.asking import close
from groupware.glass.rows import GLASSES, State, Why, of_row
from groupware.glass_tables import glass
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.glass.rows import Glass
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

EVERY = 10 * clock.MICROSECONDS
"""How often officers are looked at while no right changes: their roles and service have last days."""
OF_ASKER, OF_CONFIRMER = "glass-asker-is-no-officer", "glass-confirmer-is-no-officer"
"""The rules that end it."""
_g = glass.c
_RUNS = _g.state.in_([State.ASKED, State.BROKEN])
_RUNNING = GLASSES.where(_RUNS).order_by(_g.id)
_OF = GLASSES.where(
    _RUNS, or_(_g.asker == bindparam("of"), (_g.confirmer == bindparam("of")) & (_g.state == State.BROKEN))
).order_by(_g.id)
_VOUCHING = select(official.c.id).where(
    official.c.body == bindparam("body"),
    exists().where(_RUNS, or_(_g.asker == official.c.id, _g.confirmer == official.c.id)),
)


@dataclass(frozen=True, slots=True)
class Looked:
    """The rights and the time when officers were looked at last."""

    version: int = -1
    at: int = 0

    def is_enough(self, now: Looked) -> bool:
        """Whether nothing has changed but that a role may have run out, not long ago; time may have been set back."""
        return self.version == now.version and 0 <= now.at - self.at < EVERY


def is_due(snapshot: Snapshot, monitor: Monitor, last: Looked) -> tuple[bool, Looked]:
    """Whether something ends now; and what was looked at for it."""
    running = [of_row(row) for row in snapshot.connection.execute(_RUNNING)]
    now = Looked(rights.version(snapshot.connection), snapshot.now)
    if any(known.valid_until <= snapshot.now for known in running):
        return True, last
    if last.is_enough(now):
        return False, last
    return any(_lost(snapshot, monitor, known) for known in running), now


def tend(tx: Tx, monitor: Monitor) -> int:
    """End what is due; how much that was."""
    due = list(_due(tx, monitor, [of_row(row) for row in tx.connection.execute(_RUNNING)]))
    for known, state, why in due:
        close(tx, known, state, why=why)
    return len(due)


def _due(tx: Tx, monitor: Monitor, running: list[Glass]) -> Iterator[tuple[Glass, State, Why]]:
    for known in running:
        if known.valid_until <= tx.now:
            yield known, State.OVER if known.state is State.BROKEN else State.LAPSED, Why.NEITHER
        elif why := _lost(tx, monitor, known):
            yield known, State.ENDED, why


def _lost(snapshot: Snapshot, monitor: Monitor, known: Glass) -> Why:
    """Which officer the policies no longer have it open for."""
    who = officials.get(snapshot.connection, known.asker)
    asker = Caller(who.id, who.login, who.address, who.name, Door.PORTAL, strong=True)
    rules = monitor.decide(snapshot, asker, Action.BREAK_GLASS, Kind.GLASS, known.id).rules
    if OF_ASKER in rules:
        return Why.ASKER
    return Why.CONFIRMER if known.state is State.BROKEN and OF_CONFIRMER in rules else Why.NEITHER


def end_of(tx: Tx, officer: int) -> int:
    """Somebody leaves or is shut out: what they asked for ends, and what they confirmed; how much that was."""
    found = [of_row(row) for row in tx.connection.execute(_OF, {"of": officer})]
    for known in found:
        close(tx, known, State.ENDED, why=Why.ASKER if known.asker == officer else Why.CONFIRMER)
    return len(found)


def end_of_body(tx: Tx, body: int) -> None:
    """The same for all officers of a body."""
    for officer in tx.connection.scalars(_VOUCHING, {"body": body}).all():
        end_of(tx, officer)
