"""Modify, Add, Delete and ModifyDN (RFC 4511 4.6 to 4.9): the directory is changed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap.codes import Code

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message


async def write(conversation: Conversation, asked: Message) -> None:
    """Refused, whoever asks (RFC 4511, appendix A.2: unwillingToPerform)."""
    conversation.refuse(
        asked, Code.UNWILLING_TO_PERFORM, "This directory is read only here: entries change in the portal"
    )
