"""Attribute types and object classes: what entries are made of, as clients are told and as filters are read.

Types and classes are those of RFC 4512, 4519, 2798 and 5020, as far as they are served. Our own have object identifiers
under a UUID (ITU-T X.667), which need no registration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.book.entries import Attribute, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator

ARC = "2.25.262001104383775656060344612198442506282"
_DESCRIPTION = "1.3.6.1.4.1.1466.115.121.1.{}"
_TEXT, _IA5, _PHONE, _OID, _DN = (_DESCRIPTION.format(number) for number in (15, 26, 50, 38, 12))
_UUID = "1.3.6.1.1.16.1"
SYNTAXES = {
    _TEXT: "Directory String",
    _IA5: "IA5 String",
    _PHONE: "Telephone Number",
    _OID: "OID",
    _DN: "DN",
    _UUID: "UUID",
    _DESCRIPTION.format(3): "Attribute Type Description",
    _DESCRIPTION.format(37): "Object Class Description",
    _DESCRIPTION.format(30): "Matching Rule Description",
    _DESCRIPTION.format(54): "LDAP Syntax Description",
    _DESCRIPTION.format(27): "INTEGER",
}
RULES = {
    "caseIgnoreMatch": ("2.5.13.2", _TEXT),
    "caseIgnoreOrderingMatch": ("2.5.13.3", _TEXT),
    "caseIgnoreSubstringsMatch": ("2.5.13.4", _DESCRIPTION.format(58)),
    "caseIgnoreIA5Match": ("1.3.6.1.4.1.1466.109.114.2", _IA5),
    "caseIgnoreIA5SubstringsMatch": ("1.3.6.1.4.1.1466.109.114.3", _DESCRIPTION.format(58)),
    "telephoneNumberMatch": ("2.5.13.20", _PHONE),
    "telephoneNumberSubstringsMatch": ("2.5.13.21", _DESCRIPTION.format(58)),
    "objectIdentifierMatch": ("2.5.13.0", _OID),
    "distinguishedNameMatch": ("2.5.13.1", _DN),
    "uuidMatch": ("1.3.6.1.1.16.2", _UUID),
}
_MATCHING = {
    _TEXT: ("caseIgnoreMatch", "caseIgnoreSubstringsMatch"),
    _IA5: ("caseIgnoreIA5Match", "caseIgnoreIA5SubstringsMatch"),
    _PHONE: ("telephoneNumberMatch", "telephoneNumberSubstringsMatch"),
    _OID: ("objectIdentifierMatch", ""),
    _DN: ("distinguishedNameMatch", ""),
    _UUID: ("uuidMatch", ""),
}


@dataclass(frozen=True, slots=True)
class Type:
    """An attribute type; `searched` are the book's attributes that its values, or its subtypes', are found by.

    `kinds` are the entries that have one which the book doesn't search; `above` is the type that it is a subtype of.
    """

    oid: str
    names: tuple[str, ...]
    syntax: str = _TEXT
    searched: tuple[Attribute, ...] = ()
    kinds: frozenset[str] = frozenset()
    above: str = ""
    single: bool = False
    operational: bool = False

    @property
    def name(self) -> str:
        """What it is called in answers."""
        return self.names[0]

    def described(self) -> str:
        """RFC 4512 4.1.2."""
        equality, substring = _MATCHING.get(self.syntax, ("", ""))
        words = [self.oid, "NAME", _quoted(self.names)]
        words += ["SUP", self.above] if self.above else []
        words += ["EQUALITY", equality] if equality else []
        words += ["SUBSTR", substring] if substring else []
        words += ["SYNTAX", self.syntax]
        words += ["SINGLE-VALUE"] if self.single else []
        words += ["NO-USER-MODIFICATION", "USAGE", "directoryOperation"] if self.operational else []
        return f"( {' '.join(words)} )"


@dataclass(frozen=True, slots=True)
class ObjectClass:
    """An object class, and which entries have it: ROOT is the one at the top of the tree, SERVER the root DSE."""

    oid: str
    name: str
    sort: str
    kinds: frozenset[str]
    above: str = "top"
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    def described(self) -> str:
        """RFC 4512 4.1.1."""
        words = [self.oid, "NAME", _quoted((self.name,))]
        words += ["SUP", self.above] if self.above else []
        words += [self.sort]
        words += ["MUST", _listed(self.must)] if self.must else []
        words += ["MAY", _listed(self.may)] if self.may else []
        return f"( {' '.join(words)} )"


def _quoted(names: tuple[str, ...]) -> str:
    quoted = " ".join(f"'{name}'" for name in names)
    return quoted if len(names) == 1 else f"( {quoted} )"


def _listed(names: tuple[str, ...]) -> str:
    return f"( {' $ '.join(names)} )"


ROOT, SERVER, SCHEMA = "root", "server", "schema"
PERSON, UNIT, BODY = (kind.name.lower() for kind in (EntryKind.PERSON, EntryKind.UNIT, EntryKind.BODY))
_ALL = frozenset({ROOT, PERSON, UNIT, BODY})
_NAMED = (Attribute.NAME, Attribute.SURNAME, Attribute.GIVEN_NAME, Attribute.TITLE, Attribute.UNIT, Attribute.BODY)

OBJECT_CLASS = Type("2.5.4.0", ("objectClass",), _OID)
TYPES = (
    OBJECT_CLASS,
    Type("2.5.4.41", ("name",), searched=_NAMED),
    Type("2.5.4.3", ("cn", "commonName"), searched=(Attribute.NAME,), above="name"),
    Type("2.5.4.4", ("sn", "surname"), searched=(Attribute.SURNAME,), above="name"),
    Type("2.5.4.42", ("givenName", "gn"), searched=(Attribute.GIVEN_NAME,), above="name"),
    Type("2.5.4.12", ("title",), searched=(Attribute.TITLE,), above="name"),
    Type("2.5.4.11", ("ou", "organizationalUnitName"), searched=(Attribute.UNIT,), above="name"),
    Type("2.5.4.10", ("o", "organizationName"), searched=(Attribute.BODY,), above="name"),
    Type("2.5.4.20", ("telephoneNumber",), _PHONE, searched=(Attribute.PHONE,)),
    Type("0.9.2342.19200300.100.1.1", ("uid", "userid"), searched=(Attribute.LOGIN,)),
    Type("0.9.2342.19200300.100.1.3", ("mail", "rfc822Mailbox"), _IA5, searched=(Attribute.MAIL,)),
    Type("0.9.2342.19200300.100.1.41", ("mobile", "mobileTelephoneNumber"), _PHONE, searched=(Attribute.MOBILE,)),
    Type("0.9.2342.19200300.100.1.25", ("dc", "domainComponent"), _IA5, kinds=frozenset({ROOT}), single=True),
    Type("2.16.840.1.113730.3.1.241", ("displayName",), searched=(Attribute.NAME,), single=True),
    Type("2.16.840.1.113730.3.1.39", ("preferredLanguage",), searched=(Attribute.LANGUAGE,), single=True),
    Type(f"{ARC}.1.1", ("iconetBody",), _DN, kinds=frozenset({PERSON, UNIT}), single=True),
    Type(f"{ARC}.1.2", ("iconetUnit",), _DN, kinds=frozenset({PERSON}), single=True),
    Type("1.3.6.1.1.20", ("entryDN",), _DN, kinds=_ALL, single=True, operational=True),
    Type("1.3.6.1.1.16.4", ("entryUUID",), _UUID, kinds=_ALL, single=True, operational=True),
    Type("2.5.21.9", ("structuralObjectClass",), _OID, kinds=_ALL, single=True, operational=True),
    Type("2.5.18.10", ("subschemaSubentry",), _DN, kinds=_ALL, single=True, operational=True),
)
ABOUT_THE_SERVER = (
    Type("2.5.21.5", ("attributeTypes",), _DESCRIPTION.format(3), operational=True),
    Type("2.5.21.6", ("objectClasses",), _DESCRIPTION.format(37), operational=True),
    Type("2.5.21.4", ("matchingRules",), _DESCRIPTION.format(30), operational=True),
    Type("1.3.6.1.4.1.1466.101.120.16", ("ldapSyntaxes",), _DESCRIPTION.format(54), operational=True),
    Type("1.3.6.1.4.1.1466.101.120.5", ("namingContexts",), _DN, operational=True),
    Type("1.3.6.1.4.1.1466.101.120.13", ("supportedControl",), _OID, operational=True),
    Type("1.3.6.1.4.1.1466.101.120.7", ("supportedExtension",), _OID, operational=True),
    Type("1.3.6.1.4.1.4203.1.3.5", ("supportedFeatures",), _OID, operational=True),
    Type("1.3.6.1.4.1.1466.101.120.15", ("supportedLDAPVersion",), _DESCRIPTION.format(27), operational=True),
    Type("1.3.6.1.1.4", ("vendorName",), single=True, operational=True),
)
"""Types of the root DSE and the subschema only (RFC 4512 4.2 and 5.1, RFC 3045)."""

_CONTACT = ("cn", "displayName", "mail", "telephoneNumber", "o", "ou", "iconetBody")
CLASSES = (
    ObjectClass("2.5.6.0", "top", "ABSTRACT", _ALL | {SERVER, SCHEMA}, above="", must=("objectClass",)),
    ObjectClass("2.5.6.6", "person", "STRUCTURAL", frozenset({PERSON}), must=("sn", "cn"), may=("telephoneNumber",)),
    ObjectClass("2.5.6.7", "organizationalPerson", "STRUCTURAL", frozenset({PERSON}), "person", may=("title", "ou")),
    ObjectClass(
        "2.16.840.1.113730.3.2.2",
        "inetOrgPerson",
        "STRUCTURAL",
        frozenset({PERSON}),
        "organizationalPerson",
        may=("displayName", "givenName", "mail", "mobile", "o", "preferredLanguage", "uid"),
    ),
    ObjectClass(f"{ARC}.2.1", "iconetOfficial", "AUXILIARY", frozenset({PERSON}), may=("iconetBody", "iconetUnit")),
    ObjectClass(
        "2.5.6.5", "organizationalUnit", "STRUCTURAL", frozenset({UNIT}), must=("ou",), may=("telephoneNumber",)
    ),
    ObjectClass("2.5.6.4", "organization", "STRUCTURAL", frozenset({BODY, ROOT}), must=("o",)),
    ObjectClass("1.3.6.1.4.1.1466.344", "dcObject", "AUXILIARY", frozenset({ROOT}), must=("dc",)),
    ObjectClass(f"{ARC}.2.2", "iconetContact", "AUXILIARY", frozenset({UNIT, BODY}), may=_CONTACT),
    ObjectClass("2.5.20.1", "subschema", "AUXILIARY", frozenset({SCHEMA})),
)
CLASSES_OF = {kind: tuple(each.name for each in CLASSES if kind in each.kinds) for kind in _ALL}
STRUCTURAL = {PERSON: "inetOrgPerson", UNIT: "organizationalUnit", BODY: "organization", ROOT: "organization"}


def _by_name() -> Iterator[tuple[str, Type]]:
    for each in TYPES + ABOUT_THE_SERVER:
        for name in (each.oid, *each.names):
            yield name.lower(), each


BY_NAME = dict(_by_name())
"""Types by name in small letters and by object identifier (RFC 4512 2.5)."""
KINDS_BY_CLASS = {name.lower(): each.kinds for each in CLASSES for name in (each.name, each.oid)}
"""Which entries are of a class, by its name in small letters or its object identifier."""
