"""What clients were told, kept outside the server: the judge of what it may not lose and may not double."""

from __future__ import annotations

import hashlib
import itertools
import smtplib
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

LINES = f"{'x' * 70}\r\n" * 30
"""A body of an ordinary size; one line of it all would be refused (RFC 5322 2.1.1)."""
PERMANENT = 500


@dataclass
class Ledger:
    """Message-IDs that were acknowledged, with the hash of what was sent, and all that were tried."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tried: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    unanswered: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    """By author: what was sent without an answer coming back, to be sent again, even to the next server."""
    _numbers: Any = field(default_factory=itertools.count)

    def post_for_ever(
        self, endpoints: dict[str, Any], person: dict[str, Any], to: str, context: ssl.SSLContext
    ) -> None:
        """Post on one connection after another until told to stop; what was not acknowledged is sent again first.

        A connection may break, and a server may ask to come back later; a refusal for good is an error of the test.
        """
        door, waiting = endpoints["submission"], self.unanswered[person["login"]]
        while not self.stopping.is_set():
            try:
                with smtplib.SMTP_SSL(door["host"], door["port"], timeout=5, context=context) as client:
                    client.login(person["login"], person["app_password"])
                    while not self.stopping.is_set():
                        self._post(client, person, to, waiting)
            except (OSError, smtplib.SMTPServerDisconnected):
                self.stopping.wait(0.02)
            except smtplib.SMTPResponseException as error:
                if error.smtp_code >= PERMANENT:
                    self.refused.append(str(error))
                    return
                self.stopping.wait(0.02)

    def _post(self, client: smtplib.SMTP, person: dict[str, Any], to: str, waiting: list[tuple[str, bytes]]) -> None:
        name, message = waiting.pop(0) if waiting else self._message(person, to)
        try:
            client.sendmail(person["address"], [to], message)
        except BaseException:
            waiting.append((name, message))
            raise
        self.acknowledged[name] = self.tried[name]

    def _message(self, person: dict[str, Any], to: str) -> tuple[str, bytes]:
        name = f"<{next(self._numbers)}.{id(self)}@ledger.test>"
        text = f"From: {person['address']}\r\nTo: {to}\r\nSubject: load\r\nMessage-ID: {name}\r\n\r\n{LINES}"
        self.tried[name] = hashlib.sha256(text.encode()).hexdigest()
        return name, text.encode()
