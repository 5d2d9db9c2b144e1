"""The tree and its proofs, against the definition in RFC 9162 2.1 as it stands there."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from groupware.audit.tree import EMPTY, Frontier, included, inclusion, leaf, root

records = st.lists(st.binary(max_size=8), max_size=70)


def defined(hashes: list[bytes]) -> bytes:
    """MTH, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + defined(hashes[:k]) + defined(hashes[k:])).digest()


@given(records)
def test_the_root_is_the_defined_one(octets: list[bytes]) -> None:
    hashes = [sha256(b"\x00" + record).digest() for record in octets]
    assert [leaf(record) for record in octets] == hashes
    assert root(hashes) == defined(hashes)


@given(st.lists(st.integers(0, 600), max_size=6))
def test_it_grows_in_any_steps(steps: list[int]) -> None:
    tree, hashes = Frontier(), []
    for step in steps:
        new = [leaf(b"%d" % (len(hashes) + number)) for number in range(step)]
        hashes += new
        tree = Frontier.read(tree.size, tree.octets())
        tree.extend(b"".join(new))
    assert (tree.size, tree.root()) == (len(hashes), defined(hashes))


def test_no_records_have_the_root_of_nothing() -> None:
    assert root([]) == EMPTY == sha256(b"").digest()


@given(st.integers(1, 70), st.data())
def test_a_proof_leads_to_the_root_from_its_record_only(size: int, data: st.DataObject) -> None:
    hashes = [leaf(b"%d" % number) for number in range(size)]
    position = data.draw(st.integers(0, size - 1))
    proof = inclusion(position, hashes)
    assert included(hashes[position], position, size, proof) == root(hashes)
    assert included(leaf(b"another"), position, size, proof) != root(hashes)
    assert included(hashes[position], position, size, [*proof, EMPTY]) is None
    assert included(hashes[position], size, size, proof) is None
    if proof:
        assert included(hashes[position], position, size, proof[:-1]) != root(hashes)
        other = data.draw(st.integers(0, size - 1).filter(lambda at: at != position))
        assert included(hashes[position], other, size, proof) != root(hashes)
