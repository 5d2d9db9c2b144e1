"""A call: one request of a program that signs in with every request, and how a handler becomes an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from connectors.web.api import plain
from connectors.web.basic import CREDENTIALS_MAX, credentials
from connectors.web.faults import Answer, of_error, of_status
from groupware.errors import IconetError, Refused
from groupware.message.errors import Unacceptable
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from groupware.caller import Caller
    from groupware.service import Groupware

CHALLENGE = 'Basic realm="ICONet API", charset="UTF-8"'
"""RFC 7617 2."""
NOT_STRONG = Answer(403, "admin-needs-strong-login", "Administration needs a session made for programs in the portal.")
"""What is said of the sign-in, and the same whatever was asked for."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what."""

    groupware: Groupware
    request: Request
    caller: Caller

    @property
    def path(self) -> Mapping[str, str]:
        """The named parts of the path."""
        return self.request.path_params

    def query(self, name: str) -> str:
        """A parameter of the query, empty without it."""
        return self.request.query_params.get(name, "")

    async def body(self) -> object:
        """What the JSON of the body says. 415 for another media type: a form of a foreign page can't send this one."""
        if self.request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        return plain.parsed(await self.request.body())


def endpoint(
    groupware: Groupware, handler: Callable[[Call], Awaitable[Response]], *, strong: bool
) -> Callable[[Request], Awaitable[Response]]:
    """Sign in, then answer; cookies are not looked at. Nothing is looked at for a sign-in that isn't strong enough."""

    async def answer(request: Request) -> Response:
        try:
            caller = await signed_in(groupware, request)
            if strong and not caller.strong:
                return told(NOT_STRONG)
            plain.check_address(request)
            with groupware.live.during(caller.official, Door.API):
                return await handler(Call(groupware, request, caller))
        except (IconetError, Unacceptable, HTTPException) as error:
            return fault(error)

    return answer


async def signed_in(groupware: Groupware, request: Request) -> Caller:
    """RFC 7617: login or address, and an app password. RFC 6750: a session that was made in the portal for a program.

    HTTPException 401 for whatever is wrong. An app password is no strong sign-in, a session is one.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    given = request.headers.get("authorization", "")
    if given[:7].lower() == "bearer ":
        return await _of_session(groupware, given[7:].strip())
    name, secret = credentials(given)
    if not name or not secret:
        raise HTTPException(HTTPStatus.UNAUTHORIZED)
    try:
        return await groupware.sign_in.check(Door.API, name, secret, request.client.host if request.client else "")
    except Refused as error:
        raise HTTPException(HTTPStatus.UNAUTHORIZED) from error


async def _of_session(groupware: Groupware, token: str) -> Caller:
    fits = len(token) <= CREDENTIALS_MAX
    visitor = await groupware.web_sessions.visitor(token, program=True) if fits else None
    if visitor is None or visitor.hurdle is not None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED)
    return visitor.caller


def fault(error: Exception) -> Response:
    """{"error": rule, "detail": sentence}."""
    return told(of_error(error), error)


def told(said: Answer, error: Exception | None = None) -> Response:
    """An answer as JSON, with the header fields that belong to it."""
    headers = dict(said.headers)
    if said.status == HTTPStatus.UNAUTHORIZED:
        said = Answer(401, "sign-in", "Sign in with your login and an app password for the API.")
        headers["WWW-Authenticate"] = CHALLENGE
    if said == of_status(HTTPStatus.FORBIDDEN):
        said = Answer(403, "foreign-page", "The request comes from a page of another site.")
    if isinstance(error, HTTPException):
        headers |= error.headers or {}
    return JSONResponse({"error": said.rule, "detail": said.sentence}, said.status, headers)


def moment(micro: int) -> str:
    """A time in UTC (RFC 3339)."""
    return datetime.fromtimestamp(micro / 1_000_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
