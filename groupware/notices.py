"""Follower: tells authors and moderators what happened to held posts. A notice quotes no text of the post.

One slice of events makes at most one notice a moderated room for its moderators, and one an author and outcome;
who sent it for the author is told as well.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from directory import roles
from directory import tables as directory
from groupware import clock, content, personal_mail, rendering, tables
from groupware.area_tables import room_deputy, withdrawal
from groupware.events import Event, EventKind
from groupware.message.compose import compose, new_message_id
from groupware.message.markings import TLP_FIELD
from groupware.message.scan import scan
from policies.vocabulary import Action, Kind, Marking, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupware.monitor import Monitor
    from groupware.store import Tx

NAME = "notices"
GATHER = 0.3
"""Seconds in which what happens to one person's posts becomes one notice."""
NO_RETURN = (("Return-Path", "<>"),)
"""RFC 5321 4.5.5: for what tells of a delivery that failed."""
MARKING = Marking.GREEN
KINDS = (EventKind.POST_HELD, EventKind.POST_REFUSED, EventKind.POST_WITHDRAWN)

_ABOUT: Select[Any] = (
    select(
        tables.post.c.id,
        tables.post.c.number,
        tables.post.c.author,
        tables.post.c.sender,
        tables.post.c.reason,
        tables.post.c.state,
        tables.room.c.id.label("room"),
        tables.room.c.code,
        tables.room.c.name,
        tables.post.c.owner,
        tables.post.c.marking,
        tables.post.c.handling,
        tables.post.c.competence,
    )
    .join(tables.room, tables.room.c.id == tables.post.c.room)
    .where(tables.post.c.id.in_(bindparam("posts", expanding=True)))
    .order_by(tables.post.c.id)
)
_TAKEN_BY_OTHERS = (
    select(withdrawal.c.post, withdrawal.c.reason, withdrawal.c.by)
    .join(tables.post, tables.post.c.id == withdrawal.c.post)
    .where(
        withdrawal.c.post.in_(bindparam("posts", expanding=True)),
        withdrawal.c.by != 0,
        withdrawal.c.by != tables.post.c.author,
        withdrawal.c.by != tables.post.c.sender,
        withdrawal.c.state != "draft",
    )
)
_DEPUTIES = select(room_deputy.c.official).where(room_deputy.c.room == bindparam("room"))
_PERSON = select(directory.official.c.address, directory.official.c.name, directory.official.c.unit).where(
    directory.official.c.id == bindparam("official")
)


def quoted(name: str, text: str) -> str:
    """What somebody has typed, as theirs: a notice of ours doesn't speak with anybody's words as its own."""
    return "\n".join([f"{name} writes:", *(f"> {line}".rstrip() for line in text.splitlines())])


@dataclass(frozen=True, slots=True)
class About:
    """What a notice may say of a post: numbers and names, and a moderator's reason."""

    id: int
    number: int
    author: int
    sender: int
    reason: str
    state: str
    room: int
    code: str
    name: str
    owner: int
    marking: int
    handling: int
    competence: int
    by_owner: bool = False
    """Withdrawn by who is no moderator of the room."""

    @property
    def alike(self) -> tuple[int, ...]:
        """All by which the policies tell one held post from another."""
        return self.room, self.author, self.sender, self.owner, self.marking, self.handling, self.competence


