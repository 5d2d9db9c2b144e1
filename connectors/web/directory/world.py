"""The world as a drawing, with circles where somebody is posted. It bears no names: the table beside it does.

world.json is made by tools/world_map.py; its licence is in world-LICENSE.txt.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

WORLD: dict[str, Any] = json.loads(Path(__file__).with_name("world.json").read_text("utf-8"))
SMALLEST, STEP, LARGEST = 17, 5, 37
"""Radii in units of the drawing, which is 2000 wide."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Where it is, how large, what stands in it, and whether all of it is planned yet."""

    x: int
    y: int
    radius: int
    count: int
    planned: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths of land without and with somebody posted there, and the circles; a country off the map has none."""

    width: int
    height: int
    land: str
    hosts: Sequence[str]
    circles: Sequence[Circle]


def draw(now: Sequence[str], planned: Sequence[str]) -> Chart:
    """The chart for postings in these countries (ISO 3166-1 alpha-2), one for each posting."""
    count, later = Counter(now), Counter(planned)
    hosts = {code: path for code, path in WORLD["land"].items() if code in count}
    others = "".join(path for code, path in WORLD["land"].items() if code not in count)
    circles = [_circle(code, number, planned=False) for code, number in count.items() if code in WORLD["points"]]
    circles += [
        _circle(code, number, planned=True, beside=code in count)
        for code, number in later.items()
        if code in WORLD["points"]
    ]
    return Chart(WORLD["width"], WORLD["height"], others + WORLD["nameless"], list(hosts.values()), circles)


def _circle(code: str, number: int, *, planned: bool, beside: bool = False) -> Circle:
    x, y = WORLD["points"][code]
    radius = min(SMALLEST + STEP * (number - 1), LARGEST)
    return Circle(x + (2 * SMALLEST if beside else 0), y, radius, number, planned)
