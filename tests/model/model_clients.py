"""Standard clients of a running server, each of which returns all that it was sent."""

from __future__ import annotations

import imaplib
import json
import re
import smtplib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

import httpx
import ldap3
from ldap3.core.exceptions import LDAPException

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serving import Server

Person = dict[str, Any]
MOST_PAGES = 400
DRAFTS = "Drafts"
"""A folder of one's own."""
OFFICIAL = "urn:ietf:params:scim:schemas:extension:iconet:1.0:Official"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PEOPLE = re.compile(r"/(directory|people|duties)[/?]")
"""Pages about hundreds of officials, which hold no posts; the first of each is looked at."""


def send(server: Server, person: Person, to: str, raw: bytes) -> bool:
    """Whether submission took it."""
    return not refusal(server, person, raw, to)


def refusal(server: Server, person: Person, raw: bytes, *to: str) -> bytes:
    """What submission says against it; b"" if it took it."""
    door = server.endpoints["submission"]
    with smtplib.SMTP_SSL(door["host"], door["port"], timeout=10, context=server.tls) as client:
        client.login(person["login"], person["app_password"])
        try:
            client.sendmail(person["address"], to, raw)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            return repr(error).encode()
        return b""


class Mailbox:
    """A mail program that stays connected."""

    def __init__(self, server: Server, person: Person) -> None:
        door = server.endpoints["imap"]
        self.folders = ("INBOX", DRAFTS, *(area["imap_folder"] for area in server.endpoints["areas"]))
        self.client = imaplib.IMAP4_SSL(door["host"], door["port"], ssl_context=server.tls, timeout=20)
        self.client.login(person["login"], person["app_password"])

    def everything(self, words: list[str]) -> bytes:
        """LIST, then every folder's counts and messages, and the folders that LIST didn't show; b"" once it is closed.

        A search that finds something is answered with its words, so that they count as seen.
        """
        got: list[Any] = []
        try:
            got.append(self.client.list())
            for folder in self.folders:
                got += self._folder(folder, words)
        except (imaplib.IMAP4.abort, OSError):
            return b""  # what came before the door was closed was a moment ago
        return repr(got).encode()

    def keep(self, octets: bytes) -> None:
        """Put it into a folder of one's own (RFC 9051 6.3.12)."""
        answer, said = self.client.append(DRAFTS, None, None, octets)  # type: ignore[arg-type] # both may be None
        assert answer == "OK", said

    def _folder(self, folder: str, words: list[str]) -> list[Any]:
        client, got = self.client, [self.client.status(f'"{folder}"', "(MESSAGES UNSEEN UIDNEXT)")]
        answer, [selected] = client.select(f'"{folder}"', readonly=True)
        if answer != "OK":
            return [*got, selected]
        if selected == b"0":
            return got
        fetched = client.fetch("1:*", "(UID FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])")[1]
        begun = [part[0] for part in fetched if isinstance(part, tuple) and re.match(rb"\d+ \(", part[0])]
        assert len(begun) == int(selected), f"{folder}: {selected} and {begun}"
        return [*got, fetched, *(word for word in words if client.search(None, "TEXT", f'"{word}"')[1] != [b""])]


class Browser:
    """At the portal, signed in once."""

    def __init__(self, server: Server, person: Person) -> None:
        self.url = server.endpoints["web"]["url"]
        self.client = httpx.Client(verify=server.tls, follow_redirects=True, timeout=30)
        token = re.search(r'name="form_token" value="([^"]+)"', self.client.get(f"{self.url}/sign-in").text)
        assert token
        form = {"login": person["login"], "password": person["password"], "form_token": token[1], "next": "/"}
        self.client.post(f"{self.url}/sign-in", data=form, headers={"Origin": self.url})

    def everything(self) -> bytes:
        """Every page that links lead to from the first one, with its headers; a sign-in's, for who is shut out."""
        seen: dict[str, bytes] = {}
        todo = ["/"]
        while todo:
            path = todo.pop()
            if path in seen or path.endswith("/live") or PEOPLE.match(path):
                continue
            assert len(seen) < MOST_PAGES
            page = self.client.get(urljoin(self.url, path))
            seen[path] = page.content + repr(page.headers).encode()
            todo += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', page.text)]
        return b"".join(seen.values())

    def send(self, path: str, page: str, **form: str) -> httpx.Response:
        """A form, as it stands on a page."""
        token = re.search(r'name="form_token" value="([^"]+)"', self.client.get(f"{self.url}{page}").text)
        assert token, page
        headers = {"Origin": self.url}
        return self.client.post(f"{self.url}{path}", data={"form_token": token[1], **form}, headers=headers)

    def finds(self, logins: Iterable[str]) -> set[str]:
        """Whose entry has a page."""
        pages = {login: self.client.get(f"{self.url}/directory/people/{login}") for login in logins}
        return {login for login, page in pages.items() if page.is_success and page.url.path.endswith(login)}


class Tree:
    """An LDAP client that stays connected."""

    def __init__(self, server: Server, person: Person) -> None:
        door = server.endpoints["ldap"]
        self.base = door["base_dn"]
        trusted = ldap3.Tls(ca_certs_file=server.endpoints["ca_file"])
        there = ldap3.Server(door["host"], door["port"], use_ssl=True, tls=trusted)
        name = f"uid={person['login']},{self.base}"
        self.client = ldap3.Connection(there, name, person["app_password"], auto_bind=True, receive_timeout=20)

    def everything(self) -> bytes:
        """The whole tree."""
        return repr(self._search("(objectClass=*)")).encode()

    def finds(self, logins: Iterable[str]) -> set[str]:
        """Whose entry is found, of these."""
        found = self._search(f"(|{''.join(f'(uid={login})' for login in logins)})")
        return {entry["attributes"]["uid"][0] for entry in found}

    def _search(self, wanted: str) -> list[Any]:
        try:
            self.client.search(self.base, wanted, attributes=["*"])
        except LDAPException:
            return []
        return list(self.client.response or [])


