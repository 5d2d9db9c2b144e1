"""Without the owner's consent no way out carries a post's text, and the refusal names the rule."""

from __future__ import annotations

import base64
import json
from collections import Counter
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING

import pytest
from office_files import carrying, docx, opened, packed, pptx, xlsx
from release_world import MORE, OUTSIDE, WORDS
from town import DOMAIN, message

from groupware.errors import Refused
from groupware.meetings import outsiders
from groupware.message.parts import read
from groupware.message.prints import SHARED, of_message, of_text
from groupware.withdrawal import withdraw
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from release_world import Scene

pytestmark = pytest.mark.anyio
RULE = "owner-has-not-consented"
FOOT = (
    "Bruno, Borland Agency for the Protection of the External Frontier, Section Four, Second Floor, Harbour Street 17, "
    "telephone extension two two four four, weekdays from nine to five"
)
OWN = "Dear colleague, could we meet on Thursday next week to speak about the exchange of liaison officers this spring?"


def typed(kind: str, body: str, *, encoding: str = "8bit") -> bytes:
    """A message of bruno's with one part of a media type."""
    raw = message("bruno", OUTSIDE, "Fwd", "X", message_id=f"<{abs(hash(body))}@client.test>")
    fields = f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    head = raw.replace(b"Subject:", fields.encode() + b"Subject:", 1).partition(b"\r\n\r\n")[0]
    return head + b"\r\n\r\n" + body.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def wrapped(text: str, width: int, before: str) -> str:
    return "".join(f"{before}{text[at : at + width]}\r\n" for at in range(0, len(text), width))


