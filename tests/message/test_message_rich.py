from __future__ import annotations

import pytest

from groupware.message.rich import LONGEST, reduced


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>plain</p>", "<p>plain</p>"),
        ("<P CLASS=x>shouted</P>", "<p>shouted</p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ('<a href="https://x.test/?a=1&amp;b=2" onclick=y>l</a>', '<a href="https://x.test/?a=1&amp;b=2">l</a>'),
        ('<a href="javascript:x">l</a>', "<a>l</a>"),
        ('<a href=" JaVaScRiPt:x">l</a>', "<a>l</a>"),
        ("<script>x</script>y<style>z</style>", "y"),
        ("<svg><p>x</p></svg>y", "y"),
        ("<img src=x onerror=y>z", "z"),
        ("<mx-reply>x</mx-reply>", "x"),
        ("<b><i>open", "<b><i>open</i></b>"),
        ("<b><i>crossed</b></i>", "<b><i>crossed</i></b>"),
        ("x</p></div>", "x"),
        ("one<br>two<br/>three<hr>", "one<br>two<br>three<hr>"),
        ("<!-- <b> -->x<!DOCTYPE y><?z?>", "x"),
        ("<b" + " " * 100, "<b></b>"),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_only_known_tags_are_written(html: str, shown: str) -> None:
    assert reduced(html) == shown


def test_nesting_ends_somewhere() -> None:
    assert reduced("<b>" * 10_000).count("<b>") == 100
