"""The tree: officials and bodies right under the base, units under their body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.ldap import dn
from connectors.ldap.schema import BY_NAME
from groupware.book.entries import Attribute, Body, EntryKind, Person, Unit
from groupware.book.filters import And, equals

if TYPE_CHECKING:
    from connectors.ldap.dn import Dn
    from groupware.book.entries import Entry
    from groupware.book.filters import Filter
    from groupware.book.sight import Sight

SUBSCHEMA: Final = "cn=subschema"
PLURAL = 2


def base_dn(domain: str) -> str:
    """The base of the tree for a mail domain: iconet.test is dc=iconet,dc=test (RFC 2247)."""
    return ",".join(f"dc={dn.escaped(label)}" for label in domain.split("."))


@dataclass(frozen=True, slots=True)
class Top:
    """The entry at the base of the tree."""


@dataclass(frozen=True, slots=True)
class RootDse:
    """What the server says of itself, under the empty name (RFC 4512 5.1)."""


@dataclass(frozen=True, slots=True)
class Subschema:
    """Its schema (RFC 4512 4.2)."""


Target = Top | RootDse | Subschema | Body | Unit | Person


class Tree:
    """The names of one domain's entries."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.base = base_dn(domain)
        self._base = dn.parse(self.base)

    def name(self, entry: Entry) -> str:
        """An entry's DN."""
        if isinstance(entry, Person):
            return f"uid={dn.escaped(entry.login)},{self.base}"
        if isinstance(entry, Unit):
            return f"ou={dn.escaped(entry.code)},{self.name(entry.body)}"
        return f"o={dn.escaped(entry.code)},{self.base}"

    def login(self, name: str) -> str:
        """Whom a bind names: a DN of ours, or just a login or mail address as at every door; "" for nobody."""
        if "=" not in name:
            return name
        try:
            below = self._below(dn.parse(name))
        except dn.BadDn:
            return ""
        if below is None or len(below) != 1:
            return ""
        kind, value = _single(below[0])
        return value if kind in {"uid", "mail"} else ""

    def within(self, name: str) -> bool:
        """Whether a name lies in the tree: then the base is the nearest that exists (RFC 4511 4.1.9, matchedDN)."""
        try:
            return self._below(dn.parse(name)) is not None
        except dn.BadDn:
            return False

    def find(self, sight: Sight | None, name: str) -> Target | None:
        """What has this name, if the caller may see it; without a sight only the root DSE is there. Raises BadDn."""
        if name == self.base and sight is not None:
            return Top()
        parsed = dn.parse(name)
        if not parsed:
            return RootDse()
        if sight is None:
            return None
        if len(parsed) == 1 and _is_subschema(*_single(parsed[0])):
            return Subschema()
        below = self._below(parsed)
        if below is None:
            return None
        return self._entry(sight, below) if below else Top()

    def _below(self, parsed: Dn) -> Dn | None:
        """What stands before the base, None for a name elsewhere."""
        depth = len(parsed) - len(self._base)
        if depth < 0 or not all(map(_same, parsed[depth:], self._base)):
            return None
        return parsed[:depth]

    def _entry(self, sight: Sight, below: Dn) -> Entry | None:
        kind, value = _single(below[0])
        if len(below) == 1 and kind == "uid":
            return _first(sight, EntryKind.PERSON, equals(Attribute.LOGIN, value))
        if len(below) == 1 and kind == "o":
            return _coded(sight, EntryKind.BODY, Attribute.BODY, value)
        if len(below) == PLURAL and kind == "ou":
            body = self._entry(sight, below[1:])
            return _unit(sight, body, value) if isinstance(body, Body) else None
        return None


def _single(rdn: dn.Rdn) -> tuple[str, str]:
    """The one type, by its first name, and value of an RDN; nothing here is named by two."""
    if len(rdn) > 1:
        return "", ""
    kind, value = rdn[0]
    known = BY_NAME.get(kind)
    return (known.name if known else kind), value


def _same(rdn: dn.Rdn, other: dn.Rdn) -> bool:
    kind, value = _single(rdn)
    other_kind, other_value = _single(other)
    return kind == other_kind and dn.same(value, other_value)


def _is_subschema(kind: str, value: str) -> bool:
    return kind == "cn" and dn.same(value, "subschema")


def _first(sight: Sight, kind: EntryKind, where: Filter) -> Entry | None:
    return sight.first(And((where, equals(Attribute.KIND, kind.name))))


def _coded(sight: Sight, kind: EntryKind, attribute: Attribute, code: str) -> Entry | None:
    """A body or unit by its code, which the book keeps in one index with the name."""
    where = And((equals(attribute, code), equals(Attribute.KIND, kind.name)))
    found = (entry for batch in sight.batches(where) for _, entry in batch)
    return next((e for e in found if not isinstance(e, Person) and dn.same(e.code, code)), None)


def _unit(sight: Sight, body: Body, code: str) -> Entry | None:
    where = And((equals(Attribute.UNIT, code), equals(Attribute.BODY, body.code), equals(Attribute.KIND, "UNIT")))
    found = (entry for batch in sight.batches(where) for _, entry in batch)
    return next((e for e in found if isinstance(e, Unit) and e.body.id == body.id and dn.same(e.code, code)), None)
