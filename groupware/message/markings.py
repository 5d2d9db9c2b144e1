"""Labels in subjects and fields: the Traffic Light Protocol's (FIRST, TLP 2.0), and handling codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.message import words
from groupware.message.fields import unfold
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.message.fields import Field

TLP_FIELD, HANDLING_FIELD = "X-TLP", "X-Handling"

_LABEL = re.compile(
    r"(?<![A-Za-z0-9])(\[\s?)?TLP\s{0,2}[:_ -]\s{0,2}"
    r"(RED|AMBER(?:\s{0,2}\+?\s{0,2}STRICT)?|GREEN|CLEAR|WHITE)(?![A-Za-z0-9])(?(1)\s?\]?)",
    re.IGNORECASE,
)
_MARKINGS = {
    "RED": Marking.RED,
    "AMBER": Marking.AMBER,
    "AMBERSTRICT": Marking.AMBER_STRICT,
    "GREEN": Marking.GREEN,
    "CLEAR": Marking.CLEAR,
    "WHITE": Marking.CLEAR,  # TLP 1.0
}

_HANDLING = re.compile(
    r"\[\s?(?:HANDLING\s?[:_ -]?\s?)?H([0-3])\s?\]|(?<![A-Za-z0-9])HANDLING\s{0,2}[:_ -]\s{0,2}H([0-3])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(?:TLP\s*:)?\s*(RED|AMBER(?:\s*\+?\s*STRICT)?|GREEN|CLEAR|WHITE)\s*", re.IGNORECASE)
_CODE = re.compile(r"\s*H([0-3])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marks:
    """How widely something may be passed on, and what may be done with it."""

    marking: Marking = Marking.CLEAR
    handling: Handling = Handling.H0


UNMARKED = Marks()


def strictest(*marks: Marks) -> Marks:
    """The strictest of each."""
    return Marks(max(each.marking for each in marks), max(each.handling for each in marks))


def asked(subject: str, fields: Iterable[Field] = ()) -> Marks:
    """What an author asks for by labels in the decoded subject, or by our fields; UNMARKED for nothing."""
    marks = [Marks(subject_marking(subject) or Marking.CLEAR, subject_handling(subject))]
    for field in fields:
        if field.name == b"x-tlp":
            marks.append(Marks(said_marking(words.decode(unfold(field.value))) or Marking.CLEAR))
        elif field.name == b"x-handling":
            marks.append(Marks(handling=said_handling(words.decode(unfold(field.value)))))
    return strictest(*marks)


def said_marking(value: str) -> Marking | None:
    """What a field of its own says: `TLP:RED` or `red`; None for anything else."""
    found = _BARE.fullmatch(value)
    return None if found is None else _MARKINGS[re.sub(r"[^A-Z]", "", found[1].upper())]


def said_handling(value: str) -> Handling:
    """What a field of its own says: `H2`; H0 for anything else."""
    found = _CODE.fullmatch(value)
    return Handling(int(found[1])) if found else Handling.H0


def subject_handling(subject: str) -> Handling:
    """The strictest code in a decoded subject: `[H2]`, `Handling: H2`; H0 without one. `H1 2026` is half a year."""
    codes = (Handling(int(found[1] or found[2])) for found in _HANDLING.finditer(subject))
    return max(codes, default=Handling.H0)


def subject_marking(subject: str) -> Marking | None:
    """The strictest label in a decoded subject, None without one; `[TLP:RED]`, `tlp amber`, `TLP:AMBER+STRICT`."""
    return max((_marking(found) for found in _LABEL.finditer(subject)), default=None)


def labelled(subject: str, marking: Marking, handling: Handling = Handling.H0) -> str:
    """The subject with labels at least as strict as these: weaker ones give way, a stricter one stays."""
    if subject_handling(subject) < handling:
        subject = f"[{handling.label}] {_HANDLING.sub('', subject).strip()}".rstrip()
    present = subject_marking(subject)
    if present is not None and present >= marking:
        return subject
    rest = _LABEL.sub("", subject).strip() if present is not None else subject
    return f"[{marking.label}] {rest}".rstrip()


def relabelled(subject: str, marking: Marking, handling: Handling = Handling.H0) -> str:
    """The subject with exactly these labels, whatever stood there: only whoever owns the text may ask for that."""
    return labelled(_LABEL.sub("", _HANDLING.sub("", subject)).strip(), marking, handling)


def _marking(found: re.Match[str]) -> Marking:
    return _MARKINGS[re.sub(r"[^A-Z]", "", found[2].upper())]
