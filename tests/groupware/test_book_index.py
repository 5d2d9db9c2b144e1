"""The book's indexes find what going through all entries finds, however the image came about."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from directory.tables import FOREVER
from groupware.book import filters
from groupware.book.entries import Attribute, Body, Entry, EntryKind, Key, Person, Unit, key_of, values_of
from groupware.book.filters import And, Filter, Not, Or, Present, Unknown
from groupware.book.image import Image, changes, in_office
from groupware.book.sight import Sight
from groupware.caller import Caller
from policies.vocabulary import Door

CALLER = Caller(1, "a", "a@b.test", "A", Door.LDAP)
BODY = Body(1, "aa", "Ånsland", "member-state")
UNITS = [Unit(number, f"u{number}", name, BODY, 0, "", "") for number, name in ((1, "Return"), (2, "Ρόδος desk"))]
SEARCHED = (Attribute.NAME, Attribute.MAIL, Attribute.LOGIN, Attribute.UNIT, Attribute.PHONE, Attribute.OWN_WORD)
text = st.text("ab\u0391άß. 1", max_size=6)


def person(number: int, name: str, phone: str, unit: int) -> Person:
    login = f"p{number}"
    more = ("", "", "", phone, "", (), UNITS[unit], 0, FOREVER)
    return Person(number, login, f"{login}@b.test", name, *more)


people = st.builds(person, st.integers(1, 30), text, st.text("0123- ", max_size=5), st.integers(0, 1))
attributes = st.sampled_from(SEARCHED)
leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(filters.equals, attributes, text),
    st.builds(filters.substring, attributes, text, st.lists(text, max_size=2), text),
    st.builds(filters.at_least, attributes, text),
    st.builds(filters.at_most, attributes, text),
    st.builds(Present, attributes),
    st.just(Unknown()),
)
trees: st.SearchStrategy[Filter] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)


def entries_of(some: list[Person]) -> dict[Key, Entry]:
    everything: list[Entry] = [BODY, *UNITS, *some]
    return {key_of(entry): entry for entry in everything}


def sight_of(image: Image) -> Sight:
    return Sight(CALLER, 1, FOREVER, image, bytes([1] * len(image.entries)))


@given(st.lists(people, max_size=12), st.lists(people, max_size=12), trees)
@settings(max_examples=200, deadline=None)
def test_what_is_found(first: list[Person], second: list[Person], where: Filter) -> None:
    changed, built, after = Image(), Image(), entries_of(second)
    changed.build(None, entries_of(first).values())
    changed.change(*changes(changed, after))
    before = Image()
    before.build(None, entries_of(first).values())
    built.build(before, after.values())
    expected = {key for key, entry in after.items() if where.holds(values_of(entry)) is True}
    for image in (changed, built):
        found = [entry for batch in sight_of(image).batches(where) for _, entry in batch]
        assert {key_of(entry) for entry in found} == expected
        assert len(found) == len(expected)
        assert [image.find(key) for key in after] == list(after.values())


def test_a_place_beyond_what_was_marked_is_unseen() -> None:
    image = Image()
    image.build(None, entries_of([person(1, "Ann", "", 0)]).values())
    sight = Sight(CALLER, 1, FOREVER, image, b"\1\1\1")
    assert sight.entry(EntryKind.PERSON, 1) is None
    assert sight.entry(EntryKind.UNIT, 1) == UNITS[0]
    assert sight.first(filters.equals(Attribute.LOGIN, "p1")) is None


def test_unknown_is_neither_true_nor_false() -> None:
    image = Image()
    image.build(None, entries_of([]).values())
    sight = sight_of(image)
    for where in (Unknown(), Not(Unknown()), And((Unknown(), Present(Attribute.NAME))), Or((Unknown(),))):
        assert sight.first(where) is None
    assert sight.first(Or((Unknown(), Present(Attribute.NAME)))) == BODY
    assert sight.first(And((Not(And((Unknown(), Or(())))), Present(Attribute.NAME)))) == BODY


def test_office_has_a_beginning_and_an_end() -> None:
    dated = Person(1, "a", "a@b.test", "A", "", "A", "", "", "", (), UNITS[0], 10, 20)
    assert [in_office(dated, now) for now in (9, 10, 19, 20)] == [False, True, True, False]
    assert in_office(BODY, 5)
    assert not in_office(None, 5)
