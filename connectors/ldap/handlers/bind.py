"""Bind (RFC 4511 4.2, RFC 4513 5.1): nobody, or an official with an app password for this door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.ldap import message, requests
from connectors.ldap.codes import LDAP_VERSION, Code, Op
from groupware.errors import Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message
    from connectors.ldap.requests import Bind


async def bind(conversation: Conversation, asked: Message) -> None:
    """RFC 4511 4.2."""
    wanted = requests.bind(asked)
    conversation.forget()
    code, text = _unfit(conversation, wanted) or await _signed_in(conversation, wanted)
    conversation.answer(asked, message.result(Op.BIND_RESPONSE, code, text))
    if conversation.mistakes >= conversation.around.caps.mistakes:
        conversation.hang_up(Code.UNAVAILABLE, "Too many mistakes")


def _unfit(conversation: Conversation, wanted: Bind) -> tuple[Code, str] | None:
    """What is refused, or granted, whoever asks."""
    if wanted.version != LDAP_VERSION:  # RFC 4511 4.2
        return Code.PROTOCOL_ERROR, "Only version 3 is spoken"
    if wanted.secret is None:  # RFC 4513 5.2
        return Code.AUTH_METHOD_NOT_SUPPORTED, f"No SASL, {wanted.mechanism or 'nor others'}: use a simple bind"
    if not wanted.secret and not wanted.name:  # RFC 4513 5.1.1
        return Code.SUCCESS, ""
    if not wanted.secret:  # RFC 4513 5.1.2: a client that forgot the password must not believe that it has signed in
        return Code.UNWILLING_TO_PERFORM, "A name without a password is no sign-in"
    if not conversation.confidential:  # RFC 4513 6.3.1
        return Code.CONFIDENTIALITY_REQUIRED, "Start TLS first"
    return None


async def _signed_in(conversation: Conversation, wanted: Bind) -> tuple[Code, str]:
    """RFC 4513 5.1.3; whatever is wrong has one answer, and the groupware sees to its time."""
    login = conversation.around.tree.login(wanted.name)
    try:
        caller = await conversation.around.sign_in.check(
            Door.LDAP, login, wanted.secret or "", conversation.channel.peer
        )
    except Refused:
        conversation.mistakes += 1
        return Code.INVALID_CREDENTIALS, "Name or app password wrong"
    conversation.sign_in(caller)
    return Code.SUCCESS, ""
