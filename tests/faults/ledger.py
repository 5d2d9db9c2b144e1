"""What clients were told, kept outside the server: the judge of what it may not lose and may not double."""

from __future__ import annotations

import hashlib
import itertools
import smtplib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl


@dataclass
class Ledger:
    """Message-IDs that were acknowledged, with the hash of what was sent, and all that were tried."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    tried: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    _numbers: Any = field(default_factory=itertools.count)

    def post_for_ever(
        self, endpoints: dict[str, Any], person: dict[str, Any], to: str, context: ssl.SSLContext
    ) -> None:
        """Post on one connection after another until told to stop; what was not acknowledged is sent again first."""
        again: tuple[str, bytes] | None = None
        while not self.stopping.is_set():
            try:
                door = endpoints["submission"]
                with smtplib.SMTP_SSL(door["host"], door["port"], timeout=5, context=context) as client:
                    client.login(person["login"], person["app_password"])
                    while not self.stopping.is_set():
                        again = again or self._message(person, to)
                        client.sendmail(person["address"], [to], again[1])
                        self.acknowledged[again[0]] = self.tried[again[0]]
                        again = None
            except (OSError, smtplib.SMTPException):
                self.stopping.wait(0.02)

    def _message(self, person: dict[str, Any], to: str) -> tuple[str, bytes]:
        name = f"<{next(self._numbers)}.{id(self)}@ledger.test>"
        text = f"From: {person['address']}\r\nTo: {to}\r\nSubject: load\r\nMessage-ID: {name}\r\n\r\n{'x' * 2000}\r\n"
        self.tried[name] = hashlib.sha256(text.encode()).hexdigest()
        return name, text.encode()
