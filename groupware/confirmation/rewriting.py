"""A new version of a post that awaits its author's word: another message, in whose favour the first one ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware import content, posting, reading, unconfirmed, withdrawal
from groupware.composing import Voices
from groupware.confirmation.confirming import require
from groupware.duties.sending_for import author_of
from groupware.errors import Refused
from groupware.message import header
from groupware.message.compose import compose, new_message_id
from groupware.message.fields import read_tolerantly
from groupware.message.markings import labelled
from groupware.message.scan import scan
from groupware.recipients import resolve
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.posting import Receipt, Submission
    from groupware.reading import PostCard
    from groupware.recipients import Recipient
    from groupware.sealing.seals import Seals
    from groupware.store import Snapshot, Tx

REDACTED = "Its author wrote it anew."


@dataclass(frozen=True, slots=True)
class Version:
    """What is handed in instead: its bytes, and where it goes."""

    raw: bytes
    to: Recipient


def rewritten(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str, words: tuple[str, str], where: tuple[str, Path]
) -> Version:
    """The new message of `words` (subject and text), by the same author and in the same thread, without files.

    `where` is the mail domain and the store's directory. Raises as `confirming.require` does, and Refused by rule.
    """
    require(snapshot, monitor, caller, token)
    return anew(snapshot, monitor, caller, token, words, where)


def anew(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str, words: tuple[str, str], where: tuple[str, Path]
) -> Version:
    """The same of any post of the caller's that waits; who asks has been asked whether they may."""
    domain, directory = where
    card = reading.by_token(monitor.view(snapshot, caller, Action.READ, Kind.POST), token)
    to = resolve(snapshot, monitor, caller, f"{card.room}@{domain}", domain)
    voices = Voices(caller, author_of(snapshot, monitor, caller, card.author))
    if voices.author.address.lower() != card.author.lower():
        raise Refused("from-is-not-sender", "you may not send in this official's name")
    head, _ = reading.rendered(snapshot, card.rendering, directory)
    try:
        return Version(_composed(voices, domain, card, head, words, snapshot.now), to)
    except ValueError as error:
        raise Refused("malformed-field", str(error)) from error


def prepared(
    caller: Caller, where: tuple[str, Path, Seals], version: Version, seeming: tuple[str, ...] | None
) -> Submission:
    """All that needs no transaction. Raises message.errors.Unacceptable."""
    domain, directory, seals = where
    kept = content.prepare(directory, version.raw, seals)
    return posting.prepare(caller, domain, version.raw, scan(version.raw), kept, [version.to], seeming)


def replace(tx: Tx, monitor: Monitor, caller: Caller, token: str, submission: Submission) -> Receipt:
    """Hand in the new version and end the first. Raises as `confirming.require` and `posting.submit` do."""
    row, permit = require(tx, monitor, caller, token)
    permit.use(tx, Action.CONFIRM, row.id)
    receipt = posting.submit(tx, monitor, submission)
    withdrawal.take_back(tx, caller.official, row, REDACTED)
    unconfirmed.say(tx, row.id, "redacted", caller.official, "")
    return receipt


def _composed(voices: Voices, domain: str, card: PostCard, head: bytes, words: tuple[str, str], now: int) -> bytes:
    """The first one's labels stay: to write anew makes nothing wider (RFC 5322 3.6.4 for what it answers)."""
    fields = read_tolerantly(head, 0, len(head))
    answered = header.references(fields.first(b"references"), fields.first(b"in-reply-to"))
    parent = header.references(None, fields.first(b"in-reply-to"))
    return compose(
        sender=voices.author.address,
        sender_name=voices.author.name,
        to=[("", f"{card.room}@{domain}")],
        subject=labelled(words[0], Marking(card.marking), Handling(card.handling)),
        text=words[1],
        message_id=new_message_id(domain),
        date=now,
        in_reply_to=parent[0] if parent else None,
        references=answered,
        extra=[] if voices.author == voices.caller else [("Sender", voices.caller.address)],
    )
