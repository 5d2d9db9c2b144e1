"""The grammar: a line in, a command out, or `BadCommand` and nothing else.

Every loop consumes, nothing is tried twice, and every size, depth and count is bounded (`limits.py`).
"""

from __future__ import annotations

from connectors.imap.grammar.command import parse
from connectors.imap.line import BadCharset, BadCommand

__all__ = ["BadCharset", "BadCommand", "parse"]
