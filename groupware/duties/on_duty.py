"""When somebody is on duty: a contact point's hours are kept in its own zone, summer time included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from directory.contact_points import DAYS
from groupware import clock

if TYPE_CHECKING:
    from directory.contact_points import ContactPoint


def is_open(point: ContactPoint, now: int) -> bool:
    """Whether it is within the hours; a contact point without set hours is always open."""
    local = datetime.fromtimestamp(now / clock.MICROSECONDS, ZoneInfo(point.zone))
    minute = local.hour * 60 + local.minute
    within = (each.opens <= minute < each.closes for each in point.hours if each.weekday == local.weekday())
    return not point.hours or any(within)


def opens_next(point: ContactPoint, now: int) -> int:
    """The beginning of the next hours of duty, 0 while it is open or where none are set.

    A time that the clocks jump over is met where they land.
    """
    if is_open(point, now):
        return 0
    zone = ZoneInfo(point.zone)
    today = datetime.fromtimestamp(now / clock.MICROSECONDS, zone).date()
    found = []
    for ahead in range(DAYS + 1):
        day = today + timedelta(days=ahead)
        for each in point.hours:
            if each.weekday == day.weekday():
                begins = datetime(day.year, day.month, day.day, each.opens // 60, each.opens % 60, tzinfo=zone)
                found.append(int(begins.astimezone(UTC).timestamp()) * clock.MICROSECONDS)
    return min((each for each in found if each > now), default=0)
