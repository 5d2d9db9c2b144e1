"""Durable acceptance of mail, beside Postfix: 16 sessions, 4 kB messages, the same client and dialogue, in turns.

    python bench/acceptance.py [--messages 2000] [--rounds 3] [--profile]

ICONet: its real door (implicit TLS, AUTH, a moderated room) in a process of its own, on SQLite. Postfix: Debian's, an
instance of its own with a durable queue, plain TCP, discarding what it queued. smtp-source, Postfix's own load, too.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import pwd
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import uvloop
from town import DOMAIN, app_password, build

from connectors import logs
from connectors.certificates import certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.submission.door import SubmissionDoor
from groupware import clock
from groupware.service import open_groupware

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SESSIONS = 16
TEXT = ("x" * 70 + "\r\n") * 52
FROM, TO = f"anna@{DOMAIN}", f"return@{DOMAIN}"
HEAD = f"From: {FROM}\r\nTo: {TO}\r\nSubject: Load\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\n"
ENVELOPE = f"MAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nDATA\r\n".encode()
MAIN_CF = """compatibility_level=3.6
queue_directory={0}/queue
data_directory={0}/data
maillog_file_prefixes={0}
maillog_file={0}/log
mail_owner=postfix
inet_interfaces=127.0.0.1
inet_protocols=ipv4
myhostname=bench.test
mydestination=
mynetworks=127.0.0.0/8
relay_domains=iconet.test
relay_transport=discard:
default_transport=discard:
alias_maps=
alias_database=
smtpd_recipient_restrictions=permit_mynetworks,reject
smtpd_client_connection_count_limit=0
smtpd_forbid_bare_newline=yes
"""
MASTER_CF = """127.0.0.1:{0} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


# ---- the client


async def session(port: int, context: ssl.SSLContext | None, secret: str, count: int, name: str) -> None:
    reader, writer = await asyncio.open_connection("localhost" if context else "127.0.0.1", port, ssl=context)

    async def reply(expected: bytes) -> None:
        while (line := await reader.readuntil(b"\r\n"))[3:4] == b"-":
            pass
        assert line.startswith(expected), line

    await reply(b"220")
    writer.write(b"EHLO bench\r\n")
    await reply(b"250")
    if secret:
        writer.write(b"AUTH PLAIN " + base64.b64encode(f"\0anna\0{secret}".encode()) + b"\r\n")
        await reply(b"235")
    for number in range(count):
        writer.write(ENVELOPE)
        for expected in (b"250", b"250", b"354"):
            await reply(expected)
        writer.write(f"{HEAD}Message-ID: <{name}.{number}@bench>\r\n\r\n{TEXT}.\r\n".encode())
        await reply(b"250")
    writer.close()


async def load(port: int, count: int, ca: str = "", secret: str = "", name: str = "") -> float:
    """Messages a second."""
    context = ssl.create_default_context(cafile=ca) if ca else None
    began = time.perf_counter()
    each = count // SESSIONS
    await asyncio.gather(*(session(port, context, secret, each, f"{name}.{n}") for n in range(SESSIONS)))
    return each * SESSIONS / (time.perf_counter() - began)


# ---- ICONet


async def serve(directory: Path) -> None:
    """Tell on stdout where the door is; then, for each line of stdin, how much CPU was used so far."""
    logs.install("warning")
    settings = Settings(data=directory)
    groupware = await open_groupware(directory, directory=directory, domain=DOMAIN)
    town = await groupware.store.run(build)
    house = House(settings, groupware, certificate_for(settings, clock.now()))
    door = SubmissionDoor(house)
    port = (await door.start(Listen())).port
    following = asyncio.create_task(groupware.run())
    secret = await app_password(groupware, town, "anna")
    print(json.dumps({"port": port, "ca": str(house.certificate.authority), "secret": secret}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):  # at the end of stdin the bench is over
        print(time.process_time(), flush=True)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await door.stop()
    await groupware.close()


class Iconet:
    def __init__(self, directory: Path, profile: bool) -> None:
        command = [sys.executable, __file__, "--serve", str(directory)] + ["--profile"] * profile
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.at = json.loads(self._read())

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def cpu(self) -> float:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self._read())

    def close(self) -> None:
        self.process.communicate()


# ---- Postfix


@contextmanager
def postfix(home: Path) -> Iterator[int]:
    port = 20125
    owner = pwd.getpwnam("postfix").pw_uid
    home.chmod(0o755)
    for name in ("etc", "queue", "data"):
        (home / name).mkdir()
    os.chown(home / "data", owner, -1)
    (home / "etc/main.cf").write_text(MAIN_CF.format(home))
    (home / "etc/master.cf").write_text(MASTER_CF.format(port))
    command = ["postfix", "-c", str(home / "etc")]
    subprocess.run([*command, "start"], check=True, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        subprocess.run([*command, "stop"], check=True, stderr=subprocess.DEVNULL)


def cpu_of(home: Path) -> float:
    """Seconds that the processes of this Postfix have used, ended ones included."""
    master = int((home / "queue/pid/master.pid").read_text())
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == master:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == master:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def source(port: int, count: int) -> float:
    command = ["smtp-source", "-d", "-s", str(SESSIONS), "-l", "4000", "-m", str(count), "-f", FROM, "-t", TO]
    began = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return count / (time.perf_counter() - began)


# ---- the comparison


def compare(home: Path, messages: int, rounds: int, profile: bool) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    sourced: list[float] = []
    iconet = Iconet(home / "iconet", profile)
    with tempfile.TemporaryDirectory(dir=home) as queue, postfix(Path(queue)) as port:
        uvloop.run(load(port, 160))
        uvloop.run(load(count=160, name="warm", **iconet.at))
        cpu, spent, base = iconet.cpu(), 0.0, cpu_of(Path(queue))
        for number in range(rounds):
            ours.append(uvloop.run(load(count=messages, name=str(number), **iconet.at)))
            spent = iconet.cpu() - cpu
            theirs.append(uvloop.run(load(port, messages)))
            sourced.append(source(port, messages))
        used = cpu_of(Path(queue)) - base
    iconet.close()
    show("ICONet, TLS and AUTH", ours, spent / messages / rounds)
    show("Postfix, same client", theirs, used / messages / rounds / 2)
    show("Postfix, smtp-source", sourced, used / messages / rounds / 2)
    ratio = statistics.median(ours) / max(statistics.median(theirs), statistics.median(sourced))
    print(f"ratio to the better of Postfix's: {ratio:.2f}")


def show(name: str, rates: list[float], cpu: float) -> None:
    spread = f"[{min(rates):.0f}-{max(rates):.0f}]"
    print(f"{name:<22} {statistics.median(rates):6.0f} messages/s {spread:<13} CPU {cpu * 1e6:5.0f} us a message")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="ICONet's event loop under cProfile, to stderr")
    parser.add_argument("--serve", type=Path)
    options = parser.parse_args()
    if options.serve is None:
        if not shutil.which("postfix") or os.geteuid():
            sys.exit("needs root and Debian's postfix: apt-get install --no-install-recommends postfix")
        # on a disk: /tmp may be memory, where fsync costs nothing
        with tempfile.TemporaryDirectory(dir=ROOT) as home:
            Path(home).chmod(0o755)
            compare(Path(home), options.messages, options.rounds, options.profile)
    elif options.profile:
        import cProfile  # noqa: PLC0415 -- only here
        import pstats  # noqa: PLC0415

        profile = cProfile.Profile()
        profile.runcall(uvloop.run, serve(options.serve))
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        uvloop.run(serve(options.serve))


if __name__ == "__main__":
    main()
