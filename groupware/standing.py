"""Which wrong passwords an attempt is reckoned among: an official is kept out by their own mistakes, not by others'.

Three kinds of attempts have failures of their own, so that a flood of guesses at a name reaches none of the first two:

- from a browser that signed in as this name before (OWASP's device cookie; directory.devices), or whose session is
  open: reckoned by that browser alone;
- from a network that this name signed in from before (directory.known_sites): by name and network, and by the network;
- from anywhere else: by the name, by the network, and by the two together.

The last kind is where guessing is held back: with a name's free failures gone it has one check a second
(groupware.password_gate). A network whose first `FREE` tries at the name these are doesn't wait for that second, only
for its turn: otherwise whoever guesses three times a second from many networks keeps a traveller out. It costs `FREE`
guesses for each network (IPv4 /24, IPv6 /48) in fifteen minutes, and six a second at the most, however many there are.
Where even that isn't enough, whoever comes from where few others do (IPv4 /16, IPv6 /32) goes first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import devices, known_sites, login_failures, passwords
from groupware.password_gate import UNHURRIED, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot

FREE = 3
_NEVER = 0


def in_session(snapshot: Snapshot, official: int) -> Standing:
    """Of somebody who shows once more that it is them."""
    return _at(snapshot, (f"session:{official}",), 0)


def of(snapshot: Snapshot, key: bytes, name: str, official: int, address: str, device: str) -> Standing:
    """Of an attempt at a name, which may be nobody's (0); `device` is what the browser's cookie says."""
    changed = passwords.changed(snapshot.connection, official) or _NEVER
    browser = devices.known(key, device, official, changed)
    near = known_sites.knows(snapshot.connection, key, official, login_failures.site(address), snapshot.now)
    if browser and changed:
        return _at(snapshot, (f"device:{browser}",), 0)
    networks, both = login_failures.of_address(address), login_failures.of_both(name, address)
    if near:
        return _at(snapshot, (f"near:{both}", *networks), 1)
    stranger = _of_stranger(snapshot, login_failures.of_name(name), networks, both)
    return replace(stranger, region=login_failures.region(address))


def _of_stranger(snapshot: Snapshot, name: str, networks: Sequence[str], both: str) -> Standing:
    tried = login_failures.failures(snapshot.connection, both, snapshot.now)
    found = _at(snapshot, (name, *networks, both), 2 + tried)
    if name not in found.throttled or tried >= FREE:
        return found
    return replace(found, throttled=found.throttled - {name} | {f"{UNHURRIED}{name}"})


def _at(snapshot: Snapshot, keys: tuple[str, ...], place: int) -> Standing:
    return Standing(keys, login_failures.throttled(snapshot.connection, keys, snapshot.now), place)
