"""Debian's mbsync brings mail up and down again, byte by byte; mutt opens a message."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imap_world import World

pytestmark = pytest.mark.anyio
COUNT = 220
CONFIG = """
IMAPAccount iconet
Host localhost
Port {port}
User anna
Pass "{secret}"
SSLType IMAPS
CertificateFile {authority}

IMAPStore far
Account iconet

MaildirStore near
Path {home}/{name}/
Inbox {home}/{name}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX Sent Drafts
Create Near
Expunge None
Sync All
SyncState *
CopyArrivalDate yes
"""
CHARSETS = ("utf-8", "iso-8859-1", "us-ascii", "koi8-r")


def required(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        assert not os.environ.get("CI"), f"{program} is not installed"
        pytest.skip(f"{program} is not installed")
    return found


def varied(count: int) -> list[bytes]:
    """Messages of all sorts, with a Message-ID each to find them by."""
    dice = random.Random(3)
    return [_message(dice, number) for number in range(count)]


def _message(dice: random.Random, number: int) -> bytes:
    head = b"From: Anna <anna@iconet.test>\r\nTo: b@x.test\r\nSubject: number %d\r\nMessage-ID: <%d@m>\r\n"
    kinds = (_plain, _octets, _dots, _unended, _empty, _long, _parts, _big)
    return head % (number, number) + kinds[number % len(kinds)](dice, number)


def _plain(dice: random.Random, _: int) -> bytes:
    text = b"\r\n".join(dice.randbytes(dice.randint(0, 40)).hex().encode() for _ in range(dice.randint(0, 60)))
    return b"\r\n" + text + b"\r\n"


def _octets(dice: random.Random, _: int) -> bytes:
    octets = dice.choices([each for each in range(32, 256) if each != 127], k=500)
    return b"Content-Type: text/plain; charset=%b\r\n\r\n%b\r\n" % (dice.choice(CHARSETS).encode(), bytes(octets))


def _dots(_: random.Random, __: int) -> bytes:
    return b"X-Folded: a\r\n\tb\r\n  c\r\n\r\n.\r\n..dots\r\nFrom the start\r\n\r\n\r\n"


def _unended(_: random.Random, __: int) -> bytes:
    return b"\r\nno line end"


def _empty(_: random.Random, __: int) -> bytes:
    return b"\r\n"


def _long(dice: random.Random, number: int) -> bytes:
    return b"\r\n" + b"x" * 9000 + _plain(dice, number)


def _parts(dice: random.Random, number: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n" + _plain(dice, number)
    return b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * 3 + b"--b--\r\n"


def _big(dice: random.Random, number: int) -> bytes:
    big = dice.randbytes(300_000 if number % 40 == 7 else 3000).hex().encode()
    return b"\r\n" + b"\r\n".join(big[at : at + 76] for at in range(0, len(big), 76)) + b"\r\n"


def sync(mbsync: str, home: Path, world: World, name: str) -> None:
    config = home / f"{name}.rc"
    authority = world.groupware.store.directory / "tls" / "ca.pem"
    secret = world.secrets["anna"]
    config.write_text(CONFIG.format(port=world.port, secret=secret, authority=authority, home=home, name=name))
    (home / name).mkdir(exist_ok=True)
    done = subprocess.run([mbsync, "-V", "-c", config, "all"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def bodies(folder: Path) -> list[bytes]:
    """A maildir's messages, with the line ends of the wire and without mbsync's own field."""
    found = [path.read_bytes() for sub in ("cur", "new") for path in (folder / sub).iterdir()]
    return sorted(_as_sent(each) for each in found)


def _as_sent(stored: bytes) -> bytes:
    lines = stored.split(b"\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"X-TUID: "))


async def test_mbsync_brings_every_byte_up_and_down(world: World, tmp_path: Path) -> None:
    mbsync = required("mbsync")
    sent = varied(COUNT)
    client = await world.line_client("anna")
    await world.secret("anna")
    for raw in sent[: COUNT // 2]:
        assert (await client.ask(b"APPEND Sent {%d+}\r\n%b" % (len(raw), raw)))[-1].split()[1] == b"OK"
    await world.thread(sync, mbsync, tmp_path, world, "first")
    assert bodies(tmp_path / "first" / "Sent") == sorted(sent[: COUNT // 2])
    _drop(tmp_path / "first" / "Sent", sent[COUNT // 2 :])
    await world.thread(sync, mbsync, tmp_path, world, "first")
    await world.thread(sync, mbsync, tmp_path, world, "second")
    assert bodies(tmp_path / "second" / "Sent") == sorted(sent)


def _drop(folder: Path, raws: Sequence[bytes]) -> None:
    for number, raw in enumerate(raws):
        (folder / "new" / f"1.{number}.here").write_bytes(raw.replace(b"\r\n", b"\n"))


async def test_mutt_opens_a_message(world: World, tmp_path: Path) -> None:
    mutt, tmux = required("mutt"), required("tmux")
    secret = await world.secret("bruno")
    await world.post("dora", "A canary", text="the words of the post")
    await world.settled()
    config = tmp_path / "muttrc"
    authority = world.groupware.store.directory / "tls" / "ca.pem"
    config.write_text(
        f'set folder="imaps://bruno@localhost:{world.port}/"\nset spoolfile="+Areas/return"\n'
        f'set imap_pass="{secret}"\nset certificate_file="{authority}"\n'
        "set sleep_time=0\nset wait_key=no\nset header_cache=\nset ts_enabled=no\n"
    )
    server = ["tmux", "-L", f"mutt{os.getpid()}"]

    def read() -> tuple[str, str]:
        size = ["-x", "100", "-y", "40"]
        subprocess.run([*server, "-f", "/dev/null", "new-session", "-d", *size, f"{mutt} -n -F {config}"], check=True)
        try:
            index = _shown(server, "canary")
            subprocess.run([*server, "send-keys", "Enter"], check=True)
            return index, _shown(server, "the words of the post")
        finally:
            subprocess.run([*server, "kill-server"], check=False)

    assert tmux
    index, message = await world.thread(read)
    assert "[TLP:AMBER] A canary" in index
    assert "the words of the post" in message


def _shown(server: Sequence[str], awaited: str) -> str:
    screen = ""
    until = time.monotonic() + 15
    while awaited not in screen and time.monotonic() < until:
        screen = subprocess.run(
            [*server, "capture-pane", "-p"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    assert awaited in screen, screen
    return screen