CARDS = """<C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<prop><getetag/><C:address-data content-type="text/vcard" version="3.0"/></prop>
<C:filter test="anyof">%s</C:filter></C:addressbook-query>"""
OF = '<C:prop-filter name="EMAIL"><C:text-match match-type="equals">%s</C:text-match></C:prop-filter>'


class Cards:
    """A program that reads the address books."""

    def __init__(self, server: Server, person: Person) -> None:
        auth = (person["login"], person["app_password"])
        self.home = f"{server.endpoints['carddav']['url']}{person['login']}/"
        self.domain = server.endpoints["domain"]
        self.client = httpx.Client(verify=server.tls, auth=auth, timeout=30)

    def everything(self) -> bytes:
        """The books with their properties (RFC 4918 9.1), and all cards of the largest (RFC 6352 8.6)."""
        books = self.client.request("PROPFIND", self.home, headers={"Depth": "1"})
        return books.content + self._query("").content + repr(books.headers).encode()

    def finds(self, logins: Iterable[str]) -> set[str]:
        """Whose card is found, of these."""
        logins = list(logins)
        answer = self._query("".join(OF % f"{login}@{self.domain}" for login in logins))
        found = re.findall(r"^EMAIL[^:]*:([^@\s&]+)@", answer.text, re.MULTILINE)
        return set(found) & set(logins)

    def _query(self, wanted: str) -> httpx.Response:
        return self.client.request("REPORT", f"{self.home}all/", headers={"Depth": "1"}, content=CARDS % wanted)


class Scim:
    """One body's identity system."""

    def __init__(self, server: Server) -> None:
        door = server.endpoints["scim"]
        headers = {"Authorization": f"Bearer {door['token']}"}
        self.url = door["url"]
        self.client = httpx.Client(verify=server.tls, headers=headers, timeout=30)

    def everything(self) -> bytes:
        """All users and groups; the counts are those of what is there."""
        got = []
        for kind in ("Users", "Groups"):
            page, none = (self.client.get(f"{self.url}/{kind}?count={most}") for most in (100, 0))
            assert len(page.json()["Resources"]) == page.json()["totalResults"] == none.json()["totalResults"]
            got += [page.content, none.content, repr(page.headers).encode()]
        return b"".join(got)

    def finds(self, logins: Iterable[str]) -> set[str]:
        """Which of these are its body's, counted too."""
        wanted = " or ".join(f'userName eq "{login}"' for login in logins)
        answer = self.client.get(f"{self.url}/Users", params={"filter": wanted}).json()
        assert answer["totalResults"] == len(answer["Resources"])
        return {each["userName"] for each in answer["Resources"]}

    def list(self, login: str, *, listed: bool) -> None:
        """Show somebody in the directory of others, or don't."""
        found = self.client.get(f"{self.url}/Users", params={"filter": f'userName eq "{login}"'}).json()
        [user] = found["Resources"]
        operation = {"op": "replace", "path": f"{OFFICIAL}:listed", "value": listed}
        body = {"schemas": [PATCH], "Operations": [operation]}
        answer = self.client.patch(f"{self.url}/Users/{user['id']}", json=body)
        assert answer.is_success, answer.text


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

    def raw(self, message_id: str) -> httpx.Response:
        """A post's bytes, or the refusal."""
        return self.get(f"posts/{quote(message_id, safe='')}/raw")

    def get(self, path: str) -> httpx.Response:
        """Whatever stands there."""
        return self.client.get(f"{self.url}/{path}")

    def post(self, path: str, **body: object) -> httpx.Response:
        """Whatever is answered."""
        return self.client.post(f"{self.url}/{path}", json=body)


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

    def aliases(self) -> dict[str, str]:
        """The rooms that this person is in, by alias."""
        states = {room: self.client.get(f"rooms/{room}/state/m.room.canonical_alias").json() for room in self.rooms()}
        return {state["alias"]: room for room, state in states.items() if "alias" in state}

    def say(self, room: str, words: str) -> bool:
        """Whether the room took it, or ICONet to hold."""
        self._said += 1
        said = {"msgtype": "m.text", "body": words}
        answer = self.client.put(f"rooms/{room}/send/m.room.message/{self._said}", json=said)
        return answer.status_code == HTTPStatus.OK

    def said(self, room: str) -> list[str]:
        """What was said in a room, as this person may read it."""
        events = self.client.get(f"rooms/{room}/messages", params={"dir": "b", "limit": "500"}).json().get("chunk", [])
        return [str(event["content"].get("body", "")) for event in events]

    def everything(self, rooms: list[str]) -> bytes:
        """A first sync, and what each of these rooms' history shows."""
        pages = [self.client.get(f"rooms/{room}/messages", params={"dir": "b", "limit": "500"}) for room in rooms]
        asked = [self.client.get(f"rooms/{room}/event/$nothing") for room in rooms]
        return b"".join(page.content for page in (self.client.get("sync"), *pages, *asked))

    def finds(self, word: str) -> bytes:
        """What a search for a word says besides the word; that it counts more than it shows is as good as showing."""
        wanted = {"search_categories": {"room_events": {"search_term": word}}}
        answer = self.client.post("search", json=wanted)
        if answer.status_code != HTTPStatus.OK:
            return answer.content.replace(word.encode(), b"")
        found = answer.json()["search_categories"]["room_events"]
        if found["count"] != len(found["results"]):
            return word.encode()
        return json.dumps(found | {"highlights": ""}).encode()  # those are the words that were asked for