class Notices:
    """Acts on `post-held`, `post-refused` and `post-withdrawn`."""

    def __init__(self, domain: str, monitor: Monitor) -> None:
        self._domain = domain
        self._monitor = monitor

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for."""
        held = self._about(tx, events, EventKind.POST_HELD)
        refused = self._about(tx, events, EventKind.POST_REFUSED)
        self._tell_moderators(tx, [about for about in held if about.state == "held"])
        self._tell_authors(tx, held, "awaits moderation", _held_line)
        self._tell_authors(tx, refused, "was not published", _refused_line)
        self._tell_authors(tx, self._taken_back(tx, events), "was withdrawn", _withdrawn_line)

    def _send(self, tx: Tx, officials: Sequence[int], subject: str, text: str) -> None:
        send(tx, self._domain, officials, subject, text)

    @staticmethod
    def _about(tx: Tx, events: Sequence[Event], kind: EventKind) -> list[About]:
        posts = [event.subject for event in events if event.kind == kind]
        if not posts:
            return []
        return [About(*row) for row in tx.connection.execute(_ABOUT, {"posts": posts})]

    def _taken_back(self, tx: Tx, events: Sequence[Event]) -> list[About]:
        """Posts that somebody other than author and sender withdrew, with the reason for that."""
        found = self._about(tx, events, EventKind.POST_WITHDRAWN)
        if not found:
            return []
        rows = tx.connection.execute(_TAKEN_BY_OTHERS, {"posts": [about.id for about in found]})
        words = {row.post: (row.reason, row.by) for row in rows}
        return [_taken(tx, about, *words[about.id]) for about in found if about.id in words]

    def _tell_moderators(self, tx: Tx, held: list[About]) -> None:
        """Whoever may decide, and nobody else: not every moderator may know of a post with a strict marking.

        Deputies are told later, when nobody else has decided (groupware.areas.sleeping), unless there is nobody else.
        """
        deciders: dict[tuple[int, ...], tuple[int, ...]] = {}
        waiting: defaultdict[tuple[int, tuple[int, ...]], list[About]] = defaultdict(list)
        for about in held:
            if about.alike not in deciders:
                found = self._monitor.audience(tx, Action.MODERATE, Kind.POST, about.id, strong=True)
                deciders[about.alike] = _first(tx, about.room, found)
            waiting[about.room, deciders[about.alike]].append(about)
        for (room, moderators), posts in waiting.items():
            if not moderators:
                self._tell_runners(tx, room, posts)
            subject = f"{_messages(posts)} for {posts[0].name}: your decision is asked"
            self._send(tx, moderators, subject, "\n".join(map(_held_line, posts)))

    def _tell_runners(self, tx: Tx, room: int, posts: list[About]) -> None:
        """A room without a moderator in office: whoever runs it hears of it at once."""
        runners = self._monitor.audience(tx, Action.MANAGE, Kind.ROOM, room, strong=True)
        subject = f"{_messages(posts)} for {posts[0].name}: there is no moderator"
        self._send(tx, runners, subject, "\n".join(map(_held_line, posts)))

    def _tell_authors(self, tx: Tx, posts: list[About], what: str, line: Callable[[About], str]) -> None:
        by_author: defaultdict[int, list[About]] = defaultdict(list)
        for about in posts:
            for official in {about.author, about.sender}:
                by_author[official].append(about)
        for author, mine in by_author.items():
            subject = f"Your message to {mine[0].name} {what}" if len(mine) == 1 else f"{_messages(mine)}: {what}"
            self._send(tx, [author], subject, "\n".join(map(line, mine)))


def send(
    tx: Tx,
    domain: str,
    officials: Sequence[int],
    subject: str,
    text: str,
    extra: Sequence[tuple[str, str]] = (),
) -> None:
    """One mail for all of them; its To names the first, or nobody when there are several."""
    if not officials:
        return
    person = tx.connection.execute(_PERSON, {"official": officials[0]}).one()
    raw = compose(
        sender=f"noreply@{domain}",
        sender_name="ICONet",
        to=[(person.name, person.address)] if len(officials) == 1 else [],
        subject=subject,
        text=text + "\n",
        message_id=new_message_id(domain),
        date=clock.now(),
        extra=[("Auto-Submitted", "auto-generated"), (TLP_FIELD, MARKING.label), *extra],
    )
    stored = content.add(tx, content.in_row(raw))
    made = rendering.add(tx, rendering.verbatim(raw, scan(raw, ours=True)), stored)
    mail = personal_mail.Mail(made, "notice", personal_mail.ICONET, person.unit, MARKING)
    personal_mail.deliver(tx, personal_mail.add(tx, mail).id, officials)


def _first(tx: Tx, room: int, moderators: Sequence[int]) -> tuple[int, ...]:
    """Those who are no deputies in the room, or all of them if all are."""
    deputies = set(tx.connection.scalars(_DEPUTIES, {"room": room}))
    return tuple(sorted(set(moderators) - deputies or set(moderators)))


def _messages(posts: Sequence[About]) -> str:
    return "1 message" if len(posts) == 1 else f"{len(posts)} messages"


def _held_line(about: About) -> str:
    return f"No. {about.number} in {about.name} ({about.code}) awaits moderation."


def _refused_line(about: About) -> str:
    reason = f" Reason: {about.reason}" if about.reason else ""
    return f"No. {about.number} in {about.name} ({about.code}) was not published.{reason}"


def _taken(tx: Tx, about: About, reason: str, by: int) -> About:
    moderates = any(
        grant.role is Role.MODERATOR and grant.scope == about.room for grant in roles.held(tx.connection, by, tx.now)
    )
    return replace(about, reason=reason, by_owner=not moderates)


def _withdrawn_line(about: About) -> str:
    who = "Who speaks for its owner" if about.by_owner else "A moderator"
    reason = f" Reason: {about.reason}" if about.reason else ""
    return f"{who} withdrew it from {about.name} ({about.code}).{reason}"
