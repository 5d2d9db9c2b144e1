"""Codes and recovery codes after the password: once each, few wrong ones, and nothing opens before."""

from __future__ import annotations

import asyncio
from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from identity_world import HERE, MINUTE, PASSWORD, SITE, THERE, told
from sqlalchemy import select

from directory import recovery_codes, totp
from directory.credential_tables import recovery_code, sign_in_step
from directory.credential_tables import totp as totp_table
from directory.tables import login_failure
from groupware.errors import Conflict, NotFound, Refused
from groupware.identity.proof import Attempt, Proof
from groupware.web_sessions import FRESH, Start

if TYPE_CHECKING:
    from identity_world import IdentityWorld

pytestmark = pytest.mark.anyio
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_rfc_6238_appendix_b(at: int, code: str) -> None:
    assert totp.code(SECRET, at // 30) == code
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]}", at * 1_000_000) == at // 30


def test_a_code_is_good_one_step_before_and_after() -> None:
    now = 2_000_000_000_000_000
    code = totp.code(SECRET, now // totp.STEP)
    found = [bool(totp.matching_step(SECRET, code, now + off * totp.STEP)) for off in range(-2, 3)]
    assert found == [False, True, True, True, False]


@pytest.mark.parametrize("off", [-5 * MINUTE, 5 * MINUTE])
async def test_a_device_whose_clock_is_five_minutes_off_opens_nothing_and_spends_nothing(
    world: IdentityWorld, off: int
) -> None:
    secret = await world.app()
    world.now[0] += 60 * MINUTE
    wrong = totp.code(secret, (world.now[0] + off) // totp.STEP)
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=wrong)
    assert await world.finish(await world.step(), code=world.code(secret))


async def test_when_the_servers_clock_is_set_back_no_used_code_comes_back(world: IdentityWorld) -> None:
    secret = await world.app()
    world.now[0] += 60 * MINUTE
    right, used = world.now[0], world.code(secret)
    world.now[0] += 5 * MINUTE
    await world.finish(await world.step(), code=world.code(secret))
    world.now[0] = right
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=used)
    world.now[0] += 5 * MINUTE + totp.STEP
    assert await world.finish(await world.step(), code=world.code(secret))


@pytest.mark.parametrize(
    "text", ["", "1", "28708", "2870822", "\uff12\uff18\uff17\uff10\uff18\uff12", "\ud800", "287082\0", "-287082"]
)
def test_what_is_no_code(text: str) -> None:
    assert totp.matching_step(SECRET, text, 59_000_000) == 0


def test_a_sealed_secret_is_one_officials_and_one_keys() -> None:
    key = bytes(range(32))
    octets = totp.sealed(SECRET, key, 7)
    assert SECRET not in octets
    assert totp.opened(octets, key, 7) == SECRET
    assert totp.opened(octets, key, 8) is None
    assert totp.opened(octets, bytes(32), 7) is None
    assert totp.opened(octets, key, 7, b"other") is None
    assert totp.opened(octets[:-1], key, 7) is None
    assert totp.opened(b"", key, 7) is None


async def test_after_the_password_a_code_and_then_a_session(world: IdentityWorld) -> None:
    assert (await world.identity.enter("anna", PASSWORD, HERE, Start())).session
    secret = await world.app()
    step = await world.step()
    assert await world.groupware.web_sessions.resume(step) is None, "half a sign-in is no session"
    world.now[0] += MINUTE
    session = await world.finish(step, code=world.code(secret))
    assert await world.means(session) == "password and code"
    with pytest.raises(NotFound):
        await world.finish(step, code=world.code(secret))


async def test_a_code_counts_once_and_no_earlier_one_after_it(world: IdentityWorld) -> None:
    secret = await world.app()
    used = world.code(secret)
    world.now[0] += totp.STEP
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=used)
    step, code = await world.step(), world.code(secret)
    await world.finish(step, code=code)
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=code)
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=used)


async def test_one_code_tried_twice_at_once_opens_once(world: IdentityWorld) -> None:
    secret = await world.app()
    world.now[0] += MINUTE
    steps = [await world.step() for _ in range(4)]
    code = world.code(secret)
    outcomes = await asyncio.gather(*(world.finish(step, code=code) for step in steps), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["Refused", "Refused", "Refused", "str"]


async def test_recovery_codes_count_once_each_and_new_ones_end_the_old(world: IdentityWorld) -> None:
    offered = world.identity.offer_app(world.anna)
    codes = await _set_up(world, offered.sealed, offered.spelled)
    assert len(set(codes)) == recovery_codes.HOW_MANY
    session = await world.finish(await world.step(), code=codes[0].upper().replace("-", " "))
    assert await world.means(session) == "password and recovery code"
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=codes[0])
    assert (await world.identity.factors(world.anna)).codes == 9
    await world.identity.renew_codes(world.anna)
    whats = ("An authenticator app was set up", "New recovery codes were made")
    assert await told(world) == [f"{what} for your account" for what in whats]
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.finish(await world.step(), code=codes[1])
    assert (await world.identity.factors(world.anna)).codes == 10


