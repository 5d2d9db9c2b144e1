"""Whose text is in a message: known again by Message-IDs that it names or encloses, and by fingerprints.

What a caller can't read, and never could, isn't looked for on their behalf, so that nobody learns by trying what others
have said. TLP:CLEAR has no limits (FIRST TLP 2.0), and what a moderator refused never was in the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, delete, insert, or_, select

from groupware import tables
from groupware.message.prints import NONE, Prints
from groupware.release_tables import print_due, text_print
from groupware.threads import HAD_POST, readable
from policies.vocabulary import Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

AT_ONCE = 400
"""Values of one question."""
_post = tables.post.c


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a message gives away of others: the Message-IDs that it names or encloses, and its fingerprints."""

    names: tuple[str, ...] = ()
    prints: Prints = NONE

    @property
    def all_names(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys((*self.names, *self.prints.names)))


_BY_NAME: Select[Any] = (
    select(_post.id)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .where(tables.submission.c.message_id.in_(bindparam("these", expanding=True)))
    .limit(1)
)
_BY_PRINT: Select[Any] = (
    select(_post.id)
    .join(text_print, text_print.c.post == _post.id)
    .where(text_print.c.print.in_(bindparam("these", expanding=True)))
    .limit(1)
)
_SOURCES = (
    select(_post.id, _post.owner, _post.marking, _post.handling)
    .join(text_print, text_print.c.post == _post.id)
    .where(text_print.c.print.in_(bindparam("these", expanding=True)))
)
_NAMED_SOURCES = (
    select(_post.id, _post.owner, _post.marking, _post.handling)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .where(tables.submission.c.message_id.in_(bindparam("these", expanding=True)))
)
_KEEP = insert(text_print)
_DUE_NO_MORE = delete(print_due).where(print_due.c.post == bindparam("this"))


def quotes_known_post(snapshot: Snapshot, monitor: Monitor, caller: Caller, quoted: Quoted) -> bool:
    """Whether a post that the caller can read, or was given once, is in it."""
    view = readable(snapshot, monitor, caller, Kind.POST)
    known = and_(or_(view.clause, HAD_POST), _post.marking > Marking.CLEAR, _post.state != "refused")
    more = {"author": caller.official, **view.parameters}
    for statement, values in ((_BY_NAME, quoted.all_names), (_BY_PRINT, quoted.prints.prints)):
        for some in _portions(values):
            if snapshot.connection.execute(statement.where(known), {"these": some, **more}).first():
                return True
    return False


@dataclass(frozen=True, slots=True)
class Source:
    """A post whose text is in another, and whose it is."""

    post: int
    owner: int
    marking: int
    handling: int


def sources(snapshot: Snapshot, post: int, prints: Prints) -> Sequence[Source]:
    """The posts that are older than this one, and of which text or an enclosed message is in it, oldest first.

    Those of which nobody has to be asked are left out, as above.
    """
    older = and_(_post.id < post, _post.marking > Marking.CLEAR, _post.state.in_(["published", "withdrawn"]))
    found: dict[int, Source] = {}
    for statement, values in ((_SOURCES, prints.prints), (_NAMED_SOURCES, prints.names)):
        for some in _portions(values):
            for row in snapshot.connection.execute(statement.where(older), {"these": some}):
                found[row.id] = Source(*row)
    return [found[number] for number in sorted(found)]


def keep(tx: Tx, post: int, prints: Sequence[int]) -> None:
    """These are the post's fingerprints."""
    if tx.change(_DUE_NO_MORE, {"this": post}):
        tx.insert_all(_KEEP, [{"print": each, "post": post} for each in prints])


def _portions(values: Sequence[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(values), AT_ONCE):
        yield list(values[at : at + AT_ONCE])
