"""Which body's entries somebody keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot


def kept(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> int:
    """Their own, or 0 for who keeps none."""
    own = officials.get(snapshot.connection, caller.official).body
    return own if monitor.decide(snapshot, caller, Action.ADMINISTER, Kind.BODY, own).allowed else 0
