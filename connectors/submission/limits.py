"""How much one client of the submission door may ask for; times in seconds, sizes in octets."""

from __future__ import annotations

COMMAND_LINE = 2048
"""With CRLF. RFC 5321 4.5.3.1.4 asks for 512, and more for what extensions add."""
PIPELINED = 128 << 10
"""Octets that wait to be read before the client's socket is left alone."""
RECIPIENTS = 100
"""RFC 5321 4.5.3.1.8; asked for in one transaction, refused ones included."""
BAD_COMMANDS = 20
"""Replies 50x, to unknown, malformed or misplaced commands in one session; then it ends."""
FAILED_SIGN_INS = 5
COMMANDS_AT_ONCE = 32
"""Pipelined commands obeyed before other sessions have their turn."""
IDLE = 300.0
"""RFC 5321 4.5.3.2.7."""
SIGNED_IN_WITHIN = 60.0
MESSAGE_WITHIN = 1800.0
"""From 354 to the final dot."""
HANDSHAKE_WITHIN = 10.0
CLOSED_WITHIN = 1.0
"""For the last replies to reach the client, and its TLS to say goodbye."""
IN_MEMORY = 512 << 10
"""Octets of a message that wait in memory for its end; more go to a temporary file."""
REFUSAL_STEP = 0.01
"""A recipient is refused at a multiple of this, so that the time doesn't tell an unknown from a forbidden one."""
RECIPIENT_KNOWN_FOR = 60.0
"""How long a session remembers that its official may write to an address; acceptance asks again."""
