"""What a request's XML asks for, read within bounds before Radicale reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from groupware.cards.vcard import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from groupware.cards.vcard import Version

DAV, CARD = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
DEEPEST = 32
MOST_ELEMENTS = 20_000
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
REPORTS = {f"{CARD}addressbook-query", f"{CARD}addressbook-multiget", f"{DAV}sync-collection"}
PASSED = {f"{DAV}expand-property", f"{DAV}principal-property-search", f"{DAV}principal-search-property-set"}
"""Reports that Radicale answers with nothing, because some clients ask for them whatever is offered."""
COLLATIONS = {"", "default", "i;ascii-casemap", "i;unicode-casemap", "i;octet"}


class Unreadable(Exception):  # noqa: N818 -- an answer, not an error of ours
    """The body is no XML that may be asked with."""


class Unmet(Exception):  # noqa: N818 -- same
    """A precondition is not met; `condition` is its element, with the prefixes of `answers.refusal`."""

    def __init__(self, condition: str, status: int = 403) -> None:
        super().__init__(condition)
        self.condition = condition
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """`only` names the properties that the cards shall have, none for all; `most` bounds the results, 0 doesn't."""

    version: Version = "3.0"
    only: frozenset[str] = frozenset()
    most: int = 0


def read(method: str, body: bytes) -> Asked:
    """What the body of PROPFIND or REPORT asks for. Raises Unreadable or Unmet."""
    root = _parsed(body)
    if root is None:
        if method == "REPORT":
            raise Unreadable("empty")
        return Asked()
    _check_root(method, root)
    _check_parts(root)
    data = root.find(f".//{CARD}address-data")
    only = frozenset() if data is None else frozenset(_named(part) for part in data.findall(f"{CARD}prop"))
    return Asked("3.0" if data is None else _version(data.attrib), only, _most(root))


def _parsed(body: bytes) -> Element | None:
    if not body.strip():
        return None
    depth = count = 0
    root: Element | None = None
    try:
        body.decode("utf-8")  # as Radicale reads it
        for event, element in iterparse(BytesIO(body), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            count += event == "start"
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise Unreadable("too deep or too much")
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(type(error).__name__) from error
    return root


def _check_root(method: str, root: Element) -> None:
    if method == "PROPFIND":
        if root.tag != f"{DAV}propfind":  # RFC 4918 9.1
            raise Unreadable(root.tag)
    elif root.tag not in REPORTS | PASSED:
        raise Unmet("<D:supported-report/>")  # RFC 3253 3.6


def _check_parts(root: Element) -> None:
    for match in root.iter(f"{CARD}text-match"):
        if match.get("collation", "") not in COLLATIONS:
            raise Unmet("<C:supported-collation/>")  # RFC 6352 8.6
    for href in root.findall(f"{DAV}href"):
        if not (href.text or "").strip():
            raise Unreadable("empty href")


def _version(attributes: Mapping[str, str]) -> Version:
    """RFC 6352 10.4: version 3.0 where nothing is said."""
    wanted = attributes.get("version", "3.0")
    for version in VERSIONS:
        if version == wanted and attributes.get("content-type", "text/vcard").lower() == "text/vcard":
            return version
    raise Unmet("<C:supported-address-data/>")  # RFC 6352 8.6


def _named(part: Element) -> str:
    return part.get("name", "").upper()


def _most(root: Element) -> int:
    """RFC 6352 10.6, RFC 6578 6.3."""
    for space in (CARD, DAV):
        text = (root.findtext(f"{space}limit/{space}nresults") or "").strip()
        if text:
            if not _NUMBER.fullmatch(text):
                raise Unreadable("nresults")
            return int(text)
    return 0
