# SPDX-License-Identifier: AGPL-3.0-or-later
"""ICONet's word inside Synapse: who signs in, what a request may be for, what is said. Runs in Synapse's process only.

This file is loaded by Synapse and so under Synapse's licence, unlike the rest of ICONet; it imports nothing of ICONet
and asks it over a unix socket: a line of JSON each way. It decides nothing that ICONet can decide, and whatever goes
wrong (no socket, no answer in time, nonsense) is a refusal that says so.

Three gates, one behind the other:
- a request of a person passes only if it is one of `REQUESTS`. All else that Matrix knows (own names and pictures,
  to-device messages, rooms, invitations, state, redactions, pushers) would be a way round ICONet;
- an event passes only if ICONet itself makes it, or if it is a person's `m.room.message` that ICONet takes;
- the spam checker's questions are answered no, but for entering a room.
Synapse's own administration (/_synapse/admin), which nobody here uses, is not there: part of it answers strangers.
ICONet itself is the application service's own user, which nobody signs in as, and, when it acts for an official, a
device that nobody else is given: Synapse takes it from the token or the assertion, never from what is sent.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections import OrderedDict
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attr
from iconet_forgetting import Forgetting
from synapse.api.errors import Codes, SynapseError
from synapse.http.server import UnrecognizedRequestResource
from synapse.logging.context import current_context, make_deferred_yieldable
from synapse.module_api import NOT_SPAM, ModuleApi
from synapse.rest.client.directory import ClientDirectoryListServer, ClientDirectoryServer
from synapse.rest.client.room import RoomSummaryRestServlet
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import UNIXClientEndpoint, connectProtocol
from twisted.protocols.basic import LineOnlyReceiver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from synapse.events import EventBase
    from synapse.types import Requester

log = logging.getLogger("iconet_policy")
UNAVAILABLE = "EU.ICONET.UNAVAILABLE"
LONGEST_LINE = 512 * 1024
"""Octets of a question or an answer: the largest event (64 KiB) with each octet written as six."""
LONGEST_MESSAGE = 60_000
"""Octets of a message's content: with what Synapse adds it has to fit into an event."""
MOST_WAITING = 2000
PATIENCE = {"login": 15.0, "welcome": 20.0, "say": 10.0}
FORGET_EVERY = 2
"""Seconds after which it asks whether there is something to be forgotten."""
USUAL_PATIENCE = 3.0
"""Seconds for an answer."""
FRESH = 1.0
"""Seconds for which a yes about a request counts; a no is asked about each time."""
MOST_FRESH = 10_000

KINDS = frozenset({"m.text", "m.notice", "m.emote", "m.file", "m.image", "m.audio", "m.video"})
"""What a message may be (msgtype)."""

_ANY = r"[^/]+"
_ROOM = r"rooms/[^/]+/"
READING = re.compile(
    r"/_matrix/client/(?:v\d|r0|api/v1|unstable(?:/[a-z0-9._]+)?)/(?:rooms/(?P<room>[^/]+)/)?.*"
    r"|/_matrix/media/.*|/_matrix/client/versions"
)
"""GET and HEAD change nothing; of a room it is asked whether they may enter."""
REQUESTS = re.compile(
    r"(?:PUT|POST|DELETE) /_matrix/(?:client/(?:v\d|r0|unstable)/(?:"
    rf"(?:sync|org\.matrix\.(?:msc3575|simplified_msc3575)/sync)"
    rf"|user/{_ANY}/(?:filter|account_data/{_ANY}|{_ROOM}(?:account_data/{_ANY}|tags/{_ANY}))"
    rf"|rooms/(?P<room>{_ANY})/(?:send/m\.room\.message(?:/{_ANY})?|typing/{_ANY}|receipt/{_ANY}/{_ANY}|read_markers|join|forget)"
    rf"|join/(?P<entered>{_ANY})|search|user_directory/search|publicRooms"
    rf"|devices/{_ANY}|delete_devices|logout|logout/all|refresh"
    rf"|keys/(?:upload|query|claim|changes|device_signing/upload|signatures/upload)|pushrules/.*|presence/.*"
    r")|media/(?:v3|r0|v1)/upload)"
)
"""What a person may ask of Matrix that changes something; in a room only if they may enter it."""


@attr.s(auto_attribs=True, frozen=True)
class Config:
    """`socket`: path; `secret`: of this start; `service` and `device`: ICONet's own user, and its device of others'."""

    socket: str
    secret: str
    service: str
    device: str


