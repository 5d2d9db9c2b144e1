"""Bytes sealed with keys per period, on both databases: turned on, read, swapped, lost, destroyed, backed up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from town import DOMAIN, Town, build, message

from connectors.restoring import restore
from connectors.settings import Secrecy as SecrecySettings
from connectors.settings import Settings
from directory import roles
from directory.roles import Grant
from groupware import clock, content, reading, tables
from groupware.backup.taking import Wanted
from groupware.checking import Fault
from groupware.errors import NotFound, Refused, StoreFailed
from groupware.house_rules import HouseRules, KeyRules
from groupware.retention.classes import DAY
from groupware.retention.holds import What
from groupware.sealing.keys import KeyAway, KeyFolder, KeyState
from groupware.sealing.seals import UNDATED, Seals, month, period_of
from groupware.secrecy.opening import require_keys, seals_for
from groupware.secrecy.turning import left
from groupware.service import Groupware
from groupware.store import Conditions, open_store
from policies.vocabulary import Action, Door, Kind, Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conftest import Place
    from postgres_cluster import Cluster

    from groupware.caller import Caller
    from groupware.store import Snapshot

pytestmark = pytest.mark.anyio
ROOM = f"return@{DOMAIN}"
EARLY, LARGE, LATE, PERSONAL = "canary-early-Xq", "canary-large-Yq", "canary-late-Zq", "canary-personal-Wq"


def named(canary: str) -> str:
    """A Message-ID, which isn't sealed."""
    return f"<{canary.split('-')[1]}@client.test>"


POSTS = {
    name: message("dora", ROOM, name.split("-")[1], text, message_id=named(name))
    for name, text in ((EARLY, EARLY), (LARGE, LARGE + "\r\n" + "x" * 70 + ("\r\n" + "y" * 70) * 5000), (LATE, LATE))
}
MAIL = message("dora", f"anna@{DOMAIN}", "personal", PERSONAL, message_id=named(PERSONAL))


@asynccontextmanager
async def network(place: Place, seals: Seals | None = None) -> AsyncIterator[Groupware]:
    async with place.opened(Conditions(seals=seals) if seals else None) as store:
        made = Groupware(store, DOMAIN)
        yield made
        await made.parser.close()


async def send(groupware: Groupware, town: Town, raw: bytes, to: str = ROOM) -> None:
    caller = town.caller("dora")
    await groupware.submit(caller, raw, [await groupware.recipient(caller, to)])


async def shown(groupware: Groupware, caller: Caller, name: str) -> bytes:
    """Head and body of a post as its readers get it, then the bytes as received."""

    def query(snapshot: Snapshot) -> bytes:
        view = groupware.monitor.view(snapshot, caller, Action.READ, Kind.POST)
        card = reading.by_message_id(view, named(name))
        head, body = reading.rendered(snapshot, card.rendering, groupware.store.directory)
        raw = reading.raw(view, card, groupware.store.directory)
        assert body == raw[raw.index(b"\r\n\r\n") + 4 :]
        return head + body

    return await groupware.store.read(query)


async def raw_values(groupware: Groupware) -> list[bytes]:
    """What the sealed columns hold."""
    bodies = select(tables.content.c.body)
    heads = select(tables.rendering.c.head, tables.rendering.c.envelope, tables.rendering.c.bodystructure)
    return await groupware.store.read(
        lambda snapshot: [
            bytes(value)
            for statement in (bodies, heads)
            for row in snapshot.connection.execute(statement)
            for value in row
            if value is not None
        ]
    )


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def seals_in(folder: Path, *, sealing: bool = True) -> Seals:
    keys = KeyFolder(folder)
    keys.begin()
    return Seals(keys, sealing)


def later(days: int) -> str:
    """The period of what is kept for so long."""
    return month(clock.now() + days * DAY)


async def faults(groupware: Groupware) -> list[str]:
    return [found.text async for found in groupware.check() if isinstance(found, Fault)]


@pytest.fixture
async def sealed(place: Place, tmp_path: Path) -> AsyncIterator[tuple[Groupware, Town, Seals]]:
    """A network with a post in clear, then secrecy turned on, and a post that is due in another month."""
    async with network(place) as groupware:
        town = await groupware.store.run(build)
        await send(groupware, town, POSTS[EARLY])
        await send(groupware, town, POSTS[LARGE])
        await send(groupware, town, MAIL, f"anna@{DOMAIN}")
        assert any(EARLY.encode() in value for value in await raw_values(groupware))
    seals = seals_in(tmp_path / "keys")
    async with network(place, seals) as groupware:
        await groupware.retention.set_class("standard", "31d", existing=True)
        await groupware.secrecy.tend()
        await groupware.retention.set_class("standard", "62d")
        await send(groupware, town, POSTS[LATE])
        yield groupware, town, seals


