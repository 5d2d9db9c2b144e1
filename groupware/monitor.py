"""The reference monitor: the one place that asks the policies, and the only maker of Permits and Views.

Facts are read inside the acting transaction, so a right taken away counts at the very next command on every door.
What was worked out is kept in a memo whose key holds `rights.version`, read in the same transaction, and the next
moment at which a dated fact of the official changes; a post's state is read beside it. So the memo can't outlive
what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, bindparam, select

from directory import rights
from directory import tables as directory
from directory.facts import AbsentError
from groupware import tables
from groupware.acts import Asked
from groupware.catalogue import CATALOGUES
from groupware.errors import Forbidden, NotFound
from groupware.facts import coming_post_facts, resource_facts, subject_facts, usual_post_facts
from groupware.render import render
from groupware.second_person import NOTHING
from policies.entities import NOW, Context, Uid
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.facts import Coming
    from groupware.second_person import Chosen
    from groupware.store import Snapshot
    from policies.decision import Decision, Policies, Subject
    from policies.entities import Facts

MOST_SUBJECTS = 2_000
MOST_ANSWERS = 4_000
LASTING = frozenset({Kind.POST, Kind.ROOM, Kind.PARTNER, Kind.RESOURCE, Kind.UNIT, Kind.BODY})
"""Kinds about which an answer may be kept: officials have dates of their own, and mail gets recipients later."""

_VERSION = select(directory.rights.c.version).where(directory.rights.c.id == 1)
_VERSION_AND_STATE = (
    select(directory.rights.c.version, tables.post.c.state)
    .select_from(directory.rights)
    .join(tables.post, tables.post.c.id == bindparam("post"))
    .where(directory.rights.c.id == 1)
)


class StalePermitError(Exception):
    """A permit was shown for another act, or outside the transaction whose facts it rests on: a fault of ours."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one official to do one action to one thing, in one transaction.

    `unit` is the official's as of then: the owner of what is made under this permit.
    """

    snapshot: Snapshot
    caller: Caller
    action: Action
    kind: Kind
    resource: int | str
    rules: tuple[str, ...]
    unit: int

    def use(self, snapshot: Snapshot, action: Action, resource: int | str) -> None:
        """Raise StalePermitError unless this permit was given here for this."""
        here = self.snapshot is snapshot and snapshot.open
        if not here or self.action != action or self.resource != resource:
            raise StalePermitError(f"{self.action} {self.kind} {self.resource}")


@dataclass(frozen=True, slots=True)
class View:
    """Leave for one official to see those things of a kind that `clause` is true for, in one transaction.

    Statements that use `clause` are executed with `parameters`.
    """

    snapshot: Snapshot
    caller: Caller
    action: Action
    kind: Kind
    clause: ColumnElement[bool]
    parameters: dict[str, int]

    def use(self, kind: Kind, *actions: Action) -> None:
        """Raise StalePermitError unless this view is of such things, and for one of these actions."""
        if self.kind is not kind or self.action not in actions or not self.snapshot.open:
            raise StalePermitError(f"{self.action} {self.kind}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The rights that an answer rests on: equal stamps at a time before `until` mean equal answers."""

    version: int
    until: int


@dataclass(slots=True)
class _Known:
    """What was worked out about one official for one version of the rights."""

    stamp: Stamp
    subject: Subject
    answers: dict[tuple[object, ...], Decision] = field(default_factory=dict)
    clauses: dict[tuple[bool, Action, Kind], ColumnElement[bool]] = field(default_factory=dict)

    def keep(self, key: tuple[object, ...], answer: Decision) -> None:
        """Remember an answer; what the official's own version and dates don't cover is in the key."""
        if len(self.answers) >= MOST_ANSWERS:
            self.answers.clear()
        self.answers[key] = answer

    @property
    def unit(self) -> int:
        """The official's unit."""
        unit = self.subject.facts[self.subject.uid].attributes["unit"]
        return int(unit.id) if isinstance(unit, Uid) else 0


