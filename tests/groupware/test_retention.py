"""What is due is erased from every store, what is on hold stays; the proof says so, and so does a search of all bytes."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, opened, send, settled, uids
from sqlalchemy import LargeBinary, String, insert, select
from town import DOMAIN, build, message

from directory import roles
from directory.roles import Grant
from directory.tables import metadata
from groupware import reading, tables
from groupware.caller import Caller
from groupware.checking import Fault
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.message.compose import File
from groupware.retention import homeserver
from groupware.retention.classes import DAY, text_of
from groupware.retention.holds import What
from groupware.retention.stores import NO_TEXT, SCOURED, STORES
from groupware.retention.watch import LEAP, QUARANTINE, Watch
from groupware.service import Groupware
from groupware.store import Snapshot, Tx
from policies.vocabulary import Action, Door, Kind, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from town import Town

    from groupware.store import Store

pytestmark = pytest.mark.anyio
CANARY, LARGE, KEPT = "quincunxgoes", "xylophagousleaves", "zebrafinchstays"


def officer(town: Town, name: str) -> Caller:
    return town.caller(name, Door.PORTAL, strong=True)


@pytest.fixture
async def house(store: Store) -> AsyncIterator[tuple[Groupware, Town]]:
    """emil and clara watch for Aland, otto for Borland; the room is Aland's, by its area."""
    groupware = Groupware(store, DOMAIN)
    town = await store.run(build)

    def watch(tx: Tx) -> None:
        for name, body in (("emil", 1), ("anna", 1), ("otto", 2)):
            roles.grant(tx.connection, Grant(town.people[name], Role.SECURITY_OFFICER, body, reason="test"))

    await store.run(watch)
    yield groupware, town
    await groupware.parser.close()


async def hand_in(groupware: Groupware, town: Town, word: str, name: str, *, rest: str = "", also: str = "") -> bytes:
    raw = message("dora", ROOM, f"About {word}", f"It says {word}. {rest}", message_id=name)
    await send(groupware, town, "dora", raw, ROOM, *([also] if also else []))
    await settled(groupware)
    return raw


def remains(directory: Path, word: str) -> list[str]:
    """Files with this word in any of their bytes, the database's log among them."""
    found = []
    for path in directory.rglob("*"):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                found += [path.name] if octets.find(word.encode()) >= 0 else []
    return found


def rows_with(snapshot: Snapshot, word: str) -> list[str]:
    """Columns of any table in which the word stands."""
    found = []
    for table in metadata.tables.values():
        for column in table.c:
            if isinstance(column.type, String | LargeBinary):
                texts = snapshot.connection.scalars(select(column))
                octets = (text.encode() if isinstance(text, str) else bytes(text or b"") for text in texts)
                found += [f"{table.name}.{column.name}"] if any(word.encode() in text for text in octets) else []
    return found


