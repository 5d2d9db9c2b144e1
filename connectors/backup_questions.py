"""What commands ask about backups and keys."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.fault import Fault
from connectors.settings import sample
from groupware.backup.manifest import BadBackupError
from groupware.backup.taking import Wanted
from groupware.errors import NotFound, Refused
from groupware.sealing.keys import KeyAway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House
    from connectors.settings import Settings

HOMESERVER = Path("matrix/homeserver.db")
"""The homeserver's database, where it is SQLite's, in the data directory."""
SINCE = "since.jsonl"

_BEFORE = re.compile(r"^([a-z+]+://[^:/@]*):[^@]*@")
_AMONG = re.compile(r"([?&])(?:ssl)?password=[^&]*&?")


async def _backup(house: House, arguments: Row) -> AsyncIterator[Row]:
    target = Path(arguments["target"])
    _require_outside(target, house.settings.data, "the data directory")
    if house.settings.secrecy.keys:
        _require_outside(target, Path(house.settings.secrecy.keys), "the key folder")
    if house.part and "matrix" not in house.addresses and homeserver(house.settings) is not None:
        raise Fault("another process has the homeserver: stop it, or ask a process that has every door")
    wanted = Wanted(
        house.settings.store,
        homeserver(house.settings),
        elsewhere(house.settings),
        {"settings.toml": sample(_without_passwords(house.settings)).encode()},
    )
    try:
        async for line in house.groupware.backups.take(target, wanted):
            yield {"done": line}
    except (BadBackupError, KeyAway) as error:
        raise Fault(str(error)) from error
    except OSError as error:
        raise Fault(f"{error.filename or target}: {error.strerror or error}; nothing is left of this backup") from error


def _without_passwords(settings: Settings) -> Settings:
    """A restore is told where its databases are; so a backup in clear opens none."""
    matrix = replace(settings.matrix, store=without_password(settings.matrix.store))
    return replace(settings, store=without_password(settings.store), matrix=matrix)


def without_password(url: str) -> str:
    """A database's URL without the password, before its host or among its parameters (libpq, 34.1.1.2)."""
    return _AMONG.sub(r"\1", _BEFORE.sub(r"\1@", url))


def _require_outside(target: Path, folder: Path, what: str) -> None:
    """However the two are reached by links."""
    real, inside = target.resolve(), folder.resolve()
    if real == inside or inside in real.parents:
        raise Fault(f"{target}: a backup lies outside of {what}")


def homeserver(settings: Settings) -> Path | str | None:
    """The homeserver's database: a file, a URL, or None where there has been none."""
    path = settings.data.absolute() / HOMESERVER
    if not path.parent.is_dir():
        return None
    return settings.matrix.store or (path if path.exists() else None)


def since_file(settings: Settings) -> Path:
    """What a restore asks for what happened since (groupware/backup/told.py), where no backup takes it along.

    With the checkpoints, which are best on another machine, if they aren't in the data directory; else with the keys;
    else beside the data directory.
    """
    data = settings.data.resolve()
    for folder in (settings.audit.checkpoints, settings.secrecy.keys):
        if folder and not Path(folder).resolve().is_relative_to(data):
            return Path(folder).absolute() / SINCE
    return data.with_name(f"{data.name}.{SINCE}")


def elsewhere(settings: Settings) -> tuple[str, ...]:
    """Files outside of the data directory that the settings name: nobody copies them."""
    named = [settings.tls.certificate, settings.tls.key, settings.tls.authority, settings.sign_in.terms]
    named += [partner.authority for partner in settings.partner.values()]
    for national in settings.national.values():
        named += [national.secret_file, national.authority]
    return tuple(dict.fromkeys(filter(None, [*named, settings.audit.checkpoints])))


async def _status(house: House, _arguments: Row) -> AsyncIterator[Row]:
    try:
        found = await house.groupware.secrecy.status()
    except Refused as error:
        raise Fault(error.text) from error
    yield {"sealing": found.sealing, "clear": found.clear}
    for period in found.periods:
        yield asdict(period)


async def _rotate(house: House, _arguments: Row) -> AsyncIterator[Row]:
    try:
        yield {"wrapped": await house.groupware.secrecy.rotate()}
    except (Refused, KeyAway) as error:
        raise Fault(error.text if isinstance(error, Refused) else str(error)) from error


async def _destroy(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        yield {"withdrawn": await house.groupware.secrecy.destroy(arguments["period"])}
    except Refused as error:
        raise Fault(error.text) from error
    except NotFound as error:
        raise Fault(f"no period {arguments['period']!a} has a key; `iconet secrecy status` lists them") from error


BACKUPS: dict[str, Answer] = {
    "backup": _backup,
    "secrecy-status": _status,
    "secrecy-rotate": _rotate,
    "secrecy-destroy": _destroy,
}
