"""What those concerned see: what awaits their word, what they asked for, and one release with all that is known of it.

Who asked sees it for as long as they are in office; an owner's delegates see what their owner was asked. The text that
would leave is for who can read the post, or speaks for its owner; another owner sees which post of theirs is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from groupware import content, ledger, reading, tables
from groupware.errors import NotFound
from groupware.release_tables import consent, package, release
from groupware.releases import people, rows
from groupware.releases.rows import of_row
from groupware.releases.words import State
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.releases.rows import Consent, Release
    from groupware.store import Snapshot

MOST = 200
_r, _c = release.c, consent.c
_ALL = rows.RELEASES.order_by(_r.id)
_LATEST = rows.RELEASES.order_by(_r.id.desc()).limit(MOST)
_SENT: Select[Any] = (
    select(
        package.c.made,
        package.c.message,
        package.c.message_sha256,
        package.c.pdf_sha256,
        package.c.told,
        tables.outbound.c.state,
        tables.outbound.c.reply,
    )
    .join(tables.outbound, tables.outbound.c.id == package.c.outbound)
    .where(package.c.release == bindparam("of"))
)
_RENDERING = select(tables.post.c.rendering, tables.post.c.marking).where(tables.post.c.id == bindparam("this"))
_HEAD: Select[Any] = (
    select(tables.post.c.token, tables.rendering.c.subject, tables.room.c.code, tables.post.c.marking)
    .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    .join(tables.room, tables.room.c.id == tables.post.c.room)
    .where(tables.post.c.id == bindparam("this"))
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One owner's word as others see it. `mine`: the caller may say it now; `back`: or take it back."""

    owner: str
    state: str
    decided: int
    decided_by: str
    door: str
    note: str
    mine: bool
    back: bool
    strict: bool


@dataclass(frozen=True, slots=True)
class Left:
    """The package: when it was made, hashes in hex, and how far it came (queued, sent or failed)."""

    made: int
    message: int
    message_sha256: str
    pdf_sha256: str
    state: str
    reply: str
    recalled: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line for the operator. `sent` is queued, sent or failed, "" without a package."""

    number: int
    state: str
    why: str
    asker: str
    recipient: str
    owners: str
    sent: str
    message_sha256: str
    pdf_sha256: str


@dataclass(frozen=True, slots=True)
class Card:
    """One release. `subject`, `token` and `room` are empty where the caller may not see the post.

    `token` is empty, too, for a delegate who reads what would leave here and not in its room. `shows` says which
    post's text is shown here: what would leave, or the caller's own that is quoted in it; 0 for none.
    """

    release: Release
    asker: str
    asked_by_me: bool
    voices: Sequence[Voice]
    package: Left | None
    subject: str
    token: str
    room: str
    shows: int

    @property
    def number(self) -> int:
        """What it is called."""
        return self.release.id

    @property
    def decides(self) -> bool:
        """Whether the caller may say a word now."""
        return self.release.state is State.ASKED and any(each.mine for each in self.voices)

    @property
    def takes_back(self) -> bool:
        """Whether the caller may take a word back, or the ask."""
        open_still = self.release.state in (State.ASKED, State.AGREED, State.PACKED)
        return open_still and any(each.back for each in self.voices)


def entries(snapshot: Snapshot) -> Sequence[Entry]:
    """All there are, oldest first."""
    return [_entry(snapshot, of_row(row)) for row in snapshot.connection.execute(_ALL).all()]


def _entry(snapshot: Snapshot, known: Release) -> Entry:
    left = _left(snapshot, known.id)
    return Entry(
        known.id,
        known.state,
        known.why,
        people.person(snapshot, known.asker),
        known.recipient,
        "; ".join(f"{people.owner(snapshot, each.owner)}: {each.state}" for each in rows.consents(snapshot, known.id)),
        left.state if left else "",
        left.message_sha256 if left else "",
        left.pdf_sha256 if left else "",
    )


def waiting(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[int]:
    """The numbers of what awaits the caller's word, oldest first."""
    view = monitor.view(snapshot, caller, Action.DECIDE_RELEASE, Kind.CONSENT)
    statement = (
        select(_c.release)
        .join(release, _r.id == _c.release)
        .where(view.clause, _r.state == State.ASKED)
        .group_by(_c.release)
        .order_by(_c.release)
    )
    return list(snapshot.connection.scalars(statement, view.parameters))


