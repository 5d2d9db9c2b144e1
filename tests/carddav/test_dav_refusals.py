"""What isn't allowed, isn't there or makes no sense: one answer each, and nothing of our inside in any."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from dav_client import SPACES, dav
from web_site import PASSWORD

from connectors.web.workers import THREADS, WAITING, Workers
from groupware.errors import Overloaded

if TYPE_CHECKING:
    from web_site import Site

pytestmark = pytest.mark.anyio
BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<propfind xmlns="DAV:"><prop><x>&b;</x></prop></propfind>'
)
OUTSIDE = (
    '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><propfind xmlns="DAV:"><prop><x>&a;</x></prop></propfind>'
)
WRITES = ["PUT", "DELETE", "MKCOL", "MKCALENDAR", "MOVE", "COPY", "PROPPATCH", "POST", "PATCH", "LOCK", "UNLOCK", "ACL"]
HIDDEN = (
    "/dav/otto/",
    "/dav/nobody/",
    "/dav/otto/all/",
    "/dav/anna/area-liaison/",
    "/dav/anna/all/absent.vcf",
    "/dav/anna/all/x/y",
    "/dav/.web/",
    "/dav/.mobileconfig",
    "/dav/anna/../otto/",
    "/dav/%E2%82%AC/",
    "/dav/a%00b/",
)
QUERY = f"<C:addressbook-query {SPACES}>{{}}</C:addressbook-query>"
MATCH = '<C:filter><C:prop-filter name="FN"><C:text-match collation="i;x">a</C:text-match></C:prop-filter></C:filter>'


def told(answer: httpx.Response) -> tuple[object, ...]:
    """Everything of an answer but the time."""
    return answer.status_code, answer.text, [pair for pair in answer.headers.multi_items() if pair[0] != "date"]


@pytest.mark.parametrize("method", WRITES)
async def test_nothing_is_written_whatever_is_there(site: Site, method: str) -> None:
    anna = await dav(site, "anna")
    there, absent = next(iter(await anna.cards("all"))), "/dav/anna/all/absent.vcf"
    for path in (there, absent, "/dav/anna/all/", "/dav/anna/new/", "/dav/bruno/all/", "/dav/"):
        answer = await anna.raw(method, path, "BEGIN:VCARD\r\nEND:VCARD\r\n")
        assert answer.status_code == 403
        assert f"<D:need-privileges><D:resource><D:href>{path}</D:href>" in answer.text
    assert len(await anna.cards("all")) == 6


@pytest.mark.parametrize("method", ["PROPFIND", "GET", "HEAD", "REPORT"])
async def test_forbidden_and_absent_answer_alike(site: Site, method: str) -> None:
    anna, otto = await dav(site, "anna"), await dav(site, "otto")
    hidden = next(iter(await otto.cards("area-liaison"))).rpartition("/")[2]
    body = (
        f"<sync-collection {SPACES}><sync-token/><prop><getetag/></prop></sync-collection>"
        if method == "REPORT"
        else ""
    )
    absent = told(await anna.raw(method, "/dav/anna/nothing/", body))
    assert absent[0] == 404
    for path in (*HIDDEN, f"/dav/anna/area-liaison/{hidden}"):
        assert told(await anna.raw(method, path, body)) == absent, path


@pytest.mark.parametrize("path", ["/dav/", "/dav", "/dav/anna/", "/dav/nobody/", "/dav/.web/"])
async def test_strangers_learn_nothing(site: Site, path: str) -> None:
    await site.with_password("anna")
    right = await dav(site, "anna")
    async with httpx.AsyncClient(base_url=site.url, verify=site.tls) as http:
        answers = [await http.request(method, path) for method in ("PROPFIND", "PUT", "SEARCH", "GET")]
        answers.append(await http.request("PROPFIND", path, auth=("anna", PASSWORD)))
        answers.append(await http.request("PROPFIND", path, auth=("nobody", "x")))
    assert [told(each) for each in answers] == [told(answers[0])] * len(answers)
    assert answers[0].status_code == 401
    assert answers[0].headers["www-authenticate"].startswith("Basic ")
    assert (await right.raw("PROPFIND", "/dav/")).status_code == 207
    await site.off_board("anna")
    assert (await right.raw("PROPFIND", "/dav/")).status_code == 401


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("PROPFIND", BOMB, 400),
        ("PROPFIND", OUTSIDE, 400),
        ("REPORT", BOMB, 400),
        ("PROPFIND", "<propfind", 400),
        ("PROPFIND", "\x00", 400),
        ("PROPFIND", "<x/>", 400),
        ("PROPFIND", "<a>" * 40 + "</a>" * 40, 400),
        ("PROPFIND", f'<propfind xmlns="DAV:"><prop>{"<x/>" * 20_001}</prop></propfind>', 400),
        ("REPORT", "", 400),
        ("REPORT", f"<C:addressbook-multiget {SPACES}><href/></C:addressbook-multiget>", 400),
        ("REPORT", QUERY.format("<C:limit><C:nresults>-1</C:nresults></C:limit>"), 400),
        ("REPORT", QUERY.format("<C:filter><nonsense/></C:filter>"), 400),
        ("REPORT", QUERY.format('<C:filter test="all"/>'), 400),
        ("REPORT", "<x/>", 403),
        ("REPORT", '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"/>', 403),
        ("REPORT", QUERY.format('<prop><C:address-data version="2.1"/></prop>'), 403),
        ("REPORT", QUERY.format('<prop><C:address-data content-type="text/x"/></prop>'), 403),
        ("REPORT", QUERY.format(MATCH), 403),
        ("PROPFIND", "<a>" + "a" * (513 * 1024), 413),
        ("SEARCH", "", 405),
    ],
)
async def test_nonsense_is_answered_without_a_trace(
    site: Site, caplog: pytest.LogCaptureFixture, method: str, body: str, status: int
) -> None:
    anna = await dav(site, "anna")
    with caplog.at_level(logging.DEBUG):
        answer = await anna.raw(method, "/dav/anna/all/", body)
    assert answer.status_code == status, answer.text
    assert not [each for each in caplog.records if each.exc_info and each.name != "radicale"]  # shut in connectors.logs
    assert "Traceback" not in answer.text
    assert "root:" not in answer.text
    assert (await anna.raw("PROPFIND", "/dav/anna/all/")).status_code == 207


async def test_utf_16_is_no_way_around_the_bounds(site: Site) -> None:
    anna = await dav(site, "anna")
    assert (await anna.raw("PROPFIND", "/dav/anna/", BOMB.encode("utf-16"))).status_code == 400


async def test_header_fields_that_radicale_would_believe_are_not_passed_on(site: Site) -> None:
    anna = await dav(site, "anna")
    lies = {"X-Script-Name": "/x", "X-Remote-User": "bruno", "Remote-User": "bruno", "X-Forwarded-For": "1.2.3.4"}
    answer = await anna.http.request("PROPFIND", "/dav/", headers={**lies, "Depth": "1"})
    assert "/dav/anna/" in answer.text
    assert "bruno" not in answer.text


async def test_a_page_of_another_site_asks_in_vain(site: Site) -> None:
    anna = await dav(site, "anna")
    assert (await anna.http.get("/dav/anna/all/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_options_offer_what_there_is(site: Site) -> None:
    answer = await (await dav(site, "anna")).raw("OPTIONS", "/dav/anna/all/")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PROPFIND, REPORT"
    assert "addressbook" in answer.headers["dav"]


@pytest.mark.parametrize(
    ("accept", "version"),
    [
        ("", "3.0"),
        ("text/vcard;version=4.0", "4.0"),
        ("text/vcard", "3.0"),
        ("text/vcard;version=4.0;q=0.5, text/vcard;version=3.0", "3.0"),
        ("text/vcard; version=4.0; q=x", "3.0"),
        ("application/json", "3.0"),
    ],
)
async def test_a_client_gets_the_version_that_it_would_rather_have(site: Site, accept: str, version: str) -> None:
    anna = await dav(site, "anna")
    href = next(iter(await anna.cards("all")))
    for path in (href, "/dav/anna/all/"):
        answer = await anna.http.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == f"text/vcard; version={version}; charset=utf-8"
        versions = {part[:3] for part in answer.text.split("\r\nVERSION:")[1:]}
        assert versions == {version}
    assert (await anna.http.head(href)).headers["content-length"] == str(len((await anna.http.get(href)).content))


async def test_a_bounded_number_waits() -> None:
    workers, go = Workers(), threading.Event()
    waiting = [asyncio.create_task(workers.run(go.wait)) for _ in range(THREADS + WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await workers.run(go.wait)
    go.set()
    assert await asyncio.gather(*waiting) == [True] * len(waiting)
    workers.close()
