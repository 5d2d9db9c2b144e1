"""Whatever is wrong has one clear reply that names its rule, and the session goes on or ends as it should."""

from __future__ import annotations

import statistics
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from submission_house import plain_response
from town import DOMAIN, message

from connectors.submission import limits, replies
from connectors.submission.replies import refusal, sign_in_refusal
from groupware import clock
from groupware.errors import Busy, Conflict, Forbidden, NotCommitted, NotFound, Overloaded, Refused, StoreFailed
from groupware.message.errors import Unacceptable

if TYPE_CHECKING:
    from submission_house import Raw, Running

ROOM = f"return@{DOMAIN}"
MAIL = f"MAIL FROM:<anna@{DOMAIN}>".encode()


@pytest.mark.parametrize(
    ("error", "reply"),
    [
        (Unacceptable("bare-lf", "A LF stands alone."), "554 5.6.0 bare-lf: A LF stands alone."),
        (Conflict("message-id-reused", "no"), "554 5.6.0 message-id-reused: no"),
        (Refused("mail-loop", "too many"), "550 5.7.1 mail-loop: too many"),
        (Refused("x", "caf\u00e9\r\n250 OK"), "550 5.7.1 x: caf???250 OK"),
        (NotFound("secret@iconet.test"), replies.UNKNOWN),
        (Forbidden("some-rule"), replies.UNKNOWN),
        (Busy("x"), replies.TRY_LATER),
        (NotCommitted("x"), replies.TRY_LATER),
        (Overloaded("x"), replies.TRY_LATER),
        (StoreFailed("/path"), replies.TRY_LATER),
    ],
)
def test_the_table_of_errors(error: Exception, reply: str) -> None:
    assert refusal(error) == reply


def test_a_busy_sign_in_is_temporary_and_a_refused_one_is_not() -> None:
    assert sign_in_refusal(Busy("x")).startswith("454 4.7.0 ")
    assert sign_in_refusal(NotCommitted("x")).startswith("454 4.7.0 ")
    assert sign_in_refusal(Refused("sign-in")).startswith("535 5.7.8 ")


def test_a_long_reply_fits_a_line() -> None:
    assert len(refusal(Refused("x", "y" * 2000))) < 510


def test_wrong_password_unknown_name_and_another_identity_are_told_alike(running: Running) -> None:
    secret = running.secrets["anna"]
    responses = [
        plain_response("anna", "wrong"),
        plain_response("nobody", "wrong"),
        b64encode(f"bruno\0anna\0{secret}".encode()),
        b64encode(b"\xff\0\xfe\0\xfd"),
        b64encode(b"no parts"),
    ]
    told = set()
    for response in responses:
        with running.raw() as client:
            client.ask(b"EHLO x")
            told.add(client.ask(b"AUTH PLAIN " + response))
    assert told == {b"535 5.7.8 sign-in: wrong name or secret\r\n"}


