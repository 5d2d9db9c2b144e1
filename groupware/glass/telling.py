"""Owners are told who reads what is theirs, why and until when, in the transaction that makes it so, without its text.

That it is over is told by a follower, and that it is asked, to the central authority.

Those who speak for the owner's body are told, its contact point and deputies; where it has none but the two officers
themselves, those of the body that governs it, and else who watches over either.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select

from directory import bodies, watchers
from groupware import notices
from groupware.events import Event, EventKind
from groupware.glass import rows
from groupware.glass.rows import Scope, Why
from groupware.glass_tables import glass_opening, glass_told
from groupware.message import dates
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groupware.glass.rows import Glass
    from groupware.store import Snapshot, Tx

NAME = "glass-notices"
KINDS = (EventKind.GLASS_ASKED, EventKind.GLASS_ENDED)
SPEAKERS = (Role.CONTACT_POINT, Role.DEPUTY)
WHAT = {Scope.POST: "a message", Scope.THREAD: "a thread", Scope.ROOM: "the messages of a room"}
WHY = {
    Why.NEITHER: "",
    Why.ASKER: "Who asked is no longer a security officer in office.",
    Why.CONFIRMER: "Who confirmed it is no longer a security officer in office.",
}
_t = glass_told.c
_TELL = insert(glass_told)
_TOLD = select(_t.body).where(_t.glass == bindparam("of")).order_by(_t.body)
_OPENED = select(func.count()).select_from(glass_opening).where(glass_opening.c.glass == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Telling:
    """Acts on KINDS."""

    domain: str

    def __call__(self, tx: Tx, events: Sequence[Event]) -> None:
        """Write the notices that a slice of the log asks for."""
        for event in events:
            known = rows.get(tx, event.subject)
            if event.kind == EventKind.GLASS_ASKED:
                tell_authority(tx, known, self.domain)
            elif known.confirmed:
                tell_end(tx, known, self.domain)


def about(snapshot: Snapshot, known: Glass) -> str:
    """Who, what, why and until when: names and dates; the reason is the asker's own words."""
    asker = rows.person(snapshot, known.asker)
    return (
        f"Break-glass no. {known.id}: {WHAT[known.scope]}, {known.name}.\n"
        f"Read by {asker}, security officer; confirmed by {rows.person(snapshot, known.confirmer)}.\n"
        f"Until: {dates.write(known.valid_until)}.\n\n{notices.quoted(asker, known.reason)}"
    )


def tell_owners(tx: Tx, known: Glass, owners: Iterable[int], domain: str) -> None:
    """Each owner once."""
    already = set(told(tx, known.id))
    for owner in sorted(set(owners) - already):
        tx.connection.execute(_TELL, {"glass": known.id, "body": owner, "at": tx.now})
        text = (
            f"{about(tx, known)}\n\nIt covers what your state or institution owns. Every opening is put on record;\n"
            "your security officers see it in the log. Either officer or the central authority can end it at any time."
        )
        for each in speakers(tx, owner, known):
            notices.send(
                tx, domain, [each], f"Break-glass no. {known.id}: your messages are read in an emergency", text
            )


def tell_authority(tx: Tx, known: Glass, domain: str) -> None:
    """The central authority's security officers, who can confirm it; the asker may call any other body's as well."""
    authority = bodies.get(tx.connection, known.body).authority
    asker = rows.person(tx, known.asker)
    text = (
        f"{asker}, security officer, asks to read {WHAT[known.scope]} in an emergency.\n"
        f"An officer of another body can confirm it in the portal, under Break-glass, until "
        f"{dates.write(known.valid_until)}.\n\n{notices.quoted(asker, known.reason)}"
    )
    for each in watchers.of(tx.connection, authority, tx.now, (Role.SECURITY_OFFICER,)) if authority else ():
        if authority != known.body:
            notices.send(tx, domain, [each], f"Break-glass no. {known.id} awaits a confirmation", text)


def tell_end(tx: Tx, known: Glass, domain: str) -> None:
    """Owners and both officers: it is over, why where it ended by itself, and how many messages were opened."""
    opened = tx.connection.scalar(_OPENED, {"of": known.id})
    over = " ".join(filter(None, ("It is over.", WHY[known.ended_why])))
    text = f"{about(tx, known)}\n\n{over} Messages that were opened: {opened}."
    owners = [each for owner in told(tx, known.id) for each in speakers(tx, owner, known)]
    for each in dict.fromkeys([known.asker, known.confirmer, *owners]):
        notices.send(tx, domain, [each], f"Break-glass no. {known.id} is over", text)


def told(snapshot: Snapshot, number: int) -> Sequence[int]:
    """The bodies that were told of it."""
    return list(snapshot.connection.scalars(_TOLD, {"of": number}))


def speakers(snapshot: Snapshot, owner: int, known: Glass) -> Sequence[int]:
    """Who speaks for an owner, or for the body that governs it, else watches over one of them: others than the two."""
    authority = bodies.get(snapshot.connection, owner).authority
    for duties, body in product((SPEAKERS, watchers.ROLES), (owner, authority)):
        found = watchers.of(snapshot.connection, body, snapshot.now, duties) if body else []
        others = [official for official in found if official not in (known.asker, known.confirmer)]
        if others:
            return others
    return []
