"""Which handler does which request, and which controls it honours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.ldap.ber import BadBer
from connectors.ldap.codes import MANAGE_DSA_IT, PAGED_RESULTS, Op
from connectors.ldap.handlers.bind import bind
from connectors.ldap.handlers.compare import compare
from connectors.ldap.handlers.ending import abandon, unbind
from connectors.ldap.handlers.extended import extended
from connectors.ldap.handlers.search import search
from connectors.ldap.handlers.writing import write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Control, Message


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of request, and which controls may be critical with it."""

    handler: Callable[[Conversation, Message], Awaitable[None]]
    controls: frozenset[str] = frozenset()

    def honours(self, controls: Sequence[Control]) -> bool:
        """Whether all that is critical is known here."""
        return not any(each.critical and each.oid not in self.controls for each in controls)


ACTS = {
    Op.BIND: Act(bind),
    Op.UNBIND: Act(unbind),
    Op.SEARCH: Act(search, frozenset({PAGED_RESULTS, MANAGE_DSA_IT})),
    Op.COMPARE: Act(compare, frozenset({MANAGE_DSA_IT})),
    Op.ABANDON: Act(abandon),
    Op.EXTENDED: Act(extended),
    Op.MODIFY: Act(write, frozenset({MANAGE_DSA_IT})),
    Op.ADD: Act(write, frozenset({MANAGE_DSA_IT})),
    Op.DELETE: Act(write, frozenset({MANAGE_DSA_IT})),
    Op.RENAME: Act(write, frozenset({MANAGE_DSA_IT})),
}
_BY_TAG = {int(op): act for op, act in ACTS.items()}


def act_of(asked: Message) -> Act:
    """What is asked for. Raises BadBer for what nobody may ask (RFC 4511 4.1.1), and for the number 0 (4.1.1.1)."""
    act = _BY_TAG.get(asked.op)
    if act is None or not asked.id:
        raise BadBer("no request")
    return act
