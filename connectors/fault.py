"""The one error that a command tells to the person who typed it."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - "fault" is the word of the exit codes
    """What ends a command with exit 1: one sentence that names the path or the door, and the cause."""
