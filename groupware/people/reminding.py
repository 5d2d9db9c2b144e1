"""Those who keep a body's entries are told when confirmations are late or something ends soon: at most once a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory.keeping_tables import review_notice
from directory.tables import body
from groupware import notices
from groupware.people import keepers, reviewing
from groupware.people.leave import OPERATOR, over_body

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.people.mailing import Mailing
    from groupware.store import Snapshot, Tx

AGAIN = 30 * reviewing.DAY
_UNTOLD = (
    select(body.c.code)
    .outerjoin(review_notice, (review_notice.c.body == body.c.id) & (review_notice.c.at > bindparam("since")))
    .where(review_notice.c.body.is_(None), ~body.c.suspended)
    .order_by(body.c.id)
)
_FORGET = delete(review_notice).where(review_notice.c.body == bindparam("told"))
_TOLD = insert(review_notice)


def untold(snapshot: Snapshot) -> list[str]:
    """The codes of the bodies that were told nothing for a month."""
    return list(snapshot.connection.scalars(_UNTOLD, {"since": snapshot.now - AGAIN}))


def remind(tx: Tx, monitor: Monitor, code: str, mailing: Mailing) -> int:
    """Tell the keepers of one body, if there is something to tell; returns how many were told."""
    leave = over_body(tx, monitor, OPERATOR, code)
    who = keepers.of(tx, leave.body)
    _, late = reviewing.counts(tx, leave.body)
    soon = len(reviewing.ending(tx, leave))
    if code not in untold(tx) or not who or not (late or soon):
        return 0
    tx.connection.execute(_FORGET, {"told": leave.body})
    tx.connection.execute(_TOLD, {"body": leave.body, "at": tx.now})
    lines = []
    if late:
        lines.append(f"{_officials(late)} of {code} await the half-yearly confirmation that they still take part.")
    if soon:
        lines.append(f"{soon} of your entries and roles end within thirty days.")
    text = "\n".join([*lines, mailing.page("/people/review")])
    notices.send(tx, mailing.domain, who, f"Half-yearly review: {code}", text)
    return len(who)


def _officials(count: int) -> str:
    return "1 official" if count == 1 else f"{count} officials"
