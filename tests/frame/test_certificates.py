from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from connectors.certificates import LIFETIME, RENEW_BEFORE, Certificate, certificate_for, server_context
from connectors.fault import Fault
from connectors.settings import Settings, Tls
from groupware import clock

DAY = 24 * 3600 * 1_000_000


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(Settings(data=tmp_path_factory.mktemp("data"), host="mail.iconet.test"), clock.now())


def shake(certificate: Certificate, client: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
    """Both ends of a real handshake; the client's end, to be asked what was agreed."""
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            server_context(certificate, ["h2", "http/1.1"]).wrap_socket(there, server_side=True).close()
        except OSError:
            there.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        return client.wrap_socket(here, server_hostname=name)
    finally:
        server.join()


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate.authority)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "mail.iconet.test"])
def test_verifies_by_its_authority_under_every_name(own: Certificate, name: str) -> None:
    with shake(own, trusting(own), name) as connection:
        assert connection.version() == "TLSv1.3"


def test_another_name_does_not_verify(own: Certificate) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(own, trusting(own), "iconet.example")


def test_the_first_common_protocol_is_chosen(own: Certificate) -> None:
    client = trusting(own)
    client.set_alpn_protocols(["http/1.1"])
    with shake(own, client, "localhost") as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(own: Certificate, version: ssl.TLSVersion) -> None:
    client = trusting(own)
    client.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        client.minimum_version = client.maximum_version = version
    with pytest.raises(ssl.SSLError, match="ALERT"):
        shake(own, client, "localhost")


def test_only_aead_with_forward_secrecy_and_one_good_curve(own: Certificate) -> None:
    names = {cipher["name"] for cipher in server_context(own).get_ciphers()}
    assert all(re.fullmatch(r"TLS_\w+|ECDHE-(ECDSA|RSA)-(AES\d+-GCM|CHACHA20)-\w+", name) for name in names)
    client = trusting(own)
    client.set_ecdh_curve("secp521r1")
    with pytest.raises(ssl.SSLError, match="ALERT"):
        shake(own, client, "localhost")


def test_cbc_is_refused(own: Certificate) -> None:
    client = trusting(own)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError, match="ALERT"):
        shake(own, client, "localhost")


def test_an_independent_verifier_agrees(own: Certificate) -> None:
    command = [
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        str(own.authority),
        str(own.chain),
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith(": OK\n")


def test_keys_are_for_the_owner_only_and_the_authoritys_is_nowhere(own: Certificate) -> None:
    files = sorted(own.key.parent.iterdir())
    assert [path.name for path in files] == ["ca.pem", "server.key", "server.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_kept_until_thirty_days_before_its_end(tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path), clock.now()
    first = certificate_for(settings, now).chain.read_bytes()
    lasts = (LIFETIME - RENEW_BEFORE).days * DAY
    assert certificate_for(settings, now + lasts - DAY).chain.read_bytes() == first
    assert certificate_for(settings, now + lasts + DAY).chain.read_bytes() != first


@pytest.mark.parametrize("name", ["ca.pem", "server.key", "server.pem"])
def test_made_again_when_its_files_do_not_belong_together(tmp_path: Path, name: str) -> None:
    settings, now = Settings(data=tmp_path / "data"), clock.now()
    broken = certificate_for(settings, now).chain.parent / name
    other = certificate_for(Settings(data=tmp_path / "other"), now).chain.parent / name
    broken.write_bytes(other.read_bytes())
    again = certificate_for(settings, now)
    with shake(again, trusting(again), "localhost") as connection:
        assert connection.version()


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    with pytest.raises(Fault, match=re.escape(str(chain))):
        certificate_for(Settings(data=tmp_path, tls=Tls(certificate=str(chain), key=str(key))), clock.now())


def test_a_certificate_from_the_settings_is_used_as_it_is(own: Certificate, tmp_path: Path) -> None:
    tls = Tls(certificate=str(own.chain), key=str(own.key))
    assert certificate_for(Settings(data=tmp_path, tls=tls), clock.now()) == Certificate(own.chain, own.key, None)
    assert not Path(tmp_path / "tls").exists()
