"""vCard and LDIF as others read them: vobject for 3.0, and readers of a few lines for folding and base64."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from groupware.cards import ldif, vcard
from groupware.cards.entry import Entry

UID = "7eab1733-812f-57b3-aab2-ad1b712eda54"
ANNA = Entry(
    1, "anna", "anna@iconet.test", "Anna Kask", "EST", "Estonia", ("Ministry", "Board; the, large\\one"),
    duties=("Deputy contact point",), given_name="Anna", surname="Kask", title="Õppe\njuht",
    phone="+388 2005 267 001", mobile="+388 5", languages=("et", "en"),
)  # fmt: skip


def written(entry: Entry, version: vcard.Version) -> str:
    return vcard.written(vcard.lines(entry, UID, version, 1_795_305_600_000_000), version)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_folded_lines_are_short_and_unfold_to_what_they_were(line: str) -> None:
    folded = vcard.folded(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "").removesuffix("\r\n") == line


@given(st.text(max_size=100).filter(lambda text: text.isprintable() or "\n" in text))
def test_a_card_has_no_line_that_a_name_made(name: str) -> None:
    card = written(replace(ANNA, name=name, title=name, surname=name, body=name), "4.0")
    assert card.count("BEGIN:VCARD") == 1
    names = [re.split("[:;]", line)[0] for line in card.replace("\r\n ", "").split("\r\n")[:-1]]
    titled = ["TITLE"] if name else []
    assert names[:7] == ["BEGIN", "VERSION", "KIND", "UID", "FN", "N", "ORG"]
    assert names[7:] == [*titled, "ROLE", "TEL", "TEL", "EMAIL", "LANG", "LANG", "REV", "END"]


def test_another_reader_finds_the_same_in_a_card() -> None:
    card = vobject.readOne(written(ANNA, "3.0"))
    card.validate()
    assert card.n.value.family == "Kask"
    assert card.n.value.given == "Anna"
    assert card.org.value == ["Estonia", "Ministry", "Board; the, large\\one"]
    assert card.title.value == "Õppe\njuht"
    assert [each.value for each in card.tel_list] == ["+388 2005 267 001", "+388 5"]
    assert card.uid.value == f"urn:uuid:{UID}"
    assert card.rev.value == "20261122T000000Z"


def test_a_name_that_is_not_taken_apart_is_by_its_last_word() -> None:
    plain = replace(ANNA, name="Anna Maria Kask", given_name="", surname="")
    assert "N:Kask;Anna Maria;;;\r\n" in written(plain, "4.0")


def records(text: str) -> list[dict[str, list[str]]]:
    """RFC 2849, read."""
    found = []
    for block in text.replace("\n ", "").removeprefix("version: 1\n\n").split("\n\n"):
        record: dict[str, list[str]] = {}
        for line in block.rstrip("\n").split("\n"):
            name, _, value = line.partition(":")
            encoded = value.startswith(":")
            record.setdefault(name, []).append(base64.b64decode(value[2:]).decode() if encoded else value[1:])
        found.append(record)
    return found


def test_ldif_tells_what_is_known() -> None:
    (record,) = records("".join(ldif.written([ANNA], "iconet.test")))
    assert record["dn"] == ["uid=anna,dc=iconet,dc=test"]
    assert record["objectClass"][-1] == "inetOrgPerson"
    assert record["sn"] == ["Kask"]
    assert record["title"] == ["Õppe\njuht"]
    assert record["ou"] == ["Board; the, large\\one"]
    assert record["preferredLanguage"] == ["et"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_stands_in_ldif_and_comes_out_again(value: str) -> None:
    line = ldif.line("cn", value)
    assert all(len(part) <= 76 and part.isascii() for part in line.split("\n"))
    assert records("version: 1\n\n" + line)[0]["cn"] == [value]


@pytest.mark.parametrize("value", [" a", ":a", "<a", "a ", "é", "a\nb", "a\0"])
def test_what_is_not_safe_is_in_base64(value: str) -> None:
    assert ldif.line("cn", value).startswith("cn:: ")
