"""What office documents say is looked at for markings; documents made to hurt cost little."""

from __future__ import annotations

import base64
import encodings
import io
import random
import struct
import time
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from office_files import STRICT, A, P, S, W, carrying, core, custom, docx, opened, packed, paragraph, pptx, xlsx

from groupware.message.office import documents
from groupware.message.office.documents import Document, Left, for_a_child, for_all_to_wait
from groupware.message.office.part import CELL, PARAGRAPH, Place
from groupware.message.scan import scan
from groupware.message.unfit import Classified, Where

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupware.message.classified import Level

REAL = Path(__file__).parent / "documents"
"""Written by python-docx 1.2, openpyxl 3.1 and odfpy 1.4."""
MARK = "RESTREINT UE/EU RESTRICTED"
SENTENCE = (
    "Of the arrivals that were registered at the northern crossing in the third quarter more than half were "
    "transferred within two days to the reception centre"
)
MIB = 1 << 20


def read(octets: bytes) -> Document:
    found = documents.read(octets, for_a_child())
    assert found is not None
    return found


def marked(*files: bytes, kind: str = "application/octet-stream") -> tuple[Level, Where] | None:
    try:
        scan(carrying(*((f"file{number}", file) for number, file in enumerate(files)), kind=kind))
    except Classified as refused:
        return refused.marked.level, refused.marked.where
    return None


def among(text: str, before: int = 200, behind: int = 200) -> list[str]:
    return [*["Some words of it."] * before, text, *["More words of it."] * behind]


def test_what_real_programs_write_is_read() -> None:
    report, people = read((REAL / "report.docx").read_bytes()), read((REAL / "people.xlsx").read_bytes())
    assert report.left is people.left is Left.NOTHING
    assert report.text(Place.HEAD) == "Agency\tInternal note\n\nLIMITE"
    assert report.text(Place.BODY).split("\n") == [
        SENTENCE,
        "Surname; Given name; Nationality",
        "Kone; Ibrahim; CIV",
        "Diallo; Mamadou; GIN",
    ]
    assert ("title", "Quarterly report") in report.properties
    assert people.text(Place.BODY).split("\n") == [
        "No; Surname; Given name; Date of birth; ; Telephone",
        "1; Kone; Ibrahim; 1990-05-03; ; tel. +49 171 4471903",
        "2; Diallo; Mamadou; 1988-11-17; ; ",
    ]
    assert people.text(Place.HEAD).split() == ["Agency", "Page"]
    note, table = read((REAL / "report.odt").read_bytes()), read((REAL / "people.ods").read_bytes())
    assert note.text(Place.BODY) == f"Report\n{SENTENCE}"
    assert note.text(Place.HEAD) == "Internal note"
    assert table.text(Place.BODY).split("\n")[1:] == ["Kone; Ibrahim; ; 1990-05-03", "Diallo; Mamadou; ; 1988-11-17"]


def test_what_is_anchored_in_a_paragraph_divides_no_word() -> None:
    box = f"<w:r><w:txbxContent>{paragraph('In the box')}</w:txbxContent></w:r>"
    body = f"<w:p><w:r><w:t>Hel</w:t></w:r>{box}<w:r><w:t>lo</w:t><w:br/><w:t>you</w:t></w:r></w:p>"
    assert read(docx(body)).texts == [(Place.BODY, ["In the box", f"Hello{PARAGRAPH}you"])]
    inner = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    table = f"<w:tbl><w:tr><w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    assert read(docx(table)).texts == [(Place.BODY, [f"a{PARAGRAPH}b{CELL}x"])]
    note = "<text:note><text:note-citation>1</text:note-citation><text:p>Below</text:p></text:note>"
    comment = "<office:annotation><dc:creator>Anna</dc:creator><text:p>Aside</text:p></office:annotation>"
    odt = opened(f"<text:p>\n  Hel<text:span>lo</text:span>{note}{comment}<text:s/>you</text:p>")
    assert read(odt).texts[0] == (Place.BODY, ["Below", "Aside", "Hello you"])


