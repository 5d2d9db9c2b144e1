"""Unbind and Abandon, which have no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message


async def unbind(conversation: Conversation, _asked: Message) -> None:
    """RFC 4511 4.3: the client goes."""
    conversation.unbind()


async def abandon(_session: Conversation, _asked: Message) -> None:
    """RFC 4511 4.11: what was asked before is done already; a search that is being answered looks for this itself."""
