"""Labels of the Traffic Light Protocol (FIRST, TLP 2.0) in subjects."""

from __future__ import annotations

import re

from policies.vocabulary import Marking

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


def subject_marking(subject: str) -> Marking | None:
    """The strictest label in a decoded subject, None without one; `[TLP:RED]`, `tlp amber`, `TLP:AMBER+STRICT`."""
    return max((_marking(found) for found in _LABEL.finditer(subject)), default=None)


def labelled(subject: str, marking: Marking) -> str:
    """The subject with a label at least as strict as `marking`: weaker ones give way, a stricter one stays."""
    present = subject_marking(subject)
    if present is not None and present >= marking:
        return subject
    rest = _LABEL.sub("", subject).strip() if present is not None else subject
    return f"[{marking.label}] {rest}".rstrip()


def _marking(found: re.Match[str]) -> Marking:
    return _MARKINGS[re.sub(r"[^A-Z]", "", found[2].upper())]
