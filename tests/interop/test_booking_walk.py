"""A booking as somebody outside sees it: an invitation by smtplib, the answer by imaplib, read by icalendar."""

from __future__ import annotations

import email
import imaplib
import json
import smtplib
import statistics
import time
import urllib.request
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import icalendar
import pytest
from meeting_world import Meeting, ahead, mail
from serving import Server, iconet, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_SECONDS = 0.5
INVITATIONS = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = start(tmp_path_factory.mktemp("booking") / "demo", like=planted)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


class Organiser:
    """Somebody with a mail program, who has just looked into their INBOX."""

    def __init__(self, server: Server, person: dict[str, Any]) -> None:
        self.login, self.address = person["login"], person["address"]
        doors = server.endpoints
        self.out = smtplib.SMTP_SSL(doors["submission"]["host"], doors["submission"]["port"], context=server.tls)
        self.out.login(person["login"], person["app_password"])
        self.box = imaplib.IMAP4_SSL(doors["imap"]["host"], doors["imap"]["port"], ssl_context=server.tls)
        self.box.login(person["login"], person["app_password"])
        self.count = int(self.box.select()[1][0] or b"0")

    def send(self, to: str, calendar: str) -> None:
        self.out.sendmail(self.address, [to], mail(self.login, to, calendar))

    def answer(self) -> tuple[email.message.Message, icalendar.Event | None]:
        """The next answer that comes, and the event in its calendar. Other mail may come between."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            self.box.noop()
            found = self.box.fetch(str(self.count + 1), "(BODY[])")[1]
            if found and isinstance(found[0], tuple):
                self.count += 1
                message = email.message_from_bytes(found[0][1])
                if message["Auto-Submitted"] == "auto-replied":
                    return _read(message)
        raise AssertionError("no answer came")


def _read(message: email.message.Message) -> tuple[email.message.Message, icalendar.Event | None]:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            assert calendar["METHOD"] == part.get_param("method") == "REPLY"
            return message, calendar.events[0]
    return message, None


def resource(server: Server) -> dict[str, Any]:
    return server.endpoints["resources"][0]


def test_an_invitation_is_answered_within_half_a_second(server: Server) -> None:
    organiser, room = Organiser(server, server.who(area=resource(server)["areas"][0])), resource(server)
    took = []
    for number in range(INVITATIONS):
        began = time.monotonic()
        organiser.send(room["address"], Meeting(organiser.login, ahead(3 + number), uid=f"{number}@walk").asked())
        message, event = organiser.answer()
        took.append(time.monotonic() - began)
        assert event is not None
        assert event["UID"] == f"{number}@walk"
        assert event["ATTENDEE"] == f"mailto:{room['address']}"
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
        assert event["ORGANIZER"] == f"mailto:{organiser.address}"
        assert message["From"].endswith(f"<{room['address']}>")
    slowest = statistics.quantiles(took, n=20)[18]
    print(f"invitation to REPLY in INBOX: median {statistics.median(took) * 1000:.0f} ms, p95 {slowest * 1000:.0f} ms")
    assert slowest <= MOST_SECONDS


def test_a_series_a_conflict_and_a_cancellation(server: Server) -> None:
    room = resource(server)
    people = [each for each in server.endpoints["people"] if room["areas"][0] in each["areas"]]
    first, second = Organiser(server, people[0]), Organiser(server, people[-1])
    series = Meeting(first.login, ahead(100, 15), uid="series@walk", lines=["RRULE:FREQ=WEEKLY;COUNT=8"])
    first.send(room["address"], series.asked())
    assert first.answer()[1]["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    clash = Meeting(second.login, ahead(107, 15), uid="clash@walk")
    second.send(room["address"], clash.asked())
    message, event = second.answer()
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED"
    assert f"{ahead(107).day} {ahead(107):%b %Y}" in event["COMMENT"]
    assert people[0]["name"] not in message.as_string()
    first.send(room["address"], series.asked("CANCEL", sequence=1))
    assert first.answer()[1] is None
    second.send(room["address"], clash.asked(sequence=1))
    assert second.answer()[1]["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_the_api_shows_when_it_is_taken(server: Server) -> None:
    room = resource(server)
    person = server.who(area=room["areas"][0])
    secret = b64encode(f"{person['login']}:{person['app_password']}".encode()).decode()
    days = f"from={ahead(0):%Y-%m-%d}&to={ahead(60):%Y-%m-%d}"
    url = f"{server.endpoints['api']['url']}/resources/{room['address']}/bookings?{days}"
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {secret}"})
    with urllib.request.urlopen(request, context=server.tls, timeout=10) as answer:
        found = json.load(answer)
    assert len(found) >= INVITATIONS
    assert found[0]["summary"] == "Planning"


def test_strangers_to_its_areas_do_not_know_it(server: Server) -> None:
    room = resource(server)
    person = next(each for each in server.endpoints["people"] if not {*room["areas"]} & {*each["areas"]})
    stranger = Organiser(server, person)
    replies = []
    for address in (room["address"], f"nobody@{server.endpoints['domain']}"):
        stranger.out.mail(stranger.address)
        replies.append(stranger.out.rcpt(address))
        stranger.out.rset()
    assert replies[0] == replies[1]


def test_everything_fits_together(server: Server) -> None:
    checked = iconet(server.data, "check", "--json")
    assert checked.returncode == 0, checked.stdout
