"""What all sessions of the door share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext

    from connectors.ldap.caps import Caps
    from connectors.ldap.naming import Tree
    from connectors.ldap.selection import Encoder
    from groupware.book.book import Book
    from groupware.live import Live
    from groupware.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`look` has the door see at once whether somebody is out of office; `context` is None for a door in clear."""

    book: Book
    sign_in: SignIn
    live: Live
    tree: Tree
    encoder: Encoder
    caps: Caps
    context: SSLContext | None
    look: Callable[[], None]
