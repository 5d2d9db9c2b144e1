"""NOTIFY and LISTEN: how processes on PostgreSQL wake each other's followers.

NOTIFY goes out after the commit, from a connection of its own and once for many commits: inside a transaction it would
hold a lock of the whole cluster until that transaction is on disk. A hint may be lost; the log is not.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

EVERY = 0.002
BEAT = 1.0
RECONNECT = 0.5
CLOSING_SEEN = 0.2
logger = logging.getLogger(__name__)


class Hints:
    """Two threads, each with a connection that it makes again when it breaks.

    `wake` is called, in a thread, after each NOTIFY, and each second in case one was lost or an event settled late.
    """

    def __init__(self, url: URL, wake: Callable[[], object]) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._wake = wake
        self._closing, self._dirty = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(work,), name=work.__name__.strip("_"), daemon=True)
            for work in (self._listen, self._tell)
        ]
        for thread in self._threads:
            thread.start()

    def tell(self) -> None:
        """Events were committed here; say so to everybody soon."""
        self._dirty.set()

    def close(self) -> None:
        """Return when both threads have ended. Blocks."""
        self._closing.set()
        self._dirty.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, work: Callable[[psycopg.Connection], None]) -> None:
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True) as connection:
                    work(connection)
            except psycopg.Error as error:
                logger.warning("hints interrupted: %s: %s", type(error).__name__, error)
                self._closing.wait(RECONNECT)

    def _listen(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN iconet_event")
        self._wake()
        silent = 0.0
        while not self._closing.is_set():
            heard = list(connection.notifies(timeout=CLOSING_SEEN, stop_after=1))
            silent += CLOSING_SEEN
            if heard or silent >= BEAT:
                silent = 0.0
                self._wake()

    def _tell(self, connection: psycopg.Connection) -> None:
        while not self._closing.is_set():
            self._dirty.wait()
            self._dirty.clear()
            connection.execute("NOTIFY iconet_event")
            self._closing.wait(EVERY)
