"""What is said of an official: to a client, in as few words as its scope asks for.

`sub` is public: the same at each client, since `email` and the login tell them apart anyway, and tools of one house
have to agree on who somebody is. It is a keyed hash of the official's number, so it stays when a login changes, tells
nobody how many officials there are, and is never given to somebody else.
"""

from __future__ import annotations

import secrets
from base64 import b32encode, urlsafe_b64encode
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any

from groupware import clock
from groupware.provider.sealing import derived

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.provider.families import Family
    from groupware.provider.redeeming import Given

ID_FOR = 600
"""Seconds for which an ID token is good."""
LOGOUT_FOR = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
CLAIMS = ("sub", "auth_time", "acr", "amr", "sid", "nonce", "at_hash")
Claims = dict[str, Any]


def subject(key: bytes, official: int) -> str:
    """`sub` (OIDC Core 2): 32 letters and digits."""
    kept = blake2b(str(official).encode(), key=derived(key, "subjects"), digest_size=20).digest()
    return b32encode(kept).decode().lower()


def person(key: bytes, official: Official, scope: str) -> Claims:
    """What the scope asks for (OIDC Core 5.4), and nothing besides."""
    said: Claims = {"sub": subject(key, official.id)}
    if "profile" in scope.split():
        said |= {"name": official.name, "preferred_username": official.login}
    if "email" in scope.split():
        said["email"] = official.address
    return said


def id_token(key: bytes, given: Given) -> Claims:
    """OIDC Core 2 and 3.1.3.6: who signed in where, when and how."""
    family, at = given.living.family, given.now // clock.MICROSECONDS
    said: Claims = {
        "iss": family.issuer,
        "sub": subject(key, family.official),
        "aud": given.living.client.name,
        "iat": at,
        "exp": at + ID_FOR,
        "auth_time": family.authenticated // clock.MICROSECONDS,
        "acr": family.acr,
        "amr": family.amr.split(),
        "sid": family.sid,
        "at_hash": _half_hash(given.access),
    }
    return said | {"nonce": given.nonce} if given.nonce else said


def logout_token(key: bytes, family: Family, client: str, now: int) -> Claims:
    """OIDC Back-Channel Logout 2.4."""
    at = now // clock.MICROSECONDS
    return {
        "iss": family.issuer,
        "sub": subject(key, family.official),
        "aud": client,
        "iat": at,
        "exp": at + LOGOUT_FOR,
        "jti": secrets.token_urlsafe(16),
        "sid": family.sid,
        "events": {LOGOUT_EVENT: {}},
    }


def _half_hash(text: str) -> str:
    """The left half of SHA-256, as both of our algorithms want it."""
    return urlsafe_b64encode(sha256(text.encode()).digest()[:16]).decode().rstrip("=")
