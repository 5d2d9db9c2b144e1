from __future__ import annotations

import pytest

from groupware.message import addresses, dates, header, parameters, words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        ("Grüße".encode(), "Grüße"),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?UTF-8*de?B?R3LDvMOfZQ==?= und mehr", "Grüße und mehr"),
        (b"=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        (b"=?utf-8?q?a?= =?utf-8?q?_b?=\tc", "a b\tc".replace("\t", " ")),
        (b"=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),
        (b"=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?= =?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テストテスト"),
        (b"=?koi8-r?B?8NLJ18XU?=", "Привет"),
        (b"=?no-such?q?a=E9?=", "aé"),
        (b"=?unicode_escape?q?=5Cx41?=", "\\x41"),
        (b"=?idna?q?xn--a?=", "xn--a"),
        (b"=?utf-8?q?a=0D=0ABcc:_x=00y?=", "a Bcc: x y"),
        (b"=?utf-7?q?+2AA-?=", None),
        (b"=?utf-8?q?=E2=80=AEfdp.exe?=", "fdp.exe"),
        (b"=?utf-8?x?a?= =?utf-8?q?open", "=?utf-8?x?a?= =?utf-8?q?open"),
    ],
)
def test_encoded_words_become_one_line_of_text(value: bytes, text: str | None) -> None:
    decoded = words.decode(value)
    decoded.encode()  # no lone surrogate
    assert text is None or decoded == text


def test_encoded_words_come_back_as_they_went() -> None:
    text = "Früh " * 100 + "テスト🙂"
    assert words.decode(words.encode(text).encode()) == text
    assert all(len(word) <= 75 for word in words.encode(text).split())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@b.test", [(None, b"a", b"b.test")]),
        (b"Ann Lee <a@b.test>,\tc@d.test", [(b"Ann Lee", b"a", b"b.test"), (None, b"c", b"d.test")]),
        (b'"Lee, \\"Ann\\"" <a@b.test>', [(b'Lee, "Ann"', b"a", b"b.test")]),
        (b"a@b.test (Ann (the) Lee)", [(b"Ann (the) Lee", b"a", b"b.test")]),
        (b"<@r1,@r2:a@b.test>", [(None, b"a", b"b.test")]),
        (b'"a b"@c.test', [(None, b"a b", b"c.test")]),
        (b"a . b @ c . test", [(None, b"a.b", b"c.test")]),
        (b"x@[192.0.2.1]", [(None, b"x", b"[192.0.2.1]")]),
        (b"lonely", [(None, b"lonely", b"")]),
        (b"Ann <>", [(b"Ann", b"", b"")]),
        (b"none:;", [(None, b"none", None), (None, None, None)]),
        (
            b"my group: a@b.test, C <c@d.test>;, e@f.test",
            [
                (None, b"my group", None),
                (None, b"a", b"b.test"),
                (b"C", b"c", b"d.test"),
                (None, None, None),
                (None, b"e", b"f.test"),
            ],
        ),
        (b"", []),
        (b" , ,", []),
    ],
)
def test_address_lists(value: bytes, expected: list[tuple[bytes | None, ...]]) -> None:
    assert addresses.read(value) == expected


def test_a_local_part_with_an_at_sign_stays_quoted() -> None:
    found = header.addresses(b'"victim@iconet.test"@evil.test')
    assert found == [("", '"victim@iconet.test"@evil.test')]


def test_an_address_as_name_is_only_a_name() -> None:
    assert header.addresses(b"boss@iconet.test <mallory@evil.test>") == [("boss@iconet.test", "mallory@evil.test")]


def test_at_most_a_thousand_addresses_are_decoded() -> None:
    assert len(header.addresses(b"a@b," * 1500)) == 1000


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"Fri, 21 Nov 1997 09:55:06 -0600", 880127706),
        (b"Fri, 21 Nov 1997 09:55:06 -0600 (CST)", 880127706),
        (b"21 Nov 97 09:55:06 CST", 880127706),
        (b"21 Nov 1997 15:55 GMT", 880127700),
        (b"Friday, 21-Nov-97 15:55:06 UT", 880127706),
        (b"21 November 1997 15:55:06", 880127706),
        (b"Fri,21 Nov 1997 16:55:06 +0100", 880127706),
        (b"Fri, 21 Nov 1997 15:55:06 Z", 880127706),
        (b"Thu, 31 Dec 1998 23:59:60 +0000", 915148799),
        (b"1 Jan 2040 00:00:00 +0000", 2208988800),
        (b"31 Feb 2020 00:00:00 +0000", None),
        (b"21 Foo 1997 09:55:06", None),
        (b"21 Nov 1997 25:00:00", None),
        (b"yesterday", None),
        (b"", None),
        (b"1 Jan 0000 00:00:00", None),
    ],
)
def test_dates(value: bytes, seconds: int | None) -> None:
    assert dates.read(value) == (None if seconds is None else seconds * 1_000_000)


def test_a_written_date_is_read_as_it_was() -> None:
    assert dates.write(880127706_000_000) == "Fri, 21 Nov 1997 15:55:06 +0000"
    assert dates.read(dates.write(1795317565_000_000).encode()) == 1795317565_000_000


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"attachment; filename=a.txt", "a.txt"),
        (b'attachment; filename="a; \\"b\\".txt"', 'a; "b".txt'),
        (b"attachment; filename*=utf-8'de'%C3%9Cber.txt", "Über.txt"),
        (b"attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        (b"attachment; filename*0*=iso-8859-1''%DC; filename*1=ber; filename*2*=%2Etxt", "Über.txt"),
        (b"attachment; filename*=%41", "A"),
        (b'attachment; filename="a\x00b\x0d\x0ac"', "a b c"),
        (b"attachment; size=3", None),
        (b'attachment; filename="open', "open"),
    ],
)
def test_file_names(value: bytes, name: str | None) -> None:
    assert parameters.decoded(parameters.read(value)[1], b"filename") == name


def test_at_most_a_hundred_parameters_are_read() -> None:
    assert len(parameters.read(b"text/plain" + b";a=b" * 500)[1]) == 100
