"""The command line. Exit codes: 0 done, 1 a fault (one line on stderr names it), 2 the command was typed wrongly."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from typing import TYPE_CHECKING, Protocol

from connectors import logs
from connectors.commands import check, demo, off_board, serve, store_ls, why
from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Command(Protocol):
    """One file of connectors/commands: its docstring is its help."""

    __doc__: str | None

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit code. Raises Fault."""


COMMANDS: Mapping[str, Command] = {
    "demo": demo,
    "serve": serve,
    "check": check,
    "store ls": store_ls,
    "why": why,
    "off-board": off_board,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command."""
    try:
        return _run(parser().parse_args(words))
    finally:
        _flush()


def _run(arguments: argparse.Namespace) -> int:
    logs.install("warning")
    try:
        code: int = arguments.run(arguments)
    except Fault as fault:
        sys.stderr.write(f"iconet: {fault}\n")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 1
    except Exception:
        logging.getLogger("iconet").exception("fault")
        return 1
    return code


def _flush() -> None:
    """Hand over what was printed; when its reader has left (`| head`), Python shall not try again at its end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """The parser of every command; a command of two words is a parser in a parser."""
    top = argparse.ArgumentParser(prog="iconet", description="A groupware server for migration services.")
    groups = {"": top.add_subparsers(metavar="COMMAND", required=True)}
    for name, command in COMMANDS.items():
        group, _, verb = name.rpartition(" ")
        if group not in groups:
            groups[group] = groups[""].add_parser(group, help=f"{group} ...").add_subparsers(required=True)
        text = (command.__doc__ or "").strip()
        sub = groups[group].add_parser(verb, help=text.partition("\n")[0], description=text)
        command.add(sub)
        sub.set_defaults(run=command.run)
    return top


if __name__ == "__main__":
    sys.exit(main())