@pytest.mark.parametrize(
    "file",
    [
        docx(*among("x"), header=MARK),
        docx(*among("x"), header=MARK, run=3),
        docx(MARK, *among("x"), run=1),
        docx(*among("x"), MARK, run=2),
        docx(MARK.replace("E", "\u0415").replace("T", "\u03a4"), run=1),
        docx("R E S T R E I N T   U E"),
        docx("RES\u200bTREINT\u200b UE\xad"),
        docx("CONFIDENTIEL UE\u00a0/ EU CONFIDENTIAL", run=4),
        docx(*among("x"), header=f"Agency\t{MARK}\tPage 1"),
        docx(f"<w:tbl><w:tr><w:tc>{paragraph('Agency')}</w:tc><w:tc>{paragraph(MARK)}</w:tc></w:tr></w:tbl>"),
        docx("x", more={"w.xml": f'<w:hdr {W}><w:p><v:textpath xmlns:v="v" string="{MARK}"/></w:p></w:hdr>'}),
        docx("x", more={"n.xml": f"<w:footnotes {W}><w:footnote>{paragraph(MARK)}</w:footnote></w:footnotes>"}),
        docx("x", more={"some/where.xml": f"<x:ftr {STRICT}><x:p><x:r><x:t>{MARK}</x:t></x:r></x:p></x:ftr>"}),
        docx("x", more={"word/f.xml": f"<w:ftr {W}>{paragraph(MARK)}</w:ftr>".encode("utf-16")}),
        docx("x", more={"word/embeddings/a.bin": docx("x", header=MARK)}),
        docx("x", more=core(title=f"Report - {MARK}")),
        docx("x", more=core(subject=MARK)),
        docx("x", more=core(keywords=MARK)),
        docx("x", more=custom(MSIP_Label_0_Name="EU RESTRICTED")),
        docx("x", more=custom(ClassificationLevel="Confidentiel UE")),
        xlsx(*[["a", "b", "c"]] * 500, header=f'&L&"Arial,Bold"&12Agency&C&KFF0000{MARK}&RPage &P'),
        xlsx([MARK], ["a", "b"]),
        xlsx(*[["a", "b", "c"]] * 500, ["", MARK]),
        xlsx(["Classification", "RESTREINT UE"], *[["a", "b", "c"]] * 500),
        pptx("Hello", f"{MARK}"),
        pptx("Hello", notes=MARK),
        packed({"a.xml": f"<p:sld {P}/>", "m.xml": f"<p:sldMaster {P} {A}><a:p><a:t>{MARK}</a:t></a:p></p:sldMaster>"}),
        opened("<text:p>x</text:p>" * 200 + "<text:p>RES<text:span>TREINT</text:span><text:s/>UE</text:p>"),
        opened("<text:p>x</text:p>", head=f"<text:p>{MARK}</text:p>"),
        opened("<text:p>x</text:p>", meta=f"<meta:keyword>{MARK}</meta:keyword>"),
        opened("<text:p>x</text:p>", meta='<meta:user-defined meta:name="Marking">Restreint UE</meta:user-defined>'),
        opened(f"<table:table><table:table-row><table:table-cell><text:p>{MARK}</text:p></table:table-cell>"
               "</table:table-row></table:table>", kind="spreadsheet"),
    ],
    ids=range(32),
)  # fmt: skip
def test_a_marking_in_a_document_is_found(file: bytes) -> None:
    found = marked(file, kind="image/png")
    assert found is not None
    assert found[1] in (Where.DOCUMENT, Where.PROPERTY)
    assert marked(b"PK\x03\x04no archive", docx("Nothing."), file) == found


@pytest.mark.parametrize(
    "file",
    [
        docx(f"We spoke of what {MARK} means.", f"Levels: {MARK}, CONFIDENTIEL UE and so on"),
        docx(*among(MARK)),
        docx("x", more=core(title="The secret of good notes", keywords="secret; confidential")),
        docx("x", more=custom(MSIP_Label_0_Name="Confidential")),
        docx("x", more={"word/styles.xml": f"<w:styles {W}>{paragraph(MARK)}</w:styles>"}),
        xlsx(["Document", "Level", "Date"], ["Report", "RESTREINT UE", "2026"], ["Note", "SECRET", "2026"]),
        xlsx(["Level", "Count"], ["RESTREINT UE", "12"], ["SECRET", "x"]),
        zlib.compress(docx(MARK)),
    ],
    ids=range(8),
)
def test_what_is_no_marking(file: bytes) -> None:
    assert marked(file) is None


