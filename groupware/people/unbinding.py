"""The account at a state's identity provider opens an entry no more, at the word of who keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import histories, national_accounts, officials
from directory.histories import Change
from groupware import notices
from groupware.people import keepers
from groupware.people.faults import told

if TYPE_CHECKING:
    from groupware.people.leave import Leave
    from groupware.people.mailing import Mailing
    from groupware.store import Tx

TEXT = (
    "{by} has ended that the account of your state or institution opens yours ({login}).\n"
    "To bind one again, sign in with your password or passkey and allow it: {page}"
)


def unbind(tx: Tx, leave: Leave, number: int, mailing: Mailing) -> bool:
    """End all that are bound, and tell the official; False if there was none. Raises NotFound."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    if not national_accounts.end_all(tx.connection, number, tx.now):
        return False
    change = Change(histories.OFFICIAL, number, found.version, leave.by, tx.now, "national_ended")
    histories.record(tx.connection, [change])
    text = TEXT.format(by=keepers.name_of(tx, leave.by), login=found.login, page=mailing.page("/account"))
    notices.send(tx, mailing.domain, [number], "The account of your state or institution was taken off yours", text)
    return True