def test_guessing_ends_the_session(running: Running) -> None:
    with running.raw() as client:
        client.ask(b"EHLO x")
        client.send(b"".join(b"AUTH PLAIN " + plain_response("anna", "w") + b"\r\n" for _ in range(9)))
        told = client.rest().splitlines()
    assert [line[:9] for line in told] == [b"535 5.7.8"] * limits.FAILED_SIGN_INS + [b"421 4.7.0"]


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ([b"MAIL FROM:<>"], b"503 5.5.1 "),
        ([b"AUTH PLAIN x"], b"503 5.5.1 "),
        ([b"EHLO"], b"501 5.5.4 "),
        ([b"EHLO x", MAIL], b"530 5.7.0 "),
        ([b"EHLO x", b"RCPT TO:<a@b>"], b"530 5.7.0 "),
        ([b"EHLO x", b"DATA"], b"530 5.7.0 "),
        ([b"EHLO x", b"AUTH"], b"504 5.5.4 "),
        ([b"EHLO x", b"AUTH CRAM-MD5"], b"504 5.5.4 "),
        ([b"EHLO x", b"AUTH PLAIN !!"], b"501 5.5.2 "),
        ([b"EHLO x", b"AUTH LOGIN", b"*"], b"501 5.0.0 "),
        ([b"EHLO x", b"AUTH LOGIN", b"YQ==", b"\xff"], b"501 5.5.2 "),
        ([b"EHLO x", b"AUTH PLAIN", b"="], b"535 5.7.8 "),
        ([b"STARTTLS"], b"502 5.5.1 "),
        ([b"BDAT 10 LAST"], b"500 5.5.1 "),
        ([b"caf\xe9"], b"500 5.5.2 "),
        ([b"NOOP \x01"], b"500 5.5.2 "),
        ([b"NOOP\nNOOP"], b"500 5.5.2 "),
        ([b"NOOP\r"], b"500 5.5.2 "),
        ([b""], b"500 5.5.1 "),
        ([b"A" * 100_000], b"500 5.5.6 "),
        ([b"HELO x", b"VRFY anna"], b"530 5.7.0 "),
        ([b"EXPN list"], b"502 5.5.1 "),
        ([b"HELP"], b"214 2.0.0 "),
        ([b"QUIT now"], b"501 5.5.4 "),
        ([b"RSET now"], b"501 5.5.4 "),
        ([b"QUIT"], b"221 2.0.0 "),
    ],
)
def test_before_signing_in(running: Running, said: list[bytes], reply: bytes) -> None:
    with running.raw() as client:
        told = [client.ask(command) for command in said]
        assert told[-1].startswith(reply)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ([b"AUTH PLAIN AAAA"], b"503 5.5.1 already-signed-in"),
        ([b"RCPT TO:<a@b.test>"], b"503 5.5.1 "),
        ([b"DATA"], b"503 5.5.1 "),
        ([MAIL, MAIL], b"503 5.5.1 "),
        ([MAIL, b"DATA"], b"554 5.5.1 "),
        ([MAIL, b"RCPT TO:<return@iconet.test>", b"DATA now"], b"501 5.5.4 "),
        ([MAIL, b"RSET", b"RCPT TO:<return@iconet.test>"], b"503 5.5.1 "),
        ([MAIL, b"EHLO y", b"RCPT TO:<return@iconet.test>"], b"503 5.5.1 "),
        ([b"MAIL FROM:<>", b"RCPT TO:<return@iconet.test>"], b"550 5.7.1 sender-is-not-caller"),
        ([b"MAIL FROM:<>", b"RCPT TO:<acknowledge@iconet.test>"], b"250 "),
        ([b"MAIL FROM:<bruno@iconet.test>"], b"550 5.7.1 sender-is-not-caller"),
        ([b"MAIL FROM:anna@iconet.test"], b"501 5.5.4 "),
        ([b"MAIL TO:<anna@iconet.test>"], b"501 5.5.4 "),
        ([MAIL + b" SIZE=26214401"], b"552 5.3.4 too-large"),
        ([MAIL + b" SIZE=-1"], b"501 5.5.4 "),
        ([MAIL + b" SIZE=" + b"9" * 400], b"501 5.5.4 "),
        ([MAIL + b" SIZE=1 SIZE=2"], b"501 5.5.4 "),
        ([MAIL + b" SMTPUTF8"], b"555 5.5.4 "),
        ([MAIL + b" BODY=BINARYMIME"], b"555 5.5.4 "),
        ([MAIL, b"RCPT TO:<return@iconet.test> NOTIFY=NEVER"], b"555 5.5.4 "),
        ([MAIL, b"RCPT TO:<x@elsewhere.test>"], b"550 5.7.1 relay-denied"),
    ],
)
def test_after_signing_in(running: Running, said: list[bytes], reply: bytes) -> None:
    with running.raw("anna") as client:
        told = [client.ask(command) for command in said]
        assert told[-1].startswith(reply)


