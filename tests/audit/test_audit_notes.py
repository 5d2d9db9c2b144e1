"""Signed checkpoints: C2SP signed-note and tlog-checkpoint."""

from __future__ import annotations

import base64
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from groupware.audit.note import BadNoteError, Checkpoint, public_text, read, read_alone, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CHECKPOINT = Checkpoint("iconet.test/audit", 1042, sha256(b"x").digest())
NOTE = sign(CHECKPOINT, KEY)


def test_a_note_has_the_form_of_the_specification() -> None:
    text, signature = NOTE.split("\n\n")
    assert text.split("\n") == ["iconet.test/audit", "1042", base64.b64encode(CHECKPOINT.root).decode()]
    dash, name, encoded = signature.removesuffix("\n").split(" ")
    octets = base64.b64decode(encoded)
    assert (dash, name) == ("\u2014", "iconet.test/audit")
    public = KEY.public_key().public_bytes_raw()
    assert octets[:4] == sha256(b"iconet.test/audit\n\x01" + public).digest()[:4]
    KEY.public_key().verify(octets[4:], (text + "\n").encode())


def test_the_public_key_says_all_that_a_witness_needs() -> None:
    name, key_id, encoded = public_text(CHECKPOINT.origin, KEY.public_key()).split("+", 2)
    octets = base64.b64decode(encoded)
    assert octets[0] == 1
    assert bytes.fromhex(key_id) == sha256(name.encode() + b"\n" + octets).digest()[:4]
    assert read(NOTE, Ed25519PublicKey.from_public_bytes(octets[1:])) == CHECKPOINT


def test_witnesses_may_sign_beside_the_log_and_mail_may_end_lines_its_own_way() -> None:
    text, ours = NOTE.split("\n\n")
    both = f"{text}\n\n\u2014 witness.test {base64.b64encode(b'w' * 68).decode()}\n{ours}"
    assert read(both, KEY.public_key()) == CHECKPOINT
    assert read(NOTE.replace("\n", "\r\n"), KEY.public_key()) == CHECKPOINT


@given(st.integers(0, len(NOTE) - 2), st.characters(codec="utf-8"))
def test_a_changed_character_makes_it_none(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    if changed in (NOTE, NOTE.replace("\n", "\r\n")):
        return
    try:
        found = read(changed, KEY.public_key())
    except BadNoteError:
        return
    assert found == CHECKPOINT  # base64 has several spellings of the last bits; what is said stays


def test_extension_lines_are_signed_with_the_rest() -> None:
    more = replace(CHECKPOINT, more=("since 7 abc", "since 8 abd"))
    note = sign(more, KEY)
    assert read(note, KEY.public_key()) == read_alone(note, KEY.public_key()) == more
    for changed in (note.replace("since 8", "since 9"), NOTE.replace("\n\n", "\nsince 7 abc\n\n")):
        with pytest.raises(BadNoteError, match="signature"):
            read(changed, KEY.public_key())
    with pytest.raises(BadNoteError, match="added"):
        read_alone(f"{note}more\n", KEY.public_key())


def test_another_key_or_another_log_is_not_ours() -> None:
    with pytest.raises(BadNoteError, match="signature"):
        read(NOTE, Ed25519PrivateKey.generate().public_key())
    with pytest.raises(BadNoteError, match="signature"):
        read(NOTE.replace("iconet.test", "iconet.best", 1), KEY.public_key())
    assert read(sign(replace(CHECKPOINT, origin="other"), KEY), KEY.public_key()).origin == "other"


@pytest.mark.parametrize(
    "text", ["", "x", "\n\n", "a\n01\nAAAA\n\n", "a\n-1\n\n", "a\n1\nAAAA\n\n", "\u0661\n\u0661\n\u0661"]
)
def test_nonsense_is_no_note(text: str) -> None:
    with pytest.raises(BadNoteError, match="three lines"):
        read(text, KEY.public_key())
