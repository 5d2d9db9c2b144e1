"""Markings of classified information in every official language; mentions of them aren't markings."""

from __future__ import annotations

import base64

import pytest

from groupware.message import classified, unfit
from groupware.message.classified import Level
from groupware.message.scan import scan
from groupware.message.unfit import Classified, Where

OFFICIAL = frozenset(
    (
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "ga",
        "hr",
        "hu",
        "it",
        "lt",
        "lv",
        "mt",
        "nl",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sv",
    )
)
"""Council Regulation No 1/1958, Article 1, as amended by Regulation (EU) No 517/2013."""


def marked(raw: bytes) -> tuple[Level, Where] | None:
    try:
        scan(raw)
    except Classified as refused:
        return refused.marked.level, refused.marked.where
    return None


def message(subject: str = "Report", text: str = "Nothing.", *fields: str, kind: str = "text/plain") -> bytes:
    subject = f"=?utf-8?b?{base64.b64encode(subject.encode()).decode()}?="
    head = [f"From: a@iconet.test\r\nSubject: {subject}", *fields, f"Content-Type: {kind}; charset=utf-8"]
    return ("\r\n".join(head) + "\r\n\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()


def with_file(name: str, content: str, kind: str = "text/plain") -> bytes:
    parts = f'--b\r\n\r\nSee there.\r\n--b\r\nContent-Type: {kind}; charset=utf-8; name="{name}"\r\n'
    body = base64.encodebytes(content.encode()).decode().replace("\n", "\r\n")
    rest = f"Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
    head = "From: a@iconet.test\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return (head + parts + rest).encode()


def test_all_official_languages_are_known() -> None:
    assert classified.languages() == OFFICIAL


@pytest.mark.parametrize("language", sorted(OFFICIAL))
def test_a_language(language: str) -> None:
    """Each word of each level: as the Subject's label, as a line at the head and the foot; but no mention of it."""
    levels = set()
    for level, word in classified.words(language):
        capitals = word.upper()
        levels.add(level)
        assert marked(message(f"Re: [{capitals}] Report"))[1] is Where.SUBJECT, word
        assert marked(message(f"Report - {capitals}"))[0] >= level, word
        assert marked(message("Report", f"{capitals}\n\nDear all,\nnothing."))[1] is Where.TEXT, word
        assert marked(message("Report", "Dear all,\n" + "x\n" * 99 + f"> *** {capitals} ***"))[1] is Where.TEXT, word
        assert marked(message("Why we take nothing marked so", f"What is marked as {capitals} isn't for here.")) is None
        assert marked(message("Levels", f"The levels:\n- {capitals}\n- none")) is None, word
    assert levels == set(Level)


@pytest.mark.parametrize(
    "label",
    [
        "RESTREINT UE/EU RESTRICTED",
        "R-UE/EU-R",
        "RESTREINT UE",
        "EU RESTRICTED",
        "CONFIDENTIEL UE/EU CONFIDENTIAL",
        "SECRET UE/EU SECRET",
        "TRÈS SECRET UE/EU TOP SECRET",
        "TRES SECRET UE",
        "TS-UE/EU-TS",
        "C-UE/EU-C",
        "S-UE/EU-S",
        "NATO RESTRICTED",
        "COSMIC TOP SECRET",
    ],
)
def test_the_unions_own_and_natos(label: str) -> None:
    assert marked(message(f"[{label}] Report"))[1] is Where.SUBJECT
    assert marked(message(f"{label} Report"))[1] is Where.SUBJECT
    assert marked(message("Report", f"{label}\n\nText"))[1] is Where.TEXT
    assert marked(message("Report", f"Text\n\n{label} - 3/4"))[1] is Where.TEXT
    assert marked(message("Report", f"{label} REL TO Norway\n\nText"))[1] is Where.TEXT
    assert marked(message("Report", f"<h1>{label}</h1><p>Text", kind="text/html"))[1] is Where.TEXT
    assert marked(message("Report", "Text", f"X-Classification: {label}"))[1] is Where.FIELD
    assert marked(message("Report", "Text", f'SIO-Label: marking="{label}"; bgcolor=red'))[1] is Where.FIELD
    name = label.replace("/", "_")
    assert marked(with_file(f"{name} report.odt", "x", "application/octet-stream"))[1] is Where.NAME
    assert marked(with_file("report.txt", f"{label}\n\nText"))[1] is Where.TEXT
    assert marked(with_file("old.eml", message(f"{label}: x").decode(), "text/x-mail")) is None


def test_a_message_within_a_message_and_an_invitation() -> None:
    inner = message("[EU SECRET] Old").decode()
    head = "From: a@iconet.test\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    forwarded = f"{head}--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    assert marked(forwarded.encode()) == (Level.SECRET, Where.SUBJECT)
    event = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nCLASS:CONFIDENTIAL\nSUMMARY;LANGUAGE=en:{}\nEND:VEVENT\nEND:VCALENDAR"
    assert marked(message("x", event.format("Talk"), kind="text/calendar")) is None
    assert marked(message("x", event.format("EU CONF\n IDENTIAL"), kind="text/calendar"))[1] is Where.CALENDAR


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("How RESTREINT UE/EU RESTRICTED papers are kept", "The rules for EU SECRET are in the Decision."),
        ("Confidential talks", "Confidential"),
        ("Secret", "It is no secret that restricted access is\nsecret"),
        ("[TLP:AMBER] EUR 300", "EUR\n12\nEU"),
        ("Interno, reservado", "Classification of fingerprints: new rules\nRestricted areas: ports"),
        ("x", "1. EU SECRET\n2. EU CONFIDENTIAL"),
    ],
)
def test_what_is_no_marking(subject: str, text: str) -> None:
    assert marked(message(subject, text, "Sensitivity: Company-Confidential")) is None


def test_letters_that_look_alike_or_stand_apart_hide_nothing() -> None:
    assert marked(message("x", "E U   S E C R E T\n\nText")) == (Level.SECRET, Where.TEXT)
    assert marked(message("x", "EU \u0421ONFIDENTIAL\n\nText")) == (Level.CONFIDENTIAL, Where.TEXT)
    assert marked(message("x", "Classification: Restricted\n\nText")) == (Level.RESTRICTED, Where.TEXT)


def test_what_is_looked_at_is_bounded() -> None:
    """Of a large text the head and the foot; and of many parts so many lines."""
    lines = "EU secrets\r\n" * 400_000
    raw = message("x", "").replace(b"\r\n\r\n\r\n", b"\r\n\r\n" + lines.encode())
    assert unfit.find(raw, scan(raw).root) is None
    assert marked(raw + b"EU SECRET\r\n") == (Level.SECRET, Where.TEXT)
