"""ICONet's directory door beside slapd: the same officials, the same raw client, interleaved; in clear, then over TLS.

    python bench/ldap.py [--people 10000] [--rounds 5] [--only ours] [--way clear|tls]

Prints searches a second (medians), the ratios against their goals, and what a search costs each server. slapd
(Debian's, with mdb, and indexes for all that is searched) runs privately, in a directory of its own. Both are warm
before the first round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ldap"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import uvloop
from ldap_world import any_of, bind, equal, pieces, search
from town import DOMAIN, Town, app_password

from connectors.certificates import certificate_for, server_context
from connectors.ldap import ber
from connectors.ldap.door import LdapDoor
from connectors.settings import Listen, Settings
from directory import bodies, officials, units
from directory.bodies import BodyKind
from directory.officials import Official
from groupware import clock
from groupware.service import Groupware
from groupware.store import Tx, open_store

BASE = "dc=iconet,dc=test"
WHO, SECRET = "person0", "secret"
SHOWN = ("cn", "sn", "givenName", "mail", "telephoneNumber", "uid")
GOALS = {"uid": 1.0, "mail": 1.0, "typeahead": 1.0, "substring": 0.5, "dump": 0.0}
SLAPD = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {home}/pid
sizelimit unlimited
TLSCertificateFile {chain}
TLSCertificateKeyFile {key}
access to attrs=userPassword by anonymous auth
access to * by users read
database mdb
suffix "{base}"
directory {home}/db
maxsize 1073741824
index objectClass eq
index uid,mail,cn,sn,givenName pres,eq,sub
"""


class Person:
    """What both servers know of one."""

    def __init__(self, number: int, dice: random.Random, names: list[str]) -> None:
        self.login = f"person{number}"
        self.given, self.last = dice.choice(names).title(), dice.choice(names).title()
        self.name = f"{self.given} {self.last}"
        self.mail = f"{self.given}.{self.last}.{number}@{DOMAIN}".lower()
        self.phone = f"+32 2 {number:07}"
        self.unit = number % 198


def people(count: int) -> list[Person]:
    dice = random.Random(7)
    syllables = [a + b for a in "bcdfghjklmnprstvz" for b in "aeiou"]
    names = ["".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(2000)]
    return [Person(number, dice, names) for number in range(count)]


def cases(known: list[Person]) -> dict[str, list[bytes]]:
    """Requests without their envelope."""
    dice = random.Random(8)
    some = dice.choices(known, k=500)

    def typed(text: str) -> bytes:
        return search(any_of(*(pieces(kind, (0, text)) for kind in ("cn", "sn", "mail"))), attributes=SHOWN)

    return {
        "uid": [search(equal("uid", each.login), attributes=SHOWN) for each in some],
        "mail": [search(equal("mail", each.mail), attributes=SHOWN) for each in some],
        "typeahead": [typed(each.last[:3]) for each in some],
        "substring": [search(pieces("cn", (1, each.last[1:6])), attributes=SHOWN) for each in some],
        "dump": [search(ber.tlv(0x87, b"uid"), attributes=SHOWN)],
    }


REPEATS = {"uid": 4000, "mail": 4000, "typeahead": 1000, "substring": 600, "dump": 1}
WINDOWS = {"uid": (1, 16), "mail": (1, 16), "typeahead": (1, 16), "substring": (1, 16), "dump": (1,)}


