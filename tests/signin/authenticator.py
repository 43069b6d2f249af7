"""A device with passkeys, in software: it makes and shows them as browsers hand them on.

Source: W3C Web Authentication Level 3, sections 6.1, 6.5 and 8.7.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    private: ec.EllipticCurvePrivateKey
    handle: bytes
    signs: int = 0


@dataclass
class Device:
    """A device.

    Args:
        origin: Where the pages come from that its browser shows.
        host: The name that its passkeys are bound to.
        flags: What it says of its person: present, and checked.
    """

    origin: str = "http://testserver"
    host: str = "testserver"
    flags: int = PRESENT | VERIFIED
    keys: dict[bytes, Key] = field(default_factory=dict)

    def create(self, options: dict[str, Any]) -> str:
        """Make a passkey; return what the browser hands on, as JSON."""
        private = ec.generate_private_key(ec.SECP256R1())
        id = sha256(str(private.private_numbers().private_value).encode()).digest()  # noqa: A001  # as the standard calls it
        self.keys[id] = Key(private, raw(options["user"]["id"]))
        point = private.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        data = self._data(self.flags | ATTESTED, 0) + bytes(16)
        data += len(id).to_bytes(2, "big") + id + cose
        return self._handed_on(
            id,
            clientDataJSON=text(self._said("webauthn.create", options)),
            attestationObject=text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        )

    def get(self, options: dict[str, Any]) -> str:
        """Show the only passkey; return what the browser hands on, as JSON."""
        [(id, key)] = self.keys.items()  # noqa: A001  # as the standard calls it
        key.signs += 1
        data, said = self._data(self.flags, key.signs), self._said("webauthn.get", options)
        signature = key.private.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._handed_on(
            id,
            clientDataJSON=text(said),
            authenticatorData=text(data),
            signature=text(signature),
            userHandle=text(key.handle),
        )

    def _data(self, flags: int, signs: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + signs.to_bytes(4, "big")

    def _said(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _handed_on(self, id: bytes, **response: str) -> str:  # noqa: A002  # as the standard calls it
        return json.dumps(
            {
                "id": text(id),
                "rawId": text(id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )
