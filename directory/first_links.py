"""The link of who has never signed in: one keeper's word makes it, as long as they hold and are offered nothing.

From then on it is the word of two persons: otherwise whoever made it before could come in as them, and hold what others
meant for somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import invitations, newcomers, stakes
from directory.invitations import Purpose

if TYPE_CHECKING:
    from sqlalchemy import Connection


def end(connection: Connection, official: int, now: int) -> None:
    """End the open one that a keeper alone made; the operator's, and one of two persons, stay."""
    link = invitations.open_of(connection, official, now)
    if link is not None and link.purpose is Purpose.JOIN and link.created_by:
        invitations.end_all(connection, official, now)


def takes_two(connection: Connection, official: int, now: int) -> bool:
    """Whether a link for them takes two persons: they have been here, or hold or are offered anything."""
    return not newcomers.is_newcomer(connection, official) or stakes.has_any(connection, official, now)
