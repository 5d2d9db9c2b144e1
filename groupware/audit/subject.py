"""What the log holds about one person: given out to them, and made nobody's when it must be.

The key of a pseudonym is kept apart from the records. Once it is gone nobody can tell any more whom they are about,
and the tree stays what it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, or_, select

from directory import officials
from groupware.acts import pseudonym
from groupware.audit_tables import audit_record, audit_subject
from groupware.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx

SLICE = 1_000
_r = audit_record.c
_KEY = select(audit_subject.c.key).where(audit_subject.c.official == bindparam("official", type_=BigInteger))
_FORGET = delete(audit_subject).where(audit_subject.c.official == bindparam("official", type_=BigInteger))
_ABOUT = (
    select(_r.id, _r.at, _r.event, _r.door, _r.action, _r.kind, _r.resource, _r.rules, _r.detail, _r.actor)
    .where(
        or_(_r.actor == bindparam("name"), _r.detail.contains(bindparam("about"))),
        _r.id > bindparam("after", type_=BigInteger),
    )
    .order_by(_r.id)
    .limit(SLICE)
)


def about(snapshot: Snapshot, official: int, after: int = 0) -> Sequence[dict[str, Any]]:
    """The next records that name this official, as JSON objects: by them (`actor`), or about them."""
    row = snapshot.connection.execute(_KEY, {"official": official}).one_or_none()
    if row is None:
        return []
    name = pseudonym(bytes(row.key), official)
    values = {"name": name, "about": f'"about":"{name}"', "after": after}
    return [
        {
            **{key: value for key, value in found._mapping.items() if key not in {"actor", "detail"}},  # noqa: SLF001 -- SQLAlchemy's public name
            "as": "actor" if found.actor == name else "about",
            "detail": {key: value for key, value in json.loads(found.detail).items() if key != "about"},
        }
        for found in snapshot.connection.execute(_ABOUT, values)
    ]


def forget(tx: Tx, official: int) -> bool:
    """Take their name from the log; False if it was in none. Raises Refused(still-here) for who hasn't left."""
    if not officials.get(tx.connection, official).departed:
        raise Refused("still-here", "Somebody is forgotten once they have been off-boarded.")
    return tx.change(_FORGET, {"official": official}) == 1
