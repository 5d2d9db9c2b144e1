"""Sequence numbers while others expunge: clients that keep a model of the folder and check every line against it."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from imap_world import Wire, World

pytestmark = pytest.mark.anyio
FETCHED = re.compile(rb"\* (\d+) FETCH \((?:UID (\d+))? ?FLAGS \(([^)]*)\)\)")
QUIET = (b"FETCH", b"STORE", b"SEARCH")


@dataclass
class Tracker:
    """What a careful client believes: a list of UIDs by number (0 for one not asked for yet), and their flags."""

    wire: Wire
    uids: list[int] = field(default_factory=list)
    flags: dict[int, frozenset[bytes]] = field(default_factory=dict)

    async def ask(self, text: bytes) -> list[bytes]:
        lines = await self.wire.ask(text)
        assert lines[-1].split()[1] in (b"OK", b"NO", b"BAD"), lines[-1]
        for line in lines[:-1]:
            self.take(line, may_expunge=text.split()[0] not in QUIET)
        return lines

    def take(self, line: bytes, *, may_expunge: bool) -> None:
        number, _, rest = line.removeprefix(b"* ").partition(b" ")
        if rest == b"EXPUNGE":
            assert may_expunge, line
            assert 1 <= int(number) <= len(self.uids), line
            self.flags.pop(self.uids.pop(int(number) - 1), None)
        elif rest == b"EXISTS":
            assert int(number) >= len(self.uids), "only EXPUNGE makes it smaller"
            self.uids += [0] * (int(number) - len(self.uids))
        elif rest.startswith(b"FETCH"):
            self.fetched(line)

    def fetched(self, line: bytes) -> None:
        match = FETCHED.fullmatch(line)
        assert match, line
        number, uid = int(match[1]), int(match[2] or 0)
        assert 1 <= number <= len(self.uids), line
        known = self.uids[number - 1]
        assert not (known and uid) or known == uid, f"number {number} was {known}: {line!r}"
        self.uids[number - 1] = uid or known
        told = [each for each in self.uids if each]
        assert told == sorted(set(told)), "UIDs ascend with numbers"
        self.flags[self.uids[number - 1]] = frozenset(match[3].split())

    async def open(self) -> None:
        self.uids, self.flags = [], {}
        for line in await self.wire.ask("SELECT Sent"):
            if line.endswith(b"EXISTS"):
                self.take(line, may_expunge=True)
        await self.ask(b"FETCH 1:* (UID FLAGS)" if self.uids else b"NOOP")

    async def act(self, dice: random.Random) -> None:
        """One random command; by number it names what this client means by it."""
        top = max(len(self.uids), 1)
        number, uid = dice.randint(1, top), dice.choice(self.uids or [1]) or 1
        raw = b"Subject: %d\r\n\r\nbody\r\n" % dice.getrandbits(30)
        choices = [
            b"NOOP",
            b"CHECK",
            b"FETCH %d:* (UID FLAGS)" % number,
            b"UID FETCH %d:* (UID FLAGS)" % uid,
            b"STORE %d +FLAGS.SILENT (\\Deleted)" % number,
            b"STORE %d +FLAGS (\\Deleted)" % number,
            b"UID STORE %d -FLAGS (\\Deleted \\Seen)" % uid,
            b"STORE %d FLAGS (\\Flagged)" % number,
            b"EXPUNGE",
            b"UID EXPUNGE %d:%d" % (uid, uid + 3),
            b"UID MOVE %d Trash" % uid,
            b"MOVE %d Drafts" % number,
            b"COPY %d Sent" % number,
            b"SEARCH DELETED",
            b"APPEND Sent {%d+}\r\n%b" % (len(raw), raw),
            b"APPEND Sent (\\Seen) {%d+}\r\n%b" % (len(raw), raw),
        ]
        await self.ask(dice.choice(choices))

    async def idle(self) -> None:
        tag = self.wire.send("IDLE")
        lines = [await self.wire.line()]
        await asyncio.sleep(0)
        self.wire.writer.write(b"DONE\r\n")
        lines += await self.wire.answer(tag)
        for line in lines:
            if line.startswith(b"* "):
                self.take(line, may_expunge=True)


@pytest.mark.parametrize("seed", range(3))
async def test_every_client_counts_right(world: World, seed: int) -> None:
    trackers = [Tracker(await world.line_client("anna")) for _ in range(4)]
    for _ in range(12):
        await trackers[0].wire.ask(b"APPEND Sent {13+}\r\nSubject: a\r\n\r\n"[:-1] + b"\n")
    for tracker in trackers:
        await tracker.open()
    dice = [random.Random(f"{seed}.{n}") for n in range(len(trackers))]

    async def play(tracker: Tracker, own: random.Random) -> None:
        for turn in range(60):
            await (tracker.idle() if turn % 15 == 14 else tracker.act(own))

    await asyncio.gather(*map(play, trackers, dice))
    fresh = Tracker(await world.line_client("anna"))
    await fresh.open()
    for tracker in trackers:
        await tracker.ask(b"NOOP")
        assert len(tracker.uids) == len(fresh.uids)
        told = {uid: flags for uid, flags in tracker.flags.items() if uid}
        await tracker.ask(b"FETCH 1:* (UID FLAGS)" if tracker.uids else b"NOOP")
        assert tracker.uids == fresh.uids
        assert tracker.flags == fresh.flags
        # what was told without being asked for; silent changes of one's own are known to whoever made them
        assert set(told) <= set(fresh.flags)
