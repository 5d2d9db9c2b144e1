"""Address books as doors ask for them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, delete

from groupware.card_tables import card
from groupware.cards import books, entry, marks, states, vcard
from groupware.store.dialect import insert_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.cards.books import Book
    from groupware.cards.entry import Entry
    from groupware.cards.marks import Moment
    from groupware.cards.vcard import Version
    from groupware.monitor import Monitor
    from groupware.store import Query, Snapshot, Store, Tx

AT_ONCE = 500
"""Cards that one transaction notes."""
_FORGET = delete(card).where(card.c.official == bindparam("of"))
_NOTE = insert_missing(card).inline()


@dataclass(frozen=True, slots=True)
class Card:
    """An entry with its name for all times and the digest of its contents."""

    uid: str
    entry: Entry
    digest: bytes

    @property
    def etag(self) -> str:
        """RFC 9110 8.8.3."""
        return f'"{self.digest.hex()}"'

    def properties(self, version: Version) -> Sequence[vcard.Line]:
        """What stands in it."""
        return vcard.lines(self.entry, self.uid, version, self.entry.changed)

    def written(self, version: Version) -> str:
        """The card as text."""
        return vcard.written(self.properties(version), version)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A book and the cards in it."""

    book: Book
    cards: Sequence[Card]

    @property
    def state(self) -> states.State:
        """What it holds now."""
        return states.State({each.entry.official: each.digest for each in self.cards})


class AddressBooks:
    """For one store; `key` is `installation.server_key`'s."""

    def __init__(self, store: Store, monitor: Monitor, key: bytes) -> None:
        self._store = store
        self._monitor = monitor
        self._key = key
        self._marks = marks.Marks()

    async def books(self, caller: Caller) -> Sequence[Book]:
        """The caller's address books."""
        return await self._store.read(lambda snapshot: books.all_of(snapshot, self._monitor, caller))

    async def shelf(self, caller: Caller, name: str) -> Shelf:
        """One of them with its cards. Raises NotFound, the same for forbidden and absent."""
        return (await self._looked(caller, name))[0]

    async def card(self, caller: Caller, login: str) -> Card:
        """One official's card. Raises NotFound, the same for absent, forbidden and out of office."""
        return (await self._carded(lambda snapshot: [books.one(snapshot, self._monitor, caller, login)]))[0]

    async def state(self, caller: Caller, name: str) -> str:
        """The name of what a book holds now. Raises NotFound as `shelf` does."""
        known = await self._store.read(lambda snapshot: self._marks.find(snapshot, self._monitor, caller, name))
        if known is not None and await self._store.read(lambda snapshot: states.is_fresh(snapshot, known)):
            return known
        shelf, moment = await self._looked(caller, name)
        state = shelf.state
        await self._store.run(lambda tx: states.keep(tx, state))
        self._marks.keep(moment, state.name)
        return state.name

    async def token(self, caller: Caller, name: str) -> str:
        """What stands for a book's state, to be shown to `changes` later; it holds over restarts."""
        return states.token(self._key, caller.official, name, await self.state(caller, name))

    async def changes(self, caller: Caller, name: str, token: str) -> Sequence[str]:
        """The UIDs of the cards that changed, came or went since then. NotFound for a token that says nothing here."""
        before = states.named(self._key, caller.official, name, token)
        if before == await self.state(caller, name):
            return []
        shelf = await self.shelf(caller, name)
        changed = await self._store.read(lambda snapshot: states.since(snapshot, before, shelf.state))
        return [self.uid(number) for number in changed]

    async def everybody(self) -> Sequence[Card]:
        """All cards that there are, for the operator."""
        return await self._carded(entry.everybody)

    def uid(self, official: int) -> str:
        """An official's name in address books: always the same, and it tells of no number."""
        said = hmac.new(self._key, f"card\0{official}".encode(), hashlib.sha256).digest()
        return str(UUID(bytes=said[:16], version=5))

    async def _looked(self, caller: Caller, name: str) -> tuple[Shelf, Moment]:
        found: list[tuple[Book, Moment]] = []

        def query(snapshot: Snapshot) -> Sequence[Entry]:
            book, entries = books.held(snapshot, self._monitor, caller, name)
            found.append((book, marks.moment(snapshot, self._monitor, caller, name)))
            return entries

        cards = await self._carded(query)
        return Shelf(found[-1][0], cards), found[-1][1]

    async def _carded(self, query: Query[Sequence[Entry]]) -> Sequence[Card]:
        """Entries as cards; those that changed since somebody last looked are noted with the time of now."""
        cards = await self._store.read(lambda snapshot: self._cards(query(snapshot)))
        news = [card for card in cards if card.digest != card.entry.noted]
        if not news:
            return cards
        changed: dict[int, int] = {}
        for start in range(0, len(news), AT_ONCE):
            changed |= await self._store.run(partial(_note, cards=news[start : start + AT_ONCE]))
        return [replace(each, entry=_dated(each.entry, changed)) for each in cards]

    def _cards(self, entries: Sequence[Entry]) -> list[Card]:
        """In the thread of the query: there may be many."""
        return [Card(self.uid(each.official), each, each.digest) for each in entries]


def _dated(each: Entry, changed: dict[int, int]) -> Entry:
    return replace(each, changed=changed.get(each.official, each.changed))


def _note(tx: Tx, cards: Sequence[Card]) -> dict[int, int]:
    """Since now they say what they say."""
    tx.connection.execute(_FORGET, [{"of": each.entry.official} for each in cards])
    rows = [{"official": each.entry.official, "digest": each.digest, "changed": tx.now} for each in cards]
    tx.insert_all(_NOTE, rows)
    return {each.entry.official: tx.now for each in cards}
