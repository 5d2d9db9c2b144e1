"""An official signs on at a client: the portal's session vouches, and there is a code (RFC 6749 4.1, OIDC Core 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory import officials, sessions
from directory.oidc_tables import oidc_consent, oidc_sign_on
from directory.tables import FOREVER
from groupware import clock
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.provider import clients, families

if TYPE_CHECKING:
    from directory.sessions import Session
    from groupware.monitor import Monitor
    from groupware.provider.clients import Client
    from groupware.store import Tx

CODE_FOR = 60 * clock.MICROSECONDS
SCOPES = ("openid", "profile", "email")
NATIONAL, PASSWORD, STRONG = (f"urn:iconet:acr:{name}" for name in ("national-account", "password", "strong"))
"""How the portal knows who it is (OIDC Core 2, acr): because a state's identity provider says so, by a password alone,
or by a second factor or a passkey."""
METHODS = {"password": "pwd", "code": "otp", "recovery code": "otp", "passkey": "pop"}
"""What a session's means are in RFC 8176 2; a passkey always asks for more than that one has it."""

_c = oidc_consent.c
_ADD = insert(oidc_sign_on)
_CONSENT = select(_c.scope).where(_c.official == bindparam("of"), _c.client == bindparam("to"))
_FORGET = delete(oidc_consent).where(_c.official == bindparam("of"), _c.client == bindparam("to"))
_CONSENT_TO = insert(oidc_consent)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for, well formed: it names itself and one of its redirect URIs, with a challenge (S256).

    The sign-in has to be after `since` and at most `age` microseconds old, and `again` asks for one now. `subject` is
    who it has to be, or "". `consent` says that the official is asked whether or not they ever agreed.
    """

    client: str
    redirect: str
    scope: str
    challenge: str
    nonce: str = ""
    since: int = 0
    age: int = FOREVER
    again: bool = False
    subject: str = ""
    consent: bool = False

    def oldest(self, now: int) -> int:
        """Before which moment a sign-in is too old."""
        return now if self.again else max(self.since, now - self.age)


def authorize(tx: Tx, monitor: Monitor, asked: Asked, token: str, issuer: str, *, agreed: bool) -> str:
    """A code for the official whose session has this token; `agreed` says that they have just been asked.

    Refused with what the client is told: login-required, access-denied, consent-required, unauthorized-client.
    """
    client = clients.find(tx, asked.client)
    if client is None or asked.redirect not in client.redirects:
        raise Refused("unauthorized-client")
    session = sessions.find(tx.connection, token, tx.now)
    if session is None or session.proved < asked.oldest(tx.now):
        raise Refused("login-required")
    _may(tx, monitor, client, session)
    _agrees(tx, client, session, asked, agreed=agreed)
    families.sweep(tx)
    return _begin(tx, client, session, asked, issuer)


def scope_of(asked: str) -> str:
    """The part of a scope that we know, in our order; the rest is ignored (RFC 6749 3.3, OIDC Core 3.1.2.1)."""
    words = asked.split(" ")
    return " ".join(scope for scope in SCOPES if scope in words)


def _may(tx: Tx, monitor: Monitor, client: Client, session: Session) -> None:
    if not officials.in_office(tx.connection, session.official, tx.now):
        raise Refused("login-required")
    if not families.may(tx, monitor, client, officials.get(tx.connection, session.official)):
        raise Refused("access-denied")


def _agrees(tx: Tx, client: Client, session: Session, asked: Asked, *, agreed: bool) -> None:
    key = {"of": session.official, "to": client.id}
    if agreed:
        tx.connection.execute(_FORGET, key)
        row = {"official": session.official, "client": client.id, "scope": asked.scope, "at": tx.now}
        tx.connection.execute(_CONSENT_TO, row)
        return
    known = tx.connection.execute(_CONSENT, key).scalar() or ""
    needed = asked.consent or not client.first_party
    if needed and (asked.consent or not set(asked.scope.split()) <= set(known.split())):
        raise Refused("consent-required")


def _begin(tx: Tx, client: Client, session: Session, asked: Asked, issuer: str) -> str:
    code = families.fresh()
    row = {
        "client": client.id,
        "official": session.official,
        "session": session.digest,
        "sid": families.fresh(),
        "scope": asked.scope,
        "issuer": issuer,
        "redirect": asked.redirect,
        "challenge": asked.challenge,
        "nonce": asked.nonce,
        "authenticated": session.proved,
        "amr": " ".join(_methods(session.means)),
        "acr": _acr(session.means),
        "code": families.digest(code),
        "spent": False,
        "created": tx.now,
        "until": session.expires,
        "alive": True,
    }
    tx.record(EventKind.SIGNED_ON, tx.insert(_ADD, row))
    return code


def _methods(means: str) -> list[str]:
    known = [METHODS[each] for each in means.split(" and ") if each in METHODS]
    return [*known, "mfa"] if _acr(means) == STRONG else known


def _acr(means: str) -> str:
    if means == "passkey" or " and " in means:
        return STRONG
    return PASSWORD if means == "password" else NATIONAL
