"""Address books as Radicale sees them: collections that can be read and never written."""

from __future__ import annotations

from email.utils import formatdate
from functools import cached_property
from typing import TYPE_CHECKING

from radicale.item import Item
from radicale.storage import BaseCollection

from connectors.web.dav.asked import Unmet
from connectors.web.dav.filters import matches
from groupware.cards import vcard
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import overload
    from xml.etree.ElementTree import Element

    from connectors.web.dav.visit import Visit
    from groupware.cards.books import Book
    from groupware.cards.desk import Card, Shelf

SUFFIX = ".vcf"
TAG = "VADDRESSBOOK"


class AddressBook(BaseCollection):
    """One book of the caller; its cards are read when somebody asks for them, all at one moment."""

    def __init__(self, visit: Visit, book: Book) -> None:
        self._visit = visit
        self._book = book
        self._books = visit.groupware.address_books

    @cached_property
    def _shelf(self) -> Shelf:
        visit = self._visit
        return visit.wait(self._books.shelf(visit.caller, self._book.name))

    @cached_property
    def _by_href(self) -> Mapping[str, Card]:
        return {card.uid + SUFFIX: card for card in self._shelf.cards}

    @property
    def path(self) -> str:
        """Below the caller's own."""
        return f"{self._visit.caller.login}/{self._book.name}"

    @property
    def etag(self) -> str:
        """Changes with the contents; also CalendarServer's getctag."""
        return f'"{self._visit.wait(self._books.state(self._visit.caller, self._book.name))}"'

    @property
    def last_modified(self) -> str:
        """RFC 9110 8.8.2."""
        return _date(max((card.entry.changed for card in self._shelf.cards), default=0))

    def sync(self, old_token: str = "") -> tuple[str, Iterable[str]]:
        """RFC 6578: the token of now, and what changed since the old one. ValueError for one that says nothing."""
        caller, name = self._visit.caller, self._book.name
        token = self._visit.wait(self._books.token(caller, name))
        if not old_token:
            return token, self._bounded(self._by_href)
        try:
            return token, self._bounded(
                uid + SUFFIX for uid in self._visit.wait(self._books.changes(caller, name, old_token))
            )
        except NotFound as error:
            raise ValueError("unknown token") from error

    def _bounded(self, hrefs: Iterable[str]) -> list[str]:
        names = list(hrefs)
        if 0 < self._visit.asked.most < len(names):
            raise Unmet("<D:number-of-matches-within-limits/>", 507)  # RFC 6578 3.7
        return names

    def get_multi(self, hrefs: Iterable[str]) -> Iterator[tuple[str, Item | None]]:
        """Each of them, once; None for what isn't there."""
        for href in dict.fromkeys(hrefs):
            card = self._by_href.get(href)
            yield href, None if card is None else self._item(href, card)

    def get_all(self) -> Iterator[Item]:
        """All of them."""
        for href, card in self._by_href.items():
            yield self._item(href, card)

    def get_filtered(self, filters: Iterable[Element]) -> Iterator[tuple[Item, bool]]:
        """Those that a query is about, decided here for good: Radicale would parse every card."""
        given, most, number = list(filters), self._visit.asked.most, 0
        for href, card in self._by_href.items():
            if not matches(card.properties(self._visit.asked.version), given):
                continue
            if 0 < most <= number:
                self._visit.truncated = True
                return
            number += 1
            yield self._item(href, card), True

    def has_uid(self, uid: str) -> bool:
        """Whether it is here."""
        return uid + SUFFIX in self._by_href

    if TYPE_CHECKING:

        @overload
        def get_meta(self, key: None = None) -> Mapping[str, str]: ...

        @overload
        def get_meta(self, key: str) -> str | None: ...

    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """The properties of the collection."""
        known = {
            "tag": TAG,
            "D:displayname": self._book.title,
            "CR:addressbook-description": self._book.description,
        }
        return known if key is None else known.get(key)

    def _item(self, href: str, card: Card) -> Item:
        asked = self._visit.asked
        properties = card.properties(asked.version)
        if asked.only:  # RFC 6352 10.4.2
            properties = [line for line in properties if line.name in asked.only]
        return Item(
            collection=self,
            href=href,
            text=vcard.written(properties, asked.version),
            etag=card.etag,
            uid=card.uid,
            name="VCARD",
            component_name="",
            last_modified=_date(card.entry.changed),
        )


class Shelves:
    """The rack of address books."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def all(self) -> Iterator[AddressBook]:
        """Every book of the caller."""
        for book in self._visit.wait(self._visit.groupware.address_books.books(self._visit.caller)):
            yield AddressBook(self._visit, book)

    def find(self, name: str) -> AddressBook | None:
        """The book of this name; None alike for absent and forbidden."""
        return next((each for each in self.all() if each.path.endswith(f"/{name}")), None)


def _date(micro: int) -> str:
    return formatdate(micro // 1_000_000, usegmt=True)
