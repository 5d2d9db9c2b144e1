"""The properties themselves, for the tests that hold them to what there is, and for those that seed mistakes."""

from __future__ import annotations

from typing import Any

from foreign import CANARY, FACADES, HIDDEN, Verb, existing, foreign_rows, powers, standing, verbs, widened
from foreign_stage import Stage, drawn
from hypothesis import assume
from hypothesis import strategies as st

from groupware.errors import Forbidden, IconetError, NotFound

VERBS = tuple(verbs())
OF_PEOPLE = [each for each in VERBS if not FACADES[each.facade].machine]
OWN = ("adela", "carol")
"""A directory admin and the contact point of one body."""

PLAIN = "dora"
"""Of the same body, and without any duty."""
EVERYBODYS = {
    "areas": {"manages", "tree", "withdrawable"},
    "bodies": {"governed"},
    "duties": {"area", "choices", "heads", "held_by", "keeps", "may_send_as", "mine", "offer", "official", "scope"},
    "people": {"awaited_resets", "change_own", "keeps", "late_bodies", "own", "own_reset"},
}
"""Verbs by which everybody learns or does something: about themselves, about what is shown to all, or nothing."""


def nothing_foreign(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    """One call, about what is one's own or another's: nothing of another body is read or written."""
    name = data.draw(st.sampled_from(OWN), label="who")
    sides = {each: data.draw(st.sampled_from((stage.own, stage.other)), label=each) for each in sorted(verb.naming)}
    arguments = drawn(data, verb, sides, data.draw(st.sampled_from((stage.own, stage.other))))
    if FACADES[verb.facade].reaches:
        assume(all(each is stage.other for each in sides.values()))
    before = _theirs(stage)
    answer = stage.call(verb, name, arguments)
    assert _theirs(stage) == before
    assert HIDDEN not in repr(answer) or HIDDEN in repr(arguments)
    if verb.public:
        return
    assert CANARY not in repr(answer)
    if sides and all(each is stage.other for each in sides.values()):
        assert isinstance(answer, NotFound | Forbidden)


def nothing_unasked(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    """One call by somebody without any duty: nothing comes of it, unless the verb is for everybody."""
    arguments = drawn(data, verb, {}, data.draw(st.sampled_from((stage.own, stage.other))))
    answer = stage.call(verb, PLAIN, arguments)
    assert isinstance(answer, IconetError) or verb.name in EVERYBODYS[verb.facade], answer


def nothing_widened(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    """One call about what is one's own: who calls stands afterwards as before."""
    name = data.draw(st.sampled_from(OWN), label="who")
    arguments = drawn(data, verb, {}, stage.own)
    there, could, was = _stands(stage, name)
    stage.call(verb, name, arguments)
    _, can, stands = _stands(stage, name)
    assert {power for power in can - could if power[1:] in there} == set()
    assert not widened(was, stands, lets_go=FACADES[verb.facade].lets_go), (was, stands)


def _theirs(stage: Stage) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = stage.told("theirs", lambda s: foreign_rows(s, stage.body))
    return found


def _stands(stage: Stage, name: str) -> tuple[set[tuple[str, Any]], set[tuple[str, str, Any]], tuple[Any, ...]]:
    caller = stage.world.strong(name)
    found: tuple[set[tuple[str, Any]], set[tuple[str, str, Any]], tuple[Any, ...]] = stage.told(
        name, lambda s: (existing(s), powers(stage.world, s, caller), standing(s, caller.official))
    )
    return found
