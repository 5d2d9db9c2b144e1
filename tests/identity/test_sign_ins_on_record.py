"""Who signed in by which door and what means, and as whom somebody tried to in vain, stands in the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from identity_world import HERE, MINUTE, PASSWORD, SITE
from sqlalchemy import select

from groupware.acts import OFFICIAL, SIGN_IN
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import Refused
from groupware.identity.proof import Attempt, Proof
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from identity_world import IdentityWorld

    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
PERMITTED, DENIED = "permitted", "denied"


async def sign_ins(world: IdentityWorld) -> list[tuple[str, str, str, str]]:
    """What happened, whose it is, the door and the means; each is told of whom it was done as."""
    await world.groupware.sign_in.turned_away.tell()
    names = {number: name for name, number in world.town.people.items()}

    def query(snapshot: Snapshot) -> list[tuple[str, str, str, str]]:
        known = {row.pseudonym: names[row.official] for row in snapshot.connection.execute(select(audit_subject))}
        made = select(audit_record).where(audit_record.c.action == SIGN_IN).order_by(audit_record.c.id)
        rows = snapshot.connection.execute(made).all()
        assert all(row.actor == row.resource and row.kind == OFFICIAL for row in rows)
        return [(row.event, known[row.actor], row.door, json.loads(row.detail).get("means", "")) for row in rows]

    return await world.groupware.store.read(query)


async def tries(world: IdentityWorld, door: Door, name: str, secret: str) -> None:
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.groupware.sign_in.check(door, name, secret, HERE)


async def test_a_portal_sign_in_is_on_record_once_all_is_proved(world: IdentityWorld) -> None:
    await world.identity.enter("anna", PASSWORD, HERE, Start())
    first = [(PERMITTED, "anna", "portal", "password")]
    assert await sign_ins(world) == first
    secret = await world.app()
    step = await world.step()
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(step, code="000000")
    assert await sign_ins(world) == [*first, (DENIED, "anna", "portal", "")], "the password alone opens nothing"
    world.now[0] += MINUTE
    session = await world.finish(step, code=world.code(secret))
    assert (await sign_ins(world))[2:] == [(PERMITTED, "anna", "portal", "password and code")]
    wrong = Attempt(Proof(code="000000"), "confirm", session, SITE, HERE)
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.identity.confirm(world.anna, session, wrong)
    assert (await sign_ins(world))[3:] == [(DENIED, "anna", "portal", "")]


async def test_an_app_passwords_use_is_told_once_an_hour(world: IdentityWorld) -> None:
    text = await world.identity.make_app_password(world.anna, "Office", [Door.IMAP])
    for _ in range(2):
        await world.groupware.sign_in.check(Door.IMAP, "anna", text, HERE)
    assert await sign_ins(world) == [(PERMITTED, "anna", "imap", "app password")]
    world.now[0] += 61 * MINUTE
    await world.groupware.sign_in.check(Door.IMAP, "anna", text, HERE)
    assert await sign_ins(world) == [(PERMITTED, "anna", "imap", "app password")] * 2


async def test_an_answer_does_not_wait_for_the_log_and_the_log_is_whole_at_the_end(world: IdentityWorld) -> None:
    for name in ("anna", "ANNA@iconet.test", "bruno", "nobody.at.all"):
        await tries(world, Door.IMAP, name, "wrong")
    written = select(audit_record.c.id).where(audit_record.c.action == SIGN_IN)
    assert await world.groupware.store.read(lambda view: view.connection.execute(written).all()) == []
    await world.groupware.sign_in.end()
    assert [who for _, who, _, _ in await sign_ins(world)] == ["anna", "bruno"]


async def test_guesses_are_told_once_an_hour_a_door_and_not_of_names_that_nobody_has(world: IdentityWorld) -> None:
    for door in (Door.IMAP, Door.SUBMISSION):
        for name in ("anna", "anna", "nobody.at.all"):
            await tries(world, door, name, "wrong")
    assert await sign_ins(world) == [(DENIED, "anna", door, "") for door in ("imap", "submission")]
