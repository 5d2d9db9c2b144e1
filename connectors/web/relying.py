"""ICONet as a client of one identity provider: its metadata and keys, the exchange of a code, the ID token's checks."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import aiohttp
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from connectors.fault import Fault
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.settings import National

WITHIN = aiohttp.ClientTimeout(total=10.0)
LONGEST = 256 * 1024
"""Octets of an answer."""
KEPT = 3600.0
"""Seconds for which metadata and keys are kept."""
KEYS_AGAIN = 30.0
"""Seconds after which an unknown key is a reason to ask for the keys again, and no sooner."""
SKEW = 60
"""Seconds by which clocks may differ."""
OLDEST = 600
"""Seconds since an ID token was made: it comes straight from the provider."""
LONGEST_SUBJECT = 255
"""OIDC Core 2, sub."""
TYPES = {"ES256": "EC", "RS256": "RSA", "PS256": "RSA"}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Unproven(Exception):  # noqa: N818 -- who somebody is
    """The provider doesn't answer, or what it says proves nothing. The text is for the log."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: its own name for them, and the claim that the directory knows.

    `strong`: it says that they showed what the settings count as a strong sign-in.
    """

    subject: str
    external: str
    strong: bool = False


@dataclass(slots=True)
class Relying:
    """For one provider; it remembers metadata and keys."""

    settings: National
    secret: str
    trust: ssl.SSLContext
    _metadata: Mapping[str, Any] = field(default_factory=dict)
    _keys: list[dict[str, Any]] = field(default_factory=list)
    _metadata_at: float = -KEPT
    _keys_at: float = -KEPT

    async def where(self, redirect: str, state: str, nonce: str, challenge: str) -> str:
        """The URL to which the browser goes. Unproven."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": self.settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = str((await self.metadata())["authorization_endpoint"])
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    async def vouched(self, given: Mapping[str, str], redirect: str, nonce: str, verifier: str) -> Vouched:
        """Whom the provider has sent back with this answer (its state is checked already). Unproven."""
        metadata = await self.metadata()
        named = given.get("iss")
        expected = metadata.get("authorization_response_iss_parameter_supported") is True
        if (named is not None or expected) and named != self.settings.issuer:  # RFC 9207 2.4
            raise Unproven("the answer comes from another issuer")
        if "code" not in given:
            raise Unproven(f"the provider says {given.get('error', 'nothing')[:40]!r}")
        form = {"grant_type": "authorization_code", "code": given["code"], "redirect_uri": redirect}
        return await self._read(await self._exchange(metadata, {**form, "code_verifier": verifier}), nonce)

    async def metadata(self) -> Mapping[str, Any]:
        """OIDC Discovery 4; its issuer has to be the one that was asked (4.3). Unproven."""
        if clock.monotonic() - self._metadata_at >= KEPT:
            found = await self._asked("GET", f"{self.settings.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.issuer:
                raise Unproven("the metadata is another issuer's")
            if not all(str(found.get(name)).startswith("https://") for name in ENDPOINTS):
                raise Unproven("the metadata lacks an endpoint, or has one without TLS")
            self._metadata, self._metadata_at = found, clock.monotonic()
        return self._metadata

    async def _exchange(self, metadata: Mapping[str, Any], form: dict[str, str]) -> str:
        """The ID token for a code (OIDC Core 3.1.3.1)."""
        name, headers = self.settings.client_id, {}
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not self.secret:
            form |= {"client_id": name}
        elif "client_secret_basic" in ways:
            pair = f"{quote_plus(name)}:{quote_plus(self.secret)}"
            headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        else:
            form |= {"client_id": name, "client_secret": self.secret}
        answer = await self._asked("POST", str(metadata["token_endpoint"]), data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Unproven("the provider gives no ID token")
        return token

    async def _read(self, token: str, nonce: str) -> Vouched:
        """OIDC Core 3.1.3.7: signature by one algorithm of one provider, then every claim."""
        claims = await self._signed(token)
        cause = self._objection(claims, nonce, clock.now() // clock.MICROSECONDS)
        if cause:
            raise Unproven(f"the ID token is refused: {cause}")
        external = claims.get(self.settings.claim)
        if not isinstance(external, str) or not external:
            raise Unproven(f"the ID token has no {self.settings.claim!r}")
        return Vouched(str(claims["sub"]), external, self._is_strong(claims))

    def _is_strong(self, claims: Mapping[str, Any]) -> bool:
        """OIDC Core 2, acr and amr: what the provider doesn't say, or says in another shape, proves nothing."""
        methods = claims.get("amr")
        said = [claims.get("acr"), *(methods if isinstance(methods, list) else [])]
        return any(value in self.settings.strong_acr.split() for value in said)

    async def _signed(self, token: str) -> dict[str, Any]:
        """The claims, with a signature that is the provider's; its keys are asked for again when they don't fit."""
        try:
            return self._decoded(token, await self._key_set())
        except (JoseError, ValueError):
            if clock.monotonic() - self._keys_at < KEYS_AGAIN:
                raise Unproven("the ID token's signature is not the provider's") from None
        self._keys_at = -KEPT
        try:
            return self._decoded(token, await self._key_set())
        except (JoseError, ValueError) as error:
            raise Unproven(f"the ID token's signature is not the provider's: {type(error).__name__}") from error

    def _decoded(self, token: str, keys: KeySet) -> dict[str, Any]:
        return jwt.decode(token, keys, algorithms=[self.settings.algorithm]).claims

    def _objection(self, claims: Mapping[str, Any], nonce: str, now: int) -> str:
        """What is wrong with the claims; empty if nothing is."""
        name, subject = self.settings.client_id, claims.get("sub")
        moments = [claims.get(claim) for claim in ("exp", "iat")] + [claims.get("nbf", now)]
        if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in moments):
            return "times"
        ends, made, begins = (float(str(moment)) for moment in moments)
        wrong = {
            "iss": claims.get("iss") != self.settings.issuer,
            "aud": claims.get("aud") not in (name, [name]),
            "azp": claims.get("azp", name) != name,
            "nonce": claims.get("nonce") != nonce,
            "sub": not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT,
            "exp": not now - SKEW < ends,
            "iat": not now - OLDEST - SKEW <= made <= now + SKEW,
            "nbf": begins > now + SKEW,
        }
        return next((name for name, is_so in wrong.items() if is_so), "")

    async def _key_set(self) -> KeySet:
        """The provider's keys for signatures of the kind that we take."""
        if clock.monotonic() - self._keys_at >= KEPT:
            found = (await self._asked("GET", str((await self.metadata())["jwks_uri"]))).get("keys")
            fit = [key for key in found if self._fits(key)] if isinstance(found, list) else []
            self._keys, self._keys_at = fit, clock.monotonic()
        try:
            return KeySet([jwk.import_key(key) for key in self._keys])
        except (JoseError, ValueError, KeyError) as error:
            raise Unproven("the provider's keys are no keys") from error

    def _fits(self, key: object) -> bool:
        kind = TYPES[self.settings.algorithm]
        return isinstance(key, dict) and key.get("kty") == kind and key.get("use", "sig") == "sig"

    async def _asked(self, method: str, url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- aiohttp's
        """A JSON object. Certificates are checked, redirects not followed, long answers not read."""
        try:
            async with (
                aiohttp.ClientSession(timeout=WITHIN, connector=aiohttp.TCPConnector(ssl=self.trust)) as session,
                session.request(method, url, allow_redirects=False, **more) as answer,
            ):
                octets = await answer.content.read(LONGEST + 1)
                while len(octets) <= LONGEST and (rest := await answer.content.read(LONGEST)):
                    octets += rest
                status = answer.status
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is one
            raise Unproven(f"the provider doesn't answer: {type(error).__name__}") from error
        return _object(status, octets)


def relying(settings: National) -> Relying:
    """The client side of a provider of the settings. Raises Fault for files that can't be read."""
    try:
        secret = Path(settings.secret_file).read_text("utf-8").strip() if settings.secret_file else ""
        return Relying(settings, secret, ssl.create_default_context(cafile=settings.authority or None))
    except (OSError, UnicodeDecodeError) as error:
        files = f"{settings.secret_file}, {settings.authority}"
        raise Fault(f"national: {files}: cannot be read: {type(error).__name__}") from error


def _object(status: int, octets: bytes) -> dict[str, Any]:
    try:
        found = json.loads(octets) if status == 200 and len(octets) <= LONGEST else None  # noqa: PLR2004 -- OK
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unproven(f"the provider answers {status}, or no JSON object")
    return found
