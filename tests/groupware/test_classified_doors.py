"""What is marked as classified comes in by no door, and security officers hear of it: of whom, and nothing of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import send, settled
from office_files import carrying, docx
from sqlalchemy import func, select
from town import DOMAIN, build, message

from connectors.submission import replies
from directory import officials, roles
from directory.roles import Grant
from groupware import tables
from groupware.composing import Draft
from groupware.marking_tables import refused_marking
from groupware.message.scan import scan
from groupware.message.unfit import Classified
from policies.vocabulary import Door, Marking, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio
ROOM = f"return@{DOMAIN}"
KEPT = (tables.submission, tables.post, tables.content, tables.booking, tables.mail)


async def counts(groupware: Groupware) -> list[int]:
    def query(snapshot):  # noqa: ANN001, ANN202 -- Snapshot
        return [snapshot.connection.scalar(select(func.count()).select_from(table)) for table in KEPT]

    return await groupware.store.read(query)


async def build_with_officer(groupware: Groupware) -> Town:
    town = await groupware.store.run(build)

    def grant(tx):  # noqa: ANN001, ANN202 -- Tx
        body = officials.get(tx.connection, town.people["anna"]).body
        roles.grant(tx.connection, Grant(town.people["emil"], Role.SECURITY_OFFICER, body, reason="test"))

    await groupware.store.run(grant)
    await groupware.matrix.remember(town.rooms["return"], "!return")
    return town


DOCUMENT = docx("plans", header="EU SECRET", run=2)


async def file_of(url: str) -> bytes:
    if url.endswith("document"):
        return DOCUMENT
    return b"EU SECRET\n\nplans" if url.endswith("marked") else b"plans"


async def test_every_door(groupware: Groupware) -> None:
    town = await build_with_officer(groupware)
    anna, dora = town.caller("anna"), town.caller("dora", Door.MATRIX)
    inbox = await groupware.folders.find(town.caller("anna", Door.IMAP), "Drafts")
    before = await counts(groupware)
    with pytest.raises(Classified):
        await send(groupware, town, "anna", message("anna", ROOM, "[RESTREINT UE/EU RESTRICTED] plans", "canary"), ROOM)
    with pytest.raises(Classified):
        await send(groupware, town, "anna", message("anna", "x", "x", "VS-NfD\r\n\r\ncanary"), f"clara@{DOMAIN}")
    with pytest.raises(Classified):
        await send(groupware, town, "anna", message("anna", "x", "x", "POUFNE\r\n\r\ncanary"), "x@partner.test")
    raw = message("anna", "x", "TAJNÉ: canary", "x")
    with pytest.raises(Classified):
        await groupware.folders.append(town.caller("anna", Door.IMAP), inbox, raw, 0, None)
    raw = carrying(("canary.bin", DOCUMENT), author=f"anna@{DOMAIN}")
    with pytest.raises(Classified):
        await send(groupware, town, "anna", raw, ROOM)
    with pytest.raises(Classified):
        await groupware.folders.append(town.caller("anna", Door.IMAP), inbox, raw, 0, None)
    for who in (dora, town.caller("anna", Door.MATRIX)):  # one who publishes, one whose words wait
        for number, said in enumerate(
            (
                {"msgtype": "m.text", "body": "EU CONFIDENTIAL\ncanary"},
                {"msgtype": "m.file", "body": "x", "filename": "EU SECRET canary.txt", "url": "mxc://x/plain"},
                {"msgtype": "m.file", "body": "x.txt", "url": "mxc://x/marked", "info": {"mimetype": "text/plain"}},
                {"msgtype": "m.file", "body": "x.png", "url": "mxc://x/document", "info": {"mimetype": "image/png"}},
            )
        ):
            with pytest.raises(Classified):
                await groupware.matrix.say(who, town.rooms["return"], said, (who.login, str(number)), file_of)
    draft = Draft("x", "SALAJANE EL\n\ncanary", Marking.AMBER, "a" * 32, 1)
    with pytest.raises(Classified):
        await groupware.compose(town.caller("dora", Door.PORTAL, strong=True), "return", draft)
    after = await counts(groupware)
    assert after[:2] == before[:2]
    assert not list((groupware.store.directory / "content").glob("*"))
    rows = await groupware.store.read(
        lambda snapshot: snapshot.connection.execute(
            select(refused_marking.c.official, refused_marking.c.door, refused_marking.c.times)
        ).all()
    )
    assert {(row.official, row.door) for row in rows} == {
        (anna.official, "submission"), (anna.official, "imap"), (anna.official, "matrix"),
        (dora.official, "matrix"), (dora.official, "portal"),
    }  # fmt: skip
    await the_officer_hears_and_reads_nothing_of_it(groupware, town, len(rows))


async def the_officer_hears_and_reads_nothing_of_it(groupware: Groupware, town: Town, many: int) -> None:
    await settled(groupware)

    def query(snapshot):  # noqa: ANN001, ANN202 -- Snapshot
        told = (
            select(tables.content.c.body)
            .join(tables.rendering, tables.rendering.c.content == tables.content.c.id)
            .join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
        )
        officer = tables.mail_recipient.c.official == town.people["emil"]
        told = told.join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id).where(officer)
        return [bytes(row.body) for row in snapshot.connection.execute(told)]

    notices = await groupware.store.read(query)
    assert len(notices) == many
    assert all(b"marked as EU " in notice and b"canary" not in notice for notice in notices)


async def test_what_is_tried_again_and_again_is_told_once(groupware: Groupware) -> None:
    town = await build_with_officer(groupware)
    for _ in range(3):
        with pytest.raises(Classified):
            await send(groupware, town, "anna", message("anna", ROOM, "EU SECRET: plans", "x"), ROOM)
    times = await groupware.store.read(lambda s: s.connection.scalars(select(refused_marking.c.times)).all())
    assert times == [3]


def test_what_the_doors_say() -> None:
    with pytest.raises(Classified) as refused:
        scan(message("anna", ROOM, "[SECRET UE/EU SECRET] canary", "x"))
    said = replies.refusal(refused.value)
    assert said.startswith("550 5.7.1 classified-marking: ")
    assert "registry" in said
    assert "delete" in said
    assert "canary" not in said
    assert not said.endswith("...")
