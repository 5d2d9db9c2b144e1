"""The end of sign-ons at other programs: whoever ends a session ends what was begun from it, in one transaction.

Each that its client knows of is put into the queue of those whom `groupware.provider` tells (back-channel logout).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, false, insert, literal, select, true, update

from directory.oidc_tables import oidc_client, oidc_logout, oidc_sign_on

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Insert, Update

_s = oidc_sign_on.c
_QUEUED = ("sign_on", "state", "attempts", "due", "owner", "lease_until", "reply")


def _ending(condition: ColumnElement[bool]) -> tuple[Insert, Update]:
    """Queue those whose code was redeemed and whose client wants to hear, then end all."""
    told = (
        select(_s.id, literal("queued"), literal(0), literal(0), literal(""), literal(0), literal(""))
        .join(oidc_client, oidc_client.c.id == _s.client)
        .where(_s.alive, _s.spent, oidc_client.c.back_channel != "", condition)
    )
    queue = insert(oidc_logout).from_select(_QUEUED, told, include_defaults=False)
    return queue, update(oidc_sign_on).where(_s.alive == true(), condition).values(alive=false())


_OF_SESSION = _ending(_s.session == bindparam("of_session"))
_OF_OFFICIAL = _ending(_s.official == bindparam("of_official"))
_OF_OTHERS = _ending(and_(_s.official == bindparam("of_official"), _s.session != bindparam("but")))
_ONE = _ending(_s.id == bindparam("this"))
_MOVE = (
    update(oidc_sign_on)
    .where(_s.session == bindparam("of_session"), _s.official == bindparam("of_official"))
    .values(session=bindparam("to"))
)


def end_of_session(connection: Connection, session: bytes) -> int:
    """End what was begun from the session with this digest; return how many that were."""
    return _end(connection, _OF_SESSION, {"of_session": session})


def end_of_official(connection: Connection, official: int) -> int:
    """End all of an official; return how many that were."""
    return _end(connection, _OF_OFFICIAL, {"of_official": official})


def end_of_others(connection: Connection, official: int, session: bytes) -> int:
    """End all of an official but what was begun from this session; return how many that were."""
    return _end(connection, _OF_OTHERS, {"of_official": official, "but": session})


def end(connection: Connection, sign_on: int) -> int:
    """End one; 0 if it had ended."""
    return _end(connection, _ONE, {"this": sign_on})


def move(connection: Connection, official: int, session: bytes, to: bytes) -> None:
    """Another session of the same official takes a session's place: what was begun from that one ends with this."""
    connection.execute(_MOVE, {"of_official": official, "of_session": session, "to": to})


def _end(connection: Connection, ending: tuple[Insert, Update], of: dict[str, object]) -> int:
    queue, close = ending
    connection.execute(queue, of)
    return connection.execute(close, of).rowcount
