"""Whether the agreement test's small worlds tell a text of policies from the right one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import cedarpy
from policy_agreement import Judge, Tally, differing, texts
from policy_world import random_world
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from directory.tables import metadata
from groupware import catalogue
from policies.decision import Policies
from policies.entities import NOW, Context
from policies.schema import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cedar_mutants import CedarMutant
    from policy_agreement import Matter

WORLDS = 12


class Trial:
    """The worlds, made once for all texts."""

    def __init__(self) -> None:
        text, self.schema = texts()
        self.policies = Policies(cedarpy.policies_from_json_str(cedarpy.policies_to_json_str(text)), self.schema)
        self.judges: list[Judge] = []

    def _each(self) -> Iterator[Judge]:
        """One world after the other; most faults show in the first ones."""
        for seed in range(WORLDS):
            if seed == len(self.judges):
                self.judges.append(self._judge(seed))
            yield self.judges[seed]

    def _judge(self, seed: int) -> Judge:
        engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(engine)
        connection = engine.connect()
        world = random_world(seed, officials=14, posts=12)
        world.store(connection)
        return Judge(self.policies, connection, world, seed, Tally(), oracle=True)

    def verdict(self, mutant: CedarMutant) -> str:
        """`refused` by the check at load, else `killed` or `survived`."""
        try:
            policies = Policies(mutant.text, self.schema)
        except (UnsupportedError, ValueError):
            return "refused"
        if catalogue.missing(policies.paths):
            return "refused"
        about = sorted(differing(self.policies, policies))
        return "killed" if any(self._differs(judge, policies, about) for judge in self._each()) else "survived"

    @staticmethod
    def _differs(judge: Judge, policies: Policies, about: Iterable[Matter]) -> bool:
        judge.policies, judge.tally, judge.chance = policies, Tally(), random.Random(0)
        for action, kind in about:
            for strong in (True, False):
                judge.ask(action, kind, Context(NOW, strong))
                if judge.tally.faults:
                    return True
        return False