class IconetPolicy:
    """The module that homeserver.json names."""

    def __init__(self, config: Config, api: ModuleApi) -> None:
        self._service = config.service
        self._device = config.device
        self._api = api
        self._asked = Asking(config)
        self._fresh: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._hide_rooms()
        api.register_web_resource("/_synapse/admin", UnrecognizedRequestResource())
        api.register_password_auth_provider_callbacks(
            auth_checkers={("m.login.password", ("password",)): _closed(self.check_auth)},
            check_3pid_auth=_closed(self.check_3pid_auth),
            is_3pid_allowed=_never,
        )
        api.register_account_validity_callbacks(
            is_user_expired=_closed(self.is_user_expired), on_user_login=_closed(self.on_user_login)
        )
        api.register_third_party_rules_callbacks(
            check_event_allowed=_closed(self.check_event_allowed),
            on_create_room=_closed(self.on_create_room),
            check_threepid_can_be_invited=_never,
            check_visibility_can_be_modified=_private,
            check_can_deactivate_user=_never,
            check_can_shutdown_room=_never,
        )
        api.register_spam_checker_callbacks(
            user_may_join_room=_closed(self.user_may_join_room),
            user_may_invite=_closed(self._by_service),
            user_may_send_3pid_invite=_forbidden,
            user_may_create_room=_closed(self._by_service),
            user_may_create_room_alias=_closed(self._by_service),
            user_may_publish_room=_forbidden,
            user_may_send_state_event=_closed(self._by_service),
            check_login_for_spam=_closed(self.check_login_for_spam),
        )
        api.register_media_repository_callbacks(is_user_allowed_to_upload_media_of_size=_closed(self.may_upload))

        self._forgetting = Forgetting(api, self._asked)
        api.looping_background_call(self._forgetting.step, FORGET_EVERY * 1000, desc="iconet_forget")

    @staticmethod
    def parse_config(config: Mapping[str, Any]) -> Config:
        """The `config` of homeserver.json."""
        return Config(**config)

    # ---- who signs in

    async def check_auth(
        self, username: str, _kind: str, login: Mapping[str, Any]
    ) -> tuple[str, Callable[[Any], Awaitable[None]]] | None:
        """A login, an address or a whole Matrix id, with an app password.

        What is raised here Synapse answers like a wrong secret: 403.
        """
        name = username.removeprefix("@").removesuffix(f":{self._api.server_name}")
        return await self._sign_in(name, login["password"])

    async def check_3pid_auth(
        self, medium: str, address: str, password: str
    ) -> tuple[str, Callable[[Any], Awaitable[None]]] | None:
        """Clients that ask for a mail address send it as a third-party identifier."""
        return await self._sign_in(address, password) if medium == "email" else None

    async def _sign_in(self, name: str, password: object) -> tuple[str, Callable[[Any], Awaitable[None]]] | None:
        answer = await self._asked.ask("login", name=name, app_password=str(password), peer=_peer())
        login = answer.get("login")
        if not isinstance(login, str) or not login:
            return None
        user = self._api.get_qualified_user_id(login)
        if user == self._service:
            return None
        await self._have(user, str(answer.get("name") or login))

        async def welcome(response: Mapping[str, Any]) -> None:
            device = str(response["device_id"])
            await self._asked.ask("device", user=user, device=device, app_password=answer.get("app_password"))
            with suppress(SynapseError):  # they have signed in all the same, and their rooms follow
                await self._asked.ask("welcome", user=user)

        return user, welcome

    async def _have(self, user: str, name: str) -> None:
        """An account; the bridge may be making it at this moment."""
        if await self._api.check_user_exists(user):
            return
        try:
            await self._api.register_user(user.removeprefix("@").partition(":")[0], displayname=name)
        except SynapseError:
            if not await self._api.check_user_exists(user):
                raise

    async def check_login_for_spam(self, user: str, device: str | None, *_more: object) -> Any:  # noqa: ANN401 -- NOT_SPAM
        """Whatever way they came (a sign-in by browser asks nobody else): in office, and not as ICONet itself.

        A client may choose its device's name, but not the bridge's.
        """
        if user == self._service or device == self._device:
            return Codes.FORBIDDEN
        return NOT_SPAM if _yes(await self._asked.ask("active", user=user)) else Codes.FORBIDDEN

    async def on_user_login(self, user: str, kind: str | None, _provider: str | None) -> None:
        """After a sign-in by browser; `check_auth` sees to it after one with an app password."""
        if kind == "m.login.token":
            with suppress(SynapseError):  # they have signed in all the same, and their rooms follow
                await self._asked.ask("welcome", user=user)

    # ---- what a request may be for

    async def is_user_expired(self, user: str) -> bool:
        """Synapse asks at every request of a person, and only then; the application service's are its own."""
        request = getattr(current_context(), "request", None)
        if request is None or not request.method or not request.url:
            raise unavailable()
        path = request.url.partition("?")[0]
        pattern, told = (READING, path) if request.method in ("GET", "HEAD") else (REQUESTS, f"{request.method} {path}")
        found = pattern.fullmatch(told)
        if found is None:
            raise SynapseError(403, "Not in ICONet's rooms", Codes.FORBIDDEN)
        named = found.groupdict()
        return not await self._active(user, unquote(named.get("room") or named.get("entered") or ""))

    async def _active(self, user: str, room: str) -> bool:
        key, now = (user, room), time.monotonic()
        if self._fresh.get(key, 0.0) > now:
            return True
        if not _yes(await self._asked.ask("active", user=user)):
            return False
        if room and not await self._enters(user, room):
            raise SynapseError(403, "Not in this room", Codes.FORBIDDEN)
        self._fresh[key] = now + FRESH
        while len(self._fresh) > MOST_FRESH:
            self._fresh.popitem(last=False)
        return True

    async def _enters(self, user: str, room: str) -> bool:
        """By its id or alias; a room that isn't there is one that they may not enter."""
        if room.startswith("#"):
            try:
                room, _ = await self._api.lookup_room_alias(room)
            except SynapseError:
                return False
        return _yes(await self._asked.ask("join", user=user, room=room))

    def _hide_rooms(self) -> None:
        """Synapse tells everybody, even without a sign-in, which aliases and rooms there are: before a servlet is made.

        Whoever may enter a room finds it by its alias; to all others it is as absent as one that never was.
        """
        resolve = ClientDirectoryServer.on_GET

        async def resolved(servlet: Any, request: Any, room_alias: str) -> Any:  # noqa: ANN401 -- Synapse's
            try:
                requester = await self._api.get_user_by_req(request)
                if requester.authenticated_entity != self._service:
                    await self._active(requester.user.to_string(), room_alias)
                return await resolve(servlet, request, room_alias)
            except SynapseError as error:
                raise error if error.errcode == UNAVAILABLE else _no_such_room() from error

        ClientDirectoryServer.on_GET = resolved
        ClientDirectoryListServer.on_GET = _absent
        RoomSummaryRestServlet.on_GET = _absent

    # ---- what is said

    async def check_event_allowed(self, event: EventBase, state: Mapping[Any, EventBase]) -> tuple[bool, Any]:
        """Every event that is made here, before it is one."""
        entity, asked = _asked_by()
        if event.sender == self._service or getattr(event.internal_metadata, "device_id", None) == self._device:
            return True, None
        if event.is_state():
            return await self._membership(event, state, asked=asked), None
        if event.type != "m.room.message" or not asked or entity != event.sender or not _plain(event.content):
            raise SynapseError(403, "This can't be sent to ICONet's rooms", Codes.FORBIDDEN)
        before = state.get(("m.room.member", event.sender))
        if before is None or before.membership != "join":  # Synapse looks only later
            raise SynapseError(403, "Not in this room", Codes.FORBIDDEN)
        return await self._said(event)

    async def _said(self, event: EventBase) -> tuple[bool, Any]:
        inner, content = event.internal_metadata, event.get_dict()["content"]
        if len(json.dumps(content, ensure_ascii=False).encode()) > LONGEST_MESSAGE:
            raise SynapseError(413, "Too large for a message", Codes.TOO_LARGE)
        answer = await self._asked.ask(
            "say",
            sender=event.sender,
            room=event.room_id,
            type=event.type,
            content=content,
            txn=str(getattr(inner, "txn_id", None) or ""),
            device=str(getattr(inner, "device_id", None) or ""),
            event=event.event_id,
        )
        verdict, instead = answer.get("verdict"), answer.get("content")
        if verdict == "allow":
            return True, None
        if verdict == "replace" and isinstance(instead, dict) and _plain(instead):
            return True, {**event.get_dict(), "content": instead}
        if verdict == "refuse":
            raise SynapseError(403, str(answer.get("text") or "Refused"), str(answer.get("errcode") or Codes.FORBIDDEN))
        raise unavailable()

    async def _membership(self, event: EventBase, state: Mapping[Any, EventBase], *, asked: bool) -> bool:
        """Membership follows the directory: nobody leaves, knocks or is asked in; who may enter may join."""
        own = event.type == "m.room.member" and event.state_key == event.sender
        if not own or event.membership != "join":
            raise SynapseError(403, "Membership and state follow ICONet's directory", Codes.FORBIDDEN)
        name = await self._name(event.sender)
        if set(event.content) - {"membership", "displayname"} or event.content.get("displayname", name) != name:
            raise SynapseError(403, "Names follow ICONet's directory", Codes.FORBIDDEN)
        if not asked:  # Synapse's own work: a new name goes to the rooms in the background
            before = state.get(("m.room.member", event.sender))
            return before is not None and before.membership == "join"
        return _yes(await self._asked.ask("join", user=event.sender, room=event.room_id))

    async def _name(self, user: str) -> str | None:
        profile = await self._api.get_profile_for_user(user.removeprefix("@").partition(":")[0])
        name: str | None = profile.display_name
        return name

    # ---- rooms and files

    async def user_may_join_room(self, user: str, room: str, _is_invited: bool) -> Any:  # noqa: ANN401, FBT001 -- Synapse's signature
        """Whoever may enter."""
        if user == self._service or _asked_by()[0] == self._service:
            return NOT_SPAM
        return NOT_SPAM if _yes(await self._asked.ask("join", user=user, room=room)) else Codes.FORBIDDEN

    async def on_create_room(self, requester: Requester, _config: object, _is_admin: bool) -> None:  # noqa: FBT001 -- Synapse's signature
        """Rooms are ICONet's to make."""
        if requester.authenticated_entity != self._service:
            raise SynapseError(403, "Rooms are made in ICONet", Codes.FORBIDDEN)

    async def may_upload(self, user: str, size: int) -> bool:
        """Who may post anywhere may hand in files, up to a size."""
        if _asked_by()[0] == self._service:
            return True
        return _yes(await self._asked.ask("upload", user=user, size=size))

    async def _by_service(self, *_asked: object) -> Any:  # noqa: ANN401 -- NOT_SPAM is a word of Synapse's
        return NOT_SPAM if _asked_by()[0] == self._service else Codes.FORBIDDEN


