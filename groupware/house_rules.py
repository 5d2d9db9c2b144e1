"""What an installation has decided for itself: what it asks of those who sign in, where its checkpoints go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from directory import passkeys, passwords, roles, terms, totp
from groupware.second_person import NOTHING, Chosen
from policies.vocabulary import Role

if TYPE_CHECKING:
    from groupware.store import Snapshot

_OURS = Path(__file__).parent / "terms_of_use.txt"


class Demand(StrEnum):
    """Who has to have a second factor."""

    NOBODY = "nobody"
    DUTIES = "duties"
    EVERYBODY = "everybody"


class Hurdle(StrEnum):
    """What stands between somebody who has signed in and the portal."""

    TERMS = "terms"
    SHORT = "short-password"
    """The password is, and nothing stands beside it any more."""
    SECOND_FACTOR = "second-factor"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of use, as paragraphs with an empty line between. Another text is another version, asked for anew."""

    text: str

    @property
    def version(self) -> str:
        """By what an acceptance names them."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


def our_terms() -> Terms:
    """Those that come with ICONet."""
    return Terms(_OURS.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class KeyRules:
    """Secrecy at rest: the `folder` of keys (None: there is none), and whether what is stored is sealed with them.

    Keys of backups are kept for so many days after their month.
    """

    folder: Path | None = None
    sealing: bool = False
    backup_days: int = 90


@dataclass(frozen=True, slots=True)
class HouseRules:
    """All of them; `checkpoints` is a folder for those of the audit log, None for one beside the store.

    `second_person` is what needs a second person's word in every room.
    `glass_hours` is for how long a security officer may read in an emergency at most.
    """

    terms: Terms = field(default_factory=our_terms)
    second_factor: Demand = Demand.NOBODY
    checkpoints: Path | None = None
    second_person: Chosen = NOTHING
    glass_hours: int = 24
    secrecy: KeyRules = KeyRules()

    def hurdle(self, snapshot: Snapshot, official: int) -> Hurdle | None:
        """The first thing that an official still has to do."""
        if not terms.has_accepted(snapshot.connection, official, self.terms.version):
            return Hurdle.TERMS
        if _has_factor(snapshot, official):
            return None
        if passwords.needs_second_factor(snapshot.connection, official):
            return Hurdle.SHORT
        return Hurdle.SECOND_FACTOR if self._needs_factor(snapshot, official) else None

    def _needs_factor(self, snapshot: Snapshot, official: int) -> bool:
        if self.second_factor is not Demand.DUTIES:
            return self.second_factor is Demand.EVERYBODY
        return any(isinstance(held.role, Role) for held in roles.held(snapshot.connection, official, snapshot.now))


def _has_factor(snapshot: Snapshot, official: int) -> bool:
    return totp.has(snapshot.connection, official) or bool(passkeys.of(snapshot.connection, official))
