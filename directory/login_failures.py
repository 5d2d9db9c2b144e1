"""Wrong secrets, counted for all doors together: by the name that was tried and by the network it came from.

After a few free failures each further one makes the answer slower, twice as slow every time up to a second; fifteen
minutes without one forget them. Successes neither count nor reset: whoever guesses must not be helped by the
mail client that signs in correctly every minute. Nothing here refuses anybody: `groupware.sign_in` says what a
throttled key means.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from directory.tables import login_failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_SECOND = 1_000_000
FREE_LOGIN = 5
FREE_NETWORK = 50
"""A network is a whole ministry behind one address, so it has more failures free than a name."""
FREE_SITE = 200
"""An IPv6 /48 is a whole site, with 65,536 networks to choose from."""
_FREE = {"net": FREE_NETWORK, "site": FREE_SITE}
SLOWEST = _SECOND
_FASTEST = _SECOND // 16
FORGET = 15 * 60 * _SECOND

_FIND = select(login_failure.c.failures, login_failure.c.next_allowed).where(login_failure.c.key == bindparam("of"))
_SET = (
    update(login_failure)
    .where(login_failure.c.key == bindparam("of"))
    .values(failures=bindparam("count"), next_allowed=bindparam("until"))
)
_ADD = insert(login_failure)
_SWEEP = delete(login_failure).where(login_failure.c.next_allowed <= bindparam("before"))


def keys(name: str, address: str) -> tuple[str, ...]:
    """What an attempt counts for: the name first, then where it comes from.

    A login and its address are one name, known or not; see `network` and `site`.
    """
    return of_name(name), *of_address(address)


def of_name(name: str) -> str:
    """What attempts at a name count for together."""
    return f"login:{name.partition('@')[0]}"


def of_address(address: str) -> tuple[str, ...]:
    """What attempts from a network count for together; for IPv6 its site, too."""
    small, large = network(address), site(address)
    return (f"net:{small}",) if small == large else (f"net:{small}", f"site:{large}")


def of_both(name: str, address: str) -> str:
    """What attempts at one name from one site count for."""
    return f"both:{site(address)} {name.partition('@')[0]}"


def network(address: str) -> str:
    """The /24 of an IPv4 address, the /64 of an IPv6 one (a client chooses the rest of it freely); "" if it is none."""
    return _network(address, 64)


def site(address: str) -> str:
    """The same, but the /48 of an IPv6 address: whoever has one has all the networks in it."""
    return _network(address, 48)


def region(address: str) -> str:
    """The /16 of an IPv4 address, the /32 of an IPv6 one: what one provider's networks have in common, roughly."""
    return _network(address, 32, 16)


def of_codes(official: int) -> str:
    """What wrong one-time codes count for: only who has the password gets as far as trying one."""
    return f"code:{official}"


def failures(connection: Connection, key: str, now: int) -> int:
    """How many are not forgotten yet."""
    return _count(connection, key, now)


def throttled(connection: Connection, of: Sequence[str], now: int) -> frozenset[str]:
    """Those keys that have no free failures left."""
    return frozenset(key for key in of if _pause(key, _count(connection, key, now)))


def note(connection: Connection, of: Sequence[str], now: int) -> int:
    """Count one more failure for each key and return for how long, in microseconds, its answer waits."""
    return max(_note(connection, key, now) for key in of)


def sweep(connection: Connection, now: int) -> int:
    """Drop what is forgotten; return how many keys that were."""
    return connection.execute(_SWEEP, {"before": now - FORGET}).rowcount


def _network(address: str, of_six: int, of_four: int = 24) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.version == 6:  # noqa: PLR2004 -- the name of the protocol
        ip = ip.ipv4_mapped or ip
    return str(ip_network((int(ip), of_four if ip.version == 4 else of_six), strict=False))  # noqa: PLR2004 -- as above


def _note(connection: Connection, key: str, now: int) -> int:
    count = _count(connection, key, now) + 1
    pause = _pause(key, count)
    row = {"count": count, "until": now + pause}
    if not connection.execute(_SET, {"of": key, **row}).rowcount:
        connection.execute(_ADD, {"key": key, "failures": count, "next_allowed": now + pause})
    return pause


def _count(connection: Connection, key: str, now: int) -> int:
    row = connection.execute(_FIND, {"of": key}).first()
    return 0 if row is None or row.next_allowed + FORGET <= now else int(row.failures)


def _pause(key: str, count: int) -> int:
    over = count - _FREE.get(key.partition(":")[0], FREE_LOGIN)
    return 0 if over <= 0 else min(SLOWEST, _FASTEST << min(over - 1, 8))
