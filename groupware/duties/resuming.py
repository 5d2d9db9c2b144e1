"""Somebody who left comes back: a new designation, with nothing of what they had.

Their grants, app passwords, password and sessions ended; they get in by a new invitation, as anybody new does. That
they take part is confirmed by it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import officials
from directory.tables import FOREVER
from groupware.duties import noting
from groupware.duties.words import told
from groupware.errors import Conflict
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx


def resume(tx: Tx, monitor: Monitor, caller: Caller, official: int) -> None:
    """Put them in office again, from now on. Raises Forbidden or NotFound, Conflict(not-departed)."""
    monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, official)
    put_back(tx, official, caller.official)


def put_back(tx: Tx, official: int, by: int = 0) -> None:
    """The same at the operator's word. Raises NotFound, Conflict(not-departed)."""
    with told():
        known = officials.get(tx.connection, official)
        if not known.departed:
            raise Conflict("not-departed", "this official has not left")
        until = known.valid_until if known.valid_until > tx.now else FOREVER
        back = replace(
            known, suspended=False, departed=0, valid_from=tx.now, valid_until=until, reviewed=tx.now, reviewed_by=by
        )
        officials.change(tx.connection, back)
    noting.note(tx, official, by, noting.BACK)
    tx.record(EventKind.RIGHTS_CHANGED, official)
