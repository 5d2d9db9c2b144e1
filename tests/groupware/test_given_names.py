"""Whatever a door is given as a name, the answer is the domain's: never the database's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from town import DOMAIN, build

from groupware.errors import NotFound, Refused
from groupware.moderation import Word
from policies.vocabulary import Action, Door

if TYPE_CHECKING:
    from groupware.service import Groupware

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("strange", ["\0", "a\0b", "\x7f", "a\nb", "\ud800"])
async def test_nothing_has_a_name_with_control_characters(groupware: Groupware, strange: str) -> None:
    town = await groupware.store.run(build)
    dora = town.caller("dora")
    asked = [
        groupware.recipient(dora, f"{strange}@{DOMAIN}"),
        groupware.recipient(dora, f"x@{strange}"),
        groupware.display(dora, strange),
        groupware.rendered(dora, strange),
        groupware.conversation(dora, strange),
        groupware.attachment(dora, strange, "1"),
        groupware.raw(dora, strange),
        groupware.room(dora, strange),
        groupware.room(dora, "return", strange),
        groupware.review(dora, strange),
        groupware.decide(dora, strange, Word.REFUSE),
        groupware.folders.find(dora, strange),
        groupware.folders.open(dora, f"Areas/{strange}"),
        groupware.somebody(strange),
        *(groupware.why(dora, action, strange) for action in Action),
        *(groupware.why_own(dora, action, strange) for action in Action),
    ]
    for each in asked:
        with pytest.raises(NotFound):
            await each
    for door in (Door.PORTAL, Door.IMAP):
        with pytest.raises(Refused, match="sign-in"):
            await groupware.sign_in.check(door, strange, f"abcd{strange}efg.{strange}", "192.0.2.1")
    assert await groupware.web_sessions.resume("\0") is None
