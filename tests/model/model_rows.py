"""The same network as rows of an empty database in memory, read and filtered by the product's own SQL."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Table, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from directory.tables import area, body, competence, metadata, official, role_grant, unit, unit_above, unit_competence
from groupware.catalogue import CATALOGUES
from groupware.facts import resource_facts, subject_facts
from groupware.glass_tables import glass
from groupware.release_tables import consent, release
from groupware.render import render
from groupware.tables import (
    booking,
    content,
    mail,
    mail_recipient,
    post,
    rendering,
    resource,
    resource_area,
    room,
    submission,
)
from policies import entities
from policies.entities import Context
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model_oracle import Network
    from sqlalchemy import Connection

    from policies.decision import Policies

Row = dict[str, Any]


class Rows:
    """One database for many networks, one after the other."""

    def __init__(self) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self._engine)

    def answers(self, model: Network, policies: Policies, asked: Sequence[tuple[str, Action, Kind, bool]]) -> list[Any]:
        """For who, what and how signed in: the items found, and whether a decision on the last item says the same."""
        with self._engine.connect() as connection:
            ids = _plant(connection, model)
            found = [_answer(connection, policies, ids, model.now, *each) for each in asked]
            connection.rollback()
        return found

    def close(self) -> None:
        """For good."""
        self._engine.dispose()


def _answer(
    connection: Connection,
    policies: Policies,
    ids: Ids,
    now: int,
    name: str,
    action: Action,
    kind: Kind,
    strong: bool,  # noqa: FBT001 -- one of `asked`
) -> tuple[set[Any], bool]:
    uid, facts, _ = subject_facts(connection, ids.of(official, name), now)
    subject, catalogue = policies.subject(uid, facts), CATALOGUES[kind]
    clause = render(policies.visible(subject, action, kind, Context(entities.NOW, strong)).predicate, catalogue)
    found = set(connection.scalars(select(catalogue.id).where(clause), {"now": now}))
    named = ids.named[kind]
    last = max(named)
    decision = policies.decide(subject, action, *resource_facts(connection, kind, last), Context(now, strong))
    return {named[number] for number in found}, decision.allowed == (last in found)


class Ids:
    """The rows of a network, and what they are called in the oracle's."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, Any], int] = {}
        self._next = count(1)
        self.named: dict[Kind, dict[int, Any]] = {kind: {} for kind in Kind}

    def of(self, table: Table, name: Any) -> int:  # noqa: ANN401 -- a name or an item
        """The row's id, given out at the first question."""
        key = table.name, name
        if key not in self._numbers:
            self._numbers[key] = next(self._next)
        return self._numbers[key]

    def tell(self, kind: Kind, table: Table, name: Any, key: Any = None) -> int:  # noqa: ANN401 -- as above
        """The same of an item that answers name."""
        number = self.of(table, name if key is None else key)
        self.named[kind][number] = name
        return number


def _filled(table: Table, values: Row) -> Row:
    """With something in the columns that decide nothing."""
    needed = (column for column in table.c if not (column.nullable or column.default or column.name in values))
    return {column.name: _nothing(column.type) for column in needed} | values


def _nothing(kind: Any) -> Any:  # noqa: ANN401 -- a column's type, a value
    return "" if isinstance(kind, String) else b"" if isinstance(kind, LargeBinary) else 0


def _plant(connection: Connection, model: Network) -> Ids:
    ids = Ids()
    for table, rows in (*_people(model, ids), *_rooms(model, ids), *_items(model, ids), *_grants(model, ids)):
        if rows:
            connection.execute(insert(table), [_filled(table, row) for row in rows])
    return ids


def _people(model: Network, ids: Ids) -> list[tuple[Table, list[Row]]]:
    bodies = sorted({unit.body for unit in model.units.values()})
    topics = sorted({room.competence for room in model.rooms.values()})
    return [
        (
            body,
            [
                {
                    "id": ids.tell(Kind.BODY, body, code),
                    "code": code,
                    "suspended": code in model.suspended_bodies,
                    "authority": ids.of(body, model.authority) if code != model.authority else 0,
                }
                for code in bodies
            ],
        ),
        (competence, [{"id": ids.of(competence, code), "code": code} for code in topics]),
        (
            unit,
            [
                {"id": ids.of(unit, name), "body": ids.of(body, one.body), "code": name}
                for name, one in model.units.items()
            ],
        ),
        (unit_above, [{"above": ids.of(unit, name), "unit": ids.of(unit, name)} for name in model.units]),
        (
            unit_competence,
            [
                {"competence": ids.of(competence, code), "unit": ids.of(unit, name), "given": True}
                for name, one in model.units.items()
                for code in sorted(one.competences)
            ],
        ),
        (official, [_official(model, ids, name) for name in model.officials]),
    ]


def _official(model: Network, ids: Ids, name: str) -> Row:
    one = model.officials[name]
    return {
        "id": ids.tell(Kind.OFFICIAL, official, name),
        "login": name,
        "address": name,
        "body": ids.of(body, model.body_of(name)),
        "unit": ids.of(unit, one.unit),
        "clearance": one.clearance,
        "listed": one.listed,
        "suspended": one.suspended,
        "valid_from": one.since,
        "valid_until": one.until,
    }


