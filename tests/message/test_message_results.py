"""Results of authentication in our own name are taken out of what comes in, and nothing else is."""

from __future__ import annotations

import pytest

from groupware.message.results import without_results

OURS = ("iconet.test", "mail.example")


@pytest.mark.parametrize(
    "value",
    [
        b"iconet.test; auth=pass",
        b"ICONet.Test 1; spf=pass",
        b"\r\n iconet.test; dkim=pass",
        b"(a (nested \\) one) here) iconet.test; none",
        b'"iconet.test"; none',
        b"iconet.test.; none",
        b"front.iconet.test; none",
        b"mail.example; none",
    ],
)
def test_ours_go(value: bytes) -> None:
    rest = b"Subject: x\r\n\r\nAuthentication-Results: iconet.test; in=text\r\n"
    raw = b"From: a@b\r\nAuthentication-Results:" + value + b"\r\nAUTHENTICATION-results : " + value + b"\r\n" + rest
    assert without_results(raw, OURS) == b"From: a@b\r\n" + rest


@pytest.mark.parametrize("value", [b"other.example; auth=pass", b"noticonet.test; none", b"", b"(iconet.test)"])
def test_those_of_others_stay(value: bytes) -> None:
    raw = b"From: a@b\r\nAuthentication-Results: " + value + b"\r\n\r\nx"
    assert without_results(raw, OURS) == raw


def test_a_message_without_a_head_stays() -> None:
    assert without_results(b"", OURS) == b""
    assert without_results(b"\r\nAuthentication-Results: iconet.test\r\n", OURS).endswith(b"iconet.test\r\n")
