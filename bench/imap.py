"""ICONet's IMAP door beside Dovecot: the same messages, the same script, both in clear on loopback, interleaved.

    python bench/imap.py [--messages 10000] [--rounds 5] [--idlers 200] [--only ours]

Prints medians in milliseconds and the ratios against their goals. Dovecot (Debian's dovecot-imapd) runs privately, in
a directory of its own, and with what is run before the first round its caches are warm.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import random
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import uvloop
from town import DOMAIN, app_password, build

from connectors.imap.door import ImapDoor
from connectors.settings import Listen
from groupware.service import Groupware
from groupware.store import open_store

WHO = "anna"
FOLDER = "Sent"
THUNDERBIRD = (
    "From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To"
)
CASES = {
    "SELECT": f"SELECT {FOLDER}",
    "flags": "FETCH 1:* (UID FLAGS)",
    "envelopes": "UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)",
    "bodystructure": "UID FETCH 1:* (BODYSTRUCTURE)",
    "header list": f"UID FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS ({THUNDERBIRD})])",
    "bodies, 2000": "UID FETCH 1:2000 (BODY.PEEK[])",
    "SEARCH TEXT rare": "UID SEARCH TEXT quagmire",
    "SEARCH SUBJECT": "UID SEARCH SUBJECT number-77",
    "SEARCH UNSEEN": "UID SEARCH UNSEEN",
    "SEARCH SINCE": "UID SEARCH SINCE 1-Jan-2020",
    "STORE one": "UID STORE 77 +FLAGS (\\Flagged)",
    "NOOP": "NOOP",
    "one body": "UID FETCH 4321 (BODY.PEEK[])",
}
GOALS = {  # how many times Dovecot's time ours may be
    "flags": 1.0,
    "envelopes": 1.0,
    "header list": 2.0,
    "bodies, 2000": 1 / 0.6,
    "SEARCH TEXT rare": 1 / 50,
}
DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = sdbox:~/sdbox
mail_max_userip_connections = 1000
default_client_limit = 4000
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service imap {{
  process_limit = 1000
}}
service stats {{
  chroot =
}}
service anvil {{
  chroot =
}}
"""


