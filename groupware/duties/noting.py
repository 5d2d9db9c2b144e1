"""What stands in an entry's history of duties: that somebody left or came back, and that duties went over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import histories, officials
from directory.histories import Change

if TYPE_CHECKING:
    from groupware.store import Tx

LEFT, BACK = "off-boarded", "taken back"
GAVE, TOOK = "duties handed over", "duties taken over"
GIVEN, ENDED = "role given", "role ended"


def note(tx: Tx, official: int, by: int, what: str) -> None:
    """Write it down, of the version that the entry has."""
    version = officials.get(tx.connection, official).version
    histories.record(tx.connection, [Change(histories.OFFICIAL, official, version, by, tx.now, what)])
