"""Putting on record: acts become rows, in the transaction in which they happened."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, insert, select

from directory import tables as directory
from groupware.acts import OFFICIAL, Act, canonical
from groupware.audit_tables import audit_record, audit_subject
from groupware.store.dialect import current_txid, insert_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupware.store.tx import Tx

COLUMNS = ("at", "event", "actor", "body", "door", "action", "kind", "resource", "rules", "detail")
_WRITE = insert(audit_record).values(txid=current_txid()).inline()
_KNOWN = select(audit_subject.c.pseudonym).where(audit_subject.c.official == bindparam("official", type_=BigInteger))
_MAKE = insert_missing(audit_subject)
_BODY = select(directory.official.c.body).where(directory.official.c.id == bindparam("official", type_=BigInteger))
_LENGTH = 16
_NOBODY = ("", 0)


class Recorder:
    """Writes acts. It remembers everybody's pseudonym for as long as the process runs."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, int]] = {0: _NOBODY}

    def write(self, tx: Tx, acts: Iterable[Act]) -> None:
        """All of them, in their order."""
        tx.insert_tuples(_WRITE, COLUMNS, [self._row(tx, act) for act in acts])

    def _row(self, tx: Tx, act: Act) -> tuple[int | str, ...]:
        """In the order of COLUMNS."""
        actor, body = self._known.get(act.official) or self._look(tx, act.official)
        what = act.resource
        if act.kind == OFFICIAL and isinstance(what, int):
            what = (self._known.get(what) or self._look(tx, what))[0]
        return (
            *(tx.now, act.event, actor, body, act.door, act.action, act.kind, str(what)),
            *(" ".join(act.rules), canonical(act.detail)),
        )

    def _look(self, tx: Tx, official: int) -> tuple[str, int]:
        """The official's pseudonym and body. A pseudonym that was made just now may be undone with its transaction."""
        row = tx.first(_KNOWN, {"official": official})
        if row is None:
            return _made(tx, official), _body(tx, official)
        found = self._known[official] = row.pseudonym, _body(tx, official)
        return found


def _made(tx: Tx, official: int) -> str:
    """A pseudonym by chance, from the first thing on record about somebody: nobody can work it out."""
    tx.insert_all(_MAKE, [{"official": official, "pseudonym": secrets.token_hex(_LENGTH)}])
    return str(tx.first(_KNOWN, {"official": official}).pseudonym)


def _body(tx: Tx, official: int) -> int:
    row = tx.first(_BODY, {"official": official})
    return 0 if row is None else int(row.body)
