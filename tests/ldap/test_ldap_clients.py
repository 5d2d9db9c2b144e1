"""What other people's clients make of the door: OpenLDAP's ldapsearch, ldap3, and how Thunderbird and Outlook ask."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import ldap3
import pytest
from ldap3.core.exceptions import LDAPSocketOpenError
from ldap3.utils.conv import escape_filter_chars
from ldap_world import BASE, World

from directory import officials
from directory.officials import Official

if TYPE_CHECKING:
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ANNA = f"uid=anna,{BASE}"


async def more_people(world: World) -> None:
    def add(tx: Tx) -> None:
        home = officials.get(tx.connection, world.town.people["anna"]).unit
        for login, given, last in (("maria.p", "Μαρία", "Παπαδοπούλου"), ("j.mueller", "Jürgen", "Müller (Return)")):
            whole = f"{given} {last}"
            detail = {"given_name": given, "surname": last, "title": "Desk officer", "phone": "+30 21-012 345"}
            officials.add(tx.connection, Official(0, login, f"{login}@iconet.test", whole, 0, home, **detail))

    await world.groupware.store.run(add)


async def test_ldapsearch_finds_and_shows(world: World) -> None:
    await more_people(world)
    found = await world.ldapsearch("anna", "-b", BASE, "(&(objectClass=inetOrgPerson)(cn=*παπα*))", "mail", "title")
    assert found.stdout == f"dn: uid=maria.p,{BASE}\nmail: maria.p@iconet.test\ntitle: Desk officer\n\n", found.stderr


async def test_ldapsearch_pages(world: World) -> None:
    whole = await world.ldapsearch("anna", "-b", BASE, "(objectClass=*)", "dn")
    paged = await world.ldapsearch("anna", "-b", BASE, "-E", "pr=3/noprompt", "(objectClass=*)", "dn")
    lines = [line for line in paged.stdout.splitlines() if line.startswith("dn: ")]
    assert lines == [line for line in whole.stdout.splitlines() if line]
    assert len(lines) == 11


async def test_ldapsearch_with_start_tls(world: World) -> None:
    url = ["-H", f"ldap://localhost:{world.clear_port}"]
    assert (await world.ldapsearch("anna", *url, "-b", BASE, "uid=anna", "dn")).returncode == 13
    found = await world.ldapsearch("anna", *url, "-ZZ", "-b", BASE, "uid=anna", "dn")
    assert found.stdout == f"dn: {ANNA}\n\n", found.stderr


async def test_ldapsearch_as_nobody(world: World) -> None:
    root = await world.ldapsearch("", "-b", "", "-s", "base", "+")
    assert f"namingContexts: {BASE}\n" in root.stdout
    assert (await world.ldapsearch("", "-b", BASE)).returncode == 50


async def test_ldapsearch_with_an_unknown_extension(world: World) -> None:
    assert (await world.ldapsearch("anna", "-b", BASE, "-E", "!sss=cn")).returncode == 12
    assert (await world.ldapsearch("anna", "-b", BASE, "-E", "sss=cn", "uid=anna", "dn")).returncode == 0


async def test_ldap3_reads_the_schema_and_checks_entries_by_it(world: World) -> None:
    await more_people(world)
    secret = await world.secret("anna")

    def work() -> tuple[Any, Any, Any]:
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(world.certificate.authority))
        server = ldap3.Server("localhost", world.port, use_ssl=True, tls=tls, get_info=ldap3.ALL)
        with ldap3.Connection(server, ANNA, secret, auto_bind=True, check_names=True, read_only=True) as connection:
            connection.search(BASE, "(mail=maria.p@iconet.test)", attributes=ldap3.ALL_ATTRIBUTES)
            return server.info, server.schema, connection.entries[0]

    info, schema, entry = await world.thread(work)
    assert info.naming_contexts == [BASE]
    assert "1.2.840.113556.1.4.319" in str(info.supported_controls)
    assert schema.object_classes["iconetOfficial"].may_contain == ["iconetBody", "iconetUnit"]
    assert (entry.cn.value, entry.sn.value) == ("Μαρία Παπαδοπούλου", "Παπαδοπούλου")
    assert entry.iconetBody.value == f"o=aa,{BASE}"
    known = {kind for name in entry.objectClass.values for kind in of_class(schema, name)}
    assert {kind.lower() for kind in entry.entry_attributes} <= {kind.lower() for kind in known}


def of_class(schema: Any, name: str) -> list[str]:  # noqa: ANN401 -- ldap3 has no types
    found = schema.object_classes[name]
    return [*(found.must_contain or []), *(found.may_contain or [])]


async def test_ldap3_pages_compares_and_is_told_no(world: World) -> None:
    secret = await world.secret("bruno")

    def work() -> list[Any]:
        server = ldap3.Server("localhost", world.port, use_ssl=True)
        with ldap3.Connection(server, f"uid=bruno,{BASE}", secret, auto_bind=True) as connection:
            paged = connection.extend.standard.paged_search
            entries = list(paged(BASE, "(uid=*)", attributes=["uid"], paged_size=2, generator=True))
            return [
                sorted(each["attributes"]["uid"][0] for each in entries),
                connection.compare(ANNA, "mail", "anna@iconet.test"),
                connection.delete(ANNA),
                connection.result["description"],
                connection.extend.standard.who_am_i(),
            ]

    everybody = ["anna", "bruno", "clara", "dora", "emil", "otto"]
    told = [everybody, True, False, "unwillingToPerform", f"dn:uid=bruno,{BASE}"]
    assert await world.thread(work) == told


async def test_ldap3_escapes_what_is_typed(world: World) -> None:
    await more_people(world)
    secret = await world.secret("anna")

    def work() -> list[list[str]]:
        server = ldap3.Server("localhost", world.port, use_ssl=True)
        with ldap3.Connection(server, ANNA, secret, auto_bind=True) as connection:
            found = []
            for typed in ("Müller (Return)", "*", "a)(uid=*"):
                connection.search(BASE, f"(cn=*{escape_filter_chars(typed)}*)", attributes=["uid"])
                found.append([str(each.uid) for each in connection.entries])
            return found

    assert await world.thread(work) == [["j.mueller"], [], []]


async def test_a_client_without_tls_is_not_understood(world: World) -> None:
    def work() -> None:
        server = ldap3.Server("localhost", world.port, connect_timeout=5)
        with pytest.raises((LDAPSocketOpenError, ldap3.core.exceptions.LDAPExceptionError)):
            ldap3.Connection(server, ANNA, "x", auto_bind=True, receive_timeout=5)

    await world.thread(work)


THUNDERBIRD = (
    "(&(objectclass=*)(|(cn={0}*)(commonname={0}*)(displayName={0}*)(givenName={0}*)(sn={0}*)(mozillaNickname={0}*)"
    "(mail={0}*)(mozillaSecondEmail={0}*)(&(objectclass=groupOfNames)(|(mozillaNickname={0}*)(description={0}*)))))"
)
OUTLOOK = "(&(mail=*)(|(mail={0}*)(|(cn={0}*)(|(sn={0}*)(|(givenName={0}*)(displayName={0}*))))))"
OUTLOOK_FOR_MAC = "(&(|(objectclass=person)(objectclass=group))(|(cn=*{0}*)(displayName=*{0}*)(mail=*{0}*)(uid={0}*)))"
APPLE = "(|(givenName=*{0}*)(sn=*{0}*)(cn=*{0}*)(mail=*{0}*)(uid=*{0}*))"
ANDROID = "(&(objectClass=inetOrgPerson)(|(cn~={0})(telephoneNumber=*{0}*)(mail={0}*)(cn=*{0}*)))"


@pytest.mark.parametrize("asked", [THUNDERBIRD, OUTLOOK, OUTLOOK_FOR_MAC, APPLE, ANDROID])
@pytest.mark.parametrize("base", [BASE, ""])
async def test_what_address_books_ask(world: World, asked: str, base: str) -> None:
    await more_people(world)
    found = await world.ldapsearch("bruno", "-b", base, "-s", "sub", "-z", "100", asked.format("jürg"), "uid", "mail")
    assert [line for line in found.stdout.splitlines() if line.startswith("uid:")] == ["uid: j.mueller"], found.stderr
