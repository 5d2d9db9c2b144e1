"""A body, two officials of it and their secrets: what the tests of signing in need."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import app_passwords, bodies, officials, passwords, units
from directory.officials import Official
from groupware.sign_in import SignIn
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupware.store import Store, Tx

KEY = bytes(range(32))
PASSWORD = "correct horse battery"
HERE, THERE = "192.0.2.7", "198.51.100.7"


@dataclass(frozen=True)
class SmallTown:
    """`anna` and `bert`: ids; `app_password` is anna's, for imap and submission."""

    store: Store
    sign_in: SignIn
    anna: int
    bert: int
    app_password: str


async def build(store: Store, kept: str) -> SmallTown:
    text = app_passwords.made()
    anna, bert = await store.run(lambda tx: _seed(tx, kept, text))
    return SmallTown(store, SignIn(store, KEY), anna, bert, text)


def add(tx: Tx, login: str, unit: int) -> int:
    return officials.add(tx.connection, Official(0, login, f"{login}@iconet.test", login.title(), 0, unit))


def _seed(tx: Tx, kept: str, text: str) -> tuple[int, int]:
    body = bodies.create(tx.connection, "EST", "Estonia", bodies.BodyKind.MEMBER_STATE)
    unit = units.create(tx.connection, body, "ppa", "Police and Border Guard Board")
    anna, bert = add(tx, "anna.kask", unit), add(tx, "bert", unit)
    for official in (anna, bert):
        passwords.keep(tx.connection, official, kept, tx.now)
    doors = (Door.IMAP, Door.SUBMISSION)
    app_passwords.keep(tx.connection, anna, text, KEY, doors=doors, label="Mail", now=tx.now)
    return anna, bert


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until something that threads bring about is so; pytest's timeout ends it otherwise."""
    while not condition():  # noqa: ASYNC110 -- there is no event to wait on without changing what is tested
        await asyncio.sleep(0)
