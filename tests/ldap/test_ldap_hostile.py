"""Nothing that is sent breaks the door, holds it up, or gets more than its place."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ldap_world import BASE, Wire, World, all_of, any_of, bind, code_of, equal, none_of, pieces, present, search

from connectors.ldap import ber, dn, filter, message, requests  # noqa: A004 -- the name of the module
from connectors.ldap.ber import BadBer
from connectors.ldap.codes import Code, Op
from connectors.ldap.limits import MAX_DEPTH, MAX_TERMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.ldap.message import Message

ANNA = equal("uid", "anna")
UNSENSIBLE: dict[str, bytes] = {
    "not LDAP": b"GET / HTTP/1.1\r\n\r\n",
    "indefinite length": b"\x30\x80\x02\x01\x01\x00\x00",
    "length of eight octets": b"\x30\x88" + bytes(8),
    "four gigabytes": b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",
    "just too large": b"\x30\x83\x01\x00\x01\x02\x01\x01",
    "a child longer than its parent": b"\x30\x05\x02\x01\x01\x63\x7f",
    "number 0": ber.sequence(ber.integer(0), search(ANNA)),
    "a negative number": ber.sequence(b"\x02\x01\xff", search(ANNA)),
    "a number of nine octets": ber.sequence(b"\x02\x09" + bytes(9), search(ANNA)),
    "an answer": ber.sequence(ber.integer(7), message.result(Op.SEARCH_DONE, Code.SUCCESS)),
    "an unknown operation": ber.sequence(ber.integer(7), ber.tlv(0x7E, b"")),
    "nothing behind the number": ber.sequence(ber.integer(7)),
    "a long tag": ber.sequence(ber.integer(7), b"\x7f\x81\x00\x00"),
    "controls that are none": ber.sequence(ber.integer(7), search(ANNA), b"\x04\x00"),
    "seventeen controls": ber.sequence(ber.integer(7), search(ANNA), ber.tlv(0xA0, ber.sequence(ber.string("1")) * 17)),
    "a scope of 9": ber.sequence(ber.integer(7), search(ANNA, scope=9)),
    "no filter": ber.sequence(ber.integer(7), search(b"")),
    "an unknown filter": ber.sequence(ber.integer(7), search(ber.tlv(0xAF, b""))),
    "two filters in a not": ber.sequence(ber.integer(7), search(none_of(ANNA + ANNA))),
    "substrings without pieces": ber.sequence(ber.integer(7), search(pieces("cn"))),
    "an end before the middle": ber.sequence(ber.integer(7), search(pieces("cn", (2, "a"), (1, "b")))),
    "two beginnings": ber.sequence(ber.integer(7), search(pieces("cn", (0, "a"), (0, "b")))),
    "a base that is no UTF-8": ber.sequence(
        ber.integer(7), search(ANNA).replace(b"iconet", b"\xff\xfe\xfd\xfc\xfb\xfa")
    ),
}


def nested(depth: int) -> bytes:
    where = ANNA
    for _ in range(depth):
        where = none_of(where)
    return where


def deepest() -> bytes:
    """As deep as 64 KiB can be."""
    where = ANNA
    while len(where) < 60_000:
        where = all_of(where)
    return where


@pytest.mark.anyio
@pytest.mark.parametrize("sent", UNSENSIBLE.values(), ids=UNSENSIBLE)
async def test_what_makes_no_sense_ends_the_session(
    world: World, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    wire = await world.wire("anna")
    wire.send(search(ANNA))
    wire.writer.write(sent)
    found = await wire.end()
    assert [each.op for each in found] == [Op.ENTRY, Op.SEARCH_DONE, Op.EXTENDED_RESPONSE]
    assert (found[-1].id, code_of(found[-1])) == (0, Code.PROTOCOL_ERROR)
    assert [each for each in caplog.records if each.levelno >= logging.WARNING or each.exc_info] == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "where",
    [
        nested(MAX_DEPTH),
        deepest(),
        any_of(*[ANNA] * MAX_TERMS),
        any_of(*[pieces("cn", *[(1, "a")] * 64)] * 5),
        equal("uid" * 400, "x"),
    ],
    ids=["deep", "deepest", "wide", "many pieces", "long name"],
)
async def test_filters_beyond_the_bounds_end_the_session(world: World, where: bytes) -> None:
    wire = await world.wire("anna")
    wire.send(search(where))
    found = await wire.end()
    assert [code_of(each) for each in found] == [Code.PROTOCOL_ERROR]
    assert found[0].id == 0


@pytest.mark.anyio
async def test_filters_within_the_bounds_are_answered(world: World) -> None:
    wire = await world.wire("anna")
    for where in (nested(MAX_DEPTH - 2), any_of(*[ANNA] * (MAX_TERMS - 1)), all_of(ANNA, pieces("cn", (1, "n" * 3)))):
        assert (await wire.search(search(where))).code == Code.SUCCESS
    long = await wire.search(search(equal("uid", "x" * 5000)))
    assert (long.entries, long.code) == ([], Code.SUCCESS)


@pytest.mark.anyio
async def test_before_a_bind_little_is_read(world: World) -> None:
    wire = await world.wire()
    wire.send(search(equal("uid", "x" * 9000), "", 0))
    assert [code_of(each) for each in await wire.end()] == [Code.PROTOCOL_ERROR]


@pytest.mark.anyio
async def test_an_injected_filter_finds_no_more_than_its_words(world: World) -> None:
    """A client that pastes what was typed into a filter string harms itself only: here there are no strings."""
    wire = await world.wire("anna")
    for typed in ("*", "*)(uid=*", "anna)(|(uid=*", "\\2a", "\0", "anna\0"):
        assert (await wire.search(search(equal("uid", typed)))).names == []


@pytest.mark.anyio
async def test_a_flood_of_pipelined_requests_is_answered_in_order(world: World) -> None:
    wire = await world.wire("anna")
    numbers = [wire.send(search(ANNA, attributes=["1.1"])) for _ in range(3000)]
    found = []
    while len(found) < 2 * len(numbers):
        each = await wire.next()
        assert each is not None
        found.append(each.id)
    assert found == [number for number in numbers for _ in range(2)]


@pytest.mark.anyio
async def test_others_are_served_beside_a_client_that_takes_nothing(world: World) -> None:
    greedy, modest = await world.wire("anna"), await world.wire("bruno")
    for _ in range(3000):
        greedy.send(search(present("objectClass")))
    async with asyncio.timeout(15):
        assert (await modest.search(search(ANNA))).names == [f"uid=anna,{BASE}"]
    await greedy.close()


@pytest.mark.anyio
@given(st.lists(st.binary(max_size=60), max_size=4), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_octets_are_answered_or_refused(world: World, sent: list[bytes], framed: bool) -> None:  # noqa: FBT001 -- hypothesis gives it
    wire = await world.wire("anna")
    for octets in sent:
        wire.writer.write(ber.sequence(ber.integer(5), octets) if framed else octets)
    wire.send(ber.tlv(Op.UNBIND, b""))
    wire.writer.write_eof() if wire.writer.can_write_eof() else None
    for each in await wire.end():
        assert each.id in {0, 5}
    assert not await failed(wire, world)


async def failed(wire: Wire, world: World) -> bool:
    """Whether the door has stopped working."""
    await wire.close()
    again = await world.wire("anna")
    answer = await again.search(search(ANNA))
    await again.close()
    return answer.names != [f"uid=anna,{BASE}"]


filters = st.recursive(
    st.one_of(
        st.builds(equal, st.text(max_size=8), st.text(max_size=8)),
        st.builds(present, st.sampled_from(["cn", "objectClass", "x", "entryDN"])),
        st.builds(lambda *parts: pieces("cn", *parts), st.tuples(st.integers(0, 2), st.text(max_size=4))),
        st.binary(max_size=12),
    ),
    lambda inner: st.one_of(
        st.builds(none_of, inner),
        st.builds(lambda parts: all_of(*parts), st.lists(inner, max_size=4)),
        st.builds(lambda parts: any_of(*parts), st.lists(inner, max_size=4)),
    ),
    max_leaves=12,
)


def mangled(draw: st.DrawFn, octets: bytes) -> bytes:
    at = draw(st.integers(0, len(octets)))
    return octets[:at] + draw(st.binary(max_size=3)) + octets[at + draw(st.integers(0, 3)) :]


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    op = draw(
        st.one_of(
            st.builds(search, filters, st.text(max_size=20), st.integers(0, 3)),
            st.builds(bind, st.text(max_size=10), st.text(max_size=10)),
            st.builds(lambda name, value: ber.tlv(Op.COMPARE, ber.string(name) + value), st.text(max_size=9), filters),
            st.builds(lambda value: ber.tlv(Op.EXTENDED, ber.tlv(0x80, value)), st.binary(max_size=9)),
        )
    )
    whole = ber.sequence(ber.integer(draw(st.integers(0, 300))), op)
    return mangled(draw, whole) if draw(st.booleans()) else whole


READERS: dict[int, Callable[[Message], object]] = {
    Op.SEARCH: requests.search,
    Op.BIND: requests.bind,
    Op.COMPARE: requests.compare,
    Op.EXTENDED: requests.extended,
    Op.ABANDON: requests.abandoned,
}


@given(messages())
@settings(max_examples=1500, deadline=None)
def test_readers_read_or_say_what_is_wrong(octets: bytes) -> None:
    try:
        found = message.read(octets)
        READERS.get(found.op, lambda _: None)(found)
    except BadBer:
        return


@given(st.binary(max_size=40))
@settings(max_examples=1000, deadline=None)
def test_filters_read_within_what_they_lie_in(octets: bytes) -> None:
    try:
        _, end = filter.read(octets, 0, len(octets))
    except BadBer:
        return
    assert 0 < end <= len(octets)


@given(st.integers(0, 1 << 31), st.binary(max_size=70_000))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read(number: int, octets: bytes) -> None:
    whole = ber.sequence(ber.integer(number), ber.string(octets))
    assert message.frame_end(whole, 0, 1 << 20) == len(whole)
    (_, first, last), (_, start, stop) = ber.elements(whole, *ber.of_tag(ber.SEQUENCE, whole, 0, len(whole)))
    assert (ber.number(whole, first, last), whole[start:stop]) == (number, octets)


@given(st.lists(st.tuples(st.sampled_from(["cn", "ou", "2.5.4.3"]), st.text(min_size=1, max_size=9)), max_size=4))
@example([("cn", "\\ ")])
@settings(max_examples=500, deadline=None)
def test_names_come_back_as_they_were_written(pairs: list[tuple[str, str]]) -> None:
    written = ",".join(f"{kind}={dn.escaped(value)}" for kind, value in pairs)
    assert dn.parse(written) == tuple((pair,) for pair in pairs)


@given(st.text(alphabet='ab=,+;\\"#<> 0aF.', max_size=30))
@settings(max_examples=1500, deadline=None)
def test_any_text_is_a_name_or_none(text: str) -> None:
    try:
        dn.parse(text)
    except dn.BadDn:
        return
    assert not text or "=" in text


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("UID=jsmith,DC=example,DC=net", [[("uid", "jsmith")], [("dc", "example")], [("dc", "net")]]),
        ("OU=Sales+CN=J.  Smith,DC=net", [[("ou", "Sales"), ("cn", "J.  Smith")], [("dc", "net")]]),
        (r"CN=James \"Jim\" Smith\, III", [[("cn", 'James "Jim" Smith, III')]]),
        (r"CN=Before\0dAfter", [[("cn", "Before\rAfter")]]),
        ("1.3.6.1.4.1.1466.0=#04024869", [[("1.3.6.1.4.1.1466.0", "Hi")]]),
        (r"CN=Lu\C4\8Di\C4\87", [[("cn", "Lučić")]]),
        (r"cn=a\ , dc = b ", [[("cn", "a ")], [("dc", "b")]]),
    ],
)
def test_names_as_rfc_4514_has_them(text: str, parsed: list[list[tuple[str, str]]]) -> None:
    assert dn.parse(text) == tuple(map(tuple, parsed))


@pytest.mark.parametrize(
    "text", ["a", "=b", "a=b,", "a=b,,c=d", r"a=\zz", "a=#04", "a=#0", 'a="b"', r"a=\FF", "a=" + "b" * 2000]
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(dn.BadDn):
        dn.parse(text)
