"""A reader asks that a post be passed on: to whom, why, under which conditions, until when.

Whose text is in it is looked for in the same transaction; each owner is asked, and each has to say yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert

from groupware import quoting
from groupware.errors import Forbidden, Refused
from groupware.events import EventKind
from groupware.release_tables import consent, release
from groupware.releases import rows
from groupware.releases.words import PATIENCE, State, fit
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.message.prints import Prints
    from groupware.monitor import Monitor, Permit
    from groupware.quoting import Source
    from groupware.releases.words import Asked
    from groupware.store import Tx

MOST_OPEN = 50
"""Asks of one official that wait."""
_ASK = insert(release)
_CONSENT = insert(consent)


def ask(tx: Tx, monitor: Monitor, caller: Caller, post: int, prints: Prints, wanted: Asked, submission: int = 0) -> int:
    """Ask all owners; returns the release's number. `prints` are of the post as it would leave.

    Raises NotFound or Forbidden (told alike) for a post that the caller can't read; Refused by rule for one that may
    not be asked for, a recipient at no partner of ours, an ask that nobody may decide, and texts that don't fit.
    """
    monitor.require(tx, caller, Action.READ, Kind.POST, post)
    permit = _permit(tx, monitor, caller, post)
    asked, domain = fit(wanted, tx.now)
    _require_partner(tx, monitor, caller, domain)
    permit.use(tx, Action.ASK_RELEASE, post)
    known = rows.post(tx, post)
    whose = _owners(tx, post, known.owner, prints)
    marks = {"marking": known.marking, "handling": known.handling}
    row = {
        "post": post,
        "asker": caller.official,
        "recipient": asked.recipient,
        "domain": domain,
        "organisation": asked.organisation,
        "purpose": asked.purpose,
        "conditions": asked.conditions,
        "until": asked.until,
        "asked": tx.now,
        "answer_by": min(tx.now + PATIENCE, asked.until),
        "submission": submission,
        "state": State.ASKED,
        **marks,
    }
    number = tx.insert(_ASK, row)
    for owner, source in whose:
        words = {"release": number, "owner": owner, "post": source, "author": caller.official, "state": "open", **marks}
        _require_decider(tx, monitor, tx.insert(_CONSENT, words))
    tx.record(EventKind.RELEASE_ASKED, number)
    return number


def _permit(tx: Tx, monitor: Monitor, caller: Caller, post: int) -> Permit:
    """Who can read it may know why it can't be asked for."""
    try:
        return monitor.require(tx, caller, Action.ASK_RELEASE, Kind.POST, post)
    except Forbidden as error:
        raise Refused(error.rule, "this can't be released to anybody") from error


def _require_partner(tx: Tx, monitor: Monitor, caller: Caller, domain: str) -> None:
    try:
        monitor.require(tx, caller, Action.RELAY, Kind.PARTNER, domain)
    except Forbidden as error:
        raise Refused("relay-denied", "mail to this domain isn't relayed: it is no partner's") from error


def _owners(tx: Tx, post: int, owner: int, prints: Prints) -> Sequence[tuple[int, int]]:
    """Each owner with the oldest post of theirs that is in it; the post's own first.

    Raises Refused(withdrawn-is-gone) where it quotes what its owner has taken back.
    """
    found: dict[int, Source] = {}
    for source in quoting.sources(tx, post, prints):
        if source.owner != owner:
            _require_standing(tx, source)
            found.setdefault(source.owner, source)
    return [(owner, post), *((each.owner, each.post) for each in found.values())]


def _require_standing(tx: Tx, source: Source) -> None:
    if rows.post(tx, source.post).state != "published":
        raise Refused("withdrawn-is-gone", "it quotes a post that was withdrawn")


def _require_decider(tx: Tx, monitor: Monitor, number: int) -> None:
    """Raise Refused when the ask could only ever lapse."""
    if not monitor.audience(tx, Action.DECIDE_RELEASE, Kind.CONSENT, number, strong=True):
        raise Refused("nobody-may-decide", "nobody else speaks for an owner of this text and may decide")
