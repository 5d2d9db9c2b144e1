"""Sessions of the portal: an opaque token of 256 random bits in the browser, its SHA-256 here.

What a row has of the browser (a name as "Firefox on Linux", the network as in directory.login_failures) is there for
its owner to know it again, and goes with the session, after twelve hours at the latest.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, or_, select, update

from directory import sign_ons
from directory.tables import web_session

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MINUTE = 60 * 1_000_000
IDLE = 30 * _MINUTE
ABSOLUTE = 12 * 60 * _MINUTE
TOUCH_AFTER = _MINUTE
"""A use is written down at most this often: a page view is no write, and idleness is never overrated."""


@dataclass(frozen=True, slots=True)
class Session:
    """One row; `digest` names it in lists, as the token itself is not kept."""

    digest: bytes
    official: int
    created: int
    seen: int
    expires: int
    proved: int
    means: str
    device: str
    network: str
    program: bool
    strong: bool


@dataclass(frozen=True, slots=True)
class Start:
    """How a session began: `means` as in "password+code", what its owner knows the browser by, or for a program."""

    means: str = "password"
    device: str = ""
    network: str = ""
    program: bool = False
    strong: bool = True


_UNKNOWN = Start()
_ADD = insert(web_session)
_alive = (web_session.c.seen > bindparam("idle_since"), web_session.c.expires > bindparam("at"))
_FIND = select(web_session).where(web_session.c.digest == bindparam("wanted"), *_alive)
_ALL = (
    select(web_session)
    .where(web_session.c.official == bindparam("of"), *_alive)
    .order_by(web_session.c.created, web_session.c.digest)
)
_TOUCH = update(web_session).where(web_session.c.digest == bindparam("wanted")).values(seen=bindparam("at"))
_PROVE = (
    update(web_session).where(web_session.c.digest == bindparam("wanted")).values(proved=bindparam("at"), strong=True)
)
_END = delete(web_session).where(web_session.c.digest == bindparam("wanted"), web_session.c.official == bindparam("of"))
_END_ALL = delete(web_session).where(web_session.c.official == bindparam("of"))
_END_PROGRAMS = _END_ALL.where(web_session.c.program)
_END_OTHERS = _END_ALL.where(web_session.c.digest != bindparam("but"))
_SWEEP = delete(web_session).where(
    or_(web_session.c.seen <= bindparam("idle_since"), web_session.c.expires <= bindparam("at"))
)


def begin(connection: Connection, official: int, now: int, start: Start = _UNKNOWN) -> str:
    """Begin a session and return its token; dead sessions of everybody are swept on the way."""
    connection.execute(_SWEEP, _limits(now))
    token = secrets.token_urlsafe(32)
    row = {"official": official, "created": now, "seen": now, "expires": now + ABSOLUTE, "proved": now}
    connection.execute(_ADD, {"digest": digest(token), **row, **asdict(start)})
    return token


def find(connection: Connection, token: str, now: int) -> Session | None:
    """The session of a token while it is neither idle for 30 minutes nor 12 hours old."""
    row = connection.execute(_FIND, {"wanted": digest(token), **_limits(now)}).mappings().first()
    return None if row is None else Session(**row)


def touch(connection: Connection, session: Session, now: int) -> None:
    """Write down that a session was used."""
    connection.execute(_TOUCH, {"wanted": session.digest, "at": now})


def prove(connection: Connection, digest: bytes, now: int) -> None:
    """Write down that whoever uses a session has just shown again who they are, here and not elsewhere."""
    connection.execute(_PROVE, {"wanted": digest, "at": now})


def of(connection: Connection, official: int, now: int) -> list[Session]:
    """The live sessions of an official, oldest first."""
    rows = connection.execute(_ALL, {"of": official, **_limits(now)}).mappings()
    return [Session(**row) for row in rows]


def revoke(connection: Connection, official: int, digest: bytes) -> bool:
    """End one session of an official, and what was signed on to from it; False if there is no such one."""
    ended = connection.execute(_END, {"of": official, "wanted": digest}).rowcount == 1
    if ended:
        sign_ons.end_of_session(connection, digest)
    return ended


def revoke_all(connection: Connection, official: int) -> int:
    """End all sessions of an official, and all that was signed on to; return how many sessions that were."""
    sign_ons.end_of_official(connection, official)
    return connection.execute(_END_ALL, {"of": official}).rowcount


def revoke_programs(connection: Connection, official: int) -> int:
    """End the sessions that an official made for programs; return how many that were."""
    return connection.execute(_END_PROGRAMS, {"of": official}).rowcount


def revoke_others(connection: Connection, official: int, own: bytes) -> int:
    """End all sessions of an official but one, and what was signed on to from them; return how many sessions."""
    sign_ons.end_of_others(connection, official, own)
    return connection.execute(_END_OTHERS, {"of": official, "but": own}).rowcount


def _limits(now: int) -> dict[str, int]:
    return {"idle_since": now - IDLE, "at": now}


def digest(token: str) -> bytes:
    """What is kept of a token, and names its session in lists."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
