"""Python's collector of cycles, told what stays."""

from __future__ import annotations

import gc

YOUNG = 5_000
"""Objects made before the youngest are looked at: at 700, Python's own number, that is every few messages."""


def leave_out_what_stays() -> None:
    """Never look again at what is there now (modules, policies, doors): each full look would stop all for 50 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
