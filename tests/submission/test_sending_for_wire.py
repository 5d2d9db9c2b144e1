"""At the submission door: MAIL FROM is one's own address or that of a head, and the message names both."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import pytest

from directory import roles
from directory.roles import Grant
from policies.vocabulary import Access

if TYPE_CHECKING:
    from submission_house import Running

RAW = "From: anna@iconet.test\r\nSender: clara@iconet.test\r\nSubject: for\r\nMessage-ID: <{}@x.test>\r\n\r\nText\r\n"


def test_both_envelopes_are_taken_from_who_may_and_none_from_others(running: Running) -> None:
    people = running.town.people
    granted = Grant(people["clara"], Access.SENDER, people["anna"], reason="test")
    with running.smtp("clara") as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("anna@iconet.test", ["return@iconet.test"], RAW.format(0))
        number = running.call(running.groupware.store.run(lambda tx: roles.grant(tx.connection, granted)))
        for name, envelope in enumerate(("anna@iconet.test", "clara@iconet.test"), 1):
            client.sendmail(envelope, ["return@iconet.test"], RAW.format(name))
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("dora@iconet.test", ["return@iconet.test"], RAW.format(3))
        running.call(running.groupware.store.run(lambda tx: roles.revoke(tx.connection, number, tx.now)))
        with pytest.raises(smtplib.SMTPDataError, match="from-is-not-sender"):
            client.sendmail("clara@iconet.test", ["return@iconet.test"], RAW.format(4))
