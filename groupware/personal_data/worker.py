"""The child that looks for personal data: confined like the one that decodes bodies, with the detectors' libraries.

The request's header holds our `own` domains; the answer the texts that were looked through, each with its findings.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from groupware.message import frames, worker
from groupware.message.errors import Unacceptable
from groupware.personal_data.finding import Finding, Kind
from groupware.personal_data.looking import look
from groupware.personal_data.texts import Content, Text, content

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

TOGETHER_MAX = 1 << 20
"""Characters of a message that are looked through; what is beyond is told of as unread."""


def report(raw: bytes, own: Sequence[str]) -> dict[str, object]:
    """What seems to be in a message: its `texts` with their `findings`, and the files that are `closed` to a look."""
    try:
        found = content(raw)
    except Unacceptable:
        found = Content((Text("text", "", "", whole=False),), ())
    return {"texts": list(_looked(found.texts, own)), "closed": found.closed}


def _looked(texts: Sequence[Text], own: Sequence[str]) -> Iterator[dict[str, object]]:
    left = TOGETHER_MAX
    for text in texts:
        shown = text.text[:left]
        left -= len(shown)
        findings = look(shown, own)
        if not text.whole or len(shown) < len(text.text):
            findings.append(Finding(Kind.UNREAD, len(shown), len(shown), "the message is too long"))
        yield {"where": text.where, "name": text.name, "text": shown, "findings": [asdict(each) for each in findings]}


def _answer(request: Mapping[str, Any], raw: bytes) -> bytes:
    return frames.pack(report(raw, request["own"]))


if __name__ == "__main__":
    worker.serve(_answer)