async def test_what_was_in_clear_is_sealed_and_reads_as_before(
    sealed: tuple[Groupware, Town, Seals], place: Place
) -> None:
    groupware, town, seals = sealed
    assert await groupware.store.read(left) == 0
    values = await raw_values(groupware)
    assert {period_of(value) for value in values} == {later(31), later(62), UNDATED}
    for name in (EARLY, LARGE, LATE):
        assert name.encode() in await shown(groupware, town.caller("anna"), name)
    assert await faults(groupware) == []
    status = await groupware.secrecy.status()
    assert {period.state for period in status.periods} == {KeyState.HELD}
    assert await groupware.secrecy.rotate() == 3
    seals.forget()
    assert LATE.encode() in await shown(groupware, town.caller("anna"), LATE)
    await groupware.store.close()
    kept = everything_in(place.directory)  # on PostgreSQL the files of large contents alone
    for canary in (EARLY, LARGE, LATE, PERSONAL):
        assert canary.encode() not in kept

    with pytest.raises(StoreFailed, match="secrecy"):
        async with place.opened() as store:
            await require_keys(store)
    async with network(place, seals_in(place.directory.parent / "keys", sealing=False)) as opened:
        await opened.secrecy.tend()
        assert all(not period_of(value) for value in await raw_values(opened))
        assert LARGE.encode() in await shown(opened, town.caller("anna"), LARGE)
        await opened.secrecy.tend()
    async with place.opened() as store:
        await require_keys(store)


async def test_a_value_opens_in_its_own_row_alone_and_a_lost_key_is_named(
    sealed: tuple[Groupware, Town, Seals], tmp_path: Path
) -> None:
    groupware, town, seals = sealed
    columns, texts = tables.content.c, tables.rendering.c

    def swap(tx: Any, column: Any) -> None:  # noqa: ANN401 -- Tx, and a column
        number = column.table.c.id
        short = [columns.file.is_(None)] if column is columns.body else []
        first, second = tx.connection.execute(select(number, column).where(*short).order_by(number)).all()[:2]
        for to, value in ((first.id, second[1]), (second.id, first[1])):
            tx.connection.execute(update(column.table).where(number == to).values({column: value}))

    for column in (columns.body, texts.bodystructure):
        await groupware.store.run(lambda tx, column=column: swap(tx, column))
        assert ["altered, moved" in text for text in await faults(groupware)] == [True, True]
        await groupware.store.run(lambda tx, column=column: swap(tx, column))
    assert await faults(groupware) == []

    late = later(62)
    (tmp_path / "keys" / f"{late}.key").rename(tmp_path / "away")
    seals.forget()
    assert [late in text for text in await faults(groupware)] == [True]
    with pytest.raises(KeyAway, match=late):
        await shown(groupware, town.caller("anna"), LATE)
    with pytest.raises(KeyAway, match=late):
        await send(groupware, town, POSTS[LATE].replace(b"<late", b"<other"))
    assert EARLY.encode() in await shown(groupware, town.caller("anna"), EARLY)
    KeyFolder(tmp_path / "keys").make(late)  # another one
    seals.forget()
    states = {period.period: period.state for period in (await groupware.secrecy.status()).periods}
    assert states[late] is KeyState.WRONG
    with pytest.raises(KeyAway, match="not the one"):
        await send(groupware, town, POSTS[LATE].replace(b"<late", b"<third"))


