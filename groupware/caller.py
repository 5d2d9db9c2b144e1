"""Who is asking: what a door knows of somebody who has signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.vocabulary import Door


@dataclass(frozen=True, slots=True)
class Caller:
    """An official behind one door. It proves who, never what is allowed: the monitor is asked at every act.

    `strong` says that the sign-in meets the rules for TLP:RED (the portal's); an app password doesn't. `app_password`
    is the id of the one that opened the door, 0 in the portal; once revoked, what it opened ends (groupware.live).
    """

    official: int
    login: str
    address: str
    name: str
    door: Door
    strong: bool = False
    app_password: int = 0
