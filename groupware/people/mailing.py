"""From where notices about entries are sent, and the pages to which they lead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailing:
    """The mail domain, and the portal's address; "" while nobody knows it."""

    domain: str
    portal: str = ""

    def page(self, path: str) -> str:
        """A page of the portal, as a whole URL."""
        return f"{self.portal}{path}" if self.portal else f"{path} in the portal"
