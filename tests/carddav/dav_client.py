"""A WebDAV client for tests: what it asks, and what an answer says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx
from town import app_password

if TYPE_CHECKING:
    from web_site import Site

D, C = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
SPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'


@dataclass
class Member:
    """One response of a multistatus: its status, or those of its properties that there are."""

    href: str
    status: str
    properties: dict[str, ET.Element]

    def text(self, name: str) -> str:
        return self.properties[name].text or ""

    @property
    def card(self) -> str:
        return self.text(f"{C}address-data")


@dataclass
class Dav:
    """Somebody's client."""

    http: httpx.AsyncClient
    home: str

    async def propfind(self, path: str, *names: str, depth: int = 0) -> list[Member]:
        wanted = "".join(f"<{name}/>" for name in names)
        answer = await self.raw("PROPFIND", path, f"<propfind {SPACES}><prop>{wanted}</prop></propfind>", depth)
        assert answer.status_code == 207, answer.text
        return members(answer)

    async def books(self) -> dict[str, str]:
        """Names of the address books with what they are called."""
        found = await self.propfind(self.home, "displayname", "resourcetype", depth=1)
        return {
            each.href.split("/")[-2]: each.text(f"{D}displayname")
            for each in found
            if each.properties[f"{D}resourcetype"].find(f"{C}addressbook") is not None
        }

    async def cards(self, book: str, version: str = "3.0", query: str = "", limit: int = 0) -> dict[str, str]:
        """The cards of a book by their path."""
        return {each.href: each.card for each in await self.query(book, version, query, limit) if each.properties}

    async def query(self, book: str, version: str = "3.0", query: str = "", limit: int = 0) -> list[Member]:
        most = f"<C:limit><C:nresults>{limit}</C:nresults></C:limit>" if limit else ""
        data = f'<prop><getetag/><C:address-data content-type="text/vcard" version="{version}"/></prop>'
        body = f"<C:addressbook-query {SPACES}>{data}<C:filter>{query}</C:filter>{most}</C:addressbook-query>"
        answer = await self.raw("REPORT", f"{self.home}{book}/", body, 1)
        assert answer.status_code == 207, answer.text
        return members(answer)

    async def sync(self, book: str, token: str = "", more: str = "") -> httpx.Response:
        body = (
            f"<sync-collection {SPACES}><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}"
            f"<prop><getetag/></prop></sync-collection>"
        )
        return await self.raw("REPORT", f"{self.home}{book}/", body, 1)

    async def raw(self, method: str, path: str, body: str | bytes = "", depth: int = 0) -> httpx.Response:
        octets = body.encode() if isinstance(body, str) else body
        return await self.http.request(method, path, content=octets, headers={"Depth": str(depth)})


async def dav(site: Site, name: str) -> Dav:
    """A client of somebody who has signed in."""
    http = httpx.AsyncClient(base_url=site.url, verify=site.tls)
    http.auth = httpx.BasicAuth(name, await app_password(site.groupware, site.town, name))
    return Dav(await site.exits.enter_async_context(http), f"/dav/{name}/")


def members(answer: httpx.Response) -> list[Member]:
    root = ET.fromstring(answer.content)
    return [_member(each) for each in root.findall(f"{D}response")]


def token(answer: httpx.Response) -> str:
    assert answer.status_code == 207, answer.text
    return ET.fromstring(answer.content).findtext(f"{D}sync-token") or ""


def _member(response: ET.Element) -> Member:
    properties = {
        each.tag: each
        for stat in response.findall(f"{D}propstat")
        if " 200 " in (stat.findtext(f"{D}status") or "")
        for each in stat.iterfind(f"{D}prop/*")
    }
    return Member(response.findtext(f"{D}href") or "", response.findtext(f"{D}status") or "", properties)
