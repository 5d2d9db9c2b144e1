"""What the domain's name servers and web server have to say, so that clients find the doors by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.where import Doors

LASTS = 3600
"""Seconds for which a record may be kept."""
SERVICES = (
    ("_imaps._tcp", Door.IMAP),  # RFC 6186 3.2
    ("_submissions._tcp", Door.SUBMISSION),  # RFC 8314 5.1
    ("_nntps._tcp", Door.NNTP),
    ("_ldaps._tcp", Door.LDAP),
)
ABSENT = ("_imap._tcp", "_submission._tcp", "_pop3._tcp", "_pop3s._tcp", "_caldav._tcp", "_caldavs._tcp")
"""Services that there aren't: a target of "." says so (RFC 6186 3.4), and a client doesn't guess."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a zone file (RFC 1035 5.1)."""

    name: str
    kind: str
    data: str

    def __str__(self) -> str:
        return f"{self.name}. {LASTS} IN {self.kind} {self.data}"


def records(doors: Doors) -> Iterator[Record]:
    """The records of our mail domain."""
    for service, door in SERVICES:
        place = doors.place(door)
        if place:
            yield _service(f"{service}.{doors.domain}", place.host, place.port)
    web = urlsplit(doors.web)
    yield _service(f"_carddavs._tcp.{doors.domain}", doors.host, web.port or 443)  # RFC 6764 3
    yield Record(f"_carddavs._tcp.{doors.domain}", "TXT", '"path=/dav/"')  # RFC 6764 4
    for service in ABSENT:
        yield Record(f"{service}.{doors.domain}", "SRV", "0 0 0 .")
    if doors.host != f"autoconfig.{doors.domain}":
        yield Record(f"autoconfig.{doors.domain}", "CNAME", f"{doors.host}.")


def _service(name: str, host: str, port: int) -> Record:
    """RFC 2782: one target, so that priority and weight say nothing."""
    return Record(name, "SRV", f"0 1 {port} {host}.")


def lines(doors: Doors) -> Iterator[str]:
    """A zone file with comments, and what the domain's web server answers or redirects to us (RFC 8615)."""
    yield f"; {doors.domain}: where its doors are"
    yield from map(str, records(doors))
    yield f"; https://{doors.domain}/.well-known/autoconfig/mail/config-v1.1.xml: redirect to"
    yield f";   {doors.web}/.well-known/autoconfig/mail/config-v1.1.xml"
    for name in ("carddav", "matrix/client", "openid-configuration"):
        yield f"; https://{doors.domain}/.well-known/{name}: redirect to {doors.web}/.well-known/{name}"
