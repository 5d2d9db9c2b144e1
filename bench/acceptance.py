"""Durable acceptance of mail, beside Postfix: 16 sessions, 4 kB messages, the same client and dialogue, in turns.

    python bench/acceptance.py [--messages 960] [--rounds 3] [--profile]

ICONet: its real door (implicit TLS, AUTH, a moderated room) in a process of its own, on SQLite, with its followers:
once with a member's messages, which are held, once with the moderator's, which are published and copied. What it left
for later is done before Postfix's turn, and counts as CPU of its own line. Postfix: Debian's, an instance of its own
with a durable queue, plain TCP, discarding what it queued; by the same client and by smtp-source, its own load.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import uvloop
from town import DOMAIN, app_password, build

from connectors import garbage, logs
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
MEMBER, MODERATOR = "anna", "dora"
TO = f"return@{DOMAIN}"
HEAD = "From: {0}\r\nTo: {1}\r\nSubject: Load\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\n"
ENVELOPE = "MAIL FROM:<{0}>\r\nRCPT TO:<{1}>\r\nDATA\r\n"
SETTLED, SETTLES_WITHIN, LOOK = 0.04, 8.0, 0.3
"""ICONet has settled when it uses less CPU than this part of a look's time."""
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


@dataclass
class Load:
    """Whose messages go where, and what came of them: messages a second each round, seconds for each message."""

    port: int
    author: str = MEMBER
    ca: str = ""
    secret: str = ""
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def run(self, count: int) -> None:
        uvloop.run(self._run(count // SESSIONS))

    async def _run(self, each: int) -> None:
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        began = time.perf_counter()
        await asyncio.gather(*(session(self, context, each, f"{len(self.rates)}.{n}") for n in range(SESSIONS)))
        self.rates.append(each * SESSIONS / (time.perf_counter() - began))

    def warm(self) -> None:
        self.run(160)
        self.latencies.clear()


async def session(load: Load, context: ssl.SSLContext | None, count: int, name: str) -> None:
    reader, writer = await asyncio.open_connection("localhost" if context else "127.0.0.1", load.port, ssl=context)
    address = f"{load.author}@{DOMAIN}"
    head, envelope = HEAD.format(address, TO), ENVELOPE.format(address, TO).encode()

    async def reply(expected: bytes) -> None:
        while (line := await reader.readuntil(b"\r\n"))[3:4] == b"-":
            pass
        assert line.startswith(expected), line

    await reply(b"220")
    writer.write(b"EHLO bench\r\n")
    await reply(b"250")
    if load.secret:
        credentials = base64.b64encode(f"\0{load.author}\0{load.secret}".encode())
        writer.write(b"AUTH PLAIN " + credentials + b"\r\n")
        await reply(b"235")
    for number in range(count):
        began = time.perf_counter()
        writer.write(envelope)
        for expected in (b"250", b"250", b"354"):
            await reply(expected)
        writer.write(f"{head}Message-ID: <{load.author}.{name}.{number}@bench>\r\n\r\n{TEXT}.\r\n".encode())
        await reply(b"250")
        load.latencies.append(time.perf_counter() - began)
    writer.close()


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
    secrets = {name: await app_password(groupware, town, name) for name in (MEMBER, MODERATOR)}
    garbage.leave_out_what_stays()
    print(json.dumps({"port": port, "ca": str(house.certificate.authority), "secrets": secrets}), flush=True)
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
        self._at = json.loads(self._read())
        self.accepting = dict.fromkeys((MEMBER, MODERATOR), 0.0)
        self.later = dict.fromkeys((MEMBER, MODERATOR), 0.0)

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def load(self, author: str) -> Load:
        return Load(self._at["port"], author, self._at["ca"], self._at["secrets"][author])

    def turn(self, load: Load, messages: int) -> None:
        """One round, and then until nothing is left to do."""
        before = self.cpu()
        load.run(messages)
        after = self.cpu()
        self.settle()
        self.accepting[load.author] += after - before
        self.later[load.author] += self.cpu() - after

    def settle(self) -> None:
        until, used = time.monotonic() + SETTLES_WITHIN, self.cpu()
        while time.monotonic() < until:
            time.sleep(LOOK)
            used, before = self.cpu(), used
            if used - before < SETTLED * LOOK:
                return

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
    sender = f"{MEMBER}@{DOMAIN}"
    command = ["smtp-source", "-d", "-s", str(SESSIONS), "-l", "4000", "-m", str(count), "-f", sender, "-t", TO]
    began = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return count / (time.perf_counter() - began)


# ---- the comparison


def compare(home: Path, messages: int, rounds: int, profile: bool) -> None:
    sourced: list[float] = []
    iconet = Iconet(home / "iconet", profile)
    held, published = iconet.load(MEMBER), iconet.load(MODERATOR)
    with tempfile.TemporaryDirectory(dir=home) as queue, postfix(Path(queue)) as port:
        theirs = Load(port)
        for load in (theirs, held, published):
            load.warm()
        iconet.settle()
        base = cpu_of(Path(queue))
        for _ in range(rounds):
            iconet.turn(held, messages)
            theirs.run(messages)
            sourced.append(source(port, messages))
            iconet.turn(published, messages)
        used = (cpu_of(Path(queue)) - base) / messages / rounds / 2
    iconet.close()
    for name, load in (("ICONet, held posts", held), ("ICONet, published posts", published)):
        later = iconet.later[load.author] / messages / rounds
        show(name, load.rates[1:], iconet.accepting[load.author] / messages / rounds, later)
        print(f"{'':<24} {milliseconds(load)}")
    show("Postfix, same client", theirs.rates[1:], used)
    print(f"{'':<24} {milliseconds(theirs)}")
    show("Postfix, smtp-source", sourced, used)
    better = max(statistics.median(theirs.rates[1:]), statistics.median(sourced))
    for name, load in (("held", held), ("published", published)):
        print(f"ratio to the better of Postfix's, {name:<9} {statistics.median(load.rates[1:]) / better:.2f}")


def show(name: str, rates: list[float], cpu: float, later: float | None = None) -> None:
    spread = f"[{min(rates):.0f}-{max(rates):.0f}]"
    text = "" if later is None else f" and {later * 1e6:.0f} us later"
    print(f"{name:<24} {statistics.median(rates):6.0f} messages/s {spread:<13} CPU {cpu * 1e6:5.0f} us a message{text}")


def milliseconds(load: Load) -> str:
    ordered = sorted(load.latencies)
    return f"p50 {ordered[len(ordered) // 2] * 1e3:.1f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1e3:.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=960)
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
        import pstats  # noqa: PLC0415 -- only when a profile is asked for

        profile = cProfile.Profile()
        profile.runcall(uvloop.run, serve(options.serve))
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(45)
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        uvloop.run(serve(options.serve))


if __name__ == "__main__":
    main()
