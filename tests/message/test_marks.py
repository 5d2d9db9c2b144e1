"""Labels in FIRST's wording and handling codes, read and written."""

from __future__ import annotations

import pytest

from groupware.message import markings
from groupware.message.markings import Marks
from groupware.message.render import render_head
from groupware.message.scan import scan
from policies.vocabulary import Handling, Marking


def test_the_wording_is_firsts() -> None:
    """FIRST, TLP 2.0: capitals, and no blanks."""
    assert [marking.label for marking in Marking] == [
        "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "fields", "marks"),
    [
        ("x", "", Marks()),
        ("[TLP:GREEN] x", "X-TLP: TLP:RED\r\n", Marks(Marking.RED)),
        ("[TLP:RED] x", "X-TLP: green\r\n", Marks(Marking.RED)),
        ("x", "X-TLP: tlp:amber+strict\r\nX-Handling: H1\r\n", Marks(Marking.AMBER_STRICT, Handling.H1)),
        ("x", "X-TLP: nonsense\r\nX-Handling: H9\r\n", Marks()),
        ("[H2] x", "", Marks(handling=Handling.H2)),
        ("[TLP:AMBER] [Handling: H3] x [H1]", "", Marks(Marking.AMBER, Handling.H3)),
        ("Arrivals in H1 2026, [H1 2026], H2", "", Marks()),
    ],
)
def test_what_an_author_asks_for(subject: str, fields: str, marks: Marks) -> None:
    found = scan(f"From: a@x\r\nSubject: {subject}\r\n{fields}\r\ntext\r\n".encode())
    assert markings.asked(found.subject, found.fields) == marks


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x", "[TLP:AMBER] [H2] x"),
        ("[TLP:RED] x", "[TLP:RED] [H2] x"),
        ("[H3] x", "[TLP:AMBER] [H3] x"),
        ("[TLP:GREEN] [H1] x", "[TLP:AMBER] [H2] x"),
        ("[TLP:AMBER] [H2] x", "[TLP:AMBER] [H2] x"),
    ],
)
def test_a_subject_gets_what_is_missing(before: str, after: str) -> None:
    raw = f"From: a@x\r\nSubject: {before}\r\n\r\n".encode()
    made = render_head(raw, added=(), label="TLP:AMBER", handling=Handling.H2)
    found = scan(made + b"x\r\n")
    assert markings.asked(found.subject) == markings.asked(after)
    assert markings.labelled(before, Marking.AMBER, Handling.H2).count("[") == 2