def _rooms(model: Network, ids: Ids) -> list[tuple[Table, list[Row]]]:
    areas = [{"id": ids.of(area, code), "code": code} for code in sorted(model.rooms)]
    rows = [
        {
            "id": ids.tell(Kind.ROOM, room, code),
            "area": ids.of(area, code),
            "code": code,
            "owner": ids.of(unit, "a1"),
            "competence": ids.of(competence, one.competence),
            "moderated": one.moderated,
            "closed": one.closed,
        }
        for code, one in model.rooms.items()
    ]
    things = [
        {"id": ids.tell(Kind.RESOURCE, resource, code), "address": code, "owner": ids.of(unit, "a1")}
        for code in model.resources
    ]
    shared = [
        {"resource": ids.of(resource, code), "area": ids.of(area, each)}
        for code, theirs in model.resources.items()
        for each in theirs
    ]
    return [(area, areas), (room, rows), (resource, things), (resource_area, shared)]


def _home(model: Network, ids: Ids, code: str) -> int:
    """A unit of the body that owns an item."""
    return ids.of(unit, next(name for name, one in model.units.items() if one.body == code))


def _items(model: Network, ids: Ids) -> list[tuple[Table, list[Row]]]:
    return [
        (content, [{"id": 1}]),
        (rendering, [{"id": 1, "content": 1}]),
        (submission, [_submission(ids, each) for each in model.posts]),
        (post, [_post(model, ids, each) for each in model.posts]),
        (mail, [_mail(model, ids, each) for each in model.mails]),
        (
            mail_recipient,
            [{"mail": ids.of(mail, each.canary), "official": ids.of(official, each.recipient)} for each in model.mails],
        ),
        (release, [_release(ids, number, each) for number, each in enumerate(model.releases)]),
        (consent, _words(model, ids)),
        (glass, [_glass(ids, number, each) for number, each in enumerate(model.glasses)]),
        (booking, [_booking(model, ids, each) for each in model.bookings]),
    ]


def _glass(ids: Ids, number: int, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Glass
    return {
        "id": ids.tell(Kind.GLASS, glass, str(number)),
        "asker": ids.of(official, one.asker),
        "body": ids.of(body, one.body),
        "confirmer": ids.of(official, one.confirmer) if one.confirmer else 0,
        "handling": one.handling,
        "state": one.state,
        "valid_until": one.until,
        "asked": one.asked,
        "confirmed": one.confirmed,
    }


def _booking(model: Network, ids: Ids, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Booking
    return {
        "id": ids.tell(Kind.BOOKING, booking, one.canary),
        "resource": ids.of(resource, one.resource),
        "uid": one.canary,
        "author": ids.of(official, one.author),
        "owner": ids.of(unit, one.unit),
        "submission": ids.of(submission, model.posts[0].canary),
        "marking": one.marking,
        "handling": one.handling,
    }


def _submission(ids: Ids, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Post
    author = ids.of(official, one.author)
    return {"id": ids.of(submission, one.canary), "author": author, "message_id": one.message_id, "content": 1}


def _post(model: Network, ids: Ids, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Post
    author = ids.of(official, one.author)
    return {
        "id": ids.tell(Kind.POST, post, one.canary),
        "token": one.canary,
        "submission": ids.of(submission, one.canary),
        "rendering": 1,
        "room": ids.of(room, one.room),
        "author": author,
        "sender": author,
        "loosener": ids.of(official, one.loosener) if one.loosener else 0,
        "owner": _home(model, ids, one.body),
        "marking": one.marking,
        "handling": one.handling,
        "competence": ids.of(competence, model.rooms[one.room].competence),
        "state": one.state,
    }


def _mail(model: Network, ids: Ids, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Mail
    return {
        "id": ids.tell(Kind.MAIL, mail, one.canary),
        "rendering": 1,
        "author": ids.of(official, one.author),
        "owner": _home(model, ids, one.body),
        "marking": one.marking,
    }


def _release(ids: Ids, number: int, one: Any) -> Row:  # noqa: ANN401 -- the oracle's Release
    return {
        "id": ids.of(release, number),
        "post": ids.of(post, one.post.canary),
        "asker": ids.of(official, one.asker),
        "marking": one.marking,
        "handling": one.handling,
    }


def _words(model: Network, ids: Ids) -> list[Row]:
    return [
        {
            "id": ids.tell(Kind.CONSENT, consent, f"{each.post.canary} {word.body}", (number, word.body)),
            "release": ids.of(release, number),
            "owner": _home(model, ids, word.body),
            "post": ids.of(post, each.post.canary),
            "author": ids.of(official, each.asker),
            "marking": each.marking,
            "handling": each.handling,
            "state": word.state,
        }
        for number, each in enumerate(model.releases)
        for word in each.words
    ]


def _grants(model: Network, ids: Ids) -> list[tuple[Table, list[Row]]]:
    rows = [
        {
            "id": number,
            "official": ids.of(official, grant.official),
            "role": grant.role,
            "scope": ids.of(_scope(grant.role, grant.scope), grant.scope),
            "valid_from": grant.since,
            "valid_until": grant.until,
        }
        for number, grant in enumerate(model.grants, 1)
    ]
    return [(role_grant, rows)]


def _scope(role: str, scope: str) -> Table:
    if len(scope) == len("aa"):
        return body
    return area if role == "liaison-officer" else room
