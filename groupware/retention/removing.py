"""What erasing does to rows: bytes and words go, ids, names and times stay. Each function says how much it removed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from groupware import tables
from groupware.area_tables import withdrawal
from groupware.draft_tables import draft
from groupware.folders import filing
from groupware.marking_tables import loosening, remarking
from groupware.matrix_tables import matrix_event, matrix_hold, matrix_outbox
from groupware.personal_data_tables import personal_data_hold
from groupware.release_tables import consent, print_due, release, text_print
from groupware.retention_tables import erasure_errand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, Delete, Update

    from groupware.retention.doomed import Doomed
    from groupware.retention.seeking import Mail
    from groupware.store import Tx

NOTHING = hashlib.sha256(b"").digest()
EXPIRED = "its time is over"
FILE, EVENT, MEDIA = "file", "event", "media"
"""What errands are for."""
_BLANK: dict[str, Any] = {
    "head": b"",
    "size": 0,
    "envelope": b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
    "body": b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)',
    "bodystructure": b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0 NIL NIL NIL NIL)',
    "subject": "",
    "sender": "",
}
_content, _rendering, _place, _folder = tables.content.c, tables.rendering.c, tables.place.c, tables.folder.c
_out, _post, _copy, _to = tables.outbound.c, tables.post.c, tables.copy.c, tables.mail_recipient.c
_these: BindParameter[Any] = bindparam("these", expanding=True)
_FILES = select(_content.file).where(_content.id.in_(_these), _content.file.is_not(None))
_NO_BYTES = (
    update(tables.content)
    .where(_content.id.in_(_these), _content.size > 0)
    .values(sha256=NOTHING, size=0, body=b"", file=None)
)
_SIZE = select(_content.size).where(_content.id == _rendering.content).scalar_subquery()
_NO_TEXT = update(tables.rendering).where(_rendering.id.in_(_these), func.length(_rendering.head) > 0).values(**_BLANK)
_BODY_AT = update(tables.rendering).where(_rendering.id.in_(_these)).values(body_at=_SIZE, size=0)
_NO_NAME = update(tables.rendering).where(_rendering.id.in_(_these)).values(message_id="")
_NO_WORDS = delete(tables.search_text).where(tables.search_text.c.rendering.in_(_these))
_ERRAND = insert(erasure_errand)
_PLACES_OF_POST = (
    select(_folder.id, _folder.modseq, _place.uid)
    .join(tables.place, _place.folder == _folder.id)
    .where(_place.post == bindparam("item"))
    .order_by(_folder.id)
)
_PLACES_OF_MAIL = (
    select(_folder.id, _folder.modseq, _place.uid)
    .join(tables.place, _place.folder == _folder.id)
    .where(_folder.official.in_(_these), _place.post == 0, _place.mail == bindparam("item"))
    .order_by(_folder.id)
)
_GONE = insert(tables.gone)
_TAKE_OUT = delete(tables.place).where(_place.folder == bindparam("in_"), _place.uid.in_(_these))
_STEP_ON = update(tables.folder).where(_folder.id == bindparam("in_")).values(modseq=_folder.modseq + 1)
_NO_COPY = delete(tables.copy).where(_copy.post == bindparam("post"), _copy.mail == bindparam("mail"))
_RECIPIENTS = select(_to.official).where(_to.mail == bindparam("mail"))
_NO_RECIPIENT = delete(tables.mail_recipient).where(_to.mail == bindparam("mail"))
_STOP = (
    update(tables.outbound)
    .where(_out.rendering.in_(_these), _out.state == "queued")
    .values(state="failed", owner="", lease_until=0, reply=EXPIRED)
)
_NO_REPLY = (
    update(tables.outbound)
    .where(_out.rendering.in_(_these), _out.state != "queued", _out.reply != "", _out.reply != EXPIRED)
    .values(reply="")
)
_RELEASES = select(release.c.id).where(release.c.post == bindparam("of_post"))
_SUMMARIES = (
    update(tables.booking)
    .where(tables.booking.c.submission == bindparam("of_submission"), tables.booking.c.summary != "")
    .values(summary="")
)
_SHOWN = select(matrix_event.c.event).where(matrix_event.c.post == bindparam("post"))
_SENT = select(matrix_outbox.c.event).where(
    matrix_outbox.c.post == bindparam("post"), matrix_outbox.c.state == "sent", matrix_outbox.c.event != ""
)
_MEDIA = select(matrix_hold.c.media).where(matrix_hold.c.post == bindparam("post"), matrix_hold.c.media != "")
_NO_MEDIA = update(matrix_hold).where(matrix_hold.c.post == bindparam("of_post")).values(media="")
_NO_SAYING = (
    update(matrix_outbox)
    .where(matrix_outbox.c.post == bindparam("of_post"), matrix_outbox.c.text != "")
    .values(text="")
)
_REASONS: tuple[Update | Delete, ...] = (
    update(tables.post).where(_post.id == bindparam("of_post"), _post.reason != "").values(reason=""),
    update(withdrawal).where(withdrawal.c.post == bindparam("of_post"), withdrawal.c.reason != "").values(reason=""),
    update(remarking).where(remarking.c.post == bindparam("of_post"), remarking.c.reason != "").values(reason=""),
    update(loosening)
    .where(loosening.c.post == bindparam("of_post"), or_(loosening.c.reason != "", loosening.c.note != ""))
    .values(reason="", note=""),
)
_FINDINGS: tuple[Update | Delete, ...] = (
    update(personal_data_hold)
    .where(
        personal_data_hold.c.post == bindparam("of_post"),
        or_(personal_data_hold.c.kinds != "", personal_data_hold.c.reason != ""),
    )
    .values(kinds="", reason=""),
    update(draft)
    .where(draft.c.post == bindparam("of_post"), or_(draft.c.kinds != "", draft.c.reason != ""))
    .values(kinds="", reason=""),
)
_PRINTS: tuple[Update | Delete, ...] = (
    delete(text_print).where(text_print.c.post == bindparam("of_post")),
    delete(print_due).where(print_due.c.post == bindparam("of_post")),
)
_WORDS_OF_RELEASES: tuple[Update | Delete, ...] = (
    update(consent)
    .where(or_(consent.c.release.in_(_RELEASES), consent.c.post == bindparam("of_post")), consent.c.note != "")
    .values(note=""),
    # a rule's name has no blank; what has is somebody's reason
    update(release).where(release.c.post == bindparam("of_post"), release.c.why.like("% %")).values(why=""),
)


def bytes_of(tx: Tx, doomed: Doomed) -> int:
    """What was received, and the packages in which it left; files are an errand."""
    return _no_bytes(tx, doomed.post, doomed.contents)


def renderings(tx: Tx, doomed: Doomed) -> int:
    """What readers were shown."""
    return _no_text(tx, doomed.renderings)


def words(tx: Tx, doomed: Doomed) -> int:
    """What was found by."""
    return tx.connection.execute(_NO_WORDS, {"these": list(doomed.renderings)}).rowcount


def folders(tx: Tx, doomed: Doomed) -> int:
    """Its places in the folders of mail clients, and deliveries to INBOXes."""
    taken = _take_out(tx, tx.connection.execute(_PLACES_OF_POST, {"item": doomed.post}).all())
    return taken + tx.connection.execute(_NO_COPY, {"post": doomed.post, "mail": 0}).rowcount


def mails(tx: Tx, doomed: Doomed) -> int:
    """The same message in mailboxes."""
    return _mails(tx, doomed.post, doomed.mails)


def enclosing(tx: Tx, doomed: Doomed) -> int:
    """Mails of ours that have it inside as a draft; those that went when a draft ended are counted, too."""
    return _mails(tx, doomed.post, doomed.enclosing)


def take_back(tx: Tx, found: Sequence[Mail]) -> int:
    """Mails of a post that isn't erased; the sweep unlinks what was a file."""
    return _mails(tx, 0, found)


