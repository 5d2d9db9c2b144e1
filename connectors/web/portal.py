"""What all pages share: the groupware, the templates, open streams, and the names under which we are reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.web.countries import names_of
from connectors.web.relying import relying
from connectors.web.templating import environment
from connectors.web.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

    from connectors.house import House
    from connectors.web.relying import Relying
    from groupware.service import Groupware


@dataclass(slots=True)
class Streams:
    """Live pages that are open, by the token of their session; each is ended by calling what is kept for it."""

    _open: dict[Callable[[], None], str] = field(default_factory=dict)
    closed: bool = False

    def add(self, token: str, end: Callable[[], None]) -> None:
        """One more."""
        self._open[end] = token

    def remove(self, end: Callable[[], None]) -> None:
        """It has ended."""
        self._open.pop(end, None)

    def count(self, token: str = "") -> int:
        """How many a session has open, or all together."""
        return sum(token in ("", known) for known in self._open.values())

    def end(self, token: str) -> None:
        """End those of a session."""
        for end in [end for end, known in self._open.items() if known == token]:
            end()

    def close(self) -> None:
        """End all, and any that comes later."""
        self.closed = True
        for end in list(self._open):
            end()


@dataclass(frozen=True, slots=True)
class Portal:
    """`hosts` are the names that a request may be for, `host` the one that is ours; `public`: a configured one.

    `countries` are names by ISO 3166-1 alpha-2 code.
    """

    groupware: Groupware
    templates: Environment
    streams: Streams
    hosts: frozenset[str]
    host: str
    public: bool
    house: House
    nationals: Mapping[str, Relying]
    """Identity providers of states and institutions, by the body's code."""
    workers: Workers
    countries: Mapping[str, str]


def make_portal(house: House) -> Portal:
    """The portal of a house, reached by its name (and, for the machine itself, by its loopback names)."""
    host, groupware = house.settings.host, house.groupware
    domain = house.settings.domain
    own = {host, urlsplit(house.settings.oidc.issuer).hostname or host, domain, f"autoconfig.{domain}"}
    hosts = frozenset({*own, "localhost", "127.0.0.1", "[::1]"})
    nationals = {code: relying(each) for code, each in house.settings.national.items()}
    templates = environment(groupware.domain)
    templates.globals["nationals"] = {code: each.settings.title or code for code, each in nationals.items()}
    shared = (Streams(), hosts, host, host != "localhost", house, nationals, Workers(), names_of(house.settings.data))
    return Portal(groupware, templates, *shared)
