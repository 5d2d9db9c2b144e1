"""What the log holds about somebody, for themselves (Regulation (EU) 2018/1725, Article 17)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from connectors.web.visit import Visit

ND_JSON = "application/x-ndjson"


async def send(visit: Visit) -> Response:
    """One JSON object a line, oldest first."""
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(_lines(visit), media_type=ND_JSON, headers=headers)


async def _lines(visit: Visit) -> AsyncIterator[str]:
    async for record in visit.portal.groupware.audit.about(visit.caller.official):
        yield json.dumps(record, ensure_ascii=False) + "\n"
