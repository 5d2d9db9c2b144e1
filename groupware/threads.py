"""Threads by References (RFC 5322 3.6.4): where a new post hangs in its room, and what it takes from its parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select

from groupware import tables
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.monitor import View

_post, _submission = tables.post.c, tables.submission.c


@dataclass(frozen=True, slots=True)
class Place:
    """The post that is answered and the first one of its thread (ids, 0: none), and the strictest marking above."""

    parent: int
    thread: int
    marking: Marking
    handling: int


_KNOWN = (
    select(_post.id)
    .join(tables.submission, _submission.id == _post.submission)
    .where(_submission.message_id.in_(bindparam("references", expanding=True)))
    .limit(1)
)
NO_PLACE = Place(0, 0, Marking.CLEAR, 0)

_NAMED = (
    select(_submission.message_id, _post.id, _post.thread, _post.marking, _post.handling)
    .join(tables.submission, _submission.id == _post.submission)
    .where(
        _submission.message_id.in_(bindparam("references", expanding=True)),
        _post.room == bindparam("room"),
        or_(_post.state == "published", _post.author == bindparam("author")),
    )
)


def find_place(view: View, room: int, references: Sequence[str]) -> Place:
    """The place of an answer among the room's published posts and the author's own; only those can be its parents.

    The view is the author's, of reading posts: where one that they can't see leaves no mark, its name can't be tried.
    """
    if not references:
        return NO_PLACE
    values = {"references": list(references), "room": room, "author": view.caller.official, **view.parameters}
    rows = view.snapshot.connection.execute(_NAMED.where(view.clause), values)
    named = {row.message_id: row for row in rows}
    if not named:
        return NO_PLACE
    parent = next(named[reference] for reference in reversed(references) if reference in named)
    marking = max(Marking(row.marking) for row in named.values())
    return Place(parent.id, parent.thread, marking, max(row.handling for row in named.values()))


def names_known_post(view: View, references: Sequence[str]) -> bool:
    """Whether one of the Message-IDs is that of a post that the author can read: it can't be passed on unasked."""
    if not references:
        return False
    known = _KNOWN.where(view.clause)
    values = {"references": list(references), **view.parameters}
    return view.snapshot.connection.execute(known, values).first() is not None
