"""Where clients of implicit TLS come in: who hasn't begun TLS costs next to nothing, and is counted.

The servers of asyncio and uvloop begin TLS as soon as they have accepted, with buffers of some 300 kB, and tell the
door only once TLS is up; so who says nothing is counted nowhere. Here a connection is no more than a socket until the
first record of its handshake has come whole (RFC 8446 4.1.2, 5.1); then the loop is given it, and few such at a time.

The sockets wait in an epoll(7) of ours, and only that one is watched by the loop: libuv doesn't take as a stream what
it has polled just before.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.crowd import Crowd, Guest, network_of

if TYPE_CHECKING:
    from ssl import SSLContext

log = logging.getLogger("iconet.listener")

Factory = Callable[[], asyncio.BaseProtocol]

AT_ONCE = 64
"""Connections accepted, and sockets looked at, before others have their turn."""
SHARE = 16
"""One door's silent ones take up to one in so many of the descriptors that this process may have."""
PAUSE = 0.5
"""Seconds without accepting when descriptors or memory are used up and nobody silent is left to go."""
LEAVE = 0.5
"""Seconds for handshakes to end when the door closes, so that these clients are told why."""
USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
HEAD = 5
"""Octets before a record's contents (RFC 8446 5.1)."""
HANDSHAKE, MAJOR = 22, 3
LONGEST = 1 << 14
WATCHED = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET
"""Told once for all that came, so that the beginning of a record is not told again and again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections may be without TLS, and for how many seconds.

    `silent` and `silent_of_one` network haven't said what TLS begins with; as many more may have said it, and wait for
    their turn. `shaking` and `shaking_of_one` are in the handshake at a time, some 300 kB each. `within` is the time
    for the beginning, and again for the handshake, which is `hurried` while half of the places are taken, of all or of
    one network.
    `closing` is for TLS to end when the client doesn't say goodbye.
    """

    silent: int = 2000
    silent_of_one: int = 1000
    shaking: int = 96
    shaking_of_one: int = 48
    within: float = 10.0
    hurried: float = 4.0
    closing: float = 1.0


