"""Countries by their codes of ISO 3166-1 alpha-2, and XK; what they are called is in countries.toml beside this."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def names() -> Mapping[str, str]:
    """Each code with the English name, as delivered."""
    return tomllib.loads(Path(__file__).with_name("countries.toml").read_text("utf-8"))


def is_code(text: str) -> bool:
    """Whether it is one: two capital letters that a country has."""
    return text in names()
