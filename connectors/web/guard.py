"""What holds for every request and answer: headers, bounds on size and time, and no error that tells of our inside."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse

from connectors.web.faults import of_status
from connectors.web.scim.place import PATH as SCIM
from connectors.web.uploads import TOO_LARGE, UPLOADS
from connectors.web.visit import render

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from connectors.web.portal import Portal

BODY_MAX = 512 * 1024
"""Octets of a request's body: a long text and its form."""
BODY_WITHIN = 20.0
"""Seconds in which it has to arrive."""
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Set on every answer that doesn't say otherwise itself."""
TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
"""A name, and a port that is one: RFC 9110 7.2, RFC 3986 3.2."""
SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
log = logging.getLogger("iconet.web")


class Guard:
    """ASGI around the application."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self._app = app
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = _Answer(send, public=self._portal.public)
        try:
            await self._serve(scope, receive, answer)
        except Exception as error:
            log.exception("request-failed", extra={"method": scope["method"]})
            if answer.begun and not answer.whole:
                raise _Torn from error
            if not answer.begun:
                await self._told(scope, 500)(scope, receive, answer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        most = UPLOADS.get(scope["path"], BODY_MAX)
        status = self._objection(headers, most) or _misnamed(scope["path"])
        if status:
            await self._told(scope, status)(scope, receive, send)
            return
        await self._app(scope, _Body(receive, most), send)

    def _objection(self, headers: Headers, most: int) -> int:
        """A status for a request that isn't looked at: for another host (RFC 9110 15.5.20), or with too much in it."""
        if len(headers.getlist("host")) > 1:  # RFC 9112 3.2
            return 400
        host = HOST.fullmatch(headers.get("host", "").lower())
        if host is None or host[1] not in self._portal.hosts:
            return 421
        length = headers.get("content-length", "0")
        return 413 if not length.isdecimal() or int(length) > most else 0

    def _told(self, scope: Scope, status: int) -> Response:
        """A fault in the words of those who ask: programs of the API, of SCIM (RFC 7644 3.12), people, or any other."""
        path, fault = scope["path"], of_status(status)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and path in UPLOADS:
            fault = replace(fault, sentence=TOO_LARGE)
        if path.startswith("/api/"):
            return JSONResponse({"error": fault.rule, "detail": fault.sentence}, status)
        if path.startswith(f"{SCIM}/"):
            told = {"schemas": [SCIM_ERROR], "status": str(status), "detail": fault.sentence}
            return JSONResponse(told, status, media_type="application/scim+json")
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and "text/html" in Headers(scope=scope).get("accept", ""):
            return render(self._portal, "stranger.html", status, fault=fault, back=path if path in UPLOADS else "")
        return PlainTextResponse(fault.sentence, status)


def _misnamed(path: str) -> int:
    """A status for a path that names nothing: with a line's end in it, which routes overlook or stop at."""
    return 404 if "\n" in path else 0


class _Torn(Exception):  # noqa: N818 -- it tells the server to close the connection, nothing else
    """The answer broke off in the middle."""


class _Answer:
    """Sends, with the headers that every answer has."""

    def __init__(self, send: Send, *, public: bool) -> None:
        self._send = send
        self._public = public
        self.begun = False
        self.whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers.setdefault(name, value)
            if self._public:
                headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
        await self._send(message)
        self.whole = message["type"] == "http.response.body" and not message.get("more_body", False)


class _Body:
    """Receives, within bounds until the body is there; afterwards only the end of the connection is awaited."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._whole = False
        self._deadline = asyncio.get_running_loop().time() + BODY_WITHIN

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise HTTPException(408) from error
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._most:
            raise HTTPException(413)
        return message
