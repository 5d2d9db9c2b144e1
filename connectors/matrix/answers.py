"""What the homeserver asks before it lets anybody in or says anything, and how it may be answered.

The policy module inside Synapse asks over a unix socket (connectors/matrix/questions.py). What the application
service does with its own token, in its own name or in an official's, is asked about never: it is ICONet that acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.caller import Caller


@dataclass(frozen=True, slots=True)
class Said:
    """A person's own `m.room.message` before it is an event; they are in the room, and it isn't too large for one.

    Nothing in `content` is checked but that `msgtype` is a known one and `body` a text. That it becomes an event isn't
    certain when this is asked: Synapse may yet fail, and its client tries again.

    `sender` is who really asked: a token's owner, not what the client wrote. The same (`sender`, `device_id`,
    `room_id`, `txn_id`) again is a client's retry (Client-Server API, transaction identifiers) and wants the same
    verdict. Edits (`m.replace`) never get here.
    `event_id` is the event's if it is allowed as it is; of a replaced or repeated one it is another.
    """

    sender: str
    room_id: str
    event_type: str
    content: Mapping[str, Any]
    txn_id: str
    device_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Allow:
    """It is said as it is."""


@dataclass(frozen=True, slots=True)
class Replace:
    """Something else is said in its place, in the same name; of the type `m.room.message` too."""

    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refuse:
    """It isn't said; the client is answered 403 with this Matrix error code (`M_FORBIDDEN`) and sentence."""

    errcode: str
    text: str


Verdict = Allow | Replace | Refuse


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed in: `login` is the localpart of their Matrix id, `name` their display name.

    `app_password` is the id of the one that they did it with.
    """

    login: str
    name: str
    app_password: int


class Answers(Protocol):
    """Everything that is asked. An exception, or no answer in time, is a refusal."""

    async def login(self, name: str, app_password: str, peer: str) -> Signed | None:
        """Who this is, by login or mail address; None for whatever is wrong. `peer` is the client's address or ""."""

    async def device(self, user_id: str, device_id: str, app_password: int) -> None:
        """They have signed in on this device, with that; when it is revoked, the device is signed out."""

    async def welcome(self, user_id: str) -> None:
        """They have signed in, and the client gets its answer when this returns: now they are in their rooms."""

    async def active(self, user_id: str) -> bool:
        """Whether they may do anything at all; asked at a request, but not more often than each second."""

    async def may_join(self, user_id: str, room_id: str) -> bool:
        """Whether they may enter the room."""

    async def may_upload(self, user_id: str, size: int) -> bool:
        """Whether they may hand in a file of `size` octets."""

    async def may_say(self, said: Said) -> Verdict:
        """What becomes of a message."""

    async def to_forget(self) -> tuple[Sequence[str], Sequence[str]]:
        """Ids of events, and of media, that the homeserver has to forget: their posts were erased."""

    async def forgotten(self, events: Sequence[str], media: Sequence[str], left: Mapping[str, str]) -> None:
        """It has looked, and nothing of these is there any more; what is `left`, by id, and what was in the way."""


class Conversation(Protocol):
    """The part of the answers that rests on the rooms: the bridge's."""

    async def room_of(self, room_id: str) -> int | None:
        """ICONet's room behind a Matrix room; None if there is none."""

    async def welcome(self, user_id: str) -> None:
        """See Answers."""

    async def may_say(self, said: Said, caller: Caller) -> Verdict:
        """See Answers. `caller` is the sender, in office a moment ago: the monitor is yet to be asked."""
