"""An XML part of an office document, read a piece at a time by what its root element says it is.

Expat is told to refuse document types, so no entity is ever declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from groupware.message.charsets import codec_of
from groupware.message.office.flowing import Body, Flowing, Head, Note, Properties
from groupware.message.office.opendocument import Open, OpenHead
from groupware.message.office.packed import BeyondError, UnreadableError
from groupware.message.office.sheets import Sheet, Strings, Styles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.message.office.part import Part, Workbook

DEPTH_MAX = 250
TOKEN_MAX = 256 * 1024
"""Octets of one tag or comment: expat looks at an unfinished one anew with every piece."""

_ENCODING_MAX = 64
"""Characters of an encoding's name that are looked at."""


class OtherError(Exception):
    """A part in which nothing is of interest."""


class LaterError(Exception):
    """A part that is to be read behind the others: a body."""


ROOTS: Mapping[str, type[Part]] = {
    **dict.fromkeys(("document", "sld"), Body),
    **dict.fromkeys(("wsDr", "userShapes", "chartSpace", "dataModel"), Flowing),
    **dict.fromkeys(("hdr", "ftr", "sldMaster", "sldLayout", "notesMaster", "handoutMaster", "xml"), Head),
    **dict.fromkeys(("footnotes", "endnotes", "comments", "notes", "cmLst", "ThreadedComments"), Note),
    "worksheet": Sheet,
    "sst": Strings,
    "styleSheet": Styles,
    **dict.fromkeys(("coreProperties", "Properties", "document-meta"), Properties),
    "document-content": Open,
    "document-styles": OpenHead,
}
"""How the part is read that has this root."""


class Reading:
    """One part, given a piece at a time; `bodies` says that it may be one."""

    def __init__(self, book: Workbook, *, bodies: bool) -> None:
        self._budget, self._book, self._bodies = book.budget, book, bodies
        self._depth = self._fed = 0
        self.part: Part | None = None
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = _declared
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Raises UnreadableError, BeyondError, OtherError, LaterError."""
        try:
            self._parser.Parse(piece, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnreadableError from error
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > TOKEN_MAX:
            raise BeyondError

    def close(self) -> None:
        """Let go of the parser, which holds this: so neither has to wait for the garbage collector."""
        del self._parser

    def _start(self, tag: str, given: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._depth += 1
        self._budget.build()
        if self._depth > DEPTH_MAX:
            raise BeyondError
        if self.part is None:
            self.part = self._begun(name)
        else:
            self.part.start(name, given)

    def _begun(self, root: str) -> Part:
        kind = ROOTS.get(root)
        if kind is None:
            raise OtherError
        if kind.is_body and not self._bodies:
            raise LaterError
        return kind(self._book)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self.part is not None:
            self.part.end(tag.rpartition(":")[2])

    def _say(self, text: str) -> None:
        if self.part is not None and self.part.taking > 0:
            self._budget.say(len(text))
            self.part.said.append(text)


def _refuse(*_: object) -> None:
    raise UnreadableError


def _declared(_version: str, encoding: str | None, _standalone: int) -> None:
    """Python would look for a codec of any name, keep the name for good, and take codecs that are no charset."""
    if encoding is not None and codec_of(encoding[:_ENCODING_MAX]) is None:
        raise UnreadableError
