"""The envelope of every request and answer (RFC 4511 4.1.1), and its controls (4.1.11)."""

from __future__ import annotations

from typing import NamedTuple

from connectors.ldap import ber
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import NOTICE_OF_DISCONNECTION, Code, Op
from connectors.ldap.limits import MAX_CONTROLS, MAX_VALUE

CONTROLS = 0xA0
MOST_ID = (1 << 31) - 1
RESPONSE_NAME, RESPONSE_VALUE = 0x8A, 0x8B


class Control(NamedTuple):
    """What a client wants besides; a `critical` one is honoured or the request refused."""

    oid: str
    critical: bool
    value: bytes


class Message(NamedTuple):
    """A request: its number, as octets too; its operation with where that lies in `octets`; its controls."""

    id: int
    id_octets: bytes
    op: int
    octets: bytes
    start: int
    stop: int
    controls: tuple[Control, ...]


def frame_end(octets: bytes | bytearray, at: int, most: int) -> int:
    """Where the message that begins at `at` ends; 0 while too little is there to know. Raises BadBer."""
    known = len(octets) - at
    if known < 1:
        return 0
    if octets[at] != ber.SEQUENCE:
        raise BadBer("no message")
    if known < 2:  # noqa: PLR2004 -- a tag and a length
        return 0
    size, head = octets[at + 1], 2
    if size >= ber.LONG:
        count = size - ber.LONG
        if not 0 < count <= ber.MOST_LENGTH_OCTETS:
            raise BadBer("length")
        if known < head + count:
            return 0
        size, head = int.from_bytes(octets[at + 2 : at + 2 + count], "big"), head + count
    if size > most:
        raise BadBer("too large")
    return at + head + size


def read(octets: bytes) -> Message:
    """A whole message. Raises BadBer."""
    at, end = ber.of_tag(ber.SEQUENCE, octets, 0, len(octets))
    start, stop = ber.of_tag(ber.INTEGER, octets, at, end)
    number = ber.number(octets, start, stop)
    if not 0 <= number <= MOST_ID:
        raise BadBer("message number")
    op, first, last = ber.element(octets, stop, end)
    controls = _controls(octets, last, end) if last < end else ()
    return Message(number, octets[at:stop], op, octets, first, last, controls)


def _controls(octets: bytes, at: int, end: int) -> tuple[Control, ...]:
    start, stop = ber.of_tag(CONTROLS, octets, at, end)
    if stop != end:
        raise BadBer("something behind the controls")
    found = ber.elements(octets, start, stop)
    if len(found) > MAX_CONTROLS:
        raise BadBer("too many controls")
    return tuple(_control(octets, *each) for each in found)


def _control(octets: bytes, tag: int, start: int, stop: int) -> Control:
    if tag != ber.SEQUENCE:
        raise BadBer("no control")
    first, at = ber.of_tag(ber.OCTETS, octets, start, stop)
    oid = text(octets, first, at)
    critical, value = False, b""
    for kind, begin, end in ber.elements(octets, at, stop):
        if kind == ber.BOOLEAN:
            critical = ber.truth(octets, begin, end)
        elif kind == ber.OCTETS:
            value = octets[begin:end]
    return Control(oid, critical, value)


def text(octets: bytes, start: int, stop: int) -> str:
    """An LDAPString or LDAPOID (RFC 4511 4.1.2). Raises BadBer for what is too long or no UTF-8."""
    if stop - start > MAX_VALUE:
        raise BadBer("string too long")
    try:
        return octets[start:stop].decode()
    except UnicodeDecodeError as error:
        raise BadBer("no UTF-8") from error


def wrapped(id_octets: bytes, op: bytes, controls: bytes = b"") -> bytes:
    """An answer to the request with this number: a ready protocolOp, and ready controls if there are any."""
    whole = id_octets + op
    return ber.tlv(ber.SEQUENCE, whole + ber.tlv(CONTROLS, controls) if controls else whole)


def result(tag: Op, code: Code, diagnostic: str = "", matched: str = "", more: bytes = b"") -> bytes:
    """An LDAPResult (RFC 4511 4.1.9) under the tag of its operation."""
    ended = ber.integer(code, ber.ENUMERATED) + ber.string(matched) + ber.string(diagnostic)
    return ber.tlv(tag, ended + more)


def extended(code: Code, diagnostic: str = "", *, name: str = "", value: bytes | None = None) -> bytes:
    """An ExtendedResponse (RFC 4511 4.12)."""
    more = ber.tlv(RESPONSE_NAME, name.encode()) if name else b""
    if value is not None:
        more += ber.tlv(RESPONSE_VALUE, value)
    return result(Op.EXTENDED_RESPONSE, code, diagnostic, more=more)


def disconnection(code: Code, diagnostic: str) -> bytes:
    """The Notice of Disconnection (RFC 4511 4.4.1), a whole message."""
    return wrapped(ber.integer(0), extended(code, diagnostic, name=NOTICE_OF_DISCONNECTION))
