"""Coverage-guided fuzzing of everything that reads a stranger's bytes: `make fuzz`.

    python tests/fuzz/fuzz_log.py TARGET [libFuzzer's options]

Whatever the bytes are, a parser either gives them back byte for byte or raises its own error, and a
verdict is a verdict. Seeds are the vector files' own inputs.
"""

import io
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from zipfile import ZipFile

import atheris

with atheris.instrument_imports():
    from assent.errors import BadProof, NotProved
    from assent.log.checkpoint import parse_signed
    from assent.log.note import format_note, parse_note
    from assent.log.policy import parse_policy
    from assent.log.proof import format_proof, parse_proof
    from assent.log.receipt import check_receipt
    from assent.log.tile import parse_bundle, parse_tile_path
    from assent.log.witness import parse_request
    from assent.training.evidence_check import check_evidence

VECTORS = Path(__file__).parents[1] / "vectors" / "log"
NOTES, RECEIPTS = (json.loads((VECTORS / f"{it}.json").read_text()) for it in ("notes", "receipts"))
POLICY = parse_policy(RECEIPTS["policies"]["two witnesses"].encode())
SAID = [
    json.dumps([found.record, found.entry, found.shown, str(found.claim)])
    for case in RECEIPTS["cases"]
    if (found := check_receipt(b64decode(case["data_b64"]), POLICY)).holds
]
"""All that a receipt which holds can say: whoever makes another one has forged a signature."""


def note(data: bytes) -> None:
    assert format_note(parse_note(data)) == data


def checkpoint(data: bytes) -> None:
    parse_signed(data)


def policy(data: bytes) -> None:
    parse_policy(data)


def proof(data: bytes) -> None:
    assert format_proof(parse_proof(data)) == data


def receipt(data: bytes) -> None:
    found = check_receipt(data, POLICY)
    said = json.dumps([found.record, found.entry, found.shown, str(found.claim)])
    assert not found.holds or said in SAID


def tile(data: bytes) -> None:
    path = data.decode("utf-8", "surrogateescape")
    assert str(parse_tile_path(path)) == path


def bundle(data: bytes) -> None:
    for width in (1, 2, 256):
        parse_bundle(data, width)


def request(data: bytes) -> None:
    parse_request(data)


def evidence(data: bytes) -> None:
    assert not check_evidence(io.BytesIO(data), POLICY).holds


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (note, checkpoint, policy, proof, receipt, tile, bundle, request, evidence)
}


def seeds(name: str) -> list[bytes]:
    """Return what a target starts from."""
    cases = {
        "note": NOTES["notes"],
        "checkpoint": NOTES["checkpoints"],
        "policy": NOTES["policies"],
        "proof": NOTES["proofs"],
        "receipt": RECEIPTS["cases"],
    }.get(name, [])
    given = [b64decode(case["data_b64"]) for case in cases if "data_b64" in case]
    return given or [b"tile/0/x001/234.p/7", b"old 0\n\n", b"\0\1a", _archive()]


def _archive() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("evidence.note", b"assent evidence 1\n\n")
    return file.getvalue()


def main() -> None:
    name = sys.argv.pop(1)
    target = TARGETS[name]
    corpus = Path(mkdtemp(prefix=f"fuzz-{name}-"))
    for number, seed in enumerate(seeds(name)):
        (corpus / str(number)).write_bytes(seed)
    sys.argv.append(str(corpus))

    def run(data: bytes) -> None:
        with suppress(BadProof, NotProved):
            target(data)

    atheris.Setup(sys.argv, run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
