"""An invitation mailed to a resource is decided and answered with the commit that accepts it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from meeting_world import (
    BOTH,
    OTHER,
    ROOM,
    Meeting,
    ahead,
    answers,
    calendar,
    invite,
    local,
    mail,
    submit,
    taken,
    with_resources,
)
from sqlalchemy import func, select
from town import DOMAIN, message

from groupware import tables
from groupware.errors import Conflict, Forbidden, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from meeting_world import Answer

    from groupware.service import Groupware

pytestmark = pytest.mark.anyio


async def times(groupware: Groupware) -> list[str]:
    """The days and hours that are taken, in UTC."""
    return [f"{begin[5:13]}" for _, begin, _ in await groupware.store.read(taken)]


async def test_an_invitation_is_accepted_and_the_next_one_declined(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))
    accepted = await invite(groupware, town, "anna", first.asked())
    assert accepted.status == "ACCEPTED"
    assert accepted.reply is not None
    assert (accepted.reply.method, accepted.reply.uid) == ("REPLY", first.uid)
    assert accepted.message["In-Reply-To"].startswith("<i")
    assert accepted.message["From"] == f"Room A <{ROOM}>"
    assert accepted.subject == "Accepted: Planning"
    declined = await invite(groupware, town, "bruno", Meeting("bruno", ahead(7, 10), 30, uid="m2").asked())
    assert declined.status == "DECLINED"
    assert f"{ahead(7):%H:%M}-{ahead(7) + timedelta(minutes=30):%H:%M}" in declined.text
    assert f"{ahead(7):%H:%M}-{ahead(7) + timedelta(minutes=30):%H:%M}" in declined.calendar.replace("\r\n ", "")
    assert "anna" not in (declined.text + declined.calendar).lower()
    assert len(await groupware.store.read(taken)) == 1


async def test_who_may_read_a_booking_is_told_whose_it_is(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await invite(groupware, town, "anna", Meeting("anna", ahead(7)).asked())
    declined = await invite(groupware, town, "clara", Meeting("clara", ahead(7), uid="m2").asked())
    assert "(booked by Anna)" in declined.text


async def test_neighbours_do_not_overlap(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    for number, hour in enumerate((10, 11, 9)):
        answer = await invite(groupware, town, "anna", Meeting("anna", ahead(7, hour), uid=f"m{number}").asked())
        assert answer.status == "ACCEPTED"


async def test_a_series_is_booked_whole_or_not_at_all(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await invite(groupware, town, "anna", Meeting("anna", ahead(21)).asked())
    weekly = Meeting("bruno", ahead(7), uid="series", lines=["RRULE:FREQ=WEEKLY;COUNT=5"])
    declined = await invite(groupware, town, "bruno", weekly.asked())
    assert declined.status == "DECLINED"
    assert "free again" not in declined.text, "nothing was booked before"
    assert declined.text.count("10:00-11:00") == 1
    assert f"{ahead(21).day} {ahead(21):%b %Y}" in declined.text
    assert len(await groupware.store.read(taken)) == 1
    without = weekly.asked(sequence=1, lines=[*weekly.lines, f"EXDATE;TZID=Europe/Brussels:{local(ahead(21))}"])
    assert (await invite(groupware, town, "bruno", without)).status == "ACCEPTED"
    assert len(await groupware.store.read(taken)) == 5


async def test_a_cancelled_meeting_frees_its_time(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7), lines=["RRULE:FREQ=DAILY;COUNT=3"])
    await invite(groupware, town, "anna", first.asked())
    cancelled = await invite(groupware, town, "anna", first.asked("CANCEL", sequence=1))
    assert cancelled.reply is None
    assert cancelled.subject == "Cancelled: Planning"
    assert await groupware.store.read(taken) == []
    assert (await invite(groupware, town, "bruno", Meeting("bruno", ahead(8), uid="m2").asked())).status == "ACCEPTED"
    again = await invite(groupware, town, "anna", first.asked(sequence=2))
    assert again.status == "DECLINED"


async def test_a_cancelled_instance_is_named_and_one_that_is_none_is_not_cancelled(groupware: Groupware) -> None:
    """Whoever is told that a date is cancelled counts on it."""
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7), lines=["RRULE:FREQ=DAILY;COUNT=3"])
    await invite(groupware, town, "anna", first.asked())

    async def cancel(at: datetime) -> Answer:
        return await invite(groupware, town, "anna", first.asked("CANCEL", sequence=1, start=at, lines=[_named(at)]))

    midnight = await cancel(ahead(8, 0))
    assert midnight.subject == "Nothing to cancel: Planning"
    assert len(await groupware.store.read(taken)) == 3
    done = await cancel(ahead(8))
    assert done.subject == "Cancelled: Planning"
    assert f"{ahead(8):%a} {ahead(8).day} {ahead(8):%b %Y}, 10:00-11:00 (local" in done.text
    assert len(await groupware.store.read(taken)) == 2


def _named(at: datetime) -> str:
    return f"RECURRENCE-ID;TZID=Europe/Brussels:{local(at)}"


async def test_an_update_moves_the_booking(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))
    await invite(groupware, town, "anna", first.asked())
    moved = await invite(groupware, town, "anna", first.asked(sequence=1, start=ahead(7) + timedelta(minutes=30)))
    assert moved.status == "ACCEPTED"
    assert len(await groupware.store.read(taken)) == 1


async def test_an_update_onto_others_is_declined_and_gives_up_what_was_booked(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))
    await invite(groupware, town, "anna", first.asked())
    await invite(groupware, town, "bruno", Meeting("bruno", ahead(8), uid="m2").asked())
    declined = await invite(groupware, town, "anna", first.asked(sequence=1, start=ahead(8)))
    assert declined.status == "DECLINED"
    assert f"free again: {ahead(7):%a} {ahead(7).day}" in declined.text
    assert await times(groupware) == [f"{ahead(8):%m-%d}T{await _hour(groupware)}"]


async def _hour(groupware: Groupware) -> str:
    return (await groupware.store.read(taken))[0][1][11:13]


async def test_a_stale_message_changes_nothing(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7), sequence=3)
    await invite(groupware, town, "anna", first.asked())
    before = await groupware.store.read(taken)
    for stale in (
        first.asked(sequence=2, start=ahead(9)),
        first.asked(stamp="20261119T080000Z", start=ahead(9)),
        first.asked("CANCEL", sequence=2),
    ):
        answer = await invite(groupware, town, "anna", stale)
        assert answer.reply is None
        assert answer.subject == "Nothing changed: Planning"
    assert await groupware.store.read(taken) == before


async def test_the_same_again_has_the_same_answer(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))
    raw = mail("anna", ROOM, first.asked())
    for _ in range(3):
        await submit(groupware, town, "anna", raw)
    assert len(await answers(groupware, town, "anna")) == 1, "one message, one answer"
    again = await invite(groupware, town, "anna", first.asked())
    assert again.status == "ACCEPTED"
    await invite(groupware, town, "bruno", Meeting("bruno", ahead(7), uid="m2").asked())
    declined = await invite(groupware, town, "bruno", Meeting("bruno", ahead(7), uid="m2").asked())
    assert declined.status == "DECLINED"
    assert len(await groupware.store.read(taken)) == 1


async def test_single_instances_are_moved_and_cancelled(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    series = Meeting("anna", ahead(7), lines=["RRULE:FREQ=DAILY;COUNT=3"])
    await invite(groupware, town, "anna", series.asked())
    second = [f"RECURRENCE-ID;TZID=Europe/Brussels:{local(ahead(8))}"]
    moved = await invite(groupware, town, "anna", series.asked(sequence=1, start=ahead(8, 15), lines=second))
    assert moved.status == "ACCEPTED"
    assert "RECURRENCE-ID;TZID=Europe/Brussels" in moved.calendar
    assert [day[:5] for day in await times(groupware)] == [f"{ahead(day):%m-%d}" for day in (7, 8, 9)]
    third = [f"RECURRENCE-ID;TZID=Europe/Brussels:{local(ahead(9))}"]
    await invite(groupware, town, "anna", series.asked("CANCEL", sequence=1, start=ahead(9), lines=third))
    assert [day[:5] for day in await times(groupware)] == [f"{ahead(day):%m-%d}" for day in (7, 8)]
    # a small change to the series leaves what was said of instances
    await invite(groupware, town, "anna", series.asked(stamp="20261121T080000Z", summary="Planning, room changed"))
    assert [day[:5] for day in await times(groupware)] == [f"{ahead(day):%m-%d}" for day in (7, 8)] or (
        len(await times(groupware)) == 2
    )
    # a new time for the series takes it back
    await invite(groupware, town, "anna", series.asked(sequence=2, start=ahead(7, 8)))
    assert len(await times(groupware)) == 3


async def test_an_instance_that_meets_another_meeting_is_declined_alone(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    series = Meeting("anna", ahead(7), lines=["RRULE:FREQ=DAILY;COUNT=3"])
    await invite(groupware, town, "anna", series.asked())
    await invite(groupware, town, "bruno", Meeting("bruno", ahead(8, 15), uid="m2").asked())
    second = [f"RECURRENCE-ID;TZID=Europe/Brussels:{local(ahead(8))}"]
    declined = await invite(groupware, town, "anna", series.asked(sequence=1, start=ahead(8, 15), lines=second))
    assert declined.status == "DECLINED"
    assert [day[:5] for day in await times(groupware)] == [f"{ahead(day):%m-%d}" for day in (7, 8, 9)]
    onto_itself = [f"RECURRENCE-ID;TZID=Europe/Brussels:{local(ahead(9))}"]
    declined = await invite(groupware, town, "anna", series.asked(sequence=1, start=ahead(7), lines=onto_itself))
    assert declined.status == "DECLINED"


async def test_a_series_whose_meetings_overlap_is_declined(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    long = Meeting("anna", ahead(7), 25 * 60, lines=["RRULE:FREQ=DAILY;COUNT=3"])
    declined = await invite(groupware, town, "anna", long.asked())
    assert declined.status == "DECLINED"
    assert "overlap" in declined.text


async def test_only_members_of_its_areas_know_a_resource(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    with pytest.raises(Forbidden):
        await groupware.recipient(town.caller("otto"), ROOM)
    with pytest.raises(Forbidden):
        await groupware.recipient(town.caller("anna"), OTHER)
    for who in ("anna", "bruno", "otto", "emil", "dora"):
        assert (await groupware.recipient(town.caller(who), BOTH.upper().replace("ICONET", "iconet"))).address == BOTH


async def test_officials_on_the_same_mail_get_their_copies(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    raw = mail("anna", f"{ROOM}, clara@{DOMAIN}", Meeting("anna", ahead(7)).asked())
    await submit(groupware, town, "anna", raw, ROOM, f"clara@{DOMAIN}")
    assert (await answers(groupware, town, "anna"))[-1].status == "ACCEPTED"
    statement = (
        select(func.count())
        .select_from(tables.mail_recipient)
        .where(tables.mail_recipient.c.official == town.people["clara"])
    )
    assert await groupware.store.read(lambda s: s.connection.scalar(statement)) == 1


async def test_one_mail_may_ask_two_resources(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await submit(groupware, town, "anna", mail("anna", ROOM, Meeting("anna", ahead(7)).asked()), ROOM, BOTH)
    assert [answer.status for answer in await answers(groupware, town, "anna")] == ["ACCEPTED"] * 2


async def test_another_organiser_cannot_take_over_a_uid(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await invite(groupware, town, "anna", Meeting("anna", ahead(7)).asked())
    for method in ("REQUEST", "CANCEL"):
        raw = mail("bruno", ROOM, Meeting("bruno", ahead(9), sequence=9).asked(method))
        with pytest.raises(Refused, match="uid-of-another"):
            await submit(groupware, town, "bruno", raw)
    assert len(await groupware.store.read(taken)) == 1


async def test_nobody_invites_in_anothers_name(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    with pytest.raises(Refused, match="organiser-is-not-sender"):
        await submit(groupware, town, "bruno", mail("bruno", ROOM, Meeting("anna", ahead(7)).asked()))
    assert await answers(groupware, town, "bruno") == []


async def test_an_unknown_meeting_cannot_be_cancelled(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    answer = await invite(groupware, town, "anna", Meeting("anna", ahead(7)).asked("CANCEL"))
    assert answer.reply is None
    assert "no such booking" in answer.text


async def test_mail_without_an_invitation_is_told_so_and_machines_are_not(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    await submit(groupware, town, "anna", message("anna", ROOM, "Lights", "Who turns them off?", message_id="<l@x>"))
    (answer,) = await answers(groupware, town, "anna")
    assert "invitations only" in answer.text
    automatic = message("anna", ROOM, "Away", "I am away", message_id="<a@x>")
    await submit(groupware, town, "anna", automatic.replace(b"Subject:", b"Auto-Submitted: auto-replied\r\nSubject:"))
    replied = mail("anna", ROOM, calendar("REPLY", Meeting("anna", ahead(7)).event()), method="REPLY")
    await submit(groupware, town, "anna", replied)
    assert [each.subject for each in await answers(groupware, town, "anna")] == ["No invitation found: Room A"] * 2


async def test_a_strict_marking_is_not_quoted(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    raw = mail("anna", ROOM, Meeting("anna", ahead(7), summary="Canary").asked(), subject="[TLP:RED] Canary")
    await submit(groupware, town, "anna", raw)
    (answer,) = await answers(groupware, town, "anna")
    assert answer.status == "ACCEPTED"
    assert "Canary" not in answer.subject + answer.calendar + answer.text
    declined = await invite(groupware, town, "clara", Meeting("clara", ahead(7), uid="m2").asked())
    assert "booked by" not in declined.text, "a booking marked TLP:RED needs a strong sign-in"


async def test_of_many_who_race_one_gets_the_room(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    people = ("anna", "bruno", "clara", "dora")
    raws = [
        (who, mail(who, ROOM, Meeting(who, ahead(7), uid=f"{who}-{number}").asked()))
        for number in range(5)
        for who in people
    ]
    await asyncio.gather(*(submit(groupware, town, who, raw) for who, raw in raws))
    said = [answer.status for who in people for answer in await answers(groupware, town, who)]
    assert sorted(said) == ["ACCEPTED"] + ["DECLINED"] * 19
    assert len(await groupware.store.read(taken)) == 1


async def test_the_same_message_from_many_connections_is_one(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    raw = mail("anna", ROOM, Meeting("anna", ahead(7)).asked())
    await asyncio.gather(*(submit(groupware, town, "anna", raw) for _ in range(12)))
    assert len(await answers(groupware, town, "anna")) == 1
    with pytest.raises(Conflict, match="message-id-reused"):
        await submit(groupware, town, "anna", raw + b"more\r\n")
