"""Why the directory would not do something. `groupware` turns these into the errors that the doors know."""

from __future__ import annotations


class DirectoryError(Exception):
    """The base of all; the text names the value and is safe for an administrator, not for a stranger."""


class UnknownEntryError(DirectoryError):
    """No such body, unit, official or grant."""


class TakenError(DirectoryError):
    """The login, address or code belongs to somebody else."""


class UnfitError(DirectoryError):
    """The value breaks a rule of the directory."""


class StaleError(DirectoryError):
    """The row has changed since the version that the change was made from."""
