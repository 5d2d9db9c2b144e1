"""What can be wrong with an entry, in the domain's words: by field, so that a form can say it beside the field."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from directory import histories
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from groupware import clock
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directory.histories import Line
    from groupware.store import Snapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """The name of a rule that a value breaks, and a sentence for whoever typed it."""

    rule: str
    text: str


class BadEntry(Refused):
    """Values that no entry may have, by field."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        field, first = next(iter(problems.items()))
        super().__init__(first.rule, f"{field}: {first.text}")
        self.problems = problems


@contextmanager
def told() -> Iterator[None]:
    """The directory's errors in the domain's words."""
    try:
        yield
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    except TakenError as error:
        raise Refused("taken", f"{error} is not free") from error
    except UnfitError as error:
        raise Refused("unfit-entry", str(error)) from error
    except StaleError as error:
        raise Conflict("changed-meanwhile", "Somebody changed the entry meanwhile.") from error


def check_version(snapshot: Snapshot, kind: str, number: int, has: int, seen: int) -> None:
    """Raise Conflict(changed-meanwhile), which says what was changed and by whom, unless it is as it was seen."""
    if has == seen:
        return
    lines = histories.since(snapshot.connection, kind, number, seen)
    by_whom = {line.by: [each for each in lines if each.by == line.by] for line in lines}
    said = " ".join(_sentence(each) for each in by_whom.values()) or "The entry was changed."
    raise Conflict("changed-meanwhile", f"While you were at it: {said} Look at it again, then make your change.")


def _sentence(lines: Sequence[Line]) -> str:
    """What one of them has changed, each thing once, and when the last of it was."""
    at = datetime.fromtimestamp(lines[-1].at / clock.MICROSECONDS, UTC)
    what = listed(list(dict.fromkeys(word for line in lines for word in line.what)))
    return f"{lines[-1].by or 'The operator'} changed {what} at {at:%H:%M} UTC on {at.day} {at:%B}."


LABELS = {
    "phone": "telephone",
    "suspended": "whether they may sign in",
    "invitation": "the link for first credentials",
    "reset_asked": "the request for new credentials",
    "reset_released": "the link for new credentials",
    "national_ended": "the account of their state",
    "listed": "whether they are listed",
    "valid_from": "first day",
    "valid_until": "last day",
}
"""Columns in the words of the form, where its own are others."""


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; columns as words."""
    plain = [LABELS.get(word) or word.replace("_", " ") for word in words]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"
