"""Each page of the portal does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from web_site import send

if TYPE_CHECKING:
    from web_site import Site

pytestmark = pytest.mark.anyio


async def test_home_lists_the_areas_with_what_is_visible_in_them(site: Site) -> None:
    await site.publish("anna", "First")
    await site.post("anna", "Waits")
    page = (await (await site.client("bruno")).get("/")).text
    assert 'href="/rooms/return"' in page
    assert "1 post<" in page
    assert "liaison" not in page
    assert "Waits" not in page


async def test_a_post_goes_its_whole_way_on_pages(site: Site) -> None:
    anna, bruno, dora = [await site.client(name) for name in ("anna", "bruno", "dora")]
    sent = await send(anna, "/rooms/return/new", subject="Charter flight", text="Dear all,\n\nwords", marking="2")
    assert sent.status_code == 303
    assert "awaits moderation" in (await anna.get(sent.headers["location"])).text
    assert "no. 1" in (await anna.get("/rooms/return")).text
    assert "Charter" not in (await bruno.get("/rooms/return")).text
    assert "Charter flight" in (await dora.get("/moderation")).text
    token = await site.held()
    assert "Dear all,\n\nwords" in (await dora.get(f"/moderation/{token}")).text
    decided = await send(dora, f"/moderation/{token}", decision="approve")
    assert decided.headers["location"] == "/moderation?done=approve"
    assert "The post is published." in (await dora.get(decided.headers["location"])).text
    assert "Charter flight" in (await bruno.get("/rooms/return")).text
    thread = (await bruno.get(f"/posts/{token}")).text
    assert "TLP:AMBER\n\nDear all,\n\nwords" in thread
    assert "<strong>Anna</strong>" in thread
    again = await send(dora, f"/moderation/{token}", "/moderation", decision="refuse", reason="no")
    assert again.status_code == 409
    assert "decided already" in again.text
    assert (await dora.get(f"/moderation/{token}")).status_code == 409
