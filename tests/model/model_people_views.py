"""T2: the directory by the functions of each door, releases, and the log: what an official gets, and should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_oracle import Network
from model_worlds import NO

from connectors.ldap.looking import below, plan
from connectors.ldap.naming import Top
from connectors.ldap.requests import SUBTREE
from groupware.audit.looking import Wanted
from groupware.book.entries import Attribute, Person
from groupware.book.filters import EVERYTHING, equals
from groupware.errors import Refused
from groupware.provisioning.criteria import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    from model_worlds import World

NOTHING_THERE = "nothing there"
BOOK = "all"
"""The address book that everybody has."""
Views = dict[str, Any]


async def people_views(world: World, name: str) -> Views:
    """The same questions through LDAP, CardDAV, SCIM and the pages: everybody, one by one, and counted."""
    return await _ldap(world, name) | await _cards(world, name) | await _pages(world, name) | await _scim(world, name)


async def _ldap(world: World, name: str) -> Views:
    try:
        sight = await world.groupware.book.sight(world.caller(name))
    except Refused:
        return {"people ldap": frozenset()}

    def found(where: Any) -> frozenset[str]:  # noqa: ANN401 -- a filter of the book's
        wanted = plan(Top(), SUBTREE, where)
        entries = (entry for batch in below(sight, wanted, -1) for _, entry in batch)
        return frozenset(entry.login for entry in entries if isinstance(entry, Person))

    some = _some(world)
    singles = frozenset().union(*(found(equals(Attribute.LOGIN, login)) for login in some))
    return {"people ldap": found(EVERYTHING), f"people ldap {' '.join(some)}": singles}


def _some(world: World) -> list[str]:
    """Two to be asked for by name: others after each act."""
    people = sorted(world.model.officials)
    world.looks += 1
    return [people[(world.looks + step) % len(people)] for step in (0, 1)]


async def _cards(world: World, name: str) -> Views:
    desk, caller = world.groupware.address_books, world.caller(name)
    try:
        shelf = await desk.shelf(caller, BOOK)
    except NO:
        return {"people carddav": frozenset()}
    some = _some(world)
    singles = [login for login in some if await _there(desk.card(caller, login))]
    return {
        "people carddav": frozenset(card.entry.login for card in shelf.cards),
        f"people carddav {' '.join(some)}": frozenset(singles),
    }


async def _pages(world: World, name: str) -> Views:
    pages, caller = world.groupware.directory_pages, world.caller(name, strong=True)
    if not world.model.active(name):
        return {}  # nobody gets so far: their sessions are ended
    some = _some(world)
    singles = [login for login in some if await _there(pages.person(caller, login))]
    found = [await pages.search(caller, login) for login in some]
    logins = {entry.login for each in found for entry in each.people.entries}
    named = " ".join(some)
    return {f"people pages {named}": frozenset(singles), f"people search {named}": frozenset(logins)}


async def _scim(world: World, name: str) -> Views:
    """The body's own, of the official's body: in office or not, listed or not."""
    code = world.model.body_of(name)
    try:
        machine = await world.groupware.provisioning.open(world.tokens_of_bodies[code], "::1")
        count, people = await world.groupware.provisioning.people(machine, Search(count=100))
    except (*NO, Refused):
        return {f"scim {code}": NOTHING_THERE}
    assert count == len(people)
    return {f"scim {code}": frozenset(person.login for person in people)}


async def _there(call: Any) -> bool:  # noqa: ANN401 -- a coroutine
    try:
        await call
    except NO:
        return False
    return True


def due_people(world: World, name: str, view: str, _got: object) -> object:
    """Whose entries there are, of all or of those who were asked for."""
    _, _, some = view.partition(" ")
    return frozenset(world.model.entries(name)) & frozenset(some.split() or world.model.officials)


def due_scim(world: World, _name: str, view: str, _got: object) -> object:
    """All of a body, of which nobody else's."""
    model = world.model
    if view in model.suspended_bodies:
        return NOTHING_THERE
    return frozenset(login for login in model.officials if model.body_of(login) == view)


# ---- releases


async def release_views(world: World, name: str) -> Views:
    """Which asks are known, which await a word, and whose text is shown with them."""
    strong = world.strong
    desk, caller = world.groupware.releases, world.caller(name, strong=strong)
    known = await desk.known_to(caller)
    texts = [card for card in known if card.subject]
    return {
        f"releases known {strong}": frozenset(card.number for card in known),
        f"releases texts {strong}": frozenset((card.number, card.subject.split()[-1]) for card in texts),
        f"releases waiting {strong}": frozenset(await desk.waiting(caller)),
        f"releases decided {strong}": frozenset(card.number for card in known if card.decides),
        f"releases back {strong}": frozenset(card.number for card in known if card.takes_back),
        f"releases one {strong}": frozenset(
            [number for number in world.releases if await _there(desk.card(caller, number))]
        ),
    }


def due_releases(world: World, name: str, view: str, _got: object) -> object:
    """By their numbers."""
    what, _, signed_in = view.partition(" ")
    return _RELEASES[what](world, name, strong=signed_in == "True")


def _which(right: Callable[..., bool]) -> Callable[..., object]:
    def numbers(world: World, name: str, *, strong: bool) -> object:
        return frozenset(
            number
            for number, release in world.releases.items()
            if any(right(world.model, name, release, word, strong=strong) for word in release.words)
        )

    return numbers


def _consent(model: Network, name: str, release: Any, word: Any, *, strong: bool) -> bool:  # noqa: ANN401 -- the oracle's
    return release.state == "asked" and model.may_consent(name, release, word, strong=strong)


def _back(model: Network, name: str, release: Any, word: Any, *, strong: bool) -> bool:  # noqa: ANN401 -- the oracle's
    open_still = release.state in ("asked", "agreed")
    return open_still and model.may_take_back(name, release, word, strong=strong)


def _texts(world: World, name: str, *, strong: bool) -> object:
    """The post's canary, for who reads it, and for who speaks for its owner."""
    model = world.model
    return frozenset(
        (number, release.post.canary)
        for number, release in world.releases.items()
        for word in release.words
        if model.may_know(name, release, word, strong=strong)
        and release.post.state == "published"
        and (model.may_read(name, release.post, strong=strong) or model.speaks(name, word.body))
    )


_RELEASES: dict[str, Callable[..., object]] = {
    "known": _which(Network.may_know),
    "one": _which(Network.may_know),
    "waiting": _which(_consent),
    "decided": _which(_consent),
    "back": _which(_back),
    "texts": _texts,
}


# ---- the log of who did what


async def audit_views(world: World, name: str) -> Views:
    """Whether there is one for them; nothing that anybody wrote stands in it."""
    desk, caller = world.groupware.audit, world.caller(name, strong=True)
    if not world.model.active(name):
        return {}
    try:
        lines = await desk.lines(caller, Wanted())
    except NO:
        return {"audit lines": NOTHING_THERE}
    about = [record async for record in desk.about(world.ids.officials[name])]
    return {"audit lines": frozenset(_canaries(lines, about))}


def due_audit(world: World, name: str, _view: str, _got: object) -> object:
    """The officers' of the body."""
    reads = world.model.reads_audit(name, world.model.body_of(name))
    return frozenset() if reads else NOTHING_THERE


def _canaries(*received: object) -> list[str]:
    return [word for word in repr(received).split("'") if "cnry" in word]
