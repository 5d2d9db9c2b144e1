"""The first look at a message: whether it may come in, and what rules and lists need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import addresses, dates, header, parts, slices, unfit, words
from groupware.message.errors import Unacceptable
from groupware.message.fields import read_strictly, read_tolerantly
from groupware.message.office import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.message.fields import Field, Head
    from groupware.message.header import Address

LINE_MAX = 998
"""Octets of a line without its CRLF (RFC 5322 2.1.1)."""
_LIKE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a message says of itself; texts are decoded for display, `fields` are as they stand.

    `message_id` is None where there is none (or, read tolerantly, none that is well-formed); `references` run from
    the oldest to the parent; `sender` is the Sender field's address, empty without one, and of several all, as no
    address is; `resent_by` are those of Resent-From and Resent-Sender; `date` is in microseconds since 1970 UTC, None
    where missing or unreadable; `auto_submitted` is the keyword, empty without the field.
    """

    fields: tuple[Field, ...]
    body_at: int
    message_id: str | None
    references: tuple[str, ...]
    from_addresses: tuple[Address, ...]
    sender: str
    date: int | None
    subject: str
    auto_submitted: str
    list_id: str | None
    received_count: int
    resent_by: tuple[str, ...]
    root: parts.Part


def effort(raw: bytes) -> int:
    """Octets of the plain message that takes as long: one with a document in it takes long however small it is."""
    return _LIKE if len(raw) < _LIKE and documents.may_hold(raw) else len(raw)


def scan(raw: bytes, *, strict: bool = True, ours: bool = False) -> Scanned:
    """Read a message, or raise `Unacceptable` with the rule it breaks.

    Strict is for what is submitted or relayed. Tolerant is for IMAP APPEND, where a person's own draft is kept as it
    is: bare line ends, long lines and broken headers pass; NUL and an excess of parts don't. What is marked as
    classified comes in by no door (Classified); `ours` is what ICONet wrote, which comes in by none.
    """
    if b"\0" in raw:
        raise Unacceptable("nul", "The message holds a NUL.")
    if strict:
        _check_lines(raw)
    head = read_strictly(raw) if strict else read_tolerantly(raw, 0, len(raw))
    if strict:
        _check_fields(head)
    root = parts.read(raw, head)
    if not ours:
        unfit.require_unmarked(raw, root)
    return _scanned(head, root)


def _check_lines(raw: bytes) -> None:
    """RFC 5322 2.3: CR and LF only together. A relay that passes others on becomes a smuggler."""
    for start, stop in slices.spans(0, len(raw)):
        _check_line_ends(raw, start, stop)
    at, size = 0, len(raw)
    while size - at > LINE_MAX:
        # The last line end within reach: skips many short lines at once.
        newline = raw.rfind(b"\n", at, at + LINE_MAX + 2)
        if newline < 0:
            raise Unacceptable("line-too-long", f"A line is longer than {LINE_MAX} octets.")
        at = newline + 1


def _check_line_ends(raw: bytes, start: int, stop: int) -> None:
    """Of one slice; a pair that stands on its edge counts where its CR stands."""
    pairs = raw.count(b"\r\n", start, stop + 1)
    if raw.count(b"\r", start, stop) != pairs:
        raise Unacceptable("bare-cr", "A CR stands without its LF.")
    if raw.count(b"\n", start and start + 1, stop + 1) != pairs:
        raise Unacceptable("bare-lf", "A LF stands without its CR.")


def _check_fields(head: Head) -> None:
    if any(words.count_words(field.value) > words.WORDS_MAX for field in head.fields):
        raise Unacceptable("too-many-encoded-words", f"A field has more than {words.WORDS_MAX} encoded words.")
    _check_author(head)
    if head.count(b"message-id") > 1:
        raise Unacceptable("several-message-id", "The message has several Message-IDs.")
    given = head.first(b"message-id")
    if given is not None and header.message_id(given) is None:
        raise Unacceptable("bad-message-id", "The Message-ID is malformed.")


def _check_author(head: Head) -> None:
    """One From with one mailbox, so that every reader of the message sees the author that we checked."""
    if head.count(b"from") > 1:
        raise Unacceptable("several-from", "The message has several From fields.")
    authors = addresses.mailboxes(head.first(b"from") or b"")
    if len(authors) > 1:
        raise Unacceptable("several-from", "The message names several authors.")
    if not authors or not authors[0].spec:
        raise Unacceptable("no-from", "The message names no author.")


def _addresses(head: Head, names: tuple[bytes, ...]) -> Iterator[Address]:
    """Of all fields with these names."""
    return (each for field in head.fields if field.name in names for each in header.addresses(field.value))


def _scanned(head: Head, root: parts.Part) -> Scanned:
    first = head.first
    return Scanned(
        fields=tuple(head.fields),
        body_at=head.body_at,
        message_id=header.message_id(first(b"message-id") or b""),
        references=header.references(first(b"references"), first(b"in-reply-to")),
        from_addresses=tuple(header.addresses(first(b"from") or b"")),
        sender=", ".join(address.spec for address in _addresses(head, (b"sender",))),
        date=dates.read(first(b"date") or b""),
        subject=words.decode(first(b"subject") or b""),
        auto_submitted=header.keyword(first(b"auto-submitted")),
        list_id=header.list_id(first(b"list-id")),
        received_count=head.count(b"received"),
        resent_by=tuple(each.spec for each in _addresses(head, (b"resent-from", b"resent-sender"))),
        root=root,
    )