def test_how_it_is_encoded_hides_nothing() -> None:
    file = docx("x", header=MARK)
    head = "From: a@iconet.test\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: {}\r\n\r\n"
    large = docx("x", header=MARK, more={"a.png": random.Random(1).randbytes(300_000)})
    quoted = "".join(f"={octet:02X}" for octet in large)
    lines = "=\r\n".join(quoted[at : at + 72] for at in range(0, len(quoted), 72))
    for encoding, body in (("base64", "\r\n".join(base64.b64encode(file).decode())), ("quoted-printable", lines)):
        with pytest.raises(Classified):
            scan((head.format(encoding) + body + "\r\n").encode())
        assert documents.may_hold((head.format(encoding) + body).encode())


def tampered(octets: bytes, at: int, form: str, *values: int) -> bytes:
    """With other numbers at a place behind the mark of each entry of the directory."""
    changed, found = bytearray(octets), octets.find(b"PK\x01\x02")
    while found >= 0:
        struct.pack_into(form, changed, found + at, *values)
        found = octets.find(b"PK\x01\x02", found + 4)
    return bytes(changed)


def overlapping(times: int) -> bytes:
    """Entries that all name one content, as in a bomb that isn't nested."""
    whole = packed({"word/document.xml": "<document>" + "<p/>" * 500_000})
    at, end = whole.find(b"PK\x01\x02"), whole.find(b"PK\x05\x06")
    last = whole.find(b"PK\x01\x02", at + 4)
    listed = whole[at:last] + whole[last:end] * times
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times + 1, times + 1, len(listed), at, 0)
    return whole[:at] + listed + tail


