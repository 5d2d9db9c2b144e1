"""Markings of classified information: the words, and whether a line or a label is one of them and not a mention.

The words are in classified.toml, with their sources. How a message is looked through says message.unfit.
"""

from __future__ import annotations

import re
import tomllib
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from groupware.message.folding import fold, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 120
"""Characters of the longest line that is looked at: a marking stands alone, or with a few words beside it."""
_LONGEST_MARKING = 64
_SHORTEST = 3

_LONG_ENOUGH = 8
"""Letters from which on the blanks between them don't count: `E U  S E C R E T`."""
_NO_LETTERS = re.compile(r"[\W_]+")
_ALIKE = str.maketrans("авекмнорстухіѕαβεκνορτυχιγ", "abekmhopctyxisabekvoptyxiy")
"""Letters that look alike in Cyrillic, Greek and Latin: the Decision's own table mixes them."""
_EDGES = " \t\u00a0>*_=#~|[](){}<>\"'«»“”„.,;:!\u2013\u2014-"
_ITEM = re.compile(r"[\s>]*(?:[-*•+\u2013\u2014]|\d+[.)])\s+[^-*•+\u2013\u2014\s]")
_ITEM_ENDS = "*-\u2013\u2014=_~#"
_TOGETHER = re.compile(r"\s[/|\u2013\u2014-]\s")
_LABELS = re.compile(r"([\[\](){}:|;,]|\s[\u2013\u2014/-]\s|//+)")
_ANSWER = re.compile(r"\s*(?:re|aw|sv|vs|odp|antw|r|rif|fw|fwd|wg|tr|vl|i)\s*:", re.IGNORECASE)
_PREFIX = re.compile(
    r"classif|klassif|clasif|einstuf|geheimh|marking|security|protecti|nivea|level|grad", re.IGNORECASE
)
_RELEASED = re.compile(r"\brel|comm|frei", re.IGNORECASE)
_BEHIND = re.compile(
    r"[\s,;:(|/\u2013\u2014-]*(?:"
    r"\(?(?:rel|releasable|communicable|freigegeben)\b.{0,80}"
    r"|(?:(?:page|pagina|página|seite|side|strona|p)\.?\s*)?\d{1,4}(?:\s*(?:/|of|de|di|von|z)\s*\d{1,4})?"
    r")\s*$",
    re.IGNORECASE,
)
_MOST_WORDS = 6
_WORD = re.compile(r"\S+")
_FIRST = re.compile(r"[^\W_]+")


class Level(IntEnum):
    """The four levels of Council Decision 2013/488/EU, Article 2(2)."""

    RESTRICTED = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4

    @property
    def label(self) -> str:
        """As the Union writes it in English: `EU TOP SECRET`."""
        return "EU " + self.name.replace("_", " ")


class Plain(IntEnum):
    """How much of an everyday word a marking is; those that are one mark only where they stand in capitals."""

    NO = 0
    WORD = 1
    OFFICE = 2
    """What any office prints on its papers: CONFIDENTIAL, INTERNO."""


class _Known(NamedTuple):
    level: Level
    plain: Plain


def of_line(line: str, plain: Plain = Plain.OFFICE) -> Level | None:
    """The level of a line that is a marking: that is all there is, and no item of a list.

    A word that introduces it, whom it may be released to, or a page's number may stand beside it. No word that is
    plainer than `plain` counts.
    """
    line = visible(line)
    if len(line) > LONGEST:
        return None
    bare = line.strip(_EDGES)
    if ":" not in bare and not _may_begin(bare):
        return None
    found = _alone(bare, plain)
    is_item = found is not None and _ITEM.match(line) and line.rstrip()[-1:] not in _ITEM_ENDS
    return None if is_item else found


def of_label(text: str, *, anyhow: bool = False, plain: Plain = Plain.OFFICE, begins_with: bool = True) -> Level | None:
    """The level that a label gives, set off from the rest of a subject or field: `[EU SECRET] x`, `x - EU SECRET`.

    `anyhow`: the field says that its value is a marking, so that everyday words count without capitals, too; none that
    is plainer than `plain`. `begins_with`: a marking needn't be set off at the beginning.
    """
    pieces = _LABELS.split(text)
    whole = (
        pieces[at]
        for at in range(0, len(pieces), 2)
        if not (at and pieces[at - 1] == ":" and of_a_person(pieces[at - 2]))
    )
    found = [level for piece in whole if (level := _level(piece.strip(_EDGES), plain, anyhow=anyhow)) is not None]
    if not begins_with:
        return max(found, default=None)
    while answer := _ANSWER.match(text):
        text = text[answer.end() :]
    begins = _begins(text)
    return max([*found, begins] if begins is not None else found, default=None)


def of_name(name: str) -> Level | None:
    """The level that a file's name gives: it begins or ends with a marking in capitals, or is nothing else."""
    base = name.rpartition(".")[0] or name
    spaced = re.sub(r"[_+.-]+", " ", base).strip(_EDGES)
    words = spaced.split()
    found = _level(spaced) or of_label(base) or _begins(spaced)
    ends = (_sure(" ".join(words[-count:])) for count in range(1, min(_MOST_WORDS, len(words)) + 1))
    return found or next((level for level in ends if level is not None), None)


