"""What the door says it can do (RFC 9051 6.1.1)."""

from __future__ import annotations

from typing import Final

OFFERED: Final = b" ".join(
    [
        b"IMAP4rev1",
        b"SASL-IR",  # RFC 4959
        b"LITERAL+",  # RFC 7888
        b"AUTH=PLAIN",
        b"ID",  # RFC 2971
        b"IDLE",  # RFC 2177
        b"NAMESPACE",  # RFC 2342
        b"UIDPLUS",  # RFC 4315
        b"MOVE",  # RFC 6851
        b"UNSELECT",  # RFC 3691
        b"CHILDREN",  # RFC 3348
        b"SPECIAL-USE",  # RFC 6154
        b"ESEARCH",  # RFC 4731
        b"WITHIN",  # RFC 5032
        b"ENABLE",  # RFC 5161
        b"LIST-EXTENDED",  # RFC 5258
        b"LIST-STATUS",  # RFC 5819
        b"STATUS=SIZE",  # RFC 8438
    ]
)
