"""Follower: TLP:RED travels as a notice with a link, without subject and text; it is read in the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Select, bindparam, select

from directory import officials
from groupware import notices, tables
from groupware.events import Event, EventKind
from groupware.marking_tables import remarking
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import Monitor
    from groupware.store import Tx

NAME = "red-notices"
KINDS = (EventKind.POST_PUBLISHED, EventKind.POST_MARKED, EventKind.MAIL_SENT)
Portal = Callable[[], str]
"""The portal's address as of now, without a slash at its end; "" while it isn't known."""

_post, _mail, _rendering = tables.post.c, tables.mail.c, tables.rendering.c
_POSTS: Select[Any] = (
    select(_post.id, _post.token, tables.room.c.name, tables.room.c.code)
    .join(tables.room, tables.room.c.id == _post.room)
    .where(
        _post.id.in_(bindparam("some", expanding=True)),
        _post.marking == int(Marking.RED),
        _post.state == "published",
    )
    .order_by(_post.id)
)
_MAILS: Select[Any] = (
    select(_mail.id, _mail.author, _rendering.message_id)
    .join(tables.rendering, _rendering.id == _mail.rendering)
    .where(_mail.id.in_(bindparam("some", expanding=True)), _mail.kind == "mail", _mail.marking == int(Marking.RED))
    .order_by(_mail.id)
)
_BEFORE = (
    select(remarking.c.was_marking)
    .where(remarking.c.post == bindparam("post"))
    .order_by(remarking.c.id.desc())
    .limit(1)
)


class RedNotices:
    """Acts on KINDS: each who may read it behind a strong sign-in, and behind no other, is told once where it is."""

    def __init__(self, domain: str, monitor: Monitor, portal: Portal) -> None:
        self._domain = domain
        self._monitor = monitor
        self._portal = portal

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for."""
        posts = {event.subject for event in events if event.kind == EventKind.POST_PUBLISHED}
        posts |= {event.subject for event in events if event.kind == EventKind.POST_MARKED and _is_new(tx, event)}
        for row in tx.connection.execute(_POSTS, {"some": sorted(posts)}).all() if posts else ():
            what = f"post marked {Marking.RED.label} in {row.name} ({row.code})"
            self._tell(tx, self._who(tx, Action.LIST, Kind.POST, row.id), what, f"/posts/{row.token}")
        mails = [event.subject for event in events if event.kind == EventKind.MAIL_SENT]
        for row in tx.connection.execute(_MAILS, {"some": mails}).all() if mails else ():
            what = f"message marked {Marking.RED.label} from {officials.get(tx.connection, row.author).name}"
            where = f"/letter?id={quote(row.message_id.strip('<>'), safe='')}"
            self._tell(tx, self._who(tx, Action.READ, Kind.MAIL, row.id), what, where)

    def _who(self, tx: Tx, action: Action, kind: Kind, number: int) -> list[int]:
        """Who is shown it with a strong sign-in; the others have it by mail already, or may not have it."""
        anyhow = set(self._monitor.audience(tx, action, kind, number))
        return [each for each in self._monitor.audience(tx, action, kind, number, strong=True) if each not in anyhow]

    def _tell(self, tx: Tx, to: Sequence[int], what: str, path: str) -> None:
        text = f"It isn't sent by mail. Read it in the portal, after a strong sign-in:\n\n{self._portal()}{path}"
        for each in to:
            notices.send(tx, self._domain, [each], f"There is a {what}", f"There is a {what}.\n{text}")


def _is_new(tx: Tx, event: Event) -> bool:
    """Whether it was wider before: whoever could read it then had it by mail."""
    return bool(tx.connection.scalar(_BEFORE, {"post": event.subject}) != int(Marking.RED))
