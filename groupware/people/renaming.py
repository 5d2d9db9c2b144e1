"""An external id is what a national provider's word is matched by: whoever's is changed hears of it, and who from.

So do all who keep the body's entries. Of who has never been here and holds no duty nobody has to hear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import newcomers, roles
from directory.tables import official, role_grant
from groupware import notices
from groupware.people import keepers
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directory.officials import Official
    from groupware.store import Tx

MOST_NAMED = 50
FEW = 20
_HOLDERS = (
    select(role_grant.c.official)
    .join(official, official.c.id == role_grant.c.official)
    .where(
        official.c.body == bindparam("body"),
        role_grant.c.role.in_(list(Role)),
        role_grant.c.valid_until > bindparam("at"),
    )
)


def tell(tx: Tx, domain: str, body: int, by: str, changed: Iterable[tuple[Official, Official]], but: int = 0) -> None:
    """Send the notices for rows before and after; `by` is a name, and the official `but` knows already."""
    people = _mattering(tx, body, [after for before, after in changed if before.external_id != after.external_id])
    if not people:
        return
    what = f"{by} has changed the external id by which a national sign-in finds"
    tail = "Whoever has that id there could sign in here. If it is wrong, tell your contact point or security officer."
    notices.send(tx, domain, [each.id for each in people], "Your external id was changed", f"{what} you.\n{tail}")
    named = "\n".join(f"{each.name} ({each.login})" for each in people[:MOST_NAMED])
    more = f"\nand {len(people) - MOST_NAMED} more" if len(people) > MOST_NAMED else ""
    others = [each for each in keepers.of(tx, body) if each != but]
    notices.send(tx, domain, others, f"External ids were changed: {len(people)}", f"{what}:\n{named}{more}\n\n{tail}")


def _mattering(tx: Tx, body: int, people: Sequence[Official]) -> list[Official]:
    """Those who have been here or hold a duty; of many it is asked in two questions, since others wait."""
    if len(people) <= FEW:
        return [each for each in people if _matters(tx, each)]
    holders = set(tx.connection.scalars(_HOLDERS, {"body": body, "at": tx.now}))
    mattering = holders | newcomers.have_been(tx.connection, body)
    return [each for each in people if each.id in mattering]


def _matters(tx: Tx, who: Official) -> bool:
    if not newcomers.is_newcomer(tx.connection, who.id):
        return True
    return any(grant.role in set(Role) for grant in roles.all_of(tx.connection, who.id, tx.now))
