from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bridge_world import bridged

from connectors.matrix.answers import Replace, Said
from groupware.matrix.announcing import announce
from groupware.moderation import Word

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bridge_world import Client, World

pytestmark = pytest.mark.anyio
ATTACHED = """From: dora@iconet.test
To: return@iconet.test
Subject: With a file
Message-ID: <file@client.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

canary-attached
--b
Content-Type: text/csv; name=stamps.csv
Content-Disposition: attachment; filename=stamps.csv

secret,file

--b--
"""


RICH = """From: dora@iconet.test
To: return@iconet.test
Subject: Rich
Message-ID: <rich@client.test>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

canary-plain
--b
Content-Type: text/html

<style>p{}</style><p onclick=x()>canary <b>bold</b> <script>alert(1)</script><a href="javascript:alert(1)">x</a>

--b--
"""


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with bridged(tmp_path_factory.mktemp("bridge")) as world:
        yield world


@pytest.fixture(scope="module")
async def anna(there: World) -> Client:
    return await there.sign_in("anna")


@pytest.fixture(scope="module")
async def bruno(there: World) -> Client:
    return await there.sign_in("bruno")


@pytest.fixture(scope="module")
async def dora(there: World) -> Client:
    return await there.sign_in("dora")


@pytest.fixture(scope="module")
async def room(there: World) -> str:
    return await there.room("return")


async def decide(there: World, words: str, word: Word) -> None:
    dora = there.people.caller("dora")
    held = next(each for each in await there.groupware.held(dora) if words in each.subject)
    await there.groupware.decide(dora, held.id, word, "no")


# ---- from mail to the room


async def test_a_moderators_mail_is_an_event_of_hers(there: World, anna: Client) -> None:
    await there.mail("dora", "return", "A canary", "canary-1", message_id="<1@client.test>")
    event = await anna.hears("canary-1")
    assert event["sender"] == "@dora:iconet.test"
    assert event["content"]["body"] == "[TLP:AMBER] A canary\n\ncanary-1"
    assert event["content"]["eu.iconet.post"]["message_id"] == "<1@client.test>"


async def test_an_answer_by_mail_hangs_in_the_thread(there: World, anna: Client) -> None:
    await there.mail("dora", "return", "Trunk", "canary-trunk", message_id="<t1@client.test>")
    await there.mail(
        "dora", "return", "Re: Trunk", "canary-branch", message_id="<t2@client.test>", references="<t1@client.test>"
    )
    last = "<t1@client.test> <t2@client.test>"
    await there.mail("dora", "return", "Re: Trunk", "canary-leaf", message_id="<t3@client.test>", references=last)
    trunk, branch, leaf = [await anna.hears(f"canary-{part}") for part in ("trunk", "branch", "leaf")]
    assert branch["content"]["body"] == "canary-branch"
    for event, answered in ((branch, trunk), (leaf, branch)):
        relation = event["content"]["m.relates_to"]
        assert (relation["rel_type"], relation["event_id"]) == ("m.thread", trunk["event_id"])
        assert relation["m.in_reply_to"]["event_id"] == answered["event_id"]


async def test_a_held_mail_is_told_when_it_is_approved_and_then_as_its_authors(there: World, anna: Client) -> None:
    await there.mail("bruno", "return", "Held mail", "canary-held-mail")
    await there.mail("dora", "return", "After it", "canary-after")
    await anna.hears("canary-after")
    assert not any("canary-held-mail" in str(event) for event in anna.seen)
    await decide(there, "Held mail", Word.APPROVE)
    assert (await anna.hears("canary-held-mail"))["sender"] == "@bruno:iconet.test"


async def test_a_post_that_not_all_may_read_stays_out_of_the_room(there: World, anna: Client) -> None:
    await there.mail("dora", "return", "[TLP:AMBER+STRICT] Inside", "canary-strict")
    await there.mail("dora", "return", "Open", "canary-open")
    await anna.hears("canary-open")
    assert not any("canary-strict" in str(event) for event in anna.seen)