@pytest.mark.parametrize(
    "address",
    [
        "@relay.test:return@iconet.test",
        "@a.test,@b.test:return@iconet.test",
        "x%elsewhere.test@iconet.test",
        "elsewhere.test!x@iconet.test",
        "return@elsewhere.test@iconet.test",
        '"x@elsewhere.test"@iconet.test',
        '"return"@iconet.test',
        "return",
        "return@",
        "@iconet.test",
        "return@[127.0.0.1]",
        "return@[IPv6:::1]",
        "return@iconet.test.",
        "return@-iconet.test",
        "re..turn@iconet.test",
        ".return@iconet.test",
        "return(comment)@iconet.test",
        "a" * 65 + "@iconet.test",
        "a@" + "b." * 140 + "test",
        "",
        "Postmaster",
        "return\t@iconet.test",
        "r\xe9turn@iconet.test",
        "<return@iconet.test>",
    ],
)
def test_only_plain_addresses_are_taken(running: Running, address: str) -> None:
    with running.raw("anna") as client:
        client.ask(MAIL)
        assert client.ask(f"RCPT TO:<{address}>".encode())[:4] in (b"553 ", b"501 ", b"500 ")
        assert client.ask(b"DATA").startswith(b"554 5.5.1 ")


def test_the_forbidden_and_the_unknown_are_told_alike_and_as_slowly(running: Running) -> None:
    told: dict[str, set[bytes]] = {"liaison": set(), "nowhere": set()}
    took: dict[str, list[float]] = {"liaison": [], "nowhere": []}
    with running.raw("anna") as client:
        client.ask(MAIL)
        for _ in range(20):
            for name, replied in told.items():
                began = clock.monotonic()
                replied.add(client.ask(f"RCPT TO:<{name}@{DOMAIN}>".encode()))
                took[name].append(clock.monotonic() - began)
    assert told["liaison"] == told["nowhere"] == {replies.UNKNOWN.encode() + b"\r\n"}
    assert min(min(times) for times in took.values()) >= limits.REFUSAL_STEP * 0.9
    assert abs(statistics.median(took["liaison"]) - statistics.median(took["nowhere"])) < limits.REFUSAL_STEP / 2


def test_a_recipient_lost_since_is_refused_with_the_message(running: Running) -> None:
    outsider = f"outsider@{DOMAIN}"
    with running.raw("bruno") as client:
        client.begin("bruno", ROOM)
        client.send(message("bruno", ROOM, "s", "t", message_id="<before@x>") + b".\r\n")
        assert client.reply().startswith(b"250 ")
        running.call(running.groupware.store.run(lambda tx: running.lose(tx, "bruno")))
        assert client.begin("bruno", ROOM).startswith(b"354 "), "remembered"
        client.send(message("bruno", ROOM, "s", outsider, message_id="<after@x>") + b".\r\n")
        assert client.reply() == replies.UNKNOWN.encode() + b"\r\n"
        assert client.begin("bruno", ROOM).startswith(b"554 5.5.1 "), "and forgotten"


def test_thousands_of_recipients_cost_little(running: Running) -> None:
    with running.raw("anna") as client:
        client.send(MAIL + b"\r\n" + b"".join(b"RCPT TO:<otto@iconet.test>\r\n" for _ in range(8000)) + b"RSET\r\n")
        told = [client.reply()[:9] for _ in range(8002)]
    assert told == [b"250 2.1.0"] + [b"250 2.1.5"] * 100 + [b"452 4.5.3"] * 7900 + [b"250 2.0.0"]


def test_bad_commands_end_the_session(running: Running) -> None:
    with running.raw() as client:
        client.send(b"WHAT\r\n" * 1000)
        told = client.rest().splitlines()
    assert len(told) == limits.BAD_COMMANDS + 1
    assert told[-1].startswith(b"421 4.7.0 too-many-bad-commands")


