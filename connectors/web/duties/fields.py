"""What forms about duties have in common: ids in paths, dates, and a form that is shown again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from connectors.web.faults import of_error
from groupware import clock
from groupware.errors import Conflict, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ID = 18
"""Digits of a row's id."""
FOREVER = 2**62


def number(text: str) -> int:
    """An id of a path. Raises NotFound."""
    if not text.isascii() or not text.isdecimal() or len(text) > LONGEST_ID:
        raise NotFound(text)
    return int(text)


def day(text: str, otherwise: int) -> int:
    """The first moment of a day (UTC, microseconds). Raises Refused(unfit-dates)."""
    if not text.strip():
        return otherwise
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused("unfit-dates", "a date is written as 2026-12-31") from error
    return int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()) * clock.MICROSECONDS


def shown_day(moment: int) -> str:
    """The same the other way round; empty for no date."""
    if not 0 < moment < FOREVER:
        return ""
    return datetime.fromtimestamp(moment / clock.MICROSECONDS, UTC).date().isoformat()


def chosen(given: Mapping[str, str], prefix: str) -> frozenset[int]:
    """The ids of the boxes that are ticked, of those whose names begin with `prefix`. Raises NotFound."""
    return frozenset(number(name.removeprefix(prefix)) for name in given if name.startswith(prefix))


FIELDS: Mapping[str, str] = {
    "reason-needed": "reason",
    "unfit-dates": "until",
    "unfit-scope": "scope",
    "not-in-office": "login",
    "role-needed": "deputies",
    "own-succession": "holder",
}
"""Beside which field a refusal is told; any other stands above the form. Who is unknown is told as `unknown-FIELD`."""
UNKNOWN = "unknown-"


def problems(error: Refused | Conflict | NotFound) -> dict[str, str]:
    """What to show of it, by field."""
    if isinstance(error, NotFound):
        return {"login": "Nobody with this login is to be found."}
    if isinstance(error, Conflict):
        return {"form": of_error(error).sentence}
    unknown = error.rule.removeprefix(UNKNOWN) if error.rule.startswith(UNKNOWN) else "form"
    return {FIELDS.get(error.rule, unknown): sentence(error.text)}


def sentence(text: str) -> str:
    """A refusal as one says it."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(("?", ".")) else ".")
