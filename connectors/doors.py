"""The doors, and what runs beside them: a new one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.backup_questions import since_file
from connectors.certificate_watch import watch_certificate
from connectors.imap.door import imap_door
from connectors.ldap.door import ldap_door
from connectors.matrix.door import MatrixDoor
from connectors.relay.outbound import send_outbound
from connectors.submission.door import SubmissionDoor
from connectors.web.door import WebDoor
from connectors.web.oidc.back_channel import tell_clients

if TYPE_CHECKING:
    from connectors.house import DoorFactory, House, Work


def matrix_door(house: House) -> MatrixDoor:
    """The door with its bridge."""
    from connectors.matrix.bridge.bridge import RoomBridge  # noqa: PLC0415 -- a second, only where this door is open

    return MatrixDoor(house, RoomBridge)


DOORS: dict[str, DoorFactory] = {
    "submission": SubmissionDoor,
    "imap": imap_door,
    "ldap": ldap_door,
    "web": WebDoor,
    "matrix": matrix_door,
}
"""Each door by its name in settings and endpoints.json, in the order in which they open."""


async def _follow(house: House) -> None:
    """Copies for INBOXes, notices, the search index, and the waking of open sessions."""
    await house.groupware.run()


async def _remember(house: House) -> None:
    """What a restore can't know from its backup."""
    await house.groupware.backups.remember(since_file(house.settings))


WORK: dict[str, Work] = {
    "followers": _follow,
    "outbound": send_outbound,
    "logouts": tell_clients,
    "certificate": watch_certificate,
    "since": _remember,
}
"""Followers and queues by name; they begin before the first door opens, and the server ends when one of them fails."""
