"""What somebody did to since.jsonl behind ICONet's back is named, and isn't believed."""

from __future__ import annotations

import json
import resource
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from town import DOMAIN

from groupware.audit.note import Checkpoint
from groupware.backup.told import MOST, File, Line, Reader, What, after
from groupware.retention.classes import DAY

if TYPE_CHECKING:
    from pathlib import Path

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SAID = [
    Line(What.ERASED, "token", 1),
    Line(What.LEFT, "dora", 2),
    Line(What.SUSPENDED, "anna", 3),
    Line(What.BACK, "anna", 4),
    Line(What.ROLE_ENDED, "emil moderator 7", 5),
]
NOT_OURS = "not a line that ICONet has written"
ALTERED = "altered, or signed by another installation"


def seen(octets: bytes, network: str = DOMAIN) -> Reader:
    reader = Reader(network, KEY.public_key())
    reader.feed(octets)
    return reader


def written(path: Path, network: str = DOMAIN, key: Ed25519PrivateKey = KEY) -> list[bytes]:
    """A line of the file for each thing said."""
    for line in SAID:
        assert File(path, network, key).append([line])
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return written(tmp_path_factory.mktemp("five") / "since.jsonl")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Those of another installation of the same name."""
    return written(tmp_path_factory.mktemp("strange") / "since.jsonl", key=OTHER)


def test_what_was_written_is_believed(five: list[bytes]) -> None:
    reader = seen(b"".join(five))
    assert (reader.lines, reader.wrong, reader.number) == (SAID, [], len(SAID))
    assert reader.last == sha256(five[-1].rstrip()).hexdigest()


def test_a_line_made_up_is_named_and_those_around_it_stay(five: list[bytes], strange: list[bytes]) -> None:
    forged = json.dumps({**json.loads(five[1]), "said": [["off-boarded", "bruno", 2]]}, sort_keys=True).encode() + b"\n"
    unsigned = b'{"network": "iconet.test", "what": "off-boarded", "name": "bruno", "at": 2}\n'
    for line, why in ((forged, NOT_OURS), (unsigned, NOT_OURS), (strange[1], ALTERED), (strange[0], ALTERED)):
        reader = seen(b"".join([five[0], line, *five[1:]]))
        assert (reader.lines, reader.wrong) == (SAID, [f"line 2: {why}"])


def test_another_network_s_line_is_named(tmp_path: Path, five: list[bytes]) -> None:
    elsewhere = written(tmp_path / "since.jsonl", "elsewhere.test")
    reader = seen(b"".join([*five, elsewhere[1]]))
    assert (reader.lines, reader.wrong) == (SAID, ["line 6: of the network 'elsewhere.test'"])
    renamed = elsewhere[0].replace(b"elsewhere.test", DOMAIN.encode())
    assert seen(renamed).wrong == [f"line 1: {ALTERED}"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"dora", b"otto"),
        (b"off-boarded", b"in-force"),
        (b",2]]", b",3]]"),
        (b'"number":2', b'"number":3'),
        (b'"before":"', b'"before":"0'),
        (b'"signature":"', b'"signature":"A'),
    ],
)
def test_an_altered_line_is_not_believed_and_leaves_a_gap(five: list[bytes], was: bytes, becomes: bytes) -> None:
    assert was in five[1]
    reader = seen(b"".join([five[0], five[1].replace(was, becomes), *five[2:]]))
    assert [line.name for line in reader.lines] == ["token", "anna", "emil moderator 7"]
    assert reader.wrong == [
        f"line 2: {ALTERED}",
        "line 3: 1 lines before number 3 are missing",
        "line 4: anna in-force: not believed, for lines before it are missing",
    ]


def test_behind_a_line_left_out_what_takes_away_counts_and_what_gives_back_does_not(five: list[bytes]) -> None:
    reader = seen(b"".join([five[0], *five[2:]]))
    assert reader.lines == [SAID[0], SAID[2], SAID[4]]
    assert reader.wrong[0] == "line 2: 1 lines before number 3 are missing"
    assert seen(b"".join(five[1:])).wrong[0] == "line 1: 1 lines before number 2 are missing"


def test_lines_that_changed_places_and_one_said_again_are_named(five: list[bytes]) -> None:
    moved = seen(b"".join([five[0], five[2], five[1], five[3], five[4]]))
    assert moved.lines == [SAID[0], SAID[2], SAID[4]]
    assert "line 3: number 2 again, or out of its place" in moved.wrong
    again = seen(b"".join([*five, five[2]]))
    assert (again.lines, again.wrong) == (SAID, ["line 6: number 3 again, or out of its place"])


def test_an_end_of_another_file_of_the_same_installation_is_named(tmp_path: Path, five: list[bytes]) -> None:
    """A copy of the file from before it was cut, and went on otherwise."""
    path = tmp_path / "since.jsonl"
    path.write_bytes(b"".join(five[:3]))
    assert File(path, DOMAIN, KEY).append([Line(What.LEFT, "anna", 9)])
    assert File(path, DOMAIN, KEY).append([Line(What.LEFT, "otto", 9)])
    cut = path.read_bytes().splitlines(keepends=True)
    reader = seen(b"".join([*cut[:4], five[4], cut[4]]))
    assert reader.wrong == ["line 5: number 5, which doesn't follow the line before it"]
    assert [line.name for line in reader.lines] == ["token", "dora", "anna", "anna", "otto"]


def test_a_cut_at_the_end_shows_against_the_newest_checkpoint(tmp_path: Path, five: list[bytes]) -> None:
    path = tmp_path / "since.jsonl"
    path.write_bytes(b"".join(five))
    file = File(path, DOMAIN, KEY)
    assert file.head == ()
    file.look()
    old = Checkpoint("iconet.test/audit", 90, bytes(32), ("since 2 0000", "witnessed 9 0000"))
    mark = Checkpoint("iconet.test/audit", 100, bytes(32), file.head)
    bare = Checkpoint("iconet.test/audit", 110, bytes(32))
    whole, cut, lost = seen(b"".join(five)), seen(b"".join(five[:4])), seen(b"")
    for reader in (whole, cut, lost):
        reader.compare([mark, bare, old])
    assert whole.wrong == []
    signed = "a checkpoint of 100 records was signed when number 5 was the last one"
    assert cut.wrong == [f"{signed}, and now the last one is 4: lines may be missing"]
    assert "the last one is 0" in lost.wrong[0]
    path.write_bytes(b"".join(five[:4]))
    assert File(path, DOMAIN, KEY).append([Line(What.LEFT, "otto", 9)])
    other = seen(path.read_bytes())
    other.compare([mark])
    assert "now number 5 is another one" in other.wrong[0]


def test_a_cut_shows_though_a_log_that_was_given_up_had_more_records(five: list[bytes]) -> None:
    """Its checkpoints stay beside those of the log that was restored, and name earlier lines."""
    heads = [(f"since {number} {sha256(five[number - 1].rstrip()).hexdigest()}",) for number in (2, 5)]
    given_up, newer = (
        Checkpoint("iconet.test/audit", size, bytes(32), head) for size, head in zip((1000, 600), heads, strict=True)
    )
    whole, cut = seen(b"".join(five)), seen(b"".join(five[:4]))
    for reader in (whole, cut):
        reader.compare([given_up, newer])
    assert whole.wrong == []
    signed = "a checkpoint of 600 records was signed when number 5 was the last one"
    assert cut.wrong == [f"{signed}, and now the last one is 4: lines may be missing"]


def test_a_file_of_rubbish_is_told_of_in_a_hundred_lines(five: list[bytes]) -> None:
    reader = seen(b"\n" * 5000 + b"".join(five))
    assert (len(reader.wrong), reader.lines) == (101, SAID)
    assert reader.wrong[-1] == "line 101, and perhaps more: not believed either"


def test_several_processes_share_a_file_and_who_finds_it_changed_reads_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "since.jsonl"
    one, two = File(path, DOMAIN, KEY), File(path, DOMAIN, KEY)
    many = [Line(What.ERASED, f"token-{number}", number) for number in range(MOST + 1)]
    for file, lines in ((one, many), (two, SAID), (one, SAID)):
        assert file.append(lines)
    reader = seen(path.read_bytes())
    assert (reader.lines, reader.wrong, reader.number) == ([*many, *SAID, *SAID], [], 4)
    assert one.head == (f"since 4 {reader.last}",)
    first = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(first)
    assert not two.append(SAID)
    assert two.reader.lines == many[:MOST]
    assert two.append(SAID)
    path.unlink()
    assert not two.append(SAID)
    assert two.head == ()
    assert two.append(SAID)
    assert (seen(path.read_bytes()).lines, seen(path.read_bytes()).wrong) == (SAID, [])


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    """A minute after the backup it was an hour earlier."""
    hour, moment = DAY // 24, 100 * DAY
    lines = [
        Line(what, "one", moment - hour) for what in (What.ERASED, What.LEFT, What.BODY_SUSPENDED, What.ROLE_ENDED)
    ]
    assert after(lines, moment) == lines
    assert after([Line(What.ERASED, "long ago", moment - 2 * DAY)], moment) == []


DAMAGED = (
    b'{"network": "iconet.test", "said": [["suspended", "a", Infinity]]}',
    b'{"network": "iconet.test", "number": 2, "before": "", "said": [["suspended", "\\ud800", 1]], "signature": []}',
    b'{"said": 1, "signature": "A"}',
    b'{"said": [[1]]}',
    b"[" * 100_000,
    b"1" * 5_000,
    b"\xff\xfe\x00",
    b"",
)


@pytest.mark.parametrize("line", DAMAGED, ids=["endless", "surrogate", "none", "short", "deep", "long", "no text", "-"])
def test_a_damaged_line_is_named_and_what_a_crash_cut_short_is_none(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "since.jsonl"
    assert File(path, DOMAIN, KEY).append(SAID)
    with path.open("ab") as writing:
        writing.write(line + b"\n" + line)
    assert File(path, DOMAIN, KEY).append(SAID)
    reader = seen(path.read_bytes())
    assert (reader.lines, reader.wrong) == ([*SAID, *SAID], [f"line 2: {NOT_OURS}"])


def test_what_a_full_disk_takes_a_part_of_is_not_taken_for_written(tmp_path: Path) -> None:
    path = tmp_path / "since.jsonl"
    file = File(path, DOMAIN, KEY)
    assert file.append(SAID)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            file.append(SAID)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.append(SAID)
    reader = seen(path.read_bytes())
    assert (reader.lines, reader.wrong) == ([*SAID, *SAID], [])
