"""Refusals with the condition that wasn't met, as WebDAV tells them (RFC 4918 16)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from starlette.responses import Response

XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'


def refusal(status: int, condition: str) -> Response:
    """`condition` is an element with the prefixes D and C."""
    return Response(f"{_HEAD}<D:error {_NAMESPACES}>{condition}</D:error>\n", status, media_type=XML)


def read_only(path: str) -> Response:
    """Nothing is written here, whatever there is at the path (RFC 3744 7.1.1)."""
    href = escape("".join(sign for sign in path if sign.isprintable()))
    needed = f"<D:resource><D:href>{href}</D:href><D:privilege><D:write/></D:privilege></D:resource>"
    return refusal(403, f"<D:need-privileges>{needed}</D:need-privileges>")
