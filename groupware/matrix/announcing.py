"""Announcements in a Matrix room, in ICONet's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.matrix import outbox
from groupware.matrix.outbox import What

if TYPE_CHECKING:
    from groupware.store import Tx


def announce(tx: Tx, room: int, text: str) -> None:
    """Have it said in the room, once, if the transaction that asks for it becomes durable.

    `room` is the room's id, `text` plain; everybody in the room reads it, so nothing that some may not know.
    """
    outbox.queue(tx, What.NOTICE, room, text=text)
