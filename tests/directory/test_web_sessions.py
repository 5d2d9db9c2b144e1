from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from small_town import HERE, KEY, PASSWORD, SmallTown, build

from groupware.errors import Refused, StoreFailed
from groupware.house_rules import HouseRules
from groupware.installation import KEY_FILE, server_key, write_private
from groupware.sign_in import Caller
from groupware.store import Conditions
from groupware.web_sessions import WebSessions
from policies.vocabulary import Door

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Place

pytestmark = pytest.mark.anyio
MINUTE = 60_000_000


def _anna(town: SmallTown) -> Caller:
    return Caller(town.anna, "anna.kask", "anna.kask@iconet.test", "Anna.Kask", Door.PORTAL, strong=True)


async def test_a_session_brings_the_caller_back_until_it_is_ended(town: SmallTown) -> None:
    sessions = WebSessions(town.store, HouseRules())
    caller = await town.sign_in.check(Door.PORTAL, "anna.kask", PASSWORD, HERE)
    one, two = await sessions.begin(caller), await sessions.begin(caller)
    assert one != two
    assert await sessions.resume(one) == caller
    await sessions.end(one)
    await sessions.end(one)
    assert await sessions.resume(one) is None
    assert await sessions.resume("\ud800" + two) is None
    (left,) = await sessions.of(caller)
    assert not await sessions.end_one(replace(caller, official=town.bert), left.digest)
    assert await sessions.end_one(caller, left.digest)
    assert await sessions.resume(two) is None


async def test_only_the_portal_begins_one(lone_town: SmallTown) -> None:
    by_mail = await lone_town.sign_in.check(Door.IMAP, "anna.kask", lone_town.app_password, HERE)
    with pytest.raises(Refused):
        await WebSessions(lone_town.store, HouseRules()).begin(by_mail)


async def test_a_used_session_stays_and_an_idle_one_ends(sqlite_place: Place, kept: str) -> None:
    now = [10**15]
    store = sqlite_place.open(Conditions(now=lambda: now[0]))
    town = await build(store, kept)
    sessions = WebSessions(store, HouseRules())
    token = await sessions.begin(_anna(town))
    for _ in range(4):
        now[0] += 29 * MINUTE
        assert await sessions.resume(token) == _anna(town)
    now[0] += 30 * MINUTE
    assert await sessions.resume(token) is None
    town.sign_in.close()
    await store.close()


def test_server_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = server_key(tmp_path)
    assert len(key) == len(KEY)
    assert server_key(tmp_path) == key
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("contents", [b"", bytes(31), bytes(33)])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, contents: bytes) -> None:
    write_private(tmp_path / KEY_FILE, contents)
    with pytest.raises(StoreFailed, match=KEY_FILE):
        server_key(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == contents


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    server_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(StoreFailed, match="chmod 600"):
        server_key(tmp_path)
