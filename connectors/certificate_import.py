"""A certificate from an authority of one's own: looked at before it is taken, then put in place in one step."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from connectors.certificates import IMPORTED, IMPORTED_AUTHORITY, Certificate, checked, write
from connectors.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

    from connectors.settings import Settings

LARGEST = 256 * 1024
"""Octets of a file that is read: a long chain has some ten thousand."""


def take_in(settings: Settings, chain: Path, key: Path, authority: Path | None, now: int) -> datetime:
    """Put a certificate and its key into DIR/tls, from where running doors take it, and return when it ends.

    `chain` has the server's certificate first (RFC 8446 4.4.2); `now` is in microseconds since 1970. Raises Fault with
    the rule for a key of another certificate, a certificate that isn't valid now, isn't for a server or has not the
    name that clients use, and for an authority that didn't issue it.
    """
    if settings.tls.certificate:
        raise Fault("tls.certificate is set in the settings, and goes before an imported one")
    certificates, private = _certificates(chain), _private_key(key)
    _refuse_unfit(certificates, private, settings.host, datetime.fromtimestamp(now / 1_000_000, UTC))
    above = _certificates(authority) if authority else []
    if above:
        _refuse_stranger([*certificates, *above])
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + _pem(certificates)
    _try(pem)
    _put(settings.data / "tls", pem, _pem(above[-1:]))
    return certificates[0].not_valid_after_utc


def _put(directory: Path, pem: bytes, authority: bytes) -> None:
    """The authority first: whoever sees the new certificate finds who vouches for it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = directory / IMPORTED_AUTHORITY
    if authority:
        write(beside, authority)
    write(directory / IMPORTED, pem)
    if not authority:
        beside.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except OSError as error:
        raise Fault(f"{path}: {error.strerror}") from error
    if len(octets) > LARGEST:
        raise Fault(f"{path}: larger than {LARGEST} octets")
    return octets


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError as error:
        raise Fault(f"{path}: no certificates in PEM") from error


def _private_key(path: Path) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(_read(path), None)
    except TypeError as error:
        raise Fault(f"{path}: the key has a passphrase, and nobody types one when ICONet starts") from error
    except ValueError as error:
        raise Fault(f"{path}: no private key in PEM") from error


def _refuse_unfit(
    certificates: Sequence[x509.Certificate], private: PrivateKeyTypes, host: str, today: datetime
) -> None:
    server = certificates[0]
    if _spki(server.public_key()) != _spki(private.public_key()):
        raise Fault("the key is not the first certificate's")
    if not server.not_valid_before_utc <= today < server.not_valid_after_utc:
        raise Fault(f"valid from {server.not_valid_before_utc} until {server.not_valid_after_utc}, which is not now")
    if not _names(server, host):
        raise Fault(f"the certificate is not for {host} (RFC 9525 6: only subjectAltName counts)")
    if not _for_servers(server):
        raise Fault("the certificate is not for servers (RFC 5280 4.2.1.12: extendedKeyUsage has no serverAuth)")
    for below, above in pairwise(certificates):
        _refuse_gap(below, above)


def _refuse_stranger(path: Sequence[x509.Certificate]) -> None:
    """The whole way up, each issued by the next."""
    for below, above in pairwise(path):
        if below != above:
            _refuse_gap(below, above)


def _refuse_gap(below: x509.Certificate, above: x509.Certificate) -> None:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature) as error:
        issuer = above.subject.rfc4514_string()
        raise Fault(f"{below.subject.rfc4514_string() or 'the certificate'} was not issued by {issuer}") from error


def _names(server: x509.Certificate, host: str) -> bool:
    """Whether the certificate has the name, or a wildcard for its last label (RFC 9525 6.3)."""
    try:
        listed = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    names = {name.lower() for name in listed.get_values_for_type(x509.DNSName)}
    return host in names or f"*.{host.partition('.')[2]}" in names


def _for_servers(server: x509.Certificate) -> bool:
    """A certificate without the extension is for anything."""
    try:
        usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in usage or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage


def _spki(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pem(certificates: Sequence[x509.Certificate]) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def _try(pem: bytes) -> None:
    """What the TLS library itself says, before it is relied on: keys that are too short, for one."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / IMPORTED
        write(file, pem)
        checked(Certificate(file, file, None))
