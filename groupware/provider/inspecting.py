"""What a token is good for now: asked anew each time, so that it ends with whatever it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupware import clock
from groupware.provider import families
from groupware.provider.claims import person, subject
from groupware.provider.families import ACCESS, REFRESH

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.provider.clients import Client
    from groupware.provider.families import Living, Token
    from groupware.store import Snapshot, Tx


def userinfo(snapshot: Snapshot, monitor: Monitor, key: bytes, text: str) -> dict[str, Any] | None:
    """What an access token's scope asks for (OIDC Core 5.3.2); None unless the token is good."""
    token = families.token(snapshot, text)
    found = _good(snapshot, monitor, token, ACCESS)
    return None if token is None or found is None else person(key, found.official, token.scope)


def introspect(snapshot: Snapshot, monitor: Monitor, key: bytes, client: Client, text: str) -> dict[str, Any]:
    """RFC 7662 2.2; of other clients' tokens only those who may introspect hear, and of officials whom they serve."""
    token = families.token(snapshot, text)
    found = _good(snapshot, monitor, token, "" if token is None else token.kind)
    if token is None or found is None or not _may_hear(snapshot, monitor, client, found):
        return {"active": False}
    said: dict[str, Any] = {
        "active": True,
        "scope": token.scope,
        "client_id": found.client.name,
        "username": found.official.login,
        "exp": token.until // clock.MICROSECONDS,
        "iat": token.created // clock.MICROSECONDS,
        "sub": subject(key, found.official.id),
        "iss": found.family.issuer,
    }
    return said | {"token_type": "Bearer"} if token.kind == ACCESS else said


def revoke(tx: Tx, client: Client, text: str) -> None:
    """RFC 7009 2.1: a refresh token takes the whole sign-on's tokens with it; another client's token stays."""
    token = families.token(tx, text)
    if token is None or token.family.client != client.id:
        return
    if token.kind == REFRESH:
        families.drop_all(tx, token.family)
    else:
        families.drop(tx, text)


def _good(snapshot: Snapshot, monitor: Monitor, token: Token | None, kind: str) -> Living | None:
    fits = token is not None and token.kind == kind and not token.spent and snapshot.now < token.until
    return families.living(snapshot, monitor, token.family) if token is not None and fits else None


def _may_hear(snapshot: Snapshot, monitor: Monitor, client: Client, found: Living) -> bool:
    if client.id == found.client.id:
        return True
    return client.introspects and families.may(snapshot, monitor, client, found.official)
