"""What goes on record for security officers: who did what, asked in vain, read or was sent. Ids, never contents."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from groupware.errors import Forbidden, NotFound
from groupware.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.caller import Caller

_E = EventKind
OFFICIAL = "Official"
"""The kind of thing whose number isn't written down: a pseudonym is."""
SIGN_IN = "sign-in"
DRAFT = "draft"
"""The detail of an opening of one: from then on its reader has had it, whatever becomes of it."""
SUBJECTS = {
    **dict.fromkeys((_E.POST_UNCONFIRMED, _E.POST_HELD, _E.POST_PUBLISHED, _E.POST_REFUSED), "Post"),
    **dict.fromkeys((_E.POST_WITHDRAWN, _E.POST_MARKED, _E.POST_ERASED), "Post"),
    **dict.fromkeys((_E.MARK_ASKED, _E.MARK_ENDED), "Post"),
    **dict.fromkeys((_E.HOLD_PLACED, _E.HOLD_LIFTED), "legal-hold"),
    **dict.fromkeys((_E.POST_DRAFTED, _E.DRAFT_AUTHORISED, _E.DRAFT_ENDED), "Post"),
    **dict.fromkeys((_E.RIGHTS_CHANGED, _E.OFFICIAL_OFF_BOARDED, _E.SIGNED_OFF, _E.MARKING_REFUSED), OFFICIAL),
    **dict.fromkeys((_E.GRANT_PROPOSED, _E.GRANT_DECIDED), "proposal"),
    **dict.fromkeys((_E.CONTACT_POINT_APPOINTED, _E.CONTACT_POINT_CHANGED), "contact-point"),
    _E.GRANT_REVOKED: "grant",
    _E.APP_PASSWORD_REVOKED: "app-password",
    _E.BOOKING_DECIDED: "Booking",
    _E.CLIENT_CHANGED: "client",
    _E.SIGNED_ON: "sign-on",
    _E.AREA_CHANGED: "Area",
    _E.ROOM_CHANGED: "Room",
    _E.BODY_UNATTENDED: "Body",
    _E.HAND_OVER_CHANGED: "hand-over",
    _E.POSTING_CHANGED: "posting",
    _E.DUTIES_MOVED: "duty-move",
    **dict.fromkeys((_E.RELEASE_ASKED, _E.RELEASE_AGREED, _E.RELEASE_PACKED), "release"),
    **dict.fromkeys((_E.RELEASE_ENDED, _E.RELEASE_RECALLED), "release"),
    _E.CONSENT_DECIDED: "Consent",
    **dict.fromkeys((_E.GLASS_ASKED, _E.GLASS_BROKEN, _E.GLASS_ENDED), "Glass"),
    _E.ACKNOWLEDGED: "Post",
}
"""The events that are acts, and what their subjects are."""
WORK = frozenset({_E.MAIL_SENT, _E.NOTICE_SENT, _E.COPIED, _E.OUTBOUND_QUEUED, _E.OUTBOUND_SENT, _E.MATRIX_QUEUED})
"""The others: they tell followers that there is work, whose deliveries go on record by themselves."""


class Happening(StrEnum):
    """What kind of thing is on record."""

    PERMITTED = "permitted"
    DENIED = "denied"
    READ = "read"
    DELIVERED = "delivered"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that goes on record. `official` is 0 for ICONet itself and its operator."""

    event: Happening
    official: int
    door: str
    action: str
    kind: str
    resource: int | str
    rules: tuple[str, ...] = ()
    detail: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the monitor was asked last, and the rules that refused it; a view names no thing, and refuses nothing."""

    caller: Caller
    action: str
    kind: str
    resource: int | str
    refused_by: tuple[str, ...] = ()


def permitted(asked: Asked, rules: tuple[str, ...]) -> Act:
    """Leave was given, and used."""
    who = asked.caller
    return Act(Happening.PERMITTED, who.official, who.door, asked.action, asked.kind, asked.resource, rules)


def refused(asked: Asked, rules: tuple[str, ...]) -> Act:
    """Leave was not given."""
    who = asked.caller
    return Act(Happening.DENIED, who.official, who.door, asked.action, asked.kind, asked.resource, rules)


def denied(asked: Asked | None, error: BaseException) -> Act | None:
    """What goes on record of a use case or query that ended with this error; None when nothing was denied.

    Whoever asks for what isn't theirs is told that it isn't there, so this counts as a denial, too.
    """
    said = error if isinstance(error, Forbidden | NotFound) else error.__cause__
    if asked is None or not isinstance(said, Forbidden | NotFound):
        return None
    rules = tuple(said.rule.split()) if isinstance(said, Forbidden) else asked.refused_by or ("not-found",)
    return refused(asked, rules)


def signed_in(official: int, door: str, means: str) -> Act:
    """Somebody proved who they are, and by what."""
    return Act(Happening.PERMITTED, official, door, SIGN_IN, OFFICIAL, official, detail={"means": means})


def turned_away(official: int, door: str) -> Act:
    """Somebody tried to sign in as this official, and could not prove it."""
    return Act(Happening.DENIED, official, door, SIGN_IN, OFFICIAL, official, (SIGN_IN,))


def changed(kind: str, subject: int, by: Act | None) -> Act | None:
    """An event as an act of whoever had leave for it; ICONet's own or its operator's where nobody was asked."""
    what = SUBJECTS.get(EventKind(kind)) if kind in _KINDS else None
    if what is None:
        return None
    official, door = (by.official, by.door) if by is not None else (0, "")
    return Act(Happening.CHANGED, official, door, kind, what, subject)


_KINDS = frozenset(EventKind)


def canonical(detail: Mapping[str, int | str]) -> str:
    """As JSON of one form only (RFC 8785 for what is used here: strings and whole numbers)."""
    return json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if detail else "{}"
