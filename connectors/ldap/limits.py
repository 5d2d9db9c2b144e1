"""How much one request may be. RFC 4511 sets no bounds; these are far above what address books send."""

from __future__ import annotations

MAX_REQUEST = 64 << 10
"""Octets of a message after a bind."""
MAX_UNBOUND = 8 << 10
"""Octets of a message before."""
MAX_DEPTH = 16
"""Of filters within filters."""
MAX_TERMS = 256
"""Parts of one filter, its pieces of substrings included."""
MAX_VALUE = 1024
"""Octets of a value that is compared, of a name and of a DN."""
MAX_RDNS = 16
MAX_ATTRIBUTES = 256
"""That one search asks for."""
MAX_CONTROLS = 16
MAX_ENTRIES = 20_000
"""That one search finds, without paging."""
MAX_PAGE = 1000