def test_from_must_be_the_sender(running: Running) -> None:
    assert handed_in(running, message("bruno", ROOM, "s", "t")) == (
        b"550 5.7.1 from-is-not-sender: From (and Sender) must be your own address\r\n"
    )


@pytest.mark.parametrize(
    ("spoil", "reply"),
    [
        (lambda raw: raw.replace(b"From:", b"Frm:"), b"554 5.6.0 no-from: "),
        (lambda raw: b"From: x@y.test\r\n" + raw, b"554 5.6.0 several-from: "),
        (lambda raw: raw + b"x" * 5000 + b"\r\n", b"554 5.6.0 line-too-long: "),
        (lambda raw: raw + b"nul\0\r\n", b"554 5.6.0 nul: "),
        (lambda raw: b"Auto-Submitted: auto-replied\r\n" + raw, b"550 5.7.1 auto-submitted: "),
        (lambda raw: b"Received: x\r\n" * 60 + raw, b"550 5.7.1 mail-loop: "),
        (lambda raw: b"X: y\r\n" * 100_000 + raw, b"554 5.6.0 "),
        (lambda raw: b"X:" + b" =?utf-8?q?x?=\r\n" * 3000 + raw, b"554 5.6.0 "),
        (lambda _: b"", b"554 5.6.0 "),
    ],
)
def test_messages_that_are_refused(running: Running, spoil: object, reply: bytes) -> None:
    assert callable(spoil)
    assert handed_in(running, spoil(message("anna", ROOM, "s", "t"))).startswith(reply)


def handed_in(running: Running, raw: bytes) -> bytes:
    with running.raw("anna") as client:
        client.begin("anna", ROOM)
        client.send(raw + b".\r\n")
        reply = client.reply()
        assert client.ask(b"NOOP") == b"250 2.0.0 OK\r\n"
        return reply


def test_too_large_a_message_is_read_to_its_end_and_refused(running: Running) -> None:
    with running.raw("anna") as client:
        client.begin("anna", ROOM)
        client.send(message("anna", ROOM, "s", "t"))
        send_lines(client, 26)
        client.send(b".\r\n")
        assert client.reply().startswith(b"552 5.3.4 too-large")
        assert client.ask(b"NOOP") == b"250 2.0.0 OK\r\n"


def send_lines(client: Raw, mebibytes: int) -> None:
    block = (b"." + b"x" * 61 + b"\r\n") * (1 << 14)
    for _ in range(mebibytes):
        client.send(block)


def test_a_large_message_is_taken_whole(running: Running) -> None:
    raw = message("anna", ROOM, "large", "t", message_id="<large@x>")
    with running.raw("anna") as client:
        client.begin("anna", ROOM)
        client.send(raw)
        send_lines(client, 20)
        client.send(b".\r\n")
        assert client.reply().startswith(b"250 2.6.0 <large@x> held")
    caller = running.town.caller("anna")
    stored = running.call(running.groupware.raw(caller, "<large@x>"))
    assert stored == raw + (b"x" * 61 + b"\r\n") * (20 << 14)


def test_no_traceback_was_logged(running: Running) -> None:
    assert [line for line in running.lines if line["level"] not in ("info", "warning")] == []


@pytest.mark.parametrize("field", [b"Resent-From", b"Resent-Sender"])
def test_nobody_puts_a_message_into_the_mail_again_in_anothers_name(running: Running, field: bytes) -> None:
    """RFC 5322 3.6.6; one's own name is fine."""
    with running.raw("anna") as client:
        for who, reply in ((b"bruno", b"550 5.7.1 resender-is-not-sender"), (b"Anna", b"250 2.6.0 ")):
            client.begin("anna", f"otto@{DOMAIN}")
            head = field + b": " + who + b"@iconet.test\r\n"
            assert client.ask(head + message("anna", f"otto@{DOMAIN}", "s", "t") + b".").startswith(reply)