def notices(tx: Tx, doomed: Doomed) -> int:
    """Notices that say its subject, or why it was refused."""
    return _mails(tx, doomed.post, doomed.notices)


def queue(tx: Tx, doomed: Doomed) -> int:
    """Mail to partners that hasn't left doesn't leave; what their servers answered goes."""
    mine = {"these": [*doomed.renderings, *(mail.rendering for mail in doomed.mails)]}
    return tx.connection.execute(_STOP, mine).rowcount + tx.connection.execute(_NO_REPLY, mine).rowcount


def bookings(tx: Tx, doomed: Doomed) -> int:
    """What a resource was booked for by the same message."""
    return tx.connection.execute(_SUMMARIES, {"of_submission": doomed.submission}).rowcount if doomed.whole else 0


def reasons(tx: Tx, doomed: Doomed) -> int:
    """What moderators and owners wrote about it."""
    return _all(tx, _REASONS, doomed)


def findings(tx: Tx, doomed: Doomed) -> int:
    """What kinds of personal data seemed to be in it, and why it was to stay."""
    return _all(tx, _FINDINGS, doomed)


def prints(tx: Tx, doomed: Doomed) -> int:
    """Its fingerprints."""
    return _all(tx, _PRINTS, doomed)


def releases(tx: Tx, doomed: Doomed) -> int:
    """What owners said about passing it on."""
    return _all(tx, _WORDS_OF_RELEASES, doomed)


