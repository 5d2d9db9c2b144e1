"""Invitations as calendar programs send them, and what comes back, on the small town with a meeting room in it."""

from __future__ import annotations

import email
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from town import DOMAIN, Town, build

from directory.tables import area, unit
from groupware import clock, content, tables
from groupware.meetings import invitation, resources
from groupware.meetings.resources import Resource

if TYPE_CHECKING:
    from email.message import Message

    from groupware.posting import Receipt
    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

ROOM = f"room-a@{DOMAIN}"
BOTH = f"hall@{DOMAIN}"
OTHER = f"booth@{DOMAIN}"
STAMP = "20261120T080000Z"


def with_resources(tx: Tx) -> Town:
    """The town; room-a is the return area's, the booth the liaison area's, and the hall belongs to both."""
    town = build(tx)
    add_resources(tx)
    return town


def add_resources(tx: Tx) -> None:
    """To a town that is there already."""
    areas = {row.code: row.id for row in tx.connection.execute(select(area.c.id, area.c.code))}
    owner = tx.connection.scalar(select(unit.c.id).order_by(unit.c.id).limit(1))
    both = [areas["return"], areas["liaison"]]
    for address, name, mine in ((ROOM, "Room A", both[:1]), (OTHER, "Booth", both[1:]), (BOTH, "Hall", both)):
        resources.add(tx, Resource(0, address, name, 12, "Europe/Brussels"), owner, mine)


def ahead(days: int, hour: int = 10) -> datetime:
    """A naive local time so many days from now."""
    day = datetime.fromtimestamp(clock.now() / clock.MICROSECONDS, UTC).replace(tzinfo=None) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def local(when: datetime) -> str:
    return f"{when:%Y%m%dT%H%M%S}"


@dataclass
class Meeting:
    """A VEVENT in the making; `lines` are added as they stand."""

    organiser: str
    start: datetime | None = None
    minutes: int = 60
    uid: str = "meeting-1@client.test"
    sequence: int = 0
    stamp: str = STAMP
    zone: str = "Europe/Brussels"
    summary: str = "Planning"
    lines: list[str] = field(default_factory=list)

    def event(self, **other: object) -> str:
        """It, or it with something else."""
        made = Meeting(**{**self.__dict__, **other})
        text = ["BEGIN:VEVENT", f"UID:{made.uid}", f"DTSTAMP:{made.stamp}", f"SEQUENCE:{made.sequence}"]
        text += [f"ORGANIZER;CN=Somebody:mailto:{made.organiser}@{DOMAIN}", f"SUMMARY:{made.summary}"]
        text.append(f"ATTENDEE;CUTYPE=ROOM;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ROOM}")
        if made.start is not None:
            zone = f";TZID={made.zone}" if made.zone else ""
            text.append(f"DTSTART{zone}:{local(made.start)}")
            text.append(f"DTEND{zone}:{local(made.start + timedelta(minutes=made.minutes))}")
        return "\r\n".join([*text, *made.lines, "END:VEVENT"])

    def asked(self, method: str = "REQUEST", *more: str, **other: object) -> str:
        """The whole calendar."""
        return calendar(method, self.event(**other), *more)


def calendar(method: str, *parts: str) -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Client//EN", f"METHOD:{method}"]
    return "\r\n".join([*head, *parts, "END:VCALENDAR", ""])


_numbers = iter(range(1, 10**9))


