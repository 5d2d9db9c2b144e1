"""Whose account it is hears of each new way into it: who sat at an open session for a minute keeps none quietly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import notices

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

CHANGED = "The password of your account was changed"
APP = "An authenticator app was set up for your account"
PASSKEY = "A passkey was added to your account"
CODES = "New recovery codes were made for your account"
NATIONAL = "The account of your state or institution was taken off yours"
FOR_A_PROGRAM = "An app password was made for your account"
TEXT = (
    "{what}{name}. Account: {login}.\n"
    "If that was you, there is nothing to do. If it wasn't: change your password, look through your passkeys, app "
    "passwords and sessions under Account, and tell your contact point or security officer at once."
)


def tell(tx: Tx, domain: str, caller: Caller, what: str, name: str = "") -> None:
    """A notice to the caller about what they, or somebody in their place, just did; `name` is what they called it."""
    named = f" ({name})" if name else ""
    notices.send(tx, domain, [caller.official], what, TEXT.format(what=what, name=named, login=caller.login))
