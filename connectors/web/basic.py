"""RFC 7617: a name and a secret in a header field."""

from __future__ import annotations

import base64
import binascii

CREDENTIALS_MAX = 1_000


def credentials(value: str) -> tuple[str, str]:
    """What an Authorization field says; two empty texts for any other scheme, or what can't be read."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > CREDENTIALS_MAX:
        return "", ""
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
