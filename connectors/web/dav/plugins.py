"""Radicale's plug-ins: who it is has been found out by the door, what is allowed is the monitor's to say.

The storage stands open for more: a rack is a kind of collections below a caller's own path. Address books are one.
Calendars will be another, and they must not rest on Radicale's (vobject's) reading of time zones: it keeps the first
definition of a zone's name for the whole process, so that one user's event moves another's. Free-busy and expansion are
groupware.meetings' work.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from radicale.auth import BaseAuth
from radicale.pathutils import strip_path
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import overload

    from radicale.config import Configuration
    from radicale.item import Item

    from connectors.web.dav.visit import Visit


class Rack(Protocol):
    """Collections of one kind, below the caller's own path."""

    def all(self) -> Iterable[BaseCollection]:
        """Every one that the caller may see."""

    def find(self, name: str) -> BaseCollection | None:
        """The one of this name; None alike for absent and forbidden."""


class Auth(BaseAuth):
    """The caller whom the door has let in."""

    def __init__(self, configuration: Configuration, visit: Visit) -> None:
        super().__init__(configuration)
        self._visit = visit

    def get_external_login(self, environ: Mapping[str, object]) -> tuple[str, str]:  # noqa: ARG002 -- Radicale's signature
        """Nothing of the request is believed here."""
        return self._visit.caller.login, ""

    def _login(self, login: str, password: str) -> str:  # noqa: ARG002 -- same
        return login


class Rights(BaseRights):
    """Everybody reads below their own path, and writes nowhere."""

    def __init__(self, configuration: Configuration, visit: Visit) -> None:
        super().__init__(configuration)
        self._own = visit.caller.login

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:  # noqa: ARG002 -- same
        """Radicale's letters: R reads collections of collections, r what is in them."""
        first = strip_path(path).partition("/")[0]
        return "Rr" if user == self._own and first in ("", self._own) else ""


class Folder(BaseCollection):
    """A place that holds collections: the root, and the caller's own (a principal, RFC 3744 2)."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def path(self) -> str:
        """Without slashes around it."""
        return self._path

    if TYPE_CHECKING:

        @overload
        def get_meta(self, key: None = None) -> Mapping[str, str]: ...

        @overload
        def get_meta(self, key: str) -> str | None: ...

    def get_meta(self, key: str | None = None) -> Mapping[str, str] | str | None:
        """A principal is called by its login."""
        known = {"D:displayname": self._path} if self._path else {}
        return known if key is None else known.get(key)

    def get_all(self) -> Iterator[Item]:
        """None: it holds no items."""
        return iter(())


class Storage(BaseStorage):
    """What the caller may see, and nothing that can be written: nothing is overridden that writes."""

    def __init__(self, configuration: Configuration, visit: Visit, racks: Sequence[Rack]) -> None:
        super().__init__(configuration)
        self._own = visit.caller.login
        self._racks = racks

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Callable[[str, str | None], AbstractContextManager[None]] | None = None,  # noqa: ARG002 -- same
        user_groups: set[str] = frozenset(),  # type: ignore[assignment]  # noqa: ARG002 -- same
    ) -> Iterator[BaseCollection | Item]:
        """What is at a path, and with another depth than 0 what is right below it."""
        parts = [part for part in strip_path(path).split("/") if part]
        if parts and parts[0] != self._own:
            return
        match parts:
            case []:
                yield from self._root(depth)
            case [own]:
                yield from self._principal(own, depth)
            case [_, name]:
                yield from self._collection(name, depth)
            case [_, name, href]:
                yield from self._item(name, href)

    def _root(self, depth: str) -> Iterator[BaseCollection]:
        yield Folder("")
        if depth != "0":
            yield Folder(self._own)

    def _principal(self, own: str, depth: str) -> Iterator[BaseCollection]:
        yield Folder(own)
        if depth != "0":
            for rack in self._racks:
                yield from rack.all()

    def _collection(self, name: str, depth: str) -> Iterator[BaseCollection | Item]:
        found = self._find(name)
        if found is not None:
            yield found
            if depth != "0":
                yield from found.get_all()

    def _item(self, name: str, href: str) -> Iterator[Item]:
        found = self._find(name)
        if found is not None:
            yield from (item for _, item in found.get_multi([href]) if item is not None)

    def _find(self, name: str) -> BaseCollection | None:
        return next((found for rack in self._racks if (found := rack.find(name)) is not None), None)

    @contextmanager
    def acquire_lock(self, mode: str, user: str = "", *_args: object, **_more: object) -> Iterator[None]:  # noqa: ARG002 -- same
        """None is needed: each collection is read at one moment."""
        yield
