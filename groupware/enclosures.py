"""Mails of ours that have a draft in them: each is known by its row, so that the draft's end reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from groupware.draft_tables import draft_mail
from groupware.retention import doomed, removing

if TYPE_CHECKING:
    from groupware.store import Tx

_KEEP = insert(draft_mail)


def keep(tx: Tx, post: int, mail: int) -> None:
    """This mail has the draft in it."""
    tx.connection.execute(_KEEP, {"mail": mail, "post": post})


def remove(tx: Tx, post: int) -> int:
    """Take them out of every mailbox, with their bytes, renderings and words; how many there were."""
    return removing.take_back(tx, doomed.enclosing(tx, post))
