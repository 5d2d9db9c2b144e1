"""Extended operations (RFC 4511 4.12): who am I, and StartTLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import message, requests
from connectors.ldap.codes import START_TLS, WHO_AM_I, Code

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message


async def extended(conversation: Conversation, asked: Message) -> None:
    """RFC 4511 4.12: an unknown one is a protocolError."""
    wanted = requests.extended(asked)
    if wanted.oid == WHO_AM_I:
        await _who_am_i(conversation, asked)
    elif wanted.oid == START_TLS:
        await _start_tls(conversation, asked)
    else:
        conversation.refuse(asked, Code.PROTOCOL_ERROR, "No such extended operation")


async def _who_am_i(conversation: Conversation, asked: Message) -> None:
    """RFC 4532 2.2: nothing for nobody."""
    await conversation.sight()  # who is out of office is nobody any more
    caller = conversation.caller
    name = f"dn:uid={caller.login},{conversation.around.tree.base}" if caller else ""
    conversation.answer(asked, message.extended(Code.SUCCESS, value=name.encode()))


async def _start_tls(conversation: Conversation, asked: Message) -> None:
    """RFC 4511 4.14.1, RFC 4513 3.1."""
    context = conversation.around.context
    if context is None:
        conversation.refuse(asked, Code.PROTOCOL_ERROR, "No such extended operation")
    elif conversation.channel.encrypted:
        conversation.refuse(asked, Code.OPERATIONS_ERROR, "TLS is on already")
    elif not conversation.alone:  # what came in clear behind it could be anybody's
        conversation.hang_up(Code.PROTOCOL_ERROR, "Nothing may follow StartTLS before its answer")
    else:
        await conversation.flush()
        answer = message.wrapped(asked.id_octets, message.extended(Code.SUCCESS, name=START_TLS))
        await conversation.channel.start_tls(context, answer, conversation.around.caps.handshake)
