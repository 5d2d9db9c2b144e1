"""Radicale's WSGI application, made anew for each request: nothing is shared among callers."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from radicale import config, httputils
from radicale.app import Application

from connectors.web.dav.asked import CARD, DAV
from connectors.web.dav.place import PREFIX
from connectors.web.dav.plugins import Auth, Rights, Storage
from connectors.web.dav.shelves import Shelves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.web.dav.visit import Visit

QUIET: dict[str, dict[str, Any]] = {
    "auth": {"delay": "0", "cache_logins": "False"},
    "server": {"delay_on_error": "0"},
    "web": {"type": "none"},
    "hook": {"type": "none"},
    "sharing": {"type": "none"},
}
"""Radicale sleeps in its thread after refusals, and keeps what it knows of logins; the door does both itself."""
_BASE = config.load()
_BASE.update(QUIET, "ICONet")

Reply = tuple[int, dict[str, str], bytes]


def answer(visit: Visit, method: str, path: str, fields: Mapping[str, str], body: bytes) -> Reply:
    """What Radicale answers: status, header fields, body. Blocks; raises what went wrong inside."""
    begun: list[tuple[int, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        begun.append((int(status[:3]), dict(headers)))
        return begun.append  # type: ignore[return-value] # never called: Radicale returns its answer

    parts = _Radicale(visit)(_environ(method, path, fields, body), start_response)
    if visit.fault is not None:
        raise visit.fault
    status, headers = begun[0]
    return status, headers, b"".join(parts)


def _environ(method: str, path: str, fields: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """PEP 3333, with those header fields only that Radicale needs: it would believe others."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": PREFIX,
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTPS": "on",
        "HTTP_DEPTH": fields.get("depth", "0"),
        "CONTENT_TYPE": "application/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": StringIO(),
    }


class _Radicale(Application):
    """Radicale, whose faults come out as they are, and whose answers tell of both versions of vCard."""

    def __init__(self, visit: Visit) -> None:
        configuration = _BASE.copy()
        plugins: dict[str, dict[str, Any]] = {
            "auth": {"type": partial(Auth, visit=visit)},
            "rights": {"type": partial(Rights, visit=visit)},
            "storage": {"type": partial(Storage, visit=visit, racks=(Shelves(visit),))},
        }
        configuration.update(plugins, "ICONet")
        super().__init__(configuration)
        self._visit = visit

    def do_GET(self, *request: Any) -> Any:  # noqa: ANN401, N802 -- Radicale's signature
        """RFC 9110 9.3.1; HEAD is the same."""
        return self._safely(super().do_GET, *request)

    def do_PROPFIND(self, *request: Any) -> Any:  # noqa: ANN401, N802 -- same
        """RFC 4918 9.1."""
        return self._safely(super().do_PROPFIND, *request)

    def do_REPORT(self, *request: Any) -> Any:  # noqa: ANN401, N802 -- same
        """RFC 3253 3.6."""
        return self._safely(super().do_REPORT, *request)

    def _safely(self, handler: Callable[..., Any], *request: Any) -> Any:  # noqa: ANN401 -- same
        """Radicale would write a traceback to the log."""
        try:
            return handler(*request)
        except Exception as error:  # noqa: BLE001 -- raised again by `answer`
            self._visit.fault = error
            return httputils.INTERNAL_SERVER_ERROR

    def _xml_response(self, xml_content: ET.Element, request_info: dict[str, Any]) -> bytes:
        version = self._visit.asked.version
        for data in xml_content.iter(f"{CARD}address-data"):
            data.attrib |= {"content-type": "text/vcard", "version": version}  # RFC 6352 10.4
        for offered in xml_content.iter(f"{CARD}supported-address-data"):
            _offer_both(offered)
        if self._visit.truncated:
            xml_content.append(_truncated(request_info["path"]))
        return super()._xml_response(xml_content, request_info)


def _offer_both(offered: ET.Element) -> None:
    """RFC 6352 6.2.2. Radicale asks vobject what it can write; ours is written without it."""
    offered.clear()
    for version in ("3.0", "4.0"):
        ET.SubElement(offered, f"{CARD}address-data-type", {"content-type": "text/vcard", "version": version})


def _truncated(path: str) -> ET.Element:
    """RFC 6352 8.6.1: there is more than was asked for."""
    response = ET.Element(f"{DAV}response")
    ET.SubElement(response, f"{DAV}href").text = PREFIX + path
    ET.SubElement(
        response, f"{DAV}status"
    ).text = f"HTTP/1.1 {HTTPStatus.INSUFFICIENT_STORAGE.value} Insufficient Storage"
    return response
