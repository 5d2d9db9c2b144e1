"""What is due is erased from every store, what is on hold stays; so says the proof, and a search of all bytes."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

import pytest
from attack import ROOM, opened, send, settled, uids
from rows_with_word import rows_with
from sqlalchemy import LargeBinary, String, delete, insert, inspect, select, update
from town import DOMAIN, build, message

from directory import rights, roles
from directory.roles import Grant
from directory.tables import area, metadata, role_grant
from groupware import clock, reading, tables
from groupware.checking import Fault
from groupware.drafting.deciding import Word as Decision
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.matrix_tables import matrix_event, matrix_hold
from groupware.moderation import Word
from groupware.retention import erasing, seeking, watch
from groupware.retention.classes import DAY, of_text, text_of
from groupware.retention.holds import What
from groupware.retention.homeserver import Forgettable
from groupware.retention.stores import NO_TEXT, SCOURED, STORES
from groupware.retention.watch import LEAP, QUARANTINE, Watch
from groupware.retention.worker import Done, Worker
from groupware.retention_tables import retention_date
from groupware.service import Groupware
from groupware.store import Conditions
from groupware.store.postgres import SCOURING
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Place
    from town import Town

    from groupware.caller import Caller
    from groupware.store import Snapshot, Store, Tx

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


async def copied_by_clients(groupware: Groupware, town: Town, raw: bytes) -> None:
    """bruno copies all posts and puts in the one that he was shown; dora's client keeps what it sent."""
    drafts = await groupware.folders.find(town.caller("bruno"), "Drafts")
    source, places = await opened(groupware, town, "bruno", "Areas/return")
    await groupware.folders.copy(town.caller("bruno"), source, [uid for uid, _ in places], drafts)
    rendered = await groupware.store.read(lambda snapshot: as_shown(snapshot, groupware, "<due@x>"))
    await groupware.folders.append(town.caller("bruno"), drafts, rendered, 0, None)
    sent = await groupware.folders.find(town.caller("dora"), "Sent")
    await groupware.folders.append(town.caller("dora"), sent, raw, 0, None)
    assert len(await uids(groupware, town, "bruno", "Drafts")) == 4
    assert await uids(groupware, town, "clara", "INBOX")


async def indexed(groupware: Groupware) -> None:
    while await groupware.indexer.step() or await groupware.releases.printer.step():
        pass


async def is_nowhere(groupware: Groupware, word: str) -> None:
    assert remains(groupware.store.directory, word) == []
    assert await groupware.store.read(lambda snapshot: rows_with(snapshot, word)) == []


async def fits_together(groupware: Groupware) -> None:
    assert [each async for each in groupware.check() if isinstance(each, Fault)] == []
    await groupware.audit.seal()
    assert not (await groupware.audit.verify()).wrong


async def is_placed_by_officers_alone(groupware: Groupware, town: Town) -> int:
    (hold,) = await groupware.retention.place(officer(town, "emil"), What.THREAD, "<kept@x>", "case 7/2026")
    with pytest.raises(Conflict, match="held"):
        await groupware.retention.place(officer(town, "anna"), What.THREAD, "<kept@x>", "again")
    for who in ("otto", "dora"):
        with pytest.raises(NotFound):
            await groupware.retention.place(officer(town, who), What.THREAD, "<kept@x>", "not ours")
    return hold


async def is_shown_to_officers_alone(groupware: Groupware, town: Town) -> None:
    emil, anna = officer(town, "emil"), officer(town, "anna")
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


async def is_lifted_by_another_officer(groupware: Groupware, town: Town, hold: int) -> None:
    """Withdrawn by its author, it is hidden and its bytes stay, until the hold is lifted."""
    emil, anna = officer(town, "emil"), officer(town, "anna")
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


