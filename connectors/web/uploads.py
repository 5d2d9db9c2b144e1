"""Files that are handed in with a form (RFC 7578): on few paths, one at a time, and no larger than is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

from groupware.people.sheet import MOST_OCTETS

if TYPE_CHECKING:
    from starlette.requests import Request

FIELDS_MAX = 10
UPLOADS = {"/people/import": MOST_OCTETS + 64 * 1024, "/api/people/import": MOST_OCTETS + 1}
"""How many octets a request's body may have on these paths, a form's other fields included."""
TOO_LARGE = f"A file has at most {MOST_OCTETS // 1024 // 1024} MiB. Divide it, unit by unit."


def is_upload(request: Request) -> bool:
    """Whether the form has files."""
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def uploaded(request: Request) -> tuple[dict[str, str], bytes]:
    """A form's text fields and its file."""
    async with request.form(max_files=1, max_fields=FIELDS_MAX) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        return texts, await files[0].read() if files else b""
