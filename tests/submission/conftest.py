from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from submission_house import opened_door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from submission_house import Running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with opened_door(tmp_path_factory.mktemp("house")) as made:
        yield made
