"""CLASS and our properties in calendars: they say what the mail does, and make a booking stricter."""

from __future__ import annotations

import pytest

from groupware.meetings import invitation, marked
from groupware.message.markings import Marks
from policies.vocabulary import Handling, Marking

EVENT = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261122T090000Z\r\nORGANIZER:mailto:a@x\r\n"
    "DTSTART:20261123T090000Z\r\nSUMMARY:{summary}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("summary", "more", "marks"),
    [
        ("Talk", "", Marks()),
        ("Talk", "CLASS:PRIVATE\r\n", Marks()),
        ("Talk", "CLASS:CONFIDENTIAL\r\n", Marks(Marking.AMBER_STRICT)),
        ("Talk", "X-TLP:TLP:RED\r\nX-HANDLING:H2\r\n", Marks(Marking.RED, Handling.H2)),
        ("[TLP:RED] [H1] Talk", "X-TLP:TLP:GREEN\r\n", Marks(Marking.RED, Handling.H1)),
    ],
)
def test_what_an_invitation_says_of_itself(summary: str, more: str, marks: Marks) -> None:
    found = invitation.parse(EVENT.format(summary=summary, more=more).encode())
    assert found.marks == marks


@pytest.mark.parametrize("marking", Marking)
def test_what_is_written_is_read_as_no_less(marking: Marking) -> None:
    written = "".join(f"{name}:{value}\r\n" for name, value in marked.properties(Marks(marking, Handling.H3)))
    assert f"X-TLP:{marking.label}\r\n" in written
    assert written.startswith({0: "CLASS:PUBLIC", 1: "CLASS:PRIVATE", 2: "CLASS:PRIVATE"}.get(marking, "CLASS:CONFID"))
    found = invitation.parse(EVENT.format(summary="x", more=written).encode())
    assert found.marks == Marks(marking, Handling.H3)
