"""The properties about bodies tested: whoever forgets to ask, or asks about something else, is found.

Forgotten questions are made from the source: each function of administration that asks the monitor is made to go on
without an answer, one at a time. Other mistakes are written down by hand.
"""

from __future__ import annotations

import ast
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from foreign_checks import OF_PEOPLE, OWN, VERBS, nothing_foreign, nothing_unasked, nothing_widened
from foreign_stage import Stage, drawn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from sqlalchemy import select

import groupware
from directory import officials, resets
from directory.access import Rule
from groupware.areas import access
from groupware.duties import revoking
from groupware.monitor import Monitor, Permit
from groupware.people import leave
from groupware.provisioning import authority

if TYPE_CHECKING:
    from collections.abc import Callable

    from foreign import Verb

    Check = Callable[[st.DataObject], None]
    Patch = Callable[[pytest.MonkeyPatch], None]

PARTS = ("areas", "duties", "people")
TRIES, TRACES = 100, 25


def quiet(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )


def finds(check: Check, examples: int = TRIES) -> bool:
    """Whether the property fails."""
    found: list[AssertionError] = []

    @given(data=st.data())
    @quiet(examples)
    def attempt(data: st.DataObject) -> None:
        try:
            check(data)
        except AssertionError as error:
            found.append(error)
            raise
        except RuntimeError:  # what was forgotten upsets what follows: that finds nothing
            return

    with suppress(AssertionError, Flaky):
        attempt()
    return bool(found)


def asking() -> list[tuple[str, str]]:
    """The functions that ask the monitor for leave, by module and name."""
    found = []
    for part in PARTS:
        for path in sorted(Path(groupware.__path__[0], part).glob("*.py")):
            functions = [each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef)]
            asking = [each.name for each in functions if any(map(_asks, ast.walk(each)))]
            found += [(f"groupware.{part}.{path.stem}", name) for name in asking]
    return found


def _asks(node: ast.AST) -> bool:
    """A call `monitor.require(...)`."""
    function = node.func if isinstance(node, ast.Call) else None
    asks = isinstance(function, ast.Attribute) and function.attr == "require"
    return asks and isinstance(function.value, ast.Name) and function.value.id == "monitor"  # type: ignore[union-attr] # asks holds for attributes only


Site = tuple[str, str]


def _site() -> Site:
    """Who called the function that calls this."""
    frame = sys._getframe(2)
    return frame.f_globals["__name__"], frame.f_code.co_name


def heard(patch: pytest.MonkeyPatch) -> set[Site]:
    """The set grows by whoever asks the monitor from now on."""
    usual, found = Monitor.require, set[Site]()

    def require(self: Monitor, *asked: Any) -> Permit:  # noqa: ANN401 -- as the monitor's
        found.add(_site())
        return usual(self, *asked)

    patch.setattr(Monitor, "require", require)
    return found


def forget(site: Site, patch: pytest.MonkeyPatch) -> None:
    """Have one function go on without an answer."""
    usual = Monitor.require

    def require(self: Monitor, snapshot: Any, caller: Any, *asked: Any) -> Permit:  # noqa: ANN401 -- as the monitor's
        permitted = _site() == site
        return Permit(snapshot, caller, *asked, (), 0) if permitted else usual(self, snapshot, caller, *asked)

    patch.setattr(Monitor, "require", require)


_ASKERS: dict[Site, list[Verb]] = {}


@pytest.fixture
def askers(stage: Stage) -> dict[Site, list[Verb]]:
    """Which verbs come by which of them; found once."""
    for verb in [] if _ASKERS else OF_PEOPLE:
        _trace(stage, verb)
        stage.again()
    return _ASKERS


def _trace(stage: Stage, verb: Verb) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sites = heard(patch)
        finds(lambda data: one_call(stage, verb, data), TRACES)
    for site in sites:
        _ASKERS.setdefault(site, []).append(verb)


def one_call(stage: Stage, verb: Verb, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(OWN))
    stage.call(verb, name, drawn(data, verb, {}, data.draw(st.sampled_from((stage.own, stage.own, stage.other)))))


HARMLESS: dict[Site, str] = {
    ("groupware.people.own", "own_entry"): "all who try are in office; who isn't is kept out in test_entries.py",
    ("groupware.duties.looking", "departure"): "nobody has left on this stage; strangers get 404 in test_duty_pages.py",
}
"""Functions that may forget to ask here, and what is proven elsewhere."""


@pytest.mark.parametrize("site", asking(), ids=lambda site: ".".join(site).removeprefix("groupware."))
def test_a_forgotten_question_is_found(
    stage: Stage, askers: dict[Site, list[Verb]], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(site, monkeypatch)
    noticed = any(
        finds(lambda data, check=check, verb=verb: check(stage, verb, data))
        for verb in askers[site]
        for check in (nothing_unasked, nothing_foreign, nothing_widened)
    )
    assert noticed != (site in HARMLESS)


def _every_request(patch: pytest.MonkeyPatch) -> None:
    everywhere = select(*resets._WHOLE.selected_columns).where(resets._r.released == 0)
    patch.setattr(resets, "_OPEN_IN", everywhere)


def _let_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "Rule", lambda **fields: Rule(**{**fields, "granted_by": 0}))


def _any_grant(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(revoking, "_require_leave", lambda *_: None)


def _any_official(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(authority, "person", lambda s, _machine, number, _version=None: officials.get(s.connection, number))


def _own_entry(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(leave, "_leave", lambda s, _monitor, who, _kind, _number, body: leave.Leave(s, body, who.official))


MISTAKES: dict[str, tuple[Patch, str, Any]] = {
    "who gives a rule is let in by it": (_let_in, "areas.give_access", nothing_widened),
    "a grant is ended by anybody": (_any_grant, "duties.revoke", nothing_foreign),
    "requests of all bodies are listed": (_every_request, "people.resets", nothing_foreign),
    "SCIM takes any number for its own": (_any_official, "provisioning.change", nothing_foreign),
    "SCIM removes any number": (_any_official, "provisioning.remove", nothing_foreign),
    "entries are kept without leave": (_own_entry, "people.change", nothing_foreign),
    "another body's file is written": (_own_entry, "people.apply", nothing_foreign),
    "another body's people are exported": (_own_entry, "people.export", nothing_foreign),
}
"""What is done wrong, the verb that does it, and the property that finds it."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(stage: Stage, mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, name, check = MISTAKES[mistake]
    (verb,) = [each for each in VERBS if str(each) == name]
    assert not finds(lambda data: check(stage, verb, data), TRACES), "it is found where it isn't"
    patch(monkeypatch)
    assert finds(lambda data: check(stage, verb, data), 4 * TRIES)
