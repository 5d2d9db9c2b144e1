"""Compare (RFC 4511 4.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import filter, message, requests  # noqa: A004 -- RFC 4511's word
from connectors.ldap.codes import Code, Op
from connectors.ldap.handlers.results import no_such_object, unsigned
from connectors.ldap.looking import values_of
from groupware.book.filters import Unknown

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message
    from connectors.ldap.naming import Target
    from connectors.ldap.requests import Compare


async def compare(conversation: Conversation, asked: Message) -> None:
    """RFC 4511 4.10: what may not be seen is not there."""
    wanted = requests.compare(asked)
    sight = await conversation.sight()
    if sight is None:
        conversation.answer(asked, unsigned(Op.COMPARE_RESPONSE))
        return
    target = conversation.around.tree.find(sight, wanted.name)
    if target is None:
        conversation.answer(asked, no_such_object(Op.COMPARE_RESPONSE, conversation.around.tree, wanted.name))
    else:
        conversation.answer(asked, message.result(Op.COMPARE_RESPONSE, _compared(target, wanted)))


def _compared(target: Target, wanted: Compare) -> Code:
    kind = filter.known(wanted.attribute)
    if kind is None:
        return Code.UNDEFINED_ATTRIBUTE_TYPE
    values = values_of(target)
    if filter.present(wanted.attribute).holds(values) is not True:
        return Code.NO_SUCH_ATTRIBUTE
    where = filter.equal(wanted.attribute, wanted.value)
    if isinstance(where, Unknown):
        return Code.INAPPROPRIATE_MATCHING
    return Code.COMPARE_TRUE if where.holds(values) else Code.COMPARE_FALSE
