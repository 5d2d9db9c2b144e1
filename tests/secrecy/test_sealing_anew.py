"""A period's key goes when its month is over: what is kept for longer lies under another by then, whatever crashes."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from town import DOMAIN, build, message

from connectors.restoring import restore
from connectors.settings import Secrecy as SecrecySettings
from connectors.settings import Settings
from directory import roles
from directory.roles import Grant
from groupware import (
    clock,
    content,
    enclosures,
    personal_mail,
    reading,
    rendering,
    sealed_periods,
    tables,
    withdrawal,
)
from groupware.audit_tables import audit_record
from groupware.backup import manifest, restoring
from groupware.backup.owned import owned
from groupware.backup.taking import Wanted
from groupware.checking import Fault
from groupware.matrix_tables import matrix_event
from groupware.message.scan import scan
from groupware.outbound import Item, queue
from groupware.release_tables import package, release
from groupware.retention import watch
from groupware.retention.classes import DAY
from groupware.retention.holds import What
from groupware.retention_tables import retention_date
from groupware.sealing import keys
from groupware.sealing.keys import KeyFolder, KeyState
from groupware.sealing.seals import Seals, month, month_begins, period_of
from groupware.secrecy import ending
from groupware.secrecy.desk import Secrecy
from groupware.service import Groupware
from groupware.store import Conditions, open_store
from groupware.store.sqlite_writer import Writer
from policies.vocabulary import Action, Door, Kind, Marking, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from conftest import Place
    from postgres_cluster import Cluster
    from town import Town

    from groupware.caller import Caller
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
ROOM = f"return@{DOMAIN}"
GONE, KEPT, LARGE, EARLIER, GOES_WITH = (f"canary-{word}-Xq" for word in ("gone", "kept", "large", "earlier", "with"))
ALL = {GONE, KEPT, LARGE, EARLIER, GOES_WITH}
LONG = "\r\n".join(["y" * 70] * 5000)
NAMED = (
    select(tables.post)
    .join(tables.rendering, tables.rendering.c.id == tables.post.c.rendering)
    .where(tables.rendering.c.message_id == bindparam("name"))
)
MARKED = select(retention_date.c.post).where(retention_date.c.moved == 1)
ACTS = select(audit_record.c.action, audit_record.c.resource).where(audit_record.c.kind == "secrecy-period")

MINUTE = 60 * clock.MICROSECONDS
FULL = "CREATE TRIGGER full BEFORE UPDATE ON content BEGIN SELECT RAISE(FAIL, 'disk full'); END"


def named(canary: str) -> str:
    return f"<{canary.split('-')[1]}@client.test>"


class House:
    """A network in which time leaps."""

    def __init__(self, keys: Path) -> None:
        self.keys, self.leap = keys, 0
        self.groupware: Groupware
        self.town: Town

    @property
    def now(self) -> int:
        return clock.now() + self.leap

    def seals(self) -> Seals:
        folder = KeyFolder(self.keys)
        folder.begin()
        return Seals(folder, sealing=True)

    def conditions(self) -> Conditions:
        return Conditions(seals=self.seals(), now=lambda: self.now)

    async def begin(self, groupware: Groupware) -> None:
        self.groupware = groupware
        store = groupware.store
        self.town = await store.run(build)
        for name in ("emil", "anna"):
            grant = Grant(self.town.people[name], Role.SECURITY_OFFICER, 1, reason="test")
            await store.run(lambda tx, grant=grant: roles.grant(tx.connection, grant))
        await groupware.retention.set_class("standard", "1d")

    def officer(self, name: str) -> Caller:
        return self.town.caller(name, Door.PORTAL, strong=True)

    async def send(self, canary: str, *more: str, text: str = "") -> None:
        caller = self.town.caller("dora")
        raw = message("dora", ROOM, canary.split("-")[1], f"{canary}\r\n{text}", message_id=named(canary))
        to = [await self.groupware.recipient(caller, address) for address in (ROOM, *more)]
        await self.groupware.submit(caller, raw, to)

    async def shown(self, canary: str, groupware: Groupware | None = None) -> bytes:
        """Head and body as readers get it."""
        made = groupware or self.groupware

        def query(snapshot: Snapshot) -> bytes:
            view = made.monitor.view(snapshot, self.town.caller("dora"), Action.READ, Kind.POST)
            card = reading.by_message_id(view, named(canary))
            return b"".join(reading.rendered(snapshot, card.rendering, made.store.directory))

        return await made.store.read(query)

    async def periods(self, canary: str = "") -> set[str]:
        """Under which keys the columns of a post lie, or all that there are."""

        def query(snapshot: Snapshot) -> set[str]:
            texts, bodies = tables.rendering, tables.content
            statement = select(*(texts.c[name] for name in rendering.SEALED), bodies.c.body.label("bytes"))
            statement = statement.join(bodies, bodies.c.id == texts.c.content)
            if canary:
                statement = statement.where(texts.c.message_id == named(canary))
            return {period_of(bytes(value)) for row in snapshot.connection.execute(statement) for value in row} - {""}

        return await self.groupware.store.read(query)

    async def state(self, period: str) -> KeyState:
        return {each.period: each.state for each in (await self.groupware.secrecy.status()).periods}[period]

    async def hold(self, canary: str) -> int:
        """Placed by one officer, so that another may lift it."""
        (number,) = await self.groupware.retention.place(self.officer("emil"), What.POST, named(canary), "case 7/2026")
        return number

    async def later(self, by: int) -> None:
        """Time has gone by, and both look."""
        self.leap += by
        await self.groupware.retention.erase(trust_clock=True)
        await self.groupware.secrecy.tend()

    async def back_up(self, target: Path, url: str) -> Path:
        async for _ in self.groupware.backups.take(target, Wanted(url)):
            pass
        return target

    async def faults(self) -> list[str]:
        return [found.text async for found in self.groupware.check() if isinstance(found, Fault)]


@asynccontextmanager
async def house(place: Place, keys: Path) -> AsyncIterator[House]:
    made = House(keys)
    async with place.opened(made.conditions()) as store:
        await made.begin(Groupware(store, DOMAIN))
        yield made
        await made.groupware.parser.close()


def goes_with(tx: Tx, town: Town) -> None:
    """A mail in which KEPT is enclosed as a draft, a package in which it has left, and an event that shows it."""
    post = tx.connection.execute(NAMED, {"name": named(KEPT)}).one()
    shown = []
    for name in ("draft", "package"):
        raw = message("dora", ROOM, name, GOES_WITH, message_id=named(GOES_WITH))
        stored = content.add(tx, content.in_row(raw), rendering.period_of(tx, post.rendering))
        shown.append((stored, rendering.add(tx, rendering.verbatim(raw, scan(raw)), stored)))
    mail = personal_mail.Mail(shown[0][1], "notice", 0, post.owner, Marking.AMBER)
    enclosures.keep(tx, post.id, personal_mail.add(tx, mail).id)
    words = {"recipient": "a@b.test", "domain": "b.test", "organisation": "B", "purpose": "", "conditions": ""}
    times = dict.fromkeys(("until", "asked", "answer_by"), tx.now)
    more = {"post": post.id, "asker": town.people["dora"], "state": "packed", "marking": 0, "handling": 0}
    asked = tx.insert(insert(release), {**words, **times, **more})
    item = Item(post.submission, shown[1][1], town.caller("dora"), "a@b.test", "b.test")
    hashes = {"message_sha256": b"", "pdf_sha256": b""}
    row = {"release": asked, "made": tx.now, "message": shown[1][0], **hashes, "outbound": queue(tx, item)}
    tx.connection.execute(insert(package), row)
    tx.connection.execute(insert(matrix_event), {"event": "$kept", "room": town.rooms["return"], "post": post.id})


def spoil(tx: Tx, canary: str) -> None:
    """The last octet of what is stored of a post is another."""
    of = tables.content.c
    shows = tables.rendering.c.content == of.id
    row = tx.connection.execute(
        select(of.id, of.body).where(shows, tables.rendering.c.message_id == named(canary))
    ).one()
    value = bytes(row.body)
    tx.connection.execute(
        update(tables.content).where(of.id == row.id).values(body=value[:-1] + bytes([value[-1] ^ 1]))
    )


def found_in(said: bytes) -> set[str]:
    """The canaries that are in it."""
    return {name for name in ALL if name.encode() in said}


class Images:
    """Copies of a data directory and its keys, as they are at each step."""

    def __init__(self, data: Path, keys: Path, to: Path) -> None:
        self.data, self.keys, self.to = data, keys, to
        self.taken: list[Path] = []

    def take(self) -> None:
        target = self.to / str(len(self.taken))
        shutil.copytree(self.data, target / "data", ignore=shutil.ignore_patterns("*.db-shm"))
        shutil.copytree(self.keys, target / "keys")
        self.taken.append(target)

    def watch(self, stepping: pytest.MonkeyPatch) -> None:
        """Before and after each commit, and each file that is written or shredded for a key."""
        for where, name in ((Writer, "_commit_batch"), (keys, "write_private"), (keys, "_shred")):
            stepping.setattr(where, name, self._stepping(getattr(where, name)))

    def _stepping(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*about: Any, **more: Any) -> Any:  # noqa: ANN401 -- the step's own
            self.take()
            answer = step(*about, **more)
            self.take()
            return answer

        return stepped


def readable(source: Path, left: Path) -> bytes:
    """All that a backup of SQLite says to who has the keys that are left."""
    stage = source.with_name(f"{source.name}-opened")
    found = manifest.read(source)
    restoring.unpack(source, found, restoring.opener(found, left), stage, stage / "none")
    seals, said = Seals(KeyFolder(left)), [path.read_bytes() for path in stage.rglob("*") if path.is_file()]
    with closing(sqlite3.connect(stage / "iconet.db")) as database:
        for number, body, file, size in database.execute("SELECT id, body, file, size FROM content"):
            kept = content.kept(seals, stage, number, body, file, size)
            said.append(kept if isinstance(kept, bytes) else kept.read())
        for name in rendering.SEALED:
            rows = database.execute(f"SELECT id, {name} FROM rendering")
            said += [seals.open(f"rendering.{name}", number, value) for number, value in rows]
    shutil.rmtree(stage)
    return b"\n".join(said)


async def test_what_is_on_hold_keeps_no_key_of_what_was_erased(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if place.on_sqlite else str(place.where)
    async with house(place, tmp_path / "keys") as at:
        retention, secrecy, store = at.groupware.retention, at.groupware.secrecy, at.groupware.store
        for name, more, text in ((GONE, (), ""), (KEPT, (f"anna@{DOMAIN}",), ""), (LARGE, (), LONG)):
            await at.send(name, *more, text=text)
        period = month(at.now + DAY)
        holds = [await at.hold(name) for name in (KEPT, LARGE)]
        await store.run(lambda tx: goes_with(tx, at.town))
        for days in (40, 1):
            await retention.set_class("standard", f"{days}d", existing=True)
            await secrecy.tend()
            assert await at.periods(GOES_WITH) | await at.periods(LARGE) == {month(at.now + days * DAY)}
        await moves_to_an_earlier_month(at)
        old = await at.back_up(tmp_path / "old", url)
        assert not place.on_sqlite or found_in(readable(old, at.keys)) == ALL

        at.leap = 62 * DAY
        await store.run(lambda tx: watch.beat(tx, 0, trust=True))
        await secrecy.tend()
        assert period in await at.periods(KEPT), "something is due yet"
        assert not await store.run(lambda tx: ending.end(tx, period)), "and lies under it"
        assert (await retention.erase(trust_clock=True)).erased == 2
        await asyncio.gather(secrecy.tend(), Secrecy(store).tend())
        now = month(at.now)
        assert [await at.periods(name) for name in (KEPT, LARGE, GOES_WITH)] == [{now}] * 3
        assert (await owned(store, secrecy.folder)).events["$kept"] == now
        assert await at.faults() == []

        await at.later(DAY)
        assert await at.state(period) is KeyState.HELD, "no backup has it where it lies now"
        new = await at.back_up(tmp_path / "new", url)
        await secrecy.tend()
        assert await at.state(period) is KeyState.HELD, "who reads what was before has it for a minute"
        await at.later(2 * MINUTE)
        assert await at.state(period) is KeyState.DESTROYED
        assert ("destroy", period) in await store.read(lambda snapshot: list(map(tuple, snapshot.rows(ACTS, {}))))
        if place.on_sqlite:
            assert found_in(readable(old, at.keys)) == set()
            assert found_in(readable(new, at.keys)) == {KEPT, LARGE, GOES_WITH}
        async with restored(request, place, at, new) as other:
            for name in (KEPT, LARGE):
                assert name.encode() in await at.shown(name)
                assert name.encode() in await at.shown(name, other)

        await at.later(31 * DAY)
        after = month(at.now)
        assert await at.periods(KEPT) == {after}, "at each month's end"
        for hold in holds:
            await retention.lift(at.officer("anna"), hold, "over")
        assert (await retention.erase()).erased == 2
        await at.later(32 * DAY)
        assert [await at.state(name) for name in (now, after)] == [KeyState.DESTROYED] * 2
        assert await at.faults() == []


async def moves_to_an_earlier_month(at: House) -> None:
    """New backups follow the date at once; the old key is for old ones, and goes when its month is over."""
    groupware, store = at.groupware, at.groupware.store
    await groupware.retention.set_class("standard", "400d")
    await at.send(EARLIER)
    late = month(at.now + 400 * DAY)
    assert await at.periods(EARLIER) == {late}
    row = await store.read(lambda snapshot: snapshot.connection.execute(NAMED, {"name": named(EARLIER)}).one())
    await store.run(lambda tx: withdrawal.withdraw(tx, groupware.monitor, at.officer("dora"), row.token))
    await groupware.retention.erase()
    assert await store.read(lambda snapshot: [marked.post for marked in snapshot.rows(MARKED, {})]) == [row.id]
    await groupware.secrecy.tend()
    assert await at.periods(EARLIER) == {month(at.now + 30 * DAY)}
    assert await store.read(lambda snapshot: snapshot.rows(MARKED, {})) == []
    assert await at.state(late) is KeyState.HELD


@asynccontextmanager
async def restored(request: pytest.FixtureRequest, place: Place, at: House, backup: Path) -> AsyncIterator[Groupware]:
    """A network from a backup, with the keys that are left."""
    if place.on_sqlite:
        async with restored_to(at, backup, "") as made:
            yield made
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        async with restored_to(at, backup, url) as made:
            yield made


@asynccontextmanager
async def restored_to(at: House, backup: Path, url: str) -> AsyncIterator[Groupware]:
    data = backup.with_name("restored")
    settings = Settings(data=data, store=url, secrecy=SecrecySettings(keys=str(at.keys)))
    assert not any([line.wrong async for line in restore(settings, backup)])
    made = Groupware(open_store(url or data, directory=data, conditions=at.conditions()), DOMAIN)
    yield made
    await made.close()


async def test_killed_at_any_step_each_value_opens_and_the_next_start_goes_on(
    sqlite_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a kill leaves is what is on disk then: the folders are copied at each commit and at each step of a key."""
    kept = [f"canary-kept{number}-Xq" for number in range(12)]
    async with house(sqlite_place, tmp_path / "keys") as at:
        for name in kept:
            await at.send(name)
            await at.hold(name)
        period = month(at.now + DAY)
        at.leap = 62 * DAY
        await at.groupware.retention.erase(trust_clock=True)
        images = Images(sqlite_place.directory, at.keys, tmp_path / "images")
        with monkeypatch.context() as stepping:
            images.watch(stepping)
            await at.groupware.secrecy.tend()
            await at.later(DAY // 24)
        assert await at.state(period) is KeyState.DESTROYED
        town, leap = at.town, at.leap
    mixed = set()
    for image in images.taken:
        again = House(image / "keys")
        again.leap, again.town = leap, town
        again.groupware = Groupware(open_store(image / "data", conditions=again.conditions()), DOMAIN)
        try:
            mixed.add(len(await again.periods()))
            assert await again.faults() == [], image
            for _ in range(2):
                await again.later(DAY // 24)
            assert await again.state(period) is KeyState.DESTROYED, image
            assert await again.periods() == {month(again.now)}
            for name in kept:
                assert name.encode() in await again.shown(name)
        finally:
            await again.groupware.close()
    assert mixed == {1, 2}, "no kill was in the middle"


async def test_a_store_that_fails_for_a_while_ends_nothing(
    sqlite_place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Groupware.run would end with it, and the server."""
    async with house(sqlite_place, tmp_path / "keys") as at, asyncio.timeout(20):
        store = at.groupware.store
        await at.send(KEPT)
        await at.hold(KEPT)
        at.leap = 62 * DAY
        await at.groupware.retention.erase(trust_clock=True)
        await store.run(lambda tx: tx.connection.exec_driver_sql(FULL) and None)
        running = asyncio.create_task(at.groupware.secrecy.run())
        while "secrecy failed" not in caplog.text:
            assert await at.periods(KEPT) != {month(at.now)}
        await store.run(lambda tx: tx.connection.exec_driver_sql("DROP TRIGGER full") and None)
        while await at.periods(KEPT) != {month(at.now)}:
            assert not running.done()
        running.cancel()


async def test_what_cannot_be_opened_keeps_nothing_else_waiting_and_is_told_once(
    sqlite_place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(sqlite_place, tmp_path / "keys") as at:
        store, secrecy, lost = at.groupware.store, at.groupware.secrecy, f"{month(at.now + DAY)}.key"
        for name, days in ((GONE, 1), (KEPT, 100)):
            await at.groupware.retention.set_class("standard", f"{days}d")
            await at.send(name)
            await at.hold(name)
        await at.groupware.retention.erase()
        due, before = at.now + 200 * DAY, await at.periods(GONE)
        await store.run(lambda tx: tx.change(update(retention_date).values(due=due, moved=1), {}))
        (at.keys / lost).rename(tmp_path / lost)
        for _ in range(2):
            await secrecy.tend()
            assert (await at.periods(GONE), await at.periods(KEPT)) == (before, {month(due)})
        (tmp_path / lost).rename(at.keys / lost)
        await secrecy.tend()
        assert await at.periods() == {month(due)}

        at.leap = 262 * DAY
        await at.groupware.retention.erase(trust_clock=True)
        await store.run(lambda tx: spoil(tx, GONE))
        for _ in range(2):
            await secrecy.tend()
            assert (month(due) in await at.periods(GONE), await at.periods(KEPT)) == (True, {month(at.now)})
        told = [each.message for each in caplog.records if "not sealed anew" in each.message]
        assert [line.split(",")[0] for line in told] == [
            "secrecy: dates that moved: 1 not sealed anew",
            f"secrecy: {month(due)}: 1 not sealed anew",
        ]


async def test_turned_off_the_only_key_of_what_is_on_hold_waits_for_a_backup(
    sqlite_place: Place, tmp_path: Path
) -> None:
    async with house(sqlite_place, tmp_path / "keys") as at:
        store, secrecy = at.groupware.store, at.groupware.secrecy
        await at.send(KEPT)
        await at.hold(KEPT)
        period, old = month(at.now + DAY), await at.back_up(tmp_path / "old", "")
        at.leap = 62 * DAY
        await at.groupware.retention.erase(trust_clock=True)
        store.seals.sealing = False
        for _ in range(2):
            await secrecy.tend()
        assert await at.periods() == set()
        assert not await store.read(sealed_periods.any_sealed), "so it opens without the setting"
        await at.later(30 * DAY)
        assert found_in(readable(old, at.keys)) == {KEPT}
        await at.back_up(tmp_path / "new", "")
        for _ in range(2):
            await at.later(2 * MINUTE)
        assert await at.state(period) is KeyState.DESTROYED
        assert await store.read(lambda snapshot: sealed_periods.states(snapshot, secrecy.folder)) == []


async def test_clocks_that_differ_neither_keep_a_key_nor_end_it_early(sqlite_place: Place, tmp_path: Path) -> None:
    async with house(sqlite_place, tmp_path / "keys") as at:
        retention, secrecy, store = at.groupware.retention, at.groupware.secrecy, at.groupware.store
        await at.send(KEPT)
        await at.hold(KEPT)
        period = month(at.now + DAY)
        await at.back_up(tmp_path / "old", "")
        begins = month_begins(month_begins(at.now + DAY) + 32 * DAY)
        at.leap = begins + DAY // 24 - clock.now()
        await retention.erase(trust_clock=True)
        at.leap += 3650 * DAY  # for a moment, which nobody believes
        await secrecy.tend()
        assert await at.periods(KEPT) == {month(begins)}
        at.leap -= 3650 * DAY
        assert [at.now < since for since in (await store.read(sealed_periods.emptied)).values()] == [True]
        at.leap -= 365 * DAY
        await secrecy.tend()
        at.leap += 365 * DAY
        await secrecy.tend()
        assert await at.state(period) is KeyState.HELD
        for days, state in ((30, KeyState.HELD), (2, KeyState.DESTROYED)):
            await at.later(days * DAY)
            assert await at.state(period) is state


async def test_a_key_goes_a_day_after_its_month(sqlite_place: Place, tmp_path: Path) -> None:
    """A process whose clock is behind may seal under it till then."""
    async with house(sqlite_place, tmp_path / "keys") as at:
        await at.send(GONE)
        period, begins = month(at.now + DAY), month_begins(month_begins(at.now + DAY) + 32 * DAY)
        at.leap = begins + DAY // 24 - clock.now()
        for state in (KeyState.HELD, KeyState.DESTROYED):
            await at.later(0)
            assert (await at.periods(), await at.state(period)) == (set(), state)
            at.leap += DAY
