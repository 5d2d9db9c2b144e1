"""Who gains by an act doesn't do it alone: nobody makes themselves the one who speaks for their body, now or later."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from directory import succession
from groupware.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx


@contextmanager
def nobody_succeeds_alone(tx: Tx, body: int, by: int, *, but_peers: bool = False) -> Iterator[None]:
    """Raise Refused(own-succession) if `by` comes to speak for the body by what is done here.

    At once, or on a day to come: a last day set for somebody else makes an heir as their suspension does. `but_peers`:
    not while they are contact point anyway, by four eyes, beside the one who goes.
    """
    before = succession.of_body(tx.connection, body, tx.now)
    yield
    after = succession.of_body(tx.connection, body, tx.now)
    gained = [moment for moment, who in succession.gains(before, after, tx.now) if who == by]
    if by and not all(but_peers and before.is_contact_point(by, moment) for moment in gained):
        raise own_succession()


def own_succession() -> Refused:
    """What is told to who would."""
    return Refused("own-succession", "you would speak for your body by your own act: have somebody else do it")
