"""Follower: tells those who may confirm a looser marking that it is asked for, and who asked what became of it.

Without subject and text: notices are for any mailbox, and the post may be TLP:RED.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupware import notices
from groupware.events import Event, EventKind
from groupware.mark_endings import GONE
from groupware.marks import loosening
from groupware.message import dates
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Row

    from groupware.monitor import Monitor
    from groupware.store import Tx

NAME = "mark-notices"
KINDS = (EventKind.MARK_ASKED, EventKind.MARK_ENDED, EventKind.POST_MARKED)
PORTAL = "It takes a second person of those who speak for its owner. Read it, and confirm or refuse, in the portal:"
_ENDED = {
    "refused": "was refused",
    "lapsed": "has lapsed: nobody confirmed it in time",
    "fallen": "has ended: who asked for it may not mark the post any more",
    "superseded": "has ended: the post is marked otherwise meanwhile",
    GONE: "has ended: the post isn't there any more",
}


@dataclass(frozen=True, slots=True)
class House:
    """What telling needs besides a transaction; `portal` says the portal's address."""

    monitor: Monitor
    domain: str
    portal: Callable[[], str]


class Telling:
    """Acts on KINDS. What has been decided since isn't asked any more."""

    def __init__(self, house: House) -> None:
        self._house = house

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for."""
        for event in events:
            row = loosening.of_moment(tx, event.subject, event.at)
            if row is None:
                continue
            if event.kind == EventKind.MARK_ASKED and not row.word:
                remind(tx, self._house, row, "Your confirmation is asked")
            elif event.kind == EventKind.MARK_ENDED and row.word in _ENDED:
                self._became(tx, row, _ENDED[row.word])
            elif event.kind == EventKind.POST_MARKED and row.word == "confirmed":
                self._became(tx, row, "was confirmed, and holds from now on")

    def _became(self, tx: Tx, row: Row[Any], what: str) -> None:
        said = notices.quoted("Your colleague", row.note) if row.word == "refused" else ""
        text = f"{_about(row)}\nIt {what}.\n{said}".rstrip()
        notices.send(tx, self._house.domain, [row.asker], f"Your marking of a post in {row.name} {what}", text)


def remind(tx: Tx, house: House, row: Row[Any], subject: str = "Your confirmation is still asked") -> None:
    """A notice to each who may confirm it."""
    text = f"{_about(row)}\nLast date: {dates.write(row.until)}. Without a word the marking stays.\n\n{PORTAL}"
    where = f"{house.portal()}/posts/{row.token}/mark"
    for official in loosening.confirmers(tx, house.monitor, row.post):
        notices.send(tx, house.domain, [official], f"{subject}: a post in {row.name}", f"{text}\n{where}")


def _about(row: Row[Any]) -> str:
    to = f"{Marking(row.marking).label} {Handling(row.handling).label}"
    return f"{row.asker_name} asks that a post in {row.name} ({row.code}) be marked {to}."
