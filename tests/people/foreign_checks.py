"""The properties themselves, for the tests that hold them to what there is, and for those that seed mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foreign import CANARY, FACADES, HIDDEN, Verb, existing, foreign_rows, powers, standing, verbs, widened
from foreign_stage import Stage, drawn
from hypothesis import assume
from hypothesis import strategies as st
from sqlalchemy import select

from directory.tables import area
from groupware.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot

VERBS = tuple(verbs())
OF_PEOPLE = [each for each in VERBS if not FACADES[each.facade].machine]
OWN = ("adela", "carol")
"""A directory admin and the contact point of one body."""
BAND = ("adela", "alma", "carol", "clara", "anna", "emil", "dora")
"""All of that body who may do anything, and some who may not."""
STEPS = 30


def nothing_foreign(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    """One call, about what is one's own or another's: nothing of another body is read or written."""
    name = data.draw(st.sampled_from(OWN), label="who")
    sides = {each: data.draw(st.sampled_from((stage.own, stage.other)), label=each) for each in sorted(verb.naming)}
    arguments = drawn(data, verb, sides, data.draw(st.sampled_from((stage.own, stage.other))))
    if FACADES[verb.facade].reaches:
        assume(all(each is stage.other for each in sides.values()))
    before = stage.read(lambda s: foreign_rows(s, stage.body))
    answer = stage.call(verb, name, arguments)
    assert stage.read(lambda s: foreign_rows(s, stage.body)) == before
    assert HIDDEN not in repr(answer)
    if verb.public:
        return
    assert CANARY not in repr(answer)
    if sides and all(each is stage.other for each in sides.values()):
        assert isinstance(answer, NotFound | Forbidden)


def nothing_widened(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    """One call about what is one's own: who calls stands afterwards as before."""
    name = data.draw(st.sampled_from(OWN), label="who")
    caller = stage.world.strong(name)
    arguments = drawn(data, verb, {}, stage.own)
    there, could, was = _stands(stage, name)
    stage.call(verb, name, arguments)
    can, stands = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    assert {power for power in can - could if power[1:] in there} == set()
    assert not widened(was, stands, lets_go=FACADES[verb.facade].lets_go), (was, stands)


def nothing_alone(stage: Stage, name: str, data: st.DataObject, among: Sequence[Verb] = OF_PEOPLE) -> None:
    """Many calls by one person, about anything: they can do no more than before."""
    caller = stage.world.strong(name)
    there, could, was = _stands(stage, name)
    for _ in range(STEPS):
        one_step(stage, data, (name,), among)
    can, stands = stage.read(lambda s: (powers(stage.world, s, caller), standing(s, caller.official)))
    assert {power for power in can - could if power[1:] in there} == set()
    assert not widened(was, stands, lets_go=True)


def nothing_outside(stage: Stage, data: st.DataObject, among: Sequence[Verb] = OF_PEOPLE) -> None:
    """Many calls by all of a body: what they can do outside it, one of them could before."""
    there = stage.read(existing)
    could = stage.read(lambda s: _outside(stage, s, there))
    for _ in range(STEPS):
        one_step(stage, data, BAND, among)
    assert stage.read(lambda s: _outside(stage, s, there)) <= could


def one_step(stage: Stage, data: st.DataObject, actors: Sequence[str], among: Sequence[Verb]) -> None:
    """Somebody does something to somebody."""
    verb: Verb = data.draw(st.sampled_from(among))
    sides = {each: data.draw(st.sampled_from((stage.own, stage.own, stage.other))) for each in sorted(verb.naming)}
    arguments = drawn(data, verb, sides, data.draw(st.sampled_from((stage.own, stage.other))))
    stage.call(verb, data.draw(st.sampled_from(actors)), arguments)


def _stands(stage: Stage, name: str) -> tuple[set[tuple[str, Any]], set[tuple[str, str, Any]], tuple[Any, ...]]:
    caller = stage.world.strong(name)
    found: tuple[set[tuple[str, Any]], set[tuple[str, str, Any]], tuple[Any, ...]] = stage.read(
        lambda s: (existing(s), powers(stage.world, s, caller), standing(s, caller.official))
    )
    return found


def _outside(stage: Stage, snapshot: Snapshot, there: set[tuple[str, Any]]) -> set[tuple[str, str, Any]]:
    """What all of the band together may do to what was there before and isn't their body's. Mail is each one's own."""
    numbers = snapshot.connection.scalars(select(area.c.id).where(area.c.body == stage.body))
    own = {("Body", stage.body), *(("Unit", each) for each in stage.own.units), *(("Area", each) for each in numbers)}
    own |= {("Official", each) for each in stage.own.officials} | {("Room", each) for each in stage.own.rows["room"]}
    found: set[tuple[str, str, Any]] = set()
    for name in BAND:
        found |= powers(stage.world, snapshot, stage.world.strong(name))
    return {each for each in found if each[1:] in there - own and each[1] != "Mail"}
