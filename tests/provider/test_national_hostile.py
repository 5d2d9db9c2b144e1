"""A provider that lies, or somebody who plays one: real HTTPS, and tokens that prove nothing."""

from __future__ import annotations

import json
import ssl
from base64 import urlsafe_b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from connectors.certificates import server_context
from connectors.settings import National
from connectors.web.relying import LONGEST, Relying, Unproven
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from connectors.certificates import Certificate

pytestmark = pytest.mark.anyio
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": name, "alg": "RS256", "use": "sig"}) for name in ("one", "two"))
REDIRECT = "https://here.test/sign-in/from/aa"
Claims = dict[str, Any]


@dataclass
class Liar:
    """A provider; what it says can be changed."""

    issuer: str = ""
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    token: str = ""
    metadata: Claims = field(default_factory=dict)
    keys: list[Claims] = field(default_factory=lambda: [KEY.as_dict(private=False)])
    asked: list[str] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)
    answer: Callable[[], web.Response] | None = None

    async def discovery(self, _request: web.Request) -> web.Response:
        places = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return web.json_response({"issuer": self.issuer, **places, **self.metadata})

    async def jwks(self, _request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": self.keys})

    async def exchange(self, request: web.Request) -> web.Response:
        self.form = {name: str(value) for name, value in (await request.post()).items()}
        if self.answer:
            return self.answer()
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": self.token})

    def claims(self, **changed: object) -> Claims:
        now = clock.now() // clock.MICROSECONDS
        usual = {"iss": self.issuer, "aud": "iconet", "sub": "s-1", "iat": now, "exp": now + 300, "nonce": "n"}
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def signs(self, key: RSAKey | ECKey | OctKey = KEY, algorithm: str = "RS256", **changed: object) -> None:
        header = {"alg": algorithm, **({"kid": key.kid} if key.kid else {})}
        self.token = jwt.encode(header, self.claims(**changed), key, algorithms=[algorithm])

    def relying(self, **changed: str) -> Relying:
        return Relying(National(issuer=self.issuer, **changed), "secret", self.trust)  # type: ignore[arg-type] # settings by their names

    async def vouch(self, relying: Relying | None = None, **given: str) -> str:
        used = relying or self.relying()
        answer = await used.vouched({"code": "c", **given}, REDIRECT, "n", "v" * 43)
        return answer.subject


@pytest.fixture
async def liar(certificate: Certificate) -> AsyncIterator[Liar]:
    async with serving(certificate) as found:
        yield found


@asynccontextmanager
async def serving(certificate: Certificate) -> AsyncIterator[Liar]:
    liar = Liar(trust=ssl.create_default_context(cafile=str(certificate.authority)))
    application = web.Application()
    application.router.add_get("/.well-known/openid-configuration", liar.discovery)
    application.router.add_get("/jwks_uri", liar.jwks)
    application.router.add_post("/token_endpoint", liar.exchange)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(certificate))
    await site.start()
    liar.issuer = f"https://localhost:{runner.addresses[0][1]}"
    try:
        yield liar
    finally:
        await runner.cleanup()


async def test_an_honest_token_is_believed(liar: Liar) -> None:
    liar.signs()
    assert await liar.vouch() == "s-1"
    assert liar.form == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": REDIRECT,
        "code_verifier": "v" * 43,
    }
    liar.signs(aud=["iconet"], azp="iconet")
    assert await liar.vouch(iss=liar.issuer) == "s-1"


@pytest.mark.parametrize(
    ("said", "strong"),
    [
        ({}, False),
        ({"acr": "high"}, True),
        ({"acr": "low", "amr": ["pwd", "hwk"]}, True),
        ({"acr": "low", "amr": ["pwd"]}, False),
        ({"acr": "high hwk"}, False),
        ({"acr": "", "amr": [""]}, False),
        ({"acr": ["high"], "amr": "hwk"}, False),
        ({"acr": {"high": 1}, "amr": [["hwk"], {}, None]}, False),
    ],
)
async def test_what_counts_as_strong_is_what_the_settings_name(liar: Liar, said: Claims, strong: bool) -> None:  # noqa: FBT001 -- a case
    for counted, expected in (("high hwk", strong), ("", False)):
        liar.signs(**said)
        used = liar.relying(strong_acr=counted)
        assert (await used.vouched({"code": "c"}, REDIRECT, "n", "v" * 43)).strong is expected


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["iconet", "other"]},
        {"aud": []},
        {"aud": None},
        {"azp": "other"},
        {"nonce": "m"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
    ],
)
async def test_a_claim_that_is_not_right_is_a_refusal(liar: Liar, changed: dict[str, object]) -> None:
    liar.signs(**changed)
    with pytest.raises(Unproven):
        await liar.vouch()


