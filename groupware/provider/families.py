"""A sign-on with everything that came of it: a code, access tokens, refresh tokens. It lives and dies as one."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from directory import officials
from directory.oidc_tables import oidc_logout, oidc_sign_on, oidc_token
from directory.tables import body
from groupware import clock
from groupware.caller import Caller
from groupware.provider import clients
from groupware.provider.serving import serves
from policies.vocabulary import Door

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.monitor import Monitor
    from groupware.provider.clients import Client
    from groupware.store import Snapshot, Tx

ACCESS, REFRESH = "access", "refresh"
ACCESS_FOR = 600 * clock.MICROSECONDS
REMEMBERED = 366 * 24 * 3600 * clock.MICROSECONDS
"""How long a client can be told that somebody left."""


@dataclass(frozen=True, slots=True)
class Family:
    """One sign-on; see directory.oidc_tables.oidc_sign_on."""

    id: int
    client: int
    official: int
    session: bytes
    sid: str
    scope: str
    issuer: str
    redirect: str
    challenge: str
    nonce: str
    authenticated: int
    amr: str
    acr: str
    code: bytes
    spent: bool
    created: int
    until: int
    alive: bool


@dataclass(frozen=True, slots=True)
class Living:
    """A sign-on that holds now: its client serves its official, who is in office."""

    family: Family
    client: Client
    official: Official


@dataclass(frozen=True, slots=True)
class Token:
    """A kept token; `family` is its sign-on."""

    family: Family
    kind: str
    created: int
    until: int
    spent: bool
    scope: str


_s, _t = oidc_sign_on.c, oidc_token.c
_GET = select(oidc_sign_on).where(_s.id == bindparam("wanted"))
_BY_CODE = select(oidc_sign_on).where(_s.code == bindparam("wanted"))
_BY_TOKEN = select(oidc_token).where(_t.digest == bindparam("wanted"))
_ADD_TOKEN = insert(oidc_token)
_SPEND_CODE = update(oidc_sign_on).where(_s.id == bindparam("this"), ~_s.spent).values(spent=True)
_SPEND = update(oidc_token).where(_t.digest == bindparam("this"), ~_t.spent).values(spent=True)
_DROP = delete(oidc_token).where(_t.digest == bindparam("this"))
_DROP_ALL = delete(oidc_token).where(_t.sign_on == bindparam("of"))
_OLD = select(_s.id).where(_s.created <= bindparam("before"))
_SWEEP = (
    delete(oidc_token).where(_t.until <= bindparam("at")),
    delete(oidc_token).where(_t.sign_on.in_(_OLD)),
    delete(oidc_logout).where(oidc_logout.c.sign_on.in_(_OLD)),
    delete(oidc_sign_on).where(_s.created <= bindparam("before")),
)
_BODY = select(body.c.code).where(body.c.id == bindparam("wanted"))


def fresh() -> str:
    """A code or token: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> bytes:
    """What is kept of a code or token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def by_code(snapshot: Snapshot, code: str) -> Family | None:
    """The sign-on that a code was made for, spent or not."""
    row = snapshot.connection.execute(_BY_CODE, {"wanted": digest(code)}).first()
    return None if row is None else _family(row)


def get(snapshot: Snapshot, number: int) -> Family | None:
    """The sign-on with this id."""
    row = snapshot.connection.execute(_GET, {"wanted": number}).first()
    return None if row is None else _family(row)


def token(snapshot: Snapshot, text: str) -> Token | None:
    """A token that we gave, whatever became of it."""
    row = snapshot.connection.execute(_BY_TOKEN, {"wanted": digest(text)}).first()
    family = None if row is None else get(snapshot, row.sign_on)
    return None if row is None or family is None else _token(family, row)


def living(snapshot: Snapshot, monitor: Monitor, family: Family) -> Living | None:
    """What holds now, asked each time; None once anything has ended: sign-on, office, or the client's leave."""
    now = snapshot.now
    if not family.alive or now >= family.until or not officials.in_office(snapshot.connection, family.official, now):
        return None
    client, official = clients.get(snapshot, family.client), officials.get(snapshot.connection, family.official)
    return Living(family, client, official) if may(snapshot, monitor, client, official) else None


def may(snapshot: Snapshot, monitor: Monitor, client: Client, official: Official) -> bool:
    """Whether the client may serve this official."""
    code = snapshot.connection.execute(_BODY, {"wanted": official.body}).scalar() or ""
    caller = Caller(official.id, official.login, official.address, official.name, Door.PORTAL)
    return serves(snapshot, monitor, client, caller, code)


def spend_code(tx: Tx, family: Family) -> bool:
    """Use a code up; False if somebody did so already."""
    return tx.connection.execute(_SPEND_CODE, {"this": family.id}).rowcount == 1


def spend(tx: Tx, text: str) -> bool:
    """Use a refresh token up; False if somebody did so already."""
    return tx.connection.execute(_SPEND, {"this": digest(text)}).rowcount == 1


def give(tx: Tx, family: Family, kind: str, scope: str) -> tuple[str, int]:
    """A new token for a scope, and the moment at which it ends."""
    text = fresh()
    until = min(family.until, tx.now + ACCESS_FOR) if kind == ACCESS else family.until
    row = {"sign_on": family.id, "kind": kind, "created": tx.now, "until": until, "spent": False, "scope": scope}
    tx.connection.execute(_ADD_TOKEN, {"digest": digest(text), **row})
    return text, until


def drop(tx: Tx, text: str) -> None:
    """Forget a token."""
    tx.connection.execute(_DROP, {"this": digest(text)})


def drop_all(tx: Tx, family: Family) -> None:
    """Forget all tokens of a sign-on."""
    tx.connection.execute(_DROP_ALL, {"of": family.id})


def sweep(tx: Tx) -> None:
    """Forget tokens that have ended and sign-ons of more than a year ago."""
    for statement in _SWEEP:
        tx.connection.execute(statement, {"at": tx.now, "before": tx.now - REMEMBERED})


def _token(family: Family, row: Row[Any]) -> Token:
    return Token(family, row.kind, row.created, row.until, row.spent, row.scope)


def _family(row: Row[Any]) -> Family:
    values = dict(row._mapping)  # noqa: SLF001 -- the public name of a row's mapping
    return Family(**{**values, "session": bytes(values["session"]), "code": bytes(values["code"])})
