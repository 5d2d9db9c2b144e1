"""Follower: asks colleagues about drafts, and tells authors what became of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupware import drafts, notices
from groupware.drafting import asking, lapsing, rows
from groupware.events import Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.drafting.asking import House
    from groupware.store import Tx

NAME = "draft-notices"
_RIGHTS = frozenset({EventKind.RIGHTS_CHANGED, EventKind.OFFICIAL_OFF_BOARDED})
KINDS = (EventKind.POST_DRAFTED, EventKind.DRAFT_AUTHORISED, EventKind.DRAFT_ENDED, *sorted(_RIGHTS))
_BECAME = {
    "published": "it is published",
    "held": "it awaits moderation now",
    "unconfirmed": "it seems to hold personal data, and awaits your word now",
}
_DAYS = drafts.DECIDED_WITHIN // (24 * 3600 * 1_000_000)


class Telling:
    """Acts on KINDS. What has changed since is told as it is now."""

    def __init__(self, house: House) -> None:
        self._house = house

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the mails that a slice of the log asks for."""
        if any(event.kind in _RIGHTS for event in events):
            lapsing.end_fallen(tx, self._house.monitor)
        for event in events:
            if event.kind == EventKind.POST_DRAFTED:
                self._drafted(tx, rows.get(tx, event.subject))
            elif event.kind not in _RIGHTS:
                self._became(tx, rows.get(tx, event.subject))

    def _drafted(self, tx: Tx, row: Row[Any]) -> None:
        if row.word:
            return
        asking.ask(tx, self._house, row, "Your authorisation is asked")
        said = f"No colleague's word in {_DAYS} days, and it lapses: it isn't sent. You may withdraw it until then."
        self._tell(tx, row, "awaits authorisation", f"It waits for a colleague who may authorise it. {said}")

    def _became(self, tx: Tx, row: Row[Any]) -> None:
        if row.word == "authorised":
            self._tell(
                tx, row, "was authorised", f"A colleague has authorised it: {_BECAME.get(row.state, 'it has gone on')}."
            )
        elif row.word in ("refused", "lapsed", "fallen"):
            reason = notices.quoted("Your colleague", row.reason) if row.word == "refused" else f"Reason: {row.reason}."
            self._tell(tx, row, "was not sent", f"It is gone. {reason}")

    def _tell(self, tx: Tx, row: Row[Any], what: str, text: str) -> None:
        """Whoever wrote it or handed it in."""
        line = f"No. {row.number} in {row.name} ({row.code}). {text}"
        for official in {row.author, row.sender}:
            notices.send(tx, self._house.domain, [official], f"Your message to {row.name} {what}", line)
