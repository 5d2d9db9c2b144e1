"""The demo's token: made once, kept in DIR, the same after every restart. For demonstrations only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from groupware.installation import write_private
from groupware.provisioning import token_secret
from groupware.provisioning.issuing import LONGEST_DAYS

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.provisioning.provisioning import Provisioning

FILE = "demo-scim-token"


async def planted(provisioning: Provisioning, directory: Path, code: str) -> str:
    """The token of DIR for the body with this code, issued if it never was; a revoked one stays revoked."""
    text = await asyncio.to_thread(_kept, directory / FILE)
    if not await provisioning.is_kept(text):
        await provisioning.keep(code, text, "Demo", LONGEST_DAYS)
    return text


def _kept(path: Path) -> str:
    if not path.exists():
        write_private(path, token_secret.made().encode())
    return path.read_text("ascii").strip()
