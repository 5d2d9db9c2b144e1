"""Given names and names of countries in many languages, from files that tools/given_names.py makes of kept lists."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def given_names() -> frozenset[str]:
    """All of them, in small letters; read once."""
    return _read("given_names.txt")


@cache
def countries() -> frozenset[str]:
    """All of them, in small letters; read once."""
    return _read("countries.txt")


def _read(name: str) -> frozenset[str]:
    return frozenset((_HERE / name).read_text(encoding="utf-8").split("\n"))
