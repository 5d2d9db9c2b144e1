"""Whatever the people of one body do one after the other, they reach no right outside it, nobody one for themselves.

All of them together may turn to any verb; what then can be done outside their body must have been possible before for
one of them (a hand-over moves it from one to another). Alone, an admin, a contact point or a deputy stands afterwards
as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from foreign_checks import nothing_alone, nothing_outside
from foreign_stage import Stage, staged
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Place

ALONE = ("adela", "carol", "clara")
SOME = settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
)


@pytest.fixture
def stage(sqlite_place: Place) -> Iterator[Stage]:
    yield from staged(sqlite_place)


@given(data=st.data())
@SOME
def test_a_band_reaches_no_right_outside_its_body(stage: Stage, data: st.DataObject) -> None:
    nothing_outside(stage, data)


@pytest.mark.parametrize("name", ALONE)
@given(data=st.data())
@SOME
def test_nobody_gains_anything_alone(stage: Stage, name: str, data: st.DataObject) -> None:
    nothing_alone(stage, name, data)