async def test_no_form_of_a_post_is_relayed(scene: Scene) -> None:
    await scene.post("anna", "one", f"{WORDS}\r\n\r\n{MORE}")
    some = " ".join(WORDS.split()[3 : 3 + SHARED])
    html = "<p>" + "</p><p>".join(f"<b>{each}</b>" for each in WORDS.split(",")) + "</p>"
    boundary = 'multipart/mixed; boundary="b"'
    inner = "--b\nContent-Type: message/rfc822\n\nMessage-ID: <one@client.test>\nSubject: x\n\nshort\n--b--\n"
    calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:" + WORDS.replace(" ", "\r\n  ").replace(",", "\\,")
    ways = {
        "an answer": message("bruno", OUTSIDE, "Re", "Yes.", message_id="<a@x.test>", references="<one@client.test>"),
        "typed off": message("bruno", OUTSIDE, "News", f"Hello,\r\n{some.upper()}.", message_id="<b@x.test>"),
        "quoted": message("bruno", OUTSIDE, "News", wrapped(WORDS, 40, "> > | "), message_id="<c@x.test>"),
        "behind a signature": message("bruno", OUTSIDE, "News", f"Hi\r\n-- \r\n{WORDS}", message_id="<d@x.test>"),
        "as a page": typed("text/html; charset=utf-8", html),
        "as base64": typed("text/plain", base64.encodebytes(WORDS.encode()).decode(), encoding="base64"),
        "enclosed": typed(boundary, inner),
        "in a calendar": typed("text/calendar; charset=utf-8", f"{calendar}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
    }
    for name, raw in ways.items():
        with pytest.raises(Refused, match=RULE):
            await scene.send("bruno", raw, OUTSIDE)
        assert await scene.sent() == [], name
    same = message("anna", f"return@{DOMAIN}", "About one", f"{WORDS}\r\n\r\n{MORE}", message_id="<one@client.test>")
    with pytest.raises(Refused, match=RULE):
        await scene.send("anna", same, OUTSIDE)
    await scene.send("bruno", message("bruno", OUTSIDE, "Hello", OWN, message_id="<e@x.test>"), OUTSIDE)
    await scene.send("otto", message("otto", OUTSIDE, "Hello", WORDS, message_id="<f@x.test>"), OUTSIDE)
    assert len(await scene.sent()) == 2  # otto enters no room of this area: he learns nothing of what is said there


async def test_what_was_withdrawn_is_not_relayed_either(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    await scene.settle()
    anna = scene.caller("anna")
    await scene.groupware.store.run(lambda tx: withdraw(tx, scene.groupware.monitor, anna, token))
    with pytest.raises(Refused, match=RULE):
        await scene.send("bruno", message("bruno", OUTSIDE, "News", WORDS, message_id="<g@x.test>"), OUTSIDE)


async def test_what_its_owner_has_made_public_may_be_passed_on(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    await scene.change(token, marking=int(Marking.CLEAR))
    raw = message("bruno", OUTSIDE, "Re", WORDS, message_id="<i@x.test>", references="<one@client.test>")
    await scene.send("bruno", raw, OUTSIDE)
    assert len(await scene.sent()) == 1


async def test_what_all_messages_of_a_person_end_with_is_no_quotation(scene: Scene) -> None:
    foot = f"-- \r\n{FOOT}"
    await scene.post("bruno", "one", f"{MORE}\r\n{foot}")
    await scene.send("bruno", message("bruno", OUTSIDE, "Hello", f"{OWN}\r\n{foot}", message_id="<h@x.test>"), OUTSIDE)
    assert len(await scene.sent()) == 1


def test_any_run_of_words_is_found_and_no_shorter_text_is() -> None:
    words = [f"word{number * number}" for number in range(400)]
    known = set(of_text(" ".join(words)))
    assert len(known) < len(words) / 3
    for at in range(len(words) - SHARED):
        assert known & set(of_text(f"hello {' , '.join(words[at : at + SHARED])} bye"))
    assert not of_text("nine words are too few to be known again")
    assert of_message(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" * 2000).prints == ()


LOOKS = str.maketrans("aeopcyxijs", "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455")


def halved(text: str, between: str) -> str:
    return " ".join(f"{word[:2]}{between}{word[2:]}" if len(word) > 3 else word for word in text.split())


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("text/plain; charset=utf-8", halved(WORDS, "-\r\n")),
        ("text/plain; charset=utf-8", halved(WORDS, "-\r\n> > ")),
        ("text/plain; charset=utf-8", halved(WORDS, "\u200b")),
        ("text/plain; charset=utf-8", halved(WORDS, "\xad")),
        ("text/plain; charset=utf-8", "".join(chr(ord(x) + 0xFEE0) if "!" <= x <= "~" else x for x in WORDS)),
        ("text/plain; charset=utf-8", WORDS.translate(LOOKS)),
        ("text/plain; charset=utf-8", WORDS.upper().replace("A", "\u0410").replace("T", "\u03a4")),
        ("text/plain; charset=utf-8", " ".join(f"_{word}_" for word in WORDS.split())),
        ("text/html; charset=utf-8", "".join(f"&#{ord(x)};<b></b>" for x in WORDS)),
        ("text/html; charset=utf-8", halved(WORDS, "&shy;")),
        ("application/octet-stream; name=a.txt", WORDS),
    ],
    ids=range(11),
)
def test_plain_disguises_hide_nothing(kind: str, hidden: str) -> None:
    known = set(of_message(typed("text/plain", WORDS), own=True).prints)
    assert known & set(of_message(typed(kind, hidden)).prints)
    assert known & set(of_message(message("bruno", OUTSIDE, WORDS, "See above.")).prints)
    assert not known & set(of_message(message("bruno", OUTSIDE, WORDS, "See above."), own=True).prints)


LETTER = "Agency of the Northern Shore, Harbour Street 17, Second Floor, extension two two four, weekdays nine to five"
BOX = f"<w:p><w:r><w:t>{WORDS[:60]}</w:t></w:r><w:r><w:t>{WORDS[60:]}</w:t></w:r></w:p>"


def test_a_text_is_known_again_in_and_out_of_documents() -> None:
    known = set(of_message(typed("text/plain", WORDS), own=True).prints)
    files = {
        "a": docx("Hello", WORDS, run=3),
        "b": docx("Hello", header=halved(WORDS, "\xad")),
        "c": docx(*WORDS.split(" ")),
        "d": xlsx(WORDS.split(" ")[:26]),
        "e": xlsx(*[[word] for word in WORDS.split(" ")]),
        "f": pptx("Hello", notes=WORDS.translate(LOOKS)),
        "g": opened(f"<text:p>{WORDS[:40]}<text:span>{WORDS[40:]}</text:span></text:p>"),
        "h": docx("Hello", more={"word/embeddings/x": docx(WORDS)}),
        "i": docx("Hello", more={"word/comments.xml": f"<comments><comment>{BOX}</comment></comments>"}),
    }
    for name, file in files.items():
        assert known & set(of_message(carrying((name, file))).prints), name
    kept = set(of_message(carrying(("a", docx("Hello", WORDS, header=LETTER))), own=True).prints)
    assert kept & set(of_message(typed("text/plain", WORDS)).prints)
    assert not kept & set(of_message(typed("text/plain", LETTER)).prints)
    assert not of_message(carrying(("a", packed({"a.xml": "<document><p><t>" + "a" * (3 << 20)})))).whole
    assert of_message(carrying(("a", docx("x")[:-9]))).whole


async def test_no_document_with_a_post_in_it_is_relayed(scene: Scene) -> None:
    await scene.post("anna", "one", f"{WORDS}\r\n\r\n{MORE}")
    author = f"bruno@{DOMAIN}"
    for number, file in enumerate((docx("Hello", WORDS, run=4), xlsx(["News"], [WORDS]))):
        raw = carrying(("news", file), author=author).replace(
            b"Subject", b"Message-ID: <%d@x.test>\r\nSubject" % number
        )
        with pytest.raises(Refused, match=RULE):
            await scene.send("bruno", raw, OUTSIDE)
    raw = carrying(("news", docx(OWN)), author=author).replace(b"Subject", b"Message-ID: <o@x.test>\r\nSubject", 1)
    await scene.send("bruno", raw, OUTSIDE)
    assert len(await scene.sent()) == 1


def test_nothing_hides_behind_much_else() -> None:
    """Every word of what is sent is looked at; what is too much for that isn't whole."""
    known = set(of_message(typed("text/plain", WORDS), own=True).prints)
    padding = " ".join(f"{each:08x}" for each in range(130_000))
    found = of_message(typed("text/plain", f"{padding}\r\n{WORDS}"))
    assert (bool(known & set(found.prints)), found.whole) == (True, True)
    much = " ".join(f"{each:08x}" for each in range(450_000))
    assert not of_message(typed("application/octet-stream", much)).whole


MIB = 1 << 20


@pytest.mark.parametrize(
    ("kind", "piece", "own"),
    [
        ("plain", "\xe9 \xe8 ", True),
        ("plain", "\xe9 \xe8 ", False),
        ("plain", "\ufdfa ", True),  # which is a sentence
        ("html", "<", False),
    ],
)
def test_what_is_much_of_a_message_ends_soon(kind: str, piece: str, own: bool) -> None:  # noqa: FBT001 -- a table
    part = f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{piece * (MIB // len(piece.encode()))}\r\n"
    raw = f"Content-Type: multipart/mixed; boundary=b\r\n\r\n{part * 20}--b--\r\n".encode()
    began = thread_time()
    found = of_message(raw, own=own)
    assert thread_time() - began < 2.5
    assert not found.whole


def test_posts_of_other_texts_are_taken_for_no_quotation() -> None:
    files = (Path(__file__).parents[1] / "personal_data" / "labelled").glob("*.jsonl")
    posts = [json.loads(line)["post"] for each in files for line in each.read_text("utf-8").splitlines()]
    prints = Counter(each for text in posts for each in set(of_text(text)))
    assert len(posts) >= 400
    assert prints.most_common(1)[0][1] == 1
    assert not set(of_text(WORDS.translate(LOOKS) + MORE)) & set(prints)


@pytest.mark.parametrize(
    ("line", "outside"),
    [
        ("ATTENDEE;CN=X:mailto:x@partner.test", True),
        ('ATTENDEE;CN="a:b@iconet.test";RSVP=TRUE:MAILTO:x@Partner.test', True),
        ("ATTENDEE;CN=X;PARTSTAT=NEEDS\r\n -ACTION:mailto:x@part\r\n ner.test", True),
        ("ATTENDEE:mailto:anna@ICONET.test", False),
        ("COMMENT:ATTENDEE:mailto:x@partner.test", False),
    ],
)
def test_an_invitation_with_somebody_outside(line: str, outside: bool) -> None:  # noqa: FBT001 -- a table
    raw = f"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n{line}\r\nEND:VCALENDAR\r\n".encode()
    assert outsiders.invited(raw, read(raw), DOMAIN) is outside
