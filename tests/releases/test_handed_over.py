"""Releases that await a word go with the contact point's role, at once and in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from release_world import WORDS

from groupware.duties.handing_over import Offer
from groupware.duties.moved import ACKNOWLEDGEMENTS, CONSENTS
from groupware.errors import NotFound
from groupware.releases.words import Word

if TYPE_CHECKING:
    from release_world import Scene

pytestmark = pytest.mark.anyio


async def test_a_successor_gives_the_word_that_was_asked_of_the_giver(scene: Scene) -> None:
    duties, people = scene.groupware.duties, scene.town.people
    number = await scene.ask("bruno", await scene.post("anna", "lorry", WORDS))
    await scene.settle()
    offer = await duties.offer(scene.caller("clara"), Offer(people["clara"], people["anna"], note="All in order"))
    moves = dict((await duties.mine(scene.caller("anna"))).hand_overs[0].moving.counts)
    assert (moves[CONSENTS], moves[ACKNOWLEDGEMENTS]) == (1, 0)
    with pytest.raises(NotFound):
        await scene.say("anna", number, Word.YES)
    await duties.take_over(scene.caller("anna"), offer)
    with pytest.raises(NotFound):
        await scene.say("clara", number, Word.YES)
    await scene.settle()
    assert f"{CONSENTS}: 1" in (await scene.notices("anna"))[-1]
    await scene.say("anna", number, Word.YES)
    assert await scene.state(number) != "asked"
