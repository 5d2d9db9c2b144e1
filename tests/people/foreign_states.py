"""What verbs want that need something first: made for the other body, by its own people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from town import DOMAIN, message

from directory import roles
from directory.roles import Grant
from groupware import tables
from groupware.areas.access import Asked
from groupware.duties.handing_over import Offer
from groupware.people.entry import Entry
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from foreign_stage import Stage

    Made = tuple[str, dict[str, Any]]
NAME = "<theirs@x.test>"


async def a_rule(stage: Stage) -> Made:
    rule = await stage.world.groupware.areas.give_access(
        stage.world.strong("bela"), "return", Asked(Access.READER, "official:bruno", "test")
    )
    return "bela", {"code": "return", "rule": rule}


async def a_moderator(stage: Stage) -> Made:
    town = stage.world.town
    new = Grant(town.people["bruno"], Role.MODERATOR, town.rooms["return"], reason="test")
    await stage.world.groupware.store.run(lambda tx: roles.grant(tx.connection, new))
    return "bela", {"code": "return", "login": "bruno", "deputy": True}


async def a_post(stage: Stage) -> Made:
    groupware, bruno = stage.world.groupware, stage.world.strong("bruno")
    address = f"return@{DOMAIN}"
    raw = message("bruno", address, "Seats", "Twelve of them.", message_id=NAME)
    await groupware.submit(bruno, raw, [await groupware.recipient(bruno, address)])
    return "bruno", {"name": NAME, "reason": "why"}


async def a_posts_token(stage: Stage) -> Made:
    who, _ = await a_post(stage)
    newest = select(tables.post.c.token).order_by(tables.post.c.id.desc()).limit(1)
    token = await stage.world.groupware.store.read(lambda snapshot: snapshot.connection.scalar(newest))
    return who, {"token": token}


async def nobody_to_contact(stage: Stage) -> Made:
    people = stage.world.town.people
    for name in ("dana", "otto"):
        await stage.world.groupware.duties.off_board_by_operator(people[name])
    return "cora", {"body": stage.other.number, "official": people["bruno"], "act": "Note 17"}


async def an_offer(stage: Stage) -> Made:
    people = stage.world.town.people
    offer = Offer(people["bela"], people["bruno"])
    return "otto", {"number": await stage.world.groupware.duties.offer(stage.world.strong("dana"), offer)}


async def a_newcomer(stage: Stage) -> Made:
    entry = Entry(name="Nils Novak", unit=stage.other.unit_codes[0])
    return "bela", {"official": await stage.world.groupware.people.add(stage.world.strong("bela"), "", "nils", entry)}


WANTED: dict[str, Callable[[Stage], Awaitable[Made]]] = {
    "areas.end_access": a_rule,
    "areas.set_deputy": a_moderator,
    "areas.to_withdraw": a_posts_token,
    "areas.withdraw": a_post,
    "duties.appoint": nobody_to_contact,
    "duties.confirm_offer": an_offer,
    "people.invite": a_newcomer,
}
"""What each wants first: who may do it is told, and with which arguments."""
READING = frozenset({"areas.to_withdraw"})
"""Those of them that change nothing."""
