"""Who is in which book, and how a client's next visit is told of the differences only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from dav_client import Dav, dav, members, token

from directory import officials, roles, units
from groupware.cards.desk import AddressBooks
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from web_site import Site

    from directory.officials import Official
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
EVERYBODY = ("anna", "bruno", "clara", "dora", "otto", "emil")


async def change(site: Site, name: str, **columns: object) -> None:
    def work(tx: Tx) -> None:
        found = officials.by_login(tx.connection, name)
        assert found is not None
        changed: Official = replace(found, **columns)  # type: ignore[arg-type] # columns by their names
        officials.change(tx.connection, changed)

    await site.groupware.store.run(work)


def logins(cards: dict[str, str]) -> set[str]:
    lines = [line for card in cards.values() for line in card.splitlines() if line.startswith("EMAIL")]
    return {line.partition(":")[2].partition("@")[0] for line in lines}


async def allowed(site: Site, reader: str) -> set[str]:
    """Whom the policies let somebody see, asked one by one, of those in office."""
    caller = site.town.caller(reader, Door.CARDDAV)

    def query(snapshot: Snapshot) -> set[str]:
        return {
            name
            for name, number in site.town.people.items()
            if officials.in_office(snapshot.connection, number, snapshot.now)
            and site.groupware.monitor.decide(snapshot, caller, Action.SEE_ENTRY, Kind.OFFICIAL, number).allowed
        }

    return await site.groupware.store.read(query)


async def test_a_client_finds_its_way_from_the_well_known_address(site: Site) -> None:
    anna = await dav(site, "anna")
    moved = await anna.raw("PROPFIND", "/.well-known/carddav")
    assert (moved.status_code, moved.headers["location"]) == (301, "/dav/")
    (root,) = await anna.propfind("/dav/", "current-user-principal")
    assert [each.text for each in root.properties["{DAV:}current-user-principal"]] == ["/dav/anna/"]
    (principal,) = await anna.propfind("/dav/anna/", "C:addressbook-home-set")
    assert [each.text for each in next(iter(principal.properties.values()))] == ["/dav/anna/"]
    assert await anna.books() == {
        "all": "ICONet: everybody",
        "body-aa": "ICONet: Aland",
        "body-bb": "ICONet: Borland",
        "area-return": "ICONet area: Return",
    }
    assert "area-return" not in await (await dav(site, "otto")).books()


async def test_books_hold_exactly_those_whose_entries_the_reader_may_see(site: Site) -> None:
    await change(site, "emil", listed=False)
    await change(site, "clara", suspended=True)
    await change(site, "otto", valid_until=site.clock())
    for reader in ("anna", "bruno", "dora"):
        client = await dav(site, reader)
        expected = await allowed(site, reader)
        assert logins(await client.cards("all")) == expected
        by_body = [logins(await client.cards(book)) for book in await client.books() if book.startswith("body-")]
        assert set().union(*by_body) == expected
        assert sum(map(len, by_body)) == len(expected)
    assert await allowed(site, "bruno") == {"anna", "bruno", "dora"}
    assert "emil" in await allowed(site, "anna")


async def test_an_areas_book_holds_those_who_take_part_in_it(site: Site) -> None:
    anna, otto = await dav(site, "anna"), await dav(site, "otto")
    assert logins(await anna.cards("area-return")) == {"anna", "bruno", "clara", "dora"}
    assert logins(await otto.cards("area-liaison")) == {"otto", "emil"}
    await site.lose_rights("bruno")
    assert logins(await anna.cards("area-return")) == {"anna", "clara", "dora"}
    assert (await anna.raw("PROPFIND", "/dav/anna/area-return/")).status_code == 207
    await site.lose_rights("anna")
    assert (await anna.raw("PROPFIND", "/dav/anna/area-return/")).status_code == 404


async def test_a_card_says_the_same_in_both_versions(site: Site) -> None:
    await change(site, "anna", title="Head; of, unit", phone="+388 2005 267 001", languages="et,en")
    await change(site, "anna", surname="Á", given_name="Anna")
    bruno = await dav(site, "bruno")
    (old,) = (await bruno.cards("all", "3.0", named("Anna"))).values()
    (new,) = (await bruno.cards("all", "4.0", named("Anna"))).values()
    for card in (old, new):
        for line in ("N:Á;Anna;;;", "FN:Anna", "ORG:Aland;Unit A", r"TITLE:Head\; of\, unit"):
            assert line in card.splitlines()
    assert "TEL;TYPE=WORK,VOICE:+388 2005 267 001" in old.splitlines()
    assert 'TEL;VALUE=uri;TYPE="work,voice":tel:+3882005267001' in new.splitlines()
    assert "LANG;PREF=1:et" in new.splitlines()
    assert "KIND:individual" in new.splitlines()
    assert "KIND" not in old
    assert uid(old) == uid(new)


def uid(card: str) -> str:
    return next(line for line in card.splitlines() if line.startswith("UID"))


def named(text: str, match: str = "contains", more: str = "") -> str:
    return f'<C:prop-filter name="FN"><C:text-match match-type="{match}" {more}>{text}</C:text-match></C:prop-filter>'


def parameter(name: str, condition: str) -> str:
    inside = f'<C:param-filter name="{name}">{condition}</C:param-filter>'
    return f'<C:prop-filter name="EMAIL">{inside}</C:prop-filter>'


async def test_a_uid_stays_and_an_etag_changes_with_the_card(site: Site) -> None:
    anna = await dav(site, "anna")

    async def now() -> tuple[str, str, str]:
        (found,) = await anna.query("all", query=named("Bruno"))
        rev = next(line for line in found.card.splitlines() if line.startswith("REV"))
        return found.href, found.text("{DAV:}getetag"), rev

    first = await now()
    assert await now() == first
    site.clock.ahead += 60_000_000
    await change(site, "bruno", phone="+388 1")
    href, etag, rev = await now()
    assert href == first[0]
    assert etag != first[1]
    assert rev > first[2]
    got = await anna.http.get(href)
    assert got.headers["etag"] == etag
    assert (await anna.http.get(href, headers={"If-None-Match": etag})).status_code == 304


async def test_a_synchronisation_tells_of_differences_only(site: Site) -> None:
    bruno = await dav(site, "bruno")
    first = await bruno.sync("all")
    assert len(members(first)) == len(EVERYBODY)
    mark = token(first)
    assert members(await bruno.sync("all", mark)) == []

    await change(site, "anna", phone="+388 1")
    await change(site, "clara", suspended=True)
    changed = await bruno.sync("all", mark)
    found = {each.href: each for each in members(changed)}
    assert len(found) == 2
    gone = [each for each in found.values() if "404" in each.status]
    assert len(gone) == 1
    assert not gone[0].properties

    await change(site, "clara", suspended=False)
    await change(site, "emil", listed=False)
    back = members(await bruno.sync("all", token(changed)))
    assert sorted("404" in each.status for each in back) == [False, True]
    assert members(await bruno.sync("all", mark))


async def test_tokens_survive_a_restart_and_are_one_callers(site: Site) -> None:
    bruno, anna = await dav(site, "bruno"), await dav(site, "anna")
    mark = token(await bruno.sync("all"))
    groupware = site.groupware
    anew = AddressBooks(groupware.store, groupware.monitor, groupware.server_key)
    caller = site.town.caller("bruno", Door.CARDDAV)
    await change(site, "anna", phone="+388 1")
    assert len(await anew.changes(caller, "all", mark)) == 1
    for client, book, said in (
        (anna, "all", mark),
        (bruno, "body-aa", mark),
        (bruno, "all", "x"),
        (bruno, "all", mark[:-1] + "é"),
    ):
        other = await client.sync(book, said)
        assert other.status_code == 403
        assert "valid-sync-token" in other.text


async def test_those_who_see_the_same_share_a_state_and_old_ones_are_forgotten(site: Site) -> None:
    bruno, anna = await dav(site, "bruno"), await dav(site, "anna")
    mark, other = token(await bruno.sync("all")), token(await anna.sync("all"))
    assert mark.split(":")[3] == other.split(":")[3]
    assert mark.split(":")[4] != other.split(":")[4]
    site.clock.ahead += 91 * 24 * 3600 * 1_000_000
    await change(site, "anna", phone="+388 1")
    token(await bruno.sync("all"))
    assert (await bruno.sync("all", mark)).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (named("anna"), {"anna"}),
        (named("ANN"), {"anna"}),
        (named("A", "starts-with"), {"anna"}),
        (named("o", "ends-with"), {"bruno", "otto"}),
        (named("Otto", "equals"), {"otto"}),
        (named("anna", more='collation="i;octet"'), set()),
        (named("a", more='negate-condition="yes"'), {"bruno", "otto", "emil"}),
        ('<C:prop-filter name="TITLE"><C:is-not-defined/></C:prop-filter>', set(EVERYBODY)),
        ('<C:prop-filter name="TITLE"/>', set()),
        (parameter("TYPE", "<C:text-match>internet</C:text-match>"), set(EVERYBODY)),
        (parameter("PREF", "<C:is-not-defined/>"), set(EVERYBODY)),
        (named("anna") + named("bruno"), {"anna", "bruno"}),
        ("", set(EVERYBODY)),
    ],
)
async def test_queries_find_what_they_ask_for(site: Site, query: str, found: set[str]) -> None:
    assert logins(await (await dav(site, "anna")).cards("all", query=query)) == found


async def test_a_query_is_cut_where_the_client_says(site: Site) -> None:
    anna = await dav(site, "anna")
    found = await anna.query("all", limit=2)
    assert len([each for each in found if each.properties]) == 2
    assert [each.status for each in found if each.href == "/dav/anna/all/"] == ["HTTP/1.1 507 Insufficient Storage"]
    assert all(not each.status for each in await anna.query("all", limit=6))
    few = await anna.sync("all", more="<limit><nresults>2</nresults></limit>")
    assert few.status_code == 507
    assert "number-of-matches-within-limits" in few.text


async def test_a_client_fetches_those_that_it_names_and_the_properties_that_it_wants(site: Site) -> None:
    anna = await dav(site, "anna")
    href = next(iter(await anna.cards("all", query=named("bruno"))))
    body = (
        '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop>'
        '<C:address-data version="4.0"><C:prop name="FN"/><C:prop name="EMAIL"/></C:address-data></prop>'
        f"<href>{href}</href><href>/dav/anna/all/absent.vcf</href><href>/dav/bruno/all/x.vcf</href>"
        "</C:addressbook-multiget>"
    )
    found = {each.href: each for each in members(await anna.raw("REPORT", "/dav/anna/all/", body))}
    lines = found[href].card.splitlines()
    assert lines == ["BEGIN:VCARD", "VERSION:4.0", "FN:Bruno", "EMAIL;TYPE=work:bruno@iconet.test", "END:VCARD"]
    assert "404" in found["/dav/anna/all/absent.vcf"].status
    assert "404" in found["/dav/bruno/all/x.vcf"].status


async def test_a_duty_is_told(site: Site) -> None:
    def work(tx: Tx) -> None:
        body = officials.get(tx.connection, site.town.people["anna"]).body
        roles.grant(tx.connection, roles.Grant(site.town.people["anna"], roles.Role.CONTACT_POINT, body, reason="test"))

    await site.groupware.store.run(work)
    client: Dav = await dav(site, "bruno")
    (card,) = (await client.cards("all", "4.0", named("anna"))).values()
    assert "ROLE:Contact point" in card.splitlines()


async def test_a_date_that_passes_changes_a_book_although_nobody_did(site: Site) -> None:
    hour = 3600 * 1_000_000
    await change(site, "clara", valid_until=site.clock() + hour)

    def lend(tx: Tx) -> None:
        until = tx.now + 2 * hour
        room = site.town.rooms["return"]
        roles.grant(tx.connection, roles.Grant(site.town.people["emil"], roles.Access.READER, room, tx.now, until))

    await site.groupware.store.run(lend)
    bruno = await dav(site, "bruno")
    everybody, area = token(await bruno.sync("all")), token(await bruno.sync("area-return"))
    assert members(await bruno.sync("all", everybody)) == []
    site.clock.ahead += hour + 1
    assert ["404" in each.status for each in members(await bruno.sync("all", everybody))] == [True]
    gone = await bruno.sync("area-return", area)
    assert ["404" in each.status for each in members(gone)] == [True]
    site.clock.ahead += hour
    assert ["404" in each.status for each in members(await bruno.sync("area-return", token(gone)))] == [True]
    assert logins(await bruno.cards("area-return")) == {"anna", "bruno", "dora"}


async def test_a_unit_with_another_name_changes_the_cards_of_its_people(site: Site) -> None:
    bruno = await dav(site, "bruno")
    mark = token(await bruno.sync("all"))

    def rename(tx: Tx) -> None:
        number = officials.get(tx.connection, site.town.people["anna"]).unit
        units.change(tx.connection, replace(units.get(tx.connection, number), name="Unit of another name"))

    await site.groupware.store.run(rename)
    assert len(members(await bruno.sync("all", mark))) == 4
    assert "Unit of another name" in "".join((await bruno.cards("all")).values())
