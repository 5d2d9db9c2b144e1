"""Which cards a query is about (RFC 6352 10.5), told from their properties, without parsing any card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connectors.web.dav.asked import CARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from xml.etree.ElementTree import Element

    from groupware.cards.vcard import Line

_ESCAPE = re.compile(r"\\(.)")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^;:]*)')
MATCHES: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
}


def matches(properties: Sequence[Line], filters: Iterable[Element]) -> bool:
    """Whether a card with these properties passes all filters. ValueError for a filter that is none."""
    return all(_joined(each, (_property(properties, part) for part in each)) for each in filters)


def _joined(element: Element, answers: Iterable[bool]) -> bool:
    """RFC 6352 10.5: `anyof` unless the element says otherwise; an empty one is true."""
    found = list(answers)
    test = element.get("test", "anyof")
    if test not in ("anyof", "allof"):
        raise ValueError(f"test {test!r}")
    return not found or (any(found) if test == "anyof" else all(found))


def _property(properties: Sequence[Line], part: Element) -> bool:
    """RFC 6352 10.5.1."""
    if part.tag != f"{CARD}prop-filter":
        raise ValueError(part.tag)
    name = part.get("name", "").rpartition(".")[2].upper()
    having = [line for line in properties if line.name == name]
    if part.find(f"{CARD}is-not-defined") is not None:
        return not having
    return bool(having) and _joined(part, (_condition(having, each) for each in part))


def _condition(having: Sequence[Line], condition: Element) -> bool:
    if condition.tag == f"{CARD}text-match":
        return _text(condition, [_ESCAPE.sub(_plain, line.value) for line in having])
    if condition.tag == f"{CARD}param-filter":
        return _parameter(having, condition)
    raise ValueError(condition.tag)


def _parameter(having: Sequence[Line], condition: Element) -> bool:
    """RFC 6352 10.5.2."""
    name = condition.get("name", "").upper()
    values = [
        value
        for line in having
        for found, text in _PARAMETER.findall(line.parameters)
        if found.upper() == name
        for value in text.strip('"').split(",")
    ]
    if condition.find(f"{CARD}is-not-defined") is not None:
        return not values
    texts = condition.findall(f"{CARD}text-match")
    return bool(values) and all(_text(each, values) for each in texts)


def _text(condition: Element, values: Iterable[str]) -> bool:
    """RFC 6352 10.5.4. The case of letters counts for i;octet only."""
    match = MATCHES.get(condition.get("match-type", "contains"))
    if match is None:
        raise ValueError(condition.get("match-type"))
    fold: Callable[[str], str] = str if condition.get("collation") == "i;octet" else str.casefold
    wanted = fold(condition.text or "")
    found = any(match(fold(value), wanted) for value in values)
    return found != (condition.get("negate-condition") == "yes")


def _plain(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]
