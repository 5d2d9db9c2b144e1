"""The registry: every store in which something of a post may be, what erasing does there, and how it is looked for.

A column that may hold text is either a store's here, or stands in `NO_TEXT` with the reason why it holds none of a
post; a test walks all tables and finds those that nobody thought of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, literal_column, or_, select, table

from groupware import tables
from groupware.area_tables import withdrawal
from groupware.draft_tables import draft
from groupware.marking_tables import loosening, remarking
from groupware.matrix_tables import matrix_hold, matrix_outbox
from groupware.personal_data_tables import personal_data_hold
from groupware.release_tables import consent, print_due, release, text_print
from groupware.retention import removing
from groupware.retention.removing import EVENT, FILE, MEDIA
from groupware.retention_tables import erasure_errand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sqlalchemy import BindParameter, Select

    from groupware.retention.doomed import Doomed
    from groupware.store import Snapshot, Tx

    Remaining = Callable[[Snapshot, Doomed, Path], int]


@dataclass(frozen=True, slots=True)
class Place:
    """A store: what the proof calls it, its columns as TABLE.COLUMN, how it is emptied, and what is there of a post.

    Where what is looked for is known `at_once` only, since it was in the post, the look is taken in the transaction
    that removes it.
    """

    name: str
    columns: tuple[str, ...]
    remove: Callable[[Tx, Doomed], int]
    remaining: Remaining
    at_once: bool = False


_content, _rendering, _errand = tables.content.c, tables.rendering.c, erasure_errand.c
_post, _place, _copy, _out = tables.post.c, tables.place.c, tables.copy.c, tables.outbound.c
_these: BindParameter[Any] = bindparam("these", expanding=True)
_this: BindParameter[Any] = bindparam("post")
_BYTES = select(func.count()).where(_content.id.in_(_these), or_(_content.size > 0, _content.file.is_not(None)))
_TEXTS = select(func.count()).where(
    _rendering.id.in_(_these),
    or_(func.length(_rendering.head) > 0, _rendering.size > 0, _rendering.subject != "", _rendering.sender != ""),
)
_WORDS = select(func.count()).where(tables.search_text.c.rendering.in_(_these))
_docsize = table("search_index_docsize")
_INDEXED = select(func.count()).select_from(_docsize).where(literal_column("id").in_(_these))
_PLACES = select(func.count()).where(_place.post == _this)
_COPIES = select(func.count()).where(_copy.post == _this)
_QUEUED = select(func.count()).where(
    _out.rendering.in_(_these), or_(_out.state == "queued", _out.reply.not_in(["", removing.EXPIRED]))
)
_SUMMARIES = select(func.count()).where(
    tables.booking.c.submission == bindparam("submission"), tables.booking.c.summary != ""
)
_UNDONE = select(func.count()).where(_errand.post == _this, _errand.kind == bindparam("kind"), _errand.done == 0)
_FILES = select(_errand.name).where(_errand.post == _this, _errand.kind == FILE)
_REASONS = (
    select(func.count()).where(_post.id == _this, _post.reason != ""),
    select(func.count()).where(withdrawal.c.post == _this, withdrawal.c.reason != ""),
    select(func.count()).where(remarking.c.post == _this, remarking.c.reason != ""),
    select(func.count()).where(loosening.c.post == _this, or_(loosening.c.reason != "", loosening.c.note != "")),
)
_FINDINGS = (
    select(func.count()).where(
        personal_data_hold.c.post == _this, or_(personal_data_hold.c.kinds != "", personal_data_hold.c.reason != "")
    ),
    select(func.count()).where(draft.c.post == _this, or_(draft.c.kinds != "", draft.c.reason != "")),
)
_PRINTS = (
    select(func.count()).where(text_print.c.post == _this),
    select(func.count()).where(print_due.c.post == _this),
)
_RELEASES = (
    select(func.count()).where(
        consent.c.note != "",
        or_(
            consent.c.post == _this,
            exists().where(release.c.id == consent.c.release, release.c.post == _this),
        ),
    ),
    select(func.count()).where(release.c.post == _this, release.c.why.like("% %")),
)
_SAID = (select(func.count()).where(matrix_outbox.c.post == _this, matrix_outbox.c.text != ""),)
_HANDED_IN = (select(func.count()).where(matrix_hold.c.post == _this, matrix_hold.c.media != ""),)


def _count(snapshot: Snapshot, statement: Select[Any], **values: Any) -> int:  # noqa: ANN401 -- a statement's
    return int(snapshot.connection.execute(statement, values).scalar_one())


def _bytes(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _BYTES, these=list(doomed.contents))


def _files(snapshot: Snapshot, doomed: Doomed, where: Path) -> int:
    """Looked for on the disk."""
    return sum((where / name).exists() for name in snapshot.connection.scalars(_FILES, {"post": doomed.post}))


def _texts(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _TEXTS, these=list(doomed.renderings))


def _words(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    """In the table, and on SQLite in the index, which has a row of its own for each document."""
    these, found = list(doomed.renderings), _count(snapshot, _WORDS, these=list(doomed.renderings))
    return found + (_count(snapshot, _INDEXED, these=these) if snapshot.connection.dialect.name == "sqlite" else 0)


def _folders(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _PLACES, post=doomed.post) + _count(snapshot, _COPIES, post=doomed.post)


def _mails(_snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    """Found anew by their Message-ID; a shell that others name has none any more."""
    return sum(mail.kind == "own" for mail in doomed.mails)


def _mail_bytes(snapshot: Snapshot, doomed: Doomed, where: Path) -> int:
    found = _count(snapshot, _BYTES, these=[mail.content for mail in doomed.mails])
    return (
        found
        + _count(snapshot, _TEXTS, these=[mail.rendering for mail in doomed.mails])
        + _mails(snapshot, doomed, where)
    )


def _enclosing(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    """Their bytes and renderings, and what clients put in again meanwhile."""
    return (
        _count(snapshot, _BYTES, these=[mail.content for mail in doomed.enclosing])
        + _count(snapshot, _TEXTS, these=[mail.rendering for mail in doomed.enclosing])
        + sum(mail.kind == "own" for mail in doomed.enclosing)
    )


def _notices(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _BYTES, these=[mail.content for mail in doomed.notices])


def _queue(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _QUEUED, these=list(doomed.renderings))


def _bookings(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
    return _count(snapshot, _SUMMARIES, submission=doomed.submission) if doomed.whole else 0


def _sum(*statements: Select[Any]) -> Remaining:
    def remaining(snapshot: Snapshot, doomed: Doomed, _where: Path) -> int:
        return sum(_count(snapshot, statement, post=doomed.post) for statement in statements)

    return remaining


def _errand_of(kind: str, *statements: Select[Any]) -> Remaining:
    """Done when whoever did it has looked, and says that it is gone."""
    own = _sum(*statements)

    def remaining(snapshot: Snapshot, doomed: Doomed, where: Path) -> int:
        return own(snapshot, doomed, where) + _count(snapshot, _UNDONE, post=doomed.post, kind=kind)

    return remaining


def _nothing(_tx: Tx, _doomed: Doomed) -> int:
    """Files are counted with the bytes that named them; they are unlinked once that is committed."""
    return 0


STORES: tuple[Place, ...] = (
    Place("folders of mail clients", (), removing.folders, _folders),
    Place("copies in mailboxes", (), removing.mails, _mail_bytes),
    Place("mails that enclose it as a draft", (), removing.enclosing, _enclosing),
    Place("notices that quote it", (), removing.notices, _notices, at_once=True),
    Place("queue to partners", ("outbound.reply",), removing.queue, _queue),
    Place("bytes as received, and packages", ("content.sha256", "content.body", "content.file"),
          removing.bytes_of, _bytes),
    Place("files of large messages", (), _nothing, _files),
    Place("renderings",
          ("rendering.head", "rendering.envelope", "rendering.body", "rendering.bodystructure", "rendering.subject",
           "rendering.sender"), removing.renderings, _texts),
    Place("search index", ("search_text.header", "search_text.body"), removing.words, _words),
    Place("bookings by the same message", ("booking.summary",), removing.bookings, _bookings),
    Place("reasons of moderators and owners",
          ("post.reason", "withdrawal.reason", "remarking.reason", "loosening.reason", "loosening.note"),
          removing.reasons, _sum(*_REASONS)),
    Place("findings of personal data",
          ("personal_data_hold.kinds", "personal_data_hold.reason", "draft.kinds", "draft.reason"),
          removing.findings, _sum(*_FINDINGS)),
    Place("fingerprints", (), removing.prints, _sum(*_PRINTS)),
    Place("words about releases", ("consent.note", "release.why"), removing.releases, _sum(*_RELEASES)),
    Place("events at the homeserver", ("matrix_outbox.text",), removing.events, _errand_of(EVENT, *_SAID)),
    Place("media at the homeserver", ("matrix_hold.media",), removing.media, _errand_of(MEDIA, *_HANDED_IN)),
)  # fmt: skip
"""In the order in which they are emptied: mailboxes are found by names that go with the renderings."""
SCOURED = "free pages and log of the database"
"""The proof's last line."""

