"""Entries of the book as LDAP shows them: attribute types with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from connectors.ldap.codes import (
    ALL_OPERATIONAL,
    LDAP_VERSION,
    MANAGE_DSA_IT,
    PAGED_RESULTS,
    START_TLS,
    TRUE_FALSE_FILTERS,
    WHO_AM_I,
)
from connectors.ldap.naming import SUBSCHEMA
from connectors.ldap.schema import (
    ABOUT_THE_SERVER,
    BODY,
    BY_NAME,
    CLASSES,
    CLASSES_OF,
    PERSON,
    ROOT,
    RULES,
    SCHEMA,
    SERVER,
    STRUCTURAL,
    SYNTAXES,
    TYPES,
    UNIT,
)
from groupware.book.entries import Attribute, Body, Person, Unit, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connectors.ldap.naming import Tree
    from connectors.ldap.schema import Type
    from groupware.book.entries import Entry, Values

Shown = list[tuple["Type", "Sequence[str]"]]
NAMES = UUID("c51b93c5-f82d-4aa7-b9e5-77332dde982a")
"""Under which units and bodies, which everybody sees, get a UUID of their own (RFC 9562 5.5)."""
ROOT_VALUES: Values = {Attribute.KIND: (ROOT,), Attribute.BODY: ("iconet",)}
"""What the entry at the top is found by."""
SERVER_VALUES: Values = {Attribute.KIND: (SERVER,)}
SCHEMA_VALUES: Values = {Attribute.KIND: (SCHEMA,)}


class Rendering:
    """How the entries of one tree look; `uid` gives an official's name for all times, which tells of no number."""

    def __init__(self, tree: Tree, uid: Callable[[int], str]) -> None:
        self.tree = tree
        self._uid = uid

    def shown(self, entry: Entry) -> Shown:
        """All attributes of an entry; what it lacks has no values."""
        if isinstance(entry, Person):
            kind, values = PERSON, self._person(entry)
        elif isinstance(entry, Unit):
            kind, values = UNIT, self._unit(entry)
        else:
            kind, values = BODY, _body(entry)
        uuid = self._uid(entry.id) if kind == PERSON else str(uuid5(NAMES, f"{key_of(entry)[0]}:{entry.id}"))
        return _typed(kind, values | _operational(kind, self.tree.name(entry), uuid))

    def top(self) -> Shown:
        """The entry at the base of the tree."""
        label = self.tree.domain.partition(".")[0]
        uuid = str(uuid5(NAMES, self.tree.base))
        return _typed(ROOT, {"o": ["ICONet"], "dc": [label]} | _operational(ROOT, self.tree.base, uuid))

    def root_dse(self, *, starttls: bool) -> Shown:
        """RFC 4512 5.1."""
        values = {
            "objectClass": ["top"],
            "namingContexts": [self.tree.base],
            "subschemaSubentry": [SUBSCHEMA],
            "supportedLDAPVersion": [str(LDAP_VERSION)],
            "supportedControl": [PAGED_RESULTS, MANAGE_DSA_IT],
            "supportedExtension": [WHO_AM_I, *([START_TLS] if starttls else [])],
            "supportedFeatures": [ALL_OPERATIONAL, TRUE_FALSE_FILTERS],
            "vendorName": ["ICONet"],
        }
        return [(BY_NAME[name.lower()], texts) for name, texts in values.items()]

    def _person(self, person: Person) -> dict[str, Sequence[str]]:
        return {
            "uid": [person.login],
            "cn": [person.name or person.login],
            "sn": [person.surname or person.login],
            "givenName": _some(person.given_name),
            "displayName": [person.name or person.login],
            "mail": _some(person.mail),
            "title": _some(person.title),
            "telephoneNumber": _some(person.phone),
            "mobile": _some(person.mobile),
            "preferredLanguage": _some(", ".join(person.languages)),
            "ou": [person.unit.name, person.unit.code],
            "o": [person.body.name, person.body.code],
            "iconetBody": [self.tree.name(person.body)],
            "iconetUnit": [self.tree.name(person.unit)],
        }

    def _unit(self, unit: Unit) -> dict[str, Sequence[str]]:
        return {
            "ou": [unit.code, unit.name],
            "cn": [unit.name],
            "displayName": [unit.name],
            "mail": _some(unit.mail),
            "telephoneNumber": _some(unit.phone),
            "o": [unit.body.name, unit.body.code],
            "iconetBody": [self.tree.name(unit.body)],
        }


def subschema() -> Shown:
    """The schema as an entry (RFC 4512 4.2)."""
    values = {
        "objectClass": ["top", "subschema"],
        "cn": ["subschema"],
        "attributeTypes": [each.described() for each in TYPES + ABOUT_THE_SERVER],
        "objectClasses": [each.described() for each in CLASSES],
        "matchingRules": [f"( {oid} NAME '{name}' SYNTAX {syntax} )" for name, (oid, syntax) in RULES.items()],
        "ldapSyntaxes": [f"( {oid} DESC '{words}' )" for oid, words in SYNTAXES.items()],
    }
    return [(BY_NAME[name.lower()], texts) for name, texts in values.items()]


def _body(body: Body) -> dict[str, Sequence[str]]:
    return {"o": [body.code, body.name], "cn": [body.name], "displayName": [body.name]}


def _operational(kind: str, name: str, uuid: str) -> dict[str, Sequence[str]]:
    return {
        "entryDN": [name],
        "entryUUID": [uuid],
        "structuralObjectClass": [STRUCTURAL[kind]],
        "subschemaSubentry": [SUBSCHEMA],
    }


def _typed(kind: str, values: Mapping[str, Sequence[str]]) -> Shown:
    """The same value twice is shown once: values are a set (RFC 4512 2.2)."""
    found = {"objectClass": CLASSES_OF[kind], **values}
    return [(BY_NAME[name.lower()], tuple(dict.fromkeys(texts))) for name, texts in found.items()]


def _some(text: str) -> Sequence[str]:
    return [text] if text else []
