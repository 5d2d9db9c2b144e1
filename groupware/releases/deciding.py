"""An owner says yes or no. All have to say yes; one no ends the release, and so does a post that changed meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, update

from groupware.errors import Conflict, NotFound
from groupware.events import EventKind
from groupware.release_tables import consent
from groupware.releases import rows
from groupware.releases.rows import Ending
from groupware.releases.words import State, Word, a_note, a_text
from groupware.reply_addresses import CONSENTS
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.releases.rows import Consent, Release
    from groupware.store import Snapshot, Tx

GIVEN, REFUSED = "given", "refused"
_c = consent.c
_SAY = (
    update(consent)
    .where(_c.id == bindparam("this"), _c.state == "open")
    .values(
        state=bindparam("to"),
        decided=bindparam("at"),
        decided_by=bindparam("by"),
        door=bindparam("through"),
        note=bindparam("said"),
    )
)


def decide(tx: Tx, monitor: Monitor, caller: Caller, number: int, word: Word, note: str = "") -> State:
    """Say it for every owner whose delegate the caller is; returns what the release is by that.

    Raises NotFound, the same for forbidden and absent; Conflict(already-decided); Refused(unfit) for a no without a
    reason; Forbidden names the rule where the caller may know of the release but may not decide it.
    """
    mine = [each for each in rows.consents(tx, number) if _sees_as_delegate(tx, monitor, caller, each)]
    if not mine:
        raise NotFound(f"release {number}")
    said = [each for each in mine if monitor.decide(tx, caller, Action.DECIDE_RELEASE, Kind.CONSENT, each.id).allowed]
    if not said:
        _explain(tx, monitor, caller, mine[0])
    state = rows.get(tx, number).state
    for each in said:
        state = _say(tx, monitor, caller, each, word, note)
    return state


def decide_by_address(tx: Tx, monitor: Monitor, caller: Caller, local: str, word: Word, note: str = "") -> State:
    """The same by mail, to the address that is the caller's for one consent. Raises as `decide` does."""
    known = rows.consent_of(tx, CONSENTS.find(tx, local, caller.official))
    CONSENTS.use(tx, local, caller.official)
    if not monitor.decide(tx, caller, Action.DECIDE_RELEASE, Kind.CONSENT, known.id).allowed:
        _explain(tx, monitor, caller, known)
    return _say(tx, monitor, caller, known, word, note)


def _sees_as_delegate(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Consent) -> bool:
    decision = monitor.decide(snapshot, caller, Action.READ, Kind.CONSENT, known.id)
    return decision.allowed and "delegate-sees-consent" in decision.rules


def _explain(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: Consent) -> None:
    """Say why not: only to who may see it."""
    decision = monitor.decide(snapshot, caller, Action.DECIDE_RELEASE, Kind.CONSENT, known.id)
    if "consent-is-decided" in decision.rules:
        raise Conflict("already-decided", "this has been decided already")
    monitor.require(snapshot, caller, Action.DECIDE_RELEASE, Kind.CONSENT, known.id)


def _say(tx: Tx, monitor: Monitor, caller: Caller, known: Consent, word: Word, note: str) -> State:
    monitor.require(tx, caller, Action.DECIDE_RELEASE, Kind.CONSENT, known.id).use(tx, Action.DECIDE_RELEASE, known.id)
    found = rows.get(tx, known.release)
    if found.state is not State.ASKED:
        raise Conflict("already-decided", "this has been decided already")
    stop = _changed(tx, found)
    if stop is not None:
        rows.end(tx, found, stop)
        return stop.state
    text = a_text(note, "the reason") if word is Word.NO else a_note(note, "further conditions")
    values = {
        "this": known.id,
        "to": GIVEN if word is Word.YES else REFUSED,
        "at": tx.now,
        "by": caller.official,
        "through": caller.door,
        "said": text,
    }
    if tx.connection.execute(_SAY, values).rowcount != 1:
        raise Conflict("already-decided", "this has been decided already")
    tx.record(EventKind.CONSENT_DECIDED, known.id)
    return _follow(tx, found, word, text)


def _changed(tx: Tx, found: Release) -> Ending | None:
    """Time has run out, or what was asked about isn't what it was: nobody consents to that."""
    if tx.now >= found.answer_by:
        return Ending(State.LAPSED, "no-answer-means-no")
    posts = [rows.post(tx, each.post) for each in rows.consents(tx, found.id)]
    if any(post.state != "published" for post in posts):
        return Ending(State.STOPPED, "withdrawn-is-gone")
    if posts[0].marking > found.marking or posts[0].handling > found.handling:
        return Ending(State.STOPPED, "marking-was-raised")
    return None


def _follow(tx: Tx, found: Release, word: Word, text: str) -> State:
    """What a word makes of the release: one no ends it, the last yes lets it go."""
    if word is Word.NO:
        rows.end(tx, found, Ending(State.REFUSED, text))
        return State.REFUSED
    if any(each.state != GIVEN for each in rows.consents(tx, found.id)):
        return State.ASKED
    rows.move(tx, found, State.AGREED)
    tx.record(EventKind.RELEASE_AGREED, found.id)
    return State.AGREED
