"""Kinds of duties as reports and notices name them, and the record of how many of them went to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import duty_moves
from groupware.events import EventKind

if TYPE_CHECKING:
    from directory.duty_moves import Move
    from groupware.store import Tx

ROLES = "roles"
PLACES = "places in contact points"
BOOKINGS = "bookings to come"
HELD = "posts that await moderation"
CONSENTS = "releases that await a word"
ACKNOWLEDGEMENTS = "posts that await acknowledgement"
CONTACT_POINT = "the body's contact point"


@dataclass(frozen=True, slots=True)
class Followed:
    """So many duties of a kind went to the official with this login; an empty one: nobody can take them."""

    what: str
    count: int
    to: str


def write_down(tx: Tx, move: Move) -> None:
    """Keep it on record, and tell of it."""
    tx.record(EventKind.DUTIES_MOVED, duty_moves.add(tx.connection, move))
