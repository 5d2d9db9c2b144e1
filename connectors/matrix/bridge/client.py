"""Requests to the homeserver: matrix-nio's client with the application service's token, in whosever name is needed."""

from __future__ import annotations

import json
import logging
import re
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import nio
from aiohttp import ClientError

from connectors.matrix.service import DEVICE, LOCALPART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aiohttp import ClientResponse

    from connectors.matrix.service import Service

ANSWER_WITHIN = 20.0
"""Seconds; less than the lease of a room (groupware.matrix.rooms)."""
LARGEST_FILE = 10 * 1024 * 1024
"""Octets of a file that becomes part of a post."""
_MXC = re.compile(r"mxc://([^/]+)/([A-Za-z0-9_-]{1,255})")
PAGE = 100
ONLY_MESSAGES = '{"types":["m.room.message"]}'
V3, V1 = "/_matrix/client/v3", "/_matrix/client/v1"

_QUERY: ContextVar[Mapping[str, str]] = ContextVar("query")
# nio tells of each refused request at level warning, with parts of it
logging.getLogger("nio").setLevel(logging.CRITICAL)


class MatrixError(Exception):
    """The homeserver said no, for good; `code` is Matrix's (`M_FORBIDDEN`)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class AwayError(Exception):
    """The homeserver isn't there, or can't just now: the same request may succeed later."""


class _Client(nio.AsyncClient):  # type: ignore[misc] # nio has no types
    """nio's client, acting as whom `_QUERY` says (Application Service API, identity assertion)."""

    async def send(self, method: str, path: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401 -- nio's signature
        joint = "&" if "?" in path else "?"
        return await super().send(method, f"{path}{joint}{urlencode(_QUERY.get())}", *rest, **more)


class Client:
    """For one homeserver. Each call raises MatrixError or AwayError; `login` is an official's, "" the bridge itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        config = nio.AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0, request_timeout=ANSWER_WITHIN)
        self._nio = _Client(service.url, service.user_id, config=config)
        self._nio.restore_login(service.user_id, DEVICE, service.as_token)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._nio.close()

    # ---- accounts

    async def register(self, login: str) -> None:
        """An account without a password; it may be there already."""
        wanted = {"type": "m.login.application_service", "username": login or LOCALPART, "inhibit_login": True}
        try:
            await self._ask("POST", f"{V3}/register", wanted, "")
        except MatrixError as error:
            if error.code != "M_USER_IN_USE":
                raise

    async def make_device(self, login: str) -> None:
        """The device that `send` asserts."""
        await self._ask("PUT", f"{V3}/devices/{DEVICE}", {"display_name": "ICONet"}, login)

    async def call(self, login: str, name: str) -> None:
        """The name that others see."""
        user = quote(self._user(login), safe="")
        await self._ask("PUT", f"{V3}/profile/{user}/displayname", {"displayname": name}, login)

    # ---- rooms

    async def create(self, code: str, wanted: Mapping[str, Any]) -> str:
        """A room with this alias; M_ROOM_IN_USE when the alias is taken."""
        answer = await self._ask("POST", f"{V3}/createRoom", {**wanted, "room_alias_name": code}, "")
        return str(answer["room_id"])

    async def behind(self, alias: str) -> str:
        """The room with an alias."""
        return str((await self._call("", self._nio.room_resolve_alias, alias)).room_id)

    async def state(self, room: str, kind: str) -> Mapping[str, Any] | None:
        """A room's state; None if there is none, or no such room that the bridge is in."""
        try:  # nio takes a refusal for the state
            return await self._ask("GET", f"{V3}/rooms/{quote(room, safe='')}/state/{kind}", None, "")
        except MatrixError as error:
            if error.code in ("M_NOT_FOUND", "M_FORBIDDEN"):
                return None
            raise

    async def set_state(self, room: str, kind: str, content: Mapping[str, Any]) -> None:
        """Change it."""
        await self._call("", self._nio.room_put_state, room, kind, content)

    async def members(self, room: str) -> Sequence[str]:
        """The logins of who is in the room."""
        found = await self._call("", self._nio.joined_members, room)
        logins = (self._service.login(member.user_id) for member in found.members)
        return [login for login in logins if login]

    async def invite(self, room: str, login: str) -> None:
        """Invite an official; M_FORBIDDEN when they are there."""
        await self._call("", self._nio.room_invite, room, self._user(login))

    async def join(self, room: str, login: str) -> None:
        """Join an invited official, in their name."""
        await self._call(login, self._nio.join, room)

    async def kick(self, room: str, login: str) -> None:
        """Remove an official; M_FORBIDDEN when they aren't there."""
        await self._call("", self._nio.room_kick, room, self._user(login))

    # ---- messages

    async def page(self, room: str, before: str = "") -> tuple[Sequence[Mapping[str, Any]], str]:
        """Messages of a room, newest first, and the place `before` them where the next page begins ("": nowhere)."""
        query = {"dir": "b", "limit": str(PAGE), "filter": ONLY_MESSAGES} | ({"from": before} if before else {})
        answer = await self._ask("GET", f"{V3}/rooms/{quote(room, safe='')}/messages?{urlencode(query)}", None, "")
        return answer["chunk"], str(answer.get("end") or "")

    async def send(self, room: str, login: str, content: Mapping[str, Any], *, key: str, at: int) -> str:
        """A message; the event's id, the same for the same `key`. `at` is when it was said (microseconds, 0: now)."""
        more = {"device_id": DEVICE} | ({"ts": str(at // 1000)} if at else {})
        sent = await self._call(login, self._nio.room_send, room, "m.room.message", content, key, also=more)
        return str(sent.event_id)

    async def redact(self, room: str, event: str, *, key: str) -> str:
        """Take an event back; the id of the redaction."""
        also = {"device_id": DEVICE}
        return str((await self._call("", self._nio.room_redact, room, event, None, key, also=also)).event_id)

    async def file(self, url: str) -> bytes:
        """A file that somebody has uploaded here (Client-Server API, content repository). MatrixError for others."""
        found = _MXC.fullmatch(url)
        if found is None or found[1] != self._service.server_name:
            raise MatrixError("M_NOT_FOUND", "not a file of ours")
        path = f"{V1}/media/download/{quote(found[1], safe='')}/{found[2]}"
        with _told_apart(), _acting(user_id=self._service.user_id):
            response = await self._nio.send("GET", path, None, {"Authorization": f"Bearer {self._service.as_token}"})
            async with response:
                octets = await _at_most(response, LARGEST_FILE)
        if response.status != HTTPStatus.OK:
            raise _error(response.status, None, "no such file")
        return octets

    async def ping(self) -> None:
        """Have the homeserver try at once what it couldn't tell us (Application Service API, pinging)."""
        await self._ask("POST", f"{V1}/appservice/{LOCALPART}/ping", {}, "")

    def _user(self, login: str) -> str:
        return self._service.matrix_id(login) if login else self._service.user_id

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, login: str) -> Mapping[str, Any]:
        """A request that nio has no call for."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._service.as_token}"}
        with _told_apart(), _acting(user_id=self._user(login)):
            response = await self._nio.send(method, path, None if body is None else json.dumps(body), headers)
            answer = await self._nio.parse_body(response)
        if response.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise _error(response.status, answer.get("errcode"), str(answer.get("error")))
        return dict(answer)

    async def _call(self, login: str, call: Any, *about: Any, also: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 -- nio has no types
        with _told_apart(), _acting(user_id=self._user(login), **(also or {})):
            answer = await call(*about)
        if isinstance(answer, nio.ErrorResponse):
            raise _error(answer.transport_response.status, answer.status_code, answer.message)
        return answer


@contextmanager
def _acting(**query: str) -> Iterator[None]:
    token = _QUERY.set(query)
    try:
        yield
    finally:
        _QUERY.reset(token)


@contextmanager
def _told_apart() -> Iterator[None]:
    """A homeserver that isn't there is AwayError, whatever the libraries call it."""
    try:
        yield
    except (ClientError, OSError) as error:  # TimeoutError is an OSError
        raise AwayError(f"{type(error).__name__}: {error}") from error


def _error(status: int, code: str | None, text: str) -> Exception:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return AwayError(f"{status} {code} {text}")
    return MatrixError(code or "M_UNKNOWN", text)


async def _at_most(response: ClientResponse, most: int) -> bytes:
    octets = bytearray()
    async for part in response.content.iter_any():
        octets += part
        if len(octets) > most:
            raise MatrixError("M_TOO_LARGE", f"more than {most} octets")
    return bytes(octets)
