"""Make connectors/web/directory/world.json from the npm package world-atlas (ISC; Natural Earth, public domain).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/world_map.py package pycountry.json > connectors/web/directory/world.json

The second file maps ISO 3166-1 numeric codes to alpha-2 ones. Countries are drawn at 1:110 million in the Equal Earth
projection around 11 degrees east, so that no country of today is cut in two; points are taken from 1:50 million, where
small states are too. What has no ISO code is drawn as land without a code.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

Point = tuple[float, float]
Ring = list[Point]
MERIDIAN = 11.0
WIDTH = 2000
SOUTH, NORTH = -57.0, 84.0
ANTARCTICA = "010"
LEAST_AREA = 6.0
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796


def rings(topology: dict, geometry: dict) -> list[Ring]:
    arcs = [decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [joined(arcs, ring) for polygon in parts for ring in polygon]


def decoded(arc: list, transform: dict) -> Ring:
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def joined(arcs: list[Ring], numbers: list[int]) -> Ring:
    points: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def unwrapped(ring: Ring) -> Ring:
    """Longitudes that go on beyond 180 degrees instead of jumping to the other side."""
    turned = [((lon - MERIDIAN + 180) % 360 - 180, lat) for lon, lat in ring]
    whole, shift = [turned[0]], 0.0
    for before, now in pairwise(turned):
        shift += -360 if now[0] - before[0] > 180 else 360 if before[0] - now[0] > 180 else 0
        whole.append((now[0] + shift, now[1]))
    return whole


def cut(ring: Ring) -> list[Ring]:
    """The ring's pieces, each between -180 and 180 degrees."""
    found = []
    for turn in (-360.0, 0.0, 360.0):
        piece = clipped(clipped([(lon + turn, lat) for lon, lat in ring], -180.0, 1), 180.0, -1)
        if len(piece) > 2:
            found.append(piece)
    return found


def clipped(ring: Ring, edge: float, side: int) -> Ring:
    """Sutherland and Hodgman, for one meridian."""
    kept: Ring = []
    for before, now in pairwise([*ring, ring[0]] if ring else []):
        inside = [side * (point[0] - edge) >= 0 for point in (before, now)]
        if inside[0] != inside[1]:
            part = (edge - before[0]) / (now[0] - before[0])
            kept.append((edge, before[1] + part * (now[1] - before[1])))
        if inside[1]:
            kept.append(now)
    return kept


def projected(point: Point) -> Point:
    """Equal Earth (Savric, Patterson, Jenny 2018)."""
    lon, lat = radians(point[0]), radians(min(max(point[1], SOUTH - 3), NORTH))
    t = asin(sqrt(3) / 2 * sin(lat))
    x = 2 * sqrt(3) * lon * cos(t) / (3 * (9 * A4 * t**8 + 7 * A3 * t**6 + 3 * A2 * t**2 + A1))
    return x, A4 * t**9 + A3 * t**7 + A2 * t**3 + A1 * t


SCALE = WIDTH / (2 * projected((180.0, 0.0))[0])
TOP = projected((0.0, NORTH))[1]
HEIGHT = round((TOP - projected((0.0, SOUTH))[1]) * SCALE)


def placed(point: Point) -> tuple[int, int]:
    x, y = projected(point)
    return round(WIDTH / 2 + x * SCALE), round((TOP - y) * SCALE)


def area(ring: list[tuple[int, int]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*ring, ring[0]]))) / 2


def pieces(topology: dict, geometry: dict) -> list[list[tuple[int, int]]]:
    return [[placed(p) for p in piece] for ring in rings(topology, geometry) for piece in cut(unwrapped(ring))]


def path(ring: list[tuple[int, int]]) -> str:
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(ring) if (x1, y1) != (x2, y2)]
    return f"M{ring[0][0]} {ring[0][1]}l" + " ".join(f"{x} {y}" for x, y in steps) + "z"


def drawn(topology: dict, geometry: dict) -> str:
    found = sorted(pieces(topology, geometry), key=area, reverse=True)
    return "".join(path(ring) for number, ring in enumerate(found) if number == 0 or area(ring) >= LEAST_AREA)


def middle(topology: dict, geometry: dict) -> tuple[int, int]:
    """The centre of gravity of the largest piece."""
    ring = max(pieces(topology, geometry), key=area)
    edges = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*ring, ring[0]])]
    whole = sum(cross for _, _, cross in edges)
    if not whole:
        return ring[0]
    return tuple(round(sum((a[i] + b[i]) * c for a, b, c in edges) / (3 * whole)) for i in (0, 1))  # type: ignore[return-value] # of two, as the range says


def main(package: str, codes: str) -> None:
    iso = json.loads(Path(codes).read_text())
    coarse, fine = (json.loads(Path(package, f"countries-{scale}m.json").read_text()) for scale in ("110", "50"))
    land: dict[str, str] = {}
    nameless = ""
    for each in coarse["objects"]["countries"]["geometries"]:
        code = iso.get(each.get("id", ""))
        if code:
            land[code] = drawn(coarse, each)
        elif each.get("id") != ANTARCTICA:
            nameless += drawn(coarse, each)
    points = {
        iso[each["id"]]: middle(fine, each)
        for each in fine["objects"]["countries"]["geometries"]
        if iso.get(each.get("id", "")) and each.get("arcs")
    }
    made = {
        "licence": "world-atlas 2.0.2, Copyright 2013-2019 Michael Bostock, ISC; Natural Earth, public domain",
        "width": WIDTH,
        "height": HEIGHT,
        "land": dict(sorted(land.items())),
        "nameless": nameless,
        "points": dict(sorted(points.items())),
    }
    json.dump(made, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
