"""How much a request may ask for, looked at before anything is parsed."""

from __future__ import annotations

from typing import Any

from scim2_models import InvalidFilterException, InvalidPathException, TooManyException

from connectors.web.scim.faults import TooLargeException

BODY = 256 * 1024
"""Octets of a body."""
PAGE = 200
BULK = 100
OPERATIONS = 200
"""Operations of a PATCH."""
FILTER = 2_000
PATH = 500
"""Letters of a filter, and of a path with one in it."""
OPENED = 40
"""Parentheses and brackets in either."""


def check_filter(text: object) -> None:
    """InvalidFilterException for one that is too long or too deep."""
    if isinstance(text, str) and (len(text) > FILTER or _opened(text) > OPENED):
        raise InvalidFilterException(detail=f"a filter has at most {FILTER} letters and {OPENED} parentheses")


def check_patch(payload: Any) -> None:  # noqa: ANN401 -- any JSON
    """InvalidPathException for a path that is too long or too deep, TooManyException for too many operations."""
    operations = next((payload[key] for key in payload if key.lower() == "operations"), None) if _is(payload) else None
    if not isinstance(operations, list):
        return
    if len(operations) > OPERATIONS:
        raise TooManyException(detail=f"a PATCH has at most {OPERATIONS} operations")
    for path in (each.get("path") for each in operations if _is(each)):
        if isinstance(path, str) and (len(path) > PATH or _opened(path) > OPENED):
            raise InvalidPathException(detail=f"a path has at most {PATH} letters and {OPENED} parentheses")


def check_size(size: int) -> None:
    """TooLargeException for a body that is too large."""
    if size > BODY:
        raise TooLargeException


def _opened(text: str) -> int:
    return text.count("(") + text.count("[")


def _is(value: object) -> bool:
    return isinstance(value, dict)
