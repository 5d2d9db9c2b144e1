from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bridge_world import bridged

from groupware.moderation import Word

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bridge_world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with bridged(tmp_path_factory.mktemp("bridge")) as world:
        yield world


async def test_a_moderators_mail_is_an_event_of_hers(there: World) -> None:
    anna = await there.sign_in("anna")
    await there.mail("dora", "return", "A canary", "canary-1")
    event = await anna.hears("canary-1")
    assert event["sender"] == "@dora:iconet.test"
    assert event["content"]["body"].startswith("[TLP:AMBER] A canary\n\ncanary-1")


async def test_a_held_message_is_a_notice_until_it_is_approved(there: World) -> None:
    anna, bruno = await there.sign_in("anna"), await there.sign_in("bruno")
    room = await there.room("return")
    sent = await anna.say(room, "please moderate canary-2")
    placeholder = await bruno.until(lambda event: event["event_id"] == sent.json()["event_id"])
    assert placeholder["content"]["body"].startswith("awaits moderation, no. ")
    dora = there.people.caller("dora")
    held = next(each for each in await there.groupware.held(dora) if "canary-2" in each.subject)
    await there.groupware.decide(dora, held.id, Word.APPROVE)
    event = await bruno.hears("canary-2")
    assert (event["sender"], event["content"]["body"]) == ("@anna:iconet.test", "please moderate canary-2")
    await bruno.redacted(placeholder["event_id"])


async def test_what_a_moderator_says_is_a_post(there: World) -> None:
    dora = await there.sign_in("dora")
    sent = await dora.say(await there.room("return"), "said here canary-3")
    assert sent.is_success, sent.text
    assert (await there.post_about("canary-3")).author == "dora@iconet.test"
