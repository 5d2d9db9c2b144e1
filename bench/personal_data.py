"""How well personal data is told from file numbers, dates of meetings and offices' telephones: precision and recall."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "personal_data")]

from labelled_posts import SPLITS, score

from groupware.personal_data.finding import Kind

for split in SPLITS:
    found = score(split)
    print(
        f"{split}: {sum(found.posts.values())} posts, {sum(found.found.values()) + sum(found.missed.values())} labels"
    )
    for kind in Kind:
        labels = found.found[kind] + found.missed[kind]
        if labels or found.false[kind]:
            precision, recall = found.precision(kind), found.recall(kind)
            print(f"  {kind:<16} {labels:>3} labels  precision {precision:.3f}  recall {recall:.3f}")
    held = f"{found.posts[True, True]} with and {found.posts[False, True]} without"
    missed = f"{found.posts[True, False]} with and {found.posts[False, False]} without"
    print(f"  held: {held}; not held: {missed}")
