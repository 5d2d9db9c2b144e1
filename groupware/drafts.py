"""A draft waits for the word of a colleague who may post, and nobody else but its author sees it.

RFC 7912 calls it draft and release; what is released, in this house, goes to third parties, so here it is authorised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from directory import officials
from groupware import clock, enclosures, tables
from groupware.draft_tables import draft
from groupware.errors import Conflict, Refused
from groupware.message import dates
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

DECIDED_WITHIN = 7 * 24 * 3600 * clock.MICROSECONDS
"""What no colleague decides in this time lapses: it isn't sent, and its author is told."""
LONGEST_REASON = 1_000
AUTHORISED = "authorised"
MOST_WAITING = 100
"""Drafts of one sender: each is mailed to all of their colleagues, and stands before them until it is decided."""
_d = draft.c
_HOLD = insert(draft)
_sender = select(tables.post.c.sender).where(tables.post.c.id == bindparam("this")).scalar_subquery()
_OWN = (
    select(func.count())
    .select_from(draft)
    .join(tables.post, tables.post.c.id == _d.post)
    .where(_d.word == "", tables.post.c.sender == _sender)
)
_SAY = (
    update(draft)
    .where(_d.post == bindparam("this"), _d.word == "")
    .values(
        word=bindparam("what"),
        said=bindparam("at_"),
        by=bindparam("who"),
        door=bindparam("way"),
        reason=bindparam("why"),
    )
)


def hold(tx: Tx, monitor: Monitor, post: int, kinds: Sequence[str]) -> None:
    """From now on it waits.

    Raises Refused(nobody-may-authorise) where it would wait for ever, Refused(too-many-drafts) behind MOST_WAITING.
    """
    if tx.connection.execute(_OWN, {"this": post}).scalar_one() >= MOST_WAITING:
        raise Refused("too-many-drafts", f"{MOST_WAITING} of your drafts wait already: withdraw one first")
    row = {"post": post, "kinds": " ".join(kinds), "at": tx.now, "until": tx.now + DECIDED_WITHIN}
    tx.connection.execute(_HOLD, row)
    if not monitor.audience(tx, Action.AUTHORISE, Kind.POST, post, strong=True):
        raise Refused("nobody-may-authorise", "no colleague may authorise this message")


def already(snapshot: Snapshot, word: str, by: int, said: int) -> Conflict:
    """That it is decided, by whom and when, in words for those who could have decided it or whose it is."""
    who = f" by {officials.get(snapshot.connection, by).name}" if by else ""
    return Conflict("already-decided", f"already {word}{who}, at {dates.write(said)}")


def say(tx: Tx, post: int, word: str, by: int = 0, door: str = "", reason: str = "") -> None:
    """What became of it, on record; unless it goes on, no mail of ours has it any more.

    Raises Conflict(already-decided) where something has already.
    """
    values = {"this": post, "what": word, "at_": tx.now, "who": by, "way": door, "why": reason}
    if tx.connection.execute(_SAY, values).rowcount != 1:
        raise Conflict("already-decided", "somebody has decided this already")
    if word != AUTHORISED:
        enclosures.remove(tx, post)
