"""What an operation of the API is, and the few words of JSON Schema in which they are described."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

Schema = Mapping[str, Any]
Handler = Callable[["Call"], Awaitable["Response"]]
TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
END: Schema = {"type": "string", "description": "A time (RFC 3339), or empty for what has no end."}
FLAG: Schema = {"type": "boolean"}
MOST = 2**53 - 1
"""Above it not all programs read whole numbers alike (RFC 8259 6)."""
NUMBER: Schema = {"type": "integer"}
VERSION: Schema = {
    "type": "integer",
    "minimum": 0,
    "maximum": MOST,
    "description": "The one that was looked at; 409 changed-meanwhile if it isn't the present one.",
}
WRITING = (404, 409, 413, 415, 422)
"""What a body that is written by can be answered with besides."""


def line(longest: int, description: str = "") -> Schema:
    """A text of at most so many characters."""
    return {**TEXT, "maxLength": longest} | ({"description": description} if description else {})


def one_of(*words: str) -> Schema:
    """One of these texts."""
    return {**TEXT, "enum": list(words), "maxLength": max(map(len, words))}


def many(items: Schema, most: int) -> Schema:
    """A list of at most so many."""
    return {"type": "array", "items": items, "maxItems": most}


def record(**properties: Schema) -> Schema:
    """An object with these fields, all of them always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def some(needed: Schema, **more: Schema) -> Schema:
    """An object that may have more."""
    return {**needed, "properties": {**needed["properties"], **more}}


def records(**properties: Schema) -> Schema:
    """A list of such objects."""
    return {"type": "array", "items": record(**properties)}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `answers` are the faults by status; `takes` and `gives` schemas of JSON bodies."""

    method: str
    path: str
    handler: Handler
    name: str
    summary: str
    gives: Schema | None
    answers: tuple[int, ...] = ()
    takes: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    media: tuple[str, str] = ("application/json", "message/rfc822")
    """Of what it takes, and of what it gives when that is no JSON."""
    strong: bool = False
    """Whether it is for strong sign-ins only: then an app password is answered 403 before anything is looked at."""
