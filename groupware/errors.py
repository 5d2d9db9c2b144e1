"""What can go wrong, in words that belong to no door. Each connector has one table from these to its replies.

The text of an error is for the log; what goes over the wire is the connector's own, generic, wording.
"""
# ruff: noqa: N818 -- the names are the domain's words ("refused", "not found"), as doors and screens say them

from __future__ import annotations

from typing import ClassVar


class IconetError(Exception):
    """The base of all. `temporary` says whether the same request may succeed later."""

    temporary: ClassVar[bool] = False


class NotCommitted(IconetError):
    """The commit failed, or its outcome is unknown: promise nothing to anybody."""

    temporary = True


class Overloaded(IconetError):
    """Too many requests wait already."""

    temporary = True


class Busy(IconetError):
    """Something took too long, or is held by somebody else for now."""

    temporary = True


class StoreFailed(IconetError):
    """The store has stopped, or never opened; it does no more work in this process."""

    temporary = True


class NotFound(IconetError):
    """It doesn't exist, or may not be known to exist: nobody outside can tell which."""


class _ByRule(IconetError):
    """A rule said so; `rule` is its name, `text` what the person asking may be told."""

    def __init__(self, rule: str, text: str = "") -> None:
        super().__init__(f"{rule}: {text}" if text else rule)
        self.rule = rule
        self.text = text


class Forbidden(_ByRule):
    """The policies say no, to somebody who may know that the thing exists."""


class Conflict(_ByRule):
    """It contradicts what is already there: decided by another, or other bytes under the same name."""


class Refused(_ByRule):
    """The request itself is unacceptable, and would be at any time."""
