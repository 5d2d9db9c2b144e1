from __future__ import annotations

import plistlib
import re
import ssl
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from browser import window
from web_site import send

from connectors.house import Address, House
from connectors.records import lines, records
from connectors.settings import Imap, Settings, Submission
from connectors.where import Doors
from policies.vocabulary import Door

if TYPE_CHECKING:
    from browser import Axe
    from playwright.async_api import Browser
    from web_site import Site

    from connectors.certificates import Certificate

pytestmark = pytest.mark.anyio
PAGE = "/account/set-up"
ZONE = re.compile(r"; .*|[\w.-]+\. 3600 IN (SRV \d+ \d+ \d+ [\w.-]+|TXT \"[^\"]+\"|CNAME [\w.-]+)")


@pytest.fixture
def served(site: Site) -> Site:
    """The site with mail doors beside it."""
    site.house.addresses.update(imap=Address("127.0.0.1", 1993), submission=Address("127.0.0.1", 1465))
    return site


async def made(site: Site, client: str, label: str = "Desk") -> tuple[int, bytes, dict[str, str]]:
    anna = await site.client("anna")
    answer = await send(anna, PAGE, kind=client, label=label)
    return answer.status_code, answer.content, dict(answer.headers)


async def opens(site: Site, secret: str, door: Door) -> bool:
    caller = await site.groupware.sign_in.check(door, "anna", secret, "127.0.0.1")
    return caller.login == "anna"


async def test_a_mail_program_gets_an_app_password_and_what_to_type(served: Site) -> None:
    status, page, _ = await made(served, "mail")
    text = page.decode()
    secret = re.search(r'<code id="secret">([^<]+)</code>', text)
    assert status == 200
    assert secret
    assert all([await opens(served, secret[1], door) for door in (Door.IMAP, Door.SUBMISSION, Door.CARDDAV)])
    assert "1993" in text
    assert "1465" in text
    assert "/.well-known/carddav" in text
    kept, _ = await served.groupware.identity.app_passwords(await served.groupware.somebody("anna"))
    assert [each.label for each in kept if each.label == "Desk"] == ["Desk"]


async def test_a_profile_for_apple_holds_what_works(served: Site, certificate: Certificate) -> None:
    status, octets, headers = await made(served, "apple")
    assert (status, headers["content-type"]) == (200, "application/x-apple-aspen-config")
    profile = plistlib.loads(octets)
    parts = {part["PayloadType"]: part for part in profile["PayloadContent"]}
    mail, book = parts["com.apple.mail.managed"], parts["com.apple.carddav.account"]
    assert (mail["IncomingMailServerPortNumber"], mail["OutgoingMailServerPortNumber"]) == (1993, 1465)
    assert await opens(served, mail["IncomingPassword"], Door.IMAP)
    assert await opens(served, book["CardDAVPassword"], Door.CARDDAV)
    assert certificate.authority
    trusted = ssl.PEM_cert_to_DER_cert(certificate.authority.read_text())
    assert parts["com.apple.security.root"]["PayloadContent"] == trusted
    again = plistlib.loads((await made(served, "apple"))[1])
    assert again["PayloadUUID"] == profile["PayloadUUID"]


async def test_bad_choices_are_told_beside_the_form(served: Site) -> None:
    for client, label, words in (
        ("telex", "Desk", "Choose one of the clients"),
        ("mail", "x" * 61, "This name can"),
        ("mail", "a\x07bell", "This name can"),
    ):
        status, page, _ = await made(served, client, label)
        assert (status, words in page.decode()) == (422, True)
    kept, _ = await served.groupware.identity.app_passwords(await served.groupware.somebody("anna"))
    assert "Desk" not in {each.label for each in kept}


async def test_autoconfig_says_the_same_to_everybody(served: Site) -> None:
    stranger = await served.client()
    answers = [
        await stranger.get(path, params={"emailaddress": who}, headers={"host": host})
        for path, host in (
            ("/.well-known/autoconfig/mail/config-v1.1.xml", "iconet.test"),
            ("/mail/config-v1.1.xml", "autoconfig.iconet.test"),
        )
        for who in ("anna@iconet.test", "nobody@iconet.test")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    top = ET.fromstring(answers[0].content)
    servers = {
        each.attrib["type"]: (each.findtext("hostname"), each.findtext("port"), each.findtext("socketType"))
        for each in top.iter()
        if each.tag in ("incomingServer", "outgoingServer")
    }
    assert servers == {"imap": ("localhost", "1993", "SSL"), "smtp": ("localhost", "1465", "SSL")}
    assert (await stranger.get("/mail/config-v1.1.xml", headers={"host": "elsewhere.test"})).status_code == 421


async def test_matrix_clients_find_the_homeserver(served: Site) -> None:
    served.house.addresses["matrix"] = Address("127.0.0.1", 1808, "none")
    answer = await (await served.client()).get("/.well-known/matrix/client")
    assert answer.json() == {"m.homeserver": {"base_url": "http://localhost:1808"}}
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_records_name_the_doors_and_say_what_there_is_not(site: Site) -> None:
    settings = Settings(
        domain="migration.test", host="iconet.migration.test", imap=Imap(port=993), submission=Submission(port=465)
    )
    house = House(settings, site.groupware, site.house.certificate)
    found = {(record.name, record.kind): record.data for record in records(Doors(house))}
    assert found["_imaps._tcp.migration.test", "SRV"] == "0 1 993 iconet.migration.test."
    assert found["_submissions._tcp.migration.test", "SRV"] == "0 1 465 iconet.migration.test."
    assert found["_imap._tcp.migration.test", "SRV"] == "0 0 0 ."
    assert found["autoconfig.migration.test", "CNAME"] == "iconet.migration.test."
    assert all(
        re.fullmatch(r"; .*|[\w.-]+\. 3600 IN (SRV \d+ \d+ \d+ [\w.-]+|TXT \"[^\"]+\"|CNAME [\w.-]+)", line)
        for line in lines(Doors(house))
    )


async def test_the_page_in_a_browser(served: Site, chromium: Browser, axe: Axe) -> None:
    judged = await window(chromium, served, "anna", bypass_csp=True)
    page = await judged.page(PAGE)
    await axe(page, "set-up")
    await page.get_by_label("Thunderbird or another mail program").check()
    await page.get_by_label("Name of the device").fill("Desk")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#secret")
    await axe(page, "set-up-made")
    plain = await window(chromium, served, "anna", java_script_enabled=False)
    await plain.page(PAGE)
    plain.clean()
