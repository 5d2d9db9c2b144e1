"""Who signs in, what the others may do, and how a session ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from ldap_world import BASE, Wire, World, bind, code_of, control, equal, opened, present, search, trusting, words_of

from connectors.ldap import ber
from connectors.ldap.caps import Caps
from connectors.ldap.codes import NOTICE_OF_DISCONNECTION, START_TLS, WHO_AM_I, Code, Op
from directory import app_passwords, officials
from groupware import administering, clock
from groupware.events import EventKind
from groupware.off_boarding import off_board
from policies.vocabulary import Door

if TYPE_CHECKING:
    from conftest import Place

    from connectors.ldap.message import Message
    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ANNA = f"uid=anna,{BASE}"


def extended(oid: str) -> bytes:
    return ber.tlv(Op.EXTENDED, ber.tlv(0x80, oid.encode()))


def compare(name: str, attribute: str, value: str) -> bytes:
    return ber.tlv(Op.COMPARE, ber.string(name) + ber.sequence(ber.string(attribute), ber.string(value)))


def values_of(found: Message) -> dict[int, str]:
    """The parts of an extended response behind its result, by their tags."""
    parts = ber.elements(found.octets, found.start, found.stop)[3:]
    return {tag: found.octets[start:stop].decode() for tag, start, stop in parts}


async def who(wire: Wire) -> str:
    return values_of(await wire.ask(extended(WHO_AM_I)))[0x8B]


def notice(found: list[Message]) -> Code:
    """What the last message, an unsolicited one, says (RFC 4511 4.4.1)."""
    assert found[-1].id == 0
    assert values_of(found[-1]) == {0x8A: NOTICE_OF_DISCONNECTION}
    return code_of(found[-1])


@pytest.mark.parametrize(
    "name", [ANNA, "UID = anna , DC=IConet,dc=test", "anna", "Anna@iconet.test", f"mail=anna@iconet.test,{BASE}"]
)
async def test_names_that_sign_in(world: World, name: str) -> None:
    wire = await world.wire()
    assert await wire.bind(name, await world.secret("anna")) == Code.SUCCESS
    assert await who(wire) == f"dn:{ANNA}"


@pytest.mark.parametrize(
    ("name", "secret", "code"),
    [
        (ANNA, "wrong", Code.INVALID_CREDENTIALS),
        (f"uid=nobody,{BASE}", "", Code.UNWILLING_TO_PERFORM),
        (ANNA, "", Code.UNWILLING_TO_PERFORM),
        ("", "right", Code.INVALID_CREDENTIALS),
        (f"uid=nobody,{BASE}", "right", Code.INVALID_CREDENTIALS),
        (f"uid=bruno,{BASE}", "right", Code.INVALID_CREDENTIALS),
        ("uid=anna,dc=elsewhere", "right", Code.INVALID_CREDENTIALS),
        (f"cn=anna,{BASE}", "right", Code.INVALID_CREDENTIALS),
        ("uid=anna,,", "right", Code.INVALID_CREDENTIALS),
    ],
)
async def test_names_that_do_not(world: World, name: str, secret: str, code: Code) -> None:
    wire = await world.wire("anna")
    assert await wire.bind(name, await world.secret("anna") if secret == "right" else secret) == code
    assert await who(wire) == ""  # RFC 4511 4.2.1: a failed bind leaves nobody
    assert (await wire.search(search(equal("uid", "anna")))).code == Code.INSUFFICIENT_ACCESS_RIGHTS


async def test_an_app_password_of_another_door_does_not_open_this_one(world: World) -> None:
    secret = app_passwords.made()

    def keep(tx: Tx) -> None:
        key, anna = world.groupware.server_key, world.town.people["anna"]
        app_passwords.keep(tx.connection, anna, secret, key, doors={Door.IMAP}, label="phone", now=tx.now)

    await world.groupware.store.run(keep)
    assert await (await world.wire()).bind(ANNA, secret) == Code.INVALID_CREDENTIALS


async def test_sasl_is_refused_by_name_and_version_2_too(world: World) -> None:
    wire = await world.wire()
    sasl = ber.tlv(0xA3, ber.string("DIGEST-MD5"))
    found = await wire.ask(ber.tlv(Op.BIND, ber.integer(3) + ber.string("") + sasl))
    assert (code_of(found), "DIGEST-MD5" in words_of(found)[1]) == (Code.AUTH_METHOD_NOT_SUPPORTED, True)
    assert code_of(await wire.ask(bind("", "", version=2))) == Code.PROTOCOL_ERROR
    assert await wire.bind("", "") == Code.SUCCESS


async def test_nobody_sees_the_root_dse_and_nothing_else(world: World) -> None:
    wire = await world.wire()
    root = await wire.search(search(present("objectClass"), "", 0, ["+", "*"]))
    assert root.entries[0][1]["namingContexts"] == [BASE]
    for base, scope in ((BASE, 0), (BASE, 2), ("", 1), ("", 2), (ANNA, 0), ("cn=subschema", 0), ("dc=other", 0)):
        answer = await wire.search(search(present("objectClass"), base, scope))
        assert (answer.entries, answer.code) == ([], Code.INSUFFICIENT_ACCESS_RIGHTS)
    assert code_of(await wire.ask(compare(ANNA, "uid", "anna"))) == Code.INSUFFICIENT_ACCESS_RIGHTS


@pytest.mark.parametrize(
    ("name", "attribute", "value", "code"),
    [
        (ANNA, "mail", "ANNA@iconet.test", Code.COMPARE_TRUE),
        (ANNA, "cn", "Bruno", Code.COMPARE_FALSE),
        (ANNA, "title", "x", Code.NO_SUCH_ATTRIBUTE),
        (ANNA, "nonsense", "x", Code.UNDEFINED_ATTRIBUTE_TYPE),
        (ANNA, "entryUUID", "x", Code.INAPPROPRIATE_MATCHING),
        (ANNA, "objectClass", "person", Code.COMPARE_TRUE),
        (BASE, "objectClass", "dcObject", Code.COMPARE_TRUE),
        (f"uid=nobody,{BASE}", "mail", "x", Code.NO_SUCH_OBJECT),
        (f"uid=clara,{BASE}", "uid", "clara", Code.NO_SUCH_OBJECT),
        ("=", "mail", "x", Code.INVALID_DN_SYNTAX),
    ],
)
async def test_compare(world: World, name: str, attribute: str, value: str, code: Code) -> None:
    def hide(tx: Tx) -> None:
        clara = officials.get(tx.connection, world.town.people["clara"])
        officials.change(tx.connection, replace(clara, listed=False))

    await world.groupware.store.run(hide)
    wire = await world.wire("bruno")
    assert code_of(await wire.ask(compare(name, attribute, value))) == code


@pytest.mark.parametrize("op", [Op.MODIFY, Op.ADD, Op.DELETE, Op.RENAME])
async def test_nothing_is_written(world: World, op: Op) -> None:
    wire = await world.wire("anna")
    found = await wire.ask(ber.tlv(op, ANNA.encode()))
    assert found.op == {Op.MODIFY: 0x67, Op.ADD: 0x69, Op.DELETE: 0x6B, Op.RENAME: 0x6D}[op]
    assert (code_of(found), "read only" in words_of(found)[1]) == (Code.UNWILLING_TO_PERFORM, True)


async def test_unknown_extended_operations(world: World) -> None:
    wire = await world.wire("anna")
    assert code_of(await wire.ask(extended("1.3.6.1.4.1.4203.1.11.1"))) == Code.PROTOCOL_ERROR
    assert code_of(await wire.ask(extended(WHO_AM_I), control("1.2.3", critical=True))) == Code(12)
    assert code_of(await wire.ask(extended(START_TLS))) == Code.OPERATIONS_ERROR


async def test_start_tls(world: World) -> None:
    wire = await world.clear_wire()
    secret = await world.secret("anna")
    assert await wire.bind(ANNA, secret) == Code.CONFIDENTIALITY_REQUIRED
    root = await wire.search(search(present("objectClass"), "", 0, ["supportedExtension"]))
    assert START_TLS in root.entries[0][1]["supportedExtension"]
    assert code_of(await wire.ask(extended(START_TLS))) == Code.SUCCESS
    await wire.writer.start_tls(trusting())
    assert await wire.bind(ANNA, secret) == Code.SUCCESS
    assert (await wire.search(search(equal("uid", "bruno")))).names == [f"uid=bruno,{BASE}"]


async def test_what_follows_start_tls_in_clear_is_not_done(world: World) -> None:
    wire = await world.clear_wire()
    wire.send(extended(START_TLS))
    wire.send(search(present("objectClass"), "", 0))
    found = await wire.end()
    assert (len(found), notice(found)) == (1, Code.PROTOCOL_ERROR)


async def test_unbind_ends(world: World) -> None:
    wire = await world.wire("anna")
    wire.send(search(equal("uid", "bruno")))
    wire.send(ber.tlv(Op.UNBIND, b""), control("1.2.3", critical=True))
    wire.send(search(equal("uid", "bruno")))
    assert [each.op for each in await wire.end()] == [Op.ENTRY, Op.SEARCH_DONE]


async def test_abandon_has_no_answer(world: World) -> None:
    wire = await world.wire("anna")
    number = wire.send(search(equal("uid", "bruno")))
    wire.send(ber.integer(number, Op.ABANDON))
    assert (await wire.answer()).code == Code.SUCCESS
    assert await who(wire) == f"dn:{ANNA}"


async def test_a_right_taken_away_counts_at_the_next_request(world: World) -> None:
    wire = await world.wire("bruno")
    anna = search(equal("uid", "anna"))
    assert len((await wire.search(anna)).entries) == 1
    for listed in (False, True, False):

        def hide(tx: Tx, *, listed: bool = listed) -> None:
            found = officials.get(tx.connection, world.town.people["anna"])
            officials.change(tx.connection, replace(found, listed=listed))

        await world.groupware.store.run(hide)
        assert len((await wire.search(anna)).entries) == listed
        absent = await wire.search(search(present("objectClass"), ANNA, 0))
        assert absent.code == (Code.SUCCESS if listed else Code.NO_SUCH_OBJECT)


async def test_a_changed_detail_is_shown_at_the_next_request(world: World) -> None:
    wire = await world.wire("bruno")
    for title in ("Head of unit", "Director"):

        def change(tx: Tx, title: str = title) -> None:
            found = officials.get(tx.connection, world.town.people["anna"])
            officials.change(tx.connection, replace(found, title=title))

        await world.groupware.store.run(change)
        assert (await wire.search(search(equal("uid", "anna")))).entries[0][1]["title"] == [title]


@pytest.mark.parametrize("how", ["off-boarded", "suspended", "expired"])
async def test_who_is_out_of_office_is_out_within_a_second(world: World, how: str) -> None:
    bruno = world.town.people["bruno"]
    wire, other = await world.wire("bruno"), await world.wire("anna")
    began = asyncio.get_running_loop().time()

    def act(tx: Tx) -> None:
        if how == "off-boarded":
            off_board(tx, bruno)
        elif how == "suspended":
            administering.suspend_official(tx, bruno)
        else:
            ends = replace(officials.get(tx.connection, bruno), valid_until=tx.now + clock.MICROSECONDS // 2)
            officials.change(tx.connection, ends)
            tx.record("rights-changed", bruno)

    await world.groupware.store.run(act)
    assert notice(await wire.end()) == Code.STRONGER_AUTH_REQUIRED
    assert asyncio.get_running_loop().time() - began < 2.0
    assert await who(other) == f"dn:{ANNA}"


async def test_a_revoked_app_password_ends_what_it_opened(world: World) -> None:
    wire, other = await world.wire("bruno"), await world.wire("anna")

    def revoke(tx: Tx) -> None:
        bruno = world.town.people["bruno"]
        (number,) = [each.id for each in app_passwords.of(tx.connection, bruno)]
        app_passwords.revoke(tx.connection, bruno, number, tx.now)
        tx.record(EventKind.APP_PASSWORD_REVOKED, number)

    await world.groupware.store.run(revoke)
    assert notice(await wire.end()) == Code.STRONGER_AUTH_REQUIRED
    assert await who(other) == f"dn:{ANNA}"


async def test_who_is_out_of_office_gets_no_further_answer(world: World) -> None:
    wire = await world.wire("bruno")

    def silently(tx: Tx) -> None:  # without the event that wakes sessions
        officials.suspend(tx.connection, world.town.people["bruno"])

    await world.groupware.store.run(silently)
    wire.send(search(equal("uid", "anna")))
    assert notice(await wire.end()) == Code.STRONGER_AUTH_REQUIRED


async def test_a_stop_tells_whoever_waits(world: World) -> None:
    wires = [await world.wire("anna"), await world.wire()]
    ends = [asyncio.create_task(wire.end()) for wire in wires]
    await world.door.stop()
    assert [notice(found) for found in await asyncio.gather(*ends)] == [Code.UNAVAILABLE] * 2


async def test_silence_and_mistakes_have_an_end(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(bind=0.3, idle=0.3, mistakes=2)) as world:
        silent = await world.wire()
        assert await silent.bind("", "") == Code.SUCCESS
        assert notice(await silent.end()) == Code.UNAVAILABLE
        idle = await world.wire("anna")
        assert notice(await idle.end()) == Code.UNAVAILABLE
        guesser = await world.wire()
        guesser.send(bind(ANNA, "wrong"))
        guesser.send(bind(ANNA, "wrong"))
        found = await guesser.end()
        assert notice(found) == Code.UNAVAILABLE
        assert [code_of(each) for each in found[:-1]] == [Code.INVALID_CREDENTIALS] * (len(found) - 1)


async def test_too_many_connections_of_one_network(sqlite_place: Place) -> None:
    async with opened(sqlite_place, Caps(of_one_network=2)) as world:
        first, second = await world.wire(), await world.wire()
        assert notice(await (await world.wire()).end()) == Code.BUSY
        await first.close()
        await second.end() if second.reader.at_eof() else None
        async with asyncio.timeout(10):
            while (third := await world.wire()) and not await admitted(third):
                await third.close()
        assert await who(third) == ""


async def admitted(wire: Wire) -> bool:
    wire.send(extended(WHO_AM_I))
    found = await wire.next()
    return found is not None and found.id != 0