async def test_what_is_due_is_gone_everywhere_and_what_is_on_hold_stays(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    raw = await hand_in(groupware, town, CANARY, "<due@x>", also=f"clara@{DOMAIN}")
    await hand_in(groupware, town, LARGE, "<large@x>", rest=f"{LARGE}\r\n" * 20_000)
    await hand_in(groupware, town, KEPT, "<kept@x>")
    await groupware.indexer.complete((await opened(groupware, town, "clara", "Areas/return"))[0].id, 10)
    while await groupware.indexer.step() or await groupware.releases.printer.step():
        pass
    for who, found in (("bruno", "Drafts"), ("dora", "Sent")):
        caller = town.caller(who)
        into = await groupware.folders.find(caller, found)
        if who == "bruno":
            source, places = await opened(groupware, town, who, "Areas/return")
            await groupware.folders.copy(caller, source, [uid for uid, _ in places], into)
            rendered = await groupware.store.read(lambda snapshot: as_shown(snapshot, groupware, "<due@x>"))
            await groupware.folders.append(caller, into, rendered, 0, None)
        else:
            await groupware.folders.append(caller, into, raw, 0, None)
    assert len(await uids(groupware, town, "bruno", "Drafts")) == 4
    assert len(await uids(groupware, town, "clara", "INBOX")) >= 1
    anna, emil = officer(town, "anna"), officer(town, "emil")
    (hold,) = await groupware.retention.place(emil, What.THREAD, "<kept@x>", "case 7/2026")
    with pytest.raises(Conflict, match="held"):
        await groupware.retention.place(anna, What.THREAD, "<kept@x>", "again")
    for who in ("otto", "dora"):
        with pytest.raises(NotFound):
            await groupware.retention.place(officer(town, who), What.THREAD, "<kept@x>", "not ours")
    assert await groupware.retention.set_class("standard", "0d") == 0
    assert (await groupware.retention.due())["due"] == 0
    assert await groupware.retention.set_class("standard", "0d", existing=True) == 3
    numbers = await groupware.retention.due()
    assert (numbers["due"], numbers["on-hold"]) == (2, 1)

    done = await groupware.retention.erase()

    assert (done.erased, done.verified, done.doubts) == (2, 2, False)
    await settled(groupware)
    assert await groupware.indexer.step() == 0
    for word in (CANARY, LARGE):
        assert remains(groupware.store.directory, word) == []
        assert await groupware.store.read(lambda snapshot, word=word: rows_with(snapshot, word)) == []  # type: ignore[misc] # a lambda's default
    assert "content.body" in await groupware.store.read(lambda snapshot: rows_with(snapshot, KEPT))
    assert len(await uids(groupware, town, "bruno", "Drafts")) == 1
    assert await uids(groupware, town, "clara", "Areas/return") == [3]
    assert await uids(groupware, town, "dora", "Sent") == []
    for caller in (town.caller("clara"), town.caller("dora", Door.API)):
        with pytest.raises(NotFound):
            await groupware.raw(caller, "<due@x>")
    with pytest.raises(Conflict, match="message-id-reused"):
        await send(groupware, town, "dora", raw, ROOM)
    faults = [each async for each in groupware.check() if isinstance(each, Fault)]
    assert faults == []
    await groupware.audit.seal()
    assert not (await groupware.audit.verify()).wrong
    proofs = await groupware.retention.proofs(emil)
    assert [(each.message_id, each.room, each.owner, each.stage) for each in proofs] == [
        ("<large@x>", "return", "Aland", "verified"),
        ("<due@x>", "return", "Aland", "verified"),
    ]
    steps = {step.store: (step.removed, step.remains) for step in proofs[1].steps}
    assert list(steps) == [*(each.name for each in STORES), SCOURED]
    assert all(left == 0 for _, left in steps.values())
    assert steps["copies in mailboxes"][0] == 3
    assert steps["folders of mail clients"][0] >= 2
    assert (await groupware.retention.proof(anna, proofs[0].post)).steps == proofs[0].steps
    with pytest.raises(Forbidden):
        await groupware.retention.proofs(officer(town, "dora"))
    assert not await groupware.retention.proofs(officer(town, "otto"))
    assert [each.post async for each in groupware.retention.all_proofs()] == [each.post for each in proofs]

    # taken back by its author, it is hidden and its bytes stay, until another officer lifts the hold
    await groupware.areas.withdraw(town.caller("dora", Door.API), "<kept@x>")
    await groupware.retention.set_class("unpublished", "0d", existing=True)
    assert (await groupware.retention.erase()).erased == 0
    assert "content.body" in await groupware.store.read(lambda snapshot: rows_with(snapshot, KEPT))
    with pytest.raises(Conflict, match="four-eyes"):
        await groupware.retention.lift(emil, hold, "over")
    with pytest.raises(NotFound):
        await groupware.retention.lift(officer(town, "otto"), hold, "over")
    await groupware.retention.lift(anna, hold, "the case is closed")
    assert [(each.placed_by, each.lifted_by) for each in await groupware.retention.holds(emil)] == [("Emil", "Anna")]
    assert (await groupware.retention.erase()).verified == 1
    assert await groupware.store.read(lambda snapshot: rows_with(snapshot, KEPT)) == []
    assert remains(groupware.store.directory, KEPT) == []


def as_shown(snapshot: Snapshot, groupware: Groupware, name: str) -> bytes:
    number = snapshot.connection.scalar(
        select(tables.post.c.rendering)
        .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
        .where(tables.rendering.c.message_id == name)
    )
    return b"".join(reading.rendered(snapshot, number, groupware.store.directory))
