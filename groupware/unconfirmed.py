"""A post that seems to hold personal data where it is barred waits for its author, and nobody else sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, update

from groupware import clock
from groupware.personal_data_tables import personal_data_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Tx

LAPSES_AFTER = 7 * 24 * 3600 * clock.MICROSECONDS
"""What nobody says a word about in this time ends: it isn't published, and its author is told."""
_HOLD = insert(personal_data_hold)
_SAY = (
    update(personal_data_hold)
    .where(personal_data_hold.c.post == bindparam("this"), personal_data_hold.c.word == "")
    .values(word=bindparam("what"), said=bindparam("at_"), by=bindparam("who"), reason=bindparam("why"))
)


def hold(tx: Tx, post: int, kinds: Sequence[str]) -> None:
    """From now on the post waits; the kinds are kept, never what was found."""
    row = {"post": post, "kinds": " ".join(kinds), "at": tx.now, "until": tx.now + LAPSES_AFTER}
    tx.connection.execute(_HOLD, row)


def say(tx: Tx, post: int, word: str, by: int, reason: str) -> None:
    """What became of it, on record; of a post that doesn't wait nothing is kept."""
    tx.connection.execute(_SAY, {"this": post, "what": word, "at_": tx.now, "who": by, "why": reason})
