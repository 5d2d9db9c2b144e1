"""The certificate of every door, and how TLS is spoken.

Without a certificate in the settings, or an imported one in DIR/tls, ICONet makes an authority and a server
certificate there. The authority's key is thrown away once it has signed: what was never written can't be stolen.
Each renewal brings a new authority.
TLS follows Mozilla's "intermediate" profile: TLS 1.2 and later, AEAD with forward secrecy, the curve P-256.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from connectors.fault import Fault
from connectors.settings import HOST_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.settings import Settings

LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
LOOPBACK = ("127.0.0.1", "::1")
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
IMPORTED = "imported.pem"
"""The key and the chain in one file, so that they are replaced together."""
IMPORTED_AUTHORITY = "imported-ca.pem"
GROUP = "prime256v1"
"""Of Mozilla's three groups the one that every client knows: Python 3.11 can name only one."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the PEM files are; `authority` is None when the world's authorities vouch for `chain`.

    `contexts` are those of the doors that speak TLS with it, so that a new one can be put into them.
    """

    chain: Path
    key: Path
    authority: Path | None
    contexts: WeakSet[ssl.SSLContext] = field(default_factory=WeakSet, compare=False, repr=False)

    def load(self, newer: Certificate) -> None:
        """Show `newer`, which was checked, to whoever connects from now on; connections that are open stay."""
        for context in self.contexts:
            context.load_cert_chain(newer.chain, newer.key)


def certificate_for(settings: Settings, now: int) -> Certificate:
    """The certificate that the settings name, else the imported one, else our own, renewed 30 days before it ends.

    `now` is in microseconds since 1970. Raises Fault for files that can't be used.
    """
    if settings.tls.certificate:
        authority = Path(settings.tls.authority) if settings.tls.authority else None
        return checked(Certificate(Path(settings.tls.certificate), Path(settings.tls.key), authority))
    directory = settings.data.absolute() / "tls"
    imported, authority = directory / IMPORTED, directory / IMPORTED_AUTHORITY
    if imported.exists():
        return checked(Certificate(imported, imported, authority if authority.exists() else None))
    own = Certificate(directory / "server.pem", directory / "server.key", directory / "ca.pem")
    today = datetime.fromtimestamp(now / 1_000_000, UTC)
    names = {"localhost", settings.host}
    if not _usable(own, names, today):
        _make(own, sorted(names | _machine()), today)
    return checked(own)


def server_context(certificate: Certificate, alpn: Sequence[str] = ()) -> ssl.SSLContext:
    """How a door speaks TLS; `alpn` the protocols it offers (RFC 7301), the best first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_ecdh_curve(GROUP)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(certificate.chain, certificate.key)
    certificate.contexts.add(context)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def checked(certificate: Certificate) -> Certificate:
    """The same, when its files can be read and belong together; else raises Fault."""
    try:
        server_context(certificate)
    except OSError as error:  # ssl.SSLError is one
        raise Fault(f"{certificate.chain}, {certificate.key}: no usable certificate: {error.strerror}") from error
    return certificate


def _usable(certificate: Certificate, names: set[str], today: datetime) -> bool:
    """Whether the three files belong together (a crash may come between their writing), fit and last."""
    if certificate.authority is None:
        return False
    try:
        server = x509.load_pem_x509_certificate(certificate.chain.read_bytes())
        server.verify_directly_issued_by(x509.load_pem_x509_certificate(certificate.authority.read_bytes()))
        server_context(certificate)
        listed = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasts = server.not_valid_before_utc <= today < server.not_valid_after_utc - RENEW_BEFORE
    return lasts and names <= set(listed.get_values_for_type(x509.DNSName))


def _machine() -> set[str]:
    """The machine's own name, which OpenLDAP's client takes for localhost."""
    name = socket.gethostname().lower()
    return {name} if re.fullmatch(HOST_NAME.pattern, name) else set()


def _make(certificate: Certificate, names: Sequence[str], today: datetime) -> None:
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # a name of its own for each authority: clients that know an older one must not take it for this one
    issuer = _name(
        f"ICONet authority {x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()).digest.hex()[:16]}"
    )
    authority = _authority(issuer, authority_key, today)
    server = _server(issuer, authority_key, server_key, names, today)
    certificate.chain.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write(certificate.key, key)
    write(certificate.chain, server.public_bytes(Encoding.PEM))
    if certificate.authority:
        write(certificate.authority, authority.public_bytes(Encoding.PEM))


def _authority(issuer: x509.Name, key: ec.EllipticCurvePrivateKey, today: datetime) -> x509.Certificate:
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    return (
        _builder(issuer, issuer, key.public_key(), today)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server(
    issuer: x509.Name,
    authority: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    today: datetime,
) -> x509.Certificate:
    listed: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    listed += [x509.IPAddress(ipaddress.ip_address(address)) for address in LOOPBACK]
    return (
        _builder(_name(names[0]), issuer, key.public_key(), today)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(listed), critical=False)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, today: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(hours=1))  # clients' clocks may be behind
        .not_valid_after(today + LIFETIME)
    )


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def write(path: Path, pem: bytes) -> None:
    """The file whole or not at all, never readable by others."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    draft.replace(path)
