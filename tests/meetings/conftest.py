from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from town import DOMAIN

from groupware.service import Groupware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from groupware.store import Store


@pytest.fixture
async def groupware(store: Store) -> AsyncIterator[Groupware]:
    made = Groupware(store, DOMAIN)
    yield made
    made.sign_in.close()
    await made.parser.close()
