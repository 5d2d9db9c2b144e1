"""Putting on record: acts become rows, in the transaction in which they happened."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, insert, select

from directory import tables as directory
from groupware.audit.record import Act, canonical, pseudonym
from groupware.audit_tables import audit_record, audit_subject
from groupware.store.dialect import current_txid, insert_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.store.tx import Tx

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
        tx.insert_all(_WRITE, [self._row(tx, act) for act in acts])

    def forget(self, official: int) -> None:
        """Their key is gone, or will be."""
        self._known.pop(official, None)

    def _row(self, tx: Tx, act: Act) -> dict[str, Any]:
        actor, body = self._who(tx, act.official)
        detail = {**act.detail, "about": self._who(tx, act.about)[0]} if act.about else act.detail
        return {
            "at": tx.now,
            "event": act.event.value,
            "actor": actor,
            "body": body,
            "door": act.door,
            "action": act.action,
            "kind": act.kind,
            "resource": str(act.resource),
            "owner": act.owner,
            "rules": " ".join(act.rules),
            "detail": canonical(detail),
        }

    def _who(self, tx: Tx, official: int) -> tuple[str, int]:
        """The official's pseudonym and body. A key that was made just now may be undone with its transaction."""
        found = self._known.get(official)
        if found is not None:
            return found
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
