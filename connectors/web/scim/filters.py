"""A filter (RFC 7644 3.4.2.2) becomes criteria of the directory; what can't is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from scim2_models import InvalidFilterException
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Present,
    ScimFilter,
    ValuePath,
)
from scim2_models.path import Not as NotFilter

from connectors.web.scim import moments
from connectors.web.scim.names import number_of
from groupware.provisioning import criteria
from groupware.provisioning.criteria import ALL, NONE, Compare, Comparing, Criterion, Every, Not, Some

if TYPE_CHECKING:
    from scim2_models import SearchRequest


class Kind(Enum):
    """How a value is written in a filter."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    PERSON = "official"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Source:
    """A field of the directory."""

    field: str
    kind: Kind = Kind.TEXT


Element = Mapping[str, "Source | str | bool"]
"""One value of a multi-valued attribute by its sub-attributes: fields, or what always stands there."""


@dataclass(frozen=True, slots=True)
class Words:
    """The attributes of a resource, by their names in `resources`; `elements` are those of multi-valued ones."""

    single: Mapping[tuple[str, str | None], Source]
    elements: Mapping[str, tuple[Element, ...]]


USERS = Words(
    single={
        ("id", None): Source("id", Kind.PERSON),
        ("external_id", None): Source("external_id"),
        ("meta", "created"): Source("created", Kind.MOMENT),
        ("meta", "last_modified"): Source("changed", Kind.MOMENT),
        ("user_name", None): Source("login"),
        ("display_name", None): Source("name"),
        ("active", None): Source("active", Kind.FLAG),
        ("name", "family_name"): Source("surname"),
        ("name", "given_name"): Source("given_name"),
        ("title", None): Source("title"),
        ("preferred_language", None): Source("language"),
        ("organization", None): Source("body"),
        ("division", None): Source("unit_name"),
        ("department", None): Source("unit"),
        ("listed", None): Source("listed", Kind.FLAG),
        ("valid_from", None): Source("valid_from", Kind.MOMENT),
        ("valid_until", None): Source("valid_until", Kind.MOMENT),
        ("clearance", None): Source("clearance", Kind.NUMBER),
    },
    elements={
        "emails": ({"value": Source("address"), "type": "work", "primary": True},),
        "phone_numbers": (
            {"value": Source("phone"), "type": "work"},
            {"value": Source("mobile"), "type": "mobile"},
        ),
        "groups": ({"value": Source("unit_id", Kind.UNIT), "display": Source("unit_name"), "type": "direct"},),
    },
)
GROUPS = Words(
    single={
        ("id", None): Source("id", Kind.UNIT),
        ("external_id", None): Source("external_id"),
        ("meta", "created"): Source("created", Kind.MOMENT),
        ("meta", "last_modified"): Source("changed", Kind.MOMENT),
        ("display_name", None): Source("name"),
    },
    elements={"members": ({"value": Source("member", Kind.PERSON), "type": "User"},)},
)


def criterion(words: Words, model: Any, text: ScimFilter[Any] | None) -> Criterion:  # noqa: ANN401 -- a class
    """What a filter asks of a resource; an attribute that this one hasn't is false (RFC 7644 3.4.2.1).

    InvalidFilterException for what can't be searched for.
    """
    if text is None:
        return ALL
    bound: ScimFilter[Any] = ScimFilter.__class_getitem__(model)(str(text))
    return _Translation(words, bound).visit(bound.ast)


def sorted_by(words: Words, request: SearchRequest[Any], model: type[Any]) -> str:
    """The field to sort by, "" for none; a multi-valued attribute stands for its first value (RFC 7644 3.4.2.3)."""
    binding = request.sort_binding(model)
    if binding is None:
        return ""
    source = words.single.get((binding.field_name, binding.sub_field_name))
    if source is None:
        first: Element = words.elements.get(binding.field_name, ({},))[0]
        found = first.get(binding.sub_field_name or "value")
        source = found if isinstance(found, Source) else None
    if source is None or source.field == "member":
        raise InvalidFilterException(detail=f"{request.sort_by} can't be sorted by")
    return source.field


