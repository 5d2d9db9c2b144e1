"""Two bodies behind the real doors, with all there is of the second, and what its own admin is shown of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from foreign import foreign_rows, mark, side
from foreign_duties import begin
from people_world import START, extended
from web_site import open_site

from directory import bodies, officials, terms
from groupware import clock
from groupware.house_rules import our_terms
from groupware.web_sessions import Start

if TYPE_CHECKING:
    from foreign import Side
    from web_site import Opened, Site

    from groupware.store import Snapshot, Tx

__all__ = ["open_site"]
UNSEEN = "Ungesehen"
"""What the entries say of officials whom only their own body is shown."""


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as the page fills them; `words` are those to be typed."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Those of a page that are sent by POST, one for each button that sends it."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self._path, self._form, self._choice = path, Form(""), ""
        self._buttons: list[dict[str, str]] = []
        self.found: list[Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            action = given.get("action", self._path) if given.get("method") == "post" else ""
            self._form, self._buttons = Form(action.partition("?")[0]), []
        elif tag == "button":
            self._buttons.append({name: given.get("value", "")} if name else {})
        elif tag == "select":
            self._choice = name
        elif tag == "option" and self._choice and ("selected" in given or self._choice not in self._form.fields):
            self._form.fields[self._choice] = given.get("value", "")
        elif tag in ("input", "textarea") and name and (given.get("type") != "radio" or "checked" in given):
            self._form.fields[name] = given.get("value", "")
            self._form.words += [name] if not given.get("value") and given.get("type") != "hidden" else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form.action:
            self.found += [replace(self._form, fields={**self._form.fields, **each}) for each in self._buttons or [{}]]


@dataclass
class Abroad:
    """The site, and the two sides; `own` is the body of those who try."""

    site: Site
    own: Side
    other: Side

    async def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is the other body's."""
        return await self.site.groupware.store.read(lambda s: foreign_rows(s, self.own.number))

    async def program(self, name: str) -> httpx.AsyncClient:
        """A program of somebody who administers."""
        client = await self.site.client()
        client.timeout = httpx.Timeout(60)
        client.headers["Authorization"] = f"Bearer {await self.site.session(name, Start(program=True))}"
        return client


@pytest.fixture
async def abroad(open_site: Opened) -> Abroad:
    site: Site = await open_site()
    site.clock.ahead = START - clock.now() + 1_000_000
    site.town = await site.groupware.store.run(lambda tx: _built(tx, site))
    numbers = await site.groupware.store.read(_numbers)
    sides = [await site.groupware.store.read(lambda s, c=code: side(s, c, numbers[c])) for code in ("aa", "bb")]
    return Abroad(site, *sides)


def _built(tx: Tx, site: Site) -> Any:  # noqa: ANN401 -- the town
    town = extended(tx, site.town)
    body = officials.get(tx.connection, town.people["bela"]).body
    mark(tx, body)
    begin(tx, officials.get(tx.connection, town.people["adela"]).body, "adela", "carol", ("anna", "clara", "emil"))
    begin(tx, body, "bela", "dana", ("bruno", "otto", "bela"))
    for name in ("otto", "dana"):
        found = officials.get(tx.connection, town.people[name])
        officials.change(tx.connection, replace(found, name=UNSEEN, title=UNSEEN, listed=False))
    for number in town.people.values():
        terms.accept(tx.connection, number, our_terms().version, tx.now)
    return town


def _numbers(snapshot: Snapshot) -> dict[str, int]:
    found = {code: bodies.find(snapshot.connection, code) for code in ("aa", "bb")}
    return {code: each.id for code, each in found.items() if each is not None}
