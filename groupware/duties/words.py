"""The directory's errors in the domain's words, and what every text of a use case here has to be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

PORTAL = "Sign in to the portal and open Duties."
"""Where notices lead to."""
LONGEST_REASON = 1_000
"""Letters of a reason, a note or the reference of an act."""


@contextmanager
def told() -> Iterator[None]:
    """NotFound, Conflict(changed-meanwhile or taken) or Refused(unfit) in place of what the directory says."""
    try:
        yield
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    except StaleError as error:
        raise Conflict("changed-meanwhile", "somebody else has changed this meanwhile") from error
    except TakenError as error:
        raise Conflict("taken", str(error)) from error
    except UnfitError as error:
        raise Refused("unfit", str(error)) from error


def a_reason(text: str) -> str:
    """A text that has to be there. Raises Refused(reason-needed)."""
    if not a_note(text):
        raise Refused("reason-needed", "say why")
    return text.strip()


def a_note(text: str) -> str:
    """A text that may be empty. Raises Refused(unfit)."""
    if len(text) > LONGEST_REASON or any(not char.isprintable() and char not in "\r\n\t" for char in text):
        raise Refused("unfit", f"a text of at most {LONGEST_REASON} letters")
    return text.strip()