async def test_attachments_are_named_and_stay_in_the_portal(there: World, anna: Client) -> None:
    raw = ATTACHED.replace("\n", "\r\n").encode()
    caller = there.people.caller("dora")
    await there.groupware.submit(caller, raw, [await there.groupware.recipient(caller, "return@iconet.test")])
    body = (await anna.hears("canary-attached"))["content"]["body"]
    assert body.endswith("\nAttached: stamps.csv (text/csv, 13 octets)\nThey are in the portal.")
    assert "secret,file" not in body


async def test_html_is_reduced_to_what_a_room_may_show(there: World, anna: Client) -> None:
    raw = RICH.replace("\n", "\r\n").encode()
    caller = there.people.caller("dora")
    await there.groupware.submit(caller, raw, [await there.groupware.recipient(caller, "return@iconet.test")])
    content = (await anna.hears("canary-plain"))["content"]
    assert content["format"] == "org.matrix.custom.html"
    assert content["formatted_body"] == "<p>[TLP:AMBER] Rich</p><p>canary <b>bold</b> <a>x</a>\n</p>"


async def test_an_author_who_has_left_is_named_by_the_bridge(there: World, anna: Client) -> None:
    await there.grant("otto", "return")
    await there.mail("otto", "return", "Last words", "canary-last")
    await there.revoke("otto", "return")
    await decide(there, "Last words", Word.APPROVE)
    event = await anna.hears("canary-last")
    assert event["sender"] == "@iconet:iconet.test"
    assert event["content"]["body"].startswith("Otto (Borland) wrote:\n")


async def test_an_announcement_is_the_bridges_own(there: World, anna: Client) -> None:
    await there.groupware.store.run(
        lambda tx: announce(tx, there.people.rooms["return"], "Room 1 is booked: canary-booked")
    )
    event = await anna.hears("canary-booked")
    assert (event["sender"], event["content"]["msgtype"]) == ("@iconet:iconet.test", "m.notice")


# ---- from the room to mail


async def test_what_a_moderator_says_is_a_post(there: World, dora: Client, room: str) -> None:
    sent = await dora.say(room, "said here canary-3\nin two lines")
    card = await there.post_about("canary-3")
    assert (card.author, card.subject) == ("dora@iconet.test", "[TLP:AMBER] said here canary-3")
    assert (await there.groupware.raw(there.people.caller("anna"), card.message_id)).endswith(
        b"said here canary-3\r\nin two lines\r\n"
    )
    assert sent.json()["event_id"] not in card.message_id


async def test_an_answer_in_the_room_is_an_answer_by_mail(there: World, anna: Client, dora: Client, room: str) -> None:
    await there.mail("dora", "return", "Question", "canary-question", message_id="<q1@client.test>")
    asked = (await anna.hears("canary-question"))["event_id"]
    relation = {"rel_type": "m.thread", "event_id": asked, "m.in_reply_to": {"event_id": asked}}
    await dora.say(room, "canary-answer", **{"m.relates_to": relation})
    card = await there.post_about("Re: Question")
    raw = await there.groupware.raw(there.people.caller("anna"), card.message_id)
    assert b"In-Reply-To: <q1@client.test>\r\n" in raw
    assert card.thread == (await there.post_about("Question")).thread


async def test_what_the_bridge_says_does_not_come_back_as_a_post(
    there: World, anna: Client, dora: Client, room: str
) -> None:
    await there.mail("dora", "return", "Echo", "canary-echo")
    await anna.hears("canary-echo")
    await dora.say(room, "canary-behind-echo")
    await there.post_about("canary-behind-echo")
    _, posts = await there.groupware.newest(there.people.caller("anna"), "return")
    assert [post.subject for post in posts][:2] == ["[TLP:AMBER] canary-behind-echo", "[TLP:AMBER] Echo"]


async def test_what_a_member_says_where_nothing_is_moderated_is_a_post_at_once(
    there: World, bruno: Client, room: str
) -> None:
    await there.moderation("return", on=False)
    try:
        await bruno.say(room, "freely canary-free")
        assert (await there.post_about("canary-free")).author == "bruno@iconet.test"
    finally:
        await there.moderation("return", on=True)


# ---- held


