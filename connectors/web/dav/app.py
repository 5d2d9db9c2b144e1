"""WebDAV as a part of the web door: signs in with every request, refuses what writes, and asks Radicale the rest."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from operator import itemgetter
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from connectors.web.basic import credentials
from connectors.web.dav import asked
from connectors.web.dav.asked import Asked, Unmet, Unreadable
from connectors.web.dav.place import PREFIX
from connectors.web.dav.refusals import XML, read_only, refusal
from connectors.web.dav.visit import Visit
from connectors.web.download import download
from connectors.web.faults import of_error, of_status
from groupware.cards.vcard import VERSIONS
from groupware.errors import Forbidden, IconetError, Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from connectors.web.dav.radicale_app import Reply
    from connectors.web.portal import Portal
    from groupware.caller import Caller
    from groupware.cards.vcard import Version

CHALLENGE = 'Basic realm="ICONet address books", charset="UTF-8"'
"""RFC 7617 2."""
READS = ("GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT")
WRITES = frozenset(
    "ACL COPY DELETE LOCK MKADDRESSBOOK MKCALENDAR MKCOL MOVE PATCH POST PROPPATCH PUT UNLOCK".split()  # noqa: SIM905 -- a line
)
TOLD = ("ETag", "Last-Modified", "Content-Disposition")
"""Fields of Radicale's answer that are passed on."""
OFFERED = {"Allow": ", ".join(READS), "DAV": "1, 3, access-control, addressbook"}
"""RFC 4918 10.1, RFC 6352 6.1."""


class Dav:
    """The ASGI application below /dav/."""

    def __init__(self, portal: Portal) -> None:
        self._groupware = portal.groupware
        self._workers = portal.workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except (IconetError, HTTPException) as error:
            response = _fault(error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        caller = await self._signed_in(request)
        path = request.scope["path"].removeprefix(PREFIX) or "/"
        if request.method in WRITES:
            return read_only(request.scope["path"])
        if request.method not in READS:
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers=OFFERED)
        if request.method == "OPTIONS":
            return Response(headers=OFFERED)
        if not path.isascii() or not path.isprintable() or "/." in path:  # Radicale has pages of its own there
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if request.method in ("GET", "HEAD") and path == "/":
            return RedirectResponse("/directory", HTTPStatus.SEE_OTHER)
        with self._groupware.live.during(caller.official, Door.CARDDAV):
            return await self._ask(request, caller, path)

    async def _signed_in(self, request: Request) -> Caller:
        """RFC 7617: login or address, and an app password. HTTPException 401 for whatever is wrong."""
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        name, secret = credentials(request.headers.get("authorization", ""))
        if not name or not secret:
            raise HTTPException(HTTPStatus.UNAUTHORIZED)
        try:
            host = request.client.host if request.client else ""
            return await self._groupware.sign_in.check(Door.CARDDAV, name, secret, host)
        except (Refused, Forbidden) as error:
            raise HTTPException(HTTPStatus.UNAUTHORIZED) from error

    async def _ask(self, request: Request, caller: Caller, path: str) -> Response:
        body = await request.body()
        visit = Visit(self._groupware, caller, asyncio.get_running_loop())
        try:
            status, headers, answer = await self._workers.run(lambda: _ask(visit, request, path, body))
        except Unreadable:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        except Unmet as unmet:
            return refusal(unmet.status, unmet.condition)
        if status == HTTPStatus.FORBIDDEN and not headers["Content-Type"].startswith("text/xml"):
            raise HTTPException(HTTPStatus.NOT_FOUND)  # forbidden and absent alike
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED):
            raise HTTPException(status)
        return _as_asked(request, visit.asked.version, status, headers, answer)


def _ask(visit: Visit, request: Request, path: str, body: bytes) -> Reply:
    """In a thread: what the body asks for, then Radicale."""
    from connectors.web.dav import radicale_app  # noqa: PLC0415 -- it loads a quarter of a second, the first time

    if request.method in ("GET", "HEAD"):
        visit.asked = Asked(accepted(request.headers.get("accept", "")))
    else:
        visit.asked = asked.read(request.method, body)
    method = "GET" if request.method == "HEAD" else request.method  # uvicorn leaves the body out
    return radicale_app.answer(visit, method, path, request.headers, body)


def accepted(accept: str) -> Version:
    """The version of vCard that a client would rather have (RFC 9110 12.5.1, RFC 6350 10.1); 3.0 if it says nothing."""
    best: tuple[float, Version] = (0.0, "3.0")
    for given in accept.lower().split(",")[:20]:
        kind, *parameters = (part.strip() for part in given.split(";"))
        known = dict(part.partition("=")[::2] for part in parameters)
        for version in VERSIONS:
            if kind == "text/vcard" and known.get("version", "3.0") == version:
                best = max(best, (_weight(known.get("q", "1")), version), key=itemgetter(0))
    return best[1]


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _as_asked(request: Request, version: Version, status: int, headers: dict[str, str], answer: bytes) -> Response:
    """Radicale's answer with our header fields."""
    told: dict[str, str] = {name: headers[name] for name in TOLD if name in headers}
    if request.method in ("GET", "HEAD"):
        told["Vary"] = "Accept"
        if told.get("ETag") in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=told)
        return download(answer, f"text/vcard; version={version}; charset=utf-8", told)
    return Response(answer, status, {**told, "DAV": OFFERED["DAV"]}, XML)


def _tags(field: str) -> list[str]:
    """RFC 9110 13.1.2, compared weakly."""
    return [tag.strip().removeprefix("W/") for tag in field.split(",")]


def _fault(error: Exception) -> Response:
    said = of_error(error)
    headers = dict(said.headers)
    if said.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, HTTPException):
        headers |= error.headers or {}
    return PlainTextResponse(of_status(said.status).sentence, said.status, headers)


async def well_known(_request: Request) -> Response:
    """RFC 6764 5: where the address books begin; no sign-in is asked for."""
    return RedirectResponse(f"{PREFIX}/", HTTPStatus.MOVED_PERMANENTLY)
