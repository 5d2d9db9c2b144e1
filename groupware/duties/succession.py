"""Who gains by an act doesn't do it alone: nobody makes themselves the one who speaks for their body."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from groupware.duties import places
from groupware.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx


@contextmanager
def nobody_succeeds_alone(tx: Tx, body: int, by: int) -> Iterator[None]:
    """Raise Refused(own-succession) if `by` speaks for the body after what is done here, and didn't before."""
    before = places.speaker(tx, body)
    yield
    if by and by != before and by == places.speaker(tx, body):
        raise own_succession()


def own_succession() -> Refused:
    """What is told to who would."""
    return Refused("own-succession", "you would speak for your body by your own act: have somebody else do it")
