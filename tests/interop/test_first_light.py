"""The whole way of one post with the clients that officials have, and what an outsider can get of it: nothing."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aioimaplib
import pytest
from clients import Api, Portal, everything_by_imap, folder_names, mailbox, messages, send
from playwright.sync_api import sync_playwright
from serving import Server, iconet, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANARY = "canary-7f3a-falcon"
NAME = "<first-light.1@client.test>"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("first-light") / "demo", like=planted)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def cast(server: Server) -> dict[str, dict[str, Any]]:
    """Who plays: an author, another member, a moderator of the area, and an official who lacks it."""
    author = server.who(area="return")
    plain = [p for p in server.endpoints["people"] if "return" in p["areas"] and not p["roles"]]
    member = next(person for person in plain if person["login"] != author["login"])
    return {
        "author": author,
        "member": member,
        "moderator": server.who(area="return", role="moderator"),
        "outsider": server.who(area="", without="return"),
    }


@pytest.fixture(scope="module")
def post(server: Server, cast: dict[str, dict[str, Any]]) -> bytes:
    """A post that is held: what its author's client sent, as it is stored."""
    to = f"return@{server.endpoints['domain']}"
    lines = [
        f"From: {cast['author']['name']} <{cast['author']['address']}>".encode().decode("ascii", "ignore"),
        f"To: {to}",
        f"Subject: Convoy {CANARY}",
        "Date: Sun, 22 Nov 2026 09:30:00 +0100",
        f"Message-ID: {NAME}",
        "",
        f"Observed near the border: {CANARY}.",
        ".a line with a leading dot",
        "",
    ]
    raw = "\r\n".join(lines).encode()
    send(server, cast["author"], to, raw)
    return raw


@pytest.fixture(scope="module")
def published(server: Server, cast: dict[str, dict[str, Any]], post: bytes) -> bytes:
    """The same post, approved by the moderator while a member idled."""
    told = asyncio.run(_idle_while_approved(server, cast))
    assert any(line.endswith(b"EXISTS") for line in told), told
    return post


async def _idle_while_approved(server: Server, cast: dict[str, dict[str, Any]]) -> list[bytes]:
    door = server.endpoints["imap"]
    client = aioimaplib.IMAP4_SSL(host=door["host"], port=door["port"], ssl_context=server.tls, timeout=PATIENCE)
    await client.wait_hello_from_server()
    await client.login(cast["member"]["login"], cast["member"]["app_password"])
    await client.select("INBOX")
    idle = await client.idle_start(timeout=60)
    api = Api(server, cast["moderator"])
    held = await asyncio.to_thread(api.held)
    number = next(each["id"] for each in held if each["message_id"] == NAME)
    assert await asyncio.to_thread(api.decide, number, "approve") == 200
    assert await asyncio.to_thread(api.decide, number, "refuse") == 409
    told = list(await client.wait_server_push(PATIENCE))
    client.idle_done()
    await asyncio.wait({idle})
    await client.logout()
    return told


