"""What somebody hands in to show that it is them, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """The portal as a browser knows it: `host` is its name (the relying party's id), `origin` begins with https://."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One of them, the others empty. `code` is the app's or a recovery code; `passkey` what the browser answered."""

    password: str = ""
    code: str = ""
    passkey: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A proof, for which page, from where. `asker` is the token that the challenge was bound to."""

    proof: Proof
    purpose: str
    asker: str
    site: Site
    address: str
