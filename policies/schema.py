"""The types of facts and what actions apply to, read from the Cedar schema; what the compiler can't hold is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENTITY = re.compile(r"entity ([\w, ]+?)(?: in \[([\w, ]+)\])?(?: = \{(.*?)\})?;")
_RECORD = re.compile(r"type (\w+) = \{(.*?)\};")
_ACTION = re.compile(
    r"action ([\w, ]+?)(?: in \[(\w+)\])?"
    r"(?: appliesTo \{ principal: \[Official\], resource: \[([\w, ]+)\], context: Context \})?;"
)


class UnsupportedError(Exception):
    """A policy, a schema or a question uses what can't be answered in all three ways."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """What the schema says: per entity type its attributes and parents, per action the kinds it is done to."""

    attributes: dict[str, dict[str, str]]
    parents: dict[str, frozenset[str]]
    kinds: dict[str, frozenset[str]]
    groups: dict[str, str]

    def attribute(self, owner: str, name: str) -> str:
        """The type of `owner.name`: Long, Bool, an entity type, or `Set<Type>`."""
        try:
            return self.attributes[owner][name]
        except KeyError:
            raise UnsupportedError(f"{owner} has no attribute {name}") from None

    def may_be_within(self, child: str, above: str) -> bool:
        """Whether an entity of type `child` can ever lie properly below one of type `above`."""
        seen: set[str] = set()
        todo = {*self.parents.get(child, ())}
        while todo:
            seen |= todo
            todo = {over for kind in todo for over in self.parents.get(kind, ())} - seen
        return above in seen

    def applies(self, action: str, kind: str) -> None:
        """Raises UnsupportedError when the action is never done to that kind."""
        if kind not in self.kinds.get(action, ()):
            raise UnsupportedError(f"{action} doesn't apply to {kind}")


def read_schema(text: str) -> Shapes:
    """Parses the schema; any statement that isn't understood is refused."""
    body = _statements(text)
    attributes: dict[str, dict[str, str]] = {}
    parents: dict[str, frozenset[str]] = {}
    for names, above, record in _ENTITY.findall(body):
        attributes |= dict.fromkeys(_names(names), _attributes(record))
        parents |= dict.fromkeys(_names(names), frozenset(_names(above)))
    attributes |= {name: _attributes(record) for name, record in _RECORD.findall(body)}
    actions = [(name, *rest) for names, *rest in _ACTION.findall(body) for name in _names(names)]
    kinds = {name: frozenset(_names(resources)) for name, _, resources in actions if resources}
    return Shapes(attributes, parents, kinds, {name: group for name, group, _ in actions if group})


def _statements(text: str) -> str:
    """The namespace's inside on one line, sure to hold nothing else than the three statements."""
    plain = re.sub(r"//[^\n]*", "", text)
    body = re.sub(r"\s+", " ", plain[plain.index("{") + 1 : plain.rindex("}")])
    rest = _ACTION.sub("", _RECORD.sub("", _ENTITY.sub("", body))).strip()
    if rest:
        raise UnsupportedError(f"schema: {rest[:80]}")
    return body


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _attributes(record: str) -> dict[str, str]:
    pairs = [(name.strip(), kind.strip()) for name, _, kind in (part.partition(":") for part in _names(record))]
    if any("?" in name for name, _ in pairs):
        raise UnsupportedError("optional attribute: a forbid that errs is skipped, and NULL breaks NOT")
    return dict(pairs)