async def test_what_is_due_is_gone_everywhere_and_what_is_on_hold_stays(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    raw = await hand_in(groupware, town, CANARY, "<due@x>", also=f"clara@{DOMAIN}")
    await hand_in(groupware, town, LARGE, "<large@x>", rest=f"{LARGE}\r\n" * 20_000)
    await hand_in(groupware, town, KEPT, "<kept@x>")
    await copied_by_clients(groupware, town, raw)
    await indexed(groupware)
    hold = await is_placed_by_officers_alone(groupware, town)
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
        await is_nowhere(groupware, word)
    assert "content.body" in await groupware.store.read(lambda snapshot: rows_with(snapshot, KEPT))
    assert len(await uids(groupware, town, "bruno", "Drafts")) == 1
    assert len(await uids(groupware, town, "clara", "Areas/return")) == 1
    assert await uids(groupware, town, "dora", "Sent") == []
    for caller in (town.caller("clara"), town.caller("dora", Door.API)):
        with pytest.raises(NotFound):
            await groupware.raw(caller, "<due@x>")
    with pytest.raises(Conflict, match="message-id-reused"):
        await send(groupware, town, "dora", raw, ROOM)
    await fits_together(groupware)
    await is_shown_to_officers_alone(groupware, town)
    await is_lifted_by_another_officer(groupware, town, hold)
    assert (await groupware.retention.erase()).verified == 1
    await is_nowhere(groupware, KEPT)


def as_shown(snapshot: Snapshot, groupware: Groupware, name: str) -> bytes:
    number = snapshot.connection.scalar(
        select(tables.post.c.rendering)
        .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
        .where(tables.rendering.c.message_id == name)
    )
    return b"".join(reading.rendered(snapshot, number, groupware.store.directory))


async def test_every_column_with_text_is_in_the_registry_or_holds_none(house: tuple[Groupware, Town]) -> None:
    """A table that nobody thought of fails here: say in groupware/retention/stores.py how its texts are erased."""
    groupware, _ = house
    of_stores = {column for store in STORES for column in store.columns}
    of_others = {f"{name}.{column}" for name, (columns, _) in NO_TEXT.items() for column in columns.split()}
    there = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, String | LargeBinary)
    }
    assert not of_stores & of_others
    scoured = set(SCOURING.removeprefix("VACUUM (FULL) ").split(", "))
    assert {column.partition(".")[0] for column in of_stores} <= scoured
    assert of_stores | of_others == there
    made = await groupware.store.read(lambda snapshot: set(inspect(snapshot.connection).get_table_names()))
    index = {"search_index", *(f"search_index_{part}" for part in ("config", "data", "docsize", "idx"))}
    assert made - {"alembic_version"} - index == set(metadata.tables)


async def test_a_message_in_two_rooms_goes_with_the_last_of_its_posts(house: tuple[Groupware, Town]) -> None:
    groupware, town = house

    def enter(tx: Tx) -> None:
        roles.grant(tx.connection, Grant(town.people["dora"], Role.MODERATOR, town.rooms["liaison"], reason="test"))
        tx.connection.execute(update(tables.room).where(tables.room.c.code == "liaison").values(retention="long"))

    await groupware.store.run(enter)
    await groupware.retention.set_class("long", "4000d")
    raw = message("dora", ROOM, CANARY, CANARY, message_id="<two@x>")
    await send(groupware, town, "dora", raw, ROOM, f"liaison@{DOMAIN}", f"clara@{DOMAIN}")
    await groupware.retention.set_class("standard", "0d", existing=True)
    assert (await groupware.retention.erase()).verified == 1
    assert await uids(groupware, town, "bruno", "Areas/return") == []
    assert await uids(groupware, town, "dora", "Areas/liaison") == [1]
    assert await groupware.raw(town.caller("dora", Door.API), "<two@x>") == raw
    (proof,) = await groupware.retention.proofs(officer(town, "anna"))
    assert (proof.whole, proof.kept_as, proof.rule) == (False, "standard", "class-has-ended")
    await groupware.retention.set_class("long", "0m", existing=True)
    assert (await groupware.retention.erase()).verified == 1
    assert await groupware.store.read(lambda snapshot: rows_with(snapshot, CANARY)) == []
    assert [each async for each in groupware.check() if isinstance(each, Fault)] == []