class Monitor:
    """Asks the policies about facts read in the caller's transaction.

    `second_person` is what the whole network asks a second person's word for: a room may ask for more, never for less.
    """

    def __init__(self, policies: Policies, second_person: Chosen = NOTHING) -> None:
        self._policies = policies
        self.second_person = second_person
        self._known: dict[int, _Known] = {}

    def decide(self, snapshot: Snapshot, caller: Caller, action: Action, kind: Kind, resource: int | str) -> Decision:
        """May the caller? The decision names its rules, a refusal too. Raises NotFound without the thing."""
        return self._decide(snapshot, caller, action, kind, resource)[0]

    def _decide(
        self, snapshot: Snapshot, caller: Caller, action: Action, kind: Kind, resource: int | str
    ) -> tuple[Decision, _Known]:
        version, state = self._moment(snapshot, kind, resource)
        known = self._subject(snapshot, caller.official, version)
        key = (caller.strong, action, kind, resource, state)
        found = known.answers.get(key)
        if found is None:
            found = self._ask(snapshot, known.subject, action, kind, resource, strong=caller.strong)
            if kind in LASTING:
                known.keep(key, found)
        snapshot.asked = Asked(caller, action, kind, resource, () if found.allowed else found.rules)
        return found, known

    def require(self, snapshot: Snapshot, caller: Caller, action: Action, kind: Kind, resource: int | str) -> Permit:
        """Leave to act. Raises Forbidden, which names the rules."""
        decision, known = self._decide(snapshot, caller, action, kind, resource)
        if not decision.allowed:
            raise Forbidden(" ".join(decision.rules))
        snapshot.leave_given(decision.rules)
        return Permit(snapshot, caller, action, kind, resource, decision.rules, known.unit)

    def view(self, snapshot: Snapshot, caller: Caller, action: Action, kind: Kind) -> View:
        """Which things of a kind the caller may do this to."""
        known = self._subject(snapshot, caller.official, self._version(snapshot))
        key = (caller.strong, action, kind)
        clause = known.clauses.get(key)
        if clause is None:
            found = self._policies.visible(known.subject, action, kind, Context(NOW, strong_auth=caller.strong))
            clause = known.clauses[key] = render(found.predicate, CATALOGUES[kind])
        snapshot.asked = Asked(caller, action, kind, "")
        return View(snapshot, caller, action, kind, clause, {"now": snapshot.now})

    def audience(
        self, snapshot: Snapshot, action: Action, kind: Kind, resource: int, *, strong: bool = False
    ) -> list[int]:
        """The ids of all officials who may. Copies go to those who may without a strong sign-in."""
        return self._audience(snapshot, action, resource_facts(snapshot.connection, kind, resource), strong=strong)

    def usual_readers(self, snapshot: Snapshot, room: int) -> list[int]:
        """The ids of all officials who may list a post with the room's defaults, behind whatever sign-in."""
        return self._audience(snapshot, Action.LIST, usual_post_facts(snapshot.connection, room), strong=False)

    def readers_to_be(self, snapshot: Snapshot, room: int, coming: Coming, *, strong: bool) -> ColumnElement[bool]:
        """True for the officials who will be able to list a post that isn't written yet; to be executed with `now`.

        Of a draft: for those who will be able to authorise it.
        """
        about = coming_post_facts(snapshot.connection, room, coming)
        action = Action.AUTHORISE if coming.draft else Action.LIST
        found = self._policies.audience(action, *about, Context(NOW, strong_auth=strong))
        return render(found.predicate, CATALOGUES[Kind.OFFICIAL])

    def reads_usual(self, snapshot: Snapshot, caller: Caller, room: int) -> bool:
        """Whether the caller is one of them."""
        known = self._subject(snapshot, caller.official, self._version(snapshot))
        uid, facts = usual_post_facts(snapshot.connection, room)
        return self._policies.decide(
            known.subject, Action.LIST, uid, facts, Context(snapshot.now, strong_auth=False)
        ).allowed

    def _audience(self, snapshot: Snapshot, action: Action, about: tuple[Uid, Facts], *, strong: bool) -> list[int]:
        found = self._policies.audience(action, *about, Context(NOW, strong_auth=strong))
        clause = render(found.predicate, CATALOGUES[Kind.OFFICIAL])
        rows = snapshot.connection.execute(select(directory.official.c.id).where(clause), {"now": snapshot.now})
        return [row.id for row in rows]

    def stamp(self, snapshot: Snapshot, caller: Caller) -> Stamp:
        """What the caller's rights are as of now; compare it later instead of asking about each thing again."""
        return self._subject(snapshot, caller.official, self._version(snapshot)).stamp

    def _moment(self, snapshot: Snapshot, kind: Kind, resource: int | str) -> tuple[int, str]:
        if kind is not Kind.POST:
            return self._version(snapshot), ""
        row = snapshot.first(_VERSION_AND_STATE, {"post": resource})
        if row is None:
            raise NotFound(f"post {resource}")
        return row.version, row.state

    @staticmethod
    def _version(snapshot: Snapshot) -> int:
        """The version as this transaction sees it, its own changes included; read once as long as there are none."""
        bumps = rights.bumps(snapshot.connection)
        if snapshot.rights is None or snapshot.rights[1] != bumps:
            snapshot.rights = int(snapshot.first(_VERSION, {}).version), bumps
        return snapshot.rights[0]

    def _subject(self, snapshot: Snapshot, official: int, version: int) -> _Known:
        known = self._known.get(official)
        if known is not None and known.stamp.version == version and snapshot.now < known.stamp.until:
            return known
        uid, facts, until = subject_facts(snapshot.connection, official, snapshot.now)
        known = _Known(Stamp(version, until), self._policies.subject(uid, facts))
        if len(self._known) >= MOST_SUBJECTS:
            self._known.clear()
        self._known[official] = known
        return known

    def _ask(
        self, snapshot: Snapshot, subject: Subject, action: Action, kind: Kind, resource: int | str, *, strong: bool
    ) -> Decision:
        try:
            uid, facts = resource_facts(snapshot.connection, kind, resource)
        except AbsentError as error:
            raise NotFound(f"{kind} {resource}") from error
        return self._policies.decide(subject, action, uid, facts, Context(snapshot.now, strong_auth=strong))
