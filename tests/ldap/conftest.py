from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ldap_world import World, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place


@pytest.fixture
async def world(sqlite_place: Place) -> AsyncIterator[World]:
    async with opened(sqlite_place) as made:
        yield made
