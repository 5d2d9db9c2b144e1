"""Commands that may come at any time (RFC 9051 6.1), and ENABLE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap import responses
from connectors.imap.capabilities import OFFERED
from connectors.imap.line import BadCommand

if TYPE_CHECKING:
    from connectors.imap import commands
    from connectors.imap.conversation import Conversation


async def capability(conversation: Conversation, _: commands.Capability) -> bytes:
    """RFC 9051 6.1.1."""
    conversation.write(responses.untagged(b"CAPABILITY", OFFERED))
    return b""


async def noop(_: Conversation, __: commands.Noop | commands.Check) -> bytes:
    """RFC 9051 6.1.2, RFC 3501 6.4.1: the news were told before."""
    return b""


async def identify(conversation: Conversation, _: commands.Id) -> bytes:
    """RFC 2971 3.2: a name, and no version for whoever looks for an old one."""
    conversation.write(responses.untagged(b"ID", b'("name" "ICONet")'))
    return b""


async def logout(conversation: Conversation, _: commands.Logout) -> bytes:
    """RFC 9051 6.1.3: BYE comes before the OK."""
    conversation.write(responses.status_line(b"*", b"BYE", "Good bye"))
    conversation.over = True
    return b""


async def start_tls(_: Conversation, __: commands.StartTls) -> bytes:
    """RFC 9051 6.2.1: not once TLS is there."""
    raise BadCommand("TLS is there from the first octet")


async def enable(conversation: Conversation, _: commands.Enable) -> bytes:
    """RFC 5161 3.1: nothing yet that would have to be enabled."""
    conversation.write(responses.untagged(b"ENABLED"))
    return b""
