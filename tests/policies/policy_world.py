"""A small random network as rows of the real tables, dense with edges: dates meet `now`, units nest, sets are empty."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from directory.tables import (
    FOREVER,
    area,
    body,
    competence,
    metadata,
    official,
    partner,
    role_grant,
    unit,
    unit_above,
    unit_competence,
)
from groupware.glass_tables import glass
from groupware.release_tables import consent, release
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

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

Row = dict[str, Any]
NOW = 1_000
BODIES, AREAS, COMPETENCES, ROOMS, UNITS_A_BODY = 4, 2, 3, 5, 4
ROOM_CHANCES = {"reader": 0.5, "poster": 0.4, "manager": 0.08, "moderator": 0.14, "organiser": 0.05}
BODY_CHANCES = {"contact-point": 0.1, "deputy": 0.1, "directory-admin": 0.14, "security-officer": 0.06}


@dataclass
class World:
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in metadata.tables})

    def add(self, table: Table, **row: object) -> int:
        row.setdefault("id", len(self.rows[table.name]) + 1)
        self.rows[table.name].append({name: row[name] for name in row if name in table.c})
        return len(self.rows[table.name])

    def store(self, connection: Connection) -> None:
        for table in metadata.sorted_tables:
            if self.rows[table.name]:
                connection.execute(table.insert(), self.rows[table.name])

    def keys(self, kind: str) -> list[Any]:
        return [row["domain" if kind == "Partner" else "id"] for row in self.rows[kind.lower()]]


def random_world(seed: int, officials: int = 40, posts: int = 64) -> World:
    chance, world = random.Random(seed), World()
    for n in range(BODIES):
        world.add(body, code=f"b{n}", name="", kind="ms", suspended=chance.random() < 0.2, **_governed(chance, n))
    for n in range(AREAS):
        world.add(area, code=f"a{n}", name="", body=chance.choice((0, 1, 1, chance.randint(1, BODIES))))
    for n in range(COMPETENCES):
        world.add(competence, code=f"c{n}")
    _units(world, chance)
    _rooms(world, chance)
    _officials(world, chance, officials)
    _grants(world, chance, officials)
    world.add(content, sha256=b"", size=0, body=b"", file="")
    _rendering(world)
    for _ in range(posts):
        _post(world, chance, officials)
    for _ in range(14):
        _mail(world, chance, officials)
    for n in range(5):
        _resource(world, chance, n)
    for make, times in ((_booking, 12), (_consent, 12), (_glass, 20)):
        for _ in range(times):
            make(world, chance, officials)
    _drafts(world, random.Random(-seed), officials)
    _loosened(world, random.Random(f"loosened {seed}"))
    _vouched(world, random.Random(f"vouched {seed}"))
    for n in range(3):
        world.add(partner, domain=f"p{n}.test", allowed=n != 1)
    return world


def _governed(chance: random.Random, number: int) -> dict[str, int]:
    return {"authority": chance.choice((0, number + 1, 1, 1, chance.randint(1, BODIES)))}


def _units(world: World, chance: random.Random) -> None:
    above: dict[int, set[int]] = {}
    given: dict[int, set[int]] = {}
    for owner in range(1, BODIES + 1):
        mine: list[int] = []
        for n in range(UNITS_A_BODY):
            parent = chance.choice(mine) if mine and chance.random() < 0.7 else None
            key = world.add(unit, body=owner, parent=parent, code=f"u{n}", name="")
            above[key] = {key, *(above[parent] if parent else ())}
            given[key] = {c for c in range(1, COMPETENCES + 1) if chance.random() < 0.3}
            mine.append(key)
    for key, over in above.items():
        for up in sorted(over):
            world.add(unit_above, above=up, unit=key)
        for held in sorted(set().union(*(given[up] for up in over))):
            world.add(unit_competence, competence=held, unit=key, given=held in given[key])


def _rooms(world: World, chance: random.Random) -> None:
    for n in range(ROOMS):
        world.add(
            room,
            area=chance.randint(1, AREAS),
            code=f"r{n}",
            name="",
            owner=chance.randint(1, BODIES * UNITS_A_BODY),
            competence=chance.randint(1, COMPETENCES),
            moderated=chance.random() < 0.6,
            closed=chance.random() < 0.2,
            marking=2,
            handling=0,
            retention="",
            holds=0,
        )


def _dates(chance: random.Random) -> dict[str, int]:
    since = chance.choice((0, 0, 0, 0, NOW, NOW, NOW - 1, NOW + 1))
    until = chance.choice((FOREVER, FOREVER, FOREVER, FOREVER, NOW, NOW + 1, NOW + 1))
    return {"valid_from": since, "valid_until": until}


def _officials(world: World, chance: random.Random, officials: int) -> None:
    for n in range(officials):
        home = world.rows["unit"][chance.randrange(BODIES * UNITS_A_BODY)]
        world.add(
            official,
            login=f"o{n}",
            address=f"o{n}@iconet.test",
            name="",
            body=home["body"],
            unit=home["id"],
            clearance=chance.choice((0, 1, 2, 3, 3)),
            listed=chance.random() < 0.5,
            suspended=chance.random() < 0.06,
            **(_dates(chance) if chance.random() < 0.4 else {"valid_from": 0, "valid_until": FOREVER}),
        )


def _grants(world: World, chance: random.Random, officials: int) -> None:
    wanted = [(role, scope, odds) for role, odds in ROOM_CHANCES.items() for scope in range(1, ROOMS + 1)]
    wanted += [("liaison-officer", scope, 0.2) for scope in range(1, AREAS + 1)]
    wanted += [(role, scope, odds / 2) for role, odds in BODY_CHANCES.items() for scope in range(1, BODIES + 1)]
    for who in range(1, officials + 1):
        for scope in chance.sample(range(1, officials + 1), chance.choice((0, 0, 1, 3))):
            _grant(world, official=who, role="sender", scope=scope, **_dates(chance))
        home = world.rows["official"][who - 1]["body"]
        own = [(role, home, odds) for role, odds in BODY_CHANCES.items()]
        for role, scope, odds in wanted + own:
            if chance.random() < odds:
                _grant(world, official=who, role=role, scope=scope, **_dates(chance))
            if chance.random() < odds / 10:
                _grant(world, official=who, role=role, scope=scope, valid_from=0, valid_until=NOW)
                _grant(world, official=who, role=role, scope=scope, valid_from=NOW, valid_until=FOREVER)


def _grant(world: World, **row: object) -> None:
    world.add(role_grant, granted_by=0, approved_by=0, reason="", **row)


def _rendering(world: World) -> None:
    texts = dict.fromkeys(("message_id", "subject", "sender"), "")
    blobs = dict.fromkeys(("head", "envelope", "body", "bodystructure"), b"")
    world.add(rendering, content=1, body_at=0, size=0, scanner=1, sent=0, received=0, **texts, **blobs)


def _post(world: World, chance: random.Random, officials: int) -> None:
    author = chance.randint(1, officials)
    place = world.rows["room"][chance.randrange(ROOMS)]
    home = world.rows["official"][author - 1]["unit"]
    key = world.add(submission, author=author, message_id=f"m{len(world.rows['submission'])}", content=1, received=0)
    world.add(
        post,
        token=f"t{key}",
        submission=key,
        rendering=1,
        room=place["id"],
        author=author,
        sender=author if chance.random() < 0.8 else chance.randint(1, officials),
        owner=home if chance.random() < 0.6 else chance.randint(1, BODIES * UNITS_A_BODY),
        marking=chance.choice((0, 1, 1, 2, 2, 3, 4)),
        handling=chance.choice((0, 0, 0, 1, 2, 3)),
        competence=place["competence"] if chance.random() < 0.5 else chance.randint(1, COMPETENCES),
        retention="",
        state=chance.choice(
            ("published", "published", "published", "held", "held", "refused", "withdrawn", "unconfirmed")
        ),
        rule="",
        received=0,
    )


def _mail(world: World, chance: random.Random, officials: int) -> None:
    key = world.add(
        mail,
        rendering=1,
        kind="mail",
        author=chance.choice((0, chance.randint(1, officials), chance.randint(1, officials))),
        owner=chance.randint(1, BODIES * UNITS_A_BODY),
        marking=chance.choice((0, 1, 2, 3, 4)),
        handling=chance.choice((0, 0, 1, 2, 3)),
        at=0,
    )
    for reader in chance.sample(range(1, officials + 1), chance.choice((0, 1, 3, 8, 14))):
        world.add(mail_recipient, mail=key, official=reader)


def _resource(world: World, chance: random.Random, number: int) -> None:
    owner = chance.randint(1, BODIES * UNITS_A_BODY)
    key = world.add(
        resource, address=f"x{number}@iconet.test", name="", capacity=1, owner=owner, zone="UTC", days_ahead=1
    )
    for each in chance.sample(range(1, AREAS + 1), chance.choice((0, 1, 1, 2))):
        world.add(resource_area, resource=key, area=each)


def _booking(world: World, chance: random.Random, officials: int) -> None:
    world.add(
        booking,
        resource=chance.randint(1, 5),
        uid=f"u{len(world.rows['booking'])}",
        author=chance.randint(1, officials),
        owner=chance.randint(1, BODIES * UNITS_A_BODY),
        marking=chance.choice((0, 1, 2, 3, 4)),
        handling=chance.choice((0, 0, 1, 2, 3)),
        state="booked",
        sequence=0,
        stamp=0,
        summary="",
        submission=1,
        at=0,
    )


def _drafts(world: World, chance: random.Random, officials: int) -> None:
    """By dice of their own, so that the worlds stay what they were."""
    for who in range(1, officials + 1):
        for scope in range(1, ROOMS + 1):
            if chance.random() < 0.2:
                _grant(world, official=who, role="drafter", scope=scope, **_dates(chance))
    for row in chance.sample(world.rows["post"], len(world.rows["post"]) // 6):
        row["state"] = "draft"


def _loosened(world: World, chance: random.Random) -> None:
    """Most are asked for by somebody who speaks for the owner; of some nothing is asked."""
    homes = {row["id"]: row["body"] for row in world.rows["official"]}
    units = {row["id"]: row["body"] for row in world.rows["unit"]}
    grants = [row for row in world.rows["role_grant"] if row["role"] in ("contact-point", "deputy")]
    for row in world.rows["post"]:
        speakers = [
            each["official"] for each in grants if each["scope"] == units[row["owner"]] == homes[each["official"]]
        ]
        row["loosener"] = chance.choice((0, chance.choice(speakers or [0]), chance.choice([*homes])))


def _consent(world: World, chance: random.Random, officials: int) -> None:
    """Of owners whose body has somebody who speaks for it more often than of any."""
    asker = chance.randint(1, officials)
    marks = {"marking": chance.choice((0, 1, 2, 2, 3, 4)), "handling": chance.choice((0, 0, 1, 2, 3))}
    words = dict.fromkeys(("recipient", "domain", "organisation", "purpose", "conditions", "state"), "")
    number = world.add(release, post=1, asker=asker, until=0, asked=0, answer_by=0, **words, **marks)
    owner = chance.randint(1, BODIES * UNITS_A_BODY)
    states = ("open", "open", "open", "given", "given", "refused", "withdrawn", "closed")
    speakers = [row["official"] for row in world.rows["role_grant"] if row["role"] in ("contact-point", "deputy")]
    if speakers and chance.random() < 0.7:
        speaker = chance.choice(speakers)
        owner = world.rows["official"][speaker - 1]["unit"]
        asker = speaker if chance.random() < 0.2 else asker
    world.add(consent, release=number, owner=owner, post=1, author=asker, state=chance.choice(states), **marks)


def _holds(row: Row) -> bool:
    return bool(row["valid_from"] <= NOW < row["valid_until"]) and not row.get("suspended")


def _glass(world: World, chance: random.Random, officials: int) -> None:
    """Asked by a security officer of the asker's own body more often than by anybody, and confirmed by one."""
    asker, confirmer = chance.randint(1, officials), chance.choice((0, chance.randint(1, officials)))
    home = world.rows["official"][asker - 1]["body"]
    people = {row["id"]: row for row in world.rows["official"]}
    grants = [row for row in world.rows["role_grant"] if row["role"] == "security-officer"]
    officers = [row for row in grants if people[row["official"]]["body"] == row["scope"]]
    serving, sworn = (
        [row for row in rows if _holds(row) and _holds(people[row["official"]])] for rows in (officers, grants)
    )
    if officers and chance.random() < 0.9:
        officer = chance.choice(serving if serving and chance.random() < 0.8 else officers)
        asker, home = officer["official"], officer["scope"]
    if grants and confirmer and chance.random() < 0.8:
        confirmer = chance.choice(sworn if sworn and chance.random() < 0.8 else grants)["official"]
    world.add(
        glass,
        asker=asker,
        confirmer=confirmer,
        body=home if chance.random() < 0.8 else chance.randint(1, BODIES),
        scope="post",
        name="",
        reason="",
        lasts=1,
        handling=chance.choice((0, 0, 0, 1, 2, 3)),
        state=chance.choice(
            ("asked", "asked", "asked", "broken", "broken", "broken", "broken", "over", "ended", "lapsed")
        ),
        valid_until=chance.choice((NOW - 1, NOW, NOW + 1, NOW + 5, NOW + 5, FOREVER)),
        asked=chance.choice((1, NOW - 1, NOW, NOW, NOW)),
        confirmed=chance.choice((1, NOW - 1, NOW, NOW, NOW)) if confirmer else 0,
    )


def _vouched(world: World, chance: random.Random) -> None:
    """Some as they should be: officers of two bodies, both in office. By chance alone there is one in forty worlds."""
    people = {row["id"]: row for row in world.rows["official"]}
    grants = [row for row in world.rows["role_grant"] if row["role"] == "security-officer" and _holds(row)]
    serving = [
        row for row in grants if people[row["official"]]["body"] == row["scope"] and _holds(people[row["official"]])
    ]
    pairs = [(one, other) for one in serving for other in serving if one["scope"] != other["scope"]]
    for one, other in chance.sample(pairs, min(3, len(pairs))):
        world.add(
            glass,
            asker=one["official"],
            confirmer=other["official"],
            body=one["scope"],
            scope="post",
            name="",
            reason="",
            lasts=1,
            handling=chance.choice((0, 0, 1)),
            state="broken",
            valid_until=chance.choice((NOW + 5, FOREVER)),
            asked=NOW,
            confirmed=NOW,
        )
