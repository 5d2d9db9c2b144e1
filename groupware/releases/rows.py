"""A release and its consents as they stand, and the one way in which they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, bindparam, select, update

from groupware import tables
from groupware.errors import Conflict, NotFound
from groupware.events import EventKind
from groupware.release_tables import consent, release
from groupware.releases.words import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx


@dataclass(frozen=True, slots=True)
class Release:
    """A row of `release`; its id is its number."""

    id: int
    post: int
    asker: int
    recipient: str
    domain: str
    organisation: str
    purpose: str
    conditions: str
    until: int
    asked: int
    answer_by: int
    state: State
    why: str
    ended: int
    marking: int
    handling: int


@dataclass(frozen=True, slots=True)
class Consent:
    """A row of `consent`: one owner's word."""

    id: int
    release: int
    owner: int
    post: int
    author: int
    state: str
    decided: int
    decided_by: int
    door: str
    note: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What a release becomes, and why: a rule's name or a reason."""

    state: State
    why: str = ""


_r, _c = release.c, consent.c
RELEASES: Select[Any] = select(
    *(_r.id, _r.post, _r.asker, _r.recipient, _r.domain, _r.organisation, _r.purpose, _r.conditions),
    *(_r.until, _r.asked, _r.answer_by, _r.state, _r.why, _r.ended, _r.marking, _r.handling),
)
CONSENTS: Select[Any] = select(
    _c.id, _c.release, _c.owner, _c.post, _c.author, _c.state, _c.decided, _c.decided_by, _c.door, _c.note
)
_RELEASE = RELEASES.where(_r.id == bindparam("this"))
_CONSENT = CONSENTS.where(_c.id == bindparam("this"))
_OF = CONSENTS.where(_c.release == bindparam("of")).order_by(_c.id)
_POST = select(tables.post.c.state, tables.post.c.marking, tables.post.c.handling, tables.post.c.owner).where(
    tables.post.c.id == bindparam("this")
)
_MOVE = (
    update(release)
    .where(_r.id == bindparam("this"), _r.state == bindparam("was"))
    .values(state=bindparam("to"), why=bindparam("because"), ended=bindparam("at"))
)
_CLOSE = update(consent).where(_c.release == bindparam("of"), _c.state == "open").values(state="closed")


def of_row(row: Row[Any]) -> Release:
    """The row as a release."""
    values = row._asdict()
    return Release(**{**values, "state": State(values["state"])})


def get(snapshot: Snapshot, number: int) -> Release:
    """The release. Raises NotFound."""
    row = snapshot.connection.execute(_RELEASE, {"this": number}).first()
    if row is None:
        raise NotFound(f"release {number}")
    return of_row(row)


def consent_of(snapshot: Snapshot, number: int) -> Consent:
    """One consent by its id. Raises NotFound."""
    row = snapshot.connection.execute(_CONSENT, {"this": number}).first()
    if row is None:
        raise NotFound(f"consent {number}")
    return Consent(*row)


def consents(snapshot: Snapshot, number: int) -> Sequence[Consent]:
    """All of a release, the owner's of what is to leave first."""
    return [Consent(*row) for row in snapshot.connection.execute(_OF, {"of": number})]


def post(snapshot: Snapshot, number: int) -> Row[Any, Any, Any, Any]:
    """State, marking, handling and owner of a post as of now."""
    return snapshot.connection.execute(_POST, {"this": number}).one()


def move(tx: Tx, known: Release, state: State, why: str = "") -> None:
    """From the state that was read to another. Raises Conflict(already-decided) when somebody was quicker."""
    values = {"this": known.id, "was": known.state, "to": state, "because": why[:1000], "at": tx.now}
    if tx.connection.execute(_MOVE, values).rowcount != 1:
        raise Conflict("already-decided", "this has been decided already")


def end(tx: Tx, known: Release, ending: Ending) -> None:
    """For good: nobody decides any more. Told of by an event."""
    move(tx, known, ending.state, ending.why)
    tx.connection.execute(_CLOSE, {"of": known.id})
    tx.record(EventKind.RELEASE_ENDED, known.id)
