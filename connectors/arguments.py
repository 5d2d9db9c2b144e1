"""Arguments that several commands take, and the settings that follow from them."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.settings import Settings, read_settings

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

HOME = Settings().data
"""Where a network is when nothing is said."""


def add_place(parser: ArgumentParser, default: Path = HOME) -> None:
    """`--data DIR` or `--config FILE`: which network is meant."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--data", type=Path, metavar="DIR", help=f"the data directory, all else as by default (default: {default})"
    )
    place.add_argument("--config", type=Path, metavar="FILE", help="the settings (TOML; see config/iconet.toml)")


def add_body(parser: ArgumentParser, meaning: str = "the body's code, in any case: EST, COM", **more: bool) -> None:
    """`--body CODE`."""
    parser.add_argument("--body", metavar="CODE", help=meaning, **({"required": True} | more))  # type: ignore[arg-type] # keywords


def add_unit(parser: ArgumentParser) -> None:
    """What can be said of a unit besides its name."""
    parser.add_argument("--below", dest="parent", metavar="CODE", help="the unit above it; empty for none")
    parser.add_argument("--address", metavar="ADDRESS", help="its functional mailbox, wherever that is")
    parser.add_argument("--phone", metavar="NUMBER", help="its telephone")


def a_day(text: str) -> str:
    """The type of an argument that is a day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ArgumentTypeError(f"{text!a} is no day: write 2026-12-31") from error


def add_serving(parser: ArgumentParser) -> None:
    """`--ports auto` and `--endpoints FILE`: how a server is found."""
    parser.add_argument("--ports", choices=["auto"], help="auto: any free port for each door")
    parser.add_argument(
        "--endpoints",
        type=Path,
        metavar="FILE",
        help="where to write the doors' addresses (default: endpoints.json in the data directory)",
    )


def settings_from(arguments: Namespace) -> Settings:
    """The settings that `arguments` name. Raises SettingsError."""
    settings = read_settings(arguments.config) if getattr(arguments, "config", None) else Settings()
    if arguments.data:
        settings = replace(settings, data=arguments.data)
    return settings.on_any_ports() if getattr(arguments, "ports", None) else settings


def endpoints_from(arguments: Namespace, settings: Settings) -> Path:
    """Where endpoints.json goes."""
    chosen: Path | None = arguments.endpoints
    return chosen or settings.data / "endpoints.json"
