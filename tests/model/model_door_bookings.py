"""T3: what can be booked, by an ordinary invitation; who sees what for, and who that it is taken, at which door."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING

import model_oracle_beside as oracle
from meeting_world import Meeting, ahead
from meeting_world import mail as invitation
from model_clients import refusal
from model_oracle import Mail
from model_oracle_beside import Booking
from model_views import canaries, words
from model_worlds import MARKINGS

from connectors.demo import town

if TYPE_CHECKING:
    from datetime import datetime

    from httpx import Response
    from model_demo import Doors

AMBER = 2
_STARTS = re.compile(r'"start": ?"(\d{4}-\d\d-\d\d)')
_SHOWN = re.compile(r'<time datetime="(\d{4}-\d\d-\d\d)"')


def first_day() -> datetime:
    """Of the month after the next one: nothing of the demo's own is booked there."""
    return (ahead(0).replace(day=1) + timedelta(days=62)).replace(day=1)


def book(doors: Doors, author: str, resource: str, day: int, label: str = "") -> None:
    """By mail. Who may is answered in their INBOX; what is taken stays another's; its rooms are told that it is."""
    canary, start = doors.canary(), first_day() + timedelta(days=day)
    may = oracle.member(doors.model, author, resource)
    said = refusal(doors.server, doors.people[author], _invitation(author, canary, start, label, resource), resource)
    assert (not said) == may, f"{author} books {resource}: {said!r}, oracle {may}"
    doors.refusals += said
    if may:
        _booked(doors, author, resource, start, canary, label)


def book_and_tell(doors: Doors, author: str, resource: str, day: int, room: str) -> None:
    """The same invitation to a resource and to a room, where it is a post, by who may publish there."""
    canary, start, label = doors.canary(), first_day() + timedelta(days=day), "TLP:AMBER"
    to = (resource, f"{room}@{doors.server.endpoints['domain']}")
    raw = _invitation(author, canary, start, label, ", ".join(to))
    assert not refusal(doors.server, doors.people[author], raw, *to)
    doors.keep(doors.as_post(author, label, canary, message_from_bytes(raw)["Message-ID"]), taken=True)
    _booked(doors, author, resource, start, canary, label)


def _invitation(author: str, canary: str, start: datetime, label: str, to: str) -> bytes:
    meeting = Meeting(author, start, uid=f"{canary[4:8]}@client.test", summary=f"What for: {canary}")
    return invitation(author, to, meeting.asked(), subject=f"{label} Invitation: {canary}".strip())


def _booked(doors: Doors, author: str, resource: str, start: datetime, canary: str, label: str) -> None:
    model = doors.model
    marking, unit = max(AMBER, MARKINGS[label]), model.officials[author].unit
    if marking <= AMBER:
        model.mails.append(Mail(canary, resource, author, model.body_of(author), marking))
    if (resource, start) not in doors.booked:
        made = Booking(canary, resource, author, unit, marking)
        model.bookings.append(made)
        doors.booked[resource, start] = made
        doors.announced[_announcement(doors, resource, start)] = _told(doors, made)


def _announcement(doors: Doors, resource: str, start: datetime) -> str:
    """Every word that the rooms are told."""
    thing = next(each for each in town().resources if f"{each.code}@{doors.server.endpoints['domain']}" == resource)
    when = f"{start:%a} {start.day} {start:%b %Y, %H:%M}-{start.hour + 1}:00"
    return f"{thing.name} is booked: {when} (local time of {thing.zone})."


def _told(doors: Doors, booking: Booking) -> frozenset[str]:
    """The rooms of its areas that its organiser enters."""
    rooms = doors.model.resources[booking.resource]
    return frozenset(room for room in rooms if doors.model.sees_room(booking.author, room))


# ---- views


def taken(doors: Doors, login: str) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """By door: what came, and what is due. Of who isn't a member of any of its areas nothing is."""
    model = doors.model
    mine = [each for each in model.bookings if oracle.member(model, login, each.resource)]
    days = frozenset(
        f"{resource} {start:%Y-%m-%d}" for (resource, start), booking in doors.booked.items() if booking in mine
    )
    shown = {
        strong: words(each for each in mine if oracle.may_read_booking(model, login, each, strong=strong)) - {""}
        for strong in (True, False)
    }
    return {
        "portal calendars": (_pages(doors, login), days | shown[True]),
        "api calendars": (_answers(doors, login), days | shown[False]),
        "announcements": (_announcements(doors, login), _due_announcements(doors, login)),
    }


def _pages(doors: Doors, login: str) -> frozenset[str]:
    """A month of each calendar."""
    browser, found = doors.clients[login].browser, frozenset[str]()
    for resource in doors.model.resources:
        page = browser.client.get(f"{browser.url}/resources/{resource}?month={first_day():%Y-%m}")
        found |= canaries(page.content) | _days(resource, _SHOWN, page)
    return found


def _answers(doors: Doors, login: str) -> frozenset[str]:
    """The same days; of who has left one calendar will do, since a wrong sign-in soon takes seconds."""
    api, found, first = doors.clients[login].api, frozenset[str](), first_day()
    for resource in list(doors.model.resources)[: None if doors.model.active(login) else 1]:
        answer = api.get(f"resources/{resource}/bookings?from={first:%Y-%m-01}&to={first:%Y-%m-28}")
        found |= canaries(answer.content, repr(answer.headers)) | _days(resource, _STARTS, answer)
    return found


def _days(resource: str, pattern: re.Pattern[str], answer: Response) -> frozenset[str]:
    return frozenset(f"{resource} {day}" for day in pattern.findall(answer.text))


def _announcements(doors: Doors, login: str) -> frozenset[str]:
    """All that is said of bookings in any room, with the room."""
    talk, found = doors.clients[login].talk, set()
    for code, room in doors.rooms.items():
        found |= {f"{code}: {text}" for text in talk.said(room) if " booked" in text}
    return frozenset(found)


def _due_announcements(doors: Doors, login: str) -> frozenset[str]:
    told = [(text, room) for text, rooms in doors.announced.items() for room in rooms]
    return frozenset(f"{room}: {text}" for text, room in told if doors.model.sees_room(login, room))