class OneLine(logging.Formatter):
    """Of an exception its kind and place: its message may quote what somebody said."""

    def formatException(self, ei: Any) -> str:  # noqa: ANN401 -- logging's triple
        """See logging.Formatter."""
        kind, _, trace = ei
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        code = trace.tb_frame.f_code if trace is not None else None
        return f"{getattr(kind, '__name__', '')} at {code.co_filename}:{trace.tb_lineno}" if code else ""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.exc_text = None
        return super().format(record).replace("\n", " ")


class Asking:
    """The questions under way: one connection for all of them, made when there is something to ask."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._line: Line | None = None
        self._unsent: list[bytes] = []
        self._waiting: dict[int, Deferred[dict[str, Any]]] = {}
        self._numbers = count(1)
        self._connecting = False
        self._heard = 0.0

    async def ask(self, question: str, **fields: object) -> dict[str, Any]:
        """The answer. SynapseError 503 if there is none in time, or none that can be understood."""
        number = next(self._numbers)
        text = json.dumps({"id": number, "ask": question, **fields}).encode()
        if len(text) > LONGEST_LINE or len(self._waiting) >= MOST_WAITING:
            raise unavailable()
        waiting: Deferred[dict[str, Any]] = Deferred()
        self._waiting[number] = waiting
        waiting.addTimeout(PATIENCE.get(question, USUAL_PATIENCE), _reactor())
        self._send(text)
        try:
            answer: dict[str, Any] = await make_deferred_yieldable(waiting)
        except Exception as error:
            log.warning("ICONet doesn't answer: %s: %s", question, type(error).__name__)
            self._doubt()
            raise unavailable() from error
        finally:
            self._waiting.pop(number, None)
        return answer

    def _doubt(self) -> None:
        """Who has said nothing for long, whoever asked, is left; the next question finds whoever listens then."""
        if self._line is not None and time.monotonic() - self._heard >= USUAL_PATIENCE:
            self._line.transport.abortConnection()

    def _send(self, text: bytes) -> None:
        if self._line is not None:
            self._line.sendLine(text)
            return
        self._unsent.append(text)
        if not self._connecting:
            self._connecting = True
            self._connect()

    def _connect(self) -> None:
        folder, name = os.path.split(self._config.socket)
        try:
            handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        except OSError as error:
            self.lost(error)
            return
        # unix(7) takes 107 octets at most, and a directory's path may be longer
        endpoint = UNIXClientEndpoint(_reactor(), f"/proc/self/fd/{handle}/{name}", timeout=USUAL_PATIENCE)
        connecting = connectProtocol(endpoint, Line(self))
        connecting.addBoth(_close, handle)
        connecting.addErrback(lambda failure: self.lost(failure.value))

    def connected(self, line: Line) -> None:
        """Prove who we are, and ask what waits."""
        self._line, self._connecting, self._heard = line, False, time.monotonic()
        line.sendLine(json.dumps({"secret": self._config.secret}).encode())
        for text in self._unsent:
            line.sendLine(text)
        self._unsent.clear()

    def answered(self, text: bytes) -> None:
        """Somebody's answer; raises ValueError for nonsense."""
        answer = json.loads(text)
        self._heard = time.monotonic()
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
            raise ValueError("no answer")  # noqa: TRY004 -- the caller knows one kind of nonsense
        waiting = self._waiting.pop(answer["id"], None)
        if waiting is None or waiting.called:
            return
        if isinstance(answer.get("answer"), dict):
            waiting.callback(answer["answer"])
        else:
            waiting.errback(unavailable())

    def lost(self, cause: BaseException) -> None:
        """Nobody there any more: whatever was asked is unanswered."""
        self._line, self._connecting = None, False
        self._unsent.clear()
        unanswered, self._waiting = self._waiting, {}
        for waiting in unanswered.values():
            if not waiting.called:
                waiting.errback(cause)


