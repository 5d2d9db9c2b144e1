"""What offices write every day beside what is marked: forms, lists, labels and footers that come in, and others."""

from __future__ import annotations

import time

import pytest
from office_files import W, carrying, core, custom, docx, opened, packed, paragraph, xlsx

from groupware.message import unfit
from groupware.message.scan import scan
from groupware.message.unfit import Classified


def table(*rows: tuple[str, ...]) -> str:
    """Of Word."""
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def keywords(*words: str) -> bytes:
    """In OpenDocument each stands alone."""
    return opened("<text:p>x</text:p>", meta="".join(f"<meta:keyword>{word}</meta:keyword>" for word in words))


def is_refused(raw: bytes) -> bool:
    try:
        scan(raw)
    except Classified:
        return True
    return False


COMES_IN: dict[str, bytes] = {
    "a clearance": docx("Curriculum vitae", "Security clearance: EU SECRET", "b"),
    "an everyday one": docx("Security clearance: Secret"),
    "a row of one": docx(table(("Security clearance", "EU SECRET"))),
    "behind a tab": docx("Security clearance\tEU SECRET"),
    "a column's": xlsx(("Name", "Anna"), ("Habilitation", "SECRET UE"), ("Since", "2024")),
    "choices": xlsx(("Level",), ("UNCLASSIFIED",), ("EU RESTRICTED",), ("SECRET",)),
    "choices in lines": docx("The levels", "SECRET", "CONFIDENTIAL"),
    "a column": docx(table(("Level", "SECRET"), ("posts", "12"))),
    "a table of columns": docx(table(("Name", "Level", "SECRET"), ("a", "b", "12"))),
    "all choices in the first row": xlsx(("UNCLASSIFIED", "EU RESTRICTED", "EU SECRET"), ("1", "2", "3")),
    "a list below the first row": xlsx(("Name", "Level", "Since"), ("Report", "EU SECRET", "2026")),
    "a form's name": docx("x", header="Form PSC - SECRET"),
    "a clearance in a header": docx("x", header="Security clearance: EU SECRET"),
    "counts": docx(table(("Level", "Count"), ("SECRET", "12"))),
    "equivalents": docx(table(("EU", "DE"), ("EU SECRET", "GEHEIM"))),
    "short forms": docx(table(("Short", "Meaning"), ("R-UE", "RESTREINT UE"))),
    "what documents are": docx(table(("Name", "Level"), ("Report", "EU SECRET"), ("Note", "EU RESTRICTED"))),
    "choices alone": xlsx(("EU RESTRICTED",), ("EU CONFIDENTIAL",), ("EU SECRET",)),
    "a guide": docx("x", more=core(title="RESTREINT UE handling guide")),
    "a manual": docx("x", more=core(title="EU RESTRICTED documents: how to register")),
    "key words": docx("x", more=core(keywords="training; EU SECRET; rules")),
    "key words alone": keywords("training", "EU SECRET", "rules"),
    "a subject": docx("x", more=core(subject="RESTREINT UE rules", description="Of RESTRICTED and SECRET")),
    **{
        f"a label {said}": docx("x", more=custom(MSIP_Label_f1_Name=said))
        for said in ("Confidential", "CONFIDENTIAL", "Interno", "INTERNO", "Riservato", "RESERVADO", "Secret")
    },
    **{
        f"a footer to print {said}": docx("x", more=custom(ClassificationContentMarkingFooterText=said))
        for said in ("Internal", "Confidential", "Interno", "Riservato", "Reservado", "Restricted", "SECRET")
    },
    **{f"a property {said}": docx("x", more=custom(Classification=said)) for said in ("Confidential", "Interno")},
    **{
        f"a header {said}": docx("x", header=said)
        for said in ("INTERNO", "Interno", "RISERVATO", "RESERVADO", "CONFIDENTIAL", "VERTRAULICH", "CLASS: INTERNO")
    },
}
REFUSED: dict[str, bytes] = {
    "a header": docx("x", header="EU INTERNO"),
    "a State's header": docx("x", header="GEHEIM"),
    "a State's words": docx("x", header="VS-NfD"),
    "a State's line": docx("VERTRAULICH", "x"),
    "one level twice": docx("SECRET UE", "EU SECRET", "x"),
    "a State's above the Union's": docx("RESERVADO", "RESTREINT UE/EU RESTRICTED", "x"),
    "a row": docx(table(("Classification", "EU SECRET"), ("Date", "2026"))),
    "an office's row": docx(table(("Ministry", "GEHEIM"), ("Date", "2026"))),
    "a level's row": docx(table(("Level", "EU SECRET"), ("Date", "2026"))),
    "an office beside it": docx("x", header="EU SECRET - Ministry of Interior"),
    "a copy's number": docx("x", header="EU SECRET  Copy 3 of 5"),
    "an end": docx("x", header="EU RESTRICTED until 1.1.2027"),
    "a number behind a tab": docx(*["x"] * 9, "EU SECRET\tRef 12/26", *["x"] * 9),
    "the first row": xlsx(("Ministry", "Dept", "EU SECRET"), ("a", "b", "c")),
    "the first row's first": xlsx(("EU SECRET", "Ref 12/26"), ("a", "b")),
    "a title": docx("x", more=core(title="Report - EU SECRET")),
    "a subject": docx("x", more=core(subject="Report: EU SECRET")),
    "key words": docx("x", more=core(keywords="EU SECRET")),
    "one key word": keywords("EU SECRET"),
    "another's property": docx("x", more=custom(Classification="Secret")),
    **{
        f"a label {said}": docx("x", more=custom(MSIP_Label_f1_Name=said))
        for said in ("EU RESTRICTED", "Restreint UE", "SECRET UE", "VS-NfD", "Riservato UE", "EU INTERNO")
    },
    "a footer to print": docx("x", more=custom(ClassificationContentMarkingFooterText="EU Restricted")),
}


