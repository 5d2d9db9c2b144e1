"""Putting on record: acts become rows, in the transaction in which they happened."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, insert, select

from directory import tables as directory
from groupware.acts import Act, canonical, pseudonym
from groupware.audit_tables import audit_record, audit_subject
from groupware.store.dialect import current_txid, insert_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.store.tx import Tx

COLUMNS = ("at", "event", "actor", "body", "door", "action", "kind", "resource", "rules", "detail")
_WRITE = insert(audit_record).values(txid=current_txid()).inline()
_KEY = select(audit_subject.c.key).where(audit_subject.c.official == bindparam("official", type_=BigInteger))
_MAKE_KEY = insert_missing(audit_subject)
_BODY = select(directory.official.c.body).where(directory.official.c.id == bindparam("official", type_=BigInteger))
_LENGTH = 32
_OPERATOR = ("", 0)


class Recorder:
    """Writes acts. It remembers who stands behind which pseudonym for as long as the process runs."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, int]] = {0: _OPERATOR}

    def write(self, tx: Tx, acts: Iterable[Act]) -> None:
        """All of them, in their order."""
        tx.insert_tuples(_WRITE, COLUMNS, [self._row(tx, act) for act in acts])

    def forget(self, official: int) -> None:
        """Their key is gone, or will be; and their body may be another one now."""
        self._known.pop(official, None)

    def _row(self, tx: Tx, act: Act) -> tuple[int | str, ...]:
        """In the order of COLUMNS."""
        who = act.official
        actor, body = self._known.get(who) or self._look(tx, who)
        detail = act.detail
        if act.about:
            detail = {**detail, "about": (self._known.get(act.about) or self._look(tx, act.about))[0]}
        return (
            *(tx.now, act.event, actor, body, act.door, act.action, act.kind, str(act.resource)),
            *(" ".join(act.rules), canonical(detail) if detail else "{}"),
        )

    def _look(self, tx: Tx, official: int) -> tuple[str, int]:
        """The official's pseudonym and body. A key that was made just now may be undone with its transaction."""
        row = tx.first(_KEY, {"official": official})
        if row is None:
            return pseudonym(_made(tx, official), official), _body(tx, official)
        found = self._known[official] = pseudonym(bytes(row.key), official), _body(tx, official)
        return found


def _made(tx: Tx, official: int) -> bytes:
    """Their key, from the first thing on record about them."""
    tx.insert_all(_MAKE_KEY, [{"official": official, "key": secrets.token_bytes(_LENGTH)}])
    return bytes(tx.first(_KEY, {"official": official}).key)


def _body(tx: Tx, official: int) -> int:
    row = tx.first(_BODY, {"official": official})
    return 0 if row is None else int(row.body)
