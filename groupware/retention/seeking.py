"""Notices that speak of posts in their words are looked for before the transaction that erases these.

Somebody may have very many notices, and to find some each has to be read. So that is done slice by slice, while others
write; the transaction then reads what has come since.
"""

from __future__ import annotations

import email
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, select

from groupware import content, notices, tables
from groupware.area_tables import withdrawal
from groupware.marking_tables import loosening

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.store import Snapshot

logger = logging.getLogger(__name__)
SLICE = 100
"""Notices read at once."""
_post, _rendering, _mail = tables.post.c, tables.rendering.c, tables.mail.c
_to, _out = tables.mail_recipient.c, tables.outbound.c
_POSTS: Select[Any] = (
    select(
        *(_post.id, _post.author, _post.sender, _post.submission, _post.received, _post.reason, _rendering.subject),
        withdrawal.c.reason.label("why_withdrawn"),
    )
    .join(tables.rendering, _rendering.id == _post.rendering)
    .outerjoin(withdrawal, withdrawal.c.post == _post.id)
    .where(_post.id.in_(bindparam("posts", expanding=True)))
)
_UNDELIVERED = select(_out.official).where(_out.submission == bindparam("submission"), _out.state == "failed")
_UNLOOSENED: Select[Any] = select(loosening.c.asker, loosening.c.note).where(
    loosening.c.post == bindparam("post"), loosening.c.note != ""
)
_NOTICES: Select[Any] = (
    select(_mail.id, _mail.kind, _mail.author, _mail.rendering, _rendering.content, _mail.at)
    .select_from(tables.mail_recipient)
    .join(tables.mail, _mail.id == _to.mail)
    .join(tables.rendering, _rendering.id == _mail.rendering)
    .where(
        _to.official == bindparam("official"),
        _to.mail > bindparam("after", type_=BigInteger),
        _mail.at >= bindparam("since", type_=BigInteger),
        _mail.kind == "notice",
    )
    .order_by(_to.mail)
    .limit(SLICE)
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is the post, or speaks of it in its words."""

    id: int
    kind: str
    author: int
    rendering: int
    content: int


@dataclass(frozen=True, slots=True)
class About:
    """What notices may say of one post, and who may have some, which aren't older than `since`."""

    words: tuple[str, ...]
    people: frozenset[int]
    since: int

    def fits(self, said: str) -> bool:
        """Whether a notice that says this speaks of the post."""
        return any(each in said for each in self.words)


@dataclass(slots=True)
class Sought:
    """What was found so far of some posts: `read` says up to which mail each person's notices were.

    Notices that can't be read for `hopeless` reasons are passed over: they say nothing to anybody.
    """

    about: dict[int, About]
    hopeless: tuple[type[Exception], ...] = (OSError,)
    read: dict[int, int] = field(init=False)
    found: dict[int, dict[int, Mail]] = field(init=False)

    def __post_init__(self) -> None:
        self.read = dict.fromkeys((person for post in self.about for person in self._readers(post)), 0)
        self.found = {post: {} for post in self.about}

    def of(self, post: int) -> list[Mail]:
        """Notices that speak of this post."""
        return list(self.found[post].values())

    def go_on(self, snapshot: Snapshot, where: Path, posts: Iterable[int] | None = None) -> bool:
        """Read the next slice of notices of each whom the posts, or all, concern; whether there may be more."""
        people = {person for post in (self.about if posts is None else posts) for person in self._readers(post)}
        return max([self._slice(snapshot, where, person) for person in people], default=0) == SLICE

    def _readers(self, post: int) -> frozenset[int]:
        return self.about[post].people if self.about[post].words else frozenset()

    def _slice(self, snapshot: Snapshot, where: Path, person: int) -> int:
        mine = {post: about for post, about in self.about.items() if person in self._readers(post)}
        since = min(about.since for about in mine.values())
        values = {"official": person, "after": self.read[person], "since": since}
        rows = snapshot.connection.execute(_NOTICES, values).all()
        for row in rows:
            said = self._said_in(snapshot, where, row.content)
            for post in (post for post, about in mine.items() if about.since <= row.at and about.fits(said)):
                self.found[post][row.id] = Mail(*row[:-1])
            self.read[person] = row.id
        return len(rows)

    def _said_in(self, snapshot: Snapshot, where: Path, number: int) -> str:
        try:
            raw = content.load(snapshot, where, number)
        except self.hopeless as error:
            logger.error("content %d can't be read: %s", number, error)  # noqa: TRY400 -- one line
            return ""
        return _text(raw)


def about(snapshot: Snapshot, posts: Sequence[int]) -> dict[int, About]:
    """What there is to look for; what was erased has no words any more."""
    rows = snapshot.connection.execute(_POSTS, {"posts": list(posts)}).all()
    return {row.id: _about(snapshot, row) for row in rows}


def _about(snapshot: Snapshot, row: Row[Any]) -> About:
    """Notices of ours that say why it, or a looser marking, was refused, or the subject of what wasn't delivered."""
    undelivered = set(snapshot.connection.scalars(_UNDELIVERED, {"submission": row.submission}))
    unloosened = snapshot.connection.execute(_UNLOOSENED, {"post": row.id}).all()
    texts = (row.reason, row.why_withdrawn, *(each.note for each in unloosened))
    words = [said for text in texts if text for said in _said(text)]
    words += [f"Subject: {row.subject}"] if undelivered and row.subject else []
    people = frozenset({row.author, row.sender, *undelivered, *(each.asker for each in unloosened)} - {0})
    return About(tuple(" ".join(each.split()) for each in words), people, row.received)


def _said(reason: str) -> tuple[str, str]:
    """How notices tell a reason: as it is, or quoted as a colleague's."""
    return f"Reason: {reason}", notices.quoted("Your colleague", reason)


def _text(raw: bytes) -> str:
    """What a notice that we wrote says."""
    octets = email.message_from_bytes(raw).get_payload(decode=True)
    return " ".join(octets.decode("utf-8", "replace").split()) if isinstance(octets, bytes) else ""
