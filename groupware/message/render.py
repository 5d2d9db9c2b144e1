"""The head that readers get: ours on top, the author's below, fixed once and the same for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.message import fields, words, writer
from groupware.message.markings import labelled, relabelled, subject_handling, subject_marking
from policies.vocabulary import Handling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policies.vocabulary import Marking

NEVER_SHOWN = frozenset(
    (b"bcc", b"resent-bcc", b"approved", b"control", b"also-control", b"supersedes", b"xref", b"path", b"return-path")
)
"""Fields of clients that have no business with readers, or that would steer newsreaders (RFC 5537 3.4)."""
_KEPT_BESIDE_OURS = frozenset((b"received",))
_LINE_MAX = 998
_EMPTY_LINE = b"\r\n"


def render_head(
    raw_head: bytes,
    *,
    added: Sequence[tuple[str, str]],
    drop: frozenset[bytes] = NEVER_SHOWN,
    label: str | None,
    handling: Handling = Handling.H0,
    exactly: bool = False,
    read: Sequence[fields.Field] | None = None,
) -> bytes:
    """A header block with its empty line: `added` fields on top, then `raw_head` byte for byte without some fields.

    Left out are the fields named in `drop` (lower case) and those that `added` replaces, Received excepted. With a
    `label` such as `TLP:AMBER` each Subject begins with it unless one at least as strict is there; and with a code of
    `handling` above H0; `exactly` has the stricter ones give way, too. `read` are the fields of `raw_head`, where they
    are known already.
    Raises ValueError for an added value that can't be written, or a label that is none.
    """
    marking = _marking(label)
    replaced = {name.lower().encode() for name, _ in added} - _KEPT_BESIDE_OURS
    ours = [writer.unstructured(name, value) for name, value in added]
    present = fields.read_tolerantly(raw_head, 0, len(raw_head)).fields if read is None else read
    theirs = list(_kept(raw_head, present, drop | replaced, marking, handling, exactly=exactly))
    if marking is not None and all(field.name != b"subject" for field in present):
        theirs.append(writer.unstructured("Subject", labelled("", marking, handling)))
    return b"".join([*ours, *theirs, _EMPTY_LINE])


def _marking(label: str | None) -> Marking | None:
    marking = subject_marking(label) if label is not None else None
    if label is not None and marking is None:
        raise ValueError(f"{label!r} is no label")
    return marking


def _kept(
    raw: bytes,
    present: Sequence[fields.Field],
    left_out: frozenset[bytes],
    marking: Marking | None,
    handling: Handling,
    *,
    exactly: bool,
) -> Iterator[bytes]:
    for field in present:
        if field.name in left_out:
            continue
        line = raw[field.start : field.end]
        if marking is not None and field.name == b"subject":
            line = (_relabelled if exactly else _labelled)(line, field, marking, handling)
        yield line if line.endswith(b"\n") else line + b"\r\n"


def _labelled(line: bytes, field: fields.Field, marking: Marking, handling: Handling) -> bytes:
    """The Subject with its label; its octets stay as they are unless a weaker label has to go."""
    subject = words.decode(fields.unfold(field.value))
    present, code = subject_marking(subject), subject_handling(subject)
    if present is None and (not code or code >= handling):
        labels = f"[{marking.label}] [{handling.label}]" if code < handling else f"[{marking.label}]"
        return _prefixed(line, field, labels.encode())
    if present is not None and present >= marking and code >= handling:
        return line
    return writer.unstructured("Subject", labelled(subject, marking, handling))


def _relabelled(line: bytes, field: fields.Field, marking: Marking, handling: Handling) -> bytes:
    """The Subject with exactly these labels; its octets stay as they are where it has none."""
    subject = words.decode(fields.unfold(field.value))
    if subject_marking(subject) is None and not subject_handling(subject):
        return _labelled(line, field, marking, handling)
    return writer.unstructured("Subject", relabelled(subject, marking, handling))


def _prefixed(line: bytes, field: fields.Field, label: bytes) -> bytes:
    name, _, value = line.partition(b":")
    rest = value.lstrip(b" \t")
    first_line = rest.split(b"\n", 1)[0].rstrip(b"\r")
    if not field.value.strip():
        return name + b": " + label + b"\r\n"
    fits = len(name) + 2 + len(label) + 1 + len(first_line) <= _LINE_MAX
    return name + b": " + label + (b" " if fits else b"\r\n ") + rest
