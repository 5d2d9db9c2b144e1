"""What a body shows to itself alone is read by no admin of another, at whatever door that shows entries."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import ldap3
import pytest
from foreign import CANARY, HIDDEN
from foreign_site import UNSEEN
from town import app_password

from connectors.certificates import server_context
from connectors.ldap.door import LdapDoor
from connectors.settings import Listen

if TYPE_CHECKING:
    from foreign_site import Abroad

pytestmark = pytest.mark.anyio
BASE, WHO = "dc=iconet,dc=test", "adela"
UNSEEN_LOGINS = ("dana", "otto")
FILTERS = (
    "(objectClass=*)",
    f"(cn={UNSEEN}*)",
    "(uid=dana)",
    "(mail=dana@*)",
    f"(title=*{UNSEEN[1:4]}*)",
    "(!(uid=x))",
)
PAGES = (
    "/directory?q=dana",
    "/directory/found?q=da",
    "/directory/people/dana",
    "/directory/people/dana/card.vcf",
    "/directory/bodies/bb",
    "/directory/bodies/bb/u",
    "/directory/bodies/bb/u1",
    "/directory/everybody.vcf",
    "/directory/everybody.ldif",
    f"/people?words={UNSEEN[:5]}",
    "/people?words=dana",
    "/people/entry/dana",
    "/duties/held/dana",
)
HREF = re.compile(r"<(?:\w+:)?href>([^<]+)</")


def said(texts: list[str]) -> None:
    """Nothing that is another body's alone, but what it shows to everybody: the test looks where something is."""
    whole = "\n".join(texts)
    assert UNSEEN not in whole
    assert HIDDEN not in whole
    assert CANARY in whole


async def test_ldap(abroad: Abroad) -> None:
    site = abroad.site
    secret = await app_password(site.groupware, site.town, WHO)
    door = LdapDoor(site.groupware, server_context(site.house.certificate), None)
    address = await door.start(Listen(host="localhost", port=0))

    def ask() -> list[str]:
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(site.house.certificate.authority))
        server, found = ldap3.Server("localhost", address.port, use_ssl=True, tls=tls), []
        with ldap3.Connection(server, f"uid={WHO},{BASE}", secret, auto_bind=True) as connection:
            for each in FILTERS:
                connection.search(BASE, each, attributes=["*", "+"])
                found.append(str(connection.entries))
            for login in UNSEEN_LOGINS:
                assert not connection.search(f"uid={login},{BASE}", "(objectClass=*)", "BASE")
                assert connection.result["description"] == "noSuchObject"
        return found

    said(await asyncio.to_thread(ask))
    await door.stop()


async def test_address_books(abroad: Abroad) -> None:
    client, found, seen, left = await abroad.site.client(), [], set[str](), [f"/dav/{WHO}/"]
    client.auth = (WHO, await app_password(abroad.site.groupware, abroad.site.town, WHO))
    while left:
        seen.add(path := left.pop())
        answers = [await client.request("PROPFIND", path, headers={"Depth": "1"}), await client.get(path)]
        found += [each.text for each in answers]
        left += {urljoin(path, each) for each in HREF.findall(answers[0].text)} - seen - {*left}
    assert len(seen) > len(abroad.own.officials)
    said(found)


async def test_pages_and_files(abroad: Abroad) -> None:
    client = await abroad.site.client(WHO)
    said([(await client.get(path)).text for path in PAGES])