async def test_a_held_message_is_a_notice_until_it_is_approved(
    there: World, anna: Client, bruno: Client, room: str
) -> None:
    sent = (await anna.say(room, "please moderate canary-2")).json()["event_id"]
    placeholder = await bruno.until(lambda event: event["event_id"] == sent)
    assert placeholder["content"].keys() == {"msgtype", "body", "eu.iconet.held"}
    assert placeholder["content"]["body"].startswith("awaits moderation, no. ")
    await decide(there, "canary-2", Word.APPROVE)
    event = await bruno.hears("canary-2")
    assert (event["sender"], event["content"]["body"]) == ("@anna:iconet.test", "please moderate canary-2")
    assert (await bruno.redacted(sent))["sender"] == "@iconet:iconet.test"


async def test_a_refused_message_leaves_nothing_in_the_room(
    there: World, anna: Client, bruno: Client, room: str
) -> None:
    sent = (await anna.say(room, "never canary-never")).json()["event_id"]
    await bruno.until(lambda event: event["event_id"] == sent)
    await decide(there, "canary-never", Word.REFUSE)
    await bruno.redacted(sent)
    history = await bruno.matrix.get(f"v3/rooms/{room}/messages", params={"dir": "b", "limit": "100"})
    assert "canary-never" not in history.text
    assert sent in history.text


async def test_the_notice_in_a_messages_place_carries_no_words_of_it(anna: Client, bruno: Client, room: str) -> None:
    relation = {"rel_type": "m.thread", "event_id": "$canary-smuggled", "m.in_reply_to": {"event_id": "$canary-too"}}
    more = {"format": "org.matrix.custom.html", "formatted_body": "<b>canary-bold</b>", "x.canary-key": "canary-value"}
    sent = await anna.say(room, "words canary-words", **{"m.relates_to": relation}, **more)
    placeholder = await bruno.until(lambda event: event["event_id"] == sent.json()["event_id"])
    assert "canary" not in str(placeholder)


async def test_what_no_post_keeps_is_not_shown_in_the_room_either(
    there: World, anna: Client, dora: Client, room: str
) -> None:
    hidden = {
        "format": "org.matrix.custom.html",
        "formatted_body": '<script>canary-hidden()</script><img src="https://canary-hidden.test/">[TLP:RED]',
        "org.matrix.msc1767.text": "canary-hidden",
        "url": "mxc://iconet.test/canary-hidden",
        "m.mentions": {"user_ids": [anna.user, {"canary-hidden": 1}], "room": True},
        "m.relates_to": {"rel_type": "canary-hidden", "event_id": "$canary-hidden", "key": "canary-hidden"},
    }
    sent = (await dora.say(room, "canary-bare", **hidden)).raise_for_status().json()["event_id"]
    event = await anna.hears("canary-bare")
    mentions = {"user_ids": [anna.user]}
    assert event["event_id"] == sent
    assert event["content"] == {"msgtype": "m.text", "body": "canary-bare", "m.mentions": mentions}
    assert (await there.post_about("canary-bare")).subject == "[TLP:AMBER] canary-bare"


async def test_an_answer_tells_nothing_of_a_post_that_was_withdrawn(
    there: World, anna: Client, dora: Client, room: str
) -> None:
    await there.mail("dora", "return", "canary-gone", "canary-gone-body", message_id="<gone@client.test>")
    gone = (await anna.hears("canary-gone"))["event_id"]
    card = await there.post_about("canary-gone")
    await there.withdraw(card.id, "return")
    await anna.redacted(gone)
    relation = {"rel_type": "m.thread", "event_id": gone, "m.in_reply_to": {"event_id": gone}}
    await dora.say(room, "canary-later", **{"m.relates_to": relation})
    later = await there.post_about("canary-later")
    raw = await there.groupware.raw(there.people.caller("anna"), later.message_id)
    assert b"canary-gone" not in raw
    assert b"<gone@client.test>" not in raw


async def test_a_clients_retry_is_held_once(there: World, anna: Client, room: str) -> None:
    caller = there.people.caller("anna")
    said = Said(anna.user, room, "m.room.message", {"msgtype": "m.text", "body": "canary-twice"}, "t", "D", "$1")
    first, again = await there.bridge.may_say(said, caller), await there.bridge.may_say(said, caller)
    assert isinstance(first, Replace)
    assert first == again
    held = await there.groupware.held(there.people.caller("dora"))
    assert sum("canary-twice" in each.subject for each in held) == 1


