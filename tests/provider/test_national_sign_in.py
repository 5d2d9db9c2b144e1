"""Sign-in with a state's own account: two processes, over HTTPS, one of them the state's identity provider."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from national_world import PASSWORD, Browser, Process, planted, process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NATIONAL = """
[national."aa"]
issuer = "{issuer}"
client_id = "iconet"
secret_file = "{secret}"
algorithm = "ES256"
title = "Aland"
authority = "{authority}"
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, Process]]:
    """ICONet, and the provider of Aland; anna and bruno are known there, clara is too but here by another name."""
    root: Path = tmp_path_factory.mktemp("national")
    there = process(root / "aland", '[sign_in]\nsecond_factor = "nobody"\n')
    subjects = planted(there)
    secret = root / "secret"
    more = NATIONAL.format(issuer=there.url, secret=secret, authority=there.data / "tls" / "ca.pem")
    secret.write_text("not yet")
    here = process(root / "iconet", more)
    planted(here, {"anna": subjects["anna"], "bruno": subjects["bruno"], "clara": "another name"})
    there.start()
    told = there.iconet("client", "add", "iconet", "--redirect", f"{here.url}/sign-in/from/aa", "--first-party")
    secret.write_text(json.loads(told)["client_secret"])
    here.start()
    yield here, there
    assert (here.stop(), there.stop()) == (0, 0)
    assert "Traceback" not in here.log() + there.log()


@pytest.fixture
def browser(pair: tuple[Process, Process]) -> Browser:
    return Browser(*pair)


def test_the_sign_in_page_offers_it(pair: tuple[Process, Process], browser: Browser) -> None:
    page = browser.get(f"{pair[0].url}/rooms/return")
    assert "Sign in with the account of Aland" in page.text
    assert "/sign-in/with/aa?next=/rooms/return" in page.text


def test_an_official_comes_back_signed_in_to_where_they_wanted(pair: tuple[Process, Process], browser: Browser) -> None:
    here, there = pair
    page = browser.get(f"{here.url}/sign-in/with/aa?next=/rooms/return")
    assert str(page.url).startswith(f"{there.url}/sign-in?")
    page = browser.fill(page, login="anna", password=PASSWORD)
    assert (page.status_code, str(page.url)) == (200, f"{here.url}/rooms/return")
    assert "Anna" in page.text
    with closing(sqlite3.connect(here.data / "iconet.db")) as kept:
        assert kept.execute("SELECT means, strong FROM web_session").fetchall() == [("account of aa", 0)]
    again = Browser(*pair)
    again._clients[there.url].cookies = browser.cookies(there)
    assert str(again.get(f"{here.url}/sign-in/with/aa").url) == f"{here.url}/"


def test_a_provider_signs_in_nobody_of_another_body(pair: tuple[Process, Process], browser: Browser) -> None:
    """Bruno's external id is his there, and he is of Borland: Aland's word is nothing."""
    page = browser.fill(browser.get(f"{pair[0].url}/sign-in/with/aa"), login="bruno", password=PASSWORD)
    assert page.status_code == 422
    assert "isn&#39;t known here" in page.text
    assert "__Host-iconet" not in browser.cookies(pair[0])


def test_nobody_is_added_and_all_failures_look_alike(pair: tuple[Process, Process]) -> None:
    pages = []
    for name in ("bruno", "clara", "dora"):
        page = Browser(*pair)
        answer = page.fill(page.get(f"{pair[0].url}/sign-in/with/aa"), login=name, password=PASSWORD)
        pages.append((answer.status_code, answer.text.partition("<form")[0]))
    assert len(set(pages)) == 1


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(
    pair: tuple[Process, Process], browser: Browser
) -> None:
    here = pair[0]
    for query in ("code=x&state=y", "code=x", "error=access_denied", "code=x&state=y&state=z"):
        assert browser.get(f"{here.url}/sign-in/from/aa?{query}").status_code in (400, 403)
    for path in ("/sign-in/from/bb?code=x&state=y", "/sign-in/with/bb"):
        assert browser.get(f"{here.url}{path}").url.path == "/sign-in"


def test_clients_are_listed_without_secrets_and_removed(pair: tuple[Process, Process]) -> None:
    there = pair[1]
    told = json.loads(there.iconet("client", "add", "tool", "--redirect", "https://tool.test/cb", "--body", "aa"))
    assert set(told) == {"client_id", "client_secret", "issuer"}
    assert told["issuer"] == there.url
    listed = there.iconet("client", "ls", "--json")
    rows = {row["name"]: row for row in map(json.loads, listed.splitlines())}
    assert rows["tool"]["bodies"] == ["aa"]
    assert "secret" not in listed
    assert told["client_secret"] not in there.log()
    assert told["client_secret"].encode() not in (there.data / "iconet.db").read_bytes()
    assert there.iconet("client", "remove", "tool") == "tool is removed\n"
    assert "tool" not in there.iconet("client", "ls")
