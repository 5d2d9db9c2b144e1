from __future__ import annotations

import pytest
from labelled_posts import SPLITS, posts, score

from groupware.personal_data.finding import Kind

LEAST = {
    "tuning": {Kind.TELEPHONE: (0.95, 1.0), Kind.NAME_LIST: (1.0, 0.86)},
    "test": {Kind.TELEPHONE: (0.91, 1.0), Kind.IDENTITY_NUMBER: (1.0, 0.96), Kind.BIRTH_DATE: (1.0, 0.97)},
}
"""Precision and recall as docs/decisions/0027-personal-data.md publishes them; all others are 1."""


@pytest.mark.parametrize("split", SPLITS)
def test_as_much_is_told_as_is_published(split: str) -> None:
    found = score(split)
    figures = {kind: (found.precision(kind), found.recall(kind)) for kind in Kind if kind is not Kind.UNREAD}
    least = {kind: LEAST[split].get(kind, (1.0, 1.0)) for kind in figures}
    assert all(one >= other for kind in figures for one, other in zip(figures[kind], least[kind], strict=True)), figures
    assert min(found.held_rightly, found.caught) > 0.98


def test_there_are_posts_of_both_sorts_in_all_languages() -> None:
    everything = [labels for split in SPLITS for _, labels in posts(split)]
    assert len(everything) >= 400
    assert 0.4 < sum(map(bool, everything)) / len(everything) < 0.6
    assert {kind for labels in everything for kind, _, _ in labels} == set(Kind) - {Kind.UNREAD}