class Client:
    """A blocking client that reads whatever comes until its tag."""

    def __init__(self, port: int, secret: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tags = 0
        self.socket.recv(4096)
        self.ask(f"LOGIN {WHO} {secret}")

    def ask(self, text: str) -> bytes:
        self.tags += 1
        tag = b"t%d " % self.tags
        self.socket.sendall(tag + text.encode() + b"\r\n")
        return self.until(tag)

    def until(self, tag: bytes) -> bytes:
        parts: list[bytes] = []
        tail = b""
        while True:
            found = self.socket.recv(1 << 20)
            if not found:
                raise EOFError
            parts.append(found)
            tail = (tail + found)[-4096:]
            if tail.endswith(b"\r\n") and tail[:-2].rpartition(b"\r\n")[2].startswith(tag):
                answer = b"".join(parts)
                if tag + b"OK" not in tail:
                    raise RuntimeError(tail[-300:])
                return answer

    def append(self, raw: bytes) -> None:
        self.tags += 1
        tag = b"t%d " % self.tags
        self.socket.sendall(tag + f"APPEND {FOLDER} {{{len(raw)}+}}\r\n".encode() + raw + b"\r\n")
        self.until(tag)

    def idle(self) -> None:
        self.socket.sendall(b"i IDLE\r\n")
        while b"+ " not in self.socket.recv(4096):
            pass


def messages(count: int) -> list[bytes]:
    """70 % plain of 3 kB, 20 % alternative, 10 % with an attachment of 14 kB (19 kB encoded)."""
    dice = random.Random(7)
    words = ["".join(dice.choice("aeioubcdlmnprst") for _ in range(dice.randint(3, 9))) for _ in range(4000)]
    return [_message(dice, words, number) for number in range(count)]


def _message(dice: random.Random, words: list[str], number: int) -> bytes:
    def text(octets: int) -> str:
        lines, size = [], 0
        while size < octets:
            lines.append(" ".join(dice.choices(words, k=11)))
            size += len(lines[-1])
        return "\r\n".join(lines) + "\r\n"

    rare = "a quagmire of words\r\n" if number % 2500 == 1000 else ""
    sender, to = dice.choice(words), dice.choice(words)
    head = (
        f"Received: from a.test by b.test with ESMTPS id {number:08x}; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
        f"From: {sender.title()} Person <{sender}@first.test>\r\nTo: {to.title()} <{to}@second.test>\r\n"
        f"Subject: About {' '.join(dice.choices(words, k=5))} number-{number}\r\n"
        f"Date: Mon, 2 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
        f"Message-ID: <{number}.{dice.getrandbits(60):x}@first.test>\r\nMIME-Version: 1.0\r\n"
    )
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    kind = number % 10
    if kind < 7:
        return (head + plain + rare + text(2500)).encode()
    if kind < 9:
        html = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + text(2500) + "</p>\r\n"
        parts = ["", plain + rare + text(2000), html]
        return (head + _multipart("alternative", parts)).encode()
    blob = base64.encodebytes(dice.randbytes(14_000)).decode().replace("\n", "\r\n")
    file = f'Content-Type: application/pdf; name="f{number}.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n{blob}'
    return (head + _multipart("mixed", ["", plain + rare + text(1500), file])).encode()


def _multipart(kind: str, parts: list[str]) -> str:
    return (
        f'Content-Type: multipart/{kind}; boundary="bound"\r\n\r\n'
        + "\r\n--bound\r\n".join(parts)
        + "\r\n--bound--\r\n"
    )


async def serve(home: Path) -> None:
    """Our door in a process of its own, in clear; tells its port and secret, and when it has indexed everything."""
    groupware = Groupware(open_store(home, directory=home), DOMAIN)
    town = await groupware.store.run(build)
    secret = await app_password(groupware, town, WHO)
    working = asyncio.create_task(groupware.run())
    address = await ImapDoor(groupware, None).start(Listen(host="127.0.0.1", port=0))
    print(address.port, secret, flush=True)
    await working


class Ours:
    def __init__(self, home: Path) -> None:
        home.mkdir()
        command = [sys.executable, __file__, "--serve", str(home)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        port, self.secret = self.process.stdout.readline().split()
        self.port = int(port)

    def memory(self) -> int:
        return pss(self.process.pid)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Dovecot:
    secret = "secret"

    def __init__(self, home: Path) -> None:
        home.mkdir()
        (home / "mail").mkdir(mode=0o777)
        shutil.chown(home / "mail", "mail", "mail")
        for each in (home, *home.parents[:1]):
            each.chmod(0o755)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.config = home / "dovecot.conf"
        self.config.write_text(DOVECOT.format(home=home, port=self.port))
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.config])
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)

    def memory(self) -> int:
        tree = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return sum(pss(int(pid)) for pid in tree.stdout.split())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def pss(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def timed(work, *values) -> float:  # noqa: ANN001, ANN002 -- any call
    began = time.perf_counter()
    work(*values)
    return (time.perf_counter() - began) * 1000


def pushed(idlers: list[Client], by: Client, raw: bytes, patience: float = 10) -> list[float]:
    """Milliseconds from an APPEND's OK (from its sending, where news come sooner) until each idler is told."""
    began = time.perf_counter()
    by.append(raw)
    began = time.perf_counter() if len(idlers) == 1 else began
    waiting, told = {each.socket: each for each in idlers}, []
    while waiting and time.perf_counter() - began < patience:
        for ready in select.select(list(waiting), [], [], 0.1)[0]:
            if b" EXISTS" in ready.recv(65536):
                told.append((time.perf_counter() - began) * 1000)
                del waiting[ready]
    return told + [float("inf")] * len(waiting)


def drain(clients: list[Client], quiet: float = 1.2) -> None:
    """Take what was told until nobody is told anything for a while (Dovecot looks twice a second)."""
    while ready := select.select([client.socket for client in clients], [], [], quiet)[0]:
        for each in ready:
            each.recv(65536)


def idling(server: Ours | Dovecot, count: int, raw: bytes) -> dict[str, float]:
    by = Client(server.port, server.secret)
    before = server.memory()
    clients = [Client(server.port, server.secret) for _ in range(count)]
    for client in clients:
        client.ask(f"SELECT {FOLDER}")
        client.idle()
    memory = (server.memory() - before) / count
    singles = []
    for _ in range(15):
        singles += pushed(clients[:1], by, raw)
        drain(clients)
    many = sorted(pushed(clients, by, raw))
    for client in clients:
        client.socket.close()
    return {
        "IDLE push p50": statistics.median(singles),
        f"{count} idlers p50": statistics.median(many),
        f"{count} idlers p95": many[int(0.95 * len(many)) - 1],
        "kB an idler (PSS)": memory,
    }


def measure(options: argparse.Namespace, servers: dict[str, Ours | Dovecot]) -> dict[str, dict[str, float]]:
    raws = messages(options.messages)
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in servers}
    clients = {name: Client(server.port, server.secret) for name, server in servers.items()}
    for name, client in clients.items():
        print(f"APPEND each: {name} {sum(timed(client.append, raw) for raw in raws) / len(raws):.2f} ms", flush=True)
        for text in CASES.values():
            client.ask(text)
    for _ in range(options.rounds):
        for case, text in CASES.items():
            if options.case and case != options.case:
                continue
            for name, client in clients.items():
                figures[name].setdefault(case, []).append(timed(client.ask, text))
    found = {name: {case: statistics.median(times) for case, times in each.items()} for name, each in figures.items()}
    if not options.case:
        for name, server in servers.items():
            found[name] |= idling(server, options.idlers, raws[0])
    return found


def report(found: dict[str, dict[str, float]]) -> None:
    ours, theirs = found["ours"], found.get("dovecot", {})
    print(f"{'':>22} {'ours':>9} {'dovecot':>9} {'ratio':>7} {'goal':>6}")
    for case, figure in ours.items():
        other = theirs.get(case)
        ratio = f"{figure / other:7.3f}" if other else " " * 7
        goal = f"{GOALS[case]:6.2f}" if case in GOALS else ""
        print(f"{case:>22} {figure:9.2f} {other or float('nan'):9.2f} {ratio} {goal}")


def main(options: argparse.Namespace) -> None:
    servers: dict[str, Ours | Dovecot] = {}
    with tempfile.TemporaryDirectory(dir=options.directory) as home:
        try:
            servers["ours"] = Ours(Path(home) / "ours")
            if options.only != "ours":
                servers["dovecot"] = Dovecot(Path(home) / "dovecot")
            report(measure(options, servers))
        finally:
            for server in servers.values():
                server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idlers", type=int, default=200)
    parser.add_argument("--only", choices=["ours"])
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--directory")
    parser.add_argument("--serve", type=Path)
    chosen = parser.parse_args()
    if chosen.serve:
        uvloop.run(serve(chosen.serve))
    else:
        main(chosen)
