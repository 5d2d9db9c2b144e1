"""Searches: scopes, filters, what is shown, limits and pages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import uuid5

import pytest
from ldap_world import BASE, all_of, any_of, control, equal, none_of, pieces, present, search, words_of

from connectors.ldap import ber
from connectors.ldap.codes import PAGED_RESULTS, Code
from connectors.ldap.rendering import NAMES

if TYPE_CHECKING:
    from ldap_world import World

EVERYTHING = present("objectClass")
MANY = 1_000
SEALED = 20
"""Octets of a page's cookie."""
PEOPLE = ["anna", "bruno", "clara", "dora", "emil", "otto"]


def named(*logins: str) -> list[str]:
    return [f"uid={login},{BASE}" for login in logins]


@pytest.mark.anyio
async def test_an_official_is_found_by_uid_mail_and_name(world: World) -> None:
    wire = await world.wire("anna")
    for where in (equal("uid", "BRUNO"), equal("mail", "bruno@iconet.test"), equal("cn", " bruno ")):
        answer = await wire.search(search(where))
        assert (answer.names, answer.code) == (named("bruno"), Code.SUCCESS)
    shown = answer.entries[0][1]
    assert shown["objectClass"] == ["top", "person", "organizationalPerson", "inetOrgPerson", "iconetOfficial"]
    assert (shown["uid"], shown["mail"], shown["o"]) == (["bruno"], ["bruno@iconet.test"], ["Borland", "bb"])
    assert "entryDN" not in shown


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("base", "scope", "found"),
    [
        (BASE, 0, [BASE]),
        (BASE, 1, [f"o=aa,{BASE}", f"o=bb,{BASE}", *named(*PEOPLE)]),
        (BASE, 2, [BASE, f"o=aa,{BASE}", f"o=bb,{BASE}", f"ou=u,o=aa,{BASE}", f"ou=u,o=bb,{BASE}", *named(*PEOPLE)]),
        ("DC=IConet , dc=TEST", 0, [BASE]),
        ("", 2, [BASE, f"o=aa,{BASE}", f"o=bb,{BASE}", f"ou=u,o=aa,{BASE}", f"ou=u,o=bb,{BASE}", *named(*PEOPLE)]),
        (f"uid=anna,{BASE}", 0, named("anna")),
        (f"uid=anna,{BASE}", 1, []),
        (f"uid=anna,{BASE}", 2, named("anna")),
        (f"o=BB,{BASE}", 0, [f"o=bb,{BASE}"]),
        (f"o=bb,{BASE}", 1, [f"ou=u,o=bb,{BASE}"]),
        (f"o=bb,{BASE}", 2, [f"o=bb,{BASE}", f"ou=u,o=bb,{BASE}"]),
        (f"ou=u,o=bb,{BASE}", 2, [f"ou=u,o=bb,{BASE}"]),
        ("cn=Subschema", 0, ["cn=subschema"]),
    ],
)
async def test_scopes(world: World, base: str, scope: int, found: list[str]) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(EVERYTHING, base, scope))
    assert (sorted(answer.names), answer.code) == (sorted(found), Code.SUCCESS)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("where", "found"),
    [
        (pieces("cn", (0, "AN")), ["anna"]),
        (pieces("mail", (1, "run"), (2, "test")), ["bruno"]),
        (pieces("cn", (1, "l"), (1, "r")), ["clara"]),
        (pieces("cn", (0, "ann"), (2, "na")), []),
        (all_of(equal("objectClass", "person"), any_of(equal("uid", "anna"), equal("uid", "otto"))), ["anna", "otto"]),
        (all_of(equal("o", "bb"), equal("objectclass", "inetorgperson")), ["bruno", "otto"]),
        (
            all_of(equal("2.5.4.0", "2.16.840.1.113730.3.2.2"), none_of(equal("o", "bb"))),
            ["anna", "clara", "dora", "emil"],
        ),
        (all_of(present("uid"), none_of(present("title")), equal("name", "dora")), ["dora"]),
        (any_of(equal("nonsense", "x"), equal("uid", "emil")), ["emil"]),
        (all_of(equal("nonsense", "x"), equal("uid", "emil")), []),
        (none_of(equal("nonsense", "x")), []),
        (none_of(ber.tlv(0xA9, ber.tlv(0x81, b"caseExactMatch") + ber.tlv(0x83, b"x"))), []),
        (ber.tlv(0xA8, ber.string("cn") + ber.string("anna")), ["anna"]),
        (all_of(present("uid"), ber.tlv(0xA5, ber.string("cn") + ber.string("dora"))), ["dora", "emil", "otto"]),
        (all_of(present("uid"), ber.tlv(0xA6, ber.string("cn") + ber.string("bruno"))), ["anna", "bruno"]),
        (any_of(), []),
        (equal("cn;lang-fr", "anna"), []),
        (equal("uid", "*"), []),
        (equal("uid", "anna)(uid=*"), []),
    ],
)
async def test_filters(world: World, where: bytes, found: list[str]) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(where))
    assert (sorted(answer.names), answer.code) == (named(*found), Code.SUCCESS)


