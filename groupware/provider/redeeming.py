"""A client trades a code, and later each refresh token, for tokens. What is used twice ends the whole sign-on.

A code or token in two hands is in one too many, and nobody can tell which (RFC 6749 4.1.2 and 10.5, RFC 9700 4.14.2).
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from directory import sign_ons
from groupware.events import EventKind
from groupware.provider import families
from groupware.provider.authorizing import CODE_FOR
from groupware.provider.families import ACCESS, REFRESH

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.provider.clients import Client
    from groupware.provider.families import Family, Living
    from groupware.store import Tx


@dataclass(frozen=True, slots=True)
class Given:
    """What a client got at `now`: `until` is when `access` ends; `refresh` is empty for those who get none."""

    living: Living
    now: int
    scope: str
    access: str
    until: int
    refresh: str
    nonce: str


def redeem(tx: Tx, monitor: Monitor, client: Client, code: str, redirect: str, verifier: str) -> Given | None:
    """The tokens for a code (RFC 6749 4.1.3, RFC 7636 4.6); None for whatever is wrong."""
    family = families.by_code(tx, code)
    if family is None or family.client != client.id:
        return None
    if family.spent:
        return _ended(tx, family)
    fits = redirect == family.redirect and hmac.compare_digest(challenge(verifier).encode(), family.challenge.encode())
    living = families.living(tx, monitor, family) if fits and tx.now < family.created + CODE_FOR else None
    if living is None or not families.spend_code(tx, family):
        return _ended(tx, family)
    return _give(tx, living, family.scope, family.nonce)


def refresh(tx: Tx, monitor: Monitor, client: Client, text: str, scope: str) -> Given | None:
    """New tokens for a refresh token (RFC 6749 6), which is spent by that; None for whatever is wrong."""
    token = families.token(tx, text)
    if token is None or token.kind != REFRESH or token.family.client != client.id:
        return None
    if token.spent:
        return _ended(tx, token.family)
    living = families.living(tx, monitor, token.family)
    granted = token.family.scope.split()
    wanted = scope.split() or granted
    if living is None or not set(wanted) <= set(granted):
        return None
    if not families.spend(tx, text):
        return _ended(tx, token.family)
    return _give(tx, living, " ".join(wanted), "")


def challenge(verifier: str) -> str:
    """S256 of a verifier (RFC 7636 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("utf-8", "surrogatepass")).digest()).decode().rstrip("=")


def _give(tx: Tx, living: Living, scope: str, nonce: str) -> Given:
    access, until = families.give(tx, living.family, ACCESS, scope)
    again = families.give(tx, living.family, REFRESH, living.family.scope)[0] if living.client.refreshes else ""
    return Given(living, tx.now, scope, access, until, again, nonce)


def _ended(tx: Tx, family: Family) -> Given | None:
    if sign_ons.end(tx.connection, family.id):
        tx.record(EventKind.SIGNED_OFF, family.official)
    return None
