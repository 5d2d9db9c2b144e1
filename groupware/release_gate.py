"""May a release leave, as of now? Asked when its package is made, and again when the relay takes it from its queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, update

from directory import tables as directory
from groupware import tables
from groupware.caller import Caller
from groupware.errors import NotFound
from groupware.events import EventKind
from groupware.release_tables import consent, package, release
from policies.vocabulary import Action, Door, Kind

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

_BY_OUTBOUND = select(package.c.release).where(package.c.outbound == bindparam("outbound"))
_RELEASE = select(release).where(release.c.id == bindparam("this"))
_STOP = (
    update(release)
    .where(release.c.id == bindparam("this"), release.c.state == "packed")
    .values(state="stopped", why=bindparam("because"), ended=bindparam("at"))
)
_WORDS = select(consent.c.state, consent.c.post).where(consent.c.release == bindparam("this"))
_POST = select(tables.post.c.state, tables.post.c.marking, tables.post.c.handling).where(
    tables.post.c.id == bindparam("this")
)
_PERSON: Select[Any] = select(
    directory.official.c.id, directory.official.c.login, directory.official.c.address, directory.official.c.name
).where(directory.official.c.id == bindparam("this"))


def of_outbound(snapshot: Snapshot, outbound: int) -> int:
    """The release whose package a row of the queue carries, 0 for other mail."""
    return int(snapshot.connection.execute(_BY_OUTBOUND, {"outbound": outbound}).scalar() or 0)


def asker(snapshot: Snapshot, official: int) -> Caller:
    """Who asked, as behind a strong sign-in: they saw it behind one, perhaps."""
    row = snapshot.connection.execute(_PERSON, {"this": official}).one()
    return Caller(row.id, row.login, row.address, row.name, Door.PORTAL, strong=True)


def objection(snapshot: Snapshot, monitor: Monitor, number: int) -> str:
    """The name of the rule by which a release may not leave, or nothing."""
    row = snapshot.connection.execute(_RELEASE, {"this": number}).one()
    if row.state not in ("agreed", "packed"):
        return "owner-has-not-consented"
    if snapshot.now >= row.until:
        return "release-has-expired"
    words = snapshot.connection.execute(_WORDS, {"this": number}).all()
    if not words or any(word.state != "given" for word in words):
        return "owner-has-not-consented"
    for word in words:
        post = snapshot.connection.execute(_POST, {"this": word.post}).one()
        if post.state != "published":
            return "withdrawn-is-gone"
    post = snapshot.connection.execute(_POST, {"this": row.post}).one()
    if post.marking > row.marking or post.handling > row.handling:
        return "marking-was-raised"
    return _refused_to(snapshot, monitor, asker(snapshot, row.asker), row.post, row.domain)


def stop(tx: Tx, number: int, why: str) -> None:
    """It doesn't leave any more; those concerned are told."""
    tx.connection.execute(_STOP, {"this": number, "because": why, "at": tx.now})
    tx.record(EventKind.RELEASE_ENDED, number)


def _refused_to(snapshot: Snapshot, monitor: Monitor, caller: Caller, post: int, domain: str) -> str:
    """Whoever asked has to be able to ask still, and the partner to be allowed still."""
    wanted = (
        (Action.READ, Kind.POST, post),
        (Action.ASK_RELEASE, Kind.POST, post),
        (Action.RELAY, Kind.PARTNER, domain),
    )
    for action, kind, key in wanted:
        try:
            decision = monitor.decide(snapshot, caller, action, kind, key)
        except NotFound:
            return "withdrawn-is-gone"
        if not decision.allowed:
            return " ".join(decision.rules)
    return ""
