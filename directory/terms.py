"""Who accepted which version of the terms of use, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from directory.tables import terms_acceptance

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ADD = insert(terms_acceptance)
_FIND = select(terms_acceptance.c.at).where(
    terms_acceptance.c.official == bindparam("of"), terms_acceptance.c.terms == bindparam("version")
)


def accept(connection: Connection, official: int, version: str, now: int) -> None:
    """Write it down; nothing when they did already."""
    if not has_accepted(connection, official, version):
        connection.execute(_ADD, {"official": official, "terms": version, "at": now})


def has_accepted(connection: Connection, official: int, version: str) -> bool:
    """Whether an official accepted these."""
    return connection.execute(_FIND, {"of": official, "version": version}).first() is not None
