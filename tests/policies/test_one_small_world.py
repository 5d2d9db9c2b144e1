from __future__ import annotations

from typing import TYPE_CHECKING

from policy_agreement import Judge, Tally
from policy_world import random_world

from policies.decision import Policies

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_one_answer_in_a_very_small_world(embedded: Engine) -> None:
    tally = Tally()
    with embedded.connect() as connection:
        world = random_world(3, officials=14, posts=10)
        world.store(connection)
        Judge(Policies.load(), connection, world, 3, tally, oracle=True).all()
        connection.rollback()
    assert tally.faults == []
    assert len(tally.fired) > 40
