"""Messages that ICONet writes itself: posts from the portal and notices."""

from __future__ import annotations

import base64
import re
import secrets
from binascii import b2a_qp
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from groupware.message import dates, header, writer
from groupware.message.scan import LINE_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

_RANDOM_OCTETS = 16
_SPEC = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,200}")
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")
_LONGEST_FILE_NAME = 60
"""Letters, each of them up to twelve octets as RFC 2231 writes them: they have to fit into one line."""


@dataclass(frozen=True, slots=True)
class File:
    """Something to be attached; a `type` that can't be one counts as unknown."""

    name: str
    type: str
    octets: bytes


def new_message_id(domain: str) -> str:
    """A Message-ID nobody can guess or meet twice: 128 random bits at `domain`."""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("domain can't stand in a Message-ID")
    return f"<{secrets.token_hex(_RANDOM_OCTETS)}@{domain}>"


def compose(
    *,
    sender: str,
    sender_name: str,
    to: Sequence[tuple[str, str]],
    subject: str,
    text: str,
    message_id: str,
    date: int,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    extra: Sequence[tuple[str, str]] = (),
    alternatives: Sequence[tuple[str, str]] = (),
    file: File | None = None,
    enclosed: bytes | None = None,
) -> bytes:
    """A whole message with CRLF line ends: plain text, or with `alternatives` of it (RFC 2046 5.1.4), and a `file`.

    `sender` is a `local@domain`, `to` pairs of a display name (may be empty) and an address, `date` in microseconds
    since 1970 UTC, `extra` more fields, `alternatives` pairs of a media type and a text, the best one last. Raises
    ValueError, naming the field, for a value with CR, LF or NUL (within an encoded word too), a malformed address or
    id, and a text with NUL.
    """
    lines = [
        writer.structured("From", _mailbox("From", sender_name, sender)),
        writer.structured("To", ", ".join(_mailbox("To", name, spec) for name, spec in to)) if to else b"",
        writer.unstructured("Subject", subject),
        writer.structured("Date", dates.write(date)),
        writer.structured("Message-ID", _id("Message-ID", message_id)),
        *_thread(in_reply_to, references),
        *(writer.unstructured(name, value) for name, value in extra),
    ]
    versions = [_content("text/plain", text), *(_content(kind, other) for kind, other in alternatives)]
    body = _multipart("alternative", versions) if alternatives else versions[0]
    more = [*([] if file is None else [_attached(file)]), *([] if enclosed is None else [_enclosed(enclosed)])]
    whole = _multipart("mixed", [body, *more]) if more else body
    return b"".join(lines) + b"MIME-Version: 1.0\r\n" + whole


def _multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    """RFC 2046 5.1.1. Nobody can guess the boundary, so no text can hold it."""
    boundary = secrets.token_hex(_RANDOM_OCTETS).encode()
    inside = b"".join(b"\r\n--%b\r\n%b" % (boundary, part) for part in parts)
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n' % (kind.encode(), boundary)
    return b"%b%b\r\n--%b--\r\n" % (head, inside, boundary)


def _attached(file: File) -> bytes:
    """A file as a part (RFC 2183 2, RFC 2231 4)."""
    kind = file.type.lower() if _TYPE.fullmatch(file.type.lower()) else "application/octet-stream"
    name = quote(file.name[:_LONGEST_FILE_NAME].encode("utf-8", "replace"), safe="")
    fields = (
        f"Content-Type: {kind}\r\nContent-Disposition: attachment;\r\n filename*=utf-8''{name}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return fields.encode("ascii") + base64.encodebytes(file.octets).replace(b"\n", b"\r\n")


def _enclosed(raw: bytes) -> bytes:
    """A message as a part: as it is, never encoded (RFC 2046 5.2.1)."""
    encoding = b"7bit" if raw.isascii() else b"8bit"
    return b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (encoding, raw)


def _mailbox(field: str, name: str, spec: str) -> str:
    writer.check(field, spec)
    if not _SPEC.fullmatch(spec):
        raise ValueError(f"{field} holds a malformed address")
    written = writer.phrase(field, name)
    return f"{written} <{spec}>" if written else spec


def _id(field: str, value: str) -> str:
    if header.message_id(value.encode("utf-8", "replace")) is None:
        raise ValueError(f"{field} holds a malformed id")
    return value


def _thread(in_reply_to: str | None, references: Sequence[str]) -> list[bytes]:
    found = []
    if in_reply_to is not None:
        found.append(writer.structured("In-Reply-To", _id("In-Reply-To", in_reply_to)))
    if references:
        found.append(writer.structured("References", " ".join(_id("References", name) for name in references)))
    return found


def _content(kind: str, text: str) -> bytes:
    """The MIME fields, the empty line and the text, as it is or quoted-printable (RFC 2045 2.7 and 6.7)."""
    if "\0" in text:
        raise ValueError("text holds a NUL")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1]:
        lines.append("")
    octets = "\r\n".join(lines).encode("utf-8", "replace")
    plain = octets.isascii() and all(len(line) <= LINE_MAX for line in lines)
    body = octets if plain else b2a_qp(octets, istext=True)
    return b"".join(
        (
            b"Content-Type: ",
            kind.encode("ascii"),
            b"; charset=utf-8\r\nContent-Transfer-Encoding: ",
            b"7bit" if plain else b"quoted-printable",
            b"\r\n\r\n",
            body,
        )
    )
