from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from foreign_site import abroad
from keeping_site import axe, certificate, chromium, kept, open_site, site
from people_world import World, opened_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place

__all__ = ["abroad", "axe", "certificate", "chromium", "kept", "open_site", "site"]


@pytest.fixture
async def world(place: Place) -> AsyncIterator[World]:
    """On SQLite and on PostgreSQL."""
    made = await opened_at(place)
    yield made
    await made.close()


@pytest.fixture
async def lone(sqlite_place: Place) -> AsyncIterator[World]:
    """On SQLite only, for what has nothing to do with the database."""
    made = await opened_at(sqlite_place)
    yield made
    await made.close()
