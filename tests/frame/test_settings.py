from __future__ import annotations

from pathlib import Path

import pytest

from connectors.settings import Partner, Settings, SettingsError, read_settings, sample

CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_the_sample_says_what_the_defaults_are() -> None:
    assert read_settings(CONFIG / "iconet.toml") == Settings()


def test_the_sample_is_the_one_written_from_the_code() -> None:
    assert (CONFIG / "iconet.toml").read_text() == sample(Settings()), "run `make sample`"


def test_the_postgresql_sample_differs_in_the_store_only() -> None:
    settings = read_settings(CONFIG / "postgresql.toml")
    assert settings.store.startswith("postgresql+psycopg://")
    assert settings.domain == Settings().domain


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("domian = 'x'", "domian: no such setting; did you mean domain?"),
        ("[imap]\nprot = 1", "imap.prot: no such setting; did you mean port?"),
        ("[gopher]\nport = 1", "gopher: no such setting"),
        ("[imap]\nport = '993'", "imap.port: '993' is not a whole number"),
        ("[imap]\nport = true", "imap.port: True is not a whole number"),
        ("[imap]\nport = 99999", "imap.port: 99999 is not between 0 and 65535"),
        ("imap = 993", "imap: 993 is not a section"),
        ("[domain]\nx = 1", "domain: {'x': 1} is not a text in quotes"),
        ("domain = 'Not A Name'", "domain: 'Not A Name' is not a host name in small letters"),
        ("log_level = 'loud'", "log_level: 'loud' is none of debug, info, warning, error"),
        ("store = 'mysql://x'", "store: 'mysql://x' is not empty or a URL that begins with postgresql+psycopg://"),
        ("data = 3", "data: 3 is not a path in quotes"),
        ("[tls]\ncertificate = 'x.pem'", "tls.key: certificate and key are set together or not at all"),
        ("[partner.'Not A Name']\nport = 25", "partner.Not A Name: 'Not A Name' is not a host name in small letters"),
        ("[partner]\nport = 25", "partner.port: 25 is not a section"),
        ("[partner.'a.test']\nprot = 25", "partner.a.test.prot: no such setting; did you mean port?"),
        ("partner = 1", "partner: 1 is not a section"),
        ("domain = ", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_an_error_names_the_file_the_key_and_the_cause(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "iconet.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_settings(path)
    assert str(error.value) == f"{path}: {cause}"


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: No such file or directory"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"bytes\.toml: not TOML: "):
        read_settings(tmp_path / "bytes.toml")


def test_any_ports_are_free_ports_for_every_door() -> None:
    settings = Settings().on_any_ports()
    assert {settings.listen(door).port for door in ("submission", "imap", "web")} == {0}
    assert settings.imap.host == "127.0.0.1"


def test_partners_have_a_section_each(tmp_path: Path) -> None:
    path = tmp_path / "partners.toml"
    path.write_text(
        '[partner."partner.example"]\nhost = "mx.partner.example"\n[partner."b.example"]\ntls = "implicit"\n'
    )
    assert read_settings(path).partner == {
        "partner.example": Partner(host="mx.partner.example"),
        "b.example": Partner(tls="implicit"),
    }
