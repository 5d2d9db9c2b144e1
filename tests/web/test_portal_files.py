"""What is served as files is what we put there."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from connectors.web import assets, templating

if TYPE_CHECKING:
    from web_site import Site

HTMX = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
"""SHA-256 of dist/htmx.min.js in the package htmx.org 4.0.1."""


def test_htmx_is_the_released_file_with_its_licence() -> None:
    assert hashlib.sha256(assets.FILES["htmx-4.0.1.min.js"]).hexdigest() == HTMX
    assert "Zero-Clause BSD" in (assets.HERE / "htmx-LICENSE.txt").read_text()


def test_style_is_small_and_asks_nobody_for_anything() -> None:
    style = assets.FILES["iconet.css"].decode()
    assert len(style) < 14_000
    assert "url(" not in style
    assert "@import" not in style


def test_templates_have_no_script_or_style_of_their_own() -> None:
    for path in sorted((templating.HERE / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"<style|<script(?! src=)|\sstyle=|\son[a-z]+=|javascript:|https?://|\|\s*safe", text), (
            path
        )


@pytest.mark.anyio
async def test_files_are_kept_by_browsers_under_their_version_only(site: Site) -> None:
    nobody = await site.client()
    for name, octets in assets.FILES.items():
        answer = await nobody.get(assets.address(name))
        assert answer.content == octets
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/static/x/iconet.css", "/static/x/../app.py", "/static/x/htmx-LICENSE.txt"):
        assert (await nobody.get(path)).status_code in (303, 404)
