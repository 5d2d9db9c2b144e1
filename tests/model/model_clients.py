"""Standard clients of a running server, each of which returns all that it was sent."""

from __future__ import annotations

import imaplib
import re
import smtplib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

import httpx

if TYPE_CHECKING:
    from serving import Server

Person = dict[str, Any]
MOST_PAGES = 400
PEOPLE = re.compile(r"/(directory|people|duties)[/?]")
"""Pages about hundreds of officials, which hold no posts; the first of each is looked at."""


def send(server: Server, person: Person, to: str, raw: bytes) -> bool:
    """Whether submission took it."""
    door = server.endpoints["submission"]
    with smtplib.SMTP_SSL(door["host"], door["port"], timeout=10, context=server.tls) as client:
        client.login(person["login"], person["app_password"])
        try:
            client.sendmail(person["address"], [to], raw)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
            return False
        return True


def by_imap(server: Server, person: Person, words: list[str]) -> bytes:
    """LIST, then every folder's counts and messages, and the folders that LIST didn't show; b"" if login is refused.

    A search that finds something is answered with its words, so that they count as seen.
    """
    door = server.endpoints["imap"]
    client = imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=server.tls, timeout=10)
    try:
        client.login(person["login"], person["app_password"])
    except imaplib.IMAP4.error:
        client.shutdown()
        return b""
    got: list[Any] = [client.list()]
    for folder in ("INBOX", *(area["imap_folder"] for area in server.endpoints["areas"])):
        if client.select(f'"{folder}"', readonly=True)[0] != "OK":
            continue
        got += [client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])")]
        got += [word for word in words if client.search(None, "TEXT", f'"{word}"')[1] != [b""]]
    client.logout()
    return repr(got).encode()


def by_portal(server: Server, person: Person) -> bytes:
    """Every page that links lead to from the first one; b"" if the sign-in is refused."""
    url = server.endpoints["web"]["url"]
    with httpx.Client(verify=server.tls, follow_redirects=True, timeout=20) as client:
        token = re.search(r'name="form_token" value="([^"]+)"', client.get(f"{url}/sign-in").text)
        assert token
        form = {"login": person["login"], "password": person["password"], "form_token": token[1], "next": "/"}
        answer = client.post(f"{url}/sign-in", data=form, headers={"Origin": url})
        return _crawl(client, url) if answer.status_code == 200 else b""


def _crawl(client: httpx.Client, url: str) -> bytes:
    seen: dict[str, bytes] = {}
    todo = ["/"]
    while todo:
        path = todo.pop()
        if path in seen or path.endswith("/live") or PEOPLE.match(path):
            continue
        assert len(seen) < MOST_PAGES
        page = client.get(urljoin(url, path))
        seen[path] = page.content + repr(page.headers).encode()
        todo += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', page.text)]
    return b"".join(seen.values())


class Api:
    """With an app password."""

    def __init__(self, server: Server, person: Person) -> None:
        self.url = server.endpoints["api"]["url"]
        auth = (person["login"], person["app_password"])
        self.client = httpx.Client(verify=server.tls, auth=auth, timeout=20)

    def held(self) -> list[Person]:
        """What the caller moderates; nothing for who may not sign in."""
        answer = self.client.get(f"{self.url}/held")
        return list(answer.json()) if answer.status_code == 200 else []

    def decide(self, message_id: str, word: str) -> int:
        """The status of the answer, 404 for what the queue doesn't show."""
        for held in self.held():
            if held["message_id"] == message_id:
                body = {"decision": word, "reason": "because"}
                return self.client.post(f"{self.url}/held/{held['id']}", json=body).status_code
        return 404

    def withdraw(self, message_id: str) -> int:
        """The status of the answer."""
        return self.client.post(f"{self.url}/posts/{quote(message_id, safe='')}/withdraw", json={}).status_code

    def raw(self, message_id: str) -> bytes:
        """A post's bytes, or those of the refusal."""
        return self.client.get(f"{self.url}/posts/{quote(message_id, safe='')}/raw").content


class Talk:
    """A Matrix client with an app password, signed in once and for all; for who may not sign in it gets nothing."""

    def __init__(self, server: Server, person: Person) -> None:
        url = server.endpoints["matrix"]["url"]
        self.client = httpx.Client(base_url=f"{url}/_matrix/client/v3/", timeout=30)
        words = {"type": "m.id.user", "user": person["login"]}
        form = {"type": "m.login.password", "identifier": words, "password": person["app_password"]}
        signed = self.client.post("login", json=form)
        if signed.status_code == HTTPStatus.OK:
            self.client.headers["Authorization"] = f"Bearer {signed.json()['access_token']}"
        self._said = 0

    def rooms(self) -> list[str]:
        """The ids of the rooms that this person is in."""
        return list(self.client.get("joined_rooms").json().get("joined_rooms", []))

    def room(self, alias: str) -> str:
        """The id of a room that this person is in."""
        states = {room: self.client.get(f"rooms/{room}/state/m.room.canonical_alias").json() for room in self.rooms()}
        return next(room for room, state in states.items() if state.get("alias") == alias)

    def say(self, room: str, words: str) -> bool:
        """Whether the room took it, or ICONet to hold."""
        self._said += 1
        said = {"msgtype": "m.text", "body": words}
        answer = self.client.put(f"rooms/{room}/send/m.room.message/{self._said}", json=said)
        return answer.status_code == HTTPStatus.OK

    def everything(self, rooms: list[str]) -> bytes:
        """A first sync, and what each of these rooms' history shows."""
        pages = [self.client.get(f"rooms/{room}/messages", params={"dir": "b", "limit": "500"}) for room in rooms]
        return b"".join(page.content for page in (self.client.get("sync"), *pages))
