"""The one error that a command tells to the person who typed it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from groupware.errors import Conflict, IconetError, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fault(Exception):  # noqa: N818 - "fault" is the word of the exit codes
    """What ends a command with exit 1: one sentence that names the path or the door, and the cause."""


@contextmanager
def told(absent: str = "there is no") -> Iterator[None]:
    """What the domain refuses and what the system can't do, as a sentence for whoever typed the command."""
    try:
        yield
    except NotFound as error:
        raise Fault(f"{absent} {error}") from error
    except (Refused, Conflict) as error:
        raise Fault(error.text or error.rule) from error
    except IconetError as error:
        raise Fault(str(error)) from error
    except OSError as error:
        raise Fault(f"{error.filename}: {error.strerror}") from error
