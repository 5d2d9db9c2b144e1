"""Which passwords are fit, and what changing one ends."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_world import HERE, MINUTE, PASSWORD, told

from directory import passwords
from directory.errors import UnfitError
from groupware.errors import Refused
from groupware.web_sessions import Start

if TYPE_CHECKING:
    from identity_world import IdentityWorld

pytestmark = pytest.mark.anyio
KNOWN = ("anna.kask", "Anna Kask", "Estonia", "EST")
LONG = "a lamp on the ship"


@pytest.mark.parametrize(
    ("secret", "second_factor", "reason"),
    [
        ("fourteen chars", False, "15 to 256"),
        ("sevench", True, "8 to 256"),
        ("x" * 257, False, "15 to 256"),
        ("iloveyou", True, "most used"),
        ("ILoveYou", True, "most used"),
        ("\uff49loveyou", True, "most used"),
        ("football1", True, "most used"),
        ("1qaz2wsx3edc4rfv", False, "most used"),
        ("passwordpassword", False, "common word"),
        ("anna.kask.anna.kask", False, "name"),
        ("kask-anna-estonia", False, "name"),
        ("iconet-iconet-iconet", False, "common word"),
        ("aaaaaaaaaaaaaaaaaaaa", False, "repetition"),
        ("\u0041\u030a" * 14, False, "15 to 256"),
    ],
)
def test_an_unfit_password_is_told_why(secret: str, *, second_factor: bool, reason: str) -> None:
    with pytest.raises(UnfitError, match=reason):
        passwords.check_fitness(secret, KNOWN, second_factor=second_factor)


@pytest.mark.parametrize(
    ("secret", "second_factor"),
    [
        ("a lamp on the ship", False),
        ("lamp-ship", True),
        ("  spaces count too  ", False),
        ("слон идёт по мосту", False),
        ("象は橋を渡って行くのを見た夢の中", False),
        ("🐘🌉🚢🕯🦉🌊🏔🚲🎈🧭🪁🎻🥁🍎🍋", False),
        ("only lower case letters here", False),
    ],
)
def test_no_class_of_characters_is_asked_for(secret: str, *, second_factor: bool) -> None:
    passwords.check_fitness(secret, KNOWN, second_factor=second_factor)


@given(st.text(min_size=15, max_size=60))
def test_any_text_is_judged_and_what_is_fit_is_so_in_both_forms_of_unicode(secret: str) -> None:
    def judged(text: str) -> str:
        try:
            passwords.check_fitness(text, KNOWN)
        except UnfitError as error:
            return str(error)
        return ""

    assert judged(unicodedata.normalize("NFD", secret)) == judged(unicodedata.normalize("NFC", secret))


async def test_a_change_asks_the_old_one_and_ends_all_other_sessions(world: IdentityWorld) -> None:
    identity, sessions = world.identity, world.groupware.web_sessions
    here = (await identity.enter("anna", PASSWORD, HERE, Start())).session
    there = (await identity.enter("anna", PASSWORD, HERE, Start())).session
    with pytest.raises(Refused, match=r"^sign-in$"):
        await identity.change_password(world.anna, here, "wrong", LONG, HERE)
    with pytest.raises(Refused, match="unfit-password"):
        await identity.change_password(world.anna, here, PASSWORD, "anna-anna-anna-anna", HERE)
    assert await sessions.resume(there)
    await identity.change_password(world.anna, here, PASSWORD, LONG, HERE)
    assert await told(world) == ["The password of your account was changed"]
    assert await sessions.resume(here)
    assert await sessions.resume(there) is None
    with pytest.raises(Refused, match=r"^sign-in$"):
        await identity.enter("anna", PASSWORD, HERE, Start())
    assert (await identity.enter("anna", LONG, HERE, Start())).session


async def test_half_a_sign_in_ends_with_the_old_password(world: IdentityWorld) -> None:
    secret = await world.app()
    step = await world.step()
    await world.identity.change_password(world.anna, "", PASSWORD, LONG, HERE)
    world.now[0] += MINUTE
    with pytest.raises(Exception, match="sign-in step"):
        await world.finish(step, code=world.code(secret))


async def test_a_short_one_needs_a_second_factor(lone_world: IdentityWorld) -> None:
    world = lone_world
    with pytest.raises(Refused, match="unfit-password"):
        await world.identity.change_password(world.anna, "", PASSWORD, "lamp-ship", HERE)
    await world.app()
    await world.identity.change_password(world.anna, "", PASSWORD, "lamp-ship", HERE)
    assert (await world.identity.factors(world.anna)).short
    assert (await world.identity.enter("anna", "lamp-ship", HERE, Start())).step
