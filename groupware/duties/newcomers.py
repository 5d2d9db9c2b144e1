"""Who has never signed in, and is given something: their link is from then on the word of two persons.

Otherwise whoever made it before could come in as them, and hold what others meant for somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import invitations, newcomers, stakes
from directory.invitations import Purpose

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx


def end_link(tx: Tx, official: int) -> None:
    """End the open link that one keeper alone made for a newcomer; the operator's, and one of two persons, stay."""
    link = invitations.open_of(tx.connection, official, tx.now)
    if link is not None and link.purpose is Purpose.JOIN and link.created_by:
        invitations.end_all(tx.connection, official, tx.now)


def needs_two(snapshot: Snapshot, official: int) -> bool:
    """Whether a link for them takes two persons: they have been here, or hold or are offered anything."""
    if not newcomers.is_newcomer(snapshot.connection, official):
        return True
    return stakes.has_any(snapshot.connection, official, snapshot.now)
