"""The command line. Exit codes: 0 done, 1 a fault (one line on stderr names it), 2 the command was typed wrongly."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from connectors import garbage, logs
from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 -- argparse has no public name for it


class Command(Protocol):
    """One file of connectors/commands; its docstring is its help."""

    __doc__: str | None

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit code. Raises Fault."""


EPILOG = (
    "`iconet COMMAND --help` says more. Exit codes: 0 done; 1 a fault, which a line on stderr names; 2 typed wrongly."
)

GROUPS: Mapping[str, str] = {
    "store": "the posts that are kept",
    "audit": "the log of who did what",
    "secrecy": "the keys of what is stored",
    "certificate": "the certificate of the doors",
    "directory": "everybody's cards",
    "body": "states and institutions: list, add, change, suspend",
    "unit": "the units of a body: list, add, change, close",
    "people": "the officials of a body: list, add, change, invite, import, review",
    "client": "programs at which officials sign in through ICONet",
    "area": "areas: list, found, change, close",
    "glass": "reading in emergencies, by two security officers",
    "release": "releases of posts to third parties",
    "room": "rooms and their sub-themes: open, change, who takes part",
    "retention": "how long posts are kept, legal holds, and proofs of erasure",
    "role": "what officials hold: list, end; giving takes two persons in the portal",
    "posting": "postings of liaison officers",
    "contacts": "contact points",
    "scim-token": "tokens of bodies' identity systems",
}
"""What commands of two words are about."""

COMMANDS: Mapping[str, str] = {
    "demo": "run the demo network on this machine",
    "serve": "run ICONet, all doors or those named",
    "check": "compare rows, bytes and indexes",
    "store ls": "list every post",
    "audit verify": "show that the log of who did what is whole",
    "audit export": "write what the log holds about one official",
    "audit forget": "take the name of somebody who has left from the log",
    "audit key": "print the key by which its checkpoints are checked",
    "why": "say what the policies answer, and by which rules",
    "backup": "copy the network into a folder, beside a running server",
    "restore": "bring a backup back into an empty data directory",
    "secrecy status": "say what is sealed, and with which keys",
    "secrecy rotate": "wrap the keys by a new master key",
    "secrecy destroy": "destroy the key of a period, and with it what lies under it",
    "mark": "mark a post anew, in the name of somebody who speaks for its owner",
    "records": "print what the domain publishes so that clients find ICONet",
    "certificate show": "say which certificate clients are shown, and when it ends",
    "certificate import": "take in a certificate from an authority of your own",
    "directory export": "write everybody's card as vCard or LDIF",
    "off-board": "end everything of an official who leaves",
    "body ls": "list the states and institutions",
    "body add": "add a state or institution",
    "body change": "rename a body, or have another govern it",
    "body suspend": "shut out all officials of a body at once",
    "body resume": "let the officials of a suspended body in again",
    "unit ls": "list a body's units",
    "unit add": "add a unit",
    "unit change": "rename a unit, or hang it elsewhere",
    "unit close": "end a unit, or merge it into another",
    "people ls": "list a body's officials",
    "people add": "add an official",
    "people change": "change an official's entry, or unit, or dates",
    "people suspend": "shut an official out at once",
    "people resume": "let a suspended official in again",
    "people take-back": "designate somebody anew who was off-boarded",
    "people invite": "make a one-time link for an official's credentials",
    "people national": "list the accounts of their state that open an official's, or end that",
    "people import": "bring a body's entries in line with a CSV file",
    "people export": "write a body's entries as a CSV file",
    "people review": "list who is to be confirmed, or confirm some",
    "client add": "let officials sign in at another program through ICONet",
    "client ls": "list those programs",
    "client remove": "end that for a program, with all tokens that it has",
    "client rekey": "sign with new keys from now on",
    "area ls": "list the areas",
    "area add": "found an area",
    "area set": "rename, close, archive or reopen an area; say which units it concerns",
    "glass ls": "list who asked to read in an emergency, who confirmed it, and how much was opened",
    "release ls": "list what was asked to leave the network, and what has left",
    "room ls": "list the rooms",
    "room add": "open a room or a sub-theme",
    "room set": "change, close, reopen or archive a room",
    "room access": "say who takes part in a room by rule",
    "room allow": "give access to a room by rule",
    "room end": "end a rule of access",
    "retention due": "say how many posts are due, and for how long each class is kept",
    "retention set": "say for how long posts of a class are kept",
    "retention run": "erase now what is due",
    "retention proof": "print what was removed from each store",
    "retention hold": "keep a post, a thread or a room from being erased",
    "retention release-hold": "lift a legal hold",
    "role ls": "list what an official holds",
    "role waiting": "list the roles that wait for a second person",
    "role revoke": "end what an official holds",
    "posting ls": "list the postings abroad",
    "posting add": "publish a posting abroad",
    "posting end": "end a posting now",
    "contacts missing": "list the bodies without a contact point in office",
    "contacts appoint": "appoint a body's first contact point",
    "scim-token add": "make a token for a body's identity system",
    "scim-token ls": "list the tokens of identity systems",
    "scim-token revoke": "end a token at once",
}
"""What each command does; `store ls` is the file connectors/commands/store_ls.py."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command."""
    garbage.look_seldom()
    try:
        typed = sys.argv[1:] if words is None else words
        return _run(parser(typed).parse_args(typed))
    finally:
        _flush()


def _run(arguments: argparse.Namespace) -> int:
    logs.install("warning")
    os.umask(0o077)  # what is written is for this user only, also where somebody else has made the data directory
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


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of every command. Only the one that `words` begin with is loaded: others bring in half the house."""
    top = argparse.ArgumentParser(
        prog="iconet", description="A groupware server for migration services.", epilog=EPILOG
    )
    groups = {"": top.add_subparsers(metavar="COMMAND", required=True)}
    for name, meaning in COMMANDS.items():
        group, _, verb = name.rpartition(" ")
        if group not in groups:
            groups[group] = _group(groups[""], group)
        sub = groups[group].add_parser(verb, help=meaning)
        if list(words[: len(name.split())]) == name.split():
            _declare(sub, load(name))
    return top


def _group(top: Parsers, name: str) -> Parsers:
    meaning = GROUPS[name]
    sentence = f"{meaning[0].upper()}{meaning[1:]}."
    group = top.add_parser(name, help=meaning, description=sentence, epilog=EPILOG)
    return group.add_subparsers(metavar="COMMAND", required=True)


def load(name: str) -> Command:
    """The command's module."""
    return cast("Command", import_module(f"connectors.commands.{name.replace(' ', '_').replace('-', '_')}"))


def _declare(parser: argparse.ArgumentParser, command: Command) -> None:
    parser.description = command.__doc__
    command.add(parser)
    parser.set_defaults(run=command.run)


if __name__ == "__main__":
    sys.exit(main())
