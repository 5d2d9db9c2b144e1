"""The neutral predicate folds as it should."""

from __future__ import annotations

import pytest

from policies.entities import NOW, Uid
from policies.tree import (
    COMPARISONS,
    NO,
    YES,
    All,
    Any,
    Column,
    Compare,
    Const,
    Holds,
    Not,
    all_of,
    any_of,
    is_comparison,
    negate,
)

A, B, C = (Holds(Column((name,), "Bool")) for name in "abc")
AGE = Column(("validFrom",), "Long")


@pytest.mark.parametrize(("fold", "absorbs", "vanishes"), [(all_of, NO, YES), (any_of, YES, NO)])
def test_known_parts_fold_away(fold, absorbs: Const, vanishes: Const) -> None:  # noqa: ANN001 -- all_of or any_of
    assert fold() == vanishes
    assert fold(vanishes) == vanishes
    assert fold(absorbs, A) == absorbs
    assert fold(A, absorbs, B) == absorbs
    assert fold(A) == A
    assert fold(vanishes, A) == A
    assert fold(A, A) == A


def test_parts_of_the_same_sort_are_opened_and_others_kept() -> None:
    assert all_of(all_of(A, B), C) == All((A, B, C))
    assert any_of(any_of(A, B), C) == Any((A, B, C))
    assert all_of(any_of(A, B), C) == All((Any((A, B)), C))
    assert any_of(all_of(A, B), C) == Any((All((A, B)), C))
    assert all_of(A, B, A) == All((A, B))
    assert any_of(B, A, B) == Any((B, A))


def test_negation_folds() -> None:
    assert (negate(YES), negate(NO)) == (NO, YES)
    assert negate(A) == Not(A)
    assert negate(negate(A)) == A
    assert (YES.value, NO.value) == (True, False)


def test_the_open_side_of_a_comparison_is_found_on_either_side() -> None:
    assert Compare("less", AGE, NOW).column is AGE
    assert Compare("less", NOW, AGE).column is AGE
    assert Compare("eq", NOW, Uid("Body", "1")).column is None


def test_six_operators_compare() -> None:
    assert {"eq", "not_eq", "less", "less_eq", "greater", "greater_eq"} == COMPARISONS
    assert is_comparison("less_eq")
    assert not is_comparison("in")
