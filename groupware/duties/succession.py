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
def nobody_succeeds_alone(tx: Tx, body: int, by: int) -> Iterator[None]:
    """Raise Refused(own-succession) if `by` comes to speak for the body by what is done here.

    At once, or on a day to come: a last day set for somebody else makes an heir as their suspension does.
    """
    before = succession.of_body(tx.connection, body, tx.now)
    yield
    after = succession.of_body(tx.connection, body, tx.now)
    if by and any(who == by for _, who in succession.gains(before, after, tx.now)):
        raise own_succession()


def own_succession() -> Refused:
    """What is told to who would."""
    return Refused("own-succession", "you would speak for your body by your own act: have somebody else do it")
