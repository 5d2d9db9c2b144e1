"""The specimens of ICAO Doc 9303, parts 4 to 7: Utopia's."""

from __future__ import annotations

import pytest

from groupware.personal_data.mrz import check_digit, find

TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
MRV_A = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<"
MRV_B = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<"


def test_check_digits_are_those_of_the_standard() -> None:
    assert check_digit("520727") == "3"  # Doc 9303-3 4.9, the first example
    assert check_digit("AB2134<<<") == "5"


@pytest.mark.parametrize("zone", [TD3, TD2, TD1, MRV_A, MRV_B])
@pytest.mark.parametrize("around", ["{}", "It reads\n{}\nand no more.", "> a\n> {}\n", "\t{}\r\n"])
def test_a_zone_is_found_whole(zone: str, around: str) -> None:
    written = zone.replace("\n", "\n> ") if around.startswith(">") else zone
    text = around.format(written)
    found = [each for each in find(text) if each]
    assert [text[each.start : each.end].strip() for each in found] == [written]


@pytest.mark.parametrize("zone", [TD3, TD1])
def test_a_mistyped_sign_doesnt_hide_it_and_two_do(zone: str) -> None:
    once = zone.replace("7408122F", "7408123F")
    twice = once.replace("1204159", "1204158").replace("L898902C36", "L898902C37")
    assert bool([each for each in find(once) if each]) == (zone is TD3)
    assert not [each for each in find(twice) if each]


def test_fillers_alone_are_no_zone() -> None:
    assert not [each for each in find("<" * 44 + "\n" + "P<UTO" + "<" * 39) if each]
