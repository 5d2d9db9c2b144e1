"""Who is asking: what a door knows of somebody who has signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.vocabulary import Door


@dataclass(frozen=True, slots=True)
class Caller:
    """An official behind one door. It proves who, never what is allowed: the monitor is asked at every act.

    `strong` says that the sign-in meets the rules for TLP:RED (the portal's password); an app password doesn't.
    """

    official: int
    login: str
    address: str
    name: str
    door: Door
    strong: bool = False
