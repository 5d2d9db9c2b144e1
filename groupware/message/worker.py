"""The child that decodes bodies: it reads requests on stdin, answers on stdout, and can't harm anybody else.

It is started by `groupware.message.child` with no environment, no other open file and limits of its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from groupware.message import frames, prints, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, BinaryIO

MEMORY_MAX = 512 * 1024 * 1024
"""Octets of address space."""
CPU_MAX = 6
"""Seconds of CPU for one request."""
_FILES_MAX = 16
_PR_SET_PDEATHSIG = 1


def serve(answer: Callable[[Mapping[str, Any], bytes], bytes]) -> None:
    """Answer requests, each a header and octets, until the parent closes stdin; its process id is the argument."""
    _confine(int(sys.argv[1]))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    while request := _read(requests):
        _allow_cpu()
        replies.write(answer(*request))
        replies.flush()


def _confine(parent: int) -> None:
    """Die with the parent; no more memory, files or file contents than needed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before prctl could tell
        sys.exit(0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES_MAX, _FILES_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_cpu() -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_MAX, resource.RLIM_INFINITY))


def _read(stream: BinaryIO) -> tuple[Mapping[str, Any], bytes] | None:
    prefix = stream.read(frames.PREFIX.size)
    if len(prefix) < frames.PREFIX.size:
        return None
    header_size, payload_size = frames.PREFIX.unpack(prefix)
    header = json.loads(stream.read(header_size))
    return header, stream.read(payload_size)


def _answer(request: Mapping[str, Any], raw: bytes) -> bytes:
    want = request["want"]
    if want == frames.DISPLAY:
        return frames.pack(asdict(text.display(raw)))
    if want == frames.RICH:
        return frames.pack({"html": text.rich(raw)})
    if want in (frames.PRINTS, frames.OWN_PRINTS):
        return frames.pack(asdict(prints.of_message(raw, own=want == frames.OWN_PRINTS)))
    header, body = text.search_text(raw)
    return frames.pack({"header": header, "body": body})


if __name__ == "__main__":
    serve(_answer)
