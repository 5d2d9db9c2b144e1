"""Ordinary clients' dialogues with the door, and what becomes of their messages."""

from __future__ import annotations

import asyncio
import smtplib
from typing import TYPE_CHECKING

import aiosmtplib
import pytest
from town import DOMAIN, message

if TYPE_CHECKING:
    from submission_house import Running

ROOM = f"return@{DOMAIN}"


def accepted(running: Running, who: str, message_id: str) -> bytes:
    return running.call(running.groupware.raw(running.town.caller(who), message_id))


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("name", ["anna", f"anna@{DOMAIN}", "ANNA"])
def test_signs_in_with_login_or_address_by_both_mechanisms(running: Running, mechanism: str, name: str) -> None:
    with running.smtp() as client:
        client.ehlo()
        client.user, client.password = name, running.secrets["anna"]
        method = {"PLAIN": client.auth_plain, "LOGIN": client.auth_login}[mechanism]
        assert client.auth(mechanism, method)[0] == 235


def test_offers_what_it_keeps_and_nothing_else(running: Running) -> None:
    with running.smtp() as client:
        client.ehlo()
        offered = {"pipelining", "size", "8bitmime", "auth", "enhancedstatuscodes"}
        assert set(client.esmtp_features) == offered
        assert client.esmtp_features["size"] == str(25 << 20)


def test_a_post_is_acknowledged_when_it_is_held(running: Running) -> None:
    raw = message("anna", ROOM, "Hi", "..dots\r\n.\r\n..\r\n.end", message_id="<held@x>")
    with running.smtp("anna") as client:
        client.mail(f"anna@{DOMAIN}")
        client.rcpt(ROOM)
        code, text = client.data(raw)
        assert (code, text[:31]) == (250, b"2.6.0 <held@x> held for moderat")
        assert text.endswith(b" in return")
    assert accepted(running, "anna", "<held@x>") == raw


def test_a_moderators_post_and_personal_mail_are_accepted(running: Running) -> None:
    with running.smtp("dora") as client:
        for to, name in ((ROOM, "<pub@x>"), (f"otto@{DOMAIN}", "<otto@x>"), ("x@partner.test", "<out@x>")):
            client.mail(f"Dora@{DOMAIN.upper()}", ["BODY=8BITMIME", "SIZE=1000"])
            client.rcpt(to)
            reply = client.data(message("dora", to, "Hi", "t", message_id=name))
            assert reply == (250, f"2.6.0 {name} accepted".encode())


def test_the_same_message_again_has_the_same_answer_and_others_under_its_name_are_refused(running: Running) -> None:
    raw = message("anna", ROOM, "Hi", "t", message_id="<twice@x>")
    with running.smtp("anna") as client:
        replies = []
        for octets in (raw, raw, raw + b"more\r\n"):
            client.mail(f"anna@{DOMAIN}")
            client.rcpt(ROOM)
            replies.append(client.data(octets))
    assert replies[0] == replies[1]
    assert replies[2] == (554, b"5.6.0 message-id-reused: other bytes were accepted under this Message-ID")


def test_aiosmtplib_sends_as_it_is(running: Running) -> None:
    raw = message("bruno", ROOM, "Hi", "t", message_id="<aio@x>")

    async def send(*to: str) -> dict[str, object]:
        client = aiosmtplib.SMTP(
            hostname="localhost", port=running.port, use_tls=True, tls_context=running.tls, timeout=20
        )
        async with client:
            await client.login("bruno", running.secrets["bruno"])
            refused, _ = await client.sendmail(f"bruno@{DOMAIN}", list(to), raw)
        return dict(refused)

    assert asyncio.run(send(ROOM, f"anna@{DOMAIN}")) == {}
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        asyncio.run(send(f"nobody@{DOMAIN}"))


def test_smtplib_sends_as_it_is(running: Running) -> None:
    raw = message("bruno", ROOM, "Hi", "t", message_id="<lib@x>")
    with running.smtp("bruno") as client:
        assert client.sendmail(f"bruno@{DOMAIN}", [ROOM, f"anna@{DOMAIN}"], raw) == {}
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(f"bruno@{DOMAIN}", [f"nobody@{DOMAIN}"], raw)


def test_a_recipient_named_twice_gets_it_once(running: Running) -> None:
    with running.smtp("anna") as client:
        client.mail(f"anna@{DOMAIN}")
        for to in (ROOM, ROOM.upper(), ROOM):
            assert client.rcpt(to)[0] == 250
        told = client.data(message("anna", ROOM, "Hi", "t", message_id="<once@x>"))[1]
    assert told.count(b"no. ") == 1
