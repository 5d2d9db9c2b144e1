"""A new certificate is shown to clients without a restart, and one that ends is spoken of before it does.

The files are looked at, not notified of: every process of an installation sees a replaced one by itself.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from connectors.certificates import certificate_for
from connectors.fault import Fault
from groupware import clock

if TYPE_CHECKING:
    from connectors.certificates import Certificate
    from connectors.house import House

LOOK_EVERY = 5.0
"""Seconds."""
SPEAK_BEFORE = tuple(timedelta(days=days) for days in (30, 14, 7, 3, 1, 0))
"""A line of the log each time that one of these begins: 0 when it has ended."""
log = logging.getLogger("iconet.certificates")


def ends(certificate: Certificate) -> datetime:
    """The first moment at which the server's certificate is no longer valid."""
    return x509.load_pem_x509_certificates(certificate.chain.read_bytes())[0].not_valid_after_utc


class Watch:
    """What was loaded, and what was already said of it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loaded = _identity(house.certificate)
        self._refused: object = None
        self._said = len(SPEAK_BEFORE)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.look(clock.now())
            await asyncio.sleep(LOOK_EVERY)

    def look(self, now: int) -> None:
        """Load what has changed, and say when it ends; `now` in microseconds since 1970."""
        try:
            current = certificate_for(self._house.settings, now)
            identity = _identity(current)
        except (Fault, OSError, ValueError) as error:
            self._refuse(error)
            return
        self._refused = None
        if identity != self._loaded:
            self._house.certificate.load(current)
            self._loaded, self._said = identity, len(SPEAK_BEFORE)
            log.info("certificate-loaded", extra={"ends": ends(current).isoformat()})
        self._speak(ends(current), datetime.fromtimestamp(now / 1_000_000, UTC))

    def _refuse(self, error: Exception) -> None:
        """Say once that the files can't be used; what is loaded stays."""
        if str(error) != self._refused:
            self._refused = str(error)
            log.error("certificate-not-loaded", extra={"cause": str(error)})

    def _speak(self, end: datetime, today: datetime) -> None:
        reached = sum(end - today > before for before in SPEAK_BEFORE)
        if reached < self._said:
            self._said = reached
            if reached < len(SPEAK_BEFORE):
                log.warning("certificate-ends", extra={"at": end.isoformat(), "days": max(0, (end - today).days)})


def _identity(certificate: Certificate) -> tuple[bytes, bytes]:
    return certificate.chain.read_bytes(), certificate.key.read_bytes()


async def watch_certificate(house: House) -> None:
    """The work of a server."""
    await Watch(house).run()
