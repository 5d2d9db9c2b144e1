"""Two worlds where the same things happen, but for what one official may not know of: that one sees no difference."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from model_machine import template
from model_network import DOMAIN
from model_oracle import Grant
from model_people_views import people_views, release_views
from model_views import LATEST, fetched
from model_worlds import HIDDEN, MARKINGS, NO, SPANS, Word, World, span_from

from groupware.errors import Refused
from groupware.folders import searching

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from model_oracle import Post

OBSERVER = "otto"
"""Of the liaison area; its room has posts that he may not see, of the other one he should not know."""
OTHERS = st.sampled_from(["anna", "bruno", "dora", "emil", "sven"])
LABELS = st.sampled_from(sorted(MARKINGS))
_RANDOM = re.compile(rb"Message-ID: <[^>]*@iconet\.test>|No\. \d+ in|<[^<>@ ]{12,}@iconet\.test>|/posts/[\w-]+")
"""Of notices: their own Message-IDs, a post's address, and the number of a hold, which the contract tells a room."""


async def transcript(world: World, name: str = OBSERVER) -> list[Any]:
    """All that an official gets, in the order of asking, without random names and rows' ids."""
    people, releases = await people_views(world, name), await release_views(world, name)
    return [*await _folders(world, name), *await _pages(world, name), people, releases]


def no_difference(name: str, one: list[Any], other: list[Any]) -> None:
    """What somebody got in two worlds is the same."""
    pairs = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    assert one == other, f"{name} sees a difference: {pairs[0]}"


async def _folders(world: World, name: str) -> list[Any]:
    desk, caller = world.groupware.folders, world.caller(name)
    names = await desk.names(caller)
    got: list[Any] = [[(name.name, name.special_use) for name in names]]
    for folder in [name.name for name in names] + ["Areas/return", "Areas/liaison", "Areas/nowhere"]:
        opened = await _answer(desk.open(caller, folder))
        if isinstance(opened, str):
            got.append((folder, opened))
            continue
        _, state, places = opened
        rows = await fetched(desk, caller, state, [uid for uid, _ in places])
        counts = (await desk.status(caller, folder))[-1]
        words = await desk.search(caller, state, _everything_hidden, words=True)
        got += [folder, (state.uidvalidity, state.uidnext, state.modseq), places, counts, words]
        got += [_masked(row) for row in rows]
    return got


def _everything_hidden(snapshot: Any, state: Any) -> set[int]:  # noqa: ANN401 -- as in folders.searching
    return searching.having_words(snapshot, state, searching.Where.TEXT, f"cnry{HIDDEN // 1000}")


async def _pages(world: World, name: str) -> list[Any]:
    groupware, got = world.groupware, []
    for strong in (True, False):
        caller = world.caller(name, strong=strong)
        got += [[(card.code, card.name, card.moderated) for card in await groupware.rooms(caller)]]
        for room in ("return", "liaison", "nowhere"):
            page = await _answer(groupware.room(caller, room))
            got += [room, page if isinstance(page, str) else _page(page)]
            got += [type(await _answer(groupware.recipient(caller, f"{room}@{DOMAIN}")))]
        got += [[(held.message_id, held.subject) for held in await groupware.held(caller)]]
        for post in _in_both(world):
            got += [post.canary, _cards(await _answer(groupware.conversation(caller, world.tokens[post])))]
            got += [await _answer(groupware.raw(caller, post.message_id))]
        got += [await _answer(groupware.raw(caller, f"<{HIDDEN + number:04d}@x>")) for number in (1, 2, 3)]
    return got


def _in_both(world: World) -> list[Post]:
    return [post for post in world.model.posts if int(post.canary[4:8]) < HIDDEN][-LATEST:]


async def _answer(call: Awaitable[Any]) -> Any:  # noqa: ANN401 -- what the call gives, or the word for no
    try:
        return await call
    except (*NO, Refused):
        return "nothing there"


def _page(page: Any) -> list[Any]:  # noqa: ANN401 -- a RoomPage
    waiting = [(each.reason, _cards([each.card])) for each in page.waiting]
    return [page.room.code, page.may_post, page.older, _cards(list(page.posts)), waiting]


def _cards(answer: Any) -> Any:  # noqa: ANN401 -- cards, or the word for no
    if isinstance(answer, str):
        return answer
    room, cards = answer if isinstance(answer, tuple) else (None, answer)
    shown = [(card.message_id, card.author, card.subject, card.marking, card.state, card.published) for card in cards]
    return [room and room.code, shown]


def _masked(values: tuple[Any, ...]) -> list[Any]:
    return [_RANDOM.sub(b"*", value) if isinstance(value, bytes) else value for value in values]


