"""The directory door of a running demo, found by its endpoints.json, with OpenLDAP's client."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from serving import Server, iconet, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    running = serve(tmp_path_factory.mktemp("ldap") / "demo", "ldap", like=planted)
    yield running
    assert running.stop() == 0


def ldapsearch(server: Server, person: dict[str, Any], *words: str) -> list[str]:
    """The command for one official, checking our certificate by its authority."""
    program = shutil.which("ldapsearch")
    if program is None:
        assert not os.environ.get("CI"), "ldap-utils is not installed"
        pytest.skip("ldap-utils is not installed")
    door = server.endpoints["ldap"]
    url = f"ldaps://{door['host']}:{door['port']}"
    name = f"uid={person['login']},{door['base_dn']}"
    options = ["-o", "ldif-wrap=no", "-H", url, "-D", name, "-w", person["app_password"], "-b", door["base_dn"]]
    return [program, "-x", "-LLL", *options, *words]


def environment(server: Server) -> dict[str, str]:
    known = {"PATH": os.environ["PATH"], "LDAPCONF": "/dev/null"}
    return {**known, "LDAPTLS_CACERT": server.endpoints["ca_file"]}


def found(server: Server, person: dict[str, Any], *words: str) -> str:
    command = ldapsearch(server, person, *words)
    run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True, env=environment(server))
    return run.stdout


def test_everybody_is_found_by_mail_uid_and_name(server: Server) -> None:
    assert server.endpoints["ldap"]["tls"] == "implicit"
    asker = server.who(area="return")
    for person in server.endpoints["people"][:5]:
        for where in (f"(mail={person['address']})", f"(uid={person['login']})", f"(cn={person['name']})"):
            shown = found(server, asker, where, "mail")
            assert f"dn: uid={person['login']},{server.endpoints['ldap']['base_dn']}\n" in shown
            assert f"mail: {person['address']}\n" in shown


def test_the_password_of_the_portal_opens_nothing(server: Server) -> None:
    person = server.who(area="return")
    command = ldapsearch(server, {**person, "app_password": person["password"]}, "uid=x")
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment(server)
    )
    assert (run.returncode, "Invalid credentials (49)" in run.stderr) == (49, True)


def test_an_off_boarded_official_is_out_and_not_found(server: Server) -> None:
    leaver, asker = server.who(area="liaison"), server.who(area="return")
    where = f"(uid={leaver['login']})"
    assert leaver["address"] in found(server, asker, where, "mail")
    assert iconet(server.data, "off-board", leaver["login"]).returncode == 0
    assert found(server, asker, where, "mail") == ""
    run = subprocess.run(
        ldapsearch(server, leaver, where), capture_output=True, timeout=PATIENCE, check=False, env=environment(server)
    )
    assert run.returncode == 49


def test_the_log_tells_no_names(server: Server) -> None:
    found(server, server.who(area="return"), "(cn=*a*)", "mail")
    log = server.log()
    assert "Traceback" not in log
    assert not [line for line in log.splitlines() if re.search(r"@iconet\.test|uid=", line)]
