"""Whatever the people of one body do one after the other, they reach no right outside it, nobody one for themselves.

All of them together may turn to any verb; what then can be done outside their body must have been possible before for
one of them (a hand-over moves it from one to another), and no role that takes two persons' word is given by one. Alone,
an admin, a contact point or a deputy stands afterwards as before. That this would be noticed is tried, too.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from foreign_walks import (
    CONTACT_POINTS,
    HAND_OVERS,
    PROPOSALS,
    PROPOSERS,
    found,
    nothing_alone,
    nothing_outside,
)

from directory import appointments
from directory.access import Rule
from groupware.areas import access, acting
from groupware.duties import appointing, arranging, deciding, handing_over, proposing, revoking, second_word
from groupware.duties.scopes import require_fit
from groupware.people import changing, leave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from foreign import Verb
    from foreign_stage import Stage

    from directory.officials import Official
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot
    from policies.vocabulary import Access, Role

    Patch = tuple[Any, str, Any]

ALONE = ("adela", "carol", "clara")
WALKS, SHORTER = 40, 12


def test_a_band_reaches_no_right_outside_its_body(stage: Stage) -> None:
    for seed in range(WALKS):
        nothing_outside(stage, seed)


@pytest.mark.parametrize("name", ALONE)
def test_nobody_gains_anything_alone(stage: Stage, name: str) -> None:
    for seed in range(SHORTER):
        nothing_alone(stage, name, seed)


def _of_any_body(s: Any, _monitor: Monitor, who: Caller, _kind: Any, _number: int, body: int) -> leave.Leave:  # noqa: ANN401 -- the arguments' kinds don't matter
    return leave.Leave(s, body, who.official)


@contextmanager
def _alone(*_: object, **__: object) -> Iterator[None]:
    yield


def _nothing(*_: object) -> None:
    return None


def _for_any_body(snapshot: Snapshot, holder: Official, role: Role | Access, scope: int) -> None:
    require_fit(snapshot, replace(holder, body=scope), role, scope)


OUTSIDE: dict[str, Patch] = {
    "areas and rooms of all bodies are managed": (acting, "leave", lambda _tx, _monitor, by, *_: by.official),
    "entries of all bodies are kept": (leave, "_leave", _of_any_body),
    "the second word isn't waited for": (second_word, "goes_without", lambda *_: True),
    "any grant is ended": (revoking, "_require_leave", _nothing),
    "another's appointment is answered": (
        appointing,
        "_own",
        lambda tx, _caller, number: appointments.get(tx.connection, number),
    ),
    "who suspends the holder follows": (changing, "nobody_succeeds_alone", _alone),
}
"""Mistakes that a band would use: what is wrong, and in whose place."""
BY_ONE: dict[str, tuple[Patch, str]] = {
    "who gives a rule is let in by it": (
        (access, "Rule", lambda **fields: Rule(**{**fields, "granted_by": 0})),
        "adela",
    ),
    "the second word isn't waited for": ((second_word, "goes_without", lambda *_: True), "carol"),
}
"""The same, and who would be the one."""


IN_A_MATTER: dict[str, tuple[list[Patch], Sequence[Verb], str]] = {
    "the second word is anybody's": ([(second_word, "require", _nothing)], PROPOSALS, ""),
    "the second word is one's own": ([(second_word, "require", _nothing)], PROPOSALS, "carol"),
    "roles are held for any body": (
        # asked at the proposal and at the approval: either is enough
        [(proposing, "require_fit", _for_any_body), (deciding, "require_fit", _for_any_body)],
        PROPOSALS,
        "",
    ),
    "anybody's duties are offered": ([(handing_over, "_require_pair", _nothing)], HAND_OVERS, ""),
    "who offers a hand-over confirms it": ([(handing_over, "_require_another", _nothing)], HAND_OVERS, ""),
    # who is off-boarded takes their proposals along; this is about who is suspended, or has lost the role
    "whoever has proposed it may not any more": (
        [(deciding, "_may_still_propose", lambda *_: True)],
        PROPOSERS,
        "",
    ),
    "whoever arranges says that nobody holds": (
        [(arranging, "_require_holder", _nothing), (arranging, "nobody_succeeds_alone", _alone)],
        CONTACT_POINTS,
        "",
    ),
}
"""The same, in matters that take several steps: what is wrong, the verbs of the matter, and who would be the one."""


@pytest.mark.parametrize("mistake", OUTSIDE)
def test_what_a_band_would_use_is_found(stage: Stage, mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*OUTSIDE[mistake])
    assert found(partial(nothing_outside, stage)) is not None


@pytest.mark.parametrize("mistake", BY_ONE)
def test_what_one_person_would_use_is_found(stage: Stage, mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, name = BY_ONE[mistake]
    monkeypatch.setattr(*patch)
    assert found(partial(nothing_alone, stage, name)) is not None


@pytest.mark.parametrize("mistake", IN_A_MATTER)
def test_what_takes_several_steps_is_found(stage: Stage, mistake: str) -> None:
    patches, verbs, name = IN_A_MATTER[mistake]
    check = partial(nothing_alone, stage, name) if name else partial(nothing_outside, stage)
    with pytest.MonkeyPatch.context() as wrong:
        for each in patches:
            wrong.setattr(*each)
        seed = found(partial(check, among=verbs))
    assert seed is not None
    check(seed, among=verbs)  # where nothing is wrong the same walk finds nothing
