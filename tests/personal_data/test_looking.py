from __future__ import annotations

import pytest
from own_time import at_most

from groupware.personal_data.finding import MOST_FINDINGS, Kind
from groupware.personal_data.looking import LONGEST, look

SIZE = 1 << 17
SLOWEST = 2.0
"""Seconds for 128 Ki characters; what is hostile takes some 0.2, and what takes the square of its length minutes."""
HOSTILE = (
    "a",
    "1",
    "1 ",
    "a@",
    "@a",
    "AA00",
    "DE89 3704 0044 0532 0130 01 ",
    "<",
    "P<D<<",
    "born ",
    "1.1.1990 ",
    "1990 ",
    "+",
    "tel. 1234567 ",
    "tel. 0171 3920047 x",
    "(0",
    "passport AB12345 ",
    "Anna, Anna\n",
    "Aa-",
    "\n",
    "regards,\n",
    "-- \n",
    "name;birth\n",
    "1 90 01 75 123 123 12 ",
    "cpr 010190-1234 ",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<1\n",
    "роден 1 ",
    " ",
    "ABC1234567 (passport) ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_text_made_to_hurt_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * (SIZE // len(piece))
    found = at_most(SLOWEST, lambda: look(text))
    assert len(found) <= (MOST_FINDINGS + 1) * len(Kind)


def test_what_isnt_looked_through_is_said() -> None:
    beyond = look("x" * LONGEST + " born 1.1.1990")
    assert [(each.kind, each.start) for each in beyond] == [(Kind.UNREAD, LONGEST)]
    many = look("born 1.1.1990. " * (MOST_FINDINGS + 5))
    assert [each.kind for each in many].count(Kind.BIRTH_DATE) == MOST_FINDINGS
    assert many[-1].kind is Kind.UNREAD or Kind.UNREAD in [each.kind for each in many]


def test_a_number_is_told_as_one_thing() -> None:
    text = "Call me: IBAN DE89 3704 0044 0532 0130 00"
    assert [(each.kind, text[each.start : each.end]) for each in look(text)] == [
        (Kind.IBAN, "DE89 3704 0044 0532 0130 00")
    ]


def test_addresses_of_the_network_and_of_offices_arent_told() -> None:
    text = "anna@iconet.test bob@mail.iconet.test press@ministry.example carl@evil-iconet.test dora@ministry.example"
    found = [text[each.start : each.end] for each in look(text, ("iconet.test",))]
    assert found == ["carl@evil-iconet.test", "dora@ministry.example"]


def test_no_finding_holds_what_it_found() -> None:
    text = "born 3 May 1990, passport AB4471903, tel. +49 171 4471903, carl@mail.example"
    found = look(text)
    assert len(found) == 4
    assert not any(text[each.start : each.end] in each.why for each in found)
