from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import axe, chromium
from identity_world import PASSWORD, IdentityWorld, opened
from web_site import certificate, open_site, site

from directory import passwords

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]


@pytest.fixture(scope="session")
def kept() -> str:
    """The hash of PASSWORD, made once: it takes its time."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
async def world(place: Place, kept: str) -> AsyncIterator[IdentityWorld]:
    world = await opened(place, kept)
    yield world
    await world.groupware.close()


@pytest.fixture
async def lone_world(sqlite_place: Place, kept: str) -> AsyncIterator[IdentityWorld]:
    """On one of the two databases, where it makes no difference."""
    world = await opened(sqlite_place, kept)
    yield world
    await world.groupware.close()
