"""What a client wishes, read from an authorization request (RFC 6749 4.1.1, OIDC Core 3.1.2.1, RFC 7636 4.3).

Only when client and redirect URI are right may anything be sent to the client, an error included: before that the
browser stays here, or anybody could have it sent anywhere (RFC 9700 4.11).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from connectors.web.oidc.parameters import Repeated, of_query
from groupware import clock
from groupware.provider.authorizing import Asked, scope_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.web.portal import Portal

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 in base64url (RFC 7636 4.2)."""
LONGEST_WORD = 1000
"""Octets of state and nonce."""
LONGEST_SHOWN = 200
"""Characters of what a client says that go into the log."""
logger = logging.getLogger(__name__)
LOGIN_FIRST = "fresh_since"
"""Our own parameter: the sign-in has to be after this second. It replaces prompt=login and max_age once they have led
to the sign-in page, or they would lead there for ever. Whoever takes it away only loses their own fresh sign-in, and
the client sees that in auth_time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the answer goes."""

    redirect: str
    state: str
    issuer: str

    def answer(self, **said: str) -> str:
        """The URL of an answer; `iss` in each one (RFC 9207 2)."""
        words = {**said, **({"state": self.state} if self.state else {}), "iss": self.issuer}
        return f"{self.redirect}{'&' if '?' in self.redirect else '?'}{urlencode(words)}"


class Unfit(Exception):  # noqa: N818 -- the request is
    """The client is told `error` (RFC 6749 4.1.2.1)."""

    def __init__(self, place: Place, error: str) -> None:
        super().__init__(error)
        self.url = place.answer(error=error)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that can be answered. `given` are its parameters, `title` is the client's."""

    place: Place
    asked: Asked
    prompt: frozenset[str]
    given: Mapping[str, str]
    title: str

    @property
    def silent(self) -> bool:
        """Whether nothing may be shown (prompt=none)."""
        return "none" in self.prompt

    def after_sign_in(self) -> str:
        """The same request for after the sign-in that it asks for."""
        kept = {name: value for name, value in self.given.items() if name not in ("prompt", "max_age", LOGIN_FIRST)}
        left = self.prompt - {"login", "select_account"}
        kept |= {"prompt": " ".join(sorted(left))} if left else {}
        if self.asked.again or {"max_age", LOGIN_FIRST} & self.given.keys():
            kept[LOGIN_FIRST] = str(clock.now() // clock.MICROSECONDS)
        return f"/oidc/authorize?{urlencode(kept)}"


async def read(portal: Portal, query: str) -> Wish:
    """The wish. HTTPException when it can't be told to the client, Unfit when it can."""
    try:
        given, repeated = of_query(query), False
    except Repeated as error:
        given, repeated = dict(error.once), True
    client = await portal.groupware.provider.client(given.get("client_id", ""))
    redirect = given.get("redirect_uri", "")
    if client is None or redirect not in client.redirects:  # RFC 6749 3.1.2.4; exactly (RFC 9700 2.1)
        names = given.get("client_id", "") if client is None else redirect
        what = "no client" if client is None else f"no return address of {client.name}"
        logger.info("authorization refused: %s is called %a", what, names[:LONGEST_SHOWN])
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    state = given.get("state", "")
    place = Place(redirect, state if len(state) <= LONGEST_WORD else "", portal.house.portal)
    problem = "invalid_request" if repeated else _problem(given)
    if problem:
        raise Unfit(place, problem)
    prompt = frozenset(given.get("prompt", "").split())
    subject = await _subject(portal, given.get("id_token_hint", ""), place)
    return Wish(place, _asked(given, prompt, subject), prompt, given, client.title)


def _problem(given: Mapping[str, str]) -> str:
    """The error with which the client is told; empty if there is none."""
    if "request" in given or "request_uri" in given:  # OIDC Core 3.1.2.6
        return "request_not_supported" if "request" in given else "request_uri_not_supported"
    if given.get("response_type") != "code":
        return "unsupported_response_type" if "response_type" in given else "invalid_request"
    if given.get("response_mode", "query") != "query" or not _fits(given):
        return "invalid_request"
    return "" if "openid" in given.get("scope", "").split(" ") else "invalid_scope"


def _fits(given: Mapping[str, str]) -> bool:
    prompt = given.get("prompt", "").split()
    challenged = CHALLENGE.fullmatch(given.get("code_challenge", "")) and given.get("code_challenge_method") == "S256"
    short = max(len(given.get("state", "")), len(given.get("nonce", ""))) <= LONGEST_WORD
    numbers = all(_is_number(given.get(name, "0")) for name in ("max_age", LOGIN_FIRST))
    known = set(prompt) <= {"none", "login", "consent", "select_account"} and ("none" not in prompt or len(prompt) == 1)
    return bool(challenged) and short and numbers and known


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 12  # noqa: PLR2004 -- seconds since 1970, and far beyond


def _asked(given: Mapping[str, str], prompt: frozenset[str], subject: str) -> Asked:
    age = {"age": int(given["max_age"]) * clock.MICROSECONDS} if "max_age" in given else {}
    return Asked(
        client=given["client_id"],
        redirect=given["redirect_uri"],
        scope=scope_of(given["scope"]),
        challenge=given["code_challenge"],
        nonce=given.get("nonce", ""),
        since=int(given.get(LOGIN_FIRST, "0")) * clock.MICROSECONDS,
        again=bool(prompt & {"login", "select_account"}),
        subject=subject,
        consent="consent" in prompt,
        **age,
    )


async def _subject(portal: Portal, hint: str, place: Place) -> str:
    """Whom an id_token_hint names (OIDC Core 3.1.2.1)."""
    if not hint:
        return ""
    known = await portal.groupware.provider.hint(hint, place.issuer)
    if known is None:
        raise Unfit(place, "invalid_request")
    return str(known["sub"])
