"""The arguments of MAIL and RCPT: one plain mailbox in angle brackets, then parameters (RFC 5321 4.1.2).

Stricter than the RFC: source routes, quoted local parts, address literals, missing domains, and the percent and bang
paths of old relays say different things to different servers, and nobody here needs them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_PATH = 254
LONGEST_LOCAL = 64

# atext (RFC 5322 3.2.3) without % and !
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
_ARGUMENT = re.compile(r"(FROM|TO): ?<([^<> ]*)>((?: +[!-~]+)*) *", re.IGNORECASE)


class Path(NamedTuple):
    """`address` is as written, empty for the null path; parameters' names are in capitals, values as written."""

    address: str
    parameters: dict[str, str]


def read(keyword: str, argument: str) -> Path | None:
    """The path behind `FROM:` or `TO:`; None for what has another shape."""
    match = _ARGUMENT.fullmatch(argument)
    if match is None or match[1].upper() != keyword:
        return None
    parameters: dict[str, str] = {}
    for word in match[3].split():
        found = _PARAMETER.fullmatch(word)
        if found is None or found[1].upper() in parameters:
            return None
        parameters[found[1].upper()] = found[2] or ""
    return Path(match[2], parameters)


def is_plain(address: str) -> bool:
    """Whether it is `local@domain` and nothing else."""
    match = _MAILBOX.fullmatch(address)
    return match is not None and len(match[1]) <= LONGEST_LOCAL and len(address) <= LONGEST_PATH
