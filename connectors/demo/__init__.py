"""The demo network's own data: who is in it, and later what they wrote."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from groupware import demo_details
from groupware.demo_town import Town, parse


def town() -> Town:
    """The town of `town.toml`, with what `details.toml` tells of it."""
    here = files(__package__)
    details = demo_details.parse(here.joinpath("details.toml").read_text("utf-8"))
    return replace(parse(here.joinpath("town.toml").read_text("utf-8")), details=details)
