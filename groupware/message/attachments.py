"""An attachment's octets."""

from __future__ import annotations

from groupware.message import parts
from groupware.message.sections import locate
from groupware.message.text import decode_part


def decoded(raw: bytes, path: str) -> bytes:
    """The content of the part with IMAP's number `path`, without its transfer encoding; empty if there is none."""
    part = locate(parts.read(raw), tuple(map(int, path.split("."))))
    return b"" if part is None else decode_part(raw, part)
