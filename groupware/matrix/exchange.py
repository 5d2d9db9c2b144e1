"""What the Matrix bridge can ask for: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from groupware.errors import IconetError
from groupware.followers import Follower
from groupware.matrix import devices, hearing, membership, outbox, publishing, rooms, saying, speech, telling
from groupware.matrix.announcing import announce
from groupware.matrix.outbox import What
from groupware.matrix.saying import Published, Waits
from groupware.meetings import announcing
from groupware.message.compose import File
from groupware.message.unfit import Classified

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from groupware.caller import Caller
    from groupware.confirmation.desk import Confirmation
    from groupware.marked import Alarm
    from groupware.matrix.devices import Device
    from groupware.matrix.hearing import Heard
    from groupware.matrix.membership import Moment, Plan, Seat
    from groupware.matrix.outbox import Queued
    from groupware.matrix.rooms import Room
    from groupware.matrix.saying import Held
    from groupware.matrix.telling import Ready, Told
    from groupware.message.parser import Parser
    from groupware.store import Snapshot, Store

logger = logging.getLogger(__name__)
Fetch = Callable[[str], Awaitable[bytes]]


class Exchange:
    """For one store; `me` names this process's bridge among those that share the store."""

    def __init__(
        self, store: Store, house: saying.House, parser: Parser, confirmation: Confirmation, me: str, alarm: Alarm
    ) -> None:
        self._store = store
        self._house = house
        self._parser = parser
        self._confirmation = confirmation
        self._me = me
        self._alarm = alarm

    def followers(self) -> Sequence[Follower]:
        """Those who queue what becomes of posts and of bookings; to be run beside the bridge."""
        announcements = announcing.Announcements(self._house.monitor, announce)
        return (
            Follower(self._store, publishing.NAME, self._me, publishing.KINDS, publishing.follow),
            Follower(self._store, announcing.NAME, self._me, announcing.KINDS, announcements),
        )

    # ---- rooms

    async def rooms(self) -> Sequence[Room]:
        """All rooms, with the Matrix ids of those that have one."""
        return await self._store.read(rooms.rooms)

    async def rooms_since(self, version: int | None) -> tuple[int, Sequence[Room]] | None:
        """The same with the version of the rights, which changes of rooms raise, too; None if it is still this one."""

        def query(snapshot: Snapshot) -> tuple[int, Sequence[Room]] | None:
            now = membership.version(snapshot)
            return None if now == version else (now, rooms.rooms(snapshot))

        return await self._store.read(query)

    async def remember(self, room: int, matrix: str) -> None:
        """From now on the room is that Matrix room."""
        await self._store.run(partial(rooms.remember, room=room, matrix=matrix))

    async def forget(self, room: int) -> None:
        """The homeserver has lost the room, or is a new one."""
        await self._store.run(partial(rooms.forget, room=room))

    async def lease(self) -> frozenset[int]:
        """The rooms to which this bridge, and no other, sends for the next `rooms.LEASE`."""
        return await self._store.run(partial(rooms.lease, me=self._me))

    async def release(self) -> None:
        """Let another bridge send at once."""
        await self._store.run(partial(rooms.release, me=self._me))

    # ---- members

    async def plan(self, known: Moment | None = None) -> Plan | None:
        """Who has to enter or to leave; None while nothing has changed since the moment that is `known`."""
        return await self._store.read(partial(self._plan, known=known))

    def _plan(self, snapshot: Snapshot, known: Moment | None) -> Plan | None:
        same = known is not None and snapshot.now < known.until and membership.version(snapshot) == known.version
        return None if same else membership.plan(snapshot, self._house.monitor)

    async def seats(self, login: str) -> Sequence[Seat]:
        """What one official may enter and isn't in."""
        return await self._store.read(partial(membership.of, monitor=self._house.monitor, login=login))

    async def entering(self, seats: Sequence[Seat]) -> Sequence[Seat]:
        """Remember that they are about to be joined; those who still may enter."""
        return await self._store.run(partial(membership.entering, monitor=self._house.monitor, seats=seats))

    async def entered(self, seats: Sequence[Seat]) -> Sequence[Seat]:
        """They are in the room; returns those who lost the right meanwhile, and have to be put out."""
        return await self._store.run(partial(membership.entered, monitor=self._house.monitor, seats=seats))

    async def left(self, seats: Sequence[Seat]) -> None:
        """They aren't in the room any more."""
        await self._store.run(partial(membership.left, seats=seats))

    async def present(self, room: int, logins: Sequence[str]) -> None:
        """Whom the homeserver says to be in a room, and nobody else."""
        await self._store.run(partial(membership.present, room=room, logins=logins))

    async def registered(self, official: int, name: str) -> None:
        """The homeserver has an account for them, under this display name."""
        await self._store.run(partial(membership.registered, official=official, name=name))

    # ---- devices

    async def device_signed_in(self, login: str, name: str, app_password: int) -> None:
        """Remember by which app password. Raises NotFound for an unknown login."""
        await self._store.run(partial(devices.remember, login=login, name=name, app_password=app_password))

    async def devices_to_end(self) -> Sequence[Device]:
        """Those whose app password was revoked, or has expired."""
        return await self._store.read(devices.ended)

    async def device_ended(self, device: Device) -> None:
        """It is signed out."""
        await self._store.run(partial(devices.forget, device=device))

    # ---- to the rooms

    async def waiting(self) -> frozenset[int]:
        """The rooms for which something is queued."""
        return await self._store.read(outbox.waiting)

    async def following(self, room: int) -> Sequence[Queued]:
        """What is to be sent to a room next, in order."""
        return await self._store.read(partial(outbox.following, room=room))

    async def ready(self, row: Queued, portal: str) -> Ready | None:
        """What to ask of the homeserver, as of now; None when there is nothing to be sent any more.

        `portal` is the address under which links to attachments are given, "" for none.
        """
        if row.kind == What.REDACT:
            return telling.redaction(row)
        if row.kind == What.NOTICE:
            return telling.notice(row)
        post = await self._store.read(partial(self._told, post=row.post))
        if post is None:
            return None
        rich = await self._parser.rich(post.head, post.body) if post.has_html else ""
        return telling.ready(row, post, await self._parser.display(post.head, post.body), rich, portal)

    def _told(self, snapshot: Snapshot, post: int) -> Told | None:
        return telling.told(snapshot, self._house.monitor, post, self._house.directory)

    async def sent(self, row: Queued, event: str) -> None:
        """It is in the room, as this event."""
        await self._store.run(partial(outbox.sent, row=row, event=event))

    async def dropped(self, row: Queued) -> None:
        """It isn't sent any more."""
        await self._store.run(partial(outbox.dropped, row=row))

    async def tried(self, row: Queued) -> None:
        """The homeserver refused it this time."""
        await self._store.run(partial(outbox.tried, row=row))

    # ---- from the rooms

    async def say(
        self, caller: Caller, room: int, said: Mapping[str, Any], name: Sequence[str], fetch: Fetch
    ) -> Published | Held:
        """What becomes of somebody's words; those that have to wait are held when this returns.

        The same `name` (sender, room, device and transaction) again is the same message. `fetch` has a file of the
        homeserver's. Raises Refused, Forbidden, NotFound or Conflict by rule, Unacceptable, what `fetch` raises, and
        the store's temporary errors.
        """
        words, key = speech.read(said), speech.name(self._house.key, "transaction", *name)
        file = None
        if words.upload is not None:
            file = File(words.upload.name, words.upload.type, await fetch(words.upload.url))
        try:
            found = await self._store.read(lambda snapshot: self._judge(snapshot, caller, room, words, key, file))
            if not isinstance(found, Waits):
                return found
            seeming = await self._confirmation.seeming(found.raw, [found.to])
            if found.shown is not None and not seeming:
                return Published(found.shown)
            submission = await asyncio.to_thread(saying.prepared, self._house, found, seeming)
        except Classified as refused:
            await self._alarm.refused(caller, refused)
            raise
        return await self._store.run(
            partial(saying.hold, house=self._house, waits=found, submission=submission, room=room)
        )

    def _judge(
        self, snapshot: Snapshot, caller: Caller, room: int, words: speech.Speech, key: str, file: File | None
    ) -> Published | Held | Waits:
        place = saying.room_of(snapshot, room)
        return saying.judge(snapshot, self._house, caller, place, words, key, file)

    async def unknown(self, events: Sequence[str]) -> frozenset[str]:
        """Those of the events that have yet to have their effect."""
        return await self._store.read(partial(outbox.unknown, events=events))

    async def is_new(self, transaction: str) -> bool:
        """Whether the homeserver's transaction is yet to have its effect."""
        return not await self._store.read(partial(hearing.seen, name=transaction))

    async def take(self, heard: Heard) -> None:
        """An event has its effect: a post, if somebody said it; what can't be one is taken back.

        Raises the store's temporary errors: then it is to be told again.
        """
        try:
            await self._take(heard)
        except hearing.NOT_SAID:
            await self._store.run(partial(hearing.take_back, heard=heard))
        except (IconetError, SQLAlchemyError):
            raise
        except Exception:  # one event that we fail at doesn't keep those behind it
            logger.exception("not-taken")
            await self._store.run(partial(hearing.take_back, heard=heard))

    async def _take(self, heard: Heard) -> None:
        submission = await self._store.read(partial(hearing.prepared, house=self._house, heard=heard))
        if submission is not None:
            seeming = await self._confirmation.seeming(submission.raw, submission.recipients)
            submission = replace(submission, personal_data=seeming)
        await self._store.run(partial(hearing.take, house=self._house, heard=heard, submission=submission))

    async def taken(self, transaction: str) -> None:
        """All events of the transaction have had their effect."""
        await self._store.run(partial(hearing.remember, name=transaction))
