"""App passwords: made by us, one a client, for named doors; the only secrets that mail clients and the like know.

Written `k3vq7m2p.9f2x-tm4h-c7rw-50yd-n8kj-q6ba`: a selector that finds the row, a dot, and the secret in six groups of
four of Crockford's base 32 (no i, l, o, u). The dashes are for the eye: the secret may be typed without them, with
spaces, and in any case. It has 120 random bits, so a fast keyed hash is enough (NIST SP 800-63B-4 and OWASP ASVS 5.0
6.5.2 ask for a slow one only below 112) and no guessing rate matters.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory.rows import add_row
from directory.secret_text import grouped, is_made_of, plain, random_text
from directory.tables import FOREVER, app_password
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

DOORS = frozenset(Door) - {Door.PORTAL}
"""The doors that an app password can open: all but the portal."""
USED_AT_MOST = 60 * 60 * 1_000_000
"""A use is written down at most this often: it tells an old app password from a live one, and no habits."""
_SELECTOR, _SECRET = 8, 24
_NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class AppPassword:
    """One row without its secret; `revoked` is FOREVER until it is, and `expires` if it never does.

    `used` is 0 until it is, and up to an hour older than the last use.
    """

    id: int
    doors: frozenset[Door]
    label: str
    created: int
    revoked: int
    expires: int = FOREVER
    used: int = 0

    def works(self, now: int) -> bool:
        """Whether it opens anything."""
        return now < min(self.revoked, self.expires)


_ADD = insert(app_password)
_FIND = select(
    app_password.c.id, app_password.c.digest, app_password.c.doors, app_password.c.revoked, app_password.c.expires
).where(app_password.c.official == bindparam("of"), app_password.c.selector == bindparam("by"))
_USED = select(app_password.c.used).where(app_password.c.id == bindparam("wanted"))
_TOUCH = (
    update(app_password)
    .where(app_password.c.id == bindparam("wanted"), app_password.c.used <= bindparam("before"))
    .values(used=bindparam("at"))
)
_ALL = (
    select(
        app_password.c.id,
        app_password.c.doors,
        app_password.c.label,
        app_password.c.created,
        app_password.c.revoked,
        app_password.c.expires,
        app_password.c.used,
    )
    .where(app_password.c.official == bindparam("of"))
    .order_by(app_password.c.id)
)
_REVOKE = (
    update(app_password)
    .where(
        app_password.c.id == bindparam("wanted"),
        app_password.c.official == bindparam("of"),
        app_password.c.revoked > bindparam("at"),
    )
    .values(revoked=bindparam("at"))
)
_REVOKE_ALL = (
    update(app_password)
    .where(app_password.c.official == bindparam("of"), app_password.c.revoked > bindparam("at"))
    .values(revoked=bindparam("at"))
)


def made() -> str:
    """A new app password as its holder sees it, once."""
    return f"{random_text(_SELECTOR)}.{grouped(random_text(_SECRET))}"


def keep(
    connection: Connection,
    official: int,
    text: str,
    key: bytes,
    *,
    doors: Iterable[Door],
    label: str,
    now: int,
    expires: int = FOREVER,
) -> int:
    """Keep a made app password as its keyed hash and return the row's id. `key` is the server's, 32 octets."""
    selector, secret = _halves(text)
    row = {
        "official": official,
        "selector": selector,
        "digest": _digest(key, selector, secret),
        "doors": ",".join(sorted(DOORS.intersection(doors))),
        "label": label,
        "created": now,
        "expires": expires,
    }
    return add_row(connection, _ADD, row)


def opens(connection: Connection, official: int, text: str, key: bytes, *, door: Door, now: int) -> int:
    """The id of the official's app password that `text` is, if it opens this door; 0 if not, after the same work.

    Official 0 is nobody: the lookup and the hash are done all the same.
    """
    selector, secret = _halves(text)
    digest = _digest(key, selector, secret)
    row = connection.execute(_FIND, {"of": official, "by": selector}).first()
    number, kept, doors, revoked, expires = (0, _NOTHING, "", 0, 0) if row is None else row
    same = hmac.compare_digest(digest, bytes(kept))
    return int(number) if same and door in doors.split(",") and now < min(revoked, expires) else 0


def touch(connection: Connection, number: int, now: int) -> None:
    """Write down that one was used, unless that was done within the last hour."""
    connection.execute(_TOUCH, {"wanted": number, "at": now, "before": now - USED_AT_MOST})


def is_to_be_touched(connection: Connection, number: int, now: int) -> bool:
    """Whether `touch` would write anything: most sign-ins shall cost no commit."""
    return (connection.execute(_USED, {"wanted": number}).scalar() or 0) <= now - USED_AT_MOST


def is_kept(connection: Connection, official: int, text: str, key: bytes) -> bool:
    """Whether this app password was ever given to this official, revoked or not."""
    selector, secret = _halves(text)
    row = connection.execute(_FIND, {"of": official, "by": selector}).first()
    return row is not None and hmac.compare_digest(_digest(key, selector, secret), bytes(row.digest))


def of(connection: Connection, official: int) -> list[AppPassword]:
    """All that an official was given, oldest first."""
    rows = connection.execute(_ALL, {"of": official})
    return [AppPassword(r.id, _doors(r.doors), r.label, r.created, r.revoked, r.expires, r.used) for r in rows]


def revoke(connection: Connection, official: int, number: int, now: int) -> bool:
    """End one app password of an official; False if there was nothing to end."""
    return connection.execute(_REVOKE, {"of": official, "wanted": number, "at": now}).rowcount == 1


def revoke_all(connection: Connection, official: int, now: int) -> int:
    """End all app passwords of an official; return how many that were."""
    return connection.execute(_REVOKE_ALL, {"of": official, "at": now}).rowcount


def _halves(text: str) -> tuple[str, str]:
    """Selector and secret in the one form that is hashed; empty for what cannot be an app password."""
    selector, _, secret = plain(text).partition(".")
    fit = is_made_of(selector, _SELECTOR) and is_made_of(secret, _SECRET)
    return (selector, secret) if fit else ("", "")


def _digest(key: bytes, selector: str, secret: str) -> bytes:
    return blake2b(f"{selector}.{secret}".encode(), key=key, digest_size=32, person=b"app-password").digest()


def _doors(text: str) -> frozenset[Door]:
    return frozenset(Door(word) for word in text.split(",") if word)
