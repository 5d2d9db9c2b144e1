"""T2: releases asked for, decided and taken back in a world, and the same in the oracle's network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_network import HOUR
from model_oracle import Release
from model_oracle import Word as OwnersWord
from model_worlds import NO

from groupware.errors import Conflict, Refused
from groupware.releases.words import Asked as ToRelease
from groupware.releases.words import Word as Said

if TYPE_CHECKING:
    from model_oracle import Post
    from model_worlds import World

OUTSIDE = "desk@partner.test"


def ask(world: World, name: str, post: Post, *, strong: bool = True) -> None:
    """That a post be passed on; nobody is asked where nobody else may say the owner's word."""
    may = world.model.may_ask(name, post, strong=strong)
    release = Release(post, name, OUTSIDE, post.marking, post.handling, [OwnersWord(post.body, post)])
    others = any(
        world.model.may_consent(each, release, release.words[0], strong=True) for each in world.model.officials
    )
    wanted = ToRelease(OUTSIDE, "Agency", "purpose", "conditions", world.model.now + 30 * 24 * HOUR)
    try:
        number = world.run(world.groupware.releases.ask(world.caller(name, strong=strong), world.tokens[post], wanted))
    except NO as error:
        assert not world.model.may_read(name, post, strong=strong), f"{name} may ask for {post}: {error}"  # noqa: PT017 -- as above
        return
    except Refused as error:
        assert world.model.may_read(name, post, strong=strong), f"{name} was told of {post}"
        assert not may or not others, f"{name} may ask for {post}: {error}"  # noqa: PT017 -- as above
        return
    assert may, f"{name} must not ask for {post}"
    assert others, f"nobody may decide about {post}"
    world.model.releases.append(release)
    world.releases[number] = release
    world.run(world.settle())


def consent(world: World, name: str, number: int, said: Said, *, strong: bool = True) -> None:
    """Say the owner's word, or refuse it."""
    release = world.releases[number]
    [word] = release.words
    may = world.model.may_consent(name, release, word, strong=strong) and release.state == "asked"
    try:
        state = world.run(world.groupware.releases.decide(world.caller(name, strong=strong), number, said, "because"))
    except (*NO, Conflict) as error:
        assert not may, f"{name} may decide about {release}: {error}"  # noqa: PT017 -- as above
        told = not isinstance(error, Conflict) or world.model.may_know(name, release, word, strong=strong)
        assert told, f"{name} was told of {release}"
        return
    assert may, f"{name} must not decide about {release}"
    post = release.post
    stands = post.state == "published" and post.marking <= release.marking
    release.state = ("agreed" if said is Said.YES else "refused") if stands else "stopped"
    assert state == release.state, f"{release} is {state}"
    word.state = {"agreed": "given", "refused": "refused", "stopped": "closed"}[release.state]
    world.run(world.settle())


def take_back(world: World, name: str, number: int, *, strong: bool = True) -> None:
    """The owner's word, or the ask."""
    release = world.releases[number]
    [word] = release.words
    may = world.model.may_take_back(name, release, word, strong=strong) and release.state in ("asked", "agreed")
    try:
        world.run(world.groupware.releases.withdraw(world.caller(name, strong=strong), number, "because"))
    except (*NO, Conflict) as error:
        assert not may, f"{name} may take back {release}: {error}"  # noqa: PT017 -- as above
        return
    assert may, f"{name} must not take back {release}"
    release.state = "withdrawn"
    word.state = "closed" if word.state == "open" else "withdrawn"
    world.run(world.settle())
