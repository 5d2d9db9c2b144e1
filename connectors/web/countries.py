"""What countries are called: as delivered, and as the operator would rather have it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from connectors.fault import Fault
from groupware.duties.posting_abroad import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "countries.toml"


def names_of(directory: Path) -> Mapping[str, str]:
    """Names by ISO 3166-1 alpha-2 code; those in DIR/countries.toml have the last word. Fault names what is wrong."""
    own = directory / FILE
    return {**COUNTRIES, **(_read(own) if own.exists() else {})}


def _read(path: Path) -> dict[str, str]:
    try:
        names = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Fault(f"{path}: {error}") from error
    wrong = [code for code, name in names.items() if not isinstance(name, str)]
    if wrong:
        raise Fault(f"{path}: {wrong[0]} has no name")
    return names
