"""What mail clients say, as they say it, and what it means."""

# ruff: noqa: FBT003 - a table of values
from __future__ import annotations

import pytest

from connectors.imap import commands as c
from connectors.imap.commands import Mode, Return, Selection, StatusItem
from connectors.imap.fetching import FAST, Attribute, Part, Section
from connectors.imap.grammar import parse
from connectors.imap.line import Line, Upload
from connectors.imap.numbers import STAR, SequenceSet
from connectors.imap.searching import (
    Aged,
    And,
    Dated,
    Everything,
    Field,
    Flagged,
    Header,
    Modified,
    Named,
    Not,
    Or,
    Order,
    Result,
    Sized,
    Words,
)

DAY = 86_400_000_000
ALL = SequenceSet(((1, STAR),))
ONE = SequenceSet(((1, 1),))
SEEN = Flagged(b"\\Seen", present=True)
UNSEEN = Flagged(b"\\Seen", present=False)
UNDELETED = Flagged(b"\\Deleted", present=False)


def header_fields(names: bytes) -> Section:
    fields = tuple(names.split(b" "))
    return Section(b"BODY[HEADER.FIELDS (%b)]" % names, (), Part.FIELDS, fields, peek=True)


THUNDERBIRD = [
    (b"1 capability", c.Capability(b"1")),
    (b"2 authenticate PLAIN AGFubmEAcHc=", c.Authenticate(b"2", "PLAIN", b"\0anna\0pw")),
    (b"2 authenticate PLAIN =", c.Authenticate(b"2", "PLAIN", b"")),
    (b"2 authenticate LOGIN", c.Authenticate(b"2", "LOGIN", None)),
    (b'3 login "anna" "pass\\"word\\\\"', c.Login(b"3", b"anna", b'pass"word\\')),
    (
        b'4 ID ("name" "Thunderbird" "version" "140.1.0")',
        c.Id(b"4", ((b"name", b"Thunderbird"), (b"version", b"140.1.0"))),
    ),
    (b"5 namespace", c.Namespace(b"5")),
    (b"6 enable UTF8=ACCEPT", c.Enable(b"6", ("UTF8=ACCEPT",))),
    (
        b'7 list (subscribed) "" "*" return (special-use)',
        c.List(b"7", "", ("*",), frozenset({Selection.SUBSCRIBED}), frozenset({Return.SPECIAL_USE})),
    ),
    (b'8 list "" "INBOX"', c.List(b"8", "", ("INBOX",))),
    (b'9 lsub "" "*"', c.Lsub(b"9", "", "*")),
    (b'10 list "" "%/%"', c.List(b"10", "", ("%/%",))),
    (b'11 select "INBOX" (CONDSTORE)', c.Select(b"11", "INBOX", condstore=True)),
    (b"12 UID fetch 1:* (FLAGS)", c.Fetch(b"12", True, ALL, (Attribute.FLAGS,))),
    (
        b"13 UID fetch 7:9 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID)])",
        c.Fetch(
            b"13",
            True,
            SequenceSet(((7, 9),)),
            (Attribute.UID, Attribute.SIZE, Attribute.FLAGS, header_fields(b"From To Cc Bcc Subject Date Message-ID")),
        ),
    ),
    (
        b"14 UID fetch 9 (UID RFC822.SIZE BODY.PEEK[])",
        c.Fetch(b"14", True, SequenceSet(((9, 9),)), (Attribute.UID, Attribute.SIZE, Section(b"BODY[]", peek=True))),
    ),
    (
        b"15 UID fetch 9 (UID RFC822.SIZE BODY[]<0.65536>)",
        c.Fetch(
            b"15",
            True,
            SequenceSet(((9, 9),)),
            (Attribute.UID, Attribute.SIZE, Section(b"BODY[]<0>", partial=(0, 65536))),
        ),
    ),
    (b"16 UID fetch 1:* (FLAGS) (CHANGEDSINCE 1234567)", c.Fetch(b"16", True, ALL, (Attribute.FLAGS,), 1234567)),
    (b"17 uid store 9 +Flags (\\Seen)", c.Store(b"17", True, SequenceSet(((9, 9),)), Mode.ADD, False, (b"\\Seen",))),
    (
        b"18 uid store 9 -FLAGS.SILENT (\\Deleted $label1)",
        c.Store(b"18", True, SequenceSet(((9, 9),)), Mode.REMOVE, True, (b"\\Deleted", b"$label1")),
    ),
    (b'19 uid copy 4:6 "Trash"', c.Copy(b"19", True, SequenceSet(((4, 6),)), "Trash")),
    (b'20 uid move 4,6 "Areas/ews"', c.Move(b"20", True, SequenceSet(((4, 4), (6, 6))), "Areas/ews")),
    (b"21 IDLE", c.Idle(b"21")),
    (b"22 UID SEARCH UNDELETED", c.Search(b"22", True, UNDELETED, None)),
    (b"23 expunge", c.Expunge(b"23")),
    (b'24 create "Entw&APw-rfe"', c.Create(b"24", "Entwürfe", ())),
    (b'25 subscribe "Drafts"', c.Subscribe(b"25", "Drafts")),
    (
        b'26 UID SEARCH CHARSET UTF-8 OR SUBJECT "Gr\xc3\xbc\xc3\x9fe" FROM "a"',
        c.Search(b"26", True, Or(Words(Field.SUBJECT, "Grüße"), Words(Field.FROM, "a")), None),
    ),
    (
        b'27 STATUS "Sent" (UIDNEXT MESSAGES UNSEEN RECENT)',
        c.Status(b"27", "Sent", (StatusItem.UIDNEXT, StatusItem.MESSAGES, StatusItem.UNSEEN, StatusItem.RECENT)),
    ),
    (b"28 logout", c.Logout(b"28")),
    (b"29 starttls", c.StartTls(b"29")),
]
OUTLOOK = [
    (b"9bmt CAPABILITY", c.Capability(b"9bmt")),
    (b'x0sb LOGIN anna@body.example "pw"', c.Login(b"x0sb", b"anna@body.example", b"pw")),
    (b'b4wl LIST "" *', c.List(b"b4wl", "", ("*",))),
    (b'b4wm LSUB "" "Areas/*"', c.Lsub(b"b4wm", "", "Areas/*")),
    (b'ya7j SELECT "inbox"', c.Select(b"ya7j", "INBOX", condstore=False)),
    (
        b"kt0a FETCH 1:20 (UID FLAGS)",
        c.Fetch(b"kt0a", False, SequenceSet(((1, 20),)), (Attribute.UID, Attribute.FLAGS)),
    ),
    (
        b"e8rq UID FETCH 1:3 (BODY.PEEK[HEADER] BODYSTRUCTURE ENVELOPE RFC822.SIZE UID FLAGS INTERNALDATE)",
        c.Fetch(
            b"e8rq",
            True,
            SequenceSet(((1, 3),)),
            (
                Section(b"BODY[HEADER]", part=Part.HEADER, peek=True),
                Attribute.BODYSTRUCTURE,
                Attribute.ENVELOPE,
                Attribute.SIZE,
                Attribute.UID,
                Attribute.FLAGS,
                Attribute.INTERNALDATE,
            ),
        ),
    ),
    (
        b"gj2z UID FETCH 5 (BODY.PEEK[1.2.MIME] BODY.PEEK[1.2])",
        c.Fetch(
            b"gj2z",
            True,
            SequenceSet(((5, 5),)),
            (Section(b"BODY[1.2.MIME]", (1, 2), Part.MIME, peek=True), Section(b"BODY[1.2]", (1, 2), peek=True)),
        ),
    ),
    (
        b"o1cd UID STORE 5 FLAGS (\\Seen \\Answered)",
        c.Store(b"o1cd", True, SequenceSet(((5, 5),)), Mode.REPLACE, False, (b"\\Seen", b"\\Answered")),
    ),
    (b"4w1u UID SEARCH SINCE 1-Feb-1970", c.Search(b"4w1u", True, Dated(Order.SINCE, 31 * DAY, sent=False), None)),
    (b"pq8e NOOP", c.Noop(b"pq8e")),
    (b"pq8f CLOSE", c.Close(b"pq8f")),
    (b"pq8g CHECK", c.Check(b"pq8g")),
    (
        b"m3t7 UID SEARCH 1:* NOT DELETED",
        c.Search(b"m3t7", True, And((Named(ALL, uid=False), Not(Flagged(b"\\Deleted", present=True)))), None),
    ),
]
APPLE = [
    (
        b'1.1 ID ("name" "Mac OS X Mail" "version" "16.0" "os" NIL)',
        c.Id(b"1.1", ((b"name", b"Mac OS X Mail"), (b"version", b"16.0"), (b"os", None))),
    ),
    (b"2.1 ID NIL", c.Id(b"2.1", ())),
    (b"2.2 ENABLE CONDSTORE QRESYNC", c.Enable(b"2.2", ("CONDSTORE", "QRESYNC"))),
    (
        (
            b'3.1 LIST "" "*" RETURN (SPECIAL-USE SUBSCRIBED CHILDREN'
            b" STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ))"
        ),
        c.List(
            b"3.1",
            "",
            ("*",),
            frozenset(),
            frozenset(Return),
            (
                StatusItem.MESSAGES,
                StatusItem.UIDNEXT,
                StatusItem.UIDVALIDITY,
                StatusItem.UNSEEN,
                StatusItem.HIGHESTMODSEQ,
            ),
        ),
    ),
    (
        b'3.2 LIST (SPECIAL-USE) "" ("INBOX" "Areas/%")',
        c.List(b"3.2", "", ("INBOX", "Areas/%"), frozenset({Selection.SPECIAL_USE})),
    ),
    (
        b"3.3 STATUS INBOX (SIZE HIGHESTMODSEQ DELETED)",
        c.Status(b"3.3", "INBOX", (StatusItem.SIZE, StatusItem.HIGHESTMODSEQ, StatusItem.DELETED)),
    ),
    (
        b"4.1 UID FETCH 1:* (FLAGS UID MODSEQ)",
        c.Fetch(b"4.1", True, ALL, (Attribute.FLAGS, Attribute.UID, Attribute.MODSEQ)),
    ),
    (
        b"5.1 FETCH 3 (BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS.NOT (Received)])",
        c.Fetch(
            b"5.1",
            False,
            SequenceSet(((3, 3),)),
            (
                Attribute.BODYSTRUCTURE,
                Section(b"BODY[HEADER.FIELDS.NOT (Received)]", (), Part.FIELDS_NOT, (b"Received",), peek=True),
            ),
        ),
    ),
    (
        b"5.2 UID SEARCH RETURN (ALL COUNT) 1:* UNSEEN",
        c.Search(b"5.2", True, And((Named(ALL, uid=False), UNSEEN)), frozenset({Result.ALL, Result.COUNT})),
    ),
    (b"5.3 UID SEARCH RETURN () ALL", c.Search(b"5.3", True, Everything(), frozenset({Result.ALL}))),
    (
        b"5.4 UID STORE 5 (UNCHANGEDSINCE 17) +FLAGS.SILENT (\\Flagged)",
        c.Store(b"5.4", True, SequenceSet(((5, 5),)), Mode.ADD, True, (b"\\Flagged",), 17),
    ),
    (b"5.5 UID EXPUNGE 4:5", c.Expunge(b"5.5", SequenceSet(((4, 5),)))),
    (b'5.6 CREATE "Sent" (USE (\\Sent))', c.Create(b"5.6", "Sent", (b"\\Sent",))),
    (
        b"5.7 UID SEARCH YOUNGER 86400 LARGER 10",
        c.Search(b"5.7", True, And((Aged(86400, younger=True), Sized(10, larger=True))), None),
    ),
    (b"5.8 UNSELECT", c.Unselect(b"5.8")),
]
MUTT = [
    (b'a0003 LIST "" ""', c.List(b"a0003", "", ("",))),
    (b"a0004 EXAMINE INBOX", c.Examine(b"a0004", "INBOX", condstore=False)),
    (
        b"a0005 FETCH 1:2 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM X-LABEL)])",
        c.Fetch(b"a0005", False, SequenceSet(((1, 2),)), (Attribute.UID, *FAST, header_fields(b"DATE FROM X-LABEL"))),
    ),
    (
        b"a0006 UID FETCH 4 BODY.PEEK[]",
        c.Fetch(b"a0006", True, SequenceSet(((4, 4),)), (Section(b"BODY[]", peek=True),)),
    ),
    (
        b"a0007 UID STORE 4 -FLAGS (\\Seen \\Answered \\Flagged \\Deleted)",
        c.Store(
            b"a0007",
            True,
            SequenceSet(((4, 4),)),
            Mode.REMOVE,
            False,
            (b"\\Seen", b"\\Answered", b"\\Flagged", b"\\Deleted"),
        ),
    ),
    (
        b'a0008 SEARCH HEADER Message-ID "<a@b>" OLD',
        c.Search(b"a0008", False, And((Header("Message-ID", "<a@b>"), Everything())), None),
    ),
    (b'a0009 RENAME "a" "b"', c.Rename(b"a0009", "a", "b")),
    (b'a0010 DELETE "a &- b"', c.Delete(b"a0010", "a & b")),
    (b'a0011 UNSUBSCRIBE "Areas/x"', c.Unsubscribe(b"a0011", "Areas/x")),
    (b"a0012 FETCH 1 ALL", c.Fetch(b"a0012", False, ONE, (*FAST, Attribute.ENVELOPE))),
    (b"a0013 FETCH 1 FULL", c.Fetch(b"a0013", False, ONE, (*FAST, Attribute.ENVELOPE, Attribute.BODY))),
]
MBSYNC = [
    (b'3 LIST "" "%"', c.List(b"3", "", ("%",))),
    (b'5 SELECT "Areas/ews"', c.Select(b"5", "Areas/ews", condstore=False)),
    (
        b"6 UID FETCH 1:1000000000 (UID FLAGS)",
        c.Fetch(b"6", True, SequenceSet(((1, 1000000000),)), (Attribute.UID, Attribute.FLAGS)),
    ),
    (b"7 UID FETCH 3 (BODY.PEEK[])", c.Fetch(b"7", True, SequenceSet(((3, 3),)), (Section(b"BODY[]", peek=True),))),
    (
        b"8 UID STORE 3 +FLAGS.SILENT (\\Seen)",
        c.Store(b"8", True, SequenceSet(((3, 3),)), Mode.ADD, True, (b"\\Seen",)),
    ),
    (b"9 UID SEARCH HEADER X-TUID abcDEF/+ghij", c.Search(b"9", True, Header("X-TUID", "abcDEF/+ghij"), None)),
]
IMAPLIB = [
    (b'GHBC1 LOGIN anna "pw"', c.Login(b"GHBC1", b"anna", b"pw")),
    (b"GHBC2 SELECT INBOX", c.Select(b"GHBC2", "INBOX", condstore=False)),
    (b"GHBC3 SEARCH ALL", c.Search(b"GHBC3", False, Everything(), None)),
    (b"GHBC4 FETCH 1 (RFC822)", c.Fetch(b"GHBC4", False, ONE, (Section(b"RFC822"),))),
    (
        b"GHBC5 FETCH 1 (RFC822.HEADER RFC822.TEXT)",
        c.Fetch(
            b"GHBC5",
            False,
            ONE,
            (Section(b"RFC822.HEADER", part=Part.HEADER, peek=True), Section(b"RFC822.TEXT", part=Part.TEXT)),
        ),
    ),
    (b"GHBC6 STORE 1 +FLAGS \\Deleted", c.Store(b"GHBC6", False, ONE, Mode.ADD, False, (b"\\Deleted",))),
    (b"GHBC7 STORE 1 FLAGS \\Seen $Junk", c.Store(b"GHBC7", False, ONE, Mode.REPLACE, False, (b"\\Seen", b"$Junk"))),
    (b"GHBC8 COPY 1 Trash", c.Copy(b"GHBC8", False, ONE, "Trash")),
    (
        b"GHBC9 UID SEARCH (UNSEEN SINCE 02-Jan-1970)",
        c.Search(b"GHBC9", True, And((UNSEEN, Dated(Order.SINCE, DAY, sent=False))), None),
    ),
    (b"GHBD0 UID FETCH 1 (BODY[TEXT])", c.Fetch(b"GHBD0", True, ONE, (Section(b"BODY[TEXT]", part=Part.TEXT),))),
]
AIOIMAPLIB = [
    (
        b"JFPN5 UID FETCH 3:* (UID FLAGS BODY.PEEK[])",
        c.Fetch(
            b"JFPN5", True, SequenceSet(((3, STAR),)), (Attribute.UID, Attribute.FLAGS, Section(b"BODY[]", peek=True))
        ),
    ),
    (b"JFPN6 UID SEARCH SENTBEFORE 2-Jan-1970", c.Search(b"JFPN6", True, Dated(Order.BEFORE, DAY, sent=True), None)),
    (
        b"JFPN7 SEARCH KEYWORD $Forwarded UNKEYWORD $Junk",
        c.Search(b"JFPN7", False, And((Flagged(b"$Forwarded", present=True), Flagged(b"$Junk", present=False))), None),
    ),
    (b"JFPN8 SEARCH NEW", c.Search(b"JFPN8", False, Not(Everything()), None)),
    (b'JFPN9 SEARCH MODSEQ "/flags/\\\\draft" all 62', c.Search(b"JFPN9", False, Modified(62), None)),
    (
        b"JFPO0 UID SEARCH UID 9:5,* SEEN",
        c.Search(b"JFPO0", True, And((Named(SequenceSet(((5, 9), (STAR, STAR))), uid=True), SEEN)), None),
    ),
]
LINES = THUNDERBIRD + OUTLOOK + APPLE + MUTT + MBSYNC + IMAPLIB + AIOIMAPLIB