class Line(LineOnlyReceiver):  # type: ignore[misc] # Twisted isn't there when ICONet's types are checked
    """The connection."""

    delimiter = b"\n"
    MAX_LENGTH = LONGEST_LINE

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def connectionMade(self) -> None:
        """See twisted.internet.protocol.Protocol."""
        self._asking.connected(self)

    def lineReceived(self, line: bytes) -> None:
        """See twisted.protocols.basic.LineOnlyReceiver; with one that talks nonsense nobody talks on."""
        try:
            self._asking.answered(line)
        except (ValueError, RecursionError):
            self.transport.abortConnection()

    def lineLengthExceeded(self, _line: bytes) -> None:
        """See twisted.protocols.basic.LineOnlyReceiver."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: ANN401 -- Twisted's Failure
        """See twisted.internet.protocol.Protocol."""
        self._asking.lost(ConnectionError(str(reason)))


def unavailable() -> SynapseError:
    """ICONet can't be asked: nothing is said, shown or opened until it can."""
    return SynapseError(503, "ICONet can't be asked now; try again later", UNAVAILABLE)


def _no_such_room() -> SynapseError:
    return SynapseError(404, "No such room", Codes.NOT_FOUND)


async def _absent(*_asked: object, **_named: object) -> Any:  # noqa: ANN401 -- it never returns
    raise _no_such_room()


