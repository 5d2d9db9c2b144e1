"""T2: break-glass asked for, confirmed, read by and ended in a world, and the same in the oracle's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import model_oracle_beside as oracle
from model_network import HOUR
from model_oracle_beside import Glass
from model_worlds import NO

from groupware.errors import Conflict
from groupware.glass.asking import PATIENCE, Wanted
from groupware.glass.rows import Scope

if TYPE_CHECKING:
    from model_oracle import Network, Post
    from model_worlds import World

Views = dict[str, Any]
LATEST = 2
"""Of all that was asked, those that are looked at one by one."""


def ask(world: World, name: str, scope: Scope, post: Post, *, strong: bool = True) -> None:
    """To read what a post's name stands for, or its room's."""
    model, body = world.model, world.model.body_of(name)
    named = post.room if scope is Scope.ROOM else post.message_id
    may = oracle.may_ask_glass(model, name, body, strong=strong)
    wanted = Wanted(scope, named, "A life is in danger.", 2)
    try:
        number = world.run(world.groupware.glass.ask(world.caller(name, strong=strong), wanted))
    except NO as error:
        assert not may, f"{name} may ask: {error}"  # noqa: PT017 -- it may be raised or not
        return
    assert may, f"{name} must not ask to read in an emergency"
    item = post.room if scope is Scope.ROOM else post
    handling, until = model.officials[name].clearance, model.now + PATIENCE
    world.glasses[number] = Glass(name, body, scope, item, handling, until, hours=wanted.hours, asked=model.now)
    model.glasses.append(world.glasses[number])
    world.run(world.settle())


def confirm(world: World, name: str, number: int, *, strong: bool = True) -> None:
    """The name is looked up now: it stands for what is published alone."""
    model, glass = world.model, world.glasses[number]
    may = oracle.may_confirm_glass(model, name, glass, strong=strong)
    item = _stands_for(model, glass)
    try:
        until = world.run(world.groupware.glass.confirm(world.caller(name, strong=strong), number))
    except (*NO, Conflict) as error:
        assert not may or item is None, f"{name} may confirm {glass}: {error}"  # noqa: PT017 -- as above
        return
    assert may, f"{name} must not confirm {glass}"
    assert item is not None, f"{glass} is about nothing"
    glass.state, glass.confirmer, glass.item, glass.confirmed = "broken", name, item, model.now
    glass.until = model.now + glass.hours * HOUR
    assert until == glass.until
    world.run(world.settle())


def _stands_for(model: Network, glass: Glass) -> Post | str | None:
    """Of several posts nobody but the asker could say which is meant."""
    if isinstance(glass.item, str) or glass.item is None:
        return glass.item
    alike = [post for post in model.posts if post.message_id == glass.item.message_id and post.state == "published"]
    meant = {post.first if glass.scope == Scope.THREAD else post for post in alike}
    return alike[0] if len(meant) == 1 else None


def end(world: World, name: str, number: int, *, strong: bool = True) -> None:
    """At once."""
    glass = world.glasses[number]
    may = oracle.may_end_glass(world.model, name, glass, strong=strong)
    try:
        world.run(world.groupware.glass.end(world.caller(name, strong=strong), number))
    except (*NO, Conflict) as error:
        assert not may, f"{name} may end {glass}: {error}"  # noqa: PT017 -- as above
        return
    assert may, f"{name} must not end {glass}"
    glass.state = "ended"
    world.run(world.settle())


def tend(world: World) -> None:
    """What is due is closed; nothing can be read after it that couldn't before."""
    world.run(world.groupware.glass.tend())
    oracle.tend(world.model)
    world.run(world.settle())


# ---- views


async def glass_views(world: World, name: str) -> Views:
    """Which asks are known, and what each of the latest opens: what is listed with it, and whatever else is tried."""
    desk, strong = world.groupware.glass, world.strong
    cards = await desk.cards(world.caller(name, strong=strong))
    found: Views = {
        f"glass known {strong}": frozenset(card.glass.id for card in cards),
        f"glass confirms {strong}": frozenset(card.glass.id for card in cards if card.confirms),
        f"glass ends {strong}": frozenset(card.glass.id for card in cards if card.ends),
    }
    for number in sorted(world.glasses)[-LATEST:]:
        listed, opened = await _reads(world, name, number)
        found |= {f"glass lists {number}": listed, f"glass opens {number}": opened}
        if not opened:
            continue
        try:
            await desk.octets(world.caller(name), number, next(iter(world.rows.values())))
        except NO:
            continue
        raise AssertionError(f"{name} must not open anything with a program's sign-in")
    return found


async def _reads(world: World, name: str, number: int) -> tuple[frozenset[str], frozenset[str]]:
    """What the card lists, and what is opened of two posts: of the latest one, and of one that it may be about."""
    desk, caller = world.groupware.glass, world.caller(name, strong=True)
    try:
        listed = {each.token for each in (await desk.card(caller, number)).posts}
    except NO:
        listed = set()
    opened = set()
    for post in _tried(world, name, number):
        try:
            octets = await desk.octets(caller, number, world.rows[post])
        except NO:
            continue
        opened.add(post.canary)
        assert post.canary.encode() in octets
        world.model.opened.setdefault(name, []).append(post)
    return frozenset(post.canary for post, token in world.tokens.items() if token in listed), frozenset(opened)


def _tried(world: World, name: str, number: int) -> list[Post]:
    """One that it may be about; whoever asked tries the latest, too."""
    glass, posts = world.glasses[number], list(world.rows)
    about = [post for post in posts if oracle.covers(glass, post)][-1:]
    return list(dict.fromkeys([*about, *posts[-1:]] if name == glass.asker else about or posts[-1:]))


def due_glass(world: World, name: str, view: str, _got: object) -> object:
    """By their numbers, and the canaries of what may be opened."""
    what, _, rest = view.partition(" ")
    model = world.model
    if what == "known":
        return frozenset(n for n, glass in world.glasses.items() if oracle.may_see_glass(model, name, glass))
    if what in _DOES:
        may = _DOES[what]
        shown = [n for n, glass in world.glasses.items() if oracle.may_see_glass(model, name, glass)]
        return frozenset(n for n in shown if may(model, name, world.glasses[n], strong=rest == "True"))
    glass = world.glasses[int(rest)]
    reads = oracle.may_break_glass(model, name, glass, strong=True)
    posts = world.rows if what == "lists" else _tried(world, name, int(rest))
    return frozenset(post.canary for post in posts if reads and oracle.covers(glass, post))


_DOES = {"confirms": oracle.may_confirm_glass, "ends": oracle.may_end_glass}
