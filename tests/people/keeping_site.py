"""The portal with admins in it: clara keeps the people of aa, emil is its contact point, bruno keeps those of bb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import axe, chromium
from web_site import certificate, open_site, site

from directory import bodies, roles, units
from directory.roles import Grant
from policies.vocabulary import Role

if TYPE_CHECKING:
    from web_site import Site

    from groupware.store import Tx

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]
ROLES = {
    "clara": (Role.DIRECTORY_ADMIN, "aa"),
    "emil": (Role.CONTACT_POINT, "aa"),
    "bruno": (Role.DIRECTORY_ADMIN, "bb"),
}


@pytest.fixture
async def kept(site: Site) -> Site:
    def build(tx: Tx) -> None:
        for name, (role, code) in ROLES.items():
            body = bodies.find(tx.connection, code)
            assert body is not None
            roles.grant(tx.connection, Grant(site.town.people[name], role, body.id, reason="test"))
        first = bodies.find(tx.connection, "aa")
        assert first is not None
        units.create(tx.connection, first.id, "visa", "Visa section", units.find(tx.connection, first.id, "u"))
        bodies.put_under(tx.connection, [first.id], first.id)

    await site.groupware.store.run(build)
    return site
