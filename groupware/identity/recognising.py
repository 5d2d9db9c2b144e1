"""Knowing somebody again who signed in: their browser and network are no strangers afterwards (groupware.standing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import devices, known_sites, login_failures, passwords, sessions

if TYPE_CHECKING:
    from groupware.store import Tx


def recognise(tx: Tx, key: bytes, session: str, address: str, device: str) -> str:
    """What the browser's cookie is to say from now on; "" if it is to stay as it is.

    Who has no password needs none of it: nobody can guess at what isn't there.
    """
    found = sessions.find(tx.connection, session, tx.now)
    changed = passwords.changed(tx.connection, found.official) if found else None
    if found is None or changed is None:
        return ""
    known_sites.remember(tx.connection, key, found.official, login_failures.site(address), tx.now)
    told = devices.with_one(key, device, found.official, changed)
    return "" if told == device else told
