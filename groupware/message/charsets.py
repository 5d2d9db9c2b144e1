"""Octets of a named charset as text: every input gives some text, and header text stays on one line."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Only charsets of mail: codecs such as idna, punycode, zlib or unicode_escape are slow, partial or no text.
_MAIL_CHARSET = re.compile(
    r"utf-?(?:7|8|16|32)(?:-?[bl]e)?|(?:us-?)?ascii|iso-?8859-?[0-9]{1,2}(?:-[ie])?|latin-?[0-9]{1,2}|(?:cp|windows-?|ibm)[0-9]{2,5}"
    r"|koi8-?[rut]|gb2312|gbk|gb18030|hz|big5(?:-?hkscs)?|shift-?jis|s-?jis|euc-?(?:jp|kr)|iso-?2022-?(?:jp|kr)(?:-[0-9])?"
    r"|ks-?c-?5601(?:-1987)?|tis-?620|mac-?(?:roman|cyrillic|greek|turkish|latin2)",
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NAME_MAX = 40
_CHARACTER_MAX = 8
"""Octets of the longest character, escape sequences included."""


@lru_cache(maxsize=256)
def codec_of(charset: str) -> str | None:
    """Python's codec for a charset that mail uses, None for any other name."""
    name = charset[: _NAME_MAX + 1].lower().replace("_", "-").strip()
    if len(name) > _NAME_MAX or not _MAIL_CHARSET.fullmatch(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def to_text(octets: bytes, charset: str, *, cut: bool = False) -> str:
    """Text by `charset`, else by UTF-8, else by Windows-1252 with replacement signs; never raises.

    `cut` says that the octets may end within a character, which is then left out.
    """
    codec = codec_of(charset)
    for candidate in (codec, "utf-8") if codec else ("utf-8",):
        text = _strictly(octets, candidate, cut=cut)
        if text is not None:
            return text
    return octets.decode(codec if codec not in (None, "ascii", "utf-8") else "cp1252", "replace")


def _strictly(octets: bytes, codec: str, *, cut: bool) -> str | None:
    try:
        return octets.decode(codec)
    except UnicodeDecodeError as error:
        within_last = cut and error.start > 0 and error.start > len(octets) - _CHARACTER_MAX
        return _strictly(octets[: error.start], codec, cut=False) if within_last else None
    except UnicodeError:
        return None


def one_line(text: str) -> str:
    """Text for a line of a list: no line end, control, surrogate, or sign that turns the writing direction."""
    if text.isascii() and text.isprintable():
        return text
    return _BIDI.sub("", _CONTROLS.sub(" ", text))


def many_lines(text: str) -> str:
    """Text for a page: line ends as LF, other controls and lone surrogates as replacement signs."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
