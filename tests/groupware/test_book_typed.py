"""What is typed is found as it is promised, by the indexes and one by one, and in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.tables import FOREVER
from groupware.book import typed
from groupware.book.entries import Attribute, Body, EntryKind, Person, Unit, values_of, words
from groupware.book.image import Image
from groupware.book.typed import ENOUGH, Likely

if TYPE_CHECKING:
    from groupware.book.entries import Entry

BODIES = [Body(1, "aa", "Aland", "member-state"), Body(2, "bb", "Bøland", "member-state")]
UNITS = [Unit(number, f"u{number}", name, BODIES[number], 0, "", "") for number, name in enumerate(("Return", "Visa"))]


def person(number: int, name: str, title: str = "", unit: int = 0) -> Person:
    login = f"p{number}"
    return Person(number, login, f"{login}@b.test", name, "", "", title, "", "", (), UNITS[unit], 0, FOREVER)


def image_of(some: list[Person]) -> Image:
    image = Image()
    image.build(None, [*BODIES, *UNITS, *some])
    return image


def found(some: list[Person], text: str, most: int = 25, kind: EntryKind | None = EntryKind.PERSON) -> list[str]:
    image = image_of(some)
    return [entry.name for entry in Likely(image, bytes([1]) * len(image.entries), text).best(most, kind)]


def distance(entry: Entry, text: str, *, inside: bool) -> int | None:
    """As it is promised, said once more."""
    total = 0
    for word in dict.fromkeys(words(text)):
        own, other = (values_of(entry).get(where, ()) for where in (Attribute.OWN_WORD, Attribute.WORD))
        steps = [word in own, any(each.startswith(word) for each in own)]
        steps += [word in other, any(each.startswith(word) for each in other)]
        steps += [any(word in each for each in texts) for texts in (own, other) if inside and len(word) >= 3]
        if not any(steps):
            return None
        total += 2 * steps.index(True)
    return total - (" ".join(words(entry.name)) + " ").startswith(" ".join(words(text)))


names = st.lists(st.sampled_from(["Anna", "Ann", "Hanna", "Oanna", "Return", "Böl"]), min_size=1, max_size=3).map(
    " ".join
)
titles = st.sampled_from(["", "Head", "Return officer", "Anna"])
questions = st.lists(
    st.sampled_from(["a", "an", "anna", "ann", "nna", "head", "return", "bol", "visa", "u1", "p", "p1", "test"]),
    min_size=1,
    max_size=3,
).map(" ".join)


@pytest.mark.parametrize("few", [0, 3, 100])
@given(
    rows=st.lists(st.tuples(names, titles, st.integers(0, 1)), max_size=20), text=questions, hidden=st.integers(0, 3)
)
@settings(max_examples=150, deadline=None)
def test_found_and_ordered_as_promised(few: int, rows: list[tuple[str, str, int]], text: str, hidden: int) -> None:
    image = image_of([person(number, *row) for number, row in enumerate(rows)])
    seen = bytes(place % 4 != hidden for place in range(len(image.entries)))
    entries = [(place, entry) for place, entry in enumerate(image.entries) if seen[place] and entry is not None]
    for inside in (False, True):
        away = {place: distance(entry, text, inside=inside) for place, entry in entries}
        expected = sorted(
            (far, image.alphabet[place], entry) for place, entry in entries if (far := away[place]) is not None
        )
        if len(expected) >= ENOUGH:
            break
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typed, "FEW", few)
        likely = Likely(image, seen, text)
        assert likely.best(100) == [entry for *_, entry in expected]
        assert likely.best(4) == [entry for *_, entry in expected][:4]


def test_words_are_looked_for_in_all_that_is_known() -> None:
    some = [person(1, "Anna Berg", "Head of unit"), person(2, "Anna Holm", "Analyst", 1), person(3, "Søren Łuk")]
    assert found(some, "anna head") == ["Anna Berg"]
    assert found(some, "anna visa boland") == ["Anna Holm"]
    assert found(some, "anna u0 aa") == ["Anna Berg"]
    assert found(some, "p2@b.test") == ["Anna Holm"]
    assert found(some, "soren luk") == ["Søren Łuk"]
    assert found(some, "anna aland visa") == []
    assert found(some, "visa", kind=EntryKind.UNIT) == ["Visa"]
    assert found(some, "visa boland", kind=EntryKind.UNIT) == ["Visa"]
    assert found(some, "bol", kind=EntryKind.BODY) == ["Bøland"]


def test_the_name_counts_for_more_and_a_whole_word_too() -> None:
    some = [person(1, "Ernst Analyst"), person(2, "Zoe Ana"), person(3, "Ana Zorn"), person(4, "Al Ben", "Ana")]
    assert found(some, "ana") == ["Ana Zorn", "Zoe Ana", "Ernst Analyst", "Al Ben"]


def test_parts_of_words_only_where_few_begin_so() -> None:
    inside = person(99, "Xander Zorn")
    assert found([inside], "ander") == ["Xander Zorn"]
    assert (
        found([inside, *(person(number, f"Anders {number}") for number in range(ENOUGH - 1))], "ander")[-1]
        == "Xander Zorn"
    )
    assert "Xander Zorn" not in found([inside, *(person(number, "Anders") for number in range(ENOUGH))], "ander")
    assert found([inside], "an") == []
