"""What was written in the demo before today: handed in by its authors and approved by a moderator, as anything is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from groupware import clock
from groupware.message.compose import compose
from groupware.moderation import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.demo_town import Town
    from groupware.service import Groupware

LOOK_AT = 1_000
DAY = 24 * 3600 * clock.MICROSECONDS


@dataclass(frozen=True, slots=True)
class Written:
    """One post of `posts.toml`."""

    name: str
    room: str
    by: str
    days: int
    subject: str
    text: str
    answers: str = ""


def written() -> Sequence[Written]:
    """All of them, oldest first within a thread."""
    data = tomllib.loads(files(__package__).joinpath("posts.toml").read_text("utf-8"))
    return [Written(**entry) for entry in data["post"]]


async def publish(groupware: Groupware, town: Town) -> None:
    """Have them in the rooms. A start that was broken off is completed by the next; a later one changes nothing."""
    there = await _first_names(groupware)
    moderators = {area.code: area.moderators[0] for area in town.areas}
    known: dict[str, tuple[str, ...]] = {}
    for post in sorted(written(), key=lambda post: -post.days):
        name = f"<demo.{post.name}@{town.domain}>"
        known[post.name] = (*known.get(post.answers, ()), name)
        if name in there:
            continue
        author = await groupware.somebody(post.by)
        raw = _message(author, post, known[post.name], town.domain)
        room = await groupware.recipient(author, f"{post.room}@{town.domain}")
        await groupware.submit(author, raw, [room])
        await _approve(groupware, moderators[post.room], name)


def _message(author: Caller, post: Written, thread: Sequence[str], domain: str) -> bytes:
    return compose(
        sender=author.address,
        sender_name=author.name,
        to=[("", f"{post.room}@{domain}")],
        subject=post.subject,
        text=post.text.strip() + "\n",
        message_id=thread[-1],
        date=clock.now() // DAY * DAY - post.days * DAY + 10 * 3600 * clock.MICROSECONDS,
        in_reply_to=thread[-2] if len(thread) > 1 else None,
        references=thread[:-1],
    )


async def _approve(groupware: Groupware, login: str, name: str) -> None:
    """A moderator's own posts aren't held, and so aren't in the queue."""
    moderator = await groupware.somebody(login)
    for held in await groupware.held(moderator):
        if held.message_id == name:
            await groupware.decide(moderator, held.id, Word.APPROVE)


async def _first_names(groupware: Groupware) -> set[str]:
    """The Message-IDs that the store began with: the demo's own come before anybody's."""
    names: set[str] = set()
    async for listed in groupware.listing():
        names.add(listed.message_id)
        if len(names) >= LOOK_AT:
            break
    return names
