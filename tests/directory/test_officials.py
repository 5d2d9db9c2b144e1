from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from directory import bodies, officials, partners, rights, roles, units
from directory.errors import StaleError, TakenError, UnfitError, UnknownEntryError
from directory.officials import Official
from directory.roles import Grant
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection


@pytest.fixture
def unit(connection: Connection) -> int:
    body = bodies.create(connection, "EST", "Estonia", bodies.BodyKind.MEMBER_STATE)
    return units.create(connection, body, "ppa", "Police and Border Guard Board")


@pytest.fixture
def anna(connection: Connection, unit: int) -> int:
    return officials.add(connection, _new("anna.kask", unit))


def _new(login: str, unit: int) -> Official:
    return Official(id=0, login=login, address=f"{login}@iconet.test", name="Anna Kask", body=0, unit=unit)


def test_found_by_login_and_address_in_any_case(connection: Connection, anna: int) -> None:
    for name in ("anna.kask", "Anna.Kask", "ANNA.KASK@ICONET.TEST", "anna.kask@iconet.test"):
        found = officials.by_name(connection, name)
        assert found is not None
        assert found.id == anna
    for name in ("anna", "anna.kask@", "anna.kask@partner.test", "", "a\0", "ånna.kask", "a" * 400):
        assert officials.by_name(connection, name) is None


@pytest.mark.parametrize("login", ["", "anna kask", "anna_kask", "änna", "a\n", "a" * 65])
def test_a_login_has_plain_letters(connection: Connection, unit: int, login: str) -> None:
    with pytest.raises(UnfitError):
        officials.add(connection, replace(_new("x", unit), login=login))


@pytest.mark.parametrize("address", ["", "anna", "anna@", "@iconet.test", "a@b@iconet.test", "a b@iconet.test", "a@b"])
def test_an_address_is_one(connection: Connection, unit: int, address: str) -> None:
    with pytest.raises(UnfitError):
        officials.add(connection, replace(_new("x", unit), address=address))


@pytest.mark.usefixtures("anna")
def test_login_and_address_are_unique_in_any_case(connection: Connection, unit: int) -> None:
    with pytest.raises(TakenError):
        officials.add(connection, replace(_new("Anna.Kask", unit), address="other@iconet.test"))
    with pytest.raises(TakenError):
        officials.add(connection, replace(_new("other", unit), address="Anna.Kask@Iconet.Test"))


def test_change_keeps_the_rest(connection: Connection, anna: int) -> None:
    before = officials.get(connection, anna)
    officials.change(connection, replace(before, clearance=1))
    assert officials.get(connection, anna) == replace(before, clearance=1, version=before.version + 1)
    with pytest.raises(StaleError):
        officials.change(connection, replace(before, clearance=2))
    with pytest.raises(UnknownEntryError):
        officials.change(connection, replace(before, id=99, login="x", address="x@iconet.test"))


def test_in_office_from_until_before_and_not_suspended(connection: Connection, anna: int) -> None:
    officials.change(connection, replace(officials.get(connection, anna), valid_from=100, valid_until=200))
    assert [officials.in_office(connection, anna, at) for at in (99, 100, 199, 200)] == [False, True, True, False]
    officials.suspend(connection, anna)
    assert not officials.in_office(connection, anna, 150)
    officials.suspend(connection, anna, suspended=False)
    body = officials.get(connection, anna).body
    bodies.suspend(connection, body)
    assert not officials.in_office(connection, anna, 150)
    bodies.suspend(connection, body, suspended=False)
    assert officials.in_office(connection, anna, 150)


def test_a_grant_holds_from_and_no_longer_until(connection: Connection, anna: int) -> None:
    roles.grant(connection, Grant(anna, Role.MODERATOR, 7, valid_from=100, valid_until=200, reason="R.4/26"))
    assert [len(roles.held(connection, anna, at)) for at in (99, 100, 199, 200)] == [0, 1, 1, 0]


def test_a_revoked_grant_ends_at_once_and_one_to_come_never_begins(connection: Connection, anna: int) -> None:
    running = roles.grant(connection, Grant(anna, Access.READER, 7))
    coming = roles.grant(connection, Grant(anna, Access.POSTER, 7, valid_from=500))
    roles.revoke(connection, running, 300)
    roles.revoke(connection, coming, 300)
    assert [held.role for held in roles.held(connection, anna, 299)] == [Access.READER]
    assert roles.held(connection, anna, 300) == []
    assert roles.held(connection, anna, 600) == []
    with pytest.raises(UnknownEntryError):
        roles.revoke(connection, 99, 300)


def test_a_second_revocation_changes_nothing(connection: Connection, anna: int) -> None:
    grant = roles.grant(connection, Grant(anna, Access.READER, 7))
    roles.revoke(connection, grant, 300)
    version = rights.version(connection)
    roles.revoke(connection, grant, 400)
    assert rights.version(connection) == version
    assert roles.held(connection, anna, 350) == []


def test_all_grants_end_together(connection: Connection, anna: int) -> None:
    for role in (Role.ORGANISER, Access.READER):
        roles.grant(connection, Grant(anna, role, 7))
    assert roles.revoke_all(connection, anna, 300) == 2
    assert roles.held(connection, anna, 300) == []
    assert roles.revoke_all(connection, anna, 300) == 0


@pytest.mark.parametrize(("granter", "approver"), [(5, 5), (5, 1)])
def test_four_eyes(connection: Connection, anna: int, granter: int, approver: int) -> None:
    assert anna == 1
    with pytest.raises(UnfitError):
        roles.grant(connection, Grant(anna, Role.MODERATOR, 7, granted_by=granter, approved_by=approver))
    with pytest.raises(UnfitError):
        roles.grant(connection, Grant(anna, Role.MODERATOR, 7, valid_from=5, valid_until=5))


def test_every_change_raises_the_version(connection: Connection, unit: int) -> None:
    versions = [rights.version(connection)]

    def changed() -> None:
        versions.append(rights.version(connection))

    number = officials.add(connection, _new("a", unit))
    changed()
    officials.suspend(connection, number)
    changed()
    grant = roles.grant(connection, Grant(number, Access.READER, 1))
    changed()
    roles.revoke(connection, grant, 5)
    changed()
    bodies.suspend(connection, 1)
    changed()
    partners.allow(connection, "partner.test")
    changed()
    assert versions == sorted(set(versions))


def test_partners_are_allowed_by_name_in_any_case(connection: Connection) -> None:
    partners.allow(connection, "Partner.Test")
    assert partners.is_allowed(connection, "partner.TEST")
    assert not partners.is_allowed(connection, "sub.partner.test")
    partners.allow(connection, "partner.test", allowed=False)
    assert not partners.is_allowed(connection, "partner.test")
