"""Threads by References (RFC 5322 3.6.4): where a new post hangs in its room, and what it takes from its parent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from groupware import tables
from groupware.message.markings import UNMARKED, Marks, strictest
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor, View
    from groupware.store import Snapshot

_post, _submission = tables.post.c, tables.submission.c
_mail, _rendering = tables.mail.c, tables.rendering.c


@dataclass(frozen=True, slots=True)
class Place:
    """The post that is answered and the first one of its thread (ids, 0: none)."""

    parent: int
    thread: int


NO_PLACE = Place(0, 0)

_KNOWN = (
    select(_post.id)
    .join(tables.submission, _submission.id == _post.submission)
    .where(_submission.message_id.in_(bindparam("references", expanding=True)))
    .limit(1)
)
_NAMED = (
    select(_submission.message_id, _post.id, _post.thread)
    .join(tables.submission, _submission.id == _post.submission)
    .where(
        _submission.message_id.in_(bindparam("references", expanding=True)),
        _post.room == bindparam("room"),
        or_(_post.state == "published", _post.author == bindparam("author")),
    )
)
_POSTS_ABOVE = (
    select(_post.marking, _post.handling)
    .join(tables.submission, _submission.id == _post.submission)
    .where(_submission.message_id.in_(bindparam("references", expanding=True)))
)
_MAILS_ABOVE = (
    select(_mail.marking, _mail.handling)
    .join(tables.rendering, _rendering.id == _mail.rendering)
    .where(_rendering.message_id.in_(bindparam("references", expanding=True)), _mail.kind == "mail")
)


def readable(snapshot: Snapshot, monitor: Monitor, caller: Caller, kind: Kind) -> View:
    """What an author may have read, also behind a stronger sign-in than this one: it can be quoted at any door."""
    return monitor.view(snapshot, replace(caller, strong=True), Action.READ, kind)


def find_place(view: View, room: int, references: Sequence[str]) -> Place:
    """The place of an answer among the room's published posts and the author's own, of those that the author can read.

    One that is hidden from the author is none: neither the thread nor the marking tells that it is there.
    """
    view.use(Kind.POST, Action.READ)
    if not references:
        return NO_PLACE
    values = {"references": list(references), "room": room, "author": view.caller.official, **view.parameters}
    found = view.snapshot.connection.execute(_NAMED.where(view.clause), values)
    named = {row.message_id: row for row in found}
    parent = next((named[reference] for reference in reversed(references) if reference in named), None)
    return NO_PLACE if parent is None else Place(parent.id, parent.thread)


def above(snapshot: Snapshot, monitor: Monitor, caller: Caller, references: Sequence[str]) -> Marks:
    """What an answer inherits from the posts of any room and the mail that it names and its author can read."""
    if not references:
        return UNMARKED
    rows: list[Row[Any, Any]] = []
    for kind, statement in ((Kind.POST, _POSTS_ABOVE), (Kind.MAIL, _MAILS_ABOVE)):
        view = readable(snapshot, monitor, caller, kind)
        values = {"references": list(references), **view.parameters}
        rows += snapshot.connection.execute(statement.where(view.clause), values).all()
    return strictest(UNMARKED, *(Marks(Marking(row.marking), Handling(row.handling)) for row in rows))


def names_known_post(view: View, references: Sequence[str]) -> bool:
    """Whether one of the Message-IDs is that of a post that the author can read: it can't be passed on unasked."""
    if not references:
        return False
    known = _KNOWN.where(view.clause)
    values = {"references": list(references), **view.parameters}
    return view.snapshot.connection.execute(known, values).first() is not None
