"""Programs that officials may sign on to through ICONet. The operator alone adds and removes them."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from hashlib import blake2b
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import Row, bindparam, delete, insert, select, update

from directory import bodies
from directory.oidc_tables import oidc_client, oidc_consent, oidc_logout, oidc_sign_on, oidc_token
from directory.tables import area
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from groupware.provider.keys import ALGORITHMS, ES256
from groupware.provider.sealing import derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from groupware.store import Snapshot, Tx

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
LONGEST_URI = 1000
LONGEST_TITLE = 100
_LISTS = ("redirects", "returns", "bodies", "areas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """`name` is its client_id. It serves the officials of `bodies` who may enter a room of `areas`; empty means all.

    `redirects` are where codes may go, `returns` where a browser may go after signing out, `back_channel` where it is
    told of that. A `first_party` client needs no consent; `refreshes`: it gets refresh tokens; `introspects`: it may
    ask about tokens of other clients.
    """

    name: str
    title: str
    redirects: tuple[str, ...]
    returns: tuple[str, ...] = ()
    back_channel: str = ""
    bodies: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    algorithm: str = ES256
    first_party: bool = False
    refreshes: bool = False
    introspects: bool = False
    public: bool = False
    id: int = 0
    created: int = 0


_c = oidc_client.c
_ALL = select(oidc_client).order_by(_c.name)
_FIND = select(oidc_client).where(_c.name == bindparam("wanted"))
_GET = select(oidc_client).where(_c.id == bindparam("wanted"))
_ADD = insert(oidc_client)
_KEEP = update(oidc_client).where(_c.id == bindparam("this"))
_AREAS = select(area.c.code).where(area.c.code.in_(bindparam("codes", expanding=True)))
_ITS = select(oidc_sign_on.c.id).where(oidc_sign_on.c.client == bindparam("of"))
_REMOVE = (
    delete(oidc_logout).where(oidc_logout.c.sign_on.in_(_ITS)),
    delete(oidc_token).where(oidc_token.c.sign_on.in_(_ITS)),
    delete(oidc_sign_on).where(oidc_sign_on.c.client == bindparam("of")),
    delete(oidc_consent).where(oidc_consent.c.client == bindparam("of")),
    delete(oidc_client).where(_c.id == bindparam("of")),
)


def secret() -> str:
    """A client's secret, of 256 random bits: its operator sees it once."""
    return secrets.token_urlsafe(32)


def add(tx: Tx, key: bytes, client: Client, given: str) -> None:
    """Add a client with the secret `given`; Refused with the cause, Conflict if the name is taken."""
    client = _fit(tx, client)
    if find(tx, client.name) is not None:
        raise Conflict("client-exists", f"there is a client {client.name} already")
    number = tx.insert(_ADD, {**_row(client), "secret": _digest(key, client, given), "created": tx.now})
    tx.record(EventKind.CLIENT_CHANGED, number)


def have(tx: Tx, key: bytes, client: Client, given: str) -> None:
    """Add one of ICONet's own clients, or bring it up to date."""
    known = find(tx, client.name)
    if known is None:
        add(tx, key, client, given)
    else:
        client = _fit(tx, client)
        values = {**_row(client), "secret": _digest(key, client, given)}
        tx.connection.execute(_KEEP.values(**values), {"this": known.id})


def remove(tx: Tx, name: str) -> None:
    """Remove a client with all tokens that it has. NotFound."""
    known = find(tx, name)
    if known is None:
        raise NotFound(name)
    for statement in _REMOVE:
        tx.connection.execute(statement, {"of": known.id})
    tx.record(EventKind.CLIENT_CHANGED, known.id)


def every(snapshot: Snapshot) -> Sequence[Client]:
    """All clients, by name."""
    return [_client(row) for row in snapshot.connection.execute(_ALL)]


def find(snapshot: Snapshot, name: str) -> Client | None:
    """The client with this client_id."""
    return _first(snapshot, _FIND, name)


def get(snapshot: Snapshot, number: int) -> Client:
    """The client of a sign-on; LookupError if it is gone."""
    found = _first(snapshot, _GET, number)
    if found is None:
        raise LookupError(number)
    return found


def proven(snapshot: Snapshot, key: bytes, name: str, given: str) -> Client | None:
    """The client that knows its secret (RFC 6749 2.3.1); a public one has none, and gives none."""
    row = snapshot.connection.execute(_FIND, {"wanted": name}).first()
    if row is None:
        return None
    client = _client(row)
    if client.public:
        return None if given else client
    return client if hmac.compare_digest(_digest(key, client, given), bytes(row.secret)) else None


def is_place(uri: str) -> bool:
    """Whether codes, browsers and logout tokens may be sent there: https, or http on this machine (RFC 8252 7.3)."""
    if len(uri) > LONGEST_URI or not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        whole = bool(host) and parts.port != 0
    except ValueError:
        return False
    plain = "#" not in uri and parts.username is None and parts.password is None
    return whole and plain and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _fit(tx: Tx, client: Client) -> Client:
    """The client with bodies' codes as the directory writes them. Raises Refused."""
    _require_form(client)
    found = {code: bodies.find(tx.connection, code) for code in client.bodies}
    known = set(tx.connection.scalars(_AREAS, {"codes": list(client.areas)}))
    missing = [*(code for code, each in found.items() if each is None), *(set(client.areas) - known)]
    if missing:
        raise Refused("client-serves-nobody", f"there is no {', '.join(sorted(missing))}")
    return replace(client, bodies=tuple(each.code for each in found.values() if each))


def _require_form(client: Client) -> None:
    if not _NAME.fullmatch(client.name) or client.algorithm not in ALGORITHMS:
        text = f"{client.name!a} is no client_id: small letters, digits and . _ - after the first, at most 63"
        raise Refused("client-malformed", text)
    if not client.title.isprintable() or not 0 < len(client.title) <= LONGEST_TITLE:
        raise Refused("client-title", f"its name for people is one line of 1 to {LONGEST_TITLE} characters")
    if not client.redirects and not client.introspects:
        raise Refused("client-without-redirect", "it has nowhere to send codes to (a redirect), and asks of no tokens")
    for uri in (*client.redirects, *client.returns, *filter(None, (client.back_channel,))):
        if not is_place(uri):
            raise Refused("client-uri", f"{uri} is neither https nor this machine, or has a fragment or a user in it")


def _digest(key: bytes, client: Client, given: str) -> bytes:
    """256 random bits need no slow hash."""
    text = f"{client.name}\n{given}".encode("utf-8", "surrogatepass")
    return b"" if client.public else blake2b(text, key=derived(key, "client secrets"), digest_size=32).digest()


def _row(client: Client) -> dict[str, Any]:
    plain = {name: getattr(client, name) for name in ("name", "title", "back_channel", "algorithm")}
    flags = {name: getattr(client, name) for name in ("first_party", "refreshes", "introspects")}
    return {**plain, **flags, **{name: " ".join(getattr(client, name)) for name in _LISTS}}


def _client(row: Row[Any]) -> Client:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001 -- the public name of a row's mapping
    kept = values.pop("secret")
    lists = {name: tuple(values[name].split()) for name in _LISTS}
    return Client(**{**values, **lists}, public=not kept)


def _first(snapshot: Snapshot, statement: Select[Any], wanted: int | str) -> Client | None:
    row = snapshot.connection.execute(statement, {"wanted": wanted}).first()
    return None if row is None else _client(row)
