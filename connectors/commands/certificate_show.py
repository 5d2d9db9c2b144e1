"""Say which certificate clients are shown and when it ends. Exit code 1 when that is within 30 days."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509

from connectors.arguments import add_place, settings_from
from connectors.certificates import RENEW_BEFORE, certificate_for
from connectors.fault import Fault
from connectors.questions import NEVER
from groupware import clock

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def add(parser: ArgumentParser) -> None:
    """Place."""
    add_place(parser)


def run(arguments: Namespace) -> int:
    """Print it, a fact a line."""
    settings = settings_from(arguments)
    if not settings.served:
        raise Fault(f"{settings.data}: {NEVER}")
    now = clock.now()
    certificate = certificate_for(settings, now)
    server = x509.load_pem_x509_certificates(certificate.chain.read_bytes())[0]
    left = server.not_valid_after_utc - datetime.fromtimestamp(now / 1_000_000, UTC)
    listed = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    facts = {
        "file": certificate.chain,
        "authority": certificate.authority or "the world's",
        "names": ", ".join(listed.get_values_for_type(x509.DNSName)),
        "issued by": server.issuer.rfc4514_string(),
        "ends": f"{server.not_valid_after_utc:%Y-%m-%d %H:%M} UTC, in {left.days} days",
    }
    sys.stdout.writelines(f"{name}: {fact}\n" for name, fact in facts.items())
    return int(left < RENEW_BEFORE)