class _Logic(FilterVisitor[Criterion]):
    """What is the same outside and inside brackets (RFC 7644 3.4.2.2)."""

    def visit_not(self, node: NotFilter) -> Criterion:
        return Not(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Criterion:
        terms = tuple(self.visit(term) for term in node.terms)
        return Every(terms) if node.op == LogicalOperator.and_ else Some(terms)


class _Translation(_Logic):
    """Of one filter."""

    def __init__(self, words: Words, text: ScimFilter[Any]) -> None:
        self._words = words
        self._text = text

    def visit_comparison(self, node: Comparison) -> Criterion:
        found = self._text.resolve_comparison(node.attr_path, strict=False)
        if found is None:
            return NONE
        if (single := self._single(found)) is not None:
            return _compared(single, node)
        elements = self._elements(found, node.attr_path)
        same = Some(
            tuple(Every((_there(each["value"]), _compared(_source(each, found), _equal(node)))) for each in elements)
        )
        return Not(same) if node.op == "ne" else same

    def visit_present(self, node: Present) -> Criterion:
        found = self._text.resolve(node.attr_path, strict=False)
        if found is None:
            return NONE
        if found.field_name == "name" and not found.sub_field_name:
            return Some((criteria.Present("surname"), criteria.Present("given_name")))
        if (single := self._single(found)) is not None:
            return _there(single)
        elements = self._elements(found, node.attr_path)
        return Some(tuple(Every((_there(each["value"]), _there(_source(each, found)))) for each in elements))

    def visit_value_path(self, node: ValuePath) -> Criterion:
        found = self._text.resolve(node.attr_path, strict=False)
        if found is None:
            return NONE
        if found.field_name not in self._words.elements:
            raise _unsearchable(node.attr_path)
        elements = self._words.elements[found.field_name]
        inner = (Every((_there(element["value"]), _Inner(element).visit(node.val_filter))) for element in elements)
        return Some(tuple(inner))

    def _single(self, found: AttributeBinding) -> Source | None:
        return self._words.single.get((found.field_name, found.sub_field_name))

    def _elements(self, found: AttributeBinding, path: AttrPath) -> tuple[Element, ...]:
        if found.field_name not in self._words.elements:
            raise _unsearchable(path)
        return self._words.elements[found.field_name]


class _Inner(_Logic):
    """Of the filter in brackets, for one element."""

    def __init__(self, element: Element) -> None:
        self._element = element

    def visit_comparison(self, node: Comparison) -> Criterion:
        return _compared(self._source(node.attr_path), node)

    def visit_present(self, node: Present) -> Criterion:
        return _there(self._source(node.attr_path))

    def visit_value_path(self, node: ValuePath) -> Criterion:
        raise _unsearchable(node.attr_path)

    def _source(self, path: AttrPath) -> Source | str | bool:
        found = self._element.get(path.attr.lower())
        if found is None or path.sub_attr:
            raise _unsearchable(path)
        return found


def _source(element: Element, found: AttributeBinding) -> Source | str | bool:
    name = found.sub_field_name or "value"
    if name not in element:
        raise InvalidFilterException(detail=f"{name} can't be searched for")
    return element[name]


def _there(source: Source | str | bool) -> Criterion:  # noqa: FBT001 -- what always stands there may be a flag
    return criteria.Present(source.field) if isinstance(source, Source) else ALL


def _compared(source: Source | str | bool, node: Comparison) -> Criterion:  # noqa: FBT001 -- as above
    if node.value is None:
        there = _there(source)
        return Not(there) if node.op == "eq" else there
    if node.op == "ne":
        return Not(_compared(source, _equal(node)))
    if not isinstance(source, Source):
        return _constant(source, node)
    return _READERS[source.kind](source.field, node)


def _equal(node: Comparison) -> Comparison:
    """The same, with equal for not equal."""
    return Comparison(node.attr_path, CompareOperator.eq, node.value) if node.op == "ne" else node


def _constant(value: str | bool, node: Comparison) -> Criterion:  # noqa: FBT001 -- as above
    if node.op != "eq":
        raise _unsearchable(node.attr_path)
    same = value == (node.value.lower() if isinstance(node.value, str) else node.value)
    return ALL if same else NONE


def _text(field: str, node: Comparison) -> Criterion:
    if not isinstance(node.value, str):
        raise _unfit(node)
    if field == "login" and "@" in node.value:
        field = "address"  # clients that call people by a mail address find them by it
    return Compare(field, Comparing(node.op.value), node.value)


def _number(field: str, node: Comparison) -> Criterion:
    if not isinstance(node.value, int) or isinstance(node.value, bool):
        raise _unfit(node)
    return Compare(field, Comparing(node.op.value), node.value)


def _flag(field: str, node: Comparison) -> Criterion:
    if not isinstance(node.value, bool) or node.op != "eq":
        raise _unfit(node)
    return Compare(field, Comparing.EQUAL, node.value)


def _moment(field: str, node: Comparison) -> Criterion:
    try:
        return Compare(field, Comparing(node.op.value), moments.read(node.value))
    except (ValueError, TypeError, OverflowError) as error:
        raise _unfit(node) from error


def _person(field: str, node: Comparison) -> Criterion:
    return _id(field, node, "official")


def _unit(field: str, node: Comparison) -> Criterion:
    return _id(field, node, "unit")


def _id(field: str, node: Comparison, kind: str) -> Criterion:
    if node.op != "eq" or not isinstance(node.value, str):
        raise _unfit(node)
    return Compare(field, Comparing.EQUAL, number_of(kind, node.value))


_READERS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.MOMENT: _moment,
    Kind.PERSON: _person,
    Kind.UNIT: _unit,
}


def _unsearchable(path: AttrPath) -> InvalidFilterException:
    return InvalidFilterException(detail=f"{path} can't be searched for in this way")


def _unfit(node: Comparison) -> InvalidFilterException:
    return InvalidFilterException(detail=f"{node.attr_path} can't be compared with that in this way")