def mail(sender: str, to: str, text: str, *, method: str = "REQUEST", subject: str = "Invitation: Planning") -> bytes:
    """As Thunderbird or Outlook send it: words, and the calendar as another version of them."""
    head = [f"From: {sender.title()} <{sender}@{DOMAIN}>", f"To: {to}", f"Subject: {subject}"]
    head += ["Date: Sun, 22 Nov 2026 09:00:00 +0000", f"Message-ID: <i{next(_numbers)}@client.test>"]
    head += ["MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="b"', ""]
    body = ["--b", "Content-Type: text/plain", "", "You are invited.", "--b"]
    body += [f"Content-Type: text/calendar; charset=utf-8; method={method}", "Content-Transfer-Encoding: 8bit", ""]
    return ("\r\n".join([*head, *body, text.removesuffix("\r\n"), "--b--"]) + "\r\n").encode()


async def submit(groupware: Groupware, town: Town, sender: str, raw: bytes, *to: str) -> Receipt:
    """Hand it in as the submission door would."""
    caller = town.caller(sender)
    recipients = [await groupware.recipient(caller, address) for address in to or (ROOM,)]
    return await groupware.submit(caller, raw, recipients)


async def invite(groupware: Groupware, town: Town, sender: str, text: str, *to: str) -> Answer:
    """Send a calendar and read what comes back."""
    await submit(groupware, town, sender, mail(sender, ", ".join(to or (ROOM,)), text), *to)
    return (await answers(groupware, town, sender))[-1]


@dataclass
class Answer:
    """One answer as it lies in an INBOX; `reply` is the parsed calendar, None where there are only words."""

    message: Message
    text: str
    calendar: str
    reply: invitation.Invitation | None

    @property
    def status(self) -> str:
        """The resource's PARTSTAT."""
        unfolded = self.calendar.replace("\r\n ", "")
        return unfolded.partition("PARTSTAT=")[2].partition(";")[0]

    @property
    def subject(self) -> str:
        return str(email.header.make_header(email.header.decode_header(self.message["Subject"])))


async def answers(groupware: Groupware, town: Town, who: str) -> list[Answer]:
    """All that ICONet wrote to somebody, oldest first."""
    statement = (
        select(tables.rendering.c.head, tables.rendering.c.body_at, tables.content.c.body)
        .select_from(tables.mail)
        .join(tables.mail_recipient, tables.mail_recipient.c.mail == tables.mail.c.id)
        .join(tables.rendering, tables.rendering.c.id == tables.mail.c.rendering)
        .join(tables.content, tables.content.c.id == tables.rendering.c.content)
        .where(tables.mail_recipient.c.official == town.people[who], tables.mail.c.kind == "notice")
        .order_by(tables.mail.c.id)
    )
    rows = await groupware.store.read(lambda s: s.connection.execute(statement).all())
    return [_answer(bytes(row.head) + bytes(row.body)[row.body_at :]) for row in rows]


def _answer(raw: bytes) -> Answer:
    message = email.message_from_bytes(raw)
    parts = {
        part.get_content_type(): part.get_payload(decode=True).decode()
        for part in message.walk()
        if not part.is_multipart()
    }
    text = parts.get("text/calendar", "")
    return Answer(message, parts["text/plain"], text, invitation.parse(text.encode()) if text else None)


def taken(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """What is taken: resource, and UTC times."""
    statement = (
        select(tables.resource.c.address, tables.occurrence.c.t0, tables.occurrence.c.t1)
        .join(tables.resource, tables.resource.c.id == tables.occurrence.c.resource)
        .order_by(tables.occurrence.c.t0)
    )
    return [(row.address, _utc(row.t0), _utc(row.t1)) for row in snapshot.connection.execute(statement)]


def _utc(micro: int) -> str:
    return f"{datetime.fromtimestamp(micro / 1_000_000, UTC):%Y-%m-%dT%H:%MZ}"


def one_booking(tx: Tx) -> None:
    """One booking, number 1 of resource 1, for which occurrences can be written."""
    town = with_resources(tx)
    stored = content.add(tx, content.in_row(b""))
    sent = {"author": town.people["anna"], "message_id": "<r@x>", "content": stored, "received": 0}
    submission = tx.insert(insert(tables.submission), sent)
    named = {"resource": 1, "uid": "race", "author": town.people["anna"], "owner": 1, "submission": submission}
    rest = {"marking": 2, "handling": 0, "state": "booked", "sequence": 0, "stamp": 0, "summary": "", "at": 0}
    tx.insert(insert(tables.booking), {**named, **rest})
