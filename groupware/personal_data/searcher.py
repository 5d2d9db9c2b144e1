"""Looking for personal data at arm's length: a child process, so that a hostile message costs at most that child."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groupware.message.child import Child
from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANSWER_WITHIN = 8.0
"""Seconds of wall time for one message: the sender waits."""
_LIBRARIES = ("phonenumbers", "stdnum")


@dataclass(frozen=True, slots=True)
class Looked:
    """One text of a message that was looked through: `where` is subject, text, file or name; `name` is the file's."""

    where: str
    name: str
    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What seems to be in a message; `closed` are the names of files that nobody looked into."""

    texts: tuple[Looked, ...]
    closed: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of what was found, each once, in the order of `Kind`."""
        there = {finding.kind for text in self.texts for finding in text.findings}
        return tuple(kind for kind in Kind if kind in there)


NOT_LOOKED = Report((Looked("text", "", "", (Finding(Kind.UNREAD, 0, 0, "looking failed"),)),))
"""Of a message on which the child failed or took too long: its author is asked."""


class Searcher(Child):
    """The child that looks for personal data; addresses in the `own` domains are the network's."""

    def __init__(self, own: Sequence[str], answer_within: float = ANSWER_WITHIN) -> None:
        super().__init__("groupware.personal_data.worker", answer_within, _paths())
        self._own = list(own)

    async def look(self, *raw: bytes) -> Report:
        """What seems to be in a message, given in pieces; `NOT_LOOKED` where the child failed or took too long."""
        reply = await self.ask({"want": "personal-data", "own": self._own}, *raw)
        return _report(reply) if reply else NOT_LOOKED


def _paths() -> tuple[Path, ...]:
    """Where the detectors' libraries lie: the child is started without the places that Python knows by itself."""
    found = (find_spec(name) for name in _LIBRARIES)
    return tuple(dict.fromkeys(Path(spec.origin).parents[1] for spec in found if spec and spec.origin))


def _report(reply: Mapping[str, Any]) -> Report:
    texts = (
        Looked(text["where"], text["name"], text["text"], tuple(_finding(each) for each in text["findings"]))
        for text in reply["texts"]
    )
    return Report(tuple(texts), tuple(reply["closed"]))


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(Kind(row["kind"]), int(row["start"]), int(row["end"]), str(row["why"]))
