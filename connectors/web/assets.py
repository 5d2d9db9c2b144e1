"""Style and scripts: few, small, in memory, and named by their contents so that a browser keeps them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

HERE = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FILES = {path.name: path.read_bytes() for path in sorted(HERE.iterdir()) if path.suffix in TYPES}
KEPT = "public, max-age=31536000, immutable"
_VERSIONS = {name: hashlib.sha256(octets).hexdigest()[:12] for name, octets in FILES.items()}


def address(name: str) -> str:
    """Where a file is found; another address once its contents change."""
    return f"/static/{_VERSIONS[name]}/{name}"


async def send(request: Request) -> Response:
    """One of them."""
    name = request.path_params["name"]
    if _VERSIONS.get(name) != request.path_params["version"]:
        raise HTTPException(404)
    return Response(FILES[name], media_type=TYPES[Path(name).suffix], headers={"Cache-Control": KEPT})
