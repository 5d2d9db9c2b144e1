"""What properties draw from, for walks that are too long for a property: by a seed, and nothing is cut short.

Hypothesis ends an example that draws much, tries parts of old ones again and begins with the least of everything: of
many steps it leaves few. Its strategies stay the one description of what may be named.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis.control import BuildContext
from hypothesis.errors import StopTest
from hypothesis.internal.conjecture.data import ConjectureData

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class Dice:
    """Draws as `st.data()` does."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def draw(self, strategy: SearchStrategy[Any], label: str = "") -> Any:  # noqa: ANN401 -- as the strategy's
        """One value; what a filter lets through seldom is drawn again."""
        while True:
            source = ConjectureData(random=self.random)
            try:
                with BuildContext(source, wrapped_test=self.draw):
                    return source.draw(strategy, observe_as=label or None)
            except StopTest:
                continue