_PEOPLE = "people, their places and their programs: what the directory says"
_KEYS = "credentials, sessions and tokens: digests and states"
_WORDS_OF_OURS = "words of ours, states, names of programs"
NO_TEXT: Mapping[str, tuple[str, str]] = {
    "post": ("token retention state rule", "the tombstone: names and words of ours"),
    "submission": ("message_id", "the tombstone: its Message-ID"),
    "rendering": ("message_id", "the tombstone: its Message-ID"),
    "erasure": ("message_id kept_as rule stage", "the tombstone"),
    "erasure_step": ("store", "the proof"),
    "erasure_errand": (
        "kind name why",
        "names of files, events and media, and the system's words for what is in the way",
    ),
    "retention_class": ("name", "a word of the network's"),
    "retention_date": ("kept_as", "a word of the network's"),
    "retention_watch": ("owner", _WORDS_OF_OURS),
    "secrecy_period": ("name proof", "months, and hashes of keys"),
    "acknowledgement": ("door", _WORDS_OF_OURS),
    "glass": (
        "scope name state reason ended_why",
        "why an officer read in an emergency, and what by its name: the record of it outlives what was read",
    ),
    "legal_hold": (
        "kind reason why_lifted",
        "why a post is kept: written for the file of a case, and lifted before it goes",
    ),
    "release": (
        "recipient domain organisation purpose conditions state",
        "the terms under which it left, which bind the recipient for longer than the post is kept",
    ),
    "consent": ("state door", _WORDS_OF_OURS),
    "consent_reply": ("digest", _KEYS),
    "release_chat": ("matrix", _WORDS_OF_OURS),
    "package": ("message_sha256 pdf_sha256", "hashes of what left, which the recipient has"),
    "draft": ("word door", _WORDS_OF_OURS),
    "draft_reply": ("digest", _KEYS),
    "personal_data_hold": ("word", _WORDS_OF_OURS),
    "withdrawal": ("state", _WORDS_OF_OURS),
    "refused_marking": ("door place", _WORDS_OF_OURS),
    "loosening": ("word", _WORDS_OF_OURS),
    "booking": ("uid state", "names of meetings"),
    "booking_answer": ("verdict rule", _WORDS_OF_OURS),
    "resource": ("address name zone", "what can be booked"),
    "outbound": ("sender recipient domain state owner", "to whom it went"),
    "partner": ("domain", "to whom mail may go"),
    "mail": ("kind", _WORDS_OF_OURS),
    "folder": ("name kind", "what officials call their folders"),
    "room": ("code name retention topic own_state second_person", "rooms, as they were set up"),
    "room_access": ("access subject role reason", "why somebody takes part in a room"),
    "room_change": ("act detail", "what was done to a room"),
    "area": ("code name state", "areas"),
    "event": ("kind", _WORDS_OF_OURS),
    "follower": ("name owner", _WORDS_OF_OURS),
    "matrix_room": ("matrix owner", "names of the homeserver's"),
    "matrix_user": ("name", _PEOPLE),
    "matrix_event": ("event", "names of events, without what they said"),
    "matrix_hold": ("key event", "names of events, without what they said"),
    "matrix_outbox": ("kind key state event", "names of events, without what they said"),
    "matrix_transaction": ("name", "names of the homeserver's"),
    "matrix_device": ("device", _KEYS),
    "audit_record": ("event actor door action kind resource rules detail", "ids and words, never contents"),
    "audit_checkpoint": ("note", "signed hashes of the log"),
    "audit_subject": ("pseudonym", "pseudonyms"),
    "audit_tile": ("records hashes", "hashes of the log"),
    "audit_tree": ("peaks", "hashes of the log"),
    "official": (
        "login name address given_name surname title phone mobile languages external_id",
        _PEOPLE,
    ),
    "body": ("code name kind", _PEOPLE),
    "unit": ("code name address phone", _PEOPLE),
    "competence": ("code", _PEOPLE),
    "contact_point": ("zone", _PEOPLE),
    "appointment": ("act", _PEOPLE),
    "departure": ("why ended doors", _PEOPLE),
    "duty_move": ("what", _PEOPLE),
    "entry_change": ("kind what", _PEOPLE),
    "grant_proposal": ("role reason state decided_why", _PEOPLE),
    "role_grant": ("role reason ended_why", _PEOPLE),
    "hand_over": ("state note", _PEOPLE),
    "posting": ("host_country host_city seat duties", _PEOPLE),
    "posting_interest": ("note", _PEOPLE),
    "import_draft": ("digest content", "a file of entries, on its way into the directory"),
    "card": ("digest", _PEOPLE),
    "card_state": ("name entries", _PEOPLE),
    "provisioned": ("kind external_id", _PEOPLE),
    "national_past": ("issuer subject", _KEYS),
    "national_subject": ("issuer subject", _KEYS),
    "app_password": ("selector digest doors label", _KEYS),
    "invitation": ("purpose digest", _KEYS),
    "known_site": ("digest", _KEYS),
    "login_failure": ("key", _KEYS),
    "passkey": ("handle credential public_key label", _KEYS),
    "password": ("hash", _KEYS),
    "recovery_code": ("digest", _KEYS),
    "reset_request": ("reason", _KEYS),
    "scim_token": ("digest label", _KEYS),
    "sign_in_step": ("digest", _KEYS),
    "spent_challenge": ("digest", _KEYS),
    "terms_acceptance": ("terms", _KEYS),
    "totp": ("sealed", _KEYS),
    "web_session": ("digest means device network", _KEYS),
    "oidc_client": (
        "name title secret redirects returns back_channel bodies areas algorithm",
        _KEYS,
    ),
    "oidc_consent": ("scope", _KEYS),
    "oidc_key": ("kid algorithm sealed", _KEYS),
    "oidc_logout": ("state owner reply", _KEYS),
    "oidc_sign_on": ("session sid scope issuer redirect challenge nonce amr acr code", _KEYS),
    "oidc_token": ("digest kind scope", _KEYS),
}
"""Table -> columns that hold nothing of what posts say, and what they hold instead."""
