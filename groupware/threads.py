"""Threads by References (RFC 5322 3.6.4): where a new post hangs in its room, and what it takes from its parent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, exists, literal, or_, select

from groupware import tables
from groupware.draft_tables import draft_reading, draft_reply
from groupware.glass_tables import glass, glass_opening
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
_me = bindparam("author", type_=BigInteger)
HAD_POST = or_(
    _post.author == _me,
    _post.sender == _me,
    exists(literal(1)).where(tables.copy.c.official == _me, tables.copy.c.post == _post.id, tables.copy.c.mail == 0),
    exists(literal(1)).where(draft_reply.c.post == _post.id, draft_reply.c.official == _me),
    exists(literal(1)).where(draft_reading.c.post == _post.id, draft_reading.c.official == _me),
    exists(literal(1)).where(
        glass_opening.c.post == _post.id, glass.c.id == glass_opening.c.glass, glass.c.asker == _me
    ),
)
"""Their own, in their mailbox, a draft that they were mailed or have opened, or what they opened in an emergency."""
_HAD_MAIL = or_(
    _mail.author == _me,
    exists(literal(1)).where(tables.mail_recipient.c.official == _me, tables.mail_recipient.c.mail == _mail.id),
)
"""What was theirs to read once may be quoted for good, also after a right was lost or the post was withdrawn."""
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
    """What an answer inherits from the posts of any room and the mail that it names.

    It counts what its author can read, or was given once. Of what they never had they can't quote a word; if that
    counted, an answer to a guessed Message-ID would tell that it is there, and how it is marked.
    """
    if not references:
        return UNMARKED
    rows: list[Row[Any, Any]] = []
    for kind, statement, had in ((Kind.POST, _POSTS_ABOVE, HAD_POST), (Kind.MAIL, _MAILS_ABOVE, _HAD_MAIL)):
        view = readable(snapshot, monitor, caller, kind)
        values = {"references": list(references), "author": caller.official, **view.parameters}
        rows += snapshot.connection.execute(statement.where(or_(view.clause, had)), values).all()
    return strictest(UNMARKED, *(Marks(Marking(row.marking), Handling(row.handling)) for row in rows))


def names_known_post(view: View, references: Sequence[str]) -> bool:
    """Whether one of the Message-IDs is that of a post that the author can read: it can't be passed on unasked."""
    if not references:
        return False
    known = _KNOWN.where(view.clause)
    values = {"references": list(references), **view.parameters}
    return view.snapshot.connection.execute(known, values).first() is not None