def events(tx: Tx, doomed: Doomed) -> int:
    """At the homeserver: an errand for each event that showed it."""
    shown = {"post": doomed.post}
    found = {*tx.connection.scalars(_SHOWN, shown), *tx.connection.scalars(_SENT, shown)}
    tx.connection.execute(_NO_SAYING, {"of_post": doomed.post})
    return _errands(tx, doomed.post, EVENT, sorted(found))


def media(tx: Tx, doomed: Doomed) -> int:
    """At the homeserver: an errand for the file that was handed in with it."""
    found = [name.rpartition("/")[2] for name in tx.connection.scalars(_MEDIA, {"post": doomed.post})]
    tx.connection.execute(_NO_MEDIA, {"of_post": doomed.post})
    return _errands(tx, doomed.post, MEDIA, found)


def _all(tx: Tx, statements: Sequence[Update | Delete], doomed: Doomed) -> int:
    return sum(tx.connection.execute(statement, {"of_post": doomed.post}).rowcount for statement in statements)


def _errands(tx: Tx, post: int, kind: str, names: Sequence[str]) -> int:
    if names:
        tx.connection.execute(_ERRAND, [{"post": post, "kind": kind, "name": name, "done": 0} for name in names])
    return len(names)


def _no_bytes(tx: Tx, post: int, contents: Sequence[int]) -> int:
    these = {"these": list(contents)}
    if post:
        _errands(tx, post, FILE, list(tx.connection.scalars(_FILES, these)))
    return tx.connection.execute(_NO_BYTES, these).rowcount


def _no_text(tx: Tx, found: Sequence[int]) -> int:
    these = {"these": list(found)}
    removed = tx.connection.execute(_NO_TEXT, these).rowcount
    tx.connection.execute(_BODY_AT, these)
    return removed


def _mails(tx: Tx, post: int, found: Sequence[Mail]) -> int:
    """For the erasure of `post`, or of none (0).

    Their rows stay, empty, where others name them; what somebody kept for themselves goes altogether.
    """
    for mail in found:
        key = {"mail": mail.id}
        people = list({mail.author, *tx.connection.scalars(_RECIPIENTS, key)} - {0})
        _take_out(tx, tx.connection.execute(_PLACES_OF_MAIL, {"these": people, "item": mail.id}).all())
        tx.connection.execute(_NO_COPY, {"post": 0, "mail": mail.id})
        tx.connection.execute(_NO_RECIPIENT, key)
        _no_bytes(tx, post, [mail.content])
        _no_text(tx, [mail.rendering])
        tx.connection.execute(_NO_WORDS, {"these": [mail.rendering]})
        tx.connection.execute(_NO_NAME, {"these": [mail.rendering]})
    filing.forget_own(tx, [mail.id for mail in found if mail.kind == "own"])
    return len(found)


def _take_out(tx: Tx, rows: Sequence[Any]) -> int:
    """Places go, their numbers are never used again, and clients are told (RFC 7162 3.2.10)."""
    by_folder: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        by_folder.setdefault((row.id, row.modseq), []).append(row.uid)
    for (folder, modseq), uids in by_folder.items():
        tx.connection.execute(_GONE, [{"folder": folder, "uid": uid, "modseq": modseq + 1} for uid in uids])
        tx.connection.execute(_TAKE_OUT, {"in_": folder, "these": uids})
        tx.connection.execute(_STEP_ON, {"in_": folder})
    return len(rows)
