"""What a message asks of one resource, worked out before the transaction: every date, with its place in a series."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from groupware import clock
from groupware.meetings import expand
from groupware.meetings.errors import DeclinedError, UnreadableError
from groupware.meetings.expand import Occurrence, Window
from groupware.meetings.zones import Zones

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.meetings.invitation import Event, Invitation

REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"
DAY: Final = 86_400 * clock.MICROSECONDS


@dataclass(frozen=True, slots=True)
class Version:
    """RFC 5546 2.1.5: the higher SEQUENCE is the newer, and of two with the same the one with the later DTSTAMP."""

    sequence: int
    stamp: int

    def __lt__(self, other: Version) -> bool:
        return (self.sequence, self.stamp) < (other.sequence, other.stamp)


@dataclass(frozen=True, slots=True)
class Change:
    """What is said of a single instance: where it moves to, or None when it is cancelled."""

    recurrence: int
    version: Version
    to: Occurrence | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message as the state machine takes it.

    `version` is of the event as a whole, None when the message is only about single instances; `series` has its
    dates by what each is called, before any change. `refusal` says why it can't be accepted at any time.
    """

    cancels: bool
    uid: str
    version: Version | None
    series: Mapping[int, Occurrence] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    refusal: DeclinedError | None = None


def ask(invitation: Invitation, zone: str, now: int, days_ahead: int) -> Asked:
    """What the invitation asks of a resource with that local time, as of now. Raises UnreadableError."""
    whole = invitation.whole
    if sum(each.recurrence is None for each in invitation.events) > 1:  # ACCEPTED would be said of both
        raise UnreadableError("the calendar holds more than one event that isn't an instance")
    cancels = invitation.method == CANCEL or (whole is not None and whole.cancelled)
    version = Version(whole.sequence, whole.stamp) if whole else None
    zones = Zones(invitation.calendar, zone)
    window = Window(now, now + days_ahead * DAY)
    try:
        series = {} if cancels or whole is None else _series(whole, zones, window)
        changes = tuple(_change(each, zones, cancels=cancels) for each in invitation.instances)
    except DeclinedError as error:
        if cancels:
            raise UnreadableError(str(error)) from error
        return Asked(cancels, invitation.uid, version, changes=_named(invitation, zones), refusal=error)
    except UnreadableError:
        raise
    except (OverflowError, ValueError) as error:  # dates at the edges of what Python can hold
        raise UnreadableError("the invitation's dates can't be worked out") from error
    return Asked(
        cancels, invitation.uid, version, series, changes, _objection(series, changes, window, cancels=cancels)
    )


def _series(whole: Event, zones: Zones, window: Window) -> dict[int, Occurrence]:
    return {each.recurrence: each for each in expand.moments(whole, zones, window)}


def _change(event: Event, zones: Zones, *, cancels: bool) -> Change:
    recurrence = _recurrence(event, zones)
    version = Version(event.sequence, event.stamp)
    if cancels or event.cancelled:
        return Change(recurrence, version, None)
    start, end = expand.single(event, zones)
    return Change(recurrence, version, Occurrence(start, end, recurrence))


def _recurrence(event: Event, zones: Zones) -> int:
    if event.and_future or event.recurrence is None:
        raise DeclinedError("range-not-taken", "changes to an instance and all after it aren't taken: send the series")
    return zones.moment(event.recurrence)


def _named(invitation: Invitation, zones: Zones) -> tuple[Change, ...]:
    """The instances of a message that is declined anyway, where they can be told at all."""
    found = []
    for event in invitation.instances:
        try:
            found.append(Change(_recurrence(event, zones), Version(event.sequence, event.stamp), None))
        except DeclinedError:
            return ()
    return tuple(found)


def _objection(
    series: Mapping[int, Occurrence], changes: tuple[Change, ...], window: Window, *, cancels: bool
) -> DeclinedError | None:
    if cancels:
        return None
    dates = {**series, **{each.recurrence: each.to for each in changes}}
    found = [each for each in dates.values() if each is not None and each.end > window.now]
    if not found and changes and not series:
        return None if all(each.to is None for each in changes) else DeclinedError("over", "the meeting is over")
    try:
        expand.check(found, window)
    except DeclinedError as error:
        return error
    return None
