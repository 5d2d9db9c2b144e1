"""What programs send has to be text and numbers that every store takes: looked at before any operation sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST = 2**63 - 1
"""Of a whole number, either way: what a BIGINT holds."""
LONGEST_NAME = 60
"""Characters of a field's name that a refusal repeats."""


def parsed(octets: bytes) -> object:
    """What JSON says (RFC 8259). Refused(bad-json), Refused(bad-value) with the field's name."""
    try:
        found: object = json.loads(octets, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("bad-json", "the body is no JSON") from error
    _check("", found)
    return found


def check_address(request: Request) -> None:
    """Path and query. NotFound for a path that can name nothing, Refused(bad-value) with the parameter's name."""
    if not all(_is_text(value) for value in request.path_params.values()):
        raise NotFound("no text")
    for name, value in request.query_params.multi_items():
        _check(_shown(name), value)


def _check(where: str, value: Any) -> None:  # noqa: ANN401 -- any JSON
    if isinstance(value, str) and not _is_text(value):
        raise Refused("bad-value", f"{where or 'the body'} has characters that no text has")
    if isinstance(value, int | float) and not -LARGEST <= value <= LARGEST:
        raise Refused("bad-value", f"{where or 'the body'} is too large a number")
    for name, inner in _inner(value):
        _check(f"{where}.{name}" if where else name, inner)


def _inner(value: object) -> list[tuple[str, Any]]:
    if isinstance(value, list):
        return [(str(place), inner) for place, inner in enumerate(value)]
    if not isinstance(value, dict):
        return []
    for name in value:
        if not _is_text(name):
            raise Refused("bad-value", f"the name {_shown(name)} has characters that no text has")
    return [(_shown(name), inner) for name, inner in value.items()]


def _is_text(text: str) -> bool:
    """Without NUL, which PostgreSQL has no place for, and without half a character (Unicode 3.9, D75)."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _shown(name: str) -> str:
    return ascii(name[:LONGEST_NAME])[1:-1]


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
