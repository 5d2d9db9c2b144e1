"""Where clients find each door: by the addresses of this process, else by those of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.house import Address, House

NAMES = {Door.IMAP: "imap", Door.SUBMISSION: "submission", Door.LDAP: "ldap", Door.NNTP: "nntp"}
"""Doors that are reached by host and port, and their sections of the settings."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port, and how TLS begins there."""

    host: str
    port: int
    tls: str


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors of a house, some of which may be served by other processes or machines under the same name."""

    house: House

    @property
    def host(self) -> str:
        """The name under which clients reach every door."""
        return self.house.settings.host

    @property
    def domain(self) -> str:
        """The mail domain that is ours."""
        return self.house.settings.domain

    def place(self, door: Door) -> Place | None:
        """Where the door is; None for one that doesn't exist, or whose port only another process knows."""
        name = NAMES[door]
        found = self._opened.get(name)
        if found:
            return Place(self.host, found.port, found.tls)
        listen = getattr(self.house.settings, name, None)
        elsewhere = self.house.part or not self._opened
        return Place(self.host, listen.port, "implicit") if listen and listen.port and elsewhere else None

    @property
    def web(self) -> str:
        """The portal's address, without a slash at its end."""
        found = self._opened.get("web")
        return f"https://{self.host}:{found.port if found else self.house.settings.web.port}"

    @property
    def matrix(self) -> str:
        """The homeserver's address for clients."""
        settings = self.house.settings.matrix
        found = self._opened.get("matrix")
        return settings.url or f"http://{self.host}:{found.port if found else settings.port}"

    @property
    def _opened(self) -> Mapping[str, Address]:
        return self.house.addresses
