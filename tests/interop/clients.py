"""Standard clients as officials have them, thin: each returns the bytes that it was given."""

from __future__ import annotations

import imaplib
import re
import smtplib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import Server

MOST_PAGES = 300


def send(server: Server, person: dict[str, Any], to: str, raw: bytes) -> None:
    """Hand in a message as a mail client does."""
    door = server.endpoints["submission"]
    with smtplib.SMTP_SSL(door["host"], door["port"], timeout=10, context=server.tls) as client:
        client.login(person["login"], person["app_password"])
        client.sendmail(person["address"], [to], raw)


@contextmanager
def mailbox(server: Server, person: dict[str, Any]) -> Iterator[imaplib.IMAP4_SSL]:
    """A signed-in IMAP client."""
    door = server.endpoints["imap"]
    client = imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=server.tls, timeout=10)
    client.login(person["login"], person["app_password"])
    try:
        yield client
    finally:
        client.logout()


def folder_names(client: imaplib.IMAP4_SSL) -> list[str]:
    """What LIST shows and can be opened."""
    _, lines = client.list()
    shown = [line.decode() for line in lines if isinstance(line, bytes)]
    return [line.rpartition(' "/" ')[2].strip('"') for line in shown if "\\noselect" not in line.lower()]


def everything_by_imap(server: Server, person: dict[str, Any], words: str = "") -> bytes:
    """Every byte of every folder, with its counts, and the answers to a search for `words`."""
    received: list[Any] = []
    with mailbox(server, person) as client:
        received.append(client.list())
        for name in folder_names(client):
            received.append(client.status(f'"{name}"', "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"))
            received.append(client.select(f'"{name}"', readonly=True))
            received.append(client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])"))
            received += [client.search(None, "TEXT", f'"{words}"')] if words else []
    return repr(received).encode()


def messages(server: Server, person: dict[str, Any], folder: str) -> list[bytes]:
    """The messages of one folder, whole."""
    with mailbox(server, person) as client:
        status, _ = client.select(f'"{folder}"', readonly=True)
        assert status == "OK", folder
        _, found = client.fetch("1:*", "(BODY.PEEK[])")
        return [part[1] for part in found if isinstance(part, tuple)]


class Portal:
    """A browser without JavaScript, signed in."""

    def __init__(self, server: Server, person: dict[str, Any]) -> None:
        self.url = server.endpoints["web"]["url"]
        self.client = httpx.Client(verify=server.tls, follow_redirects=True, timeout=20)
        page = self.client.get(f"{self.url}/sign-in")
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)
        assert token
        form = {"login": person["login"], "password": person["password"], "form_token": token[1], "next": "/"}
        answer = self.client.post(f"{self.url}/sign-in", data=form, headers={"Origin": self.url})
        assert answer.status_code == 200, answer.text

    def get(self, path: str) -> httpx.Response:
        """One page."""
        return self.client.get(urljoin(self.url, path))

    def everything(self) -> bytes:
        """Every page that can be reached by links from the first one."""
        seen: dict[str, bytes] = {}
        todo = ["/"]
        while todo and len(seen) < MOST_PAGES:
            path = todo.pop()
            if path in seen or path.endswith("/live"):
                continue
            page = self.get(path)
            seen[path] = page.content + repr(page.headers).encode()
            todo += [_path(link) for link in re.findall(r'href="(/[^"#]*)"', page.text)]
        return b"".join(seen.values())


def _path(link: str) -> str:
    parts = urlsplit(link.replace("&amp;", "&"))
    return parts.path + (f"?{parts.query}" if parts.query else "")


class Api:
    """The JSON API with an app password."""

    def __init__(self, server: Server, person: dict[str, Any]) -> None:
        auth = (person["login"], person["app_password"])
        self.url = server.endpoints["api"]["url"]
        self.client = httpx.Client(verify=server.tls, auth=auth, timeout=20)

    def held(self) -> list[dict[str, Any]]:
        """What this moderator may decide on."""
        answer = self.client.get(f"{self.url}/held")
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def decide(self, number: str, decision: str, reason: str = "") -> int:
        """The status of the answer."""
        json = {"decision": decision, "reason": reason}
        return self.client.post(f"{self.url}/held/{number}", json=json).status_code

    def raw(self, message_id: str) -> httpx.Response:
        """A post's stored bytes."""
        return self.client.get(f"{self.url}/posts/{quote(message_id, safe='')}/raw")