async def test_what_moderators_wrote_goes_with_what_they_refused(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    raw = message("bruno", ROOM, "Draft", "text", message_id="<no@x>")
    await send(groupware, town, "bruno", raw, ROOM)
    (held,) = await groupware.held(town.caller("dora"))
    await groupware.decide(town.caller("dora"), held.id, Word.REFUSE, f"it says {CANARY}")
    await settled(groupware)
    assert len(await groupware.store.read(lambda snapshot: rows_with(snapshot, CANARY))) >= 2
    await groupware.retention.set_class("unpublished", "0d", existing=True)
    assert (await groupware.retention.erase()).verified == 1
    assert await groupware.store.read(lambda snapshot: rows_with(snapshot, CANARY)) == []
    (proof,) = [each async for each in groupware.retention.all_proofs()]
    steps = {step.store: step.removed for step in proof.steps}
    assert (steps["notices that quote it"], steps["reasons of moderators and owners"]) == (1, 1)


async def test_a_notice_that_nobody_can_read_any_more_keeps_nothing_from_going(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    await send(groupware, town, "bruno", message("bruno", ROOM, "Draft", "text", message_id="<no@x>"), ROOM)
    (held,) = await groupware.held(town.caller("dora"))
    await groupware.decide(town.caller("dora"), held.id, Word.REFUSE, f"it says {CANARY}")
    await settled(groupware)
    notice = select(tables.rendering.c.content).join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
    damaged = update(tables.content).where(tables.content.c.id.in_(notice.where(tables.mail.c.kind == "notice")))
    await groupware.store.run(lambda tx: tx.connection.execute(damaged.values(body=None, file="nowhere")).rowcount)
    await groupware.retention.set_class("unpublished", "0d", existing=True)
    assert (await groupware.retention.erase()).erased == 1


async def drafted(groupware: Groupware, town: Town, word: str) -> str:
    """clara drafts, and dora copies the mail that has it, and puts it in once more; the draft's token."""
    await send(groupware, town, "clara", message("clara", ROOM, word, word, message_id=f"<{len(word)}@x>"), ROOM)
    for follower in groupware.followers():
        while await follower.step():
            pass
    dora = town.caller("dora", strong=True)
    folder, places = await opened(groupware, town, "dora", "INBOX")
    drafts = await groupware.folders.find(dora, "Drafts")
    await groupware.folders.copy(dora, folder, [places[-1][0]], drafts)
    stored = select(tables.content.c.body).order_by(tables.content.c.id.desc())
    octets = await groupware.store.read(
        lambda snapshot: [bytes(body) for body in snapshot.connection.scalars(stored) if b"message/rfc822" in body]
    )
    await groupware.folders.append(dora, drafts, next(each for each in octets if b"To: Dora" in each), 0, None)
    assert len(await uids(groupware, town, "dora", "Drafts")) == 2
    return (await groupware.drafting.to_authorise(dora))[0].token


async def test_mails_with_a_draft_inside_go_with_it(house: tuple[Groupware, Town]) -> None:
    """At once when it isn't authorised, else with the post."""
    groupware, town = house

    def to_draft(tx: Tx) -> None:
        clara, room = town.people["clara"], town.rooms["return"]
        poster = (role_grant.c.official == clara, role_grant.c.role == Access.POSTER.value)
        tx.connection.execute(delete(role_grant).where(*poster))
        roles.grant(tx.connection, Grant(clara, Access.DRAFTER, room, reason="test"))
        tx.connection.execute(update(tables.room).values(moderated=False))

    await groupware.store.run(to_draft)
    dora = town.caller("dora", strong=True)
    refused = await drafted(groupware, town, CANARY)
    await indexed(groupware)
    before = len(await uids(groupware, town, "dora", "INBOX"))
    await groupware.drafting.decide(dora, refused, Decision.REFUSE, f"{KEPT}\n{KEPT}")
    assert len(await uids(groupware, town, "dora", "INBOX")) == before - 1
    assert await uids(groupware, town, "dora", "Drafts") == []
    assert await groupware.store.read(lambda snapshot: bodies_with(snapshot, CANARY)) == 1
    await indexed(groupware)
    going = await drafted(groupware, town, LARGE)
    await groupware.drafting.decide(dora, going, Decision.AUTHORISE)
    await settled(groupware)
    await indexed(groupware)
    assert len(await uids(groupware, town, "dora", "Drafts")) == 2
    for each in ("standard", "unpublished"):
        await groupware.retention.set_class(each, "0d", existing=True)
    assert (await groupware.retention.erase()).verified == 2
    assert await uids(groupware, town, "dora", "Drafts") == []
    for word in (CANARY, LARGE, KEPT):
        await is_nowhere(groupware, word)
    proofs = [each async for each in groupware.retention.all_proofs()]
    steps = [{step.store: (step.removed, step.remains) for step in proof.steps} for proof in proofs]
    assert [each["mails that enclose it as a draft"] for each in steps] == [(2, 0), (1, 0)]
    await fits_together(groupware)


def bodies_with(snapshot: Snapshot, word: str) -> int:
    """How many contents there are with this word."""
    return sum(
        word.encode() in bytes(body or b"") for body in snapshot.connection.scalars(select(tables.content.c.body))
    )


def test_a_clock_that_leaps_is_not_believed_before_it_has_stayed() -> None:
    known = Watch(counted=1_000, stayed=0.0, scoured=0)
    assert known.after(1_000 + LEAP, 5.0).counted == 1_000 + LEAP
    ahead = 1_001 + LEAP
    waits = known.after(ahead, QUARANTINE - 1)
    assert (waits.counted, waits.limit(ahead), waits.doubts(ahead)) == (1_000, 1_000, True)
    assert waits.after(ahead, 2.0).limit(ahead) == ahead
    assert waits.after(1_500, 5.0) == Watch(1_500, 0.0, 0)
    assert known.after(500, 5.0).limit(500) == 500


async def test_a_leap_of_ten_years_erases_nothing_and_the_operator_may_say_that_it_is_right(
    sqlite_place: Place,
) -> None:
    leap = [0]
    async with sqlite_place.opened(Conditions(now=lambda: clock.now() + leap[0])) as store:
        groupware = Groupware(store, DOMAIN)
        town = await store.run(build)
        await hand_in(groupware, town, CANARY, "<1@x>")
        assert (await groupware.retention.erase()).erased == 0
        leap[0] = 3_650 * DAY
        done = await groupware.retention.erase()
        assert (done.erased, (await groupware.retention.due())["clock-doubted"]) == (0, 1)
        assert (await groupware.retention.erase(trust_clock=True)).erased == 1
        await groupware.parser.close()


async def test_what_was_done_by_a_clock_far_ahead_is_finished_when_it_is_right_again(sqlite_place: Place) -> None:
    """A lease, a scouring, an erasure and a try of ten years later keep nothing waiting until then."""
    leap = [0]
    async with sqlite_place.opened(Conditions(now=lambda: clock.now() + leap[0])) as store:
        groupware = Groupware(store, DOMAIN)
        town = await store.run(build)
        for name in ("<1@x>", "<2@x>"):
            await hand_in(groupware, town, CANARY, name)
        await groupware.retention.set_class("standard", "0d", existing=True)
        date = update(retention_date).where(retention_date.c.post == 2)
        event = insert(matrix_event).values(event="$e", room=town.rooms["return"], post=2)
        await store.run(lambda tx: tx.connection.execute(date.values(due=2**60)) and tx.connection.execute(event))
        await groupware.retention.erase()
        leap[0] = 3_650 * DAY
        await store.run(lambda tx: tx.connection.execute(date.values(due=0)))
        worker = Worker(store, "the first")
        await store.run(watch.scoured)
        while await worker.step():
            pass
        await groupware.retention.forgotten(Forgettable([], []), {"$e": "busy"})
        assert (await groupware.retention.due())["erased"] == 1
        leap[0] = 0
        assert (await groupware.retention.to_forget()).events == ["$e"]
        await groupware.retention.forgotten(Forgettable(["$e"], []))
        worker = Worker(store, "the second")
        while await worker.step():
            pass
        assert (await groupware.retention.due())["verified"] == 2
        await groupware.parser.close()


async def test_what_the_homeserver_has_to_forget_waits_until_it_says_so(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    await hand_in(groupware, town, CANARY, "<1@x>")

    def shown(tx: Tx) -> None:
        room = town.rooms["return"]
        tx.connection.execute(insert(matrix_event).values(event="$e", room=room, post=1))
        tx.connection.execute(insert(matrix_hold).values(key="k", post=1, at=0, media="mxc://iconet.test/abc"))

    await groupware.store.run(shown)
    await groupware.retention.set_class("standard", "0d", existing=True)
    assert (await groupware.retention.erase()).verified == 0
    assert await groupware.retention.to_forget() == Forgettable(["$e"], ["abc"])
    await groupware.retention.forgotten(Forgettable(["$e"], []))
    assert (await groupware.retention.erase()).verified == 0
    await groupware.retention.forgotten(Forgettable([], ["abc"]))
    assert (await groupware.retention.erase()).verified == 1
    assert (await groupware.retention.to_forget()) == Forgettable([], [])


async def test_what_cannot_be_removed_waits_longer_each_time_and_keeps_nothing_else(sqlite_place: Place) -> None:
    """Of two events and a file of ours one each is stuck; the operator sees which, and may have it tried at once."""
    later = [0]
    async with sqlite_place.opened(Conditions(now=lambda: clock.now() + later[0])) as store:
        groupware = Groupware(store, DOMAIN)
        town = await store.run(build)
        for each in ("$stuck", "$free"):
            await hand_in(
                groupware, town, CANARY, f"<{each}@x>", rest=f"{LARGE}\r\n" * 20_000 if each == "$free" else ""
            )

        def shown(tx: Tx) -> None:
            for post, each in enumerate(("$stuck", "$free"), 1):
                tx.connection.execute(insert(matrix_event).values(event=each, room=town.rooms["return"], post=post))

        await store.run(shown)
        await groupware.retention.set_class("standard", "0d", existing=True)
        (file,) = (store.directory / "content").iterdir()
        file.unlink()
        file.mkdir()  # which nothing unlinks
        assert await groupware.retention.erase() == Done(2, 0, doubts=False)
        assert (await groupware.retention.to_forget()).events == ["$stuck", "$free"]
        await groupware.retention.forgotten(Forgettable(["$free"], []), {"$stuck": "OSError: busy\0"})
        stuck = {each.name: each for each in await groupware.retention.troubled()}
        assert {name: each.why for name, each in stuck.items()} == {
            "$stuck": "OSError: busy ",
            file.name: "IsADirectoryError: Is a directory",
        }
        assert (await groupware.retention.due())["waiting"] == 2
        waits = []
        for _ in range(14):
            assert (await groupware.retention.to_forget()).events == []
            (wait,) = (one.again for one in await groupware.retention.troubled() if one.name == "$stuck")
            waits.append(wait - clock.now() - later[0])
            later[0] = wait - clock.now()
            assert (await groupware.retention.to_forget()).events == ["$stuck"]
            await groupware.retention.forgotten(Forgettable([], []), {"$stuck": "OSError: busy"})
        seconds = [round(wait / clock.MICROSECONDS) for wait in waits]
        assert seconds == [min(2**power, 3600) for power in range(1, 15)]
        file.rmdir()
        assert await groupware.retention.erase() == Done(0, 1, doubts=False)
        assert (await groupware.retention.to_forget()).events == ["$stuck"]
        (proof, done) = sorted([each async for each in groupware.retention.all_proofs()], key=lambda each: each.post)
        assert ([each.tries for each in proof.pending], done.stage, done.pending) == ([15], "verified", [])
        await groupware.retention.forgotten(Forgettable(["$stuck"], []))
        assert await groupware.retention.erase() == Done(0, 1, doubts=False)
        assert not await groupware.retention.troubled()
        await groupware.parser.close()


async def test_what_a_hold_keeps_is_looked_at_once_and_again_when_it_is_lifted(house: tuple[Groupware, Town]) -> None:
    groupware, town = house
    for number in range(3):
        await hand_in(groupware, town, KEPT, f"<{number}@x>")
    emil, anna = officer(town, "emil"), officer(town, "anna")
    await groupware.store.run(
        lambda tx: tx.connection.execute(update(area).values(body=1)) and rights.bump(tx.connection)
    )
    (room,) = await groupware.retention.place(emil, What.ROOM, "return", "case 7/2026")
    (thread,) = await groupware.retention.place(emil, What.THREAD, "<1@x>", "case 8/2026")
    await groupware.retention.set_class("standard", "0d", existing=True)
    far = clock.now() + DAY

    async def looked_at() -> tuple[bool, list[int]]:
        def query(snapshot: Snapshot) -> tuple[bool, list[int]]:
            dates = select(retention_date.c.hold).order_by(retention_date.c.post)
            return erasing.is_due(snapshot, far), list(snapshot.connection.scalars(dates))

        return await groupware.store.read(query)

    assert await looked_at() == (True, [0, 0, 0])
    assert (await groupware.retention.erase()).erased == 0
    assert await looked_at() == (False, [room, thread, room])
    await groupware.retention.lift(anna, room, "closed")
    assert await looked_at() == (True, [room, thread, room])
    assert (await groupware.retention.erase()).erased == 2
    assert await looked_at() == (False, [thread])
    await groupware.retention.place(emil, What.ROOM, "return", "case 9/2026")
    await groupware.retention.lift(anna, thread, "closed")
    assert (await groupware.retention.erase()).erased == 0
    assert await looked_at() == (False, [3])


async def test_a_notice_is_found_among_very_many(
    house: tuple[Groupware, Town], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read before the transaction in slices; in it what came since, and what came too quickly next time."""
    groupware, town = house
    monkeypatch.setattr(seeking, "_NOTICES", seeking._NOTICES.limit(2))
    monkeypatch.setattr(seeking, "SLICE", 2)
    for number in range(3):
        await send(groupware, town, "bruno", message("bruno", ROOM, "Draft", "text", message_id=f"<{number}@x>"), ROOM)
        (held,) = await groupware.held(town.caller("dora"))
        await groupware.decide(town.caller("dora"), held.id, Word.REFUSE, f"{CANARY} {number}")
        await settled(groupware)
    await groupware.retention.set_class("unpublished", "0d", existing=True)
    where, now = groupware.store.directory, clock.now() + DAY
    sought = await groupware.store.read(lambda snapshot: erasing.next_due(snapshot, now))

    def erase(tx: Tx) -> int:
        return erasing.erase(tx, where, now, sought, [1, 2, 3])

    assert await groupware.store.run(erase) == 0
    assert (await groupware.retention.erase()).erased == 3
    assert await groupware.store.read(lambda snapshot: rows_with(snapshot, CANARY)) == []
    assert await groupware.store.run(erase) == 0


@pytest.mark.parametrize("length", ["", "5", "1y", "-1d", "999999d", "1d "])
def test_a_length_is_days_hours_or_minutes(length: str) -> None:
    with pytest.raises(Refused, match="unfit-retention"):
        of_text(length)
    assert [text_of(of_text(each)) for each in ("30d", "12h", "90m", "0d")] == ["30d", "12h", "90m", "0d"]
