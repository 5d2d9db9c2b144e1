"""Office documents of the fewest parts that programs open, and messages that carry files."""

from __future__ import annotations

import base64
import io
import zipfile
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT = 'xmlns:x="http://purl.oclc.org/ooxml/wordprocessingml/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def packed(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive, behind the part that all of them begin with."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in {"[Content_Types].xml": TYPES, **files}.items():
            archive.writestr(name, content)
    return out.getvalue()


def paragraph(text: str, run: int = 1000) -> str:
    """In runs of so many letters, as Word divides what was typed at several times."""
    runs = (text[at : at + run] for at in range(0, len(text), run))
    return (
        "<w:p><w:pPr><w:tabs/></w:pPr>" + "".join(f"<w:r><w:t>{escape(each)}</w:t></w:r>" for each in runs) + "</w:p>"
    )


def docx(*paragraphs: str, run: int = 1000, header: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Of Word. What begins with `<` stands as it is."""
    body = "".join(each if each.startswith("<") else paragraph(each, run) for each in paragraphs)
    head = {"word/header1.xml": f"<w:hdr {W}>{paragraph(header, run)}</w:hdr>"} if header else {}
    return packed(
        {"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>", **head, **(more or {})}
    )


def core(**values: str) -> dict[str, str]:
    """The properties that Dublin Core names."""
    said = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in values.items())
    there = 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    return {
        "docProps/core.xml": f'<cp:coreProperties {there} xmlns:dc="http://purl.org/dc/elements/1.1/">{said}'
        "</cp:coreProperties>"
    }


def custom(**values: str) -> dict[str, str]:
    """Those of somebody's own."""
    said = "".join(
        f'<property fmtid="{{D5CDD505}}" pid="2" name="{name}"><vt:lpwstr>{escape(value)}</vt:lpwstr></property>'
        for name, value in values.items()
    )
    there = 'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"'
    return {"docProps/custom.xml": f'<Properties xmlns="custom-properties" {there}>{said}</Properties>'}


def xlsx(*rows: Sequence[str], header: str = "") -> bytes:
    """Of Excel: every second text is one of the shared strings, the others stand in their cells."""
    shared: list[str] = []
    lines = "".join(
        f'<row r="{y}">{"".join(_cell(x, y, text, shared) for x, text in enumerate(row) if text)}</row>'
        for y, row in enumerate(rows, 1)
    )
    around = f"<headerFooter><oddHeader>{escape(header)}</oddHeader></headerFooter>" if header else ""
    return packed(
        {
            "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{lines}</sheetData>{around}</worksheet>",
            "xl/sharedStrings.xml": f"<sst {S}>{''.join(f'<si>{each}</si>' for each in shared)}</sst>",
        }
    )


def _cell(x: int, y: int, text: str, shared: list[str]) -> str:
    place = f"{chr(65 + x)}{y}"
    if (x + y) % 2:
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
    shared.append(f"<r><t>{escape(text[:2])}</t></r><r><t>{escape(text[2:])}</t></r><rPh><t>spoken</t></rPh>")
    return f'<c r="{place}" t="s"><v>{len(shared) - 1}</v></c>'


def pptx(*slides: str, notes: str = "") -> bytes:
    """Of PowerPoint."""

    def shown(text: str) -> str:
        return f"<p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody>"

    parts = {f"ppt/slides/slide{n}.xml": f"<p:sld {P} {A}>{shown(each)}</p:sld>" for n, each in enumerate(slides)}
    return packed({**parts, "ppt/notesSlides/notesSlide1.xml": f"<p:notes {P} {A}>{shown(notes)}</p:notes>"})


def opened(body: str, *, kind: str = "text", head: str = "", meta: str = "") -> bytes:
    """OpenDocument's, of any kind."""
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {OPEN}>{body}</office:document-content>",
            "styles.xml": f"<office:document-styles {OPEN}>{head}</office:document-styles>",
            "meta.xml": f"<office:document-meta {OPEN}><office:meta>{meta}</office:meta></office:document-meta>",
        }
    )


def carrying(*files: tuple[str, bytes], author: str = "a@iconet.test", kind: str = "application/octet-stream") -> bytes:
    """A message with files; their names say nothing of what they are."""
    parts = "".join(
        f'--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(file).decode()}".replace("\n", "\r\n").replace(
            "\r\r", "\r"
        )
        for name, file in files
    )
    head = f"From: {author}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return f"{head}--b\r\n\r\nSee there.\r\n{parts}--b--\r\n".encode()
