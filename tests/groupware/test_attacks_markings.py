"""What a marking forbids stays forbidden when it is answered, quoted, moderated or sent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import ROOM, post, send, settled, uids
from sqlalchemy import func, select
from town import DOMAIN, build, message

from directory import roles
from directory.roles import Grant
from groupware import tables
from groupware.errors import Refused
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from sqlalchemy import Row
    from town import Town

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio


async def empower(groupware: Groupware, town: Town, who: str, room: str, *more: Role) -> None:
    def grants(tx):  # noqa: ANN001, ANN202 -- Tx
        for role in (*Access, *more):
            roles.grant(tx.connection, Grant(town.people[who], role, town.rooms[room], reason="test"))

    await groupware.store.run(grants)


async def posts(groupware: Groupware) -> list[Row]:
    columns = tables.post.c
    statement = select(columns.id, columns.parent, columns.thread, columns.marking).order_by(columns.id)
    return await groupware.store.read(lambda snapshot: snapshot.connection.execute(statement).all())


async def test_an_answer_to_a_red_post_does_not_go_to_a_partner_by_an_ordinary_sign_in(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "[TLP:RED] secret", "<red@x>")
    raw = message("clara", "x", "Re: secret", "quoted", message_id="<a@x>", references="<red@x>")
    with pytest.raises(Refused, match="owner-has-not-consented"):
        await send(groupware, town, "clara", raw, "x@partner.test")


@pytest.mark.parametrize("label", ["TLP:RED", "[TLP:AMBER+STRICT]", "TLP:CLEAR TLP:RED"])
async def test_a_strict_label_does_not_go_to_a_partner(groupware: Groupware, label: str) -> None:
    town = await groupware.store.run(build)
    raw = message("clara", "x", f"{label} secret", "text", message_id="<a@x>")
    with pytest.raises(Refused, match="marking-stays-inside"):
        await send(groupware, town, "clara", raw, "x@partner.test")


async def test_a_strict_mail_is_not_sent_on_to_a_partner(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    raw = message("anna", "x", "[TLP:RED] secret", "text", message_id="<a@x>")
    await send(groupware, town, "anna", raw, f"clara@{DOMAIN}")
    raw = message("clara", "x", "Re: secret", "quoted", message_id="<b@x>", references="<a@x>")
    with pytest.raises(Refused, match="marking-stays-inside"):
        await send(groupware, town, "clara", raw, "x@partner.test")


async def test_mail_that_answers_a_strict_post_stays_in_its_body(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "[TLP:AMBER+STRICT] secret", "<s@x>")
    raw = message("clara", "x", "Re: secret", "quoted", message_id="<a@x>", references="<s@x>")
    with pytest.raises(Refused, match="recipient-may-not-read"):
        await send(groupware, town, "clara", raw, f"otto@{DOMAIN}")
    await send(groupware, town, "clara", raw, f"anna@{DOMAIN}")


async def test_an_answer_in_another_room_inherits_the_marking_and_no_place(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await empower(groupware, town, "clara", "liaison")
    await post(groupware, town, "[TLP:AMBER+STRICT] secret", "<s@x>")
    raw = message("clara", "x", "Re: secret", "quoted", message_id="<a@x>", references="<s@x>")
    await send(groupware, town, "clara", raw, f"liaison@{DOMAIN}")
    answer = (await posts(groupware))[1]
    assert (answer.marking, answer.parent, answer.thread) == (3, 0, answer.id)


async def test_a_hidden_post_is_nobodys_parent(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "[TLP:AMBER+STRICT] secret", "<s@x>")
    raw = message("bruno", "x", "Re: a guess", "text", message_id="<a@x>", references="<s@x>")
    await send(groupware, town, "bruno", raw, ROOM)
    answer = (await posts(groupware))[1]
    assert (answer.marking, answer.parent, answer.thread) == (2, 0, answer.id)


async def test_a_moderator_of_another_body_hears_nothing_of_a_strict_post(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await empower(groupware, town, "bruno", "return", Role.MODERATOR)
    raw = message("anna", "x", "[TLP:AMBER+STRICT] s", "text", message_id="<1@x>")
    await send(groupware, town, "anna", raw, ROOM)
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "INBOX") == []
    assert await uids(groupware, town, "dora", "INBOX") == [1]
    await send(groupware, town, "anna", message("anna", "x", "s", "text", message_id="<2@x>"), ROOM)
    await settled(groupware)
    assert await uids(groupware, town, "bruno", "INBOX") == [1]


async def test_one_room_that_refuses_leaves_nothing_of_the_others(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await empower(groupware, town, "bruno", "liaison")
    to = (f"otto@{DOMAIN}", f"liaison@{DOMAIN}", ROOM)
    raw = message("bruno", "x", "[TLP:AMBER+STRICT] s", "text", message_id="<1@x>")
    with pytest.raises(Refused, match="nobody-may-moderate"):
        await send(groupware, town, "bruno", raw, *to)
    for table in (tables.submission, tables.post, tables.mail, tables.copy, tables.rendering, tables.content):
        number = select(func.count()).select_from(table)
        assert await groupware.store.read(lambda s, n=number: s.connection.scalar(n)) == 0, table.name
    receipt = await send(groupware, town, "bruno", raw.replace(b"+STRICT", b""), *to)
    assert [held.number for held in receipt.held] == [1, 1]


async def test_an_answer_takes_the_strictest_of_several_parents_and_of_all_it_asks_for(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await post(groupware, town, "[TLP:AMBER+STRICT] one", "<s@x>")
    await post(groupware, town, "two", "<t@x>")
    raw = message("clara", "x", "[TLP:GREEN] Re: two", "quoted", message_id="<a@x>", references="<s@x> <t@x>")
    await send(groupware, town, "clara", raw, ROOM)
    raw = message("clara", "x", "Re: two", "x", message_id="<b@x>", references="<t@x>")
    await send(groupware, town, "clara", raw.replace(b"Subject", b"X-TLP: TLP:RED\r\nX-Handling: H0\r\nSubject"), ROOM)
    assert [row.marking for row in await posts(groupware)] == [3, 2, 3, 4]


async def test_what_was_read_once_counts_after_the_right_is_lost_and_after_it_is_withdrawn(
    groupware: Groupware,
) -> None:
    """Clara had both in her INBOX; otto never saw either: for him they are as absent as any."""
    town = await groupware.store.run(build)
    await empower(groupware, town, "otto", "liaison")
    await empower(groupware, town, "clara", "liaison")
    await post(groupware, town, "[TLP:AMBER+STRICT] one", "<s@x>")
    await groupware.areas.withdraw(town.caller("dora"), "<s@x>", "")
    await post(groupware, town, "[TLP:AMBER+STRICT] two", "<t@x>")

    def leave(tx):  # noqa: ANN001, ANN202 -- Tx
        for grant in roles.held(tx.connection, town.people["clara"], tx.now):
            if grant.scope == town.rooms["return"]:
                roles.revoke(tx.connection, grant.id, tx.now)

    await groupware.store.run(leave)
    for number, named in enumerate(("<s@x>", "<t@x>", "<none@x>")):
        for who in ("clara", "otto"):
            raw = message(who, "x", "Re: it", "text", message_id=f"<{who}{number}@x>", references=named)
            await send(groupware, town, who, raw, f"liaison@{DOMAIN}")
    answers = (await posts(groupware))[2:]
    assert [row.marking for row in answers] == [3, 2, 3, 2, 2, 2]
