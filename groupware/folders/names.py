"""Which folders a caller has: the personal ones, and one for each room that may be entered (CONTRACT: `Areas/CODE`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from groupware import reading
from groupware.errors import NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.reading import RoomCard
    from groupware.store import Snapshot

AREAS = "Areas"
INBOX = "INBOX"


class FolderKind(StrEnum):
    """What fills a folder: deliveries, a room's posts, or its owner's own doing."""

    INBOX = "inbox"
    AREA = "area"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class FolderName:
    """A folder that there is for this caller. `special_use` is RFC 6154's attribute, or empty; `room` 0 for none."""

    name: str
    kind: FolderKind
    special_use: str = ""
    room: int = 0


PERSONAL = (
    FolderName(INBOX, FolderKind.INBOX),
    FolderName("Drafts", FolderKind.PERSONAL, "\\Drafts"),
    FolderName("Sent", FolderKind.PERSONAL, "\\Sent"),
    FolderName("Trash", FolderKind.PERSONAL, "\\Trash"),
)


def names(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[FolderName]:
    """All of them; a room that the caller may not enter isn't there."""
    view = monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)
    cards = reading.rooms(view)
    paths = _paths(cards)
    return [*PERSONAL, *(FolderName(paths[card.id], FolderKind.AREA, room=card.id) for card in cards)]


def _paths(cards: Sequence[RoomCard]) -> dict[int, str]:
    """Where each room's folder is: a sub-theme's in its room's, if that isn't hidden from who asks.

    Codes are never used twice, so no two rooms ever have the same path.
    """
    codes = {card.id: card.code for card in cards}
    return {card.id: "/".join(filter(None, (AREAS, codes.get(card.parent, ""), card.code))) for card in cards}


def find(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> FolderName:
    """One of them. Raises NotFound, the same for a room that isn't there and one that isn't the caller's."""
    for folder in PERSONAL:
        if folder.name == name:
            return folder
    for folder in names(snapshot, monitor, caller):
        if folder.name == name:
            return folder
    raise NotFound(name)
