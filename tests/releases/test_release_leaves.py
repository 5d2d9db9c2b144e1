"""The whole way: asked, decided by each owner, packed, sent to one recipient, and taken back."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from release_world import MORE, OUTSIDE, WORDS
from town import message

from groupware.releases.words import Word

if TYPE_CHECKING:
    from release_world import Scene

pytestmark = pytest.mark.anyio


async def test_one_package_leaves_when_the_owner_says_yes(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    number = await scene.ask("bruno", token)
    await scene.settle()
    assert await scene.state(number) == "asked"
    assert [number] == await scene.groupware.releases.waiting(scene.caller("clara"))
    assert await scene.groupware.releases.waiting(scene.caller("otto")) == []
    shown = await scene.groupware.releases.show(scene.caller("clara"), number)
    assert shown.display is not None
    assert WORDS.split(";")[0] in " ".join(shown.display.text.split())
    assert not any(WORDS[:20] in each for each in await scene.notices("clara"))
    assert await scene.sent() == []

    assert await scene.say("clara", number, Word.YES, "Not to the press.") == "agreed"
    await scene.settle()
    [(claimed, raw)] = await scene.sent()
    assert (claimed.recipient, claimed.sender) == (OUTSIDE, "release@iconet.test")
    mail = message_from_bytes(raw)
    assert mail["From"] == "ICONet release service <release@iconet.test>"
    kinds = [part.get_content_type() for part in mail.get_payload()]
    assert kinds == ["text/plain", "application/pdf", "message/rfc822"]
    sheets = mail.get_payload()[1].get_payload(decode=True)
    card = await scene.groupware.releases.card(scene.caller("bruno"), number)
    assert card.package is not None
    assert card.package.pdf_sha256 == hashlib.sha256(sheets).hexdigest()
    assert card.package.message_sha256 == hashlib.sha256(raw).hexdigest()
    assert (card.release.state, card.package.state) == ("packed", "sent")
    assert await scene.groupware.releases.package(scene.caller("clara"), number) == raw
    inner = mail.get_payload()[2].get_payload()[0]
    assert (inner["Message-ID"], inner["To"], inner["List-Id"]) == ("<one@client.test>", None, None)
    assert WORDS.split(";")[0] in inner.get_payload()
    await scene.settle()
    assert "has left" in (await scene.notices("bruno"))[-1]

    assert await scene.groupware.releases.withdraw(scene.caller("emil"), number, "The case is closed.") == "packed"
    await scene.settle()
    [(told, raw)] = await scene.sent()
    assert told.recipient == OUTSIDE
    assert b"is withdrawn" in raw


async def test_each_owner_of_a_quoted_text_has_to_say_yes(scene: Scene) -> None:
    await scene.post("anna", "first")
    quoted = "\r\n".join([MORE[:60], MORE[60:], "", *(f"> {WORDS[at : at + 50]}" for at in range(0, len(WORDS), 50))])
    token = await scene.post("bruno", "second", quoted, references="<first@client.test>")
    number = await scene.ask("anna", token)
    await scene.settle()
    card = await scene.groupware.releases.card(scene.caller("anna"), number)
    assert [voice.owner for voice in card.voices] == ["Borland, Unit B", "Aland, Unit A"]
    assert await scene.say("otto", number, Word.YES) == "asked"
    assert await scene.sent() == []
    assert await scene.say("emil", number, Word.YES) == "agreed"
    await scene.settle()
    assert len(await scene.sent()) == 1


async def test_a_yes_by_mail_and_a_no_by_mail(scene: Scene) -> None:
    token = await scene.post("anna", "one")
    for name, words, state in (("a", "Yes.\r\n\r\n> quoted", "agreed"), ("b", "No, it is too early.", "refused")):
        number = await scene.ask("bruno", token)
        await scene.settle()
        to = await scene.address("clara")
        reply = message("clara", to, "Re: Your consent is asked", words, message_id=f"<{name}@client.test>")
        await scene.send("clara", reply, to)
        assert (await scene.state(number)).split()[0] == state
        await scene.send("clara", reply, to)


async def test_asked_by_mail(scene: Scene) -> None:
    await scene.post("anna", "one")
    fields = f"To: {OUTSIDE}\r\nOrganisation: Partner\r\nPurpose: To know.\r\nConditions: none\r\nUntil: 2027-06-01\r\n"
    raw = message(
        "bruno", "release@iconet.test", "Please", fields, message_id="<ask@client.test>", references="<one@client.test>"
    )
    for _ in range(2):
        await scene.send("bruno", raw, "release@iconet.test")
    cards = await scene.groupware.releases.known_to(scene.caller("bruno"))
    assert [(card.number, card.release.recipient, card.release.purpose) for card in cards] == [(1, OUTSIDE, "To know.")]