class Client:
    """A blocking client that counts entries and ends of searches, and looks at nothing else."""

    def __init__(self, port: int, who: str, secret: str, tls: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.rest = b""
        self.entries = 0
        self.socket.sendall(ber.sequence(ber.integer(1), bind(f"uid={who},{BASE}", secret)))
        assert b"\x61\x07\x0a\x01\x00" in self.socket.recv(4096)

    def run(self, requests: list[bytes], repeats: int, window: int) -> float:
        """Searches a second."""
        framed = [ber.sequence(ber.integer(2 + number % 120), op) for number, op in enumerate(requests)]
        began, sent, done = time.perf_counter(), min(window, repeats), 0
        self.socket.sendall(b"".join(framed[number % len(framed)] for number in range(sent)))
        while done < repeats:
            ended = self.receive()
            done += ended
            more = min(ended, repeats - sent)
            if more:
                self.socket.sendall(b"".join(framed[number % len(framed)] for number in range(sent, sent + more)))
                sent += more
        return repeats / (time.perf_counter() - began)

    def receive(self) -> int:
        octets = self.rest + self.socket.recv(1 << 20)
        at = ended = 0
        size = len(octets)
        while size - at > 8:
            length, head = octets[at + 1], 2
            if length & 0x80:
                head += length & 0x7F
                length = int.from_bytes(octets[at + 2 : at + head], "big")
            if at + head + length > size:
                break
            if octets[at + head + 3] == 0x65:
                ended += 1
            else:
                self.entries += 1
            at += head + length
        self.rest = octets[at:]
        return ended


async def serve(home: Path, count: int, tls: bool) -> None:
    """Our door in a process of its own; tells its port and secret."""
    groupware = Groupware(open_store(home, directory=home), DOMAIN)
    known = people(count)
    await groupware.store.run(lambda tx: settle(tx, known))
    official = await groupware.somebody(WHO)
    secret = await app_password(groupware, Town({WHO: official.official}, {}), WHO)
    context = server_context(certificate_for(Settings(data=home), clock.now())) if tls else None
    working = asyncio.create_task(groupware.run())
    address = await LdapDoor(groupware, context).start(Listen(host="127.0.0.1", port=0))
    print(address.port, secret, flush=True)
    await working


def settle(tx: Tx, known: list[Person]) -> None:
    states = [
        bodies.create(tx.connection, f"b{number}", f"State {number}", BodyKind.MEMBER_STATE) for number in range(33)
    ]
    homes = [units.create(tx.connection, states[number % 33], f"u{number}", f"Unit {number}") for number in range(198)]
    for each in known:
        official = Official(
            0,
            each.login,
            each.mail,
            each.name,
            0,
            homes[each.unit],
            given_name=each.given,
            surname=each.last,
            phone=each.phone,
        )
        officials.add(tx.connection, official)


def until_answering(port: int) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


class Ours:
    def __init__(self, home: Path, count: int, tls: bool) -> None:
        home.mkdir()
        command = [sys.executable, __file__, "--serve", str(home), "--people", str(count), *(["--tls"] if tls else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        port, self.secret = self.process.stdout.readline().split()
        self.port = int(port)


class Slapd:
    secret = SECRET

    def __init__(self, home: Path, count: int, tls: bool) -> None:
        (home / "db").mkdir(parents=True)
        certificate = certificate_for(Settings(data=home), clock.now())
        config = home / "slapd.conf"
        config.write_text(SLAPD.format(home=home, base=BASE, chain=certificate.chain, key=certificate.key))
        (home / "data.ldif").write_text(ldif(people(count)))
        program = shutil.which("slapd", path="/usr/sbin:/usr/bin")
        assert program, "slapd is not installed"
        adding = [str(Path(program).with_name("slapadd")), "-q", "-f", str(config), "-l", str(home / "data.ldif")]
        subprocess.run(adding, check=True, capture_output=True)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        url = f"{'ldaps' if tls else 'ldap'}://127.0.0.1:{self.port}/"
        self.process = subprocess.Popen([program, "-d", "0", "-f", config, "-h", url])
        until_answering(self.port)


def ldif(known: list[Person]) -> str:
    entries = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: iconet\no: ICONet\n"]
    for each in known:
        values = {
            "uid": each.login,
            "cn": each.name,
            "sn": each.last,
            "givenName": each.given,
            "displayName": each.name,
            "mail": each.mail,
            "telephoneNumber": each.phone,
            "ou": f"Unit {each.unit}",
            "o": f"State {each.unit % 33}",
        }
        if each.login == WHO:
            values["userPassword"] = SECRET
        listed = "\n".join(f"{kind}: {value}" for kind, value in values.items())
        entries.append(f"dn: uid={each.login},{BASE}\nobjectClass: inetOrgPerson\n{listed}\n")
    return "\n".join(entries)


def pss(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def cpu(pid: int) -> float:
    """Seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Figures = dict[str, dict[str, list[float]]]
"""By case and server: rates, or seconds of the server's CPU a search, one a round."""


def measure(options: argparse.Namespace, servers: dict[str, Ours | Slapd], tls: bool) -> tuple[Figures, Figures]:
    asked = cases(people(options.people))
    clients = {name: Client(server.port, WHO, server.secret, tls) for name, server in servers.items()}
    rates: Figures = defaultdict(lambda: defaultdict(list))
    costs: Figures = defaultdict(lambda: defaultdict(list))
    for case, requests in asked.items():
        found = {}
        for name, client in clients.items():
            client.entries = 0
            client.run(requests, len(requests), 16)
            found[name] = client.entries
        assert len(set(found.values())) == 1, f"{case}: other entries from each: {found}"
        print(f"{case}: {client.entries / len(requests):.1f} entries", flush=True)
    for _ in range(options.rounds):
        for case, requests in asked.items():
            for window in WINDOWS[case]:
                for name, client in clients.items():
                    before = cpu(servers[name].process.pid)
                    rates[f"{case}, {window} in flight"][name].append(client.run(requests, REPEATS[case], window))
                    spent = cpu(servers[name].process.pid) - before
                    costs[f"{case}, {window} in flight"][name].append(spent / REPEATS[case])
    return rates, costs


def report(rates: Figures, costs: Figures) -> None:
    """The ratio is the median of the rounds' ratios: what else the machine does hits both alike."""
    print(f"{'searches a second':>24} {'ours':>8} {'slapd':>8} {'ratio':>6} {'goal':>5}   us of CPU: ours  slapd")
    for case, each in rates.items():
        ours, theirs = each["ours"], each.get("slapd") or [float("nan")] * len(each["ours"])
        ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
        spent = [statistics.mean(costs[case][name]) * 1e6 for name in each]
        goal = GOALS[case.partition(",")[0]] or ""
        print(
            f"{case:>24} {statistics.median(ours):8.0f} {statistics.median(theirs):8.0f} {ratio:6.2f} {goal:>5}", end=""
        )
        print("".join(f"{each:>13.0f}" for each in spent))


def compare(options: argparse.Namespace, tls: bool) -> None:
    servers: dict[str, Ours | Slapd] = {}
    with tempfile.TemporaryDirectory() as home:
        try:
            servers["ours"] = Ours(Path(home) / "ours", options.people, tls)
            if options.only != "ours":
                servers["slapd"] = Slapd(Path(home) / "slapd", options.people, tls)
            print("over TLS" if tls else "in clear")
            report(*measure(options, servers, tls))
            for name, server in servers.items():
                print(f"{name}: {pss(server.process.pid):.0f} MiB")
        finally:
            for server in servers.values():
                server.process.terminate()
                server.process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["ours"])
    parser.add_argument("--way", choices=["clear", "tls"])
    parser.add_argument("--tls", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=Path)
    chosen = parser.parse_args()
    if chosen.serve:
        uvloop.run(serve(chosen.serve, chosen.people, chosen.tls))
    else:
        for way in [chosen.way] if chosen.way else ["clear", "tls"]:
            compare(chosen, way == "tls")
