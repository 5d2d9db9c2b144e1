"""An external id is what a national provider's word is matched by: whoever's is changed hears of it, and who from.

So do all who keep the body's entries. Of who has never been here and holds no duty nobody has to hear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import newcomers, roles
from groupware import notices
from groupware.people import keepers
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directory.officials import Official
    from groupware.store import Tx

MOST_NAMED = 50


def tell(tx: Tx, domain: str, body: int, by: str, changed: Iterable[tuple[Official, Official]], but: int = 0) -> None:
    """Send the notices for rows before and after; `by` is a name, and the official `but` knows already."""
    people = [after for before, after in changed if before.external_id != after.external_id and _matters(tx, after)]
    if not people:
        return
    what = f"{by} has changed the external id by which a national sign-in finds"
    tail = "Whoever has that id there could sign in here. If it is wrong, tell your contact point or security officer."
    notices.send(tx, domain, [each.id for each in people], "Your external id was changed", f"{what} you.\n{tail}")
    named = "\n".join(f"{each.name} ({each.login})" for each in people[:MOST_NAMED])
    more = f"\nand {len(people) - MOST_NAMED} more" if len(people) > MOST_NAMED else ""
    others = [each for each in keepers.of(tx, body) if each != but]
    notices.send(tx, domain, others, f"External ids were changed: {len(people)}", f"{what}:\n{named}{more}\n\n{tail}")


def _matters(tx: Tx, who: Official) -> bool:
    if not newcomers.is_newcomer(tx.connection, who.id):
        return True
    return any(grant.role in set(Role) for grant in roles.all_of(tx.connection, who.id, tx.now))
