from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from duty_town import DutyTown, built
from town import DOMAIN

from groupware.service import Groupware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from groupware.store import Store


@pytest.fixture
async def house(store: Store) -> AsyncIterator[DutyTown]:
    groupware = Groupware(store, DOMAIN)
    yield await built(groupware)
    await groupware.parser.close()