@pytest.mark.parametrize(
    ("name", "seconds", "believed"),
    [
        ("exp", -30, True),
        ("exp", -90, False),
        ("exp", -300, False),
        ("iat", 30, True),
        ("iat", 90, False),
        ("iat", 300, False),
        ("iat", -300, True),
        ("iat", -500, True),
        ("iat", -700, False),
        ("nbf", 30, True),
        ("nbf", 90, False),
        ("nbf", 300, False),
        ("nbf", -300, True),
    ],
)
async def test_clocks_may_differ_by_a_minute(liar: Liar, name: str, seconds: int, believed: bool) -> None:  # noqa: FBT001 -- a case
    liar.signs(**{name: clock.now() // clock.MICROSECONDS + seconds})
    if believed:
        assert await liar.vouch() == "s-1"
        return
    with pytest.raises(Unproven):
        await liar.vouch()


def part(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_only_its_own_key_and_the_agreed_algorithm_sign(liar: Liar) -> None:
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)), {"kid": "one"})
    same = RSAKey.import_key({name: value for name, value in KEY.as_dict(private=True).items() if name != "alg"})
    none = ".".join((part('{"alg":"none"}'), part(json.dumps(liar.claims())), ""))
    elliptic = ECKey.generate_key("P-256", {"kid": "one"})
    tokens = [none, "", "a.b.c", "x" * 5000, "e30.e30.e30.e30.e30"]
    for key, algorithm in ((OTHER, "RS256"), (secret, "HS256"), (elliptic, "ES256"), (same, "PS256"), (same, "RS512")):
        liar.signs(key, algorithm)
        tokens.append(liar.token)
    for token in tokens:
        liar.token = token
        with pytest.raises(Unproven):
            await liar.vouch()


async def test_a_token_that_was_changed_is_no_token(liar: Liar) -> None:
    liar.signs()
    head, _, signature = liar.token.split(".")
    liar.signs(sub="s-2")
    liar.token = ".".join((head, liar.token.split(".")[1], signature))
    with pytest.raises(Unproven):
        await liar.vouch()


async def test_new_keys_are_asked_for_once_in_a_while(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    relying = liar.relying()
    liar.signs()
    await liar.vouch(relying)
    liar.keys = [OTHER.as_dict(private=False)]
    liar.signs(OTHER)
    with pytest.raises(Unproven):
        await liar.vouch(relying)
    assert liar.asked == ["keys"]
    later = clock.monotonic() + 31
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert await liar.vouch(relying) == "s-1"
    assert liar.asked == ["keys", "keys"]


@pytest.mark.parametrize(
    "keys",
    [[], ["x"], [{"kty": "RSA"}], [{"kty": "oct", "k": "c2VjcmV0"}], [{**KEY.as_dict(private=False), "use": "enc"}]],
)
async def test_keys_that_are_none_prove_nothing(liar: Liar, keys: list[Claims]) -> None:
    liar.keys = keys
    liar.signs()
    with pytest.raises(Unproven):
        await liar.vouch()


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.test"},
        {"token_endpoint": "http://localhost/token"},
        {"jwks_uri": None},
        {"authorization_response_iss_parameter_supported": True},
    ],
)
async def test_metadata_that_does_not_fit_is_not_used(liar: Liar, metadata: Claims) -> None:
    liar.metadata = metadata
    liar.signs()
    with pytest.raises(Unproven):
        await liar.vouch()


async def test_an_answer_of_another_issuer_is_a_mix_up(liar: Liar) -> None:
    liar.signs()
    with pytest.raises(Unproven, match="another issuer"):
        await liar.vouch(iss="https://evil.test")
    assert liar.form == {}


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=302, headers={"Location": "https://evil.test"}),
        lambda: web.json_response({"error": "invalid_grant"}, status=400),
        lambda: web.Response(text="[" * 100_000),
        lambda: web.Response(text='{"id_token": "' + "x" * LONGEST),
        lambda: web.json_response({"id_token": None}),
        lambda: web.json_response([]),
    ],
)
async def test_answers_that_are_none(liar: Liar, answer: Callable[[], web.Response]) -> None:
    liar.answer = answer
    with pytest.raises(Unproven):
        await liar.vouch()


async def test_a_certificate_that_nobody_vouches_for_ends_it(liar: Liar) -> None:
    liar.trust = ssl.create_default_context()
    liar.signs()
    with pytest.raises(Unproven, match="Certificate"):
        await liar.vouch()


async def test_the_directory_s_claim_may_be_another_one(liar: Liar) -> None:
    liar.signs(employee="e-9")
    relying = liar.relying(claim="employee")
    answer = await relying.vouched({"code": "c"}, REDIRECT, "n", "v" * 43)
    assert (answer.subject, answer.external) == ("s-1", "e-9")
    liar.signs()
    with pytest.raises(Unproven, match="employee"):
        await liar.vouch(relying)
