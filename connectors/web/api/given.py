"""What a program gives, checked by the very schema that the OpenAPI document shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from groupware.errors import Refused

if TYPE_CHECKING:
    from connectors.web.api.operation import Schema

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_KINDS: dict[str, tuple[type, str]] = {
    "object": (dict, "an object"),
    "array": (list, "a list"),
    "string": (str, "a text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
}


def checked(given: object, schema: Schema) -> dict[str, Any]:
    """The fields of a body. Raises Refused(bad-fields), which names the first that is wrong."""
    _check(given, schema, "the body")
    return dict(given) if isinstance(given, dict) else {}


def moment_of(text: str, otherwise: int) -> int:
    """A time (RFC 3339) in microseconds; `otherwise` for an empty text. Raises Refused(unfit-dates)."""
    if not text:
        return otherwise
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("unfit-dates", "a time is written as 2026-12-31T12:00:00Z") from error
    if found.tzinfo is None or not FIRST <= found < LAST:
        raise Refused("unfit-dates", "a time says its zone, as 2026-12-31T12:00:00Z, and is one that calendars have")
    return (found - FIRST) // timedelta(microseconds=1)


def _check(value: object, schema: Schema, name: str) -> None:
    kind, called = _KINDS[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refused("bad-fields", f"{name} is {called}")
    if isinstance(value, dict):
        _check_object(value, schema, name)
    elif isinstance(value, list):
        _check_list(value, schema, name)
    elif isinstance(value, str):
        _check_text(value, schema, name)
    elif isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise Refused("bad-fields", f"{name} is a whole number from {schema['minimum']} to {schema['maximum']}")


def _check_object(value: dict[str, Any], schema: Schema, name: str) -> None:
    known, needed = schema["properties"], schema["required"]
    missing = [each for each in needed if each not in value]
    if missing:
        raise Refused("bad-fields", f"{name} has {', '.join(needed)}: {missing[0]} is missing")
    if not set(value) <= set(known):
        raise Refused("bad-fields", f"{name} has no other fields than {', '.join(known)}")
    for each, found in value.items():
        _check(found, known[each], each)


def _check_list(value: list[Any], schema: Schema, name: str) -> None:
    if len(value) > schema["maxItems"]:
        raise Refused("bad-fields", f"{name} has at most {schema['maxItems']} entries")
    for each in value:
        _check(each, schema["items"], f"each of {name}")


def _check_text(value: str, schema: Schema, name: str) -> None:
    """What no store takes was refused before: see `plain`."""
    if len(value) > schema["maxLength"]:
        raise Refused("bad-fields", f"{name} is a text of at most {schema['maxLength']} characters")
    if value not in schema.get("enum", (value,)):
        raise Refused("bad-fields", f"{name} is one of: {', '.join(schema['enum'])}")