class Listener:
    """Takes connections on one port, and gives those that begin TLS to a protocol of `factory`.

    Without a `context` each is given to one at once, in clear: its door counts it.
    """

    def __init__(self, factory: Factory, context: SSLContext | None, bounds: Bounds) -> None:
        self._factory, self._context, self._bounds = factory, context, bounds
        self._loop = asyncio.get_running_loop()
        silent = min(bounds.silent, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // SHARE)
        of_one = min(bounds.silent_of_one, max(silent // 2, 1))
        self._silent, self._asking = Crowd(silent, of_one), Crowd(silent, of_one)
        self._shaking = Crowd(bounds.shaking, bounds.shaking_of_one)
        self._listening: dict[int, socket.socket] = {}
        self._by_number: dict[int, Guest] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._epoll = select.epoll()

    async def open(self, host: str, port: int, backlog: int) -> int:
        """Wait for clients at every address of `host`; the port, if 0 was given any free one. Raises OSError."""
        try:
            for family, _, _, _, address in await self._loop.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                port = self._listen(family, (address[0], port, *address[2:]), backlog)
        except OSError:
            await self.close()
            raise
        self._watch()
        self._loop.add_reader(self._epoll.fileno(), self._turn)
        return port

    def _listen(self, family: int, address: tuple[object, ...], backlog: int) -> int:
        listening = socket.socket(family, socket.SOCK_STREAM)
        self._listening[listening.fileno()] = listening
        listening.setblocking(False)  # noqa: FBT003 -- its only parameter
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(backlog)
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Take nobody any more, and send away who hasn't begun TLS; a handshake may end. The rest is the door's."""
        if self._epoll.closed:
            return
        self._loop.remove_reader(self._epoll.fileno())
        for timer in (self._alarm, self._pause):
            if timer is not None:
                timer.cancel()
        for guest in (*self._silent, *self._asking):
            guest.connection.close()
        for listening in self._listening.values():
            listening.close()
        self._epoll.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVE)
        for guest in self._shaking:
            with suppress(OSError):  # it has gone
                guest.connection.shutdown(socket.SHUT_RDWR)
        await asyncio.gather(*self._tasks)

    # ---- who comes

    def _watch(self) -> None:
        """Accept, or accept again."""
        self._pause = None
        for number in self._listening:
            self._epoll.register(number, select.EPOLLIN)

    def _turn(self) -> None:
        """Called by the loop when somebody has come or said something."""
        for number, _ in self._epoll.poll(0, AT_ONCE):
            if number in self._listening:
                self._accept(self._listening[number])
            elif number in self._by_number:
                self._look(self._by_number[number])

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, address = listening.accept()
            except BlockingIOError:
                return
            except OSError as error:  # it has gone again: ECONNABORTED and the errors of its network, accept(2)
                if error.errno not in USED_UP:
                    continue
                self._run_out(error)
                return
            self._take(connection, str(address[0]))

    def _run_out(self, error: OSError) -> None:
        """Let the oldest silent one go, or pause: the next turn comes while somebody waits to be accepted."""
        if self._silent.oldest is not None:
            self._send_away(self._silent.oldest)
        elif self._pause is None:
            log.warning("accepts-nobody", extra={"cause": errno.errorcode[error.errno or 0]})
            for number in self._listening:
                self._epoll.unregister(number)
            self._pause = self._loop.call_later(PAUSE, self._watch)

    def _take(self, connection: socket.socket, address: str) -> None:
        connection.setblocking(False)  # noqa: FBT003 -- its only parameter
        guest = Guest(connection, network_of(address), self._loop.time() + self._bounds.within)
        if self._context is None:
            self._ask(guest)
            return
        self._by_number[connection.fileno()] = guest
        self._epoll.register(connection, WATCHED)
        over = self._silent.enter(guest)
        if over is not None:
            self._send_away(over)
        self._set_alarm()

    def _look(self, guest: Guest) -> None:
        """What a silent one says now: has TLS begun, will it, or is it something else."""
        try:
            if _begun(guest.connection):
                self._forget(guest)
                self._ask(guest)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            self._send_away(guest)

    def _ask(self, guest: Guest) -> None:
        over = self._asking.enter(guest)
        if over is not None:
            self._send_away(over)
        self._begin_next()

    def _forget(self, guest: Guest) -> None:
        """It is silent no more."""
        self._silent.leave(guest)
        if self._by_number.pop(guest.connection.fileno(), None) is not None:
            self._epoll.unregister(guest.connection)

    def _send_away(self, guest: Guest) -> None:
        self._forget(guest)
        self._asking.leave(guest)
        guest.connection.close()

    # ---- who is late

    def _set_alarm(self) -> None:
        first = min((each.until for each in (self._silent.oldest, self._asking.oldest) if each), default=0.0)
        if self._alarm is None and first:
            self._alarm = self._loop.call_at(first, self._ring)

    def _ring(self) -> None:
        self._alarm, now = None, self._loop.time()
        for crowd in (self._silent, self._asking):
            while (oldest := crowd.oldest) is not None and oldest.until <= now:
                self._send_away(oldest)
        self._set_alarm()

    # ---- TLS

    def _begin_next(self) -> None:
        """Give places in the handshake to those who asked first, of networks that have not got their share."""
        while len(self._shaking) < self._bounds.shaking:
            guest = next((each for each in self._asking if self._shaking.has_room(each.network)), None)
            if guest is None:
                return
            crowded = self._shaking.half_full(guest.network)
            self._asking.leave(guest)
            self._shaking.enter(guest)
            task = self._loop.create_task(self._begin(guest, crowded=crowded))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _begin(self, guest: Guest, *, crowded: bool) -> None:
        bounds = self._bounds
        within = min(bounds.hurried, bounds.within) if crowded else bounds.within
        try:
            await self._loop.connect_accepted_socket(
                self._factory,
                guest.connection,
                ssl=self._context,
                ssl_handshake_timeout=within if self._context else None,
                ssl_shutdown_timeout=bounds.closing if self._context else None,
            )
        except OSError as error:  # so are ssl.SSLError and TimeoutError
            log.debug("tls-not-begun", extra={"cause": type(error).__name__})
            guest.connection.close()
        finally:
            self._shaking.leave(guest)
            if not self._epoll.closed:
                self._begin_next()


def _begun(connection: socket.socket) -> bool:
    """Whether the first record of a handshake is there whole. Raises ValueError when what comes is none."""
    head = connection.recv(HEAD, socket.MSG_PEEK)
    length = int.from_bytes(head[3:], "big")
    if not head or head[0] != HANDSHAKE or (head[1:2] or b"\3")[0] != MAJOR or length > LONGEST:
        raise ValueError("No TLS")
    return len(head) == HEAD and len(connection.recv(HEAD + length, socket.MSG_PEEK)) == HEAD + length
