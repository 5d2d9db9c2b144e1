"""Every bound of the IMAP door's reading half: what is over one of them is refused before it costs anything."""

from __future__ import annotations

MAX_LINE = 64 << 10
"""Octets of one line, its literals not counted."""
MAX_COMMAND = 128 << 10
"""Octets of a whole command with its literals, an appended message not counted."""
MAX_LITERAL = 8 << 10
MAX_LITERALS = 50
MAX_UNASKED_BEFORE_LOGIN = 4 << 10
"""Octets of a non-synchronising literal before login (RFC 7888 5, LITERAL-)."""
MAX_MESSAGE = 25 << 20
"""Octets of an appended message."""
MAX_DEPTH = 16
"""Parentheses within parentheses."""
MAX_SEARCH_KEYS = 128
"""Keys of one SEARCH, nested ones counted; so NOT NOT NOT ... is bounded too."""
MAX_ITEMS = 2000
"""Members of one parenthesised list."""
MAX_RANGES = 4000
"""Ranges of one sequence set."""
MAX_DIGITS = 10
MAX_MODSEQ_DIGITS = 19
MAX_NUMBER = 0xFFFF_FFFF
MAX_MODSEQ = (1 << 63) - 1
MAX_SECTION_DEPTH = 30
MAX_TAG = 64
MAX_MAILBOX = 1000
"""Octets of a mailbox name as it is written."""
MAX_PATTERNS = 16
"""Patterns of one LIST; each is tried on every folder."""
