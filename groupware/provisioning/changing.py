"""A national system writes an official's entry anew; `active` false is off-boarding, by the one way that there is.

`active` true for somebody who left lets them in again: as one newly designated, who has no credentials, no roles and
no access until somebody gives them. Whom a keeper of the body has suspended by hand, only a keeper lets in again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import officials
from groupware import off_boarding
from groupware.errors import Conflict, Refused
from groupware.events import EventKind
from groupware.people import renaming
from groupware.people.changing import difference, shut_over
from groupware.provisioning import authority, finding, remembering, writing

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.provisioning.person import Person, Wanted
    from groupware.store import Tx

BY_HAND = "active: the body's own keepers have suspended this official, and they alone lift that (portal, People)"


def change(tx: Tx, machine: Machine, number: int, version: int, wanted: Wanted) -> Person:
    """Write an official of the token's body, of the version that the client saw.

    NotFound as for reading; Conflict("changed-meanwhile", "taken"), and Conflict("suspended") for `active` true while
    somebody is suspended by hand; Refused by rule: a login stays what it is.
    """
    before = authority.person(tx, machine, number, version)
    if wanted.login != before.login:
        raise Refused("login", "userName stays what it is")
    if not wanted.name:
        raise Refused("unfit", "displayName is empty")
    if wanted.active and before.suspended and not before.departed:
        raise Conflict("suspended", BY_HAND)
    after = writing.row(tx, machine, before, wanted)
    if wanted.active:
        after = replace(after, suspended=False, departed=0)
        if before.departed:  # a new designation: that they take part is confirmed by it
            after = replace(after, reviewed=tx.now, reviewed_by=0)
    what = ",".join(difference(before, after))
    if after != before:
        renaming.tell(tx, machine.domain, machine.body, f"The identity system of {machine.code}", [(before, after)])
        with writing.told():
            officials.change(tx.connection, after)
        shut_over(tx, before, after)
        tx.record(EventKind.RIGHTS_CHANGED, number)
    if wanted.active is False and not before.departed:  # suspended by hand or not: off-boarding is never refused
        off_boarding.off_board(tx, number, why=authority.named(tx, machine))
        what = f"{what},departed".strip(",")
    remembering.changed(tx, machine, authority.PERSON, number, what)
    return finding.one(tx, machine, number)
