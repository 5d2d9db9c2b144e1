"""T2: copies kept, holds placed and lifted, and what is due erased, in a world and in the oracle's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import model_oracle_beside as oracle
from model_oracle_beside import Hold
from model_worlds import NO
from rows_with_word import rows_with

from groupware.errors import Conflict, Refused
from groupware.retention.holds import What

if TYPE_CHECKING:
    from pathlib import Path

    from model_oracle import Post
    from model_worlds import World


Views = dict[str, Any]
KEPT_IN = "Drafts"


def keep(world: World, name: str, post: Post) -> None:
    """A program puts what it was shown into a folder of its own, where it stays whatever becomes of the rights."""
    desk, caller = world.groupware.folders, world.caller(name)
    try:
        octets = world.run(world.groupware.raw(caller, post.message_id))
    except NO:
        return
    into = world.run(desk.find(caller, KEPT_IN))
    world.run(desk.append(caller, into, octets, 0, None))
    world.model.kept.setdefault(name, []).append(post)


def hold(world: World, name: str, post: Post, *, thread: bool, strong: bool = True) -> None:
    """A message in several rooms is several posts, each of which gets one."""
    model, caller = world.model, world.caller(name, strong=strong)
    named = [each for each in model.posts if each.message_id == post.message_id]
    may = [each for each in named if strong and oracle.may_hold(model, name, each)]
    free = [each for each in may if not any(_same(each, known, thread=thread) for known in model.holds)]
    try:
        call = world.groupware.retention.place(caller, What.THREAD if thread else What.POST, post.message_id, "case 7")
        numbers = world.run(call)
    except (*NO, Refused) as error:
        assert not may, f"{name} may keep {post}: {error}"  # noqa: PT017 -- it may be raised or not
        return
    except Conflict:
        assert may, f"{name} was told of a hold on {post}"
        assert not free, f"{name} may keep {post}"
        return
    made = list(dict.fromkeys(each.first if thread else each for each in free))
    assert len(numbers) == len(made), f"{name} keeps {made}, got {numbers}"
    for number, each in zip(numbers, made, strict=True):
        world.holds[number] = Hold(each, thread, name, post.body)
        model.holds.append(world.holds[number])
    world.run(world.settle())


def _same(post: Post, known: Hold, *, thread: bool) -> bool:
    about = known.post.first is post.first if thread else known.post is post
    return not known.lifted and known.thread == thread and about


def lift(world: World, name: str, number: int, *, strong: bool = True) -> None:
    """By another officer of the body than who placed it."""
    model, known = world.model, world.holds[number]
    mine = oracle.watches(model, name) and model.body_of(name) == known.body
    may = strong and mine and not known.lifted and known.by != name
    try:
        world.run(world.groupware.retention.lift(world.caller(name, strong=strong), number, "because"))
    except (*NO, Conflict) as error:
        assert not may, f"{name} may lift {known}: {error}"  # noqa: PT017 -- as above
        return
    assert may, f"{name} must not lift {known}"
    known.lifted = True
    world.run(world.settle())


def erase(world: World) -> None:
    """What is due is gone, and of what is nowhere any more not a byte is left."""
    done = world.run(world.groupware.retention.erase(trust_clock=True))
    gone = oracle.erase(world.model)
    assert done.erased == len(gone), f"erased {done.erased}, found due: {gone}"
    world.run(world.settle())
    words = {post.canary for post in gone} - {post.canary for post in world.model.posts if not post.erased}
    for canary in words:
        assert not (found := _files_with(world.directory, canary)), f"oracle: {canary} is found in {found}"
        rows = world.run(world.groupware.store.read(lambda snapshot, canary=canary: rows_with(snapshot, canary)))  # type: ignore[misc] # a lambda's default
        assert not rows, f"oracle: {canary} is found in {rows}"


def _files_with(directory: Path, word: str) -> list[str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return [path.name for path in files if word.encode() in path.read_bytes()]


# ---- views


async def retention_views(world: World, name: str) -> Views:
    """Holds and proofs, by what is in them; and the folder of what was kept."""
    desk, strong = world.groupware.retention, world.strong
    held = await _or_none(desk.holds(world.caller(name, strong=strong)))
    found: Views = {f"retention holds {strong}": frozenset([each.id for each in held])}
    proofs = await _or_none(desk.proofs(world.caller(name, strong=True)))
    found["retention proofs"] = frozenset((proof.message_id, proof.room) for proof in proofs)
    return found


async def _or_none(call: Any) -> Any:  # noqa: ANN401 -- a coroutine's
    try:
        return await call
    except NO:
        return []


def due_retention(world: World, name: str, view: str, _got: object) -> object:
    """Of their own body, for its security officers."""
    model, (what, _, strong) = world.model, view.partition(" ")
    if not oracle.watches(model, name):
        return frozenset()
    body = model.body_of(name)
    if what == "proofs":
        return frozenset((post.message_id, post.room) for post in model.posts if post.erased and post.body == body)
    mine = (number for number, known in world.holds.items() if known.body == body)
    return frozenset(mine if strong == "True" else ())