async def test_a_file_becomes_part_of_the_held_post_and_never_of_the_room(
    there: World, anna: Client, bruno: Client, room: str
) -> None:
    octets = bytes(range(256)) * 2048
    url = await anna.upload(octets, "application/pdf")
    about = {
        "msgtype": "m.file",
        "filename": "Straße canary-name.pdf",
        "url": url,
        "info": {"mimetype": "application/pdf"},
    }
    sent = (await anna.say(room, "see canary-caption", **about)).raise_for_status().json()["event_id"]
    placeholder = await bruno.until(lambda event: event["event_id"] == sent)
    assert placeholder["content"]["msgtype"] == "m.notice"
    assert not any(word in str(placeholder) for word in ("canary", "mxc"))
    await decide(there, "canary-caption", Word.APPROVE)
    body = (await bruno.hears("canary-caption"))["content"]["body"]
    assert "Attached: Straße canary-name.pdf (application/pdf, 524288 octets)" in body
    caller, card = there.people.caller("bruno"), await there.post_about("canary-caption")
    _, shown = await there.groupware.display(caller, card.token)
    assert (await there.groupware.attachment(caller, card.token, shown.attachments[0].path))[1] == octets


async def test_a_moderators_file_is_published_and_its_place_taken(
    there: World, bruno: Client, dora: Client, room: str
) -> None:
    url = await dora.upload(b"a,b\r\n", "text/csv")
    sent = (await dora.say(room, "canary-mine.csv", msgtype="m.file", url=url)).raise_for_status().json()["event_id"]
    event = await bruno.hears("Attached: canary-mine.csv")
    assert event["sender"] == dora.user
    await bruno.redacted(sent)
    assert (await there.post_about("canary-mine")).author == "dora@iconet.test"


@pytest.mark.parametrize("url", ["mxc://iconet.test/nothing", "mxc://elsewhere.test/x", "http://localhost/", 7])
async def test_a_file_that_is_not_ours_is_refused(dora: Client, room: str, url: object) -> None:
    sent = await dora.say(room, "canary-elsewhere", msgtype="m.file", url=url)
    assert sent.is_client_error


# ---- forged


@pytest.mark.parametrize("key", ["eu.iconet.post", "eu.iconet.held", "eu.iconet.other"])
async def test_nobody_can_say_iconets_own_words(there: World, dora: Client, room: str, key: str) -> None:
    assert there
    sent = await dora.say(room, "canary-forged", **{key: {"ref": "x"}})
    assert (sent.status_code, sent.json()["errcode"]) == (403, "M_FORBIDDEN")


async def test_nobody_can_repeat_what_the_bridge_said(there: World, anna: Client, dora: Client, room: str) -> None:
    await there.mail("dora", "return", "Original", "canary-original")
    content = (await anna.hears("canary-original"))["content"]
    sent = await dora.say(room, content["body"], **content)
    assert sent.status_code == 403


async def test_a_message_that_not_all_may_read_is_not_said(dora: Client, room: str) -> None:
    sent = await dora.say(room, "[TLP:RED] canary-red")
    assert sent.status_code == 403
    assert "TLP:RED" in sent.json()["error"]


async def test_an_outsider_hears_nothing(there: World, room: str) -> None:
    await there.mail("dora", "return", "Inside", "canary-inside")
    emil = await there.sign_in("emil")
    assert "canary" not in str(await emil.sync())
    assert (await emil.matrix.get(f"v3/rooms/{room}/messages", params={"dir": "b"})).status_code == 403
    assert (await emil.say(room, "let me in")).status_code == 403


async def test_a_files_name_leads_nowhere(anna: Client, dora: Client, room: str) -> None:
    url = await dora.upload(b"x", "text/plain")
    name = "../..\\etc/\u202egpj.\r\nexe"
    about = {"msgtype": "m.file", "filename": name, "url": url, "info": {"mimetype": "text/plain\r\nBcc: x"}}
    (await dora.say(room, "canary-named", **about)).raise_for_status()
    body = (await anna.hears("canary-named"))["content"]["body"]
    assert "Attached: gpj.exe (application/octet-stream, 1 octets)" in body
