"""Follower: asks authors for their word. A notice names kinds and numbers, and quotes nothing of what was found."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from groupware import tables
from groupware.events import Event, EventKind
from groupware.notices import send
from groupware.personal_data.finding import WORDS, Kind
from groupware.personal_data_tables import personal_data_hold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Row

    from groupware.store import Tx

NAME = "author-asked"
KINDS = (EventKind.POST_UNCONFIRMED,)
_post, _room, _hold = tables.post.c, tables.room.c, personal_data_hold.c
_WAITING: Select[Any] = (
    select(_post.token, _post.number, _post.author, _post.sender, _room.code, _room.name, _hold.kinds)
    .join(personal_data_hold, _hold.post == _post.id)
    .join(tables.room, _room.id == _post.room)
    .where(_post.id.in_(bindparam("posts", expanding=True)), _post.state == "unconfirmed")
    .order_by(_post.id)
)


class Asking:
    """Acts on `post-unconfirmed`; `portal` says the portal's address, "" while nobody knows it."""

    def __init__(self, domain: str, portal: Callable[[], str]) -> None:
        self._domain = domain
        self._portal = portal

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """One notice an official for a slice of the log."""
        mine: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        for row in tx.connection.execute(_WAITING, {"posts": [event.subject for event in events]}):
            for official in {row.author, row.sender}:
                mine[official].append(row)
        for official, rows in mine.items():
            what = f"Your message to {rows[0].name}" if len(rows) == 1 else f"{len(rows)} messages"
            text = "\n".join([*map(self._line, rows), "", NOBODY_ELSE])
            send(tx, self._domain, [official], f"{what}: your word is asked", text)

    def _line(self, row: Row[Any]) -> str:
        seeming = ", ".join(WORDS[Kind(kind)] for kind in row.kinds.split())
        where = f"{self._portal()}/unconfirmed/{row.token}" if self._portal() else "Look in the portal."
        return f"No. {row.number} in {row.name} ({row.code}) seems to hold personal data: {seeming}. {where}"


NOBODY_ELSE = (
    "Personal data is barred there. Nobody else has seen it. Confirm it with a reason, write it anew without, or "
    "withdraw it; without a word from you it lapses after 7 days."
)
