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


def record(**properties: Schema) -> Schema:
    """An object with these fields, all of them always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


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
