"""A private room with each delegate, in which ICONet tells what awaits their word, and hears it.

Nobody else is in it, nothing said there is a post, and what is said is replaced by what became of it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.matrix.answers import Refuse, Replace
from connectors.matrix.bridge.client import MatrixError
from connectors.matrix.bridge.rooms import VERSION, power_levels

if TYPE_CHECKING:
    from connectors.matrix.answers import Said, Verdict
    from connectors.matrix.bridge.client import Client
    from connectors.matrix.service import Service
    from groupware.caller import Caller
    from groupware.drafting.desk import Drafting
    from groupware.releases.chat import Telling
    from groupware.releases.desk import Releases

PREFIX = "_releases_"
"""Of an alias: no code of a room has an underscore."""
LONGEST = 3_000


class Desks:
    """For one homeserver."""

    def __init__(self, client: Client, service: Service, releases: Releases, drafting: Drafting) -> None:
        self._client = client
        self._service = service
        self._releases = releases
        self._drafting = drafting

    async def step(self) -> bool:
        """Tell what is to be told; False when that is nothing."""
        releases = await self._releases.untold()
        for each in releases:
            await self._tell(each)
            await self._releases.told(each)
        drafts = await self._drafting.untold()
        for each in drafts:
            await self._tell(each)
            await self._drafting.told(each)
        return bool(releases or drafts)

    async def may_say(self, said: Said, caller: Caller) -> Verdict | None:
        """What becomes of words in such a room; None for another room."""
        login = await self._releases.whose_room(said.room_id)
        if not login:
            return None
        body = said.content.get("body")
        if login != caller.login or not isinstance(body, str) or len(body) > LONGEST:
            return Refuse("M_FORBIDDEN", "You can't send this here")
        answer = await self._drafting.say(caller, body) or await self._releases.say(caller, body)
        return Replace({"msgtype": "m.notice", "body": answer})

    async def _tell(self, each: Telling) -> None:
        await self._client.register(each.login)
        room = each.room or await self._established(each)
        await self._let_in(room, each.login)
        content = {"msgtype": "m.notice", "body": each.text, "m.mentions": {}}
        await self._client.send(room, "", content, key=f"release-{each.key.hex()}", at=0)

    async def _established(self, each: Telling) -> str:
        """A new room for them, or the one of this name: the alias is ours alone. From then on they may join it."""
        try:
            room = await self._client.create(PREFIX + each.login, self._wanted())
        except MatrixError as error:
            if error.code != "M_ROOM_IN_USE":
                raise
            room = await self._client.behind(f"#{PREFIX}{each.login}:{self._service.server_name}")
        await self._releases.has_room(each.official, room)
        return room

    async def _let_in(self, room: str, login: str) -> None:
        if login in await self._client.members(room):
            return
        with suppress(MatrixError):  # they are invited
            await self._client.invite(room, login)
        await self._client.join(room, login)

    def _wanted(self) -> dict[str, Any]:
        """Client-Server API, createRoom."""
        state = {
            "m.room.name": {"name": "Releases"},
            "m.room.topic": {"topic": "What awaits your consent. Only you and ICONet are here."},
            "m.room.join_rules": {"join_rule": "invite"},
            "m.room.history_visibility": {"history_visibility": "shared"},
            "m.room.guest_access": {"guest_access": "forbidden"},
        }
        return {
            "preset": "private_chat",
            "room_version": VERSION,
            "creation_content": {"m.federate": False},
            "power_level_content_override": power_levels(self._service.user_id),
            "initial_state": [{"type": kind, "state_key": "", "content": content} for kind, content in state.items()],
        }