@pytest.mark.anyio
async def test_nothing_is_true_of_all(world: World) -> None:
    wire = await world.wire("anna")
    assert len((await wire.search(search(all_of()))).entries) == 11


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (["1.1"], set()),
        (["MAIL", "userid"], {"mail", "uid"}),
        (["+", "2.5.4.3"], {"cn", "entryDN", "entryUUID", "structuralObjectClass", "subschemaSubentry"}),
        (["name"], {"cn", "sn", "o", "ou"}),
        (["1.1", "mail"], {"mail"}),
        (["cn;lang-fr", "jpegPhoto"], set()),
    ],
)
async def test_what_is_asked_for_is_shown(world: World, asked: list[str], shown: set[str]) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(equal("uid", "anna"), attributes=asked))
    assert set(answer.entries[0][1]) == shown


@pytest.mark.anyio
async def test_types_only(world: World) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(equal("uid", "anna"), attributes=["mail"], types_only=True))
    assert answer.entries[0][1] == {"mail": []}


@pytest.mark.anyio
async def test_a_size_limit(world: World) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(EVERYTHING, size=3))
    assert (len(answer.entries), answer.code) == (3, Code.SIZE_LIMIT_EXCEEDED)
    answer = await wire.search(search(EVERYTHING, size=11))
    assert (len(answer.entries), answer.code) == (11, Code.SUCCESS)


def paged(size: int, cookie: bytes = b"") -> bytes:
    return control(PAGED_RESULTS, ber.sequence(ber.integer(size), ber.string(cookie)), critical=True)


@pytest.mark.anyio
@pytest.mark.parametrize("size", [1, 3, 11, 50])
async def test_pages_hold_everything_once(world: World, size: int) -> None:
    wire = await world.wire("anna")
    whole = (await wire.search(search(EVERYTHING))).names
    found, cookie, pages = [], b"", 0
    while True:
        answer = await wire.search(search(EVERYTHING), paged(size, cookie))
        assert (answer.code, len(answer.entries) <= size) == (Code.SUCCESS, True)
        found += answer.names
        pages += 1
        assert answer.done is not None
        value = answer.done.controls[0].value
        start, stop = ber.of_tag(ber.SEQUENCE, value, 0, len(value))
        _, (_, first, last) = ber.elements(value, start, stop)
        cookie = value[first:last]
        if not cookie:
            break
    assert (found, pages) == (whole, -(-len(whole) // size))


@pytest.mark.anyio
async def test_a_page_of_another_search_is_refused(world: World) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(EVERYTHING), paged(2))
    assert answer.done is not None
    cookie = answer.done.controls[0].value[-SEALED:]
    assert (await wire.search(search(present("uid")), paged(2, cookie))).code == Code.UNWILLING_TO_PERFORM
    assert (await wire.search(search(EVERYTHING), paged(2, b"x"))).code == Code.UNWILLING_TO_PERFORM
    other = await world.wire("bruno")
    assert (await other.search(search(EVERYTHING), paged(2, cookie))).code == Code.UNWILLING_TO_PERFORM
    assert (await wire.search(search(EVERYTHING), paged(0, cookie))).code == Code.SUCCESS


@pytest.mark.anyio
async def test_unknown_controls(world: World) -> None:
    wire = await world.wire("anna")
    sorting = "1.2.840.113556.1.4.473"
    refused = await wire.search(search(EVERYTHING), control(sorting, b"", critical=True))
    assert (refused.entries, refused.code) == ([], Code.UNAVAILABLE_CRITICAL_EXTENSION)
    assert (await wire.search(search(EVERYTHING), control(sorting, b""))).code == Code.SUCCESS


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("base", "code", "matched"),
    [
        (f"uid=nobody,{BASE}", Code.NO_SUCH_OBJECT, BASE),
        (f"uid=anna+cn=Anna,{BASE}", Code.NO_SUCH_OBJECT, BASE),
        ("dc=elsewhere", Code.NO_SUCH_OBJECT, ""),
        (f"o=Borland,{BASE}", Code.NO_SUCH_OBJECT, BASE),
        ("not a name", Code.INVALID_DN_SYNTAX, ""),
    ],
)
async def test_absent_bases(world: World, base: str, code: Code, matched: str) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(EVERYTHING, base))
    assert answer.done is not None
    assert (answer.code, words_of(answer.done)[0]) == (code, matched)


@pytest.mark.anyio
async def test_a_page_does_not_tell_where_in_the_book_it_ends(world: World) -> None:
    """Places count hidden entries, too: no two cookies are as near to each other as their places."""
    wire, cookies, cookie = await world.wire("anna"), [], b""
    for _ in range(10):
        answer = await wire.search(search(EVERYTHING), paged(1, cookie))
        assert answer.done is not None
        cookie = answer.done.controls[0].value[-SEALED:]
        cookies.append(cookie)
    tails = [int.from_bytes(each[-4:], "big") for each in cookies]
    assert all(abs(a - b) > MANY for a, b in pairwise(tails))


@pytest.mark.anyio
async def test_an_entrys_uuid_is_that_of_its_card_and_nobody_works_it_out(world: World) -> None:
    wire = await world.wire("anna")
    answer = await wire.search(search(present("uid"), attributes=["uid", "entryUUID"]))
    shown = {entry["uid"][0]: entry["entryUUID"][0] for _, entry in answer.entries}
    books, people = world.groupware.address_books, world.town.people
    assert shown == {login: books.uid(people[login]) for login in PEOPLE}
    guessed = {str(uuid5(NAMES, f"2:{number}")) for number in range(MANY)}
    assert not guessed & set(shown.values())
