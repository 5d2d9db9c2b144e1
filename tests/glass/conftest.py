from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glass_world import Scene, town_of
from town import DOMAIN

from groupware import clock
from groupware.service import Groupware
from groupware.store import Conditions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Place


@pytest.fixture
async def scene(sqlite_place: Place) -> AsyncIterator[Scene]:
    ahead = [0]
    async with sqlite_place.opened(Conditions(now=lambda: clock.now() + ahead[0])) as store:
        made = Groupware(store, DOMAIN)
        yield Scene(made, await store.run(town_of), ahead)
        await made.parser.close()
