"""What leaves: one mail to exactly one recipient, with the numbered sheets and the message itself, and its hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import dates
from groupware.message.compose import File, compose, new_message_id
from groupware.message.fields import read_tolerantly
from groupware.message.words import decode
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.message.text import Display
    from groupware.releases.rows import Release

SERVICE = "ICONet release service"
SHOWN = frozenset((b"from", b"date", b"subject", b"message-id", b"mime-version", b"x-tlp"))
"""Of the message's header that goes with it, besides what says how to read its body: not who else got it."""
_CONTENT = b"content-"


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is to leave: the message as its readers have it, and what a page shows of it."""

    head: bytes
    body: bytes
    display: Display
    author: str
    body_name: str


@dataclass(frozen=True, slots=True)
class Consenting:
    """An owner, who spoke for it, when, and what they added to the conditions."""

    owner: str
    decided: int
    note: str


@dataclass(frozen=True, slots=True)
class Package:
    """The bytes of the mail, its Message-ID, and what is kept of it in the ledger."""

    message: bytes
    message_id: str
    pdf_sha256: bytes

    @property
    def message_sha256(self) -> bytes:
        """Of the mail."""
        return hashlib.sha256(self.message).digest()


def pack(release: Release, leaf: Leaf, owners: Sequence[Consenting], domain: str, now: int) -> Package:
    """Make it. Takes up to a second of CPU: in a thread. Raises ValueError for what no message can have."""
    from groupware.releases import pdf  # noqa: PLC0415 -- a second and 30 MiB, which only this needs

    level = Marking(release.marking).label
    conditions = _conditions(release, owners)
    subject = decode(read_tolerantly(leaf.head, 0, len(leaf.head)).first(b"subject") or b"")
    title = f"ICONet release no. {release.id}"
    sheet = pdf.Sheet(
        title,
        level,
        _facts(release, leaf, owners, subject, conditions),
        leaf.display.text,
        f"for {release.recipient}, {_day(now)}",
        f"{title}. For {release.recipient} ({release.organisation}) only, {_day(now)}; until {_day(release.until)}. "
        f"Conditions: {_one_line(conditions)}",
        now,
    )
    sheets = pdf.made(sheet)
    digest = hashlib.sha256(sheets).hexdigest()
    name = new_message_id(domain)
    message = compose(
        sender=f"release@{domain}",
        sender_name=SERVICE,
        to=[("", release.recipient)],
        subject=f"[{level}] Release no. {release.id} to {release.organisation}",
        text=_covering(release, title, level, conditions, digest),
        message_id=name,
        date=now,
        extra=[("X-TLP", level), ("X-ICONet-Release", str(release.id))],
        file=File(f"iconet-release-{release.id}.pdf", "application/pdf", sheets),
        enclosed=enclosed(leaf, f"no. {release.id} for {release.recipient} until {_day(release.until)}"),
    )
    return Package(message, name, bytes.fromhex(digest))


def enclosed(leaf: Leaf, marked: str = "") -> bytes:
    """The message itself: its body to the octet, of its header who wrote it, what and when, and the release's mark."""
    fields = read_tolerantly(leaf.head, 0, len(leaf.head)).fields
    kept = [
        leaf.head[field.start : field.end] for field in fields if field.name in SHOWN or field.name.startswith(_CONTENT)
    ]
    mark = [f"X-ICONet-Release: {marked}\r\n".encode("ascii", "replace")] if marked else []
    return b"".join([*mark, *kept, b"\r\n", leaf.body])


def _covering(release: Release, title: str, level: str, conditions: str, digest: str) -> str:
    return (
        f"{level}\n\n{title}, to {release.recipient} ({release.organisation}).\n\n"
        f"The owners of the enclosed message have consented that you have it, for this purpose:\n{release.purpose}\n\n"
        f"Conditions:\n{conditions}\n\nYou may have and use it until {_day(release.until)}; then delete it. "
        "It may not be passed on. An owner may withdraw consent; you would be told by mail from this address.\n\n"
        f"SHA-256 of the attached sheets: {digest}"
    )


def _facts(
    release: Release, leaf: Leaf, owners: Sequence[Consenting], subject: str, conditions: str
) -> Sequence[tuple[str, str]]:
    files = "\n".join(f"{each.name or each.type} ({each.size} octets)" for each in leaf.display.attachments)
    consenting = "\n".join(f"{each.owner}, {_day(each.decided)}" for each in owners)
    return [
        ("For", f"{release.recipient}\n{release.organisation}"),
        ("Purpose", release.purpose),
        ("Conditions", conditions),
        ("Until", _day(release.until)),
        ("Consent of", consenting),
        ("Message", subject),
        ("Written by", f"{leaf.author}, {leaf.body_name}"),
        *([("Enclosed files", files)] if files else []),
    ]


def _conditions(release: Release, owners: Sequence[Consenting]) -> str:
    """What was asked, and what owners add."""
    return "\n".join([release.conditions, *(f"{each.owner}: {each.note}" for each in owners if each.note)])


def _one_line(text: str) -> str:
    return " / ".join(line for line in text.splitlines() if line.strip())


def _day(micro: int) -> str:
    """The date in UTC: `22 Nov 2026`."""
    return dates.write(micro)[5:16]
