"""LOGIN and AUTHENTICATE (RFC 9051 6.2): whatever is wrong has one answer, and the groupware sees to its time."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from connectors.imap import responses
from connectors.imap.capabilities import OFFERED
from connectors.imap.conversation import No
from connectors.imap.line import BadCommand
from groupware.errors import Busy, Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.imap import commands
    from connectors.imap.conversation import Conversation

CANCELLED = b"*"
PARTS = 3
"""Of a PLAIN response: whom to act as, name, secret (RFC 4616 2)."""


async def login(conversation: Conversation, command: commands.Login) -> bytes:
    """RFC 9051 6.2.3."""
    return await _sign_in(conversation, command.user, command.password)


async def authenticate(conversation: Conversation, command: commands.Authenticate) -> bytes:
    """RFC 9051 6.2.2 with RFC 4616's PLAIN, the initial response as in RFC 4959."""
    if command.mechanism != "PLAIN":
        raise No(b"[CANNOT]", "No such mechanism")
    response = command.initial if command.initial is not None else await _ask(conversation)
    parts = response.split(b"\0")
    if len(parts) != PARTS:
        raise BadCommand("No PLAIN response")
    act_as, name, secret = parts
    if act_as not in (b"", name):  # RFC 4616 2: nobody acts as another here
        raise No(b"[AUTHORIZATIONFAILED]", "Nobody acts as another here")
    return await _sign_in(conversation, name, secret)


async def _ask(conversation: Conversation) -> bytes:
    conversation.write(responses.continuation(b""))
    await conversation.flush()
    line = await conversation.reader.continuation()
    if line == CANCELLED:
        raise BadCommand("Cancelled")
    try:
        return b64decode(line, validate=True)
    except binascii.Error as error:
        raise BadCommand("No base64") from error


async def _sign_in(conversation: Conversation, name: bytes, secret: bytes) -> bytes:
    check = conversation.groupware.sign_in.check
    try:
        caller = await check(Door.IMAP, _text(name), _text(secret), conversation.channel.peer)
    except Refused as error:
        raise No(b"[AUTHENTICATIONFAILED]", "Name or app password wrong") from error
    except Busy as error:
        raise No(b"[UNAVAILABLE]", "Try again later") from error
    conversation.sign_in(caller)
    return responses.code(b"CAPABILITY", OFFERED)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
