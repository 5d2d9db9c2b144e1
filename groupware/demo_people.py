"""The demo's credentials: made once, kept in DIR, the same after every restart. For demonstrations only.

A real network never keeps a secret that can be read again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import app_passwords, officials, passwords, roles, terms, units
from directory.errors import UnknownEntryError
from directory.tables import area, body, unit
from groupware.demo_town import Town, seed
from groupware.errors import StoreFailed
from groupware.installation import write_private
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from directory.officials import Official
    from groupware.store import Snapshot, Store, Tx

SECRETS_FILE = "demo-secrets.json"
_THREADS = 2
_ROOMS = select(room.c.id, room.c.competence, area.c.code).join(area, area.c.id == room.c.area).order_by(room.c.id)
_PLACE = select(body.c.code, unit.c.name).join(unit, unit.c.body == body.c.id).where(unit.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Person:
    """An official with credentials; `body` is its code, `unit` its name, `areas` those to read and post in."""

    login: str
    address: str
    name: str
    body: str
    unit: str
    roles: tuple[str, ...]
    areas: tuple[str, ...]
    password: str
    app_password: str


@dataclass(frozen=True, slots=True)
class _Secrets:
    password: str
    app_password: str


async def plant(store: Store, town: Town, key: bytes, version: str) -> tuple[Person, ...]:
    """Seed an empty store with a town and its credentials, or keep what is there; then say who may sign in.

    `key` is `installation.server_key`'s; whoever may sign in has accepted this `version` of the terms. Takes some
    seconds the first time (each password is hashed), outside the transaction and the event loop. What failed half way
    is completed by the next call.
    """
    known = await asyncio.to_thread(_kept_secrets, store.directory / SECRETS_FILE, tuple(town.sign_in))
    await store.run(lambda tx: seed(tx, town))
    without = await store.read(lambda snapshot: _without_credentials(snapshot, known, key))
    hashes = await asyncio.to_thread(_hashed, {login: known[login].password for login in without})
    await store.run(lambda tx: _equip(tx, known, hashes, key))
    await store.run(lambda tx: _accept(tx, known, version))
    return await store.read(partial(_people, town=town, known=known))


def _kept_secrets(path: Path, logins: tuple[str, ...]) -> Mapping[str, _Secrets]:
    """What the file has, and for those it has not something new, written to it before it is used."""
    known = _read_secrets(path) if path.exists() else {}
    if missing := [login for login in logins if login not in known]:
        known |= {login: _Secrets(_new_password(), app_passwords.made()) for login in missing}
        plain = {login: {"password": s.password, "app_password": s.app_password} for login, s in known.items()}
        write_private(path, json.dumps(plain, indent=1).encode())
    return known


def _read_secrets(path: Path) -> dict[str, _Secrets]:
    try:
        return {login: _Secrets(**entry) for login, entry in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreFailed(f"{path}: not the demo's secrets; remove it to have new ones made") from error


def _new_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(6))


def _without_credentials(snapshot: Snapshot, known: Mapping[str, _Secrets], key: bytes) -> list[str]:
    """Those who never were given the app password of the file: revoked ones stay revoked."""
    return [login for login, entry in known.items() if not _is_equipped(snapshot, login, entry, key)]


def _is_equipped(snapshot: Snapshot, login: str, entry: _Secrets, key: bytes) -> bool:
    official = officials.by_login(snapshot.connection, login)
    return official is None or app_passwords.is_kept(snapshot.connection, official.id, entry.app_password, key)


def _hashed(plain: Mapping[str, str]) -> dict[str, str]:
    """Each login's hash; two at a time, as more threads gain nothing."""
    with ThreadPoolExecutor(_THREADS, "argon2") as pool:
        return dict(zip(plain, pool.map(passwords.hashed, plain.values()), strict=True))


def _equip(tx: Tx, known: Mapping[str, _Secrets], hashes: Mapping[str, str], key: bytes) -> None:
    for login, kept in hashes.items():
        number = _official(tx, login).id
        passwords.keep(tx.connection, number, kept, tx.now)
        text, doors = known[login].app_password, app_passwords.DOORS
        app_passwords.keep(tx.connection, number, text, key, doors=doors, label="Demo", now=tx.now)


def _accept(tx: Tx, known: Mapping[str, _Secrets], version: str) -> None:
    for login in known:
        terms.accept(tx.connection, _official(tx, login).id, version, tx.now)


def _official(snapshot: Snapshot, login: str) -> Official:
    found = officials.by_login(snapshot.connection, login)
    if found is None:
        raise UnknownEntryError(f"official {login}")
    return found


def _people(snapshot: Snapshot, town: Town, known: Mapping[str, _Secrets]) -> tuple[Person, ...]:
    """As the directory has them now, so without those who left."""
    found = (_official(snapshot, login) for login in town.sign_in)
    at_work = (who for who in found if officials.in_office(snapshot.connection, who.id, snapshot.now))
    return tuple(_person(snapshot, who, known[who.login]) for who in at_work)


def _person(snapshot: Snapshot, who: Official, entry: _Secrets) -> Person:
    held = roles.held(snapshot.connection, who.id, snapshot.now)
    names = dict.fromkeys(str(grant.role) for grant in held if isinstance(grant.role, Role))
    access = {(grant.role, grant.scope) for grant in held}
    place = snapshot.connection.execute(_PLACE, {"of": who.unit}).one()
    codes = tuple(_open_areas(snapshot, who.unit, access))
    return Person(
        who.login, who.address, who.name, place.code, place.name, tuple(sorted(names)), codes,
        entry.password, entry.app_password,
    )  # fmt: skip


def _open_areas(snapshot: Snapshot, of_unit: int, access: set[tuple[Role | Access, int]]) -> Iterable[str]:
    for number, competence, code in snapshot.connection.execute(_ROOMS):
        both = {(Access.READER, number), (Access.POSTER, number)} <= access
        if both and units.is_competent(snapshot.connection, of_unit, competence):
            yield code
