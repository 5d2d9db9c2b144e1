"""A header block as fields (RFC 5322 2.2), in one pass and within bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from groupware.message import slices
from groupware.message.errors import Unacceptable

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER_MAX = 64 * 1024
"""Octets of one header block."""
FIELDS_MAX = 500
FIELD_MAX = 16 * 1024
"""Octets of one field, its folds included."""

# Possessive repeats: no position is ever tried twice, so a block without a colon costs one pass and not its square.
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*+\n?+")


class Field(NamedTuple):
    """One field: `name` in lower case, `value` with its folds, and where it stands (`end` is behind its line end)."""

    name: bytes
    value: bytes
    start: int
    end: int


class Head:
    """The fields of one block; `body_at` is the offset behind its empty line (or the end, where there is none)."""

    __slots__ = ("_values", "body_at", "fields")

    def __init__(self, fields: list[Field], body_at: int) -> None:
        self.fields = fields
        self.body_at = body_at
        self._values: dict[bytes, list[bytes]] = {}
        for field in fields:
            self._values.setdefault(field.name, []).append(field.value)

    def first(self, name: bytes) -> bytes | None:
        """The unfolded value of the first field called `name` (lower case), None without one."""
        values = self._values.get(name)
        return unfold(values[0]) if values else None

    def all(self, name: bytes) -> list[bytes]:
        """The unfolded values of every field called `name`, in their order."""
        return [unfold(value) for value in self._values.get(name, ())]

    def count(self, name: bytes) -> int:
        """How many fields are called `name`."""
        return len(self._values.get(name, ()))


def unfold(value: bytes) -> bytes:
    """A field's value on one line (RFC 5322 2.2.3): line ends before white space go, the white space stays."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return value.strip(b" \t\r")


def body_offset(raw: bytes, start: int, stop: int) -> int:
    """Where the body of the message or part in `raw[start:stop]` begins; `stop` where no empty line ends its header."""
    if raw.startswith(b"\r\n", start, stop):
        return start + 2
    if raw.startswith(b"\n", start, stop):
        return start + 1
    crlf = slices.find(raw, b"\n\r\n", start, stop)
    bare = slices.find(raw, b"\n\n", start, stop if crlf < 0 else crlf)
    if bare >= 0:
        return bare + 2
    return stop if crlf < 0 else crlf + 3


def read_strictly(raw: bytes) -> Head:
    """The head of a submitted message; every bound and every line that is no field is a reason to refuse."""
    body_at = body_offset(raw, 0, len(raw))
    if body_at > HEADER_MAX:
        raise Unacceptable("header-too-large", f"The header is larger than {HEADER_MAX} octets.")
    fields: list[Field] = []
    for field in _matches(raw, 0, body_at):
        if field is None:
            raise Unacceptable("malformed-header", "A line of the header is no field.")
        _refuse_excess(field, len(fields))
        fields.append(field)
    return Head(fields, body_at)


def _refuse_excess(field: Field, before: int) -> None:
    if before >= FIELDS_MAX:
        raise Unacceptable("too-many-fields", f"The header has more than {FIELDS_MAX} fields.")
    if field.end - field.start > FIELD_MAX:
        raise Unacceptable("field-too-long", f"A field is longer than {FIELD_MAX} octets.")


def read_tolerantly(raw: bytes, start: int, stop: int) -> Head:
    """The head of a part or of somebody's own draft: what is no field is passed over, what exceeds a bound is cut."""
    body_at = body_offset(raw, start, stop)
    fields: list[Field] = []
    for field in _matches(raw, start, min(body_at, start + HEADER_MAX)):
        if field is None:
            continue
        fields.append(field if len(field.value) <= FIELD_MAX else field._replace(value=field.value[:FIELD_MAX]))
        if len(fields) == FIELDS_MAX:
            break
    return Head(fields, body_at)


def _matches(raw: bytes, at: int, stop: int) -> Iterator[Field | None]:
    """Each field in turn, None for a line that is none; the empty line is passed over in silence."""
    match, line = _FIELD.match, _LINE.match
    while at < stop:
        found = match(raw, at, stop)
        if found:
            name, value = found.groups()
            end = found.end()
            yield Field(name.lower(), value.removesuffix(b"\r"), at, end)
        else:
            skipped = line(raw, at, stop)
            end = skipped.end() if skipped else stop
            if raw[at:end] not in (b"\r\n", b"\n"):
                yield None
        at = end
