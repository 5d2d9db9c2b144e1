"""ICONet's answers: who signs in, is in office, enters, hands in files. What is said is the bridge's to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.matrix.answers import Refuse, Signed
from groupware.errors import Refused
from groupware.retention.homeserver import Forgettable
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.matrix.answers import Conversation, Said, Verdict
    from connectors.matrix.service import Service
    from groupware.caller import Caller
    from groupware.service import Groupware


class Gate:
    """Implements connectors.matrix.answers.Answers; `largest` is how many octets a file may have."""

    def __init__(self, groupware: Groupware, service: Service, conversation: Conversation, largest: int) -> None:
        self._groupware = groupware
        self._service = service
        self._conversation = conversation
        self._largest = largest

    async def login(self, name: str, app_password: str, peer: str) -> Signed | None:
        """See Answers. Raises Busy when too many try."""
        try:
            caller = await self._groupware.sign_in.check(Door.MATRIX, name, app_password, peer)
        except Refused:
            return None
        return Signed(caller.login, caller.name, caller.app_password)

    async def device(self, user_id: str, device_id: str, app_password: int) -> None:
        """See Answers. Raises NotFound for a user who isn't an official's."""
        await self._groupware.matrix.device_signed_in(self._service.login(user_id), device_id, app_password)

    async def welcome(self, user_id: str) -> None:
        """See Answers."""
        if await self._caller(user_id):
            await self._conversation.welcome(user_id)

    async def active(self, user_id: str) -> bool:
        """See Answers."""
        return await self._caller(user_id) is not None

    async def may_join(self, user_id: str, room_id: str) -> bool:
        """See Answers."""
        caller = await self._caller(user_id)
        if caller is None:
            return False
        room = await self._conversation.room_of(room_id)
        if room is None:
            return await self._groupware.releases.whose_room(room_id) == caller.login
        return await self._groupware.may_enter(caller, room)

    async def may_upload(self, user_id: str, size: int) -> bool:
        """See Answers."""
        caller = await self._caller(user_id)
        fits = 0 <= size <= self._largest
        return fits and caller is not None and await self._groupware.may_post_somewhere(caller)

    async def may_say(self, said: Said) -> Verdict:
        """See Answers."""
        caller = await self._caller(said.sender)
        if caller is None:
            return Refuse("M_FORBIDDEN", "Not in office")
        return await self._conversation.may_say(said, caller)

    async def to_forget(self) -> tuple[Sequence[str], Sequence[str]]:
        """See Answers."""
        found = await self._groupware.retention.to_forget()
        return found.events, found.media

    async def forgotten(self, events: Sequence[str], media: Sequence[str], left: Mapping[str, str]) -> None:
        """See Answers."""
        await self._groupware.retention.forgotten(Forgettable(events, media), left)

    async def _caller(self, user_id: str) -> Caller | None:
        login = self._service.login(user_id)
        return await self._groupware.in_office(login, Door.MATRIX) if login else None
