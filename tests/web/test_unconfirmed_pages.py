"""The author's word in the portal and by the API, and what everybody else gets: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_program import described, program
from office_files import carrying, docx, xlsx
from web_site import send

if TYPE_CHECKING:
    from web_site import Site

pytestmark = pytest.mark.anyio
SECRET = "He was born on 3 May 1990 in Oran, passport no. AB4471903."
ONE = "/unconfirmed/{id}"


async def test_the_word_is_said_in_the_portal_and_by_the_api(site: Site) -> None:
    await site.bar("return")
    anna, bruno = await site.client("anna"), await site.client("bruno")
    written = {"subject": "A debriefing", "text": SECRET, "marking": "2"}
    taken = await send(anna, "/rooms/return/new", **written)
    assert taken.headers["location"] == "/rooms/return?sent=unconfirmed"
    page = (await anna.get("/rooms/return?sent=unconfirmed")).text
    assert "Nobody else has seen it" in page
    assert "no personal data" in page
    (first,) = await site.groupware.confirmation.waiting(site.town.caller("anna"))
    assert f"/unconfirmed/{first.token}" in page

    path = f"/unconfirmed/{first.token}"
    shown = (await anna.get(path)).text
    assert "<mark>AB4471903<span" in shown
    assert "dates of birth, " not in shown.split("<mark>")[2]
    for other in (bruno, await site.client("dora")):
        absent = await other.get("/unconfirmed/none")
        theirs = await other.get(path)
        assert (theirs.status_code, theirs.text) == (absent.status_code, absent.text) == (404, absent.text)
        assert "A debriefing" not in (await other.get("/unconfirmed")).text
    assert (await send(anna, path, act="confirm", reason=" ")).status_code == 422
    assert (await send(anna, path, act="other")).status_code == 422
    done = await send(anna, path, act="confirm", reason="The person agreed.")
    assert done.headers["location"] == "/unconfirmed?done=confirmed"
    assert (await anna.get(path)).status_code == 409
    assert (await site.held()) == first.token

    await site.post("anna", "Another", SECRET)
    api, others = await program(site, "anna"), await program(site, "bruno")
    (line,) = described("/unconfirmed", await api.get("/api/unconfirmed")).json()
    assert (line["room"], line["kinds"]) == ("return", ["passport", "birth-date"])
    one = f"/api/unconfirmed/{line['id']}"
    case = described(ONE, await api.get(one)).json()
    (text,) = [each for each in case["texts"] if each["findings"]]
    assert [text["text"][each["start"] : each["end"]] for each in text["findings"]] == [
        *("born on 3 May 1990", "AB4471903")
    ]
    for method, ending, body in (
        ("GET", "", None),
        ("POST", "/confirm", {"reason": "x"}),
        ("POST", "/redact", {"subject": "s", "text": "t"}),
    ):
        answer = described(f"{ONE}{ending}", await others.request(method, one + ending, json=body))
        assert answer.status_code == 404
    new = {"subject": "Another", "text": "A person with a foreign document."}
    told = described(f"{ONE}/redact", await api.post(f"{one}/redact", json=new)).json()
    assert told["state"] == "held"
    assert (await api.get("/api/unconfirmed")).json() == []

    await site.post("anna", "A third", SECRET)
    (third,) = (await api.get("/api/unconfirmed")).json()
    path = f"/unconfirmed/{third['id']}"
    again = await send(anna, path, act="redact", subject="A third", text=SECRET)
    assert again.headers["location"] == "/rooms/return?sent=unconfirmed"
    (fourth,) = (await api.get("/api/unconfirmed")).json()
    confirmed = described(
        f"{ONE}/confirm", await api.post(f"/api/unconfirmed/{fourth['id']}/confirm", json={"reason": "y"})
    )
    assert confirmed.json() == {"id": fourth["id"], "state": "held"}


async def test_what_was_found_in_a_file_is_shown_and_what_is_closed_is_named(site: Site) -> None:
    await site.bar("return")
    anna, api = await site.client("anna"), await program(site, "anna")
    rows = (("Surname", "Given name", "No"), ("Kone", "Ibrahim", "<b>1</b>"), ("Diallo", "Mamadou", "2"))
    files = (("people.xlsx", xlsx(*rows)), ("scan.pdf", b"%PDF-1.7"), ("cut.docx", docx("x")[:-9]))
    author = site.town.caller("anna").address
    await site.hand_in("anna", carrying(*files, author=author))
    (waiting,) = (await api.get("/api/unconfirmed")).json()
    shown = (await anna.get(f"/unconfirmed/{waiting['id']}")).text
    assert "In the file people.xlsx" in shown
    assert "<mark>Kone; Ibrahim; &lt;b&gt;1&lt;/b&gt;\nDiallo; Mamadou; 2<span" in shown
    assert "A file can't be changed here" in shown
    assert "Not looked into: scan.pdf, cut.docx." in shown
    case = described(ONE, await api.get(f"/api/unconfirmed/{waiting['id']}")).json()
    assert ("file", "people.xlsx") in [(each["where"], each["name"]) for each in case["texts"] if each["findings"]]
    assert case["closed"] == ["scan.pdf", "cut.docx"]
