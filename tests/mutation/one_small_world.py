"""The agreement test in one world so small that it can be asked of every mutant; the suite has larger ones."""

from __future__ import annotations

from policy_agreement import EVERY, Judge, Tally
from policy_world import random_world
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

import groupware.tables  # noqa: F401  # puts its tables into the metadata
from directory.tables import metadata
from policies.decision import Policies


def test_one_answer_in_a_very_small_world() -> None:
    tally, engine = Tally(), create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.connect() as connection:
        world = random_world(3, officials=14, posts=10)
        world.store(connection)
        for _ in Judge(Policies.load(), connection, world, 3, tally, oracle=True).all(EVERY):
            assert tally.faults == []
    assert len(tally.fired) > 40
