"""A colleague's word about a draft, by mail: to the address that is theirs alone. Submission has proven who sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import drafts, release_mail
from groupware.drafting import deciding, rows
from groupware.drafting.deciding import Word
from groupware.errors import Conflict
from groupware.releases.answers import word_of
from groupware.releases.words import Word as Said
from groupware.reply_addresses import DRAFTS

if TYPE_CHECKING:
    from groupware.monitor import Monitor
    from groupware.recipients import DraftReply
    from groupware.release_mail import Letter
    from groupware.store import Tx


def answer(tx: Tx, monitor: Monitor, letter: Letter, to: DraftReply) -> None:
    """Decide once, and say the same again to the same mail. Raises as deciding.decide does, and Refused by rule."""
    release_mail.require_plain(letter)
    if release_mail.earlier(tx, letter) is None:
        word, note = word_of(letter.text)
        post = DRAFTS.find(tx, to.local, letter.caller.official)
        _use(tx, to.local, letter.caller.official, post)
        deciding.decide_one(tx, monitor, letter.caller, post, WORDS[word], note)
        release_mail.keep(tx, letter)


def _use(tx: Tx, local: str, official: int, post: int) -> None:
    """Whoever answers a second time is told what became of the draft, and decides nothing."""
    try:
        DRAFTS.use(tx, local, official)
    except Conflict:
        row = rows.get(tx, post)
        raise drafts.already(tx, row.word, row.by, row.said) from None


WORDS = {Said.YES: Word.AUTHORISE, Said.NO: Word.REFUSE}
