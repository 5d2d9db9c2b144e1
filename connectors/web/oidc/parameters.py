"""Parameters of requests: each at most once (RFC 6749 3.1 and 3.2), and one without a value as if it weren't there."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

MOST = 30
LONGEST = 4000
"""Octets of a parameter; what is longer is no request of an honest client."""
FORM = "application/x-www-form-urlencoded"


class Repeated(Exception):  # noqa: N818 -- what is wrong
    """A parameter comes twice; `once` are those that don't."""

    def __init__(self, once: Mapping[str, str]) -> None:
        super().__init__("a parameter is repeated")
        self.once = once


async def of(request: Request) -> dict[str, str]:
    """Those of a query, or of the form that is posted. Repeated, or HTTPException."""
    if request.method != "POST":
        return of_query(request.url.query)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return of_query((await request.body()).decode("latin-1"))


def of_query(text: str) -> dict[str, str]:
    """Those of a query's text. Repeated, or HTTPException."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    return _once([(name, value) for name, value in pairs if value])


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for name, value in pairs:
        if len(value) > LONGEST:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        if name in found:
            twice.add(name)
        found[name] = value
    if twice:
        raise Repeated({name: value for name, value in found.items() if name not in twice})
    return found
