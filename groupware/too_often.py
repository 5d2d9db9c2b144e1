"""How often one may ask for what another person has to confirm: a break-glass, a looser marking.

Each ask is read by others, who are to have time for it: to take asks back and ask again tires them out as well.
"""

from __future__ import annotations

from groupware import clock
from groupware.errors import Conflict

DAY = 24 * 3600 * clock.MICROSECONDS
MOST_OPEN = 10
"""Asks of one official that wait."""
MOST_A_DAY = 20
"""Asks of one body in 24 hours, whatever became of them."""


def require_few(waiting: int, today: int) -> None:
    """Leave for one more, where so many of the official's wait and the body has asked so often in the last DAY.

    Raises Conflict(too-many-open), Conflict(too-many-today).
    """
    if waiting >= MOST_OPEN:
        raise Conflict("too-many-open", f"{MOST_OPEN} of your asks wait already: end one first")
    if today >= MOST_A_DAY:
        said = f"your state or institution has asked {MOST_A_DAY} times within 24 hours, which is all that it can"
        raise Conflict("too-many-today", said)