def of_one_letter(gibibytes: int) -> bytes:
    """A content of so many, which a deflated stream that repeats itself says in little."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = engine.compress(b"<document><p><t>") + engine.flush(zlib.Z_FULL_FLUSH)
    piece = engine.compress(b"a" * MIB) + engine.flush(zlib.Z_FULL_FLUSH)
    stream = begin + piece * (gibibytes << 10)
    name = b"[Content_Types].xml"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(stream), 100, len(name), 0) + name
    listed = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(stream), 100, len(name), *[0] * 6)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listed) + len(name), len(local) + len(stream), 0)
    return local + stream + listed + name + end


def many_entries(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    whole = out.getvalue()
    at, end = whole.find(b"PK\x01\x02"), whole.find(b"PK\x05\x06")
    return whole[:at] + whole[at:end] * count + whole[end:]


def archive(count: int, name: str = "a/mimetype{}.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(count):
            made.writestr(name.format(number), b"")
    return out.getvalue()


def test_archives_that_are_no_documents_take_nothing_from_those_that_are() -> None:
    budget, many = for_all_to_wait(), archive(5_001)
    assert [documents.read(many, budget) for _ in range(5)] == [None] * 5
    assert documents.read(archive(2, "mimetype/{}"), budget) is None
    assert budget == for_all_to_wait()
    assert marked(*[many] * 2, docx("x", header=MARK)) is not None
    assert read(many_entries(5_001).replace(b"[Content_Types].xml", b"[CONTENT_TYPES].XML")).left is Left.BEYOND
    assert documents.read(archive(1, "MimeType"), budget) is None
    assert budget != for_all_to_wait()


def nested(levels: int) -> bytes:
    made = docx("x", header=MARK)
    for _ in range(levels):
        made = docx("x", more={"word/embeddings/a.docx": made})
    return made


SHARED = '<c t="s"><v>0</v></c>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTRIBUTES = " ".join(f"a{number}=''" for number in range(20_000))
BOMBS: dict[str, Callable[[], bytes]] = {
    "10 GiB of one letter": lambda: of_one_letter(10),
    "100,000 entries": lambda: many_entries(100_000),
    "one content named 4,000 times": lambda: overlapping(4_000),
    "210,000 cells": lambda: packed({"a.xml": "<worksheet><row>" + '<c r="XFD1"/>' * 210_000}),
    "100,000 paragraphs": lambda: packed({"a.xml": "<document>" + "<p><t>a</t></p>" * 100_001}),
    "one string 1,000 times": lambda: packed(
        {"s.xml": f"<sst><si><t>{'a b ' * 60_000}</t></si></sst>", "a.xml": f"<worksheet><row>{SHARED * 1000}"}
    ),
    "a million levels": lambda: packed({"a.xml": "<document>" + "<p>" * MIB}),
    "a tag of 40 MB": lambda: packed({"a.xml": "<document a='" + "a" * 40 * MIB}),
    "400,000 attributes": lambda: packed({"a.xml": "<document>" + f"<p {ATTRIBUTES}/>" * 20 + "<p>" * 300}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little_and_are_told_as_too_much(name: str) -> None:
    bomb = BOMBS[name]()
    began = time.thread_time()
    found = documents.read(bomb, for_all_to_wait())
    assert time.thread_time() - began < 1.5
    assert found is not None
    assert found.left is Left.BEYOND


def headed(header: str) -> bytes:
    around = f"<headerFooter><oddHeader>{header}</oddHeader></headerFooter>"
    return packed({"xl/worksheets/sheet1.xml": f"<worksheet {S}>{around}</worksheet>"})


LONG_ONES: dict[str, Callable[[], bytes]] = {
    "a format of brackets": lambda: packed({"a.xml": f"<styleSheet><numFmt formatCode='{'[' * 240_000}'/>"}),
    "a header of places": lambda: headed("&amp;L" * MIB),
    "a header of codes": lambda: headed("&amp;A" * MIB),
    "a title of blanks": lambda: packed(core(title="a " * MIB)),
}


@pytest.mark.parametrize("name", LONG_ONES)
def test_nothing_that_is_long_holds_others_up(name: str) -> None:
    long = LONG_ONES[name]()
    began = time.thread_time()
    documents.read(long, for_all_to_wait())
    assert time.thread_time() - began < 0.2


def test_dates_are_known_by_their_formats() -> None:
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code}"/>'
        for number, code in enumerate(("[$-409]d.m.y;@", "[Red]0.0", "&quot;day&quot;0", "[h]"), 200)
    )
    used = "".join(f'<xf numFmtId="{number}"/>' for number in (200, 201, 202, 203, 14))
    cells = "".join(f'<c s="{at}"><v>45000</v></c>' for at in range(5))
    styles = f"<styleSheet><numFmts>{formats}</numFmts><cellXfs>{used}</cellXfs></styleSheet>"
    book = packed({"s.xml": styles, "a.xml": f"<worksheet><row>{cells}</row></worksheet>"})
    assert read(book).text(Place.BODY) == "2023-03-15; 45000; 45000; 45000; 2023-03-15"


@pytest.mark.parametrize(
    "file",
    [
        docx("x")[:-30],
        docx("x").replace(b"PK\x01\x02", b"PK\x09\x09"),
        tampered(docx("x"), 8, "<H", 1),
        tampered(docx("x"), 10, "<H", 14),
        tampered(docx("x"), 42, "<L", 0xFFFFFFFF),
        packed(
            {"word/document.xml": f"<!DOCTYPE d [{LAUGHS}]><w:document {W}><w:p><w:t>&l9;</w:t></w:p></w:document>"}
        ),
        packed({"word/document.xml": '<!DOCTYPE d SYSTEM "file:///etc/passwd"><document/>'}),
        packed({"word/vbaProject.bin": "x", "xl/workbook.bin": "y"}),
        b"\xd0\xcf\x11\xe0" + bytes(1000),
    ],
    ids=[
        "no end",
        "no directory",
        "encrypted",
        "packed otherwise",
        "nowhere",
        "laughs",
        "a file",
        "binary",
        "of before",
    ],
)
def test_what_cannot_be_read_is_closed(file: bytes) -> None:
    assert documents.read(file, for_a_child()) is None


def declared(encoding: str) -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><document><p><t>Hell\xf6</t></p></document>'
    return packed({"word/document.xml": text.encode("utf-16" if encoding == "UTF-16" else "latin-1")})


def test_encodings_are_those_of_mail_and_no_other_is_kept() -> None:
    for encoding in ("ISO-8859-1", "windows-1252", "iso-8859-15", "UTF-16"):
        assert read(declared(encoding)).text(Place.BODY) == "Hell\xf6"
    known = vars(encodings)["_cache"]  # of every name that was ever looked for
    before = len(known)
    for encoding in ("unicode_escape", "raw_unicode_escape", "charmap", *(f"x{n}-{'a' * 1000}" for n in range(20))):
        assert documents.read(declared(encoding), for_a_child()) is None
    assert len(known) == before


def test_sizes_that_lie_hide_nothing() -> None:
    for file in (tampered(docx("Hello"), 20, "<2L", 1, 1), tampered(docx("Hello"), 20, "<2L", 0, 0xFFFFFFF0)):
        assert read(file).text(Place.BODY) == "Hello"


def of_zip64(octets: bytes) -> bytes:
    """With all that ZIP64 may say said by it (APPNOTE 4.3.14 to 4.3.16, 4.5.3)."""
    start, end = octets.find(b"PK\x01\x02"), octets.find(b"PK\x05\x06")
    made, at = bytearray(octets[:start]), start
    while at < end:
        row = list(struct.unpack_from("<4s6H3L5H2L", octets, at))
        extra = struct.pack("<2H4x2H3Q", 0xCAFE, 4, 1, 24, row[9], row[8], row[16])
        row[8] = row[9] = row[16] = 0xFFFFFFFF
        name = octets[at + 46 : at + 46 + row[10]]
        made += struct.pack("<4s6H3L5H2L", *row[:11], len(extra), *row[12:]) + name + extra
        at += 46 + len(name)
    size = len(made) - start
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, start)
    found = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(made), 1)
    return bytes(made + large + found) + struct.pack("<4s4H2LH", b"PK\x05\x06", *[0xFFFF] * 4, *[0xFFFFFFFF] * 2, 0)


def test_large_archives_are_read_as_others() -> None:
    text = {"word/document.xml": f"<w:document {W}>{paragraph('Hello')}</w:document>"}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        large = of_zip64(packed(text, method))
        with zipfile.ZipFile(io.BytesIO(large)) as made:
            assert made.testzip() is None
        assert read(large) == Document([(Place.BODY, ["Hello"])], has_body=True)
        assert documents.read(b"PK\x03\x04" + large[-22:], for_a_child()) is None


def test_what_is_partly_read_says_so() -> None:
    assert nested(1) != nested(2)
    assert (marked(nested(1)) is not None, read(nested(1)).left) == (True, Left.NOTHING)
    assert (marked(nested(2)), read(nested(2)).left) == (None, Left.CLOSED)
    ole = docx("x", more={"word/embeddings/o.bin": b"\xd0\xcf\x11\xe0"})
    html = docx("x", '<w:altChunk xmlns:r="r" r:id="a"/>')
    broken = docx("x", more={"word/header9.xml": f"<w:hdr {W}>{paragraph(MARK)}<w:p>"})
    long = headed("&amp;L" * 10_000)
    assert [read(file).left for file in (ole, html, broken, long)] == [Left.CLOSED] * 4
    assert marked(broken) is not None


def test_headers_are_known_of_what_is_too_much() -> None:
    assert marked(docx(*["Some words."] * 50_000, header=MARK)) is not None


def test_documents_that_are_damaged_anyhow_harm_nobody() -> None:
    chance = random.Random(4)
    for file in [each.read_bytes() for each in sorted(REAL.iterdir())] * 40:
        damaged = bytearray(file)
        for _ in range(chance.randint(1, 30)):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        documents.read(damaged, for_all_to_wait())