async def _set_up(world: IdentityWorld, sealed: str, spelled: str) -> list[str]:
    code = world.code(b32decode(spelled.replace(" ", "")))
    return list(await world.identity.keep_app(world.anna, sealed, code))


async def test_nobody_elses_codes_open(world: IdentityWorld) -> None:
    secret = await world.app("bruno")
    await world.app()
    world.now[0] += MINUTE
    theirs = await world.identity.renew_codes(world.person("bruno"))
    for code in (world.code(secret), theirs[0], "", "x" * 500):
        with pytest.raises(Refused, match=r"^sign-in$"):
            await world.finish(await world.step(), code=code)


async def test_a_step_is_good_for_ten_minutes_and_ends_with_the_office(world: IdentityWorld) -> None:
    secret = await world.app()
    step = await world.step()
    world.now[0] += 10 * MINUTE
    with pytest.raises(NotFound):
        await world.finish(step, code=world.code(secret))
    with pytest.raises(NotFound):
        await world.identity.owed("made up")
    step = await world.step()
    await world.groupware.off_board(world.anna)
    with pytest.raises(NotFound):
        await world.finish(step, code=world.code(secret))
    rows = await world.groupware.store.read(
        lambda s: [s.connection.execute(select(each)).all() for each in (sign_in_step, recovery_code, totp_table)]
    )
    assert rows == [[], [], []], "nothing is left of who left"


async def test_ten_wrong_codes_stop_codes_but_nothing_else(lone_world: IdentityWorld) -> None:
    world = lone_world
    secret = await world.app()
    codes = await world.identity.renew_codes(world.anna)
    world.now[0] += MINUTE
    step = await world.step()
    for number in range(10):
        with pytest.raises(Refused, match=r"^sign-in$"):
            await world.finish(step, code="000000", address=f"10.0.{number}.1")
    with pytest.raises(Refused, match="too-many-codes"):
        await world.finish(step, code=world.code(secret), address=THERE)
    with pytest.raises(Refused, match="too-many-codes"):
        await world.identity.confirm(world.anna, "", Attempt(Proof(code="000000"), "confirm", "", SITE, THERE))
    assert await world.finish(step, code=codes[0], address=THERE)
    world.now[0] += 16 * MINUTE
    assert await world.finish(await world.step(), code=world.code(secret), address=THERE)


async def test_wrong_codes_count_with_wrong_passwords_of_all_doors(lone_world: IdentityWorld) -> None:
    world = lone_world
    await world.app()
    step = await world.step()
    for _ in range(2):
        with pytest.raises(Refused, match=r"^sign-in$"):
            await world.finish(step, code="000000")
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.identity.enter("anna", "wrong", HERE, Start())
    rows = await world.groupware.store.read(lambda s: s.connection.execute(select(login_failure)).all())
    number = world.town.people["anna"]
    assert {row.key: row.failures for row in rows} == {
        "login:anna": 3,
        "net:192.0.2.0/24": 3,
        "both:192.0.2.0/24 anna": 1,
        f"code:{number}": 2,
    }


async def test_the_second_factor_is_what_makes_a_session_fresh(lone_world: IdentityWorld) -> None:
    world = lone_world
    session = (await world.identity.enter("anna", PASSWORD, HERE, Start())).session
    secret = await world.app()
    world.now[0] += FRESH
    by_password = Attempt(Proof(password=PASSWORD), "confirm", session, SITE, HERE)
    with pytest.raises(Refused, match=r"^sign-in$"):
        await world.identity.confirm(world.anna, session, by_password)
    visitor = await world.groupware.web_sessions.visitor(session)
    assert visitor
    assert not visitor.fresh
    attempt = Attempt(Proof(code=world.code(secret)), "confirm", session, SITE, HERE)
    await world.identity.confirm(world.anna, session, attempt)
    visitor = await world.groupware.web_sessions.visitor(session)
    assert visitor
    assert visitor.fresh


async def test_the_last_way_in_stays(lone_world: IdentityWorld) -> None:
    world = lone_world
    await world.app("bruno")
    with pytest.raises(Conflict, match="last-way-in"):
        await world.identity.remove_app(world.person("bruno"))
    assert (await world.identity.factors(world.person("bruno"))).app
    await world.app()
    await world.identity.change_password(world.anna, "", PASSWORD, "ship-lamp", HERE)
    with pytest.raises(Conflict, match="short-password"):
        await world.identity.remove_app(world.anna)
    world.now[0] += MINUTE
    await world.identity.change_password(world.anna, "", "ship-lamp", "a sentence that is long", HERE)
    await world.identity.remove_app(world.anna)
    has = await world.identity.factors(world.anna)
    assert (has.second, has.codes) == (False, 0)
    with pytest.raises(NotFound):
        await world.identity.remove_app(world.anna)