def eventually(look: Callable[[], bool], seen: Callable[[], str] = str) -> None:
    """What followers do comes a moment after the acknowledgement."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < deadline, f"it did not come: {seen()}"
        os.sched_yield()


def test_a_held_post_is_for_its_author_and_moderators(server: Server, cast: dict[str, Any], post: bytes) -> None:
    for who in ("moderator", "author"):
        eventually(lambda who=who: any(b"awaits moderation" in each for each in messages(server, cast[who], "INBOX")))
    for who in ("author", "moderator", "member", "outsider"):
        assert CANARY.encode() not in everything_by_imap(server, cast[who], "zzz"), f"{who} sees held text"
    assert Api(server, cast["moderator"]).raw(NAME).content == post
    assert Api(server, cast["author"]).raw(NAME).content == post
    hidden, absent = Api(server, cast["member"]).raw(NAME), Api(server, cast["member"]).raw("<absent@client.test>")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    held = Api(server, cast["moderator"]).held()
    assert {"id", "message_id", "room", "author", "received"} <= set(held[0])
    number = next(each["id"] for each in held if each["message_id"] == NAME)
    for who in ("author", "member", "outsider"):
        assert Api(server, cast[who]).held() == []
        assert Api(server, cast[who]).decide(number, "approve") == 404


def test_it_appears_as_its_authors_words(server: Server, cast: dict[str, Any], published: bytes) -> None:
    body = published.partition(b"\r\n\r\n")[2]
    for folder in ("INBOX", "Areas/return"):
        copies = [copy for copy in messages(server, cast["member"], folder) if NAME.encode() in copy]
        assert len(copies) == 1
        head, _, text = copies[0].partition(b"\r\n\r\n")
        assert text == body
        assert f"Message-ID: {NAME}".encode() in head
        assert b"Date: Sun, 22 Nov 2026 09:30:00 +0100" in head
        assert b"TLP:AMBER" in head
        assert cast["author"]["address"].encode() in head
    assert Api(server, cast["member"]).raw(NAME).content == published
    rows = [json.loads(line) for line in iconet(server.data, "store", "ls", "--json").stdout.splitlines()]
    digest = hashlib.sha256(published).hexdigest()
    assert {"message_id": NAME, "room": "return", "state": "published", "sha256": digest} in rows


def test_an_answer_hangs_in_the_same_thread(server: Server, cast: dict[str, Any], published: bytes) -> None:
    to = f"return@{server.endpoints['domain']}"
    answer = "\r\n".join(
        [
            f"From: {cast['moderator']['address']}",
            f"To: {to}",
            "Subject: Re: Convoy",
            "Message-ID: <answer.1@client.test>",
            f"In-Reply-To: {NAME}",
            f"References: {NAME}",
            "",
            f"Seen too, {CANARY}.",
            "",
        ]
    )
    send(server, cast["moderator"], to, answer.encode())
    portal = Portal(server, cast["member"])
    room = portal.get("/rooms/return").text
    link = room.partition('href="/posts/')[2].partition('"')[0]
    thread = portal.get(f"/posts/{link.partition('#')[0]}").text
    assert f"Observed near the border: {CANARY}" in thread
    assert f"Seen too, {CANARY}" in thread
    assert published


def test_an_outsider_gets_no_byte_of_it(server: Server, cast: dict[str, Any], published: bytes) -> None:
    outsider = cast["outsider"]
    for words in (CANARY, NAME):
        by_imap = everything_by_imap(server, outsider, "zzz" if words == NAME else CANARY)
        assert words.encode() not in by_imap
    assert b"Areas/return" not in everything_by_imap(server, outsider)
    pages = Portal(server, outsider).everything()
    assert CANARY.encode() not in pages
    assert b"first-light" not in pages
    for path in ("/rooms/return", "/rooms/none"):
        assert Portal(server, outsider).get(path).status_code == 404
    assert Api(server, outsider).raw(NAME).status_code == 404
    assert CANARY not in server.log()
    with mailbox(server, outsider) as client:
        hidden, absent = client.select('"Areas/return"'), client.select('"Areas/nowhere"')
        assert hidden == absent
        assert "Areas/return" not in folder_names(client)
    assert published


def test_direct_mail_and_mail_to_a_partner(server: Server, cast: dict[str, Any]) -> None:
    raw = f"From: {cast['author']['address']}\r\nSubject: lunch\r\nMessage-ID: <d@x.test>\r\n\r\ndirect words\r\n"
    send(server, cast["author"], cast["outsider"]["address"], raw.encode())
    eventually(lambda: any(b"direct words" in each for each in messages(server, cast["outsider"], "INBOX")))
    send(server, cast["author"], "desk@partner.test", raw.replace("<d@", "<p@").encode())
    outbox = Path(server.endpoints["outbox"]["maildir"]) / "new"
    eventually(lambda: any(outbox.iterdir()))
    assert b"direct words" in next(outbox.iterdir()).read_bytes()


def test_mbsync_copies_every_byte(server: Server, cast: dict[str, Any], published: bytes, tmp_path: Path) -> None:
    member, door = cast["member"], server.endpoints["imap"]
    mail = tmp_path / "mail"
    mail.mkdir()
    (tmp_path / "mbsyncrc").write_text(
        f"IMAPAccount iconet\nHost {door['host']}\nPort {door['port']}\nUser {member['login']}\n"
        f"Pass {member['app_password']}\nSSLType IMAPS\nCertificateFile {server.endpoints['ca_file']}\n\n"
        "IMAPStore far\nAccount iconet\n\n"
        f"MaildirStore near\nPath {mail}/\nInbox {mail}/INBOX\nSubFolders Verbatim\n\n"
        "Channel all\nFar :far:\nNear :near:\nPatterns INBOX Sent Areas/return\nCreate Near\nExpunge Both\nSync All\n"
        "SyncState *\n"
    )
    _mbsync(tmp_path)
    pulled = {path.read_bytes() for path in mail.glob("Areas/return/*/*") if path.is_file() and "," in path.name}
    assert _as_stored(pulled) == set(messages(server, member, "Areas/return"))
    own = [f"Subject: own {n}\nX-Odd: {'y' * (7 * n)}\n\nbody {n}\n".encode() + bytes([33 + n]) * n for n in range(40)]
    for number, raw in enumerate(own):
        (mail / "Sent" / "new" / f"1.{number}.host").write_bytes(raw)
    _mbsync(tmp_path)
    shutil.rmtree(mail)
    mail.mkdir()
    _mbsync(tmp_path)
    back = {path.read_bytes() for path in mail.glob("Sent/???/*")}
    assert _as_stored(back) == _as_stored(set(own))
    assert published


def _mbsync(place: Path) -> None:
    run = subprocess.run(
        ["mbsync", "-c", place / "mbsyncrc", "-a"], check=False, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stdout + run.stderr


def _as_stored(found: set[bytes]) -> set[bytes]:
    """mbsync keeps lines as UNIX has them, and adds an X-TUID of its own."""
    return {re.sub(rb"X-TUID: [^\n]*\n", b"", raw).replace(b"\n", b"\r\n") for raw in found}


@contextmanager
def _terminal(name: str, command: str) -> Iterator[Callable[..., str]]:
    tmux = ["tmux", "-L", name]
    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "40", command], check=True, timeout=10)

    def screen(*keys: str) -> str:
        if keys:
            subprocess.run([*tmux, "send-keys", *keys], check=True, timeout=10)
        shown = subprocess.run([*tmux, "capture-pane", "-p"], check=False, capture_output=True, text=True, timeout=10)
        return shown.stdout

    try:
        yield screen
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, timeout=10)


def test_mutt_reads_it(server: Server, cast: dict[str, Any], published: bytes, tmp_path: Path) -> None:
    member, door = cast["member"], server.endpoints["imap"]
    (tmp_path / "muttrc").write_text(
        f'set folder="imaps://{door["host"]}:{door["port"]}/"\nset spoolfile="+Areas/return"\n'
        f'set imap_user="{member["login"]}"\nset imap_pass="{member["app_password"]}"\n'
        f'set certificate_file="{server.endpoints["ca_file"]}"\nset mail_check=1\n'
        "set sort=threads\nset nohelp\n"
    )
    environment = f"HOME={tmp_path} TERM=xterm"
    with _terminal(f"mutt-{os.getpid()}", f"env {environment} mutt -n -F {tmp_path}/muttrc") as screen:
        eventually(lambda: "Convoy" in screen(), screen)
        screen("/Convoy", "Enter", "Enter")
        eventually(lambda: "Observed near the border" in screen(), screen)
        screen("q", "q")
    assert published


def test_chromium_shows_it(server: Server, cast: dict[str, Any], published: bytes) -> None:
    member = cast["member"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto(f"{server.endpoints['web']['url']}/sign-in")
        page.get_by_label("Login or mail address").fill(member["login"])
        page.get_by_label("Password").fill(member["password"])
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{server.endpoints['web']['url']}/rooms/return")
        page.get_by_role("link", name="Convoy").first.click()
        assert CANARY in page.inner_text("main")
        browser.close()
    assert published


def test_everything_fits_together_at_the_end(server: Server, published: bytes) -> None:
    checked = iconet(server.data, "check", "--json")
    assert checked.returncode == 0, checked.stdout
    assert published
