"""Edge cases of Ed25519, by us, by Python's library and by Web Cryptography in Node.

The vectors are C2SP/CCTV's; their flags say what each one has that others quarrel about.
"""

import json
import subprocess
from functools import cache
from shutil import which
from typing import NamedTuple

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assent.log.note import ED25519, Signer, VerifierKey, verify_ed25519
from tests.log.made import outcome
from tests.log.trees import VECTORS, needs
from tests.log.vectors_notes import SMALL_ORDER, L, seed, small_order_signature

FILE = VECTORS / "ed25519" / "ed25519vectors.json"
NODE = which("node")
needs_node = pytest.mark.skipif(  # a second implementation; Python's meets the vectors without
    NODE is None, reason="node, for its Web Cryptography, is not here"
)
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


class Case(NamedTuple):
    number: int
    key: bytes
    message: bytes
    signature: bytes
    flags: frozenset[str]


@cache
def cases() -> tuple[Case, ...]:
    return tuple(
        Case(
            row["number"],
            bytes.fromhex(row["key"]),
            row["msg"].encode(),
            bytes.fromhex(row["sig"]),
            frozenset(row["flags"] or ()),
        )
        for row in json.loads(FILE.read_text())
    )


def by_the_library(case: Case) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(case.key).verify(case.signature, case.message)
    except InvalidSignature:
        return False
    return True


def key_is_usable(public: bytes) -> bool:
    return outcome(lambda: VerifierKey.of("a", ED25519, public)) == "ok"


def verifies(case: Case) -> bool:
    return verify_ed25519(case.key, case.message, case.signature)


@needs("ed25519")
def test_of_914_cases_the_library_accepts_208_and_we_those_whose_r_is_not_of_small_order() -> None:
    assert len(cases()) == 914
    library = {case.number for case in cases() if by_the_library(case)}
    ours = {case.number for case in cases() if verifies(case)}
    small_r = {case.number for case in cases() if "low_order_R" in case.flags}
    assert len(library) == 208
    assert ours == library - small_r
    assert len(ours) == 109


@needs("ed25519")
def test_keys_of_small_order_or_encoded_twice_are_refused_and_no_others() -> None:
    for case in cases():
        usable = not case.flags & {"low_order_A", "non_canonical_A"}
        assert key_is_usable(case.key) == usable, case.number
    held = [case for case in cases() if verifies(case) and key_is_usable(case.key)]
    assert len(held) == 43
    # one is plain; the others' signers put a part of small order into their own keys
    assert [case.flags for case in held if "low_order_component_A" not in case.flags] == [set()]


NODE_PROGRAM = """
const { subtle } = globalThis.crypto;
const bytes = (hex) => Buffer.from(hex, "hex");
const accepted = [];
(async () => {
  for (const row of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    try {
      const key = await subtle.importKey("raw", bytes(row.key), "Ed25519", false, ["verify"]);
      const message = Buffer.from(row.msg, "utf8");
      if (await subtle.verify("Ed25519", key, bytes(row.sig), message)) accepted.push(row.number);
    } catch (error) {
      if (error.name !== "DataError") throw error;
    }
  }
  console.log(JSON.stringify(accepted));
})();
"""


@needs("ed25519")
@needs_node
def test_nodes_web_cryptography_accepts_what_the_library_does() -> None:
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--no-warnings", "-e", NODE_PROGRAM],
        input=FILE.read_bytes(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout) == [case.number for case in cases() if by_the_library(case)]


# ---- the curve a second way: points are added up, by the law of the curve alone


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    common = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + common, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - common, -1, P)
    return x % P, y % P


def times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def points(encoded: bytes) -> list[tuple[int, int]]:
    """The points of an encoded y, whatever its sign: none, one or two."""
    y = (int.from_bytes(encoded, "little") & (2**255 - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    roots = {root, root * pow(2, (P - 1) // 4, P) % P}
    return [(x, y) for r in roots if r * r % P == square for x in {r, -r % P}]


def test_there_are_eight_points_of_small_order_and_each_has_its_encodings_in_the_table() -> None:
    every = {point for encoded in SMALL_ORDER for point in points(encoded)}
    assert len(every) == 8
    assert all(times(8, point) == (0, 1) for point in every)
    assert {add(one, other) for one in every for other in every} == every
    ys = {y for _, y in every}
    encodings = {
        (number + (sign << 255)).to_bytes(32, "little")
        for y in ys
        for number in (y, y + P)
        if number < 2**255
        for sign in (0, 1)
    }
    assert encodings == set(SMALL_ORDER)


def test_a_key_is_usable_if_it_is_a_point_of_its_only_encoding_and_of_large_order() -> None:
    near = [(2**255 - 1 - n).to_bytes(32, "little") for n in range(40)]
    low = [n.to_bytes(32, "little") for n in range(200)]
    signed = [bytes([*encoded[:31], encoded[31] | 0x80]) for encoded in (*near, *low)]
    usable = 0
    for encoded in (*near, *low, *signed, *SMALL_ORDER):
        y = int.from_bytes(encoded, "little") & (2**255 - 1)
        found = points(encoded)
        large = bool(found) and times(8, found[0]) != (0, 1)
        assert key_is_usable(encoded) == (y < P and large), encoded.hex()
        usable += key_is_usable(encoded)
    assert usable > 100


def test_a_signature_that_openssl_takes_and_browsers_need_not_is_refused() -> None:
    signer = Signer.of("a", seed("forger"))
    value = small_order_signature(signer.seed, b"message")
    Ed25519PublicKey.from_public_bytes(signer.vkey.public).verify(value, b"message")
    assert not verify_ed25519(signer.vkey.public, b"message", value)
    honest = signer.sign(b"message").value
    assert verify_ed25519(signer.vkey.public, b"message", honest)
    beyond = int.from_bytes(honest[32:], "little") + L
    assert not verify_ed25519(
        signer.vkey.public, b"message", honest[:32] + beyond.to_bytes(32, "little")
    )
