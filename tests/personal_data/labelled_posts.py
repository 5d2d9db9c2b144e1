"""Posts labelled by hand: `⟦kind|value⟧` says what is there, and how often what is found agrees."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from groupware.personal_data.looking import look

OWN = ("iconet.test",)
SPLITS = ("tuning", "test")


@dataclass
class Score:
    found: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    posts: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """How many posts have some, and are held."""

    def precision(self, kind: str) -> float:
        return self.found[kind] / max(1, self.found[kind] + self.false[kind])

    def recall(self, kind: str) -> float:
        return self.found[kind] / max(1, self.found[kind] + self.missed[kind])

    @property
    def held_rightly(self) -> float:
        return self.posts[True, True] / (self.posts[True, True] + self.posts[False, True])

    @property
    def caught(self) -> float:
        return self.posts[True, True] / (self.posts[True, True] + self.posts[True, False])


def posts(split: str) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """Each post's text, and the labels within it."""
    lines = (Path(__file__).parent / "labelled" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [unlabelled(json.loads(line)["post"]) for line in lines]


def unlabelled(post: str) -> tuple[str, list[tuple[str, int, int]]]:
    text, labels, begun = "", [], []
    rest = post
    while rest:
        if rest[0] == "⟦":
            kind, _, rest = rest[1:].partition("|")
            begun.append((kind, len(text)))
        elif rest[0] == "⟧":
            labels.append((*begun.pop(), len(text)))
            rest = rest[1:]
        else:
            text, rest = text + rest[0], rest[1:]
    return text, labels


def score(split: str) -> Score:
    """A label is found when something of its kind overlaps it; a finding is false when it overlaps no label of its."""
    total = Score()
    for text, labels in posts(split):
        found = [(each.kind.value, each.start, each.end) for each in look(text, OWN)]
        total.posts[bool(labels), bool(found)] += 1
        for label in labels:
            (total.found if any(_agree(label, each) for each in found) else total.missed)[label[0]] += 1
        total.false.update(each[0] for each in found if not any(_agree(label, each) for label in labels))
    return total


def _agree(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
