"""What the third word of `iconet why` may be, action by action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

POST, ROOM, RESOURCE = "a post's Message-ID", "a room's code", "the address of what is booked"
RELEASE = "a release's number"
GLASS = "the number of a break-glass"
OFFICIAL, BODY = "an official's login or address", "a body's code"
ITEMS: Mapping[Action, str] = {
    Action.LIST: POST,
    Action.READ: POST,
    Action.MODERATE: POST,
    Action.WITHDRAW: POST,
    Action.ASK_RELEASE: POST,
    Action.DECIDE_RELEASE: RELEASE,
    Action.MARK: POST,
    Action.CONFIRM_MARK: POST,
    Action.CONFIRM: POST,
    Action.AUTHORISE: POST,
    Action.ENTER: ROOM,
    Action.POST: ROOM,
    Action.POST_ALONE: ROOM,
    Action.PUBLISH: ROOM,
    Action.MANAGE: f"{ROOM}, or area:CODE",
    Action.BOOK: RESOURCE,
    Action.SEE_BOOKINGS: RESOURCE,
    Action.MAIL: OFFICIAL,
    Action.SEE_ENTRY: OFFICIAL,
    Action.DESIGNATE: OFFICIAL,
    Action.SEND_FOR: OFFICIAL,
    Action.ADMINISTER: f"{OFFICIAL}, {BODY}, or BODY/UNIT",
    Action.GOVERN: BODY,
    Action.APPOINT: BODY,
    Action.READ_AUDIT: BODY,
    Action.PRESERVE: BODY,
    Action.ASK_GLASS: BODY,
    **dict.fromkeys((Action.SEE_GLASS, Action.CONFIRM_GLASS, Action.BREAK_GLASS, Action.END_GLASS), GLASS),
    **dict.fromkeys((Action.ACKNOWLEDGE, Action.SEE_ACKNOWLEDGEMENTS), POST),
    Action.RELAY: "a mail domain",
}


def table() -> str:
    """A line for each kind of item, with its actions."""
    kinds = dict.fromkeys(ITEMS.values())
    return "\n".join(f"  {', '.join(a for a in Action if ITEMS[a] == kind)}: {kind}" for kind in kinds)
