"""Small faults in the text of the policies, made in Cedar's own JSON form of it."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cedarpy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.schema import Shapes

Json = Any
NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
EDGE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True)
class CedarMutant:
    """One fault: in which rule, what changes, and the whole text."""

    rule: str
    change: str
    text: str

    @property
    def name(self) -> str:
        return f"policies/iconet.cedar {self.rule}: {self.change}"


class Mutator:
    """Makes one change after the other in a text, and undoes each when the next is wanted."""

    def __init__(self, text: str, shapes: Shapes) -> None:
        self.tree: Json = json.loads(cedarpy.policies_to_json_str(text))
        self.rules: dict[str, Json] = self.tree["staticPolicies"]
        self.shapes = shapes

    def mutants(self) -> Iterator[CedarMutant]:
        """All of them."""
        for key in list(self.rules):
            rule = self.rules[key]
            times = Counter[str]()
            for change in self._changes(key, rule):
                times[change] += 1
                text = cedarpy.policies_from_json_str(json.dumps(self.tree))
                again = f" ({times[change]})" if times[change] > 1 else ""
                yield CedarMutant(rule["annotations"]["id"], f"{change}{again}", text)

    def _changes(self, key: str, rule: Json) -> Iterator[str]:
        del self.rules[key]
        yield "the rule is gone"
        self.rules[key] = rule
        other = "forbid" if rule["effect"] == "permit" else "permit"
        yield from _put(rule, "effect", other)
        yield from self._scopes(rule)
        yield from self._clauses(rule)

    def _scopes(self, rule: Json) -> Iterator[str]:
        scope = rule["action"]
        named = [each["id"] for each in scope.get("entities", [scope["entity"]] if "entity" in scope else [])]
        for one in named:
            for other in self._neighbours(one, named):
                new = [{"type": "ICONet::Action", "id": name} for name in named if name != one] + other
                yield from _put(rule, "action", {"op": "in", "entities": new}, f"action {one}")
        if rule["resource"]["op"] == "is":
            for kind in sorted(self._kinds(rule)):
                yield from _put(rule["resource"], "entity_type", f"ICONet::{kind}")

    def _neighbours(self, action: str, named: list[str]) -> Iterator[list[Json]]:
        """Nothing instead of it, where others remain; and the next action for the same kinds."""
        if len(named) > 1:
            yield []
        mine = self.shapes.kinds.get(action, frozenset())
        others = sorted(each for each in self.shapes.kinds if each not in named and self.shapes.kinds[each] & mine)
        if others:
            after = [each for each in others if each > action] or others
            yield [{"type": "ICONet::Action", "id": after[0]}]

    def _kinds(self, rule: Json) -> set[str]:
        kinds = {kind for action in self._actions(rule["action"]) for kind in self.shapes.kinds.get(action, ())}
        return kinds - {rule["resource"]["entity_type"].removeprefix("ICONet::")}

    def _actions(self, scope: Json) -> frozenset[str]:
        if scope["op"] == "All":
            return frozenset(self.shapes.kinds)
        named = {each["id"] for each in scope.get("entities", [scope["entity"]] if "entity" in scope else [])}
        return frozenset(each for each in self.shapes.kinds if each in named or self.shapes.groups.get(each) in named)

    def _clauses(self, rule: Json) -> Iterator[str]:
        clauses = rule["conditions"]
        for place, clause in enumerate(list(clauses)):
            del clauses[place]
            yield f"{clause['kind']} {short(clause['body'])} -> gone"
            clauses.insert(place, clause)
            yield from _put(clause, "kind", "unless" if clause["kind"] == "when" else "when")
            yield from self._expression(clause, "body")

    def _expression(self, owner: Json, place: str | int) -> Iterator[str]:
        node = owner[place]
        for new in self._instead(node):
            yield from _put(owner, place, new)
        for inner, key in _inside(node):
            yield from self._expression(inner, key)

    def _instead(self, node: Json) -> Iterator[Json]:
        (op, parts), *_ = node.items()
        if op in ("&&", "||"):
            yield {"||" if op == "&&" else "&&": parts}
            yield parts["left"]
            yield parts["right"]
        elif op == "!":
            yield parts["arg"]
        elif op in NEGATED:
            yield {NEGATED[op]: parts}
            if op in EDGE:
                yield {EDGE[op]: parts}
        elif op == "Value" and isinstance(parts, int):
            yield {"Value": parts + 1}
            yield {"Value": parts - 1}
        elif op == "Set" and len(parts) > 1:
            yield from ({"Set": parts[:at] + parts[at + 1 :]} for at in range(len(parts)))
        elif op == ".":
            yield from ({".": {**parts, "attr": other}} for other in self._siblings(parts["attr"]))

    def _siblings(self, name: str) -> list[str]:
        """The next fact beside it of the same sort: another group of officials, another truth."""
        for facts in self.shapes.attributes.values():
            if name in facts:
                same = [each for each in facts if each != name and _sort(facts[each]) == _sort(facts[name])]
                later = [each for each in same if list(facts).index(each) > list(facts).index(name)]
                if same:
                    return [(later or same)[0]]
        return []


def _sort(kind: str) -> str:
    return kind if kind in ("Bool", "Long", "Body", "Unit", "Official", "Room", "Area") else "group"


def _put(owner: Json, place: str | int, new: Json, what: str = "") -> Iterator[str]:
    old = owner[place]
    owner[place] = copy.deepcopy(new)
    yield f"{what or short(old)} -> {short(new)}"
    owner[place] = old


def _inside(node: Json) -> Iterator[tuple[Json, str | int]]:
    (op, parts), *_ = node.items()
    if op in ("Value", "Var"):
        return
    if op == "Set":
        yield from ((parts, at) for at in range(len(parts)))
        return
    yield from ((parts, key) for key in ("left", "right", "arg") if isinstance(parts.get(key), dict))


def short(node: Json) -> str:
    """An expression in few words."""
    if not isinstance(node, dict):
        return str(node)
    if "entities" in node:
        return "[" + ", ".join(each["id"] for each in node["entities"]) + "]"
    (op, parts), *_ = node.items()
    words = {
        "Value": lambda: str(parts["__entity"]["id"] if isinstance(parts, dict) else parts),
        "Var": lambda: str(parts),
        "Set": lambda: "[" + ", ".join(map(short, parts)) + "]",
        ".": lambda: f"{short(parts['left'])}.{parts['attr']}",
        "!": lambda: f"!{short(parts['arg'])}",
    }
    return words[op]() if op in words else f"({short(parts['left'])} {op} {short(parts['right'])})"
