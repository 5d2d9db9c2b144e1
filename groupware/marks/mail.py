"""Personal mail that no mail program is given: whoever may read it opens it in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from directory import tables as directory
from groupware import given, ledger, reading, tables
from groupware.errors import NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_mail, _rendering, _author = tables.mail.c, tables.rendering.c, directory.official.c
_BY_MESSAGE_ID: Select[Any] = (
    select(
        _mail.id,
        *(_rendering.message_id, _rendering.subject, _rendering.sent, _mail.marking, _mail.handling, _mail.rendering),
        *(_author.name, _author.address),
    )
    .join(tables.rendering, _rendering.id == _mail.rendering)
    .join(directory.official, _author.id == _mail.author)
    .where(_rendering.message_id == bindparam("name"), _mail.kind == "mail")
    .order_by(_mail.id)
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as the portal shows it; `sent` in microseconds, `head` and `body` are its octets."""

    message_id: str
    subject: str
    sent: int
    marking: int
    handling: int
    author_name: str
    author: str
    head: bytes
    body: bytes


def letter(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str, where: Path) -> Letter:
    """The message with this Message-ID. Raises NotFound, alike for absent and forbidden."""
    view = monitor.view(snapshot, caller, Action.READ, Kind.MAIL)
    values = {"name": f"<{given.name(name).strip('<>')}>", **view.parameters}
    row = snapshot.connection.execute(_BY_MESSAGE_ID.where(view.clause), values).first()
    if row is None:
        raise NotFound(name)
    ledger.opened(snapshot, caller, Kind.MAIL, row.id, row.marking)
    head, body = reading.rendered(snapshot, row.rendering, where)
    about = (row.message_id, row.subject, row.sent, row.marking, row.handling)
    return Letter(*about, row.name, row.address, head, body)
