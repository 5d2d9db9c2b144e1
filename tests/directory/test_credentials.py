from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from directory import app_passwords, bodies, officials, passwords, sessions, units
from directory.errors import UnfitError
from directory.tables import FOREVER, app_password, password, web_session
from policies.vocabulary import Door

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY = bytes(range(32))
MINUTE = 60_000_000


@pytest.fixture
def anna(connection: Connection) -> int:
    body = bodies.create(connection, "EST", "Estonia", bodies.BodyKind.MEMBER_STATE)
    unit = units.create(connection, body, "ppa", "Police and Border Guard Board")
    return officials.add(connection, officials.Official(0, "anna.kask", "anna.kask@iconet.test", "Anna Kask", 0, unit))


def _opens(connection: Connection, official: int, text: str, door: Door = Door.IMAP, now: int = 10) -> bool:
    return app_passwords.opens(connection, official, text, KEY, door=door, now=now)


def test_password_hash_is_argon2id_of_rfc_9106_with_one_lane() -> None:
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse batterY")
    assert not passwords.needs_rehash(kept)


def test_dummy_is_as_dear_as_a_real_one_and_matches_nothing() -> None:
    assert not passwords.needs_rehash(passwords.DUMMY)
    assert not passwords.matches(passwords.DUMMY, "")
    assert not passwords.matches(passwords.DUMMY, "\ud800" * 300)


def test_password_is_the_same_from_every_keyboard() -> None:
    assert passwords.matches(passwords.hashed("Å" * 20), "A\u030a" * 20)


def test_older_parameters_are_noticed() -> None:
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x"))


def test_a_broken_hash_opens_nothing() -> None:
    assert not passwords.matches("not a hash", "x")


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 15, "anna.kaskanna.kask", "passwordpassword", "x" * 300, "iconet-iconet-1"]
)
def test_unfit_passwords(secret: str) -> None:
    with pytest.raises(UnfitError):
        passwords.check_fitness(secret, ("anna.kask",))


@pytest.mark.parametrize("secret", ["correct horse battery", "жёлтый автобус едет", "0123456789abcdef"])
def test_fit_passwords(secret: str) -> None:
    passwords.check_fitness(secret, ("anna.kask",))


def test_password_is_replaced_and_forgotten(connection: Connection, anna: int) -> None:
    assert passwords.kept_hash(connection, anna) is None
    passwords.keep(connection, anna, "one", 5)
    passwords.keep(connection, anna, "two", 6)
    assert passwords.kept_hash(connection, anna) == "two"
    assert connection.execute(select(password.c.changed)).scalars().all() == [6]
    passwords.forget(connection, anna)
    assert passwords.kept_hash(connection, anna) is None


def test_app_password_opens_its_doors_only(connection: Connection, anna: int) -> None:
    text = app_passwords.made()
    app_passwords.keep(connection, anna, text, KEY, doors=[Door.IMAP, Door.PORTAL], label="Thunderbird", now=1)
    assert _opens(connection, anna, text)
    assert not _opens(connection, anna, text, Door.SUBMISSION)
    assert not _opens(connection, anna, text, Door.PORTAL)
    assert not _opens(connection, 0, text)
    assert not _opens(connection, anna + 1, text)


def test_app_password_is_typed_with_or_without_dashes_in_any_case(connection: Connection, anna: int) -> None:
    text = app_passwords.made()
    app_passwords.keep(connection, anna, text, KEY, doors=[Door.IMAP], label="", now=1)
    for typed in (text.upper(), text.replace("-", ""), text.replace("-", " ")):
        assert _opens(connection, anna, typed)


@given(st.text())
def test_anything_else_is_no_app_password(typed: str) -> None:
    assert app_passwords._halves(typed) == ("", "") or "." in typed


def test_each_changed_sign_closes_the_door(connection: Connection, anna: int) -> None:
    text = app_passwords.made()
    app_passwords.keep(connection, anna, text, KEY, doors=[Door.IMAP], label="", now=1)
    for at, sign in enumerate(text):
        if sign not in ".-":
            other = "0" if sign != "0" else "1"
            assert not _opens(connection, anna, text[:at] + other + text[at + 1 :])
    assert not app_passwords.opens(connection, anna, text, bytes(32), door=Door.IMAP, now=10)


def test_app_password_has_112_random_bits_and_is_kept_as_its_hash_only(connection: Connection, anna: int) -> None:
    text = app_passwords.made()
    selector, secret = text.split(".")
    assert 5 * len(secret.replace("-", "")) >= 112
    app_passwords.keep(connection, anna, text, KEY, doors=[Door.IMAP], label="", now=1)
    row = connection.execute(select(app_password)).one()
    assert row.selector == selector
    assert secret.replace("-", "").encode() not in row.digest


def test_revoked_app_password_is_closed_from_then_on(connection: Connection, anna: int) -> None:
    text = app_passwords.made()
    number = app_passwords.keep(connection, anna, text, KEY, doors=[Door.IMAP], label="Phone", now=1)
    assert [p.revoked for p in app_passwords.of(connection, anna)] == [FOREVER]
    assert not app_passwords.revoke(connection, anna + 1, number, 10)
    assert app_passwords.revoke(connection, anna, number, 10)
    assert not app_passwords.revoke(connection, anna, number, 11)
    assert [_opens(connection, anna, text, now=at) for at in (9, 10)] == [True, False]
    assert app_passwords.is_kept(connection, anna, text, KEY)
    assert app_passwords.revoke_all(connection, anna, 12) == 0


def test_session_ends_when_idle_and_when_old(connection: Connection, anna: int) -> None:
    token = sessions.begin(connection, anna, 0)
    assert sessions.find(connection, token, 30 * MINUTE - 1) is not None
    assert sessions.find(connection, token, 30 * MINUTE) is None
    for at in range(0, 12 * 60, 20):
        found = sessions.find(connection, token, at * MINUTE)
        assert found is not None
        sessions.touch(connection, found, at * MINUTE)
    assert sessions.find(connection, token, 12 * 60 * MINUTE - 1) is not None
    assert sessions.find(connection, token, 12 * 60 * MINUTE) is None


def test_session_is_kept_as_a_hash_and_found_by_its_token_only(connection: Connection, anna: int) -> None:
    token = sessions.begin(connection, anna, 0)
    row = connection.execute(select(web_session)).one()
    assert token.encode() not in row.digest
    assert len(token) * 6 >= 256
    assert sessions.find(connection, token[:-1], 1) is None
    assert sessions.find(connection, row.digest.hex(), 1) is None


def test_sessions_are_listed_ended_and_swept(connection: Connection, anna: int) -> None:
    tokens = [sessions.begin(connection, anna, at) for at in range(3)]
    first = sessions.of(connection, anna, 5)[0]
    assert not sessions.revoke(connection, anna + 1, first.digest)
    assert sessions.revoke(connection, anna, first.digest)
    assert sessions.find(connection, tokens[0], 5) is None
    assert sessions.revoke_all(connection, anna) == 2
    sessions.begin(connection, anna, 0)
    sessions.begin(connection, anna, 31 * MINUTE)
    assert len(connection.execute(select(web_session)).all()) == 1
