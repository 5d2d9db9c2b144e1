"""Each page of the portal does what it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from web_site import send

from directory import areas, rights, roles
from directory.roles import Grant
from groupware import tables
from policies.vocabulary import Role

if TYPE_CHECKING:
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="(\w+)">')
SESSION_FIELD = re.compile(r'name="session" value="([0-9a-f]{64})"')
OLDER = re.compile(r'href="([^"]+)">Older posts')
ATTACHED = b"""From: Anna <anna@iconet.test>
To: return@iconet.test
Subject: With a file
Date: Sun, 22 Nov 2026 09:00:00 +0000
Message-ID: <attached@client.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: text/plain

See the file.
--cut
Content-Type: text/html
Content-Disposition: attachment; filename="../list <b>.html"

<script>alert(1)</script>
--cut--
""".replace(b"\n", b"\r\n")


async def test_home_lists_the_areas_with_what_is_visible_in_them(site: Site) -> None:
    await site.publish("anna", "First")
    await site.post("anna", "Waits")
    page = (await (await site.client("bruno")).get("/")).text
    assert 'href="/rooms/return"' in page
    assert "1 post<" in page
    assert "liaison" not in page
    assert "Waits" not in page


async def test_a_post_goes_its_whole_way_on_pages(site: Site) -> None:
    anna, bruno, dora = [await site.client(name) for name in ("anna", "bruno", "dora")]
    sent = await send(anna, "/rooms/return/new", subject="Charter flight", text="Dear all,\n\nwords", marking="2")
    assert sent.status_code == 303
    assert "awaits moderation" in (await anna.get(sent.headers["location"])).text
    assert "no. 1" in (await anna.get("/rooms/return")).text
    assert "Charter" not in (await bruno.get("/rooms/return")).text
    assert "Charter flight" in (await dora.get("/moderation")).text
    token = await site.held()
    assert "Dear all,\n\nwords" in (await dora.get(f"/moderation/{token}")).text
    decided = await send(dora, f"/moderation/{token}", decision="approve")
    assert decided.headers["location"] == "/moderation?done=approve"
    assert "The post is published." in (await dora.get(decided.headers["location"])).text
    assert "Charter flight" in (await bruno.get("/rooms/return")).text
    thread = (await bruno.get(f"/posts/{token}")).text
    assert "TLP:AMBER\n\nDear all,\n\nwords" in thread
    assert '">Anna <span class="from">Aland</span></h2>' in thread
    again = await send(dora, f"/moderation/{token}", "/moderation", decision="refuse", reason="no")
    assert again.status_code == 409
    assert "Somebody has decided this already." in again.text
    assert (await dora.get(f"/moderation/{token}")).status_code == 409


async def test_a_refusal_needs_a_reason_and_tells_it_to_the_author_only(site: Site) -> None:
    anna, clara, dora = [await site.client(name) for name in ("anna", "clara", "dora")]
    await site.post("anna", "To be refused")
    path = f"/moderation/{await site.held()}"
    without = await send(dora, path, decision="refuse", reason=" ")
    assert without.status_code == 422
    assert 'aria-describedby="reason-problem reason-hint"' in without.text
    assert (await send(dora, path, decision="destroy")).status_code == 422
    assert (await send(dora, path, decision="refuse", reason="x" * 1001)).status_code == 422
    assert (await send(dora, path, decision="refuse", reason="Names a person.")).status_code == 303
    assert "Reason: Names a person." in (await anna.get("/rooms/return")).text
    assert "To be refused" not in (await clara.get("/rooms/return")).text


async def test_who_may_withdraw_without_reading_is_asked_and_told_nothing_of_the_post(site: Site) -> None:
    """Who speaks for its owner and takes no part in the room; its author, whose right to read has ended."""
    people, elsewhere = site.town.people, update(tables.post).where(tables.post.c.number == 1)

    def speak(tx: Tx) -> None:
        for name in ("clara", "emil"):
            roles.grant(tx.connection, Grant(people[name], Role.CONTACT_POINT, 1, reason="test"))

    def move(tx: Tx) -> None:
        tx.connection.execute(elsewhere.values(competence=areas.create_competence(tx.connection, "nobody's")))
        rights.bump(tx.connection)

    await site.groupware.store.run(speak)
    first, second = [await site.publish("anna", "Charter flight", "Some secret words") for _ in range(2)]
    anna, clara, emil, otto = [await site.client(name) for name in ("anna", "clara", "emil", "otto")]
    path = f"/posts/{first}/withdraw"
    assert "“Charter flight” by Anna" in (await clara.get(path)).text
    await site.groupware.store.run(move)
    assert "The post no. 1 in Return, of Unit A, goes" in (await clara.get(path)).text
    for client in (emil, clara):
        assert (await client.get(f"/posts/{first}")).status_code == 404
    long = await send(emil, path, reason="x" * 1001)
    for answer, status in ((await emil.get(path), 200), (long, 422)):
        assert (answer.status_code, "The post no. 1, of Unit A, goes" in answer.text) == (status, True)
        for part in ("Charter", "secret", "Anna", "TLP:", "Return", f'posts/{first}"'):
            assert part not in answer.text
    absent = (await otto.get("/posts/nothing/withdraw")).text
    assert ((await otto.get(path)).status_code, (await otto.get(path)).text) == (404, absent)
    assert (await send(emil, path, reason="It names somebody")).headers["location"] == "/?withdrawn=1"
    assert (await emil.get(path)).status_code == 404
    await site.lose_rights("anna")
    own = f"/posts/{second}/withdraw"
    assert "The post no. 2, of Unit A, goes" in (await anna.get(own)).text
    assert (await send(anna, own)).headers["location"] == "/?withdrawn=1"
    assert (await site.groupware.newest(site.town.caller("dora"), "return"))[1] == []


async def test_an_author_cannot_judge_and_a_member_sees_no_queue(site: Site) -> None:
    anna, emil = await site.client("anna"), await site.client("emil")
    await site.post("anna", "Own")
    token = await site.held()
    for client in (anna, emil):
        assert "Own" not in (await client.get("/moderation")).text
        assert (await client.get(f"/moderation/{token}")).status_code == 404
        assert (await send(client, f"/moderation/{token}", "/sessions", decision="approve")).status_code == 404
    assert await site.held() == token


async def test_an_answer_joins_the_thread_and_inherits_its_marking(site: Site) -> None:
    token = await site.publish("anna", "[TLP:AMBER+STRICT] Case", "first")
    clara = await site.client("clara")
    form = (await clara.get(f"/posts/{token}/reply")).text
    assert 'value="Re: Case"' in form
    assert "TLP:AMBER<" not in form, "wider than what is answered"
    narrower = await send(clara, f"/posts/{token}/reply", subject="Re: Case", text="second", marking="2")
    assert narrower.status_code == 422
    assert (await send(clara, f"/posts/{token}/reply", subject="Re: Case", text="x", marking="3")).status_code == 303
    dora = await site.client("dora")
    await send(dora, f"/moderation/{await site.held()}", decision="approve")
    thread = (await clara.get(f"/posts/{await site.newest()}")).text
    assert "2 posts" in thread
    assert "In answer to" in thread
    assert 'class="tlp amber-strict"' in thread
    assert "Case" not in (await (await site.client("bruno")).get("/rooms/return")).text, "of another body"
    raw = await site.groupware.rendered(site.town.caller("clara"), await site.newest())
    assert b"\r\nReferences: <1@client.test>\r\n" in raw[1]
    assert b"\r\nIn-Reply-To: <1@client.test>\r\n" in raw[1]


async def test_a_form_sent_twice_is_one_post(site: Site) -> None:
    anna = await site.client("anna")
    fields = dict(FIELD.findall((await anna.get("/rooms/return/new")).text))
    form = {**fields, "subject": "Once", "text": "words", "marking": "2"}
    answers = [await anna.post("/rooms/return/new", data=form) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(await site.groupware.held(site.town.caller("dora"))) == 1
    changed = await anna.post("/rooms/return/new", data={**form, "text": "other words"})
    assert changed.status_code == 409
    assert "other words" in changed.text


async def test_who_could_read_it_is_told_before_it_is_sent_and_nothing_is_lost(site: Site) -> None:
    anna = await site.client("anna")
    form = {"subject": "Flight", "text": "a kept text", "marking": "2", "act": "preview"}
    page = (await send(anna, "/rooms/return/new", **form)).text
    assert "4 officials of 2 states and institutions could read it" in page
    assert "Borland: 1" in page
    assert "a kept text" in page
    strict = (await send(anna, "/rooms/return/new", **{**form, "marking": "3"})).text
    assert "3 officials of 1 state or institution could read it" in strict
    assert await site.groupware.held(site.town.caller("dora")) == []


WRONG = [("subject", " "), ("subject", "x" * 201), ("text", ""), ("text", "a\0b"), ("marking", "9"), ("marking", "0")]


async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(site: Site) -> None:
    anna = await site.client("anna")
    for field, value in WRONG:
        form = {"subject": "A kept subject", "text": "a kept text", "marking": "2", field: value}
        answer = await send(anna, "/rooms/return/new", **form)
        assert answer.status_code == 422
        assert f'id="{field}-problem"' in answer.text
        assert f'href="#{field}"' in answer.text
        for name in {"subject", "text"} - {field}:
            assert form[name] in answer.text


async def test_no_header_field_comes_in_through_the_subject(site: Site) -> None:
    anna, dora = await site.client("anna"), site.town.caller("dora")
    encoded = "=?utf-8?q?x=0D=0ABcc:_otto@iconet.test?="
    assert (await send(anna, "/rooms/return/new", subject=encoded, text="t", marking="2")).status_code == 422
    assert await site.groupware.held(dora) == []
    await send(anna, "/rooms/return/new", subject="x\r\nBcc: otto@iconet.test", text="t", marking="2")
    (held,) = await site.groupware.held(dora)
    assert b"\r\nSubject: x Bcc: otto@iconet.test\r\n" in await site.groupware.raw(dora, held.message_id)


async def test_a_text_is_kept_when_the_session_ended(site: Site) -> None:
    anna = await site.client("anna")
    await anna.get("/rooms/return/new")
    site.clock.ahead += 31 * 60 * 1_000_000
    answer = await anna.post("/rooms/return/new", data={"text": "an hour's work", "form_token": "x"})
    assert answer.status_code == 401
    assert "an hour&#39;s work" in answer.text


async def test_attachments_are_files_and_never_pages(site: Site) -> None:
    token = await site.publish("anna", "See attached")
    await site.hand_in("anna", ATTACHED)
    dora = await site.client("dora")
    await send(dora, f"/moderation/{await site.held()}", decision="approve")
    token = await site.newest()
    bruno = await site.client("bruno")
    page = (await bruno.get(f"/posts/{token}")).text
    assert "list &lt;b&gt;.html" not in page, "signs that no file name has are replaced"
    assert "list _b_.html" in page
    assert "text/html, 25 bytes" in page
    got = await bruno.get(f"/posts/{token}/files/2")
    assert got.content == b"<script>alert(1)</script>"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''list%20_b_.html"
    assert got.headers["content-security-policy"].startswith("sandbox")
    for part in ("1", "3", "2.1", "x", "²"):
        assert (await bruno.get(f"/posts/{token}/files/{part}")).status_code == 404


async def test_the_source_is_what_readers_get_by_mail(site: Site) -> None:
    token = await site.publish("anna", "Source")
    bruno = await site.client("bruno")
    got = await bruno.get(f"/posts/{token}/source")
    assert got.headers["content-type"] == "message/rfc822"
    assert got.content == (await site.groupware.rendered(site.town.caller("bruno"), token))[1]


async def test_a_room_is_read_in_pages_of_fifty(site: Site) -> None:
    for number in range(52):
        await site.post("dora", f"Number {number}.")
    bruno = await site.client("bruno")
    first = (await bruno.get("/rooms/return")).text
    assert ("Number 51." in first, "Number 2." in first, "Number 1." in first) == (True, True, False)
    older = OLDER.search(first)
    assert older is not None
    second = (await bruno.get(older[1])).text
    assert ("Number 2." in second, "Number 1." in second, "Number 0." in second) == (False, True, True)
    assert OLDER.search(second) is None
    assert (await bruno.get("/rooms/return?before=nothing")).status_code == 404


async def test_a_long_thread_is_read_in_pages_and_opens_where_the_post_is(site: Site) -> None:
    first = await site.post("dora", "Number 1.")
    for number in range(2, 28):
        await site.post("dora", f"Number {number}.", references=first)
    bruno = await site.client("bruno")
    last = await site.newest()
    page = (await bruno.get(f"/posts/{last}")).text
    assert ("page 2 of 2" in page, "Number 27." in page, ">Number 2.<" in page) == (True, True, False)
    assert "page 1 of 2" in (await bruno.get(f"/posts/{last}?page=1")).text
    assert "page 2 of 2" in (await bruno.get(f"/posts/{last}?page=99")).text


async def test_why_names_the_rules_in_words(site: Site) -> None:
    token = await site.publish("anna", "A post")
    page = (await (await site.client("bruno")).get(f"/posts/{token}/why")).text
    assert "You may read this post" in page
    assert "You are a reader of this room" in page
    assert "<code>reader-reads</code>" in page
    assert "You may not decide about this post" in page


async def test_sessions_are_listed_and_ended(site: Site) -> None:
    anna, other = await site.client("anna"), await site.client("anna")
    dora = await site.client("dora")
    page = (await anna.get("/sessions")).text
    named = SESSION_FIELD.findall(page)
    assert len(named) == 2
    foreign = SESSION_FIELD.findall((await dora.get("/sessions")).text)[0]
    for nothing in (foreign, "zz", "0" * 64):
        assert (await send(anna, "/sessions", session=nothing)).status_code == 404
    assert (await send(anna, "/sessions", session=named[1])).status_code == 303
    assert (await other.get("/")).headers["location"].startswith("/sign-in")
    assert (await dora.get("/")).status_code == 200
    own = await send(anna, "/sessions", session=named[0])
    assert own.headers["location"] == "/sign-in"
    assert (await anna.get("/")).status_code == 303