def known_to(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> Sequence[Card]:
    """All that the caller may know of, newest first."""
    view = monitor.view(snapshot, caller, Action.READ, Kind.CONSENT)
    mine = select(_c.release).where(view.clause)
    found = snapshot.connection.execute(_LATEST.where(_r.id.in_(mine)), view.parameters).all()
    return [_card(snapshot, monitor, caller, of_row(row)) for row in found]


def card(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> Card:
    """One of them. Raises NotFound, the same for forbidden and absent."""
    if not any(_may(snapshot, monitor, caller, Action.READ, each) for each in rows.consents(snapshot, number)):
        raise NotFound(f"release {number}")
    return _card(snapshot, monitor, caller, rows.get(snapshot, number))


def _card(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Release) -> Card:
    consents = rows.consents(snapshot, known.id)
    reads = monitor.decide(snapshot, caller, Action.READ, Kind.POST, known.post).allowed
    shows = _shown(snapshot, monitor, caller, known, consents, reads=reads)
    head = snapshot.connection.execute(_HEAD, {"this": shows}).one() if shows else None
    return Card(
        known,
        people.person(snapshot, known.asker),
        known.asker == caller.official,
        [_voice(snapshot, monitor, caller, each) for each in consents],
        _left(snapshot, known.id),
        head.subject if head else "",
        head.token if head and reads else "",
        head.code if head else "",
        shows,
    )


def _shown(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Release, consents: Sequence[Consent], *, reads: bool
) -> int:
    """Withdrawn posts are gone, here as everywhere."""
    mine = [each.post for each in consents if _speaks(snapshot, monitor, caller, each)]
    found = known.post if reads else next(iter(mine), 0)
    return found if found and rows.post(snapshot, found).state == "published" else 0


def _speaks(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Consent) -> bool:
    decision = monitor.decide(snapshot, caller, Action.READ, Kind.CONSENT, known.id)
    return decision.allowed and "delegate-sees-consent" in decision.rules


def _may(snapshot: Snapshot, monitor: Monitor, caller: Caller, action: Action, known: Consent) -> bool:
    return monitor.decide(snapshot, caller, action, Kind.CONSENT, known.id).allowed


def _voice(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Consent) -> Voice:
    decision = monitor.decide(snapshot, caller, Action.DECIDE_RELEASE, Kind.CONSENT, known.id)
    return Voice(
        people.owner(snapshot, known.owner),
        known.state,
        known.decided,
        people.person(snapshot, known.decided_by) if known.decided_by else "",
        known.door,
        known.note,
        decision.allowed,
        _may(snapshot, monitor, caller, Action.WITHDRAW, known),
        decision.rules == ("strict-release-needs-strong-login",),
    )


def _left(snapshot: Snapshot, number: int) -> Left | None:
    row = snapshot.connection.execute(_SENT, {"of": number}).first()
    if row is None:
        return None
    return Left(
        row.made,
        row.message,
        bytes(row.message_sha256).hex(),
        bytes(row.pdf_sha256).hex(),
        row.state,
        row.reply,
        bool(row.told),
    )


def text_of(snapshot: Snapshot, caller: Caller, post: int, bytes_at: Path) -> tuple[bytes, bytes]:
    """Header and body of a post that a card shows. That it was opened goes on record."""
    row = snapshot.connection.execute(_RENDERING, {"this": post}).one()
    ledger.opened(snapshot, caller, Kind.POST, post, row.marking)
    return reading.rendered(snapshot, row.rendering, bytes_at)


def package_of(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int, bytes_at: Path) -> bytes:
    """The mail, for those who are shown the post that it holds. Raises NotFound."""
    found = card(snapshot, monitor, caller, number)
    if found.package is None or found.shows != found.release.post:
        raise NotFound(f"package {number}")
    ledger.opened(snapshot, caller, Kind.POST, found.shows, found.release.marking)
    return content.load(snapshot, bytes_at, found.package.message)
