from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

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