class TwoWorlds(RuleBasedStateMachine):
    """`plain`, and `full` where hidden things happen besides."""

    def __init__(self) -> None:
        super().__init__()
        self.plain, self.full = World(template()), World(template())

    def teardown(self) -> None:
        self.plain.close()
        self.full.close()

    @invariant()
    def the_observer_sees_no_difference(self) -> None:
        no_difference(OBSERVER, *(world.run(transcript(world)) for world in (self.plain, self.full)))

    def both(self, act: Any) -> None:  # noqa: ANN401 -- a function of a World
        act(self.plain)
        act(self.full)

    def unseen(self, act: Any) -> None:  # noqa: ANN401 -- a function of a World
        """Only in one of them, with canaries of its own."""
        self.full.hidden = True
        act(self.full)
        self.full.hidden = False

    def shared(self, which: int) -> int:
        """The place of a post that is in both, in each one's list; the same in both since canaries are."""
        return which % len(_in_both(self.plain))

    # ---- hidden

    @rule(author=OTHERS, label=LABELS)
    def post_in_a_room_that_he_cannot_see(self, author: str, label: str) -> None:
        self.unseen(lambda world: world.post(author, ["return"], label))

    @rule(label=LABELS)
    def post_that_waits(self, label: str) -> None:
        self.unseen(lambda world: world.post("anna", ["liaison"], label))

    @rule(which=st.integers(0, 9), reply=st.booleans())
    def post_for_the_other_body(self, which: int, *, reply: bool) -> None:
        """A strict one of bb in his room, published at once; perhaps in a thread that he sees."""
        parent = _in_both(self.full)[self.shared(which)] if reply else None
        if parent is None or parent.room == "liaison":
            self.unseen(lambda world: world.post("emil", ["liaison"], "[TLP:AMBER+STRICT]", parent=parent))

    @rule(word=st.sampled_from(list(Word)))
    def decide_in_a_room_that_he_cannot_see(self, word: Word) -> None:
        held = [post for post in self.full.model.posts if post.room == "return" and post.state == "held"]
        for post in held[:1]:
            self.unseen(partial(World.decide, name="dora", post=post, word=word))

    @rule()
    def refuse_what_waits(self) -> None:
        held = [post for post in self.full.model.posts if int(post.canary[4:8]) > HIDDEN and post.state == "held"]
        for post in held[:1]:
            self.unseen(partial(World.decide, name="emil", post=post, word=Word.REFUSE))

    @rule(author=OTHERS, recipient=OTHERS, label=LABELS)
    def mail_among_others(self, author: str, recipient: str, label: str) -> None:
        self.unseen(lambda world: world.mail(author, recipient, label))

    @rule(name=OTHERS, role=st.sampled_from(["reader", "poster", "moderator"]), span=st.sampled_from(SPANS))
    def grant_to_others(self, name: str, role: str, span: tuple[int, int]) -> None:
        since, until = span_from(self.full.model.now, span)
        self.unseen(lambda world: world.grant(Grant(name, role, "return", since, until)))

    # ---- in both

    @rule(author=st.sampled_from(["anna", "emil", OBSERVER]), label=LABELS)
    def post_in_his_room(self, author: str, label: str) -> None:
        self.both(lambda world: world.post(author, ["liaison"], label))

    @rule(which=st.integers(0, 9), word=st.sampled_from(list(Word)))
    def decide_in_his_room(self, which: int, word: Word) -> None:
        number = self.shared(which)
        if _in_both(self.plain)[number].room == "liaison":
            self.both(lambda world: world.decide("emil", _in_both(world)[number], word))

    @rule(number=st.integers(1, 3))
    def answer_to_a_guessed_name(self, number: int) -> None:
        """He hits on the Message-ID of a post that he can't see."""
        self.both(lambda world: world.post(OBSERVER, ["liaison"], reference=f"<{HIDDEN + number:04d}@x>"))

    @rule(author=OTHERS, label=LABELS)
    def mail_to_him(self, author: str, label: str) -> None:
        self.both(lambda world: world.mail(author, OBSERVER, label))

    @rule(role=st.sampled_from(["reader", "poster"]), span=st.sampled_from(SPANS))
    def grant_to_him(self, role: str, span: tuple[int, int]) -> None:
        since, until = span_from(self.plain.model.now, span)
        self.both(lambda world: world.grant(Grant(OBSERVER, role, "liaison", since, until)))

    @rule(role=st.sampled_from(["reader", "poster"]))
    def revoke_his(self, role: str) -> None:
        self.both(lambda world: world.revoke(OBSERVER, role, "liaison"))

    @rule(suspended=st.booleans())
    def suspend_or_restore_him(self, *, suspended: bool) -> None:
        self.both(lambda world: world.alter(OBSERVER, suspended=suspended))

    @rule(hours=st.integers(1, 2))
    def wait(self, hours: int) -> None:
        self.both(lambda world: world.wait(hours))

    @rule()
    def restart(self) -> None:
        self.both(lambda world: world.restart())
