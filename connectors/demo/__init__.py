"""The demo network's own data: who is in it, and later what they wrote."""

from __future__ import annotations

from importlib.resources import files

from groupware.demo_town import Town, parse


def town() -> Town:
    """The town of `town.toml`."""
    return parse(files(__package__).joinpath("town.toml").read_text("utf-8"))
