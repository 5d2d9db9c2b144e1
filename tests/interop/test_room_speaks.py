"""The same post in a Matrix room, both ways, with the clients that officials have; what others get of it is nothing."""

from __future__ import annotations

import json
import time
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO
from typing import TYPE_CHECKING, Any

import nio
import pytest
from clients import Api, Portal, mailbox, messages, send
from matrix_clients import Refused, Wire, element, heard, nio_client
from serving import Server, iconet, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AREA = "return"
PATIENCE = 15.0
SPOKEN, WRITTEN, ANSWERED = "canary-spoken-heron", "canary-written-otter", "canary-answered-stork"
OVER, KEPT = "canaryovergannet", "canarykeptpuffin"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("room") / "demo", like=planted)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def cast(server: Server) -> dict[str, dict[str, Any]]:
    """Who plays: an author, another member, one who will leave, a moderator, and an official who lacks the area."""
    plain = [p for p in server.endpoints["people"] if AREA in p["areas"] and not p["roles"]]
    return {
        "author": plain[0],
        "member": plain[1],
        "leaver": plain[2],
        "moderator": server.who(area=AREA, role="moderator"),
        "outsider": server.who(area="", without=AREA),
    }


@pytest.fixture(scope="module")
def room(server: Server, cast: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The area's room: its id, and its name as clients show it."""
    wire = Wire(server, cast["member"])
    found = wire.room(f"#{AREA}:iconet.test")
    return {"id": found, "name": wire.get(f"v3/rooms/{found}/state/m.room.name").json()["name"]}


def approve(server: Server, moderator: dict[str, Any], words: str) -> None:
    """Approve what the author wrote last, read first as a moderator does."""
    api, deadline = Api(server, moderator), time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for held in api.held():
            if words in api.raw(held["message_id"]).text:
                assert api.decide(held["id"], "approve") == 200
                return
    pytest.fail(f"{words} never came to the moderator")


def in_inbox(server: Server, person: dict[str, Any], words: str) -> bytes:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for raw in messages(server, person, "INBOX"):
            if words.encode() in raw:
                return raw
    pytest.fail(f"{words} never came to {person['login']}'s INBOX")


def test_what_is_said_in_the_room_waits_and_is_read_everywhere_as_its_authors(
    server: Server, cast: dict[str, dict[str, Any]], room: dict[str, str]
) -> None:
    with element(server, cast["author"]) as author, element(server, cast["member"]) as member:
        author.do("say", room=room["name"], body=f"A question\n\n{SPOKEN}")
        placeholder = member.hears(room["name"], "awaits moderation, no.")
        assert placeholder["content"]["msgtype"] == "m.notice"
        assert SPOKEN not in str(placeholder)
        approve(server, cast["moderator"], SPOKEN)
        shown = member.hears(room["name"], SPOKEN)
    assert shown["sender"] == cast["author"]["matrix_id"]
    copy = in_inbox(server, cast["member"], SPOKEN)
    assert f"<{cast['author']['address']}>".encode() in copy
    assert b"X-TLP: TLP:AMBER" in copy
    pages = Portal(server, cast["member"]).everything()
    assert SPOKEN.encode() in pages
    assert cast["author"]["name"].encode() in pages


@pytest.mark.anyio
async def test_mail_is_heard_and_answered_in_its_thread(
    server: Server, cast: dict[str, dict[str, Any]], room: dict[str, str]
) -> None:
    moderator = cast["moderator"]
    lines = (
        f"From: {moderator['address']}",
        f"To: {AREA}@iconet.test",
        "Subject: By mail",
        "Message-ID: <by.mail@client.test>",
        "Date: Sun, 22 Nov 2026 09:00:00 +0000",
        "",
        WRITTEN,
        "",
    )
    async with nio_client(server, cast["member"]) as member, nio_client(server, moderator) as answering:
        send(server, moderator, f"{AREA}@iconet.test", "\r\n".join(lines).encode())
        first = await heard(member, lambda event: WRITTEN in str(event.source))
        assert first.sender == moderator["matrix_id"]
        content = {
            "msgtype": "m.text",
            "body": ANSWERED,
            "m.relates_to": {
                "rel_type": "m.thread",
                "event_id": first.event_id,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": first.event_id},
            },
        }
        said = await answering.room_send(room["id"], "m.room.message", content)
        assert isinstance(said, nio.RoomSendResponse), said
    copy = in_inbox(server, cast["member"], ANSWERED)
    assert b"In-Reply-To: <by.mail@client.test>" in copy
    assert f"<{moderator['address']}>".encode() in copy


def test_an_outsider_gets_no_byte(server: Server, cast: dict[str, dict[str, Any]], room: dict[str, str]) -> None:
    said = Wire(server, cast["member"]).messages(room["id"])
    received = Wire(server, cast["outsider"]).everything(room["id"], said, "canary")
    received += Portal(server, cast["outsider"]).everything()
    for words in (SPOKEN, WRITTEN, ANSWERED, f"#{AREA}:", f"{AREA}@"):
        assert words.encode() not in received, words


def test_nor_does_one_who_was_put_out(server: Server, cast: dict[str, dict[str, Any]], room: dict[str, str]) -> None:
    wire = Wire(server, cast["leaver"])
    said = wire.messages(room["id"])
    assert WRITTEN.encode() in wire.everything(room["id"], said, "canary")
    assert iconet(server.data, "off-board", cast["leaver"]["login"]).returncode == 0
    deadline = time.monotonic() + PATIENCE
    while (still := WRITTEN.encode() in wire.everything(room["id"], said, "canary")) and time.monotonic() < deadline:
        pass
    assert not still
    assert wire.get("v3/sync").status_code == 401
    with pytest.raises(Refused, match="M_FORBIDDEN"), element(server, cast["leaver"]):
        pass


def mailed(moderator: dict[str, Any], name: str, words: str) -> bytes:
    """A message with a file, both of which say the words."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = moderator["address"], f"{AREA}@iconet.test", f"About {words}"
    made["Message-ID"], made["Date"] = f"<{name}@client.test>", "Sun, 22 Nov 2026 09:00:00 +0000"
    made.set_content(words)
    made.add_attachment(f"{words} in a file\n".encode(), "text", "plain", cte="7bit", filename=f"{words}.txt")
    return made.as_bytes(policy=SMTP)


def files_with(place: Path, words: str) -> list[str]:
    """Every file in which the words stand: databases with their logs, media, everything."""
    files = [path for path in place.rglob("*") if path.is_file()]
    return [str(path.relative_to(place)) for path in files if words.encode() in path.read_bytes()]


def do(server: Server, *words: str) -> str:
    done = iconet(server.data, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def said_with_a_file(client: nio.AsyncClient, room: str) -> None:
    """The words, and a file with the words in its name and in it."""
    content = {"msgtype": "m.text", "body": f"Said {OVER}"}
    assert isinstance(await client.room_send(room, "m.room.message", content), nio.RoomSendResponse)
    octets, name = f"{OVER} handed in\n".encode(), f"{OVER}.txt"
    uploaded, _ = await client.upload(lambda *_: BytesIO(octets), "text/plain", name, filesize=len(octets))
    assert isinstance(uploaded, nio.UploadResponse), uploaded
    content = {"msgtype": "m.file", "body": name, "url": uploaded.content_uri}
    assert isinstance(await client.room_send(room, "m.room.message", content), nio.RoomSendResponse)


def copied(server: Server, member: dict[str, Any], raw: bytes) -> None:
    """Once all is there: by COPY, and by APPEND what was sent and what was shown."""
    deadline = time.monotonic() + PATIENCE
    while sum(OVER.encode() in each for each in messages(server, member, f"Areas/{AREA}")) < 3:
        assert time.monotonic() < deadline
    with mailbox(server, member) as client:
        client.select(f"Areas/{AREA}")
        assert client.copy("1:*", "Drafts")[0] == "OK"
        for each in (raw, messages(server, member, f"Areas/{AREA}")[-2]):
            assert client.append("Sent", "", "", each)[0] == "OK"


def is_shown(shows: Callable[[], str], *words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(word in shows() for word in words):
        assert time.monotonic() < deadline


def proved(server: Server) -> list[dict[str, int]]:
    """How much was removed from each store, once all is verified: nothing is left in any."""
    deadline = time.monotonic() + 2 * PATIENCE
    while True:
        proofs = [json.loads(line) for line in do(server, "retention", "proof", "--json").splitlines()]
        if len(proofs) == 3 and all(each["stage"] == "verified" for each in proofs):
            assert {step["remains"] for each in proofs for step in each["steps"]} == {0}
            return [{step["store"]: step["removed"] for step in each["steps"]} for each in proofs]
        assert time.monotonic() < deadline, proofs


@pytest.mark.anyio
async def test_what_is_over_leaves_no_byte_anywhere_but_what_is_on_hold(
    server: Server, cast: dict[str, dict[str, Any]], room: dict[str, str]
) -> None:
    moderator, member, officer = cast["moderator"], cast["member"], "marek.hlinkovsky"
    wire, raw = Wire(server, member), mailed(moderator, "over", OVER)

    def shows() -> str:
        return wire.get(f"v3/rooms/{room['id']}/messages", dir="b", limit="50").text

    do(server, "retention", "set", "brief", "30d")
    do(server, "room", "set", AREA, "--retention", "brief")
    async with nio_client(server, moderator) as client:
        await said_with_a_file(client, room["id"])
    send(server, moderator, f"{AREA}@iconet.test", raw)
    send(server, moderator, f"{AREA}@iconet.test", mailed(moderator, "kept", KEPT))
    copied(server, member, raw)
    is_shown(shows, OVER, KEPT)
    found = files_with(server.data, OVER)
    assert {"iconet.db", "homeserver.db"} <= {name.rpartition("/")[2].removesuffix("-wal") for name in found}
    assert any("local_content" in name for name in found)
    held = do(server, "retention", "hold", officer, "post", "<kept@client.test>", "--reason", "case 7/2026")
    assert held == "hold no. 1\n"

    do(server, "retention", "set", "brief", "0d", "--existing")
    do(server, "retention", "run")
    removed = proved(server)

    assert sorted(each["media at the homeserver"] for each in removed) == [0, 0, 1]
    assert all(each["events at the homeserver"] for each in removed)
    assert files_with(server.data, OVER) == []
    assert OVER not in server.log()
    assert files_with(server.data, KEPT)
    assert OVER not in shows()
    assert KEPT in shows()
    boxes = b"".join(each for name in (f"Areas/{AREA}", "Drafts", "Sent") for each in messages(server, member, name))
    assert OVER.encode() not in boxes
    assert KEPT.encode() in boxes
    assert Api(server, member).raw("<over@client.test>").status_code == 404
    do(server, "check")
    do(server, "audit", "verify")
    with pytest.raises(AssertionError, match="another security officer"):
        do(server, "retention", "release-hold", officer, "1", "--reason", "closed")
