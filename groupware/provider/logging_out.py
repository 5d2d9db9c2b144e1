"""Clients are told that somebody is gone (OIDC Back-Channel Logout): rows with leases, tried again after a while.

A row is written in the transaction that ends the sign-on (directory.sign_ons). Those who leave office by date, or whose
body is suspended, have no such transaction: they are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, true, update

from directory import sign_ons
from directory.oidc_tables import oidc_logout, oidc_sign_on
from directory.tables import body, official
from groupware import clock
from groupware.events import EventKind
from groupware.provider import clients, families

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.provider.clients import Client
    from groupware.provider.families import Family
    from groupware.store import Snapshot, Tx

LEASE = 60 * clock.MICROSECONDS
MOST_ATTEMPTS = 16
FIRST_PAUSE = 2 * clock.MICROSECONDS
LONGEST_PAUSE = 4 * 3600 * clock.MICROSECONDS
LONGEST_REPLY = 200


@dataclass(frozen=True, slots=True)
class Logout:
    """A client to tell at `now`, and of what; `attempts` counts the earlier ones."""

    id: int
    family: Family
    client: Client
    attempts: int
    now: int


_l = oidc_logout.c
_LEFT = (
    select(oidc_sign_on.c.official)
    .distinct()
    .join(official, official.c.id == oidc_sign_on.c.official)
    .join(body, body.c.id == official.c.body)
    .where(
        oidc_sign_on.c.alive == true(),
        or_(
            official.c.suspended,
            body.c.suspended,
            official.c.valid_from > bindparam("at"),
            official.c.valid_until <= bindparam("at"),
        ),
    )
)
_DUE = (
    select(_l.id, _l.sign_on, _l.attempts)
    .where(_l.state == "queued", _l.due <= bindparam("at"), _l.lease_until < bindparam("at"))
    .order_by(_l.due, _l.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(oidc_logout)
    .where(_l.id == bindparam("this"))
    .values(owner=bindparam("me"), lease_until=bindparam("until_when"))
)
_END = (
    update(oidc_logout)
    .where(_l.id == bindparam("this"), _l.state == "queued")
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        due=bindparam("next"),
        owner="",
        lease_until=0,
        reply=bindparam("answer"),
    )
)


def left(snapshot: Snapshot) -> Sequence[int]:
    """Officials out of office who are still signed on somewhere."""
    return list(snapshot.connection.scalars(_LEFT, {"at": snapshot.now}))


def end_left(tx: Tx) -> None:
    """End the sign-ons of those."""
    for number in left(tx):
        sign_ons.end_of_official(tx.connection, number)
        tx.record(EventKind.SIGNED_OFF, number)


def is_due(snapshot: Snapshot) -> bool:
    """Whether somebody is to be told now."""
    return snapshot.connection.execute(_DUE, {"at": snapshot.now, "most": 1}).first() is not None


def claim(tx: Tx, me: str, most: int) -> Sequence[Logout]:
    """Take the lease of what is due."""
    rows = tx.connection.execute(_DUE, {"at": tx.now, "most": most}).all()
    for row in rows:
        tx.connection.execute(_CLAIM, {"this": row.id, "me": me, "until_when": tx.now + LEASE})
    return [_logout(tx, row.id, row.sign_on, row.attempts) for row in rows]


def sent(tx: Tx, logout: Logout, reply: str) -> None:
    """The client knows."""
    _end(tx, logout.id, "sent", logout.attempts + 1, 0, reply)


def failed(tx: Tx, logout: Logout, reply: str, *, temporary: bool) -> None:
    """It doesn't: tell it again later, longer each time, or never."""
    tries = logout.attempts + 1
    again = temporary and tries < MOST_ATTEMPTS
    pause = min(LONGEST_PAUSE, FIRST_PAUSE << min(tries - 1, 20))
    _end(tx, logout.id, "queued" if again else "failed", tries, tx.now + pause if again else 0, reply)


def _logout(tx: Tx, number: int, sign_on: int, attempts: int) -> Logout:
    family = families.get(tx, sign_on)
    if family is None:
        raise LookupError(sign_on)
    return Logout(number, family, clients.get(tx, family.client), attempts, tx.now)


def _end(tx: Tx, number: int, state: str, tries: int, due: int, reply: str) -> None:
    values = {"this": number, "to": state, "tries": tries, "next": due, "answer": reply[:LONGEST_REPLY]}
    tx.connection.execute(_END, values)
