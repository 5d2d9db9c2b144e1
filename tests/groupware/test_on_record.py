"""What happens to a post from its sender to its readers, and what is asked in vain, stands in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from attack import ROOM, send, settled
from sqlalchemy import select
from town import DOMAIN, build, message

from groupware import acts
from groupware.acts import Happening
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import Forbidden, NotFound
from groupware.events import EventKind
from groupware.folders.fetching import Want
from groupware.moderation import Word
from policies.vocabulary import Door

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware
    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
POST = message("anna", ROOM, "A canary", "canary-1", message_id="<1@client.test>")


class Line(NamedTuple):
    """A record, with the name of who did it; "" for ICONet itself."""

    event: str
    who: str
    door: str
    action: str
    kind: str
    resource: str
    rules: str


async def lines(groupware: Groupware, town: Town) -> list[Line]:
    """The log so far, oldest first."""
    names = {number: name for name, number in town.people.items()}

    def query(snapshot: Snapshot) -> list[Line]:
        known = snapshot.connection.execute(select(audit_subject))
        who = {row.pseudonym: names[row.official] for row in known} | {"": ""}
        rows = snapshot.connection.execute(select(audit_record).order_by(audit_record.c.id))
        return [
            Line(row.event, who[row.actor], row.door, row.action, row.kind, row.resource, row.rules) for row in rows
        ]

    return await groupware.store.read(query)


async def test_the_way_of_a_post_is_on_record(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    room = str(town.rooms["return"])
    await send(groupware, town, "anna", POST, ROOM)
    dora, bruno = town.caller("dora", Door.PORTAL, strong=True), town.caller("bruno", Door.IMAP)
    token = (await groupware.held(dora))[0].id
    await groupware.decide(dora, token, Word.APPROVE)
    await settled(groupware)
    posting, _ = await groupware.display(dora, token)
    post = str(posting.id)
    _, state, _ = await groupware.folders.open(bruno, "INBOX")
    await groupware.folders.fetch(bruno, state, [1], Want.ENVELOPE)
    before = await lines(groupware, town)
    await groupware.folders.fetch(bruno, state, [1], Want.BYTES)
    await groupware.folders.fetch(bruno, state, [1], Want.BYTES)
    found = await lines(groupware, town)
    assert found[: len(before)] == before
    assert found[len(before) :] == [Line("read", "bruno", "imap", "read", "Post", post, "")]
    told = [line for line in before if line.kind in {"Post", "Room"}]
    assert told[:4] == [
        Line("permitted", "anna", "submission", "post", "Room", room, "poster-posts"),
        Line("changed", "anna", "submission", "post-held", "Post", post, ""),
        Line("permitted", "dora", "portal", "moderate", "Post", post, "moderator-reads-and-decides"),
        Line("changed", "dora", "portal", "post-published", "Post", post, ""),
    ]
    delivered = [line.who for line in told[4:] if line.event == "delivered"]
    assert sorted(delivered) == ["anna", "bruno", "clara", "dora"]
    assert told[-1] == Line("read", "dora", "portal", "read", "Post", post, "")


async def test_what_is_denied_is_on_record_though_nothing_else_stays(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", POST, ROOM)
    token = (await groupware.held(town.caller("dora")))[0].id
    before = await lines(groupware, town)
    with pytest.raises(Forbidden):
        await groupware.decide(town.caller("anna"), token, Word.APPROVE)
    with pytest.raises(NotFound):
        await groupware.display(town.caller("otto", Door.PORTAL), token)
    with pytest.raises(Forbidden):
        await groupware.recipient(town.caller("otto"), ROOM)
    denied = (await lines(groupware, town))[len(before) :]
    assert {line.event for line in denied} == {Happening.DENIED}
    assert [(line.who, line.door, line.action, line.kind) for line in denied] == [
        ("anna", "submission", "moderate", "Post"),
        ("otto", "portal", "read", "Post"),
        ("otto", "submission", "post", "Room"),
    ]
    assert "nobody-approves-own" in denied[0].rules


async def test_a_message_to_two_recipients_of_whom_one_is_denied_leaves_only_that(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    before = await lines(groupware, town)
    with pytest.raises(Forbidden):
        await groupware.recipient(town.caller("anna"), f"liaison@{DOMAIN}")
    assert [line.event for line in (await lines(groupware, town))[len(before) :]] == ["denied"]


def test_every_event_is_an_act_or_work_for_followers() -> None:
    assert {*acts.SUBJECTS} == {*EventKind} - acts.WORK


async def test_the_log_is_whole_and_says_nothing_of_contents(groupware: Groupware) -> None:
    town = await groupware.store.run(build)
    await send(groupware, town, "anna", POST, ROOM)
    await groupware.audit.seal()
    assert (await groupware.audit.verify()).wrong == ()

    def words(snapshot: Snapshot) -> str:
        return str([tuple(row) for row in snapshot.connection.execute(select(audit_record))])

    log = await groupware.store.read(words)
    assert "canary" not in log
    assert "anna" not in log
    assert "client.test" not in log
