"""After a restore, before any door opens: what was erased since the backup is erased again, what was taken is taken.

Rights are else those of the backup's moment: what was given since by roles and rooms isn't given. Who was off-boarded
is suspended, which holds until an administrator off-boards them again, or lets them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, select

from directory import tables as directory
from directory.access_tables import room_access
from groupware import tables
from groupware.acts import Act, Happening
from groupware.administering import suspend_body, suspend_official
from groupware.areas import access
from groupware.audit import given_up
from groupware.audit_tables import audit_tree
from groupware.backup import told
from groupware.backup.told import What
from groupware.duties import revoking
from groupware.identity import app_passwords
from groupware.retention.removing import EVENT, MEDIA
from groupware.retention.worker import Worker
from groupware.retention_tables import erasure_errand
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from groupware.audit.note import Checkpoint
    from groupware.backup.manifest import Manifest
    from groupware.backup.told import Line, Reader
    from groupware.store import Snapshot, Store, Tx

_official, _body, _errand = directory.official.c, directory.body.c, erasure_errand.c
_grant, _rule, _room, _secret = directory.role_grant.c, room_access.c, tables.room.c, directory.app_password.c
_OFFICIAL = select(_official.id).where(_official.login == bindparam("name"), ~_official.suspended)
_BODY = select(_body.id).where(_body.code == bindparam("name"), ~_body.suspended)
_THIS, _NOW = bindparam("this", type_=BigInteger), bindparam("now", type_=BigInteger)
_GRANT = (
    select(_official.login, _grant.role, _grant.valid_from)
    .join(directory.official, _official.id == _grant.official)
    .where(_grant.id == _THIS, _grant.access == 0, _grant.valid_until > _NOW)
)
_RULE = (
    select(_room.code, _rule.access, _rule.granted)
    .join(tables.room, _room.id == _rule.room)
    .where(_rule.id == _THIS, _rule.ended == 0, _rule.valid_until > _NOW)
)
_SECRET = (
    select(_secret.id, _secret.official)
    .join(directory.official, _official.id == _secret.official)
    .where(_official.login == bindparam("login"), _secret.selector == bindparam("selector"), _secret.revoked > _NOW)
)
_UNDONE = select(_errand.kind, _errand.name).where(_errand.done == 0, _errand.kind.in_([EVENT, MEDIA]))
_SEALED = select(audit_tree.c.size)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done again, and what the homeserver's copy must not have: events, and media by their names."""

    erased: int
    suspended: tuple[Line, ...]
    bodies: tuple[str, ...]
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    secrets: tuple[str, ...]
    events: tuple[str, ...]
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Right:
    """A role or a rule as a line names it (told.Line): whose, which, its number, and since when."""

    of: str
    right: str
    number: int
    began: int

    @classmethod
    def read(cls, name: str) -> _Right:
        of, right, number, began = name.rsplit(" ", 3)
        return cls(of, right, int(number), int(began))

    @property
    def known_by(self) -> tuple[str, str, int]:
        """As its row says it."""
        return self.of, self.right, self.began

    def __str__(self) -> str:
        return f"{self.of} {self.right} {self.number}"


async def again(store: Store, backup: Manifest, since: Reader, outside: Sequence[Checkpoint]) -> Done:
    """Do it by what was written down; `backup` was restored, which goes on record.

    `outside` are the checkpoints that lie elsewhere, of the log that was lost, too.
    """
    news = told.after(since.lines, backup.moment)
    erased = await Worker(store, "restore").again([line.name for line in news if line.what is What.ERASED])
    suspended, bodies = await store.run(lambda tx: _shut_out(tx, news))
    roles, rules = await store.run(lambda tx: _end(tx, backup, news))
    secrets = await store.run(lambda tx: _revoke(tx, news))
    named = await store.read(_to_forget)
    done = Done(erased, suspended, bodies, roles, rules, secrets, named[EVENT], named[MEDIA])
    await store.run(lambda tx: _on_record(tx, backup, done, len(since.wrong), outside))
    return done


def _shut_out(tx: Tx, news: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[str, ...]]:
    people, bodies = [], []
    for line in news:
        if line.what in {What.LEFT, What.SUSPENDED} and (row := tx.first(_OFFICIAL, {"name": line.name})):
            suspend_official(tx, row.id)
            people.append(line)
        if line.what is What.BODY_SUSPENDED and (row := tx.first(_BODY, {"name": line.name})):
            suspend_body(tx, row.id)
            bodies.append(line.name)
    return tuple(people), tuple(bodies)


def _end(tx: Tx, backup: Manifest, news: Sequence[Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Roles and rules; deputies' first, for whoever is deputy still follows a contact point that goes."""
    why = f"ended again: it had ended when the backup of {backup.made} was restored"
    roles = sorted(_there(tx, _GRANT, What.ROLE_ENDED, news), key=lambda held: held.right != Role.DEPUTY)
    for each in roles:
        revoking.end_again(tx, each.number, why)
    rules = _there(tx, _RULE, What.RULE_ENDED, news)
    for each in rules:
        access.end_again(tx, each.number, why)
        tx.acts.append(Act(Happening.CHANGED, 0, "", "end-again", "access-rule", each.number))
    return tuple(str(each) for each in roles), tuple(str(each) for each in rules)


def _revoke(tx: Tx, news: Sequence[Line]) -> tuple[str, ...]:
    """App passwords, of a lost telephone perhaps; what signed in with them at the homeserver ends when all begins."""
    named = []
    for line in news:
        login, _, selector = line.name.partition(" ")
        values = {"login": login, "selector": selector, "now": tx.now}
        if line.what is What.SECRET_REVOKED and (row := tx.first(_SECRET, values)):
            app_passwords.revoke(tx, row.official, row.id)
            named.append(f"{row.id} of {login}")
    return tuple(named)


def _there(tx: Tx, statement: Select[Any], what: What, news: Sequence[Line]) -> list[_Right]:
    """What the lines name, where it is that here and in force."""
    named = [_Right.read(line.name) for line in news if line.what is what]
    return [each for each in named if tx.first(statement, {"this": each.number, "now": tx.now}) == each.known_by]


def _to_forget(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    rows = snapshot.connection.execute(_UNDONE).all()
    return {kind: tuple(row.name for row in rows if row.kind == kind) for kind in (EVENT, MEDIA)}


def _on_record(tx: Tx, backup: Manifest, done: Done, refused: int, outside: Sequence[Checkpoint]) -> None:
    """The operator's act: which backup, what was done again, and of which log it gave up the end."""
    detail = {
        **backup.facts(),
        "erased-again": done.erased,
        "suspended": len(done.suspended) + len(done.bodies),
        "ended-again": len(done.roles) + len(done.rules) + len(done.secrets),
        "lines-refused": refused,
        **given_up.detail(tx.connection.scalar(_SEALED) or 0, outside),
    }
    tx.acts.append(Act(Happening.CHANGED, 0, "", given_up.RESTORE, given_up.BACKUP, backup.identity, (), detail))
