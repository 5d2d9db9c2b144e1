"""A door that the sameness test doesn't look at can't be added."""

from __future__ import annotations

from dataclasses import replace

from model_door_views import ALWAYS, OF_PAGES, OF_PEOPLE, OPENED_BY_FORM, VIEWS, opened_unseen, unseen

from connectors.doors import DOORS, WORK
from connectors.web.api.routes import OPERATIONS
from connectors.web.app import PAGES
from policies.vocabulary import Door

PATHS = [path for path, *_ in PAGES]
NOT_BUILT = {"nntp", "caldav"}
"""Doors that app passwords may name already: whoever builds one registers its view, and takes it out here."""


def test_every_door_is_looked_at() -> None:
    assert unseen(DOORS, WORK, PATHS) == set()
    assert {*ALWAYS, *OF_PEOPLE, *OF_PAGES} == set(VIEWS)


def test_what_opens_by_a_form_alone_is_looked_at() -> None:
    assert opened_unseen(OPERATIONS) == set()
    by_form = next(each for each in OPERATIONS if each.path in OPENED_BY_FORM)
    assert opened_unseen([*OPERATIONS, replace(by_form, path="/drafts/{id}/open")]) == {"/drafts/{id}/open"}


def test_every_door_of_app_passwords_is_looked_at_once_it_is_built() -> None:
    assert {*Door} - VIEWS.keys() - {"portal"} == NOT_BUILT


def test_what_nobody_looks_at_is_named() -> None:
    assert unseen({**DOORS, "nntp": object()}, WORK, PATHS) == {"nntp"}
    assert unseen(DOORS, [*WORK, "feeds"], PATHS) == {"feeds"}
    assert unseen(DOORS, WORK, [*PATHS, "/feeds/{code}"]) == {"/feeds"}
