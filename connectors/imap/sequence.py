"""What one session believes of its selected folder: which number is which message, kept as flat arrays.

The client counts by position; a position changes only when it is told. So what the store says is gone stays in the
arrays until an EXPUNGE may be sent (RFC 9051 7.5.1), and numbers in commands always mean what the client meant.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from connectors.imap import flags
from connectors.imap.commands import Command, Fetch, Search, Store
from connectors.imap.line import BadCommand
from connectors.imap.numbers import STAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.imap.numbers import SequenceSet


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a folder: `new` (uid, flags) ascending, `flagged` (uid, flags, modseq), `gone` uids.

    The same change may be told twice, and a message may come and go within one.
    """

    new: Sequence[tuple[int, int]] = ()
    flagged: Sequence[tuple[int, int, int]] = ()
    gone: Sequence[int] = ()


def may_expunge(command: Command) -> bool:
    """Whether EXPUNGE may be sent before this command's end (RFC 9051 7.5.1): not while numbers are being used."""
    return not (isinstance(command, Fetch | Store | Search) and not command.uid)


class Numbering:
    """The messages of a selected folder in the order of their numbers: number n is index n - 1.

    8 octets a message. `condstore` adds MODSEQ to what is told of flags (RFC 7162 3.2).
    """

    def __init__(self, rows: Iterable[tuple[int, int]], *, condstore: bool = False) -> None:
        self.uids = array("I")
        self.flags = array("I")
        self.condstore = condstore
        self._gone: set[int] = set()
        self._extend(rows)

    def __len__(self) -> int:
        return len(self.uids)

    @property
    def withholds(self) -> bool:
        """Whether EXPUNGEs wait for their moment."""
        return bool(self._gone)

    @property
    def first_unseen(self) -> int:
        r"""The number of the first message without \Seen, 0 if there is none."""
        return next((number for number, mask in enumerate(self.flags, 1) if not mask & flags.SEEN), 0)

    def index_of(self, uid: int) -> int | None:
        """Where `uid` is, None if it isn't."""
        at = bisect_left(self.uids, uid)
        return at if at < len(self.uids) and self.uids[at] == uid else None

    def numbers_of(self, uids: Iterable[int]) -> list[int]:
        """The numbers of `uids`; unknown ones are left out."""
        found = (self.index_of(uid) for uid in uids)
        return [at + 1 for at in found if at is not None]

    def present(self, indexes: Sequence[int]) -> Sequence[int]:
        """Those of `indexes` whose message isn't known to be gone: it has no content and no flags any more."""
        return [at for at in indexes if self.uids[at] not in self._gone] if self._gone else indexes

    def uids_at(self, indexes: Sequence[int]) -> list[int]:
        """The UIDs at `indexes`."""
        return _values_at(self.uids, indexes)

    def flags_at(self, indexes: Sequence[int]) -> list[int]:
        """The flags at `indexes`."""
        return _values_at(self.flags, indexes)

    def resolve(self, numbers: SequenceSet, *, uid: bool) -> list[range]:
        """The indexes that `numbers` name, as ascending ranges that don't touch.

        UIDs that don't exist name nothing; a number that doesn't exist is a client's mistake, `BadCommand`
        (RFC 9051 9, seq-number), except beside `*`, which means the last one whatever stands with it.
        """
        one = self._by_uid if uid else self._by_number
        return _merged(one(low, high) for low, high in numbers.ranges)

    def _by_uid(self, low: int, high: int) -> range:
        """`*` is the highest UID, even below `low` (RFC 9051 9, seq-range)."""
        last = self.uids[-1] if self.uids else 0
        first = min(low, last) if high == STAR else low
        return range(bisect_left(self.uids, first), bisect_right(self.uids, high))

    def _by_number(self, low: int, high: int) -> range:
        count = len(self.uids)
        if high != STAR and high > count:
            raise BadCommand("No such message")
        return range(max(min(low, count) - 1, 0), min(high, count))

    def update(self, changes: Changes, *, expunges: bool) -> bytes:
        """Take `changes` over; the untagged responses that tell them: EXPUNGE, then EXISTS, then FETCH.

        Without `expunges` (see `may_expunge`) those wait for the next update with it.
        """
        gone = set(changes.gone)
        self._gone.update(uid for uid in gone if self.index_of(uid) is not None)
        told = self._expunge() if expunges else b""
        fresh = self._extend((uid, mask) for uid, mask in changes.new if uid not in gone)
        told += b"* %d EXISTS\r\n" % len(self) if fresh else b""
        return told + b"".join([self._flag(*change) for change in changes.flagged])

    def stored(self, flagged: Iterable[tuple[int, int, int]], *, silent: bool) -> bytes:
        """Take over what this session's own STORE did, (uid, flags, modseq); the responses, changed or not.

        `silent` tells nothing, but with CONDSTORE the mod-sequences (RFC 9051 6.4.6, RFC 7162 3.1.3).
        """
        found = [(at, mask, modseq) for uid, mask, modseq in flagged if (at := self.index_of(uid)) is not None]
        for at, mask, _ in found:
            self.flags[at] = mask
        tell = self._modseq_line if silent else self.flag_line
        return b"".join([tell(at, modseq) for at, _, modseq in found])

    def _modseq_line(self, at: int, modseq: int) -> bytes:
        return b"* %d FETCH (UID %d MODSEQ (%d))\r\n" % (at + 1, self.uids[at], modseq) if self.condstore else b""

    def _extend(self, rows: Iterable[tuple[int, int]]) -> bool:
        """Put messages at the end; those known already are passed over. Whether there was one."""
        before = len(self.uids)
        last = self.uids[-1] if self.uids else 0
        for uid, mask in rows:
            if uid > last:
                self.uids.append(uid)
                self.flags.append(mask)
                last = uid
        return len(self.uids) > before

    def _expunge(self) -> bytes:
        """Forget what is gone; from the highest number down, so that no number told changes another."""
        lost = sorted(at for at in map(self.index_of, self._gone) if at is not None)
        self._gone.clear()
        if lost:
            self.uids, self.flags = _without(self.uids, lost), _without(self.flags, lost)
        return b"".join(b"* %d EXPUNGE\r\n" % (at + 1) for at in reversed(lost))

    def _flag(self, uid: int, mask: int, modseq: int) -> bytes:
        """Note flags; the FETCH that tells them, nothing if they aren't new."""
        at = self.index_of(uid)
        if at is None or self.flags[at] == mask:
            return b""
        self.flags[at] = mask
        return self.flag_line(at, modseq)

    def flag_line(self, at: int, modseq: int) -> bytes:
        """`* n FETCH (UID u FLAGS (...) MODSEQ (m))` of the message at index `at`, the last only with CONDSTORE."""
        suffix = b" MODSEQ (%d)" % modseq if self.condstore else b""
        return b"* %d FETCH (UID %d FLAGS %b%b)\r\n" % (at + 1, self.uids[at], flags.text_of(self.flags[at]), suffix)


def _merged(ranges: Iterable[range]) -> list[range]:
    """`ranges` in order, those that overlap or touch made one, empty ones dropped."""
    found: list[range] = []
    for one in sorted((one for one in ranges if one), key=lambda one: one.start):
        if found and one.start <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, one.stop))
        else:
            found.append(one)
    return found


def _values_at(values: array[int], indexes: Sequence[int]) -> list[int]:
    if isinstance(indexes, range):
        return values[indexes.start : indexes.stop].tolist()
    return [values[at] for at in indexes]


def _without(values: array[int], lost: list[int]) -> array[int]:
    """A copy without the indexes `lost`."""
    kept = bytearray(b"\1") * len(values)
    for at in lost:
        kept[at] = 0
    return array(values.typecode, compress(values, kept))
