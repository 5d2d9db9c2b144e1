"""Retention classes: a word, and for how long posts of it are kept from their publication on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, func, insert, select, update

from groupware import clock
from groupware.errors import Refused
from groupware.retention_tables import retention_class, retention_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

STANDARD, UNPUBLISHED = "standard", "unpublished"
"""The class of words that nobody has defined; and of posts that were refused, withdrawn or never published."""
DAY = 24 * 3600 * clock.MICROSECONDS
LONGEST = 100 * 366 * DAY
DEFAULTS = {STANDARD: 1_826 * DAY, UNPUBLISHED: 30 * DAY}
"""Until somebody says otherwise."""
_UNITS = {"d": DAY, "h": 3600 * clock.MICROSECONDS, "m": 60 * clock.MICROSECONDS}
_LENGTH = re.compile(r"(\d{1,6})([dhm])")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_c, _d = retention_class.c, retention_date.c
_ALL = (
    select(_c.name, _c.length, func.count(_d.post).label("posts"))
    .outerjoin(retention_date, _d.kept_as == _c.name)
    .group_by(_c.name, _c.length)
    .order_by(_c.name)
)
_LENGTHS = select(_c.name, _c.length)
_ADD = insert(retention_class)
_SET = (
    update(retention_class)
    .where(_c.name == bindparam("wanted"))
    .values(length=bindparam("to", type_=BigInteger), set_at=bindparam("at"))
)
AT_ONCE = 500
"""Dates counted anew in one transaction."""
_NEXT = (
    select(_d.post)
    .where(_d.kept_as == bindparam("wanted"), _d.post > bindparam("after", type_=BigInteger))
    .order_by(_d.post)
    .limit(AT_ONCE)
)
_AGAIN = (
    update(retention_date)
    .where(_d.post.in_(bindparam("posts", expanding=True)))
    .values(due=_d.since + bindparam("to", type_=BigInteger), moved=bindparam("looked_at"))
)


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """A class, its length in microseconds, and how many posts have a date by it and are there yet."""

    name: str
    length: int
    posts: int


def classes(snapshot: Snapshot) -> Sequence[RetentionClass]:
    """All of them, by name."""
    return [RetentionClass(*row) for row in snapshot.connection.execute(_ALL)]


def lengths(snapshot: Snapshot) -> dict[str, int]:
    """For how long each class is kept."""
    return {**DEFAULTS, **{row.name: row.length for row in snapshot.connection.execute(_LENGTHS)}}


def require(snapshot: Snapshot, name: str) -> None:
    """Raise Refused(unfit-retention) unless rooms may have this class."""
    if name == UNPUBLISHED or name not in lengths(snapshot):
        raise Refused("unfit-retention", f"there is no retention class {name!a}")


def set_class(tx: Tx, name: str, length: str) -> None:
    """Say for how long a class is kept, such as `1826d`; a new one is made. Raises Refused(unfit-retention).

    Posts that have a date keep it, unless theirs are counted anew.
    """
    microseconds = of_text(length)
    if not _NAME.fullmatch(name):
        raise Refused("unfit-retention", "a retention class is a word of small letters, digits and hyphens")
    values = {"wanted": name, "to": microseconds, "at": tx.now}
    if tx.connection.execute(_SET, values).rowcount == 0:
        tx.connection.execute(_ADD, {"name": name, "length": microseconds, "set_at": tx.now})


def count_anew(tx: Tx, name: str, after: int) -> list[int]:
    """Work out the dates of the next posts of a class anew, from the same beginning; which posts those are."""
    posts = list(tx.connection.scalars(_NEXT, {"wanted": name, "after": after}))
    if posts:
        values = {"posts": posts, "to": length_of(lengths(tx), name), "looked_at": int(tx.seals.sealing)}
        tx.connection.execute(_AGAIN, values)
    return posts


def of_text(length: str) -> int:
    """`30d`, `12h` or `10m` in microseconds. Raises Refused(unfit-retention)."""
    found = _LENGTH.fullmatch(length)
    if found is None or (microseconds := int(found[1]) * _UNITS[found[2]]) > LONGEST:
        raise Refused("unfit-retention", "a length is a number of days, hours or minutes, such as 1826d, 12h or 10m")
    return microseconds


def text_of(microseconds: int) -> str:
    """The other way round."""
    unit = next((unit for unit, size in _UNITS.items() if microseconds % size == 0), "m")
    return f"{microseconds // _UNITS[unit]}{unit}"


def length_of(known: dict[str, int], name: str) -> int:
    """A class's length; the standard one's for a word that nobody has defined."""
    return known.get(name, known[STANDARD])
