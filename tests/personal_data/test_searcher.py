from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from office_files import carrying, core, docx, opened, packed, paragraph, pptx, xlsx

from groupware.personal_data.finding import Kind
from groupware.personal_data.searcher import NOT_LOOKED, Searcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
HEAD = b"Subject: %b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
PART = b"--b\r\nContent-Type: %b\r\nContent-Disposition: %b\r\n\r\n%b\r\n"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def searcher() -> AsyncIterator[Searcher]:
    made = Searcher(["iconet.test"])
    yield made
    await made.close()


def message(subject: bytes, *parts: tuple[bytes, bytes, bytes]) -> bytes:
    return HEAD % subject + b"".join(PART % part for part in parts) + b"--b--\r\n"


async def test_all_texts_of_a_message_are_looked_through(searcher: Searcher) -> None:
    raw = message(
        b"=?utf-8?q?born_3_May_1990?=",
        (b"text/plain", b"inline", b"Call me, tel. +49 171 4471903, or anna@iconet.test"),
        (b"text/html", b"inline", b"<p>Please write to <b>carl</b>@mail.example</p>"),
        (b"text/csv", b"attachment; filename=list.csv", b"Surname;Given name\r\nKone;Ibrahim\r\nDiallo;Mamadou\r\n"),
        (b"application/octet-stream", b"attachment; filename=t.csv", b"IBAN DE89 3704 0044 0532 0130 00"),
        (b"application/pdf", b"attachment; filename*=utf-8''passport_AB4471903.pdf", b"%PDF-1.7"),
    )
    report = await searcher.look(raw)
    found = [
        (text.where, each.kind, text.text[each.start : each.end]) for text in report.texts for each in text.findings
    ]
    assert found == [
        ("subject", Kind.BIRTH_DATE, "born 3 May 1990"),
        ("text", Kind.TELEPHONE, "+49 171 4471903"),
        ("text", Kind.EMAIL, "carl@mail.example"),
        ("file", Kind.NAME_LIST, "Kone;Ibrahim\nDiallo;Mamadou"),
        ("file", Kind.IBAN, "DE89 3704 0044 0532 0130 00"),
        ("name", Kind.PASSPORT, "AB4471903"),
    ]
    assert report.kinds == (Kind.IBAN, Kind.PASSPORT, Kind.BIRTH_DATE, Kind.TELEPHONE, Kind.EMAIL, Kind.NAME_LIST)
    assert report.closed == ("passport_AB4471903.pdf",)


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell, 3)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


async def test_office_documents_are_looked_through(searcher: Searcher) -> None:
    people = (("No", "Surname", "Given name", "Date of birth"), ("1", "Kone", "Ibrahim", "3 May 1990"))
    more = ("2", "Diallo", "Mamadou", "17 November 1988")
    real = Path(__file__).parents[1] / "message" / "documents"
    files = {
        "a": docx("Call me, tel. +49 171 4471903", run=2),
        "b": docx("x", header="IBAN DE89 3704 0044 0532 0130 00"),
        "c": docx(table(*people, more)),
        "d": xlsx(*people, more),
        "e": xlsx(("No", "", "Surname", "Given name"), ("1", "", "Kone", "Ibrahim"), ("2", "", "Diallo", "Mamadou")),
        "f": pptx("Hello", notes="Please write to carl@mail.example"),
        "g": opened("<text:p>His pass<text:span>port no. AB44</text:span>71903</text:p>"),
        "h": docx("x", more=core(description="born 3 May 1990")),
        "i": (real / "people.xlsx").read_bytes(),
        "j": (real / "people.ods").read_bytes(),
        "k": (real / "report.docx").read_bytes(),
        "l": docx("Nothing of anybody."),
    }
    report = await searcher.look(carrying(*files.items()))
    found = {
        text.name: [(each.kind.value, text.text[each.start : each.end]) for each in text.findings]
        for text in report.texts
        if text.where == "file"
    }
    rows = "1; Kone; Ibrahim; 3 May 1990\n2; Diallo; Mamadou; 17 November 1988"
    born = [("birth-date", "3 May 1990"), ("birth-date", "17 November 1988")]
    assert found["a"] == [("telephone", "+49 171 4471903")]
    assert found["b"] == [("iban", "DE89 3704 0044 0532 0130 00")]
    assert found["c"] == found["d"] == [("name-list", rows), *born]
    assert found["e"] == [("name-list", "1; ; Kone; Ibrahim\n2; ; Diallo; Mamadou")]
    assert found["f"] == [("email", "carl@mail.example")]
    assert found["g"] == [("passport", "AB4471903")]
    assert found["h"] == [("birth-date", "born 3 May 1990")]
    assert [kind for kind, _ in found["i"]] == ["name-list", "birth-date", "telephone", "birth-date"]
    assert [kind for kind, _ in found["j"]] == ["name-list", "birth-date", "birth-date"]
    assert found["k"] == [("name-list", "Kone; Ibrahim; CIV\nDiallo; Mamadou; GIN")]
    assert found["l"] == []
    assert report.closed == ()


async def test_documents_that_cannot_be_read_are_told(searcher: Searcher) -> None:
    ole = b"\xd0\xcf\x11\xe0"
    partly = docx("born 3 May 1990", more={"word/embeddings/o.bin": ole})
    report = await searcher.look(carrying(("old.doc", ole), ("cut.docx", docx("x")[:-9]), ("partly.docx", partly)))
    assert (report.kinds, report.closed) == ((Kind.BIRTH_DATE,), ("old.doc", "cut.docx", "partly.docx"))
    much = packed({"a.xml": "<document><p><t>" + "a" * (3 << 20)})
    report = await searcher.look(carrying(("much.docx", much), ("next.docx", docx("x"))))
    assert (report.kinds, report.closed) == ((Kind.UNREAD,), ())
    assert [text.name for text in report.texts if text.findings] == ["much.docx", "next.docx"]


async def test_a_message_within_the_message_is_looked_through(searcher: Searcher) -> None:
    within = b"Subject: old\r\n\r\nborn 3 May 1990\r\n"
    report = await searcher.look(message(b"Fwd", (b"message/rfc822", b"inline", within)))
    assert report.kinds == (Kind.BIRTH_DATE,)


async def test_a_child_that_fails_says_that_nothing_is_known(searcher: Searcher) -> None:
    hasty = Searcher(["iconet.test"], answer_within=0.0)
    assert await hasty.look(b"Subject: a\r\n\r\nb") == NOT_LOOKED
    deep = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" for _ in range(2_000))
    assert (await searcher.look(HEAD % b"a" + deep)).kinds == (Kind.UNREAD,)


@pytest.mark.alone
@pytest.mark.parametrize("piece", [b"-- \r\n", b"tel. 1234567 "])
async def test_25_mib_are_answered_in_time(searcher: Searcher, piece: bytes) -> None:
    raw = b"Subject: a\r\nContent-Type: text/html\r\n\r\n" + piece * ((25 << 20) // len(piece))
    began = time.monotonic()
    report = await searcher.look(raw)
    assert time.monotonic() - began < 8
    assert Kind.UNREAD in report.kinds
    assert report != NOT_LOOKED
