"""What the log holds about one person: given out to them, and made nobody's when it must be.

Who stands behind a pseudonym is kept apart from the records. Once that is gone nobody can tell any more whom they are
about, and the tree stays what it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, bindparam, delete, or_, select

from directory import officials
from groupware.acts import OFFICIAL
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

SLICE = 1_000
_r = audit_record.c
_PSEUDONYM = select(audit_subject.c.pseudonym).where(
    audit_subject.c.official == bindparam("official", type_=BigInteger)
)
_FORGET = delete(audit_subject).where(audit_subject.c.official == bindparam("official", type_=BigInteger))
_ABOUT = (
    select(_r.id, _r.at, _r.event, _r.door, _r.action, _r.kind, _r.resource, _r.rules, _r.detail, _r.actor)
    .where(
        or_(_r.actor == bindparam("name"), and_(_r.kind == OFFICIAL, _r.resource == bindparam("name"))),
        _r.id > bindparam("after", type_=BigInteger),
    )
    .order_by(_r.id)
    .limit(SLICE)
)
_OWN = frozenset({"actor", "detail"})


def about(snapshot: Snapshot, official: int, after: int = 0) -> Sequence[dict[str, Any]]:
    """The next records that name this official, as JSON objects: by them (`as`: actor), or done to them (subject)."""
    name = snapshot.connection.scalar(_PSEUDONYM, {"official": official})
    if name is None:
        return []
    return [
        {
            **{key: value for key, value in row.items() if key not in _OWN},
            "as": "actor" if row["actor"] == name else "subject",
            "detail": json.loads(row["detail"]),
        }
        for row in snapshot.connection.execute(_ABOUT, {"name": name, "after": after}).mappings()
    ]


def forget(tx: Tx, official: int) -> bool:
    """Take their name from the log; False if it was in none. Raises Refused(still-here) for who hasn't left."""
    if not officials.get(tx.connection, official).departed:
        raise Refused("still-here", "Somebody is forgotten once they have been off-boarded.")
    return tx.change(_FORGET, {"official": official}) == 1
