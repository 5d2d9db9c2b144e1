"""Networks that somebody signed in from, so that an attempt from there is no stranger's.

A row holds a keyed hash of network and official: the table tells nobody where people are. The last few count, for
three months after the last sign-in.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, or_, select, update

from directory.credential_tables import known_site

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST = 8
_DAY = 24 * 60 * 60 * 1_000_000
LASTS = 90 * _DAY
_row = known_site.c
_kept = known_site.alias("kept").c
_one = and_(_row.official == bindparam("of"), _row.digest == bindparam("wanted"))
_FIND = select(_row.seen).where(_one, _row.seen > bindparam("since"))
_TOUCH = update(known_site).where(_one).values(seen=bindparam("at"))
_ADD = known_site.insert()
_OLD = delete(known_site).where(
    _row.official == bindparam("of"),
    or_(
        _row.seen <= bindparam("since"),
        _row.digest.not_in(
            select(_kept.digest).where(_kept.official == bindparam("of")).order_by(_kept.seen.desc()).limit(MOST)
        ),
    ),
)
_FORGET = delete(known_site).where(_row.official == bindparam("of"))


def knows(connection: Connection, key: bytes, official: int, site: str, now: int) -> bool:
    """Whether the official signed in from this site (login_failures.site) lately."""
    return _seen(connection, _digest(key, official, site), official, now) is not None


def remember(connection: Connection, key: bytes, official: int, site: str, now: int) -> None:
    """They have signed in from there; written down once a day, and the last `MOST` are kept."""
    digest = _digest(key, official, site)
    seen = _seen(connection, digest, official, now)
    if not site or (seen is not None and now - seen < _DAY):
        return
    if not connection.execute(_TOUCH, {"of": official, "wanted": digest, "at": now}).rowcount:
        connection.execute(_ADD, {"official": official, "digest": digest, "seen": now})
    connection.execute(_OLD, {"of": official, "since": now - LASTS})


def forget(connection: Connection, official: int) -> None:
    """All of an official's."""
    connection.execute(_FORGET, {"of": official})


def _seen(connection: Connection, digest: bytes, official: int, now: int) -> int | None:
    return connection.execute(_FIND, {"of": official, "wanted": digest, "since": now - LASTS}).scalar()


def _digest(key: bytes, official: int, site: str) -> bytes:
    return blake2b(f"{official} {site}".encode(), key=key, digest_size=16, person=b"known site").digest()
