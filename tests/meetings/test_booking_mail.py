"""An invitation mailed to a resource is decided and answered with the commit that accepts it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from meeting_world import BOTH, OTHER, ROOM, Meeting, ahead, answers, invite, mail, submit, taken, with_resources
from town import DOMAIN, message

from groupware.errors import Conflict, Forbidden, NotFound, Refused

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio


async def test_an_invitation_is_accepted_and_the_next_one_declined(groupware: Groupware) -> None:
    town = await groupware.store.run(with_resources)
    first = Meeting("anna", ahead(7))
    accepted = await invite(groupware, town, "anna", first.asked())
    assert accepted.status == "ACCEPTED"
    assert accepted.reply is not None
    assert (accepted.reply.method, accepted.reply.uid) == ("REPLY", first.uid)
    assert accepted.message["In-Reply-To"].startswith("<i")
    assert accepted.message["From"] == f"Room A <{ROOM}>"
    assert accepted.subject == "Accepted: Planning"
    declined = await invite(groupware, town, "bruno", Meeting("bruno", ahead(7, 10), 30, uid="m2").asked())
    assert declined.status == "DECLINED"
    assert f"{ahead(7):%H:%M}-{ahead(7) + timedelta(minutes=30):%H:%M}" in declined.text
    assert "anna" not in declined.text.lower() + declined.calendar.lower()
    assert len(await groupware.store.read(taken)) == 1
