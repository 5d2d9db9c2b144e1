from __future__ import annotations

import logging
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from connectors import cli
from connectors.certificate_import import take_in
from connectors.certificate_watch import Watch
from connectors.certificates import Certificate, certificate_for, server_context
from connectors.fault import Fault
from connectors.settings import Settings, Tls
from groupware import clock

if TYPE_CHECKING:
    from pathlib import Path

HOST = "mail.state.test"
DAY = timedelta(days=1)


@dataclass
class Paper:
    """A national authority, and what it issues."""

    directory: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def begin(cls, directory: Path, name: str = "State authority") -> Paper:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        basic = x509.BasicConstraints(ca=True, path_length=None)
        made = _builder(subject, subject, key, 400 * DAY).add_extension(basic, critical=True).sign(key, hashes.SHA256())
        (directory / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))
        return cls(directory, key, made)

    @property
    def file(self) -> Path:
        return self.directory / f"{self.certificate.subject.rfc4514_string().removeprefix('CN=')}.pem"

    def issue(
        self, name: str = HOST, lasts: timedelta = 90 * DAY, *, usage: x509.ObjectIdentifier | None = None
    ) -> tuple[Path, Path]:
        """The chain's and the key's files."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(x509.Name([]), self.certificate.subject, key, lasts).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True
        )
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        number = len(list(self.directory.glob("*.chain")))
        chain, private = self.directory / f"{number}.chain", self.directory / f"{number}.key"
        chain.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return chain, private


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(clock.now() / 1_000_000, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(now + lasts)
    )


@dataclass
class Home:
    """As much of a house as the watch looks at."""

    settings: Settings
    certificate: Certificate


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", host=HOST)


@pytest.fixture
def authority(tmp_path: Path) -> Paper:
    return Paper.begin(tmp_path)


def shown(context: ssl.SSLContext, trusted: Path) -> str:
    """The issuer of the certificate that somebody who connects is shown, and trusts."""
    here, there = socket.socketpair()
    server = threading.Thread(target=lambda: context.wrap_socket(there, server_side=True).close())
    server.start()
    with ssl.create_default_context(cafile=trusted).wrap_socket(here, server_hostname=HOST) as client:
        server.join()
        return str(dict(pair[0] for pair in (client.getpeercert() or {})["issuer"])["commonName"])  # type: ignore[misc,union-attr] # typeshed knows no shape of a certificate


def test_an_open_door_shows_the_imported_certificate_to_the_next_who_connects(
    settings: Settings, authority: Paper
) -> None:
    home = Home(settings, certificate_for(settings, clock.now()))
    context, watch = server_context(home.certificate), Watch(home)  # type: ignore[arg-type] # a Home is as much of a house as is asked for
    assert home.certificate.authority
    assert shown(context, home.certificate.authority).startswith("ICONet authority")
    take_in(settings, *authority.issue(), authority.file, clock.now())
    watch.look(clock.now())
    assert shown(context, authority.file) == "State authority"
    restarted = certificate_for(settings, clock.now())
    assert restarted.authority
    assert shown(server_context(restarted), restarted.authority) == "State authority"


def test_what_can_not_be_used_is_refused_and_nothing_changes(settings: Settings, authority: Paper) -> None:
    now = clock.now()
    chain, key = authority.issue()
    _, foreign = authority.issue()
    encrypted = authority.directory / "encrypted.key"
    encrypted.write_bytes(
        authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    )
    stranger = Paper.begin(authority.directory, "Another authority")
    for files, rule in (
        ((chain, foreign, None), "not the first certificate's"),
        ((*authority.issue(lasts=-DAY), None), "which is not now"),
        ((*authority.issue("mail.other.test"), None), "not for mail.state.test"),
        ((*authority.issue(usage=ExtendedKeyUsageOID.CLIENT_AUTH), None), "not for servers"),
        ((chain, key, stranger.file), "was not issued by CN=Another authority"),
        ((key, key, None), "no certificates in PEM"),
        ((chain, chain, None), "no private key in PEM"),
        ((chain, encrypted, None), "passphrase"),
        ((chain, authority.directory / "absent", None), "No such file"),
    ):
        with pytest.raises(Fault, match=rule):
            take_in(settings, *files, now)
    assert not (settings.data / "tls").exists()
    with pytest.raises(Fault, match="settings"):
        take_in(Settings(data=settings.data, tls=Tls(certificate="x", key="y")), chain, key, None, now)


def test_a_certificate_of_the_settings_is_reloaded_and_a_broken_one_is_not(
    settings: Settings, authority: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    chain, key = authority.issue()
    named = Settings(
        data=settings.data, host=HOST, tls=Tls(certificate=str(chain), key=str(key), authority=str(authority.file))
    )
    home = Home(named, certificate_for(named, clock.now()))
    context, watch = server_context(home.certificate), Watch(home)  # type: ignore[arg-type] # a Home is as much of a house as is asked for
    assert home.certificate.authority == authority.file
    newer = Paper.begin(authority.directory, "Newer authority")
    fresh_chain, fresh_key = newer.issue()
    chain.write_bytes(fresh_chain.read_bytes())
    with caplog.at_level(logging.ERROR):
        watch.look(clock.now())
        watch.look(clock.now())
    assert [record.message for record in caplog.records] == ["certificate-not-loaded"]
    assert shown(context, authority.file) == "State authority"
    key.write_bytes(fresh_key.read_bytes())
    watch.look(clock.now())
    assert shown(context, newer.file) == "Newer authority"


def test_its_end_is_spoken_of_once_at_each_mark(
    settings: Settings, authority: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    chain, key = authority.issue(lasts=40 * DAY)
    take_in(settings, chain, key, None, clock.now())
    watch, now = Watch(Home(settings, certificate_for(settings, clock.now()))), clock.now()  # type: ignore[arg-type] # a Home is as much of a house as is asked for
    heard = {}
    for day in range(45):
        caplog.clear()
        for _ in range(2):
            watch.look(now + day * 86_400_000_000)
        if caplog.records:
            heard[day] = [(record.message, record.__dict__["days"]) for record in caplog.records]
    assert heard == {
        day: [("certificate-ends", left)] for day, left in ((10, 29), (26, 13), (33, 6), (37, 2), (39, 0), (40, 0))
    }


@pytest.mark.usefixtures("logging_as_before")
def test_the_commands(settings: Settings, authority: Paper, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = tmp_path / "iconet.toml"
    config.write_text(f'host = "{HOST}"\ndata = "{settings.data}"\n')
    chain, key = authority.issue(lasts=20 * DAY)
    given = ["certificate", "import", str(chain), str(key), "--authority", str(authority.file)]
    assert cli.main([*given, "--config", str(config)]) == 0
    (settings.data / "lock").touch()
    assert cli.main(["certificate", "show", "--config", str(config)]) == 1
    printed = capsys.readouterr().out
    assert "taken; it ends on" in printed
    assert f"names: {HOST}" in printed
    assert "in 19 days" in printed
    take_in(settings, *authority.issue(), None, clock.now())
    assert cli.main(["certificate", "show", "--config", str(config)]) == 0
    assert "authority: the world's" in capsys.readouterr().out