def of_a_person(head: str) -> bool:
    """Whether words before a marking say what somebody may read, and not how a text is marked: `Clearance`."""
    spaced = f" {_NO_LETTERS.sub(' ', _folded(head[:LONGEST]))} "
    return any(word in spaced for word in _heads("clearance"))


def of_a_column(head: str) -> bool:
    """Whether a cell may be the head of a column as well as that of a row: `Level`."""
    return _folded(head[:LONGEST]).strip(_EDGES) in _heads("level")


def languages() -> frozenset[str]:
    """Those whose words are known, as ISO 639-1 codes."""
    return frozenset(_data()["language"])


def words(language: str) -> Iterator[tuple[Level, str]]:
    """A language's markings, each as it stands alone, then with the Union's initials before and behind it."""
    entry = _data()["language"][language]
    for level in Level:
        for word in entry[_name(level)]:
            if not entry.get("beside-union-only"):
                yield level, word
            for union in entry["union"]:
                yield level, f"{union} {word}"
                yield level, f"{word} {union}"


def _may_begin(bare: str) -> bool:
    """Whether the first word is one of a marking's, or a single letter: most lines needn't be looked at longer."""
    first = _FIRST.match(bare)
    return first is not None and (len(first[0]) == 1 or _folded(first[0]) in _firsts())


def _alone(bare: str, plain: Plain) -> Level | None:
    head, colon, tail = bare.partition(":")
    introduced = _introduced(head, tail.strip(_EDGES), plain) if colon else None
    return _level(bare, plain) or introduced or _before_more(bare, plain) or _all_of(_TOGETHER.split(bare), plain)


def _introduced(head: str, tail: str, plain: Plain) -> Level | None:
    found = _level(tail, plain, anyhow=bool(_PREFIX.search(head)))
    return None if found is None or of_a_person(head) else found


def _before_more(bare: str, plain: Plain) -> Level | None:
    """Whom it may be released to, or a page's number, stands behind it."""
    behind = _BEHIND.search(bare) if bare[-1].isdigit() or _RELEASED.search(bare) else None
    return None if behind is None else _level(bare[: behind.start()].strip(_EDGES), plain)


def _all_of(pieces: list[str], plain: Plain) -> Level | None:
    """Two markings side by side, as a State's and the Union's."""
    found = [_level(piece.strip(_EDGES), plain) for piece in pieces] if len(pieces) > 1 else [None]
    levels = [level for level in found if level is not None]
    return max(levels) if len(levels) == len(found) else None


def _begins(text: str) -> Level | None:
    """A text that begins with a marking in capitals that is no everyday word: `RESTREINT UE Mission report`."""
    ends = [found.end() for found in _WORD.finditer(text[:LONGEST])][:_MOST_WORDS]
    found = (_sure(text[:end]) for end in ends)
    return next((level for level in found if level is not None), None)


def _sure(text: str) -> Level | None:
    known = _find(text)
    return known.level if known is not None and not known.plain and text == text.upper() else None


def _level(text: str, plain: Plain = Plain.OFFICE, *, anyhow: bool = False) -> Level | None:
    known = _find(text)
    if known is None or known.plain > plain or (known.plain and not anyhow and text != text.upper()):
        return None
    return known.level


def _find(text: str) -> _Known | None:
    if not _SHORTEST <= len(text) <= _LONGEST_MARKING:
        return None
    return _known().get(_key(text))


def _key(text: str) -> str:
    """What two ways to write one marking have in common: letters only, without case, marks and scripts."""
    spaced = _NO_LETTERS.sub(" ", _folded(text)).strip()
    together = spaced.replace(" ", "")
    return together if len(together) >= _LONG_ENOUGH else spaced


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else fold(text).translate(_ALIKE)


@cache
def _firsts() -> frozenset[str]:
    groups = [_data()[group] for group in ("union", "nato")]
    written = [word for group in groups for level in Level for word in group[_name(level)]]
    written += [word for language in languages() for _, word in words(language)]
    return frozenset(_NO_LETTERS.split(_folded(word))[0] for word in written)


@cache
def _heads(kind: str) -> frozenset[str]:
    return frozenset(_folded(word) for word in _data()["heads"][kind])


@cache
def _known() -> Mapping[str, _Known]:
    known: dict[str, _Known] = {}
    data = _data()
    for group in ("union", "nato"):
        for level in Level:
            for word in data[group][_name(level)]:
                _add(known, word, level, Plain.NO)
    offices = {_key(word) for word in data["offices"]["words"]}
    for language in data["language"]:
        for level, word in words(language):
            plain = Plain.OFFICE if _key(word) in offices else Plain(word.rstrip("!").isalpha())
            _add(known, word, level, plain)
    return known


def _add(known: dict[str, _Known], word: str, level: Level, plain: Plain) -> None:
    """The strictest where States mean different things by one word."""
    key = _key(word)
    before = known.get(key)
    known[key] = _Known(level, plain) if before is None else _Known(max(level, before.level), min(plain, before.plain))


def _name(level: Level) -> str:
    return level.name.lower().replace("_", "-")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "classified.toml").read_text("utf-8"))