@pytest.mark.parametrize(("text", "command"), LINES, ids=[text.decode("latin-1") for text, _ in LINES])
def test_a_client_is_understood(text: bytes, command: c.Command) -> None:
    assert parse(Line(text)) == command


def message() -> Upload:
    upload = Upload(3)
    upload.add(b"a\r\n")
    return upload


@pytest.mark.parametrize(
    ("text", "mailbox", "flags", "date"),
    [
        (b'1 append "Sent" (\\Seen) \0', "Sent", (b"\\Seen",), None),
        (b'2 APPEND Drafts (\\Seen \\Draft) "02-Jan-1970 01:00:00 +0100" \0', "Drafts", (b"\\Seen", b"\\Draft"), DAY),
        (b'3 APPEND "inbox" () " 1-Jan-1970 00:00:00 +0000" \0', "INBOX", (), 0),
        (b"4 APPEND Sent \0", "Sent", (), None),
    ],
)
def test_append_is_understood(text: bytes, mailbox: str, flags: tuple[bytes, ...], date: int | None) -> None:
    upload = message()
    assert parse(Line(text, (upload,))) == c.Append(text[:1], mailbox, flags, date, upload)
    upload.close()


def test_literals_stand_for_strings_in_their_order() -> None:
    assert parse(Line(b"a LOGIN \0 \0", (b"anna", b"p w"))) == c.Login(b"a", b"anna", b"p w")
    assert parse(Line(b"a SELECT \0", ("Grüße".encode(),))) == c.Select(b"a", "Grüße", condstore=False)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(parse(Line(b"a LOGIN anna secret")))
    assert "secret" not in repr(parse(Line(b"a AUTHENTICATE PLAIN AHNlY3JldABzZWNyZXQ=")))


def test_there_are_eighty_lines() -> None:
    assert len(LINES) >= 80
