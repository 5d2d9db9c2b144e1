"""Acknowledging by mail: a message to acknowledge@, in answer to the post, or the receipt that a mail client sends.

Submission has proven who sends, so the address needs no secret. A receipt (RFC 8098) counts where a person had it sent:
manual-action; what a program sends by itself says nothing about a person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.acknowledging.saying import acknowledge
from groupware.chain import Facts, Verdict, judge
from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.message.scan import Scanned
    from groupware.monitor import Monitor
    from groupware.posting import Submission
    from groupware.store import Tx

_REPORT = re.compile(rb"\s*multipart/report\b.*\bdisposition-notification\b", re.IGNORECASE | re.DOTALL)
_PART = re.compile(
    rb"(?im)^Content-Type:[ \t]*message/(?:global-)?disposition-notification\b(.*?)(?:^--|\Z)", re.DOTALL
)
"""RFC 8098 3.1: the part that a client fills in. What it returns of the message itself is another's words."""
_MANUAL = re.compile(rb"(?im)^Disposition:[ \t]*manual-action/[A-Za-z-]+[ \t]*;[ \t\r\n]*displayed\b")
_ORIGINAL = re.compile(rb"(?im)^Original-Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[!-~]{1,990}>)")


def take(tx: Tx, monitor: Monitor, what: Submission) -> None:
    """Acknowledge what it answers, or is the receipt of. Raises Refused by rule, and as `acknowledge` does."""
    fate = judge(Facts(what.caller, what.caller, what.scanned, what.recipients))
    if fate.verdict is Verdict.REFUSE:
        raise Refused(fate.rule, fate.text)
    if len(what.recipients) > 1:
        raise Refused("acknowledge-alone", "write to this address and to nobody else")
    for name in _names(what.raw, what.scanned):
        try:
            acknowledge(tx, monitor, what.caller, name)
        except NotFound:
            continue
        return
    raise Refused("unfit", "answer the message that you acknowledge")


def _names(raw: bytes, scanned: Scanned) -> Sequence[str]:
    """The Message-IDs that it may be about, the likeliest first. Raises Refused(auto-submitted)."""
    kind = next((field.value for field in scanned.fields if field.name == b"content-type"), b"")
    body = raw[scanned.body_at :]
    report = _REPORT.match(kind) is not None
    notified = _PART.search(body) if report else None
    said = notified[1] if notified else b""
    if report and not _MANUAL.search(said):
        raise Refused("auto-submitted", "a program's receipt acknowledges nothing")
    if not report and scanned.auto_submitted not in ("", "no"):
        raise Refused("auto-submitted", "automatic messages acknowledge nothing")
    original = _ORIGINAL.search(said)
    return [*([original[1].decode("ascii")] if original else []), *scanned.references[-1:]]
