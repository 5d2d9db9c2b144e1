"""What followers hear of: ids, never contents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    """What happened. The subject is the id of a post, mail, official, queue's row, app password, client or sign-on.

    The name says which; of SIGNED_OFF and MARKING_REFUSED it is an official's. Of duties it is the proposal's, grant's,
    appointment's, contact point's, body's, hand-over's or posting's; of DUTIES_MOVED that of directory.duty_moves.
    Of legal holds, releases and break-glass it is the number, of CONSENT_DECIDED the consent's id.

    Who records POST_WITHDRAWN or POST_MARKED bumps the version of the rights in the same transaction: that is how
    folders notice that something is lost, wherever it was delivered. RIGHTS_CHANGED has subject 0 when it concerns
    many.
    """

    POST_DRAFTED = "post-drafted"
    DRAFT_AUTHORISED = "draft-authorised"
    DRAFT_ENDED = "draft-ended"
    POST_UNCONFIRMED = "post-unconfirmed"
    POST_HELD = "post-held"
    POST_PUBLISHED = "post-published"
    POST_REFUSED = "post-refused"
    POST_WITHDRAWN = "post-withdrawn"
    POST_MARKED = "post-marked"
    MARK_ASKED = "mark-asked"
    MARK_ENDED = "mark-ended"
    POST_ERASED = "post-erased"
    HOLD_PLACED = "hold-placed"
    HOLD_LIFTED = "hold-lifted"
    MAIL_SENT = "mail-sent"
    NOTICE_SENT = "notice-sent"
    COPIED = "copied"
    RIGHTS_CHANGED = "rights-changed"
    OFFICIAL_OFF_BOARDED = "official-off-boarded"
    OUTBOUND_QUEUED = "outbound-queued"
    APP_PASSWORD_REVOKED = "app-password-revoked"  # noqa: S105 -- a word, no secret
    MATRIX_QUEUED = "matrix-queued"
    BOOKING_DECIDED = "booking-decided"
    CLIENT_CHANGED = "client-changed"
    SIGNED_ON = "signed-on"
    SIGNED_OFF = "signed-off"
    AREA_CHANGED = "area-changed"
    ROOM_CHANGED = "room-changed"
    GRANT_PROPOSED = "grant-proposed"
    GRANT_DECIDED = "grant-decided"
    GRANT_REVOKED = "grant-revoked"
    CONTACT_POINT_APPOINTED = "contact-point-appointed"
    CONTACT_POINT_CHANGED = "contact-point-changed"
    BODY_UNATTENDED = "body-unattended"
    HAND_OVER_CHANGED = "hand-over-changed"
    POSTING_CHANGED = "posting-changed"
    DUTIES_MOVED = "duties-moved"
    MARKING_REFUSED = "marking-refused"
    RELEASE_ASKED = "release-asked"
    CONSENT_DECIDED = "consent-decided"
    RELEASE_AGREED = "release-agreed"
    RELEASE_PACKED = "release-packed"
    RELEASE_ENDED = "release-ended"
    RELEASE_RECALLED = "release-recalled"
    OUTBOUND_SENT = "outbound-sent"
    GLASS_ASKED = "glass-asked"
    GLASS_BROKEN = "glass-broken"
    GLASS_ENDED = "glass-ended"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the log. `(txid, id)` is its place in it; `room` is 0 where it belongs to none; `at` in microseconds.

    `kind` is a plain string: a follower may meet kinds that a newer process wrote, and passes them by.
    """

    txid: int
    id: int
    kind: str
    subject: int
    room: int
    at: int
