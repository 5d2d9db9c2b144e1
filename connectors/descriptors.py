"""Descriptors: each client is one, and those who haven't begun TLS get a share of what there is."""

from __future__ import annotations

import resource

MOST = 65_536
"""Enough for the clients of all doors; a system that grants a billion would have tables of that size made."""


def take() -> None:
    """Have as many as the system grants this process, up to MOST; what it was started with is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    granted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if granted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
