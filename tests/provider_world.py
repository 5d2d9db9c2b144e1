"""A client of the provider, as one would be written elsewhere: over HTTPS, with what the discovery document says."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from groupware.provider.clients import Client

if TYPE_CHECKING:
    import httpx

CALLBACK = "https://tool.test/callback"


def challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def client(name: str = "tool", **more: object) -> Client:
    usual: dict[str, Any] = {"title": "The tool", "redirects": (CALLBACK,), "first_party": True, "refreshes": True}
    return Client(name=name, **{**usual, **more})


def answered(response: httpx.Response, at: str = CALLBACK) -> dict[str, str]:
    """What a redirect to the client says."""
    assert response.status_code == 303, response.text
    place = response.headers["location"]
    assert place.startswith(at), place
    return {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}


@dataclass
class Tool:
    """One client; `browser` is somebody's who has signed in, `wire` its own connection."""

    browser: httpx.AsyncClient
    wire: httpx.AsyncClient
    name: str
    secret: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    nonce: str = "n-once"

    def request(self, **changed: str | None) -> dict[str, str]:
        usual = {
            "client_id": self.name,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "a state",
            "nonce": self.nonce,
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return {key: value for key, value in {**usual, **changed}.items() if value is not None}

    async def authorize(self, **changed: str | None) -> httpx.Response:
        return await self.browser.get(f"/oidc/authorize?{urlencode(self.request(**changed))}")

    async def code(self, **changed: str | None) -> str:
        return answered(await self.authorize(**changed))["code"]

    async def post(self, path: str, **form: str) -> httpx.Response:
        auth = (self.name, self.secret) if self.secret else None
        named = {} if self.secret else {"client_id": self.name}
        return await self.wire.post(path, data={**named, **form}, auth=auth)

    async def redeem(self, code: str, **changed: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": self.verifier}
        return await self.post("/oidc/token", **{**form, "code": code, **changed})

    async def tokens(self) -> dict[str, Any]:
        answer = await self.redeem(await self.code())
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def refresh(self, token: str, **more: str) -> httpx.Response:
        return await self.post("/oidc/token", grant_type="refresh_token", refresh_token=token, **more)

    async def active(self, token: str) -> bool:
        return bool((await self.post("/oidc/introspect", token=token)).json()["active"])

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.wire.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})

    async def read(self, token: str, algorithm: str = "ES256") -> jwt.Token:
        """A JWT, its signature checked with the published keys."""
        keys = KeySet.import_key_set((await self.wire.get("/oidc/jwks")).json())
        return jwt.decode(token, keys, algorithms=[algorithm])