async def test_a_destroyed_period_is_gone_from_an_old_backup_and_the_rest_is_there(
    sealed: tuple[Groupware, Town, Seals], place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    groupware, town, _ = sealed
    while await groupware.indexer.step():
        pass
    url = "" if place.on_sqlite else str(place.where)
    said = [line async for line in groupware.backups.take(tmp_path / "backup", Wanted(url))]
    assert "octets" in said[-1]
    stored = everything_in(tmp_path / "backup")
    for canary in (EARLY, LARGE, LATE, PERSONAL, "early"):
        assert canary.encode() not in stored

    early = later(31)
    assert await groupware.secrecy.destroy(early) == 2
    with pytest.raises(NotFound):
        await shown(groupware, town.caller("anna"), EARLY)
    assert await faults(groupware) == []
    async with other_database(request, place) as other:
        settings = Settings(
            data=tmp_path / "restored", store=other, secrecy=SecrecySettings(keys=str(tmp_path / "keys"))
        )
        lines = [line async for line in restore(settings, tmp_path / "backup")]
        assert not any(line.wrong for line in lines)
        assert any(line.text.startswith("2 posts are withdrawn") for line in lines)
        seals = seals_for(KeyRules(tmp_path / "keys", sealing=True), settings.data)
        store = open_store(other or settings.data, directory=settings.data, conditions=Conditions(seals=seals))
        restored = Groupware(store, DOMAIN, rules=HouseRules())
        while await restored.indexer.step():
            pass
        assert LATE.encode() in await shown(restored, town.caller("anna"), LATE)
        listed = {post.message_id: post.state async for post in restored.listing()}
        assert [listed[named(name)] for name in (EARLY, LARGE, LATE)] == [
            "withdrawn",
            "withdrawn",
            "published",
        ]
        texts = select(tables.search_text.c.header, tables.search_text.c.body)
        words = await store.read(lambda snapshot: str(snapshot.connection.execute(texts).all()).lower())
        assert LATE.lower() in words
        assert EARLY.lower() not in words
        assert LARGE.lower() not in words
        lost = await store.read(
            lambda snapshot: content.load(
                snapshot, settings.data, snapshot.connection.scalar(select(tables.content.c.id).limit(1))
            )
        )
        assert lost == b"This message has been erased.\r\n"
        assert await faults(restored) == []
        await restored.close()
    kept = everything_in(settings.data)
    assert EARLY.encode() not in kept
    assert LARGE.encode() not in kept


async def test_a_key_goes_with_the_last_of_its_period_and_never_under_a_hold(place: Place, tmp_path: Path) -> None:
    """Two months later: the class has ended, one post is on hold, and then it isn't."""
    leap = [0]
    conditions = Conditions(seals=seals_in(tmp_path / "keys"), now=lambda: clock.now() + leap[0])
    async with place.opened(conditions) as store:
        groupware = Groupware(store, DOMAIN)
        town = await store.run(build)
        for name in ("emil", "anna"):
            grant = Grant(town.people[name], Role.SECURITY_OFFICER, 1, reason="test")
            await store.run(lambda tx, grant=grant: roles.grant(tx.connection, grant))
        await groupware.retention.set_class("standard", "1d")
        for name in (EARLY, LATE):
            await send(groupware, town, POSTS[name])
        period, (emil, anna) = later(1), (town.caller(name, Door.PORTAL, strong=True) for name in ("emil", "anna"))
        (hold,) = await groupware.retention.place(emil, What.POST, named(LATE), "case 7/2026")
        with pytest.raises(Refused, match="on-hold"):
            await groupware.secrecy.destroy(period)
        assert await groupware.secrecy.end_spent() == []
        leap[0] = 62 * DAY
        assert (await groupware.retention.erase(trust_clock=True)).erased == 1
        assert await groupware.secrecy.end_spent() == []
        assert LATE.encode() in await shown(groupware, town.caller("dora"), LATE)
        await groupware.retention.lift(anna, hold, "over")
        assert (await groupware.retention.erase()).erased == 1
        assert await groupware.secrecy.end_spent() == [period]
        states = {each.period: each.state for each in (await groupware.secrecy.status()).periods}
        assert states[period] is KeyState.DESTROYED
        assert await faults(groupware) == []
        await groupware.parser.close()


@asynccontextmanager
async def other_database(request: pytest.FixtureRequest, place: Place) -> AsyncIterator[str]:
    """An empty database of the same kind; "" on SQLite."""
    if place.on_sqlite:
        yield ""
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.database() as url:
        yield url


async def test_no_words_stay_of_what_has_no_subject(
    sealed: tuple[Groupware, Town, Seals],
) -> None:
    groupware, town, _ = sealed
    bare = message("dora", f"anna@{DOMAIN}", "", "canary-bare-Vq", message_id=named("c-bare"))
    await send(groupware, town, bare.replace(b"Subject: \r\n", b""), f"anna@{DOMAIN}")
    while await groupware.indexer.step():
        pass
    words = select(tables.search_text.c.body)

    async def found() -> str:
        return await groupware.store.read(lambda snapshot: str(snapshot.connection.execute(words).all()).lower())

    assert "canary-bare-vq" in await found()
    assert await groupware.secrecy.destroy(UNDATED) == 0
    assert "canary-bare-vq" not in await found()


def test_who_makes_a_key_at_once_with_others_has_the_one_that_stays(tmp_path: Path) -> None:
    """With a key that another's replaced, posts would be sealed that nobody opens again."""
    folder = seals_in(tmp_path / "keys").folder
    assert folder is not None
    with ThreadPoolExecutor(4) as others:
        for year in range(2030, 2050):
            name = f"{year}-01"
            made = list(others.map(folder.make, [name] * 4))
            assert set(made) == {folder.key(name)}


def test_a_destroyed_key_is_not_left_in_what_a_crash_left(tmp_path: Path) -> None:
    """Killed while a new master key came, and while it wrapped a key anew."""
    folder = seals_in(tmp_path / "keys").folder
    assert folder is not None
    folder.make("2030-01")
    (master,) = folder.path.glob("master-*.key")
    for path in (folder.path / "2030-01.key", master):
        path.with_name(f"{path.name}.0badcafe").write_bytes(path.read_bytes())
    folder.rotate()
    assert len(list(folder.path.glob("master-*"))) == 1
    folder.destroy("2030-01")
    assert not list(folder.path.glob("2030-01.key*"))
