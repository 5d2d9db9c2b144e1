"""Between ICONet's rooms and Matrix's: one application service, which acts for every official."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from connectors.matrix.answers import Allow, Refuse, Replace
from connectors.matrix.bridge import rooms
from connectors.matrix.bridge.beat import Beat
from connectors.matrix.bridge.catching_up import CatchingUp
from connectors.matrix.bridge.client import AwayError, Client, MatrixError
from connectors.matrix.bridge.desks import Desks
from connectors.matrix.bridge.members import Members
from connectors.matrix.bridge.sending import Sender
from connectors.matrix.bridge.stillness import Stillness
from connectors.matrix.bridge.transactions import Transactions
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.matrix.hearing import Heard
from groupware.matrix.saying import Published
from groupware.message.errors import Unacceptable
from groupware.message.unfit import Classified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.house import House
    from connectors.matrix.answers import Said, Verdict
    from connectors.matrix.service import Service
    from connectors.settings import Settings
    from groupware.caller import Caller
    from groupware.matrix.rooms import Room

NOT_HERE = "You can't send this here"
WAKEN_AFTER = 1.0
"""Seconds after a transaction that couldn't be taken; alone, the homeserver waits up to 512."""
LONG_PATIENCE = 15.0
"""Seconds after which asks are told in any case; news of them call earlier."""
log = logging.getLogger("iconet.matrix")


class RoomBridge:
    """See connectors.matrix.service.Bridge."""

    def __init__(self, house: House, service: Service) -> None:
        self._groupware = house.groupware
        self._exchange = house.groupware.matrix
        self._service = service
        self._client = Client(service)
        self._rooms: dict[str, Room] = {}
        self._by_id: dict[int, str] = {}
        self._rooms_as_of: int | None = None
        self._transactions = Transactions(service.hs_token, self._take, self._troubled)
        self._members = Members(self._client, self._exchange)
        self._sender = Sender(self._client, self._exchange, self._members, self._by_id, _portal(house.settings))
        self._catching = CatchingUp(self._client, self._exchange, self._rooms, self._heard, self._transactions.turn)
        self._desks = Desks(self._client, service, house.groupware.releases, house.groupware.drafting)
        self._stillness = Stillness()
        house.groupware.backups.still = self._stillness.still
        quietly = self._stillness.quietly
        self._beats = (
            Beat(house.groupware, "rooms", quietly(self._follow_rooms), self._members.patience),
            Beat(house.groupware, "put out", quietly(self._members.put_out), self._members.patience),
            Beat(house.groupware, "let in", quietly(self._members.let_in), self._members.patience),
            Beat(house.groupware, "sender", quietly(self._sender.step), self._sender.patience),
            Beat(house.groupware, "releases", quietly(self._desks.step), lambda: LONG_PATIENCE),
            Beat(house.groupware, "catching up", quietly(self._catching.step), self._catching.patience),
        )
        self._tasks: set[asyncio.Task[Any]] = set()

    async def listen(self) -> int:
        """See Bridge."""
        return await self._transactions.listen()

    async def begin(self) -> None:
        """See Bridge."""
        await self._client.register("")
        await self._client.make_device("")
        await self._client.call("", "ICONet")
        await self._follow_rooms()
        for follower in self._exchange.followers():
            self._start(follower.run())
        for beat in self._beats:
            self._start(beat.run())
        self.woken()

    def woken(self) -> None:
        """See Bridge."""
        self._catching.needed()
        for beat in self._beats:
            beat.returned()
        self._start(self._wake(0.0))

    async def stop(self) -> None:
        """See Bridge."""
        await self._transactions.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._exchange.release()
        await self._client.close()

    # ---- rooms

    async def _follow_rooms(self) -> bool:
        """Bring the Matrix rooms up to date: those that are new, and those of which something was changed."""
        news = await self._exchange.rooms_since(self._rooms_as_of)
        if news is None:
            return False
        known = {room.id: room for room in self._rooms.values()}
        for room in news[1]:
            if room != known.get(room.id):
                await self._follow(room, new=room.id not in known)
        self._rooms_as_of = news[0]
        return False

    async def _follow(self, room: Room, *, new: bool) -> None:
        if new:
            room = await rooms.establish(self._client, self._service, self._exchange, room)
        else:
            await rooms.settle(self._client, self._service, room)
        self._rooms[room.matrix], self._by_id[room.id] = room, room.matrix
        if new:
            self._members.look_again()
            self._sender.renew()
            for beat in self._beats:
                beat.call()

    # ---- what the homeserver asks

    async def room_of(self, room_id: str) -> int | None:
        """See Conversation."""
        room = self._rooms.get(room_id)
        return room.id if room else None

    async def welcome(self, user_id: str) -> None:
        """See Answers."""
        await self._members.welcome(self._service.login(user_id))

    async def may_say(self, said: Said, caller: Caller) -> Verdict:
        """See Answers."""
        async with self._stillness.acting():
            return await self._may_say(said, caller)

    async def _may_say(self, said: Said, caller: Caller) -> Verdict:
        room = self._rooms.get(said.room_id)
        if room is None:
            return await self._desks.may_say(said, caller) or Refuse("M_FORBIDDEN", NOT_HERE)
        transaction = (said.device_id, said.txn_id) if said.txn_id else (said.event_id,)
        name = (said.sender, said.room_id, *transaction)
        try:
            found = await self._exchange.say(caller, room.id, said.content, name, self._client.file)
        except (Refused, Classified) as error:
            return Refuse("M_FORBIDDEN", error.text or NOT_HERE)
        except MatrixError as error:
            return Refuse(error.code, "This file can't be taken")
        except (Forbidden, NotFound, Conflict, Unacceptable):
            return Refuse("M_FORBIDDEN", NOT_HERE)
        same = isinstance(found, Published) and found.content == said.content
        return Allow() if same else Replace(found.content)

    # ---- what the homeserver tells

    async def _take(self, name: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Each event's effect is one transaction, known by its id; the last one closes the homeserver's own."""
        async with self._stillness.acting():
            await self._take_all(name, events)

    async def _take_all(self, name: str, events: Sequence[Mapping[str, Any]]) -> None:
        transaction = f"{name} {events[0].get('event_id')}" if events else name
        if not await self._exchange.is_new(transaction):
            return
        for event in events:
            heard = self._heard(event)
            if heard is not None:
                await self._exchange.take(heard)
        await self._exchange.taken(transaction)

    def _heard(self, event: Mapping[str, Any]) -> Heard | None:
        room, content = self._rooms.get(str(event.get("room_id"))), event.get("content")
        if room is None or event.get("type") != "m.room.message" or not isinstance(content, dict) or not content:
            return None  # an event without content was redacted
        sender, at = str(event.get("sender")), event.get("origin_server_ts")
        login = self._service.login(sender)
        said_at = at * 1000 if isinstance(at, int) else 0
        return Heard(str(event.get("event_id")), room, login, content, said_at)

    # ---- waking

    def _troubled(self) -> None:
        self._start(self._wake(WAKEN_AFTER))

    async def _wake(self, after: float) -> None:
        await asyncio.sleep(after)
        try:
            await self._client.ping()
        except (AwayError, MatrixError) as error:
            log.info("not-woken", exc_info=error)

    def _start(self, work: Any) -> None:  # noqa: ANN401 -- any coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _portal(settings: Settings) -> str:
    """The portal's address; "" when it takes any free port, which nobody here knows."""
    return f"https://{settings.host}:{settings.web.port}" if settings.web.port else ""