@pytest.mark.parametrize("name", COMES_IN)
def test_what_offices_write_comes_in(name: str) -> None:
    assert not is_refused(carrying(("a", COMES_IN[name])))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_marked_does_not(name: str) -> None:
    assert is_refused(carrying(("a", REFUSED[name])))


@pytest.mark.parametrize(
    "head",
    [
        "Допуск до",
        "Bezpečnostní prověrka",
        "Sikkerhedsgodkendelse",
        "Sicherheitsüberprüfung",
        "Εξουσιοδότηση ασφαλείας",
        "Personnel security clearance level",
        "Habilitación de seguridad",
        "Juurdepääsuluba",
        "Turvallisuusselvitys",
        "Habilitation",
        "Imréiteach slándála",
        "Uvjerenje",
        "Személyi biztonsági tanúsítvány",
        "Nulla osta di sicurezza",
        "NOS",
        "Leidimas",
        "Pielaide",
        "Klirjans",
        "Veiligheidsmachtiging",
        "Poświadczenie bezpieczeństwa",
        "Credenciação",
        "Certificat de securitate",
        "Bezpečnostná previerka",
        "Dovoljenje za dostop",
        "Säkerhetsklassning",
    ],
)
def test_a_clearance_is_no_marking_in_any_language(head: str) -> None:
    """Nor in a Subject; but what stands beside it is one."""
    assert not is_refused(said("x", f"{head}: EU SECRET"))
    assert not is_refused(said(f"{head}: EU SECRET", "x"))
    assert is_refused(said(f"EU SECRET: {head}", "x"))


def test_a_long_annex_hides_no_letter() -> None:
    """Of all documents together there is a bound to what is looked at; the annex alone is beyond it."""
    annex = packed({"word/document.xml": f"<w:document {W}>{'<w:p><w:r><w:t>word</w:t></w:r></w:p>' * 70_000}"})
    assert not is_refused(carrying(("annex", annex)))
    assert is_refused(carrying(("annex", annex), ("letter", docx("x", header="EU SECRET"))))


def test_properties_cost_little() -> None:
    """However many there are; the first ones are looked at."""
    one = f'<property name="classification"><a>{"x;" * 110}</a></property>'
    began = time.thread_time()
    assert not is_refused(having(one * 9_000))
    assert time.thread_time() - began < 1
    assert is_refused(having(one * (unfit.PROPERTIES - 1) + one.replace("x;", "EU SECRET;", 1)))


def having(properties: str) -> bytes:
    return carrying(("a", docx("x", more={"docProps/custom.xml": f"<Properties>{properties}</Properties>"})))


def said(subject: str, text: str, *fields: str) -> bytes:
    head = "\r\n".join((f"From: a@iconet.test\r\nSubject: {subject}", *fields))
    return f"{head}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


def test_labels_of_mail_programs_are_their_companies_own() -> None:
    label = "msip_labels: MSIP_Label_f1_Enabled=True; MSIP_Label_f1_Name={};"
    assert not is_refused(said("x", "y", label.format("CONFIDENTIAL")))
    assert is_refused(said("x", "y", label.format("EU Restricted")))
