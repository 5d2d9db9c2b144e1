"""An authenticator in software, for tests: ES256, resident, user verified (WebAuthn level 3, 6.1 and 8.7)."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def plain(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftKey:
    """What a browser and its authenticator answer at `origin`; the fields may be bent to answer wrongly."""

    origin: str
    host: str = "localhost"
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    handle: bytes = b""
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """The answer to navigator.credentials.create()."""
        asked = json.loads(options)
        self.handle = plain(asked["user"]["id"])
        attested = bytes(16) + struct.pack(">H", len(self.name)) + self.name + self._public()
        data = self._data(ATTESTED) + attested
        response = {"attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}))}
        return self._answer("webauthn.create", asked["challenge"], response)

    def get(self, options: str) -> str:
        """The answer to navigator.credentials.get()."""
        self.counter += 1
        challenge = json.loads(options)["challenge"]
        data = self._data()
        signed = data + hashlib.sha256(self._client("webauthn.get", challenge)).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {"authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(self.handle)}
        return self._answer("webauthn.get", challenge, response)

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", self.flags | more, self.counter)

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, kind: str, challenge: str, response: dict[str, Any]) -> str:
        response = {"clientDataJSON": b64(self._client(kind, challenge)), **response}
        name = b64(self.name)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
