"""Who somebody is, and what proves it: the facade that the portal calls, a use case a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.identity import confirming

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.identity.confirming import Proof
    from groupware.sign_in import SignIn
    from groupware.store import Store


@dataclass(frozen=True, slots=True)
class Identity:
    """For one store and its one sign-in."""

    store: Store
    sign_in: SignIn

    async def confirm(self, caller: Caller, session: str, proof: Proof, address: str) -> None:
        """Make the session of this token fresh for 15 minutes. Refused("sign-in"), perhaps late; Busy."""
        await confirming.confirm(self.store, self.sign_in, caller, session, proof, address)
