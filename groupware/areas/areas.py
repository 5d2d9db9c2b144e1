"""The administration of areas and rooms as doors call it: each call is one transaction, and asks the monitor in it.

`by` is who acts; None is the operator on the command line, who is put on record as 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from groupware import withdrawal
from groupware.areas import access, competences, deputies, founding, rooms, sheets
from groupware.areas.sleeping import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.areas.access import Asked
    from groupware.areas.rooms import Settings, State
    from groupware.areas.sheets import AreaSheet, RoomSheet, Tree
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Store
    from groupware.withdrawal import Question


class Areas:
    """For one store. What a caller may not administer is NotFound or Forbidden, told alike at every door."""

    def __init__(self, store: Store, monitor: Monitor, domain: str) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain
        self._watch = Watch(store, monitor, domain)

    async def run(self) -> None:
        """Watch for held posts that nobody decides, until cancelled."""
        await self._watch.run()

    # ---- what there is

    async def manages(self, caller: Caller) -> bool:
        """Whether the caller administers anything here."""
        return await self._store.read(partial(sheets.manages, monitor=self._monitor, caller=caller))

    async def tree(self, by: Caller | None) -> Tree:
        """The areas and rooms that the caller manages."""
        return await self._store.read(partial(sheets.tree, monitor=self._monitor, caller=by))

    async def area(self, by: Caller | None, code: str) -> AreaSheet:
        """One of the areas."""
        return await self._store.read(partial(sheets.area, monitor=self._monitor, caller=by, code=code))

    async def room(self, by: Caller | None, code: str) -> RoomSheet:
        """One of the rooms, with its rules and who may do what in it now."""
        return await self._store.read(partial(sheets.room, monitor=self._monitor, caller=by, code=code))

    async def units(self) -> Sequence[tuple[str, str, str, str]]:
        """All units as (body's code, its name, unit's code, its name): what rules and owners are chosen from."""
        return await self._store.read(sheets.units)

    # ---- areas

    async def found(self, by: Caller | None, code: str, name: str, body: str) -> None:
        """A new area with its competence, run by a body. Raises Refused by rule, Conflict(code-taken)."""
        await self._store.run(lambda tx: founding.found(tx, self._monitor, by, code, name, body, self._domain))

    async def rename(self, by: Caller | None, code: str, name: str, seen: int | None = None) -> None:
        """Call an area otherwise. Raises Conflict(changed-meanwhile) if `seen` isn't its version."""
        await self._store.run(lambda tx: founding.rename(tx, self._monitor, by, code, name, seen))

    async def set_area_state(self, by: Caller | None, code: str, state: State, seen: int | None = None) -> None:
        """Close, archive or reopen an area with its rooms. Raises Conflict(changed-meanwhile)."""
        await self._store.run(lambda tx: rooms.set_area_state(tx, self._monitor, by, code, state, seen))

    async def set_competence(self, by: Caller | None, code: str, unit: str, *, given: bool) -> None:
        """Give the unit called BODY/UNIT the competence for an area, or take it. Raises Refused(no-such-unit)."""
        await self._store.run(lambda tx: competences.set_competence(tx, self._monitor, by, code, unit, given=given))

    # ---- rooms

    async def open_room(self, by: Caller | None, area: str, code: str, wanted: Settings, under: str = "") -> None:
        """A new room of an area, or a sub-theme. Raises Refused by rule, Conflict(code-taken)."""
        await self._store.run(lambda tx: rooms.create(tx, self._monitor, by, area, code, wanted, self._domain, under))

    async def change_room(self, by: Caller | None, code: str, wanted: Settings, seen: int | None = None) -> None:
        """Set all that can be set. Raises Refused by rule, Conflict(changed-meanwhile)."""
        await self._store.run(lambda tx: rooms.change(tx, self._monitor, by, code, wanted, seen))

    async def set_state(self, by: Caller | None, code: str, state: State, seen: int | None = None) -> None:
        """Close, archive or reopen. Raises Conflict(changed-meanwhile)."""
        await self._store.run(lambda tx: rooms.set_state(tx, self._monitor, by, code, state, seen))

    async def give_access(self, by: Caller | None, code: str, asked: Asked) -> int:
        """Let in whom a rule names; its id. Raises Refused by rule."""
        return await self._store.run(lambda tx: access.give(tx, self._monitor, by, code, asked))

    async def end_access(self, by: Caller | None, code: str, rule: int) -> None:
        """End a rule of a room."""
        await self._store.run(lambda tx: access.end(tx, self._monitor, by, code, rule))

    async def set_deputy(self, by: Caller | None, code: str, login: str, *, deputy: bool) -> None:
        """Make one of a room's moderators its deputy, or no deputy any more. Raises Refused(no-moderator)."""
        await self._store.run(lambda tx: deputies.set_deputy(tx, self._monitor, by, code, login, deputy=deputy))

    # ---- posts

    async def withdraw(self, caller: Caller, name: str, reason: str = "") -> None:
        """Take back a post by its token or Message-ID. Raises NotFound, Conflict(already-decided) for a refused one."""
        await self._store.run(lambda tx: withdrawal.withdraw(tx, self._monitor, caller, name, reason))

    async def to_withdraw(self, caller: Caller, token: str) -> Question:
        """Which post that is, for whoever may take it back. Raises NotFound."""
        return await self._store.read(lambda snapshot: withdrawal.question(snapshot, self._monitor, caller, token))

    async def withdrawable(self, caller: Caller, tokens: Sequence[str]) -> frozenset[str]:
        """Those of the posts that the caller may take back."""
        return await self._store.read(lambda snapshot: withdrawal.withdrawable(snapshot, self._monitor, caller, tokens))