def _closed(callback: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The same, but a mistake of ours is a refusal that Synapse passes on, and a line in its log."""

    async def guarded(*asked: Any) -> Any:  # noqa: ANN401 -- Synapse's arguments, passed on
        try:
            return await callback(*asked)
        except (SynapseError, CancelledError):
            raise
        except Exception as error:
            log.exception("the policy failed")
            raise unavailable() from error

    return guarded


async def _forbidden(*_asked: object, **_named: object) -> Any:  # noqa: ANN401 -- Synapse's enum
    return Codes.FORBIDDEN


async def _never(*_asked: object, **_named: object) -> bool:
    return False


async def _private(_room: str, _state: object, visibility: str) -> bool:
    """Asked of new rooms as well: the list of rooms stays empty."""
    return visibility == "private"


def _asked_by() -> tuple[str, bool]:
    """Who authenticated in the request under way, and whether there is one: events don't tell, and could be forged."""
    request = getattr(current_context(), "request", None)
    return (str(request.authenticated_entity or ""), True) if request is not None else ("", False)


def _peer() -> str:
    request = getattr(current_context(), "request", None)
    return str(request.ip_address or "") if request is not None else ""


def _plain(content: Mapping[str, Any]) -> bool:
    """A message, and no edit of one: what was said is evidence."""
    relation = content.get("m.relates_to")
    edits = "m.new_content" in content or (relation is not None and _relates(relation) == "m.replace")
    return content.get("msgtype") in KINDS and isinstance(content.get("body"), str) and not edits


def _relates(relation: Any) -> str:  # noqa: ANN401 -- a client's JSON
    return str(relation.get("rel_type", "")) if hasattr(relation, "get") else "m.replace"


def _yes(answer: Mapping[str, Any]) -> bool:
    return answer.get("yes") is True


def _close(result: Any, handle: int) -> Any:  # noqa: ANN401 -- a callback of Twisted passes its result on
    os.close(handle)
    return result


def _reactor() -> Any:  # noqa: ANN401 -- Synapse chooses the reactor before its first use
    from twisted.internet import reactor  # noqa: PLC0415 -- importing it installs the default one

    return reactor
