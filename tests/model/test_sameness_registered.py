"""A door that the sameness test doesn't look at can't be added."""

from __future__ import annotations

from model_door_views import ALWAYS, OF_PAGES, OF_PEOPLE, VIEWS, unseen

from connectors.doors import DOORS, WORK
from connectors.web.app import PAGES
from policies.vocabulary import Door

PATHS = [path for path, *_ in PAGES]
NOT_BUILT = {"nntp", "caldav"}
"""Doors that app passwords may name already: whoever builds one registers its view, and takes it out here."""


def test_every_door_is_looked_at() -> None:
    assert unseen(DOORS, WORK, PATHS) == set()
    assert {*ALWAYS, *OF_PEOPLE, *OF_PAGES} == set(VIEWS)


def test_every_door_of_app_passwords_is_looked_at_once_it_is_built() -> None:
    assert {*Door} - VIEWS.keys() - {"portal"} == NOT_BUILT


def test_what_nobody_looks_at_is_named() -> None:
    assert unseen({**DOORS, "nntp": object()}, WORK, PATHS) == {"nntp"}
    assert unseen(DOORS, [*WORK, "feeds"], PATHS) == {"feeds"}
    assert unseen(DOORS, WORK, [*PATHS, "/feeds/{code}"]) == {"/feeds"}
