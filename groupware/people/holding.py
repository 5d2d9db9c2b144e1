"""What somebody holds, and when they were last here: what whoever confirms that they still take part has to know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Select, and_, bindparam, func, literal, select, union_all

from directory.credential_tables import known_site, passkey
from directory.roles import word
from directory.tables import app_password, area, body, official, role_grant, web_session
from groupware.tables import room
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupware.store import Snapshot

_AREA = (Role.LIAISON_OFFICER.value,)
_PERSON = (Access.SENDER.value,)
_ROOM = [
    each.value
    for each in (Role.MODERATOR, Role.ORGANISER, Access.READER, Access.POSTER, Access.DRAFTER, Access.MANAGER)
]
_BODY = [role.value for role in Role if role.value not in (*_AREA, *_ROOM)]
_scope, _role = role_grant.c.scope, role_grant.c.role
_of: BindParameter[int] = bindparam("officials", expanding=True)
_head = official.alias("head")
_GRANTS: Select[Any] = (
    select(
        role_grant.c.official,
        _role,
        func.coalesce(room.c.name, area.c.name, body.c.name, _head.c.name, literal("")).label("place"),
    )
    .outerjoin(room, and_(room.c.id == _scope, _role.in_(_ROOM)))
    .outerjoin(area, and_(area.c.id == _scope, _role.in_(_AREA)))
    .outerjoin(body, and_(body.c.id == _scope, _role.in_(_BODY)))
    .outerjoin(_head, and_(_head.c.id == _scope, _role.in_(_PERSON)))
    .where(role_grant.c.official.in_(_of), role_grant.c.valid_from <= bindparam("at"))
    .where(role_grant.c.valid_until > bindparam("at"))
    .order_by(_role, "place")
)
_SEEN = union_all(
    *(
        select(table.c.official, func.max(moment)).where(table.c.official.in_(_of)).group_by(table.c.official)
        for table, moment in (
            (web_session, web_session.c.created),
            (known_site, known_site.c.seen),
            (passkey, passkey.c.used),
            (app_password, app_password.c.used),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one of them holds now, role by role with its places by name; `seen` is the last sign-in, 0 for none known.

    A program's by an app password counts; what a browser's has left ends with its session.
    """

    roles: Mapping[Role | Access, Sequence[str]]
    seen: int = 0

    @property
    def lines(self) -> list[str]:
        """As people say it: `Moderator for Return, Visa`."""
        return [f"{role.label[:1].upper()}{role.label[1:]} for {', '.join(held)}" for role, held in self.roles.items()]


def holdings(snapshot: Snapshot, officials: Sequence[int]) -> dict[int, Holding]:
    """Of each of them."""
    values = {"officials": list(officials), "at": snapshot.now}
    found: defaultdict[int, dict[Role | Access, list[str]]] = defaultdict(dict)
    for row in snapshot.connection.execute(_GRANTS, values):
        places = found[row.official].setdefault(word(row.role), [])
        places += [row.place] if row.place not in places else []
    seen: dict[int, int] = {}
    for number, moment in snapshot.connection.execute(_SEEN, {"officials": list(officials)}):
        seen[number] = max(moment, seen.get(number, 0))
    return {number: Holding(found[number], seen.get(number, 0)) for number in officials}
