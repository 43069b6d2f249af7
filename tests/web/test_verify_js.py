"""The page's verifier, run in Node: vectors, laws, and the answers that Python's verifier gives.

`receipts.py` makes the files from docs/log.md alone, so three readings of it meet here.
"""

import io
import json
import subprocess
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import which
from struct import pack
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.acts.logs import Logs
from assent.log.note import verify_ed25519
from assent.log.policy import parse_policy
from assent.log.receipt import check_receipt
from assent.training.forget import forget
from tests.log import vectors_notes, vectors_prefix
from tests.training.evidence_lies import Files, files_of, packed
from tests.training.evidence_story import UNKNOWN, Told, evidence_of, tell
from tests.web import receipts as made

HERE = Path(__file__).parent
VERIFY_JS = HERE.parents[1] / "src" / "assent" / "web" / "verifier" / "verify.js"
VECTORS = HERE.parent / "vectors" / "log"
CCTV = HERE.parents[2] / "shared" / "vectors" / "ed25519" / "ed25519vectors.json"
NODE = which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node, which runs the verifier, is missing")
needs_cctv = pytest.mark.skipif(
    not CCTV.is_file(), reason="the Ed25519 vectors are not in `shared/vectors` beside the project"
)

Case = dict[str, Any]
NOW = made.NOW
POLICY = made.b64(made.POLICY)
AT = datetime.fromtimestamp(NOW, UTC)
STATEMENT, RECORDING, USE, SET, ERASURE = (
    made.said_of(kind) for kind in ("statement", "recording", "use", "training-set", "erasure")
)


def answers(cases: Sequence[Case]) -> list[Any]:
    """What the verifier says to each case; {"raised": reason} where it refuses."""
    assert NODE is not None
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(
        [NODE, "--no-warnings", HERE / "verify_vectors.mjs", VERIFY_JS],
        input=lines,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    said = [json.loads(line) for line in done.stdout.split("\n") if line]  # U+2028 ends none
    bugs = [answer for answer in said if answer.get("raised", "").startswith("bug")]
    assert not bugs, bugs[:1]
    assert len(said) == len(cases)
    return [answer.get("gave") if "gave" in answer else answer for answer in said]


def receipt(file: bytes, **more: object) -> Case:
    return {"op": "receipt", "file": made.b64(file), "policy": POLICY, "at": NOW, **more}


def evidence(file: bytes, **more: object) -> Case:
    return receipt(file, **more) | {"op": "evidence"}


def verdicts(*files: bytes, **more: object) -> list[tuple[str, str]]:
    said = answers([receipt(file, **more) for file in files])
    return [(answer["verdict"], answer["reason"]) for answer in said]


def refused(answer: Any) -> str | None:
    """The reason why it refused; None if it did not."""
    return answer.get("raised") if isinstance(answer, dict) else None


# ---- the vectors that Python's verifier reads too


def test_inclusion_is_as_published() -> None:
    cases = json.loads((VECTORS / "inclusion.json").read_text())["cases"]
    said = answers(
        [
            {
                "op": "inclusion",
                "index": case["index"],
                "size": case["size"],
                "leafHash": made.b64(bytes.fromhex(case["leaf_hash"])),
                "path": [made.b64(bytes.fromhex(text)) for text in case["proof"]],
                "root": made.b64(bytes.fromhex(case["root"])),
            }
            for case in cases
        ]
    )
    wrong = [
        case["name"] for case, holds in zip(cases, said, strict=True) if holds != case["valid"]
    ]
    assert not wrong
    # consistency and the paths of tiles are for those who read a log; the page reads files


def both(rows: Sequence[Mapping[str, Any]], case: Callable[[Any], Case]) -> Iterator[Any]:
    """Each vector with what the verifier says to it; its reason must be the same."""
    for row, answer in zip(rows, answers([case(row) for row in rows]), strict=True):
        assert (refused(answer) or "ok") == row["reason"], row["name"]
        if row["valid"]:
            yield row, answer


def test_verifier_keys_are_as_published() -> None:
    rows = vectors_notes.vkeys()
    for row, key in both(rows, lambda row: {"op": "vkey", "text": row["text"]}):
        said = (key["name"], key["id"], key["type"], key["key"])
        assert said == (row["key_name"], row["key_id"], row["kind"], row["public"])


def test_notes_are_as_published() -> None:
    # whose signatures hold is asked of checkpoints under policies, below
    rows = [row | {"reason": "ok"} if row["reason"] == "bad-signature" else row for row in NOTES]
    for row, note in both(rows, lambda row: {"op": "note", "file": row["data_b64"]}):
        assert made.b64(note["text"].encode()) == row["text_b64"]


NOTES = vectors_notes.notes()


def test_checkpoints_are_as_published() -> None:
    rows = vectors_notes.checkpoints()
    for row, said in both(rows, lambda row: {"op": "checkpoint", "file": row["data_b64"]}):
        assert said == {key: row[key] for key in ("origin", "size", "root")}


def test_cosignatures_are_as_published() -> None:
    rows = [row for row in vectors_notes.cosignatures() if "needs" not in row]
    assert len(rows) >= 8
    cases = [
        {"op": "cosignature"} | {name: row[key] for name, key in names.items()}
        for names in [{"vkey": "vkey", "body": "body_b64", "line": "line_b64"}]
        for row in rows
    ]
    for row, time in zip(rows, answers(cases), strict=True):
        if row["valid"]:
            assert time == row["time"]
        elif row["reason"] == "future-time":  # after the year 9999; refused where `at` is known
            assert int(time) > 253402300799
        else:
            assert time is None, row["name"]


def test_policies_are_as_published() -> None:
    rows = vectors_notes.policies()
    for row, policy in both(rows, lambda row: {"op": "policy", "file": row["data_b64"]}):
        assert (len(policy["logs"]), len(policy["witnesses"])) == (row["logs"], row["witnesses"])


def checked(row: Mapping[str, Any]) -> Case:
    file, policy = row["checkpoint_b64"], row["policy_b64"]
    return {"op": "signed", "file": file, "policy": policy, "at": int(row["at"])}


def test_checkpoints_under_policies_are_as_published() -> None:
    rows = [row for row in vectors_notes.policy_checks() if "needs" not in row]
    for row, said in both(rows, checked):
        assert {one["name"]: one["time"] for one in said["cosigned"]} == row["cosigned"]
        assert (said["quorum"], said["newest"]) == (row["witnessed"], row["newest"])
        assert row["log"].startswith(f"{said['log']['name']}+{said['log']['id']}+")


def test_what_only_mldsa_vouches_for_is_not_witnessed_here() -> None:
    rows = [row for row in vectors_notes.policy_checks() if row.get("needs") == ["ml-dsa-44"]]
    assert len(rows) == 4
    for row, said in zip(rows, answers([checked(row) for row in rows]), strict=True):
        assert refused(said) == "unknown-log" or said["quorum"] is False, row["name"]


def test_proofs_are_as_published() -> None:
    rows = vectors_notes.proofs()
    for row, said in both(rows, lambda row: {"op": "proof", "file": row["data_b64"]}):
        assert (said["index"], said["path"]) == (row["index"], row["hashes"])
        extra = said["extra"] and made.b64(bytes.fromhex(said["extra"]))
        assert extra == row["extra_b64"]


def test_prefix_trees_and_their_paths_are_as_published() -> None:
    vectors = vectors_prefix.prefix()

    def b64(text: str) -> str:
        return made.b64(bytes.fromhex(text))

    trees = [
        {
            "op": "prefix",
            "pairs": [
                [b64(part) for part in pair]
                for pair in zip(tree["keys"], tree["values"], strict=True)
            ],
        }
        for tree in vectors["trees"]
    ]
    assert answers(trees) == [tree["root"] for tree in vectors["trees"]]
    cases = [
        {
            "op": "path",
            "path": case["path"],
            "root": b64(case["root"]),
            "key": b64(case["key"]),
            "value": b64(case["value"]) if case["claim"] == "present" else None,
        }
        for case in vectors["cases"]
    ]
    reasons = {True: "ok", False: "bad-prefix"}
    for case, said in zip(vectors["cases"], answers(cases), strict=True):
        reason = refused(said) or reasons[said]
        assert reason == case["reason"], case["name"]


def engine_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@needs_cctv
def test_node_and_pythons_library_accept_the_same_signatures_and_so_do_we_and_python() -> None:
    rows = json.loads(CCTV.read_text())
    parts = [
        (bytes.fromhex(row["key"]), row["msg"].encode(), bytes.fromhex(row["sig"])) for row in rows
    ]
    names = ("key", "message", "signature")
    given = [
        dict(zip(names, (made.b64(one) for one in part), strict=True)) | {"op": op}
        for op in ("engine", "ed25519", "weak")
        for part in parts
    ]
    said = answers(given)
    engine, ours, weak = (said[i : i + len(rows)] for i in range(0, len(said), len(rows)))
    assert engine == [engine_accepts(*part) for part in parts]
    assert ours == [verify_ed25519(*part) for part in parts]
    assert weak == [
        bool({"low_order_A", "non_canonical_A"} & set(row["flags"] or ())) for row in rows
    ]
    assert (sum(engine), sum(ours)) == (208, 109)


# ---- receipts


def test_every_kind_of_event_has_a_receipt_that_holds() -> None:
    files = [made.Proof(said=said).bytes() for said in made.EVENTS]
    files += [made.Proof(said=said, log=made.INDEX).bytes() for said in made.INDEXED]
    assert set(verdicts(*files)) == {("valid", "ok")}


def test_a_valid_receipt_tells_what_when_where_and_who_saw_it() -> None:
    shown = {"by": "Ada", "holders": [made.listed(made.HOLDERS, index) for index in (4, 0)]}
    [said] = answers([receipt(made.Proof(said=RECORDING, shown=shown).bytes())])
    what = said["what"]
    assert said["verdict"] == "valid"
    assert (what["kind"], what["at"], what["number"]) == ("recording", RECORDING.at, 3)
    assert (what["log"], what["index"], what["size"]) == (
        made.CONSENT.name,
        "2",
        str(len(made.EVENTS)),
    )
    assert what["body"]["title"] == RECORDING.body["title"]
    assert what["shown"] == shown
    assert what["newest"] == str(made.COSIGNED)
    assert [(one["name"], one["time"]) for one in what["witnesses"]] == [
        ("ada", str(made.COSIGNED)),
        ("ben", str(made.COSIGNED)),
    ]


def test_an_erased_one_tells_its_kind_and_hour_and_nothing_else() -> None:
    file = made.Proof(said=STATEMENT, extra={"entry": STATEMENT.entry}).bytes()
    [said] = answers([receipt(file)])
    assert (said["verdict"], said["reason"]) == ("valid, content erased", "erased")
    what = said["what"]
    assert (what["kind"], what["at"]) == ("statement", "2025-02-06T09Z")
    assert (what["body"], what["number"], what["shown"]) == (None, None, {})


def test_an_entry_that_everybody_may_read_is_shown_though_its_record_is_gone() -> None:
    terms = made.EVENTS[0]
    [said] = answers([receipt(made.Proof(said=terms, extra={"entry": terms.entry}).bytes())])
    assert said["verdict"] == "valid, content erased"
    assert said["what"]["body"] == terms.entry["b"]


def test_fewer_witnesses_than_the_quorum_is_unwitnessed_and_none_needed_is_valid() -> None:
    few = [made.Proof(said=STATEMENT, witnesses=made.WITNESSES[:n]).bytes() for n in (0, 1, 2, 3)]
    assert [verdict for verdict, _ in verdicts(*few)] == ["unwitnessed"] * 2 + ["valid"] * 2
    trusting = made.POLICY.replace(b"quorum all-of-them", b"quorum none")
    assert verdicts(few[0], policy=made.b64(trusting)) == [("valid", "ok")]
    assert verdicts(few[0], policy=made.b64(trusting), maxAge=1) == [("stale", "no-time")]


def test_a_cosignature_is_too_old_a_second_after_the_age_asked_for() -> None:
    file = made.Proof(said=STATEMENT).bytes()
    age = NOW - made.COSIGNED
    assert verdicts(file, maxAge=age) == [("valid", "ok")]
    assert verdicts(file, maxAge=age - 1) == [("stale", "too-old")]


def test_a_witness_may_be_five_minutes_ahead_and_no_more() -> None:
    file = made.Proof(said=STATEMENT).bytes()
    assert verdicts(file, at=made.COSIGNED - 300) == [("valid", "ok")]
    assert verdicts(file, at=made.COSIGNED - 301) == [("invalid", "future-time")]
    late = made.Proof(said=STATEMENT, time=2**63 - 1).bytes()
    assert verdicts(late) == [("invalid", "future-time")]
    assert verdicts(made.Proof(said=STATEMENT, time=2**63).bytes()) == [
        ("invalid", "bad-signature")
    ]


def test_the_worst_verdict_wins() -> None:
    gone = {"entry": STATEMENT.entry}
    old = made.Proof(said=STATEMENT, extra=gone)
    unseen = replace(old, witnesses=())
    wrong = replace(unseen, extra={"entry": RECORDING.entry})
    said = verdicts(old.bytes(), unseen.bytes(), wrong.bytes(), maxAge=1)
    assert said == [("stale", "too-old"), ("unwitnessed", "quorum"), ("invalid", "bad-inclusion")]


def test_one_log_does_not_sign_for_another() -> None:
    proof = made.Proof(said=STATEMENT)
    text = proof.checkpoint()
    borrowed = proof.bytes().replace(
        made.CONSENT.sign(text).encode(), made.INDEX.sign(text).encode()
    )
    assert verdicts(borrowed) == [("invalid", "unknown-log")]


def test_what_is_no_receipt_says_why() -> None:
    file = made.Proof(said=STATEMENT).bytes()
    stranger = made.POLICY.replace(made.CONSENT.vkey.encode(), made.ELSEWHERE.vkey.encode())
    assert verdicts(
        b"", b"GIF89a", file[:-1], file + b"x", bytes(1 << 20), bytes((1 << 20) + 1)
    ) == [
        ("invalid", "wrong-format"),
        ("invalid", "wrong-format"),
        ("invalid", "malformed"),
        ("invalid", "malformed"),
        ("invalid", "wrong-format"),
        ("invalid", "too-large"),
    ]
    assert verdicts(file, policy=made.b64(stranger)) == [("invalid", "unknown-log")]


@pytest.mark.parametrize(
    "extra",
    [
        b'{"a":1,"a":1}',
        b' {"entry":{}}',
        b'{"entry":{"v":1.0}}',
        b'{"entry":"\\ud800"}',
        b'{"entry":"\\u00e9"}',
        b'{"entry":-0}',
        b'{"entry":9007199254740993}',
        b'{"\xff":1}',
        b"[" * 200_000,
        b'{"entry":' + b"[" * 70 + b"]" * 70 + b"}",
        b"null",
    ],
)
def test_json_that_is_written_otherwise_than_the_one_way_is_refused(extra: bytes) -> None:
    [said] = answers([{"op": "canonical", "file": made.b64(extra)}])
    assert (refused(said) == "malformed") == (extra != b"null")
    assert verdicts(made.Proof(said=STATEMENT).around(extra)) == [("invalid", "malformed")]


def test_a_text_about_surrogates_is_no_broken_text() -> None:
    said: made.Json = {
        "title": "\\ud800 is half of \U0001f3b5",
        "__proto__": {"a": 1},
        "é\ue000\U0001f3b5": 0,
    }
    [written] = answers([{"op": "canonical", "file": made.b64(rfc8785.dumps(said))}])
    assert written.encode() == rfc8785.dumps(said)


# ---- proofs about a recording


def test_word_and_set_proofs_hold_and_tell_of_which_recording() -> None:
    proofs = [made.word_proof(), made.set_proof(0), made.set_proof(1), made.set_proof(99)]
    said = answers([receipt(proof.bytes()) for proof in proofs])
    assert {answer["verdict"] for answer in said} == {"valid"}
    told = [answer["what"]["prefix"] for answer in said]
    assert [one["claim"] for one in told] == ["state", "member", "member", "absent"]
    assert [one["recording"]["id"] for one in told] == ["r0", "r0", "r1", "r99"]
    assert [one["value"] for one in told] == [made.WORD, made.ITEMS[0], made.ITEMS[1], None]


def test_presence_and_absence_are_never_both_proved() -> None:
    there = made.set_proof(0).prefix
    gone = made.set_proof(99).prefix
    assert there is not None
    assert gone is not None
    denied = made.set_proof(99, path=there["path"], registration=there["registration"])
    claimed = made.set_proof(0, path=gone["path"], registration=gone["registration"])
    elsewhere = made.set_proof(99, path=there["path"])
    said = verdicts(denied.bytes(), claimed.bytes(), elsewhere.bytes())
    assert set(said) == {("invalid", "bad-prefix")}


def test_a_proof_stands_on_the_registration_of_the_same_platform() -> None:
    """Else a recording of one platform would be proved absent from the sets of another."""
    trusting = made.POLICY + f"log {made.ELSEWHERE.vkey}\n".encode()
    foreign = made.set_proof(99, registration=made.registration(99, log=made.ELSEWHERE))
    said = verdicts(foreign.bytes(), policy=made.b64(trusting))
    assert said == [("invalid", "bad-registration")]


def test_a_registration_must_hold_name_its_recording_and_be_witnessed() -> None:
    erased = made.registration(0, extra={"entry": RECORDING.entry})
    other = made.Proof(said=STATEMENT).bytes().decode()
    files = [
        made.word_proof(registration=text).bytes()
        for text in (
            erased,
            other,
            made.word_proof().bytes().decode(),
            made.registration()[:-2],
            "",
        )
    ]
    assert set(verdicts(*files)) == {("invalid", "bad-registration")}
    unseen = made.word_proof(registration=made.registration(witnesses=())).bytes()
    assert verdicts(unseen) == [("unwitnessed", "quorum")]


def test_only_an_entry_of_the_index_can_carry_a_claim() -> None:
    proof = made.set_proof(0)
    elsewhere = replace(proof, log=made.CONSENT)
    other = replace(made.word_proof(), said=made.said_of("training-set"))
    assert set(verdicts(elsewhere.bytes(), other.bytes())) == {("invalid", "bad-prefix")}


keys = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.sampled_from(
        [bytes([0] * 31 + [n]) for n in range(9)] + [bytes([n] * 32) for n in (0, 255)]
    ),
)


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(keys, st.binary(min_size=32, max_size=32), max_size=12), keys)
def test_a_tree_of_any_keys_has_the_root_and_paths_of_the_definition(
    tree: dict[bytes, bytes], absent: bytes
) -> None:
    pairs = list(tree.items())
    root = made.b64(made.prefix_root(pairs))
    whole: Case = {"op": "prefix", "pairs": [[made.b64(part) for part in pair] for pair in pairs]}
    cases = [whole]
    for key in {*tree, absent}:
        value = made.b64(tree[key]) if key in tree else None
        path = made.prefix_path(pairs, key)
        right: Case = {
            "op": "path",
            "path": path,
            "root": root,
            "key": made.b64(key),
            "value": value,
        }
        cases += [right, right | {"value": None if value else root}]
    hashed, *held = answers(cases)
    assert bytes.fromhex(hashed) == made.prefix_root(pairs)
    assert held == [True, False] * (len(cases) // 2)


def test_a_leaf_out_of_its_place_shows_no_absence() -> None:
    """Whoever builds a tree could put another's leaf where a key belongs."""
    key, other = bytes(32), b"\xff" * 32
    leaf = sha256(b"\x02" + other + key).digest()
    root = sha256(b"\x03" + leaf + leaf).digest()
    path = {
        "depth": 1,
        "siblings": [leaf.hex()],
        "found": {"key": other.hex(), "value": key.hex()},
    }
    case = {"op": "path", "path": path, "root": made.b64(root), "value": None}
    said = answers([{**case, "key": made.b64(key)}, {**case, "key": made.b64(b"\xfe" * 32)}])
    assert said == [False, True]


def test_a_large_tree_has_the_root_of_the_definition() -> None:
    pairs = [(made.drawn("key", n), made.drawn("value", n)) for n in range(1500)]
    given = [[made.b64(part) for part in pair] for pair in pairs]
    assert answers([{"op": "prefix", "pairs": given}]) == [made.prefix_root(pairs).hex()]


# ---- what was changed is never taken for valid


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value of JSON, the whole first."""
    yield here
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[name], (*here, name))


def inside(value: Any, place: tuple[Any, ...]) -> Any:
    for name in place:
        value = value[name]
    return value


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else in one place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(copy[place[0]], place[1:], new)
    return copy


STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    {"x": 1},
    "ab" * 32,
    "AB" * 32,
    2.0**53,
)


def changed(extra: made.Json) -> Iterator[tuple[tuple[Any, ...], made.Json]]:
    """Every change of one place: something strange there, a field more, a field less."""
    for place in places(extra):
        was = inside(extra, place)
        values = [new for new in STRANGE if type(new) is not type(was) or new != was]
        if isinstance(was, dict):
            values += [{**was, "more": 1}, *({k: was[k] for k in was if k != name} for name in was)]
        for new in values:
            yield place, put(extra, place, new)


PROOFS = [
    made.Proof(said=STATEMENT),
    made.Proof(said=made.EVENTS[0]),
    made.Proof(said=RECORDING, shown={"by": "Ada", "holders": [made.listed(made.HOLDERS, 3)]}),
    made.Proof(said=USE, shown={"counts": [made.listed(made.COUNTS, 2)]}),
    made.Proof(said=STATEMENT, extra={"entry": STATEMENT.entry}),
    made.word_proof(),
    made.set_proof(1),
    made.set_proof(99),
]


def is_less(new: Any, old: made.Json) -> bool:
    """Whether it only says less beside the record, which is anybody's right."""
    if not isinstance(new, dict) or not old.keys() - new.keys() <= {"prefix", "shown"}:
        return False
    alike = all(new[name] == old.get(name) for name in new if name != "shown")
    shown, had = new.get("shown", {}), old.get("shown", {})
    return alike and all(name in had and shown[name] in (had[name], []) for name in shown)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: f"{proof.said.kind} {proof.index}")
def test_a_change_of_any_place_is_seen_and_python_gives_the_same_reason(proof: made.Proof) -> None:
    cases = list(changed(proof.extras()))
    files = [proof.around(rfc8785.dumps(extra)) for _, extra in cases]
    policy = parse_policy(made.POLICY)
    for (place, extra), file, said in zip(cases, files, verdicts(*files), strict=True):
        if said[0] != "invalid":
            assert is_less(extra, proof.extras()), (place, said)
        python = check_receipt(file, policy, at=AT)
        assert said == (python.verdict.value, python.reason), place


def signed_part(file: bytes) -> bytes:
    """All of a receipt down to the log's own signature, and so of the registration in it."""
    end = file.index(b"\n", file.index(f"\u2014 {made.BASE}".encode()))
    head, _, rest = file[:end].partition(b"\nextra ")
    said, _, rest = rest.partition(b"\n")
    extra = json.loads(b64decode(said))
    if "prefix" in extra:
        inner = signed_part(extra["prefix"]["registration"].encode()).decode()
        extra["prefix"]["registration"] = inner
    return b"\n".join((head, rfc8785.dumps(extra), rest))


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: f"{proof.said.kind} {proof.index}")
def test_random_changes_are_always_answered_and_never_taken_for_valid(proof: made.Proof) -> None:
    file = proof.bytes()
    given = {"op": "fuzz", "policy": POLICY, "at": NOW, "times": 500, "seed": 7, "zip": False}
    [said] = answers([{**given, "file": made.b64(file)}])
    assert sum(said["verdicts"].values()) == 500
    for taken in said["taken"]:
        mutated = b64decode(taken["file"])
        if taken["said"].startswith("valid"):
            assert mutated == file
        else:
            assert taken["said"] == "unwitnessed: quorum"
            assert signed_part(mutated) == signed_part(file)


# ---- evidence


def test_an_archive_with_anything_beside_its_files_is_refused() -> None:
    files = made.evidence_files()
    whole = {"evidence.note": made.evidence_note(files), **files}

    def archive(**more: bytes) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
            for name, data in whole.items():
                entry = zipfile.ZipInfo(name, (2025, 3, 1, 0, 0, 0))
                entry.extra, entry.comment = more.get("extra", b""), more.get("comment", b"")
                out.writestr(entry, data, zipfile.ZIP_DEFLATED)
        return held.getvalue()

    extra = pack("<HH", 0x7777, 0)
    plain, *odd = answers(
        [evidence(archive(**more)) for more in ({}, {"extra": extra}, {"comment": b"x"})]
    )
    assert plain["verdict"] == "partly"
    assert [said["reason"] for said in odd] == ["malformed", "malformed"]


def states(answer: Any) -> dict[str, str]:
    return {part["part"]: part["state"] for part in answer["parts"]}


CHECKED = (
    "evidence.note",
    "training-set.tlog-proof",
    "items.jsonl",
    "manifest.parquet",
    "receipts",
)


def test_evidence_holds_part_by_part() -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        [said] = answers([evidence(made.evidence(method=method))])
        assert (said["verdict"], said["reason"]) == ("partly", "not-all-checked")
        assert states(said) == {**dict.fromkeys(CHECKED, "true"), "the grounds": "unknown"}
        assert list(states(said)) == [*CHECKED, "the grounds"]


def test_each_file_that_was_changed_is_named() -> None:
    files = made.evidence_files()
    cases = []
    for name in files:
        note = made.evidence_note(files)
        other = {**files, name: files[name].replace(b"1", b"2")}
        cases.append(evidence(made.zipped({"evidence.note": note, **other})))
    for name, said in zip(files, answers(cases), strict=True):
        assert said["verdict"] == "invalid"
        assert said["parts"][0]["state"] == "false"
        assert said["parts"][0]["text"] == f"not as listed: {name}"


def test_of_many_changed_files_some_are_named_and_the_others_counted() -> None:
    files = made.evidence_files()
    other = dict.fromkeys(files, b"changed") | {"more.txt": b""}
    note = made.evidence_note(files)
    [said] = answers([evidence(made.zipped({"evidence.note": note, **other}))])
    assert said["verdict"] == "invalid"
    named = "items.jsonl, manifest.parquet, more.txt, receipts/1.tlog-proof, receipts/3.tlog-proof"
    assert said["parts"][0]["text"] == f"not as listed: {named} and 4 more"


def test_evidence_that_its_own_platform_made_wrongly_fails_where_it_is_wrong() -> None:
    files = made.evidence_files()
    lines = files["items.jsonl"].splitlines(keepends=True)
    one, two = (pair[1].hex().encode() for pair in sorted(made.MEMBERS)[:2])
    swapped = lines[0].replace(one, two)
    shorter, other, twice = lines[1:], [swapped, *lines[1:]], [lines[0], lines[0], *lines[2:]]
    unsorted = [lines[1], lines[0], *lines[2:]]
    lost = b"receipts/3.tlog-proof"
    changes: list[tuple[str, str, bytes | None]] = [
        ("items.jsonl", "bad-prefix", b"".join(shorter)),
        ("items.jsonl", "bad-prefix", b"".join(other)),
        ("items.jsonl", "bad-prefix", b"".join(twice)),
        ("items.jsonl", "bad-prefix", b"".join(unsorted)),
        ("items.jsonl", "malformed", b"".join(lines)[:-1]),
        ("items.jsonl", "malformed", b"".join(lines).replace(b'{"item"', b'{ "item"')),
        ("items.jsonl", "malformed", b'{"item":{}}\n'),
        ("items.jsonl", "malformed", b"x" * ((1 << 24) + 1) + b"\n"),
        ("items.jsonl", "malformed", b'{"item":[]' + lines[0][lines[0].index(b',"key"') :]),
        ("items.jsonl", "malformed", b'{"item":null,"key":"00"}\n'),
        ("items.jsonl", "malformed", None),
        ("manifest.parquet", "bad-record", b"another"),
        ("manifest.parquet", "malformed", None),
        ("training-set.tlog-proof", "malformed", None),
        ("training-set.tlog-proof", "bad-record", made.word_proof().bytes()),
        ("training-set.tlog-proof", "too-large", bytes((1 << 20) + 1)),
        (
            "training-set.tlog-proof",
            "bad-record",
            made.Proof(said=SET, log=made.INDEX, extra={"entry": SET.entry}).bytes(),
        ),
        ("receipts/4.tlog-proof", "bad-record", made.Proof(said=RECORDING).bytes()),
        ("receipts/04.tlog-proof", "malformed", made.Proof(said=RECORDING).bytes()),
        ("receipts/more", "malformed", made.Proof(said=RECORDING).bytes()),
        ("receipts/1.tlog-proof", "unknown-log", made.Proof(said=SET, log=made.INDEX).bytes()),
        ("receipts/1.tlog-proof", "unknown-log", made.word_proof().bytes()),
        (
            lost.decode(),
            "bad-inclusion",
            made.Proof(said=RECORDING, extra={"entry": STATEMENT.entry}).bytes(),
        ),
    ]
    cases = []
    for name, _, data in changes:
        wrong = {other: kept for other, kept in files.items() if other != name}
        cases.append(evidence(made.evidence({**wrong, **({} if data is None else {name: data})})))
    for (name, reason, _), said in zip(changes, answers(cases), strict=True):
        part = "receipts" if name.startswith("receipts") else name
        assert (said["verdict"], said["reason"]) == ("invalid", reason), name
        assert states(said)[part] == "false"
        assert states(said)["evidence.note"] == "true"
        if part == "training-set.tlog-proof":
            assert states(said)["items.jsonl"] == states(said)["manifest.parquet"] == "unknown"


def test_the_list_must_be_signed_by_a_log_of_the_policy() -> None:
    files = made.evidence_files()
    right = made.evidence_note(files)
    notes = {
        "bad-signature": [
            made.evidence_note(files, signer=made.ELSEWHERE),
            made.evidence_note(files, signer=made.INDEX),
            made.evidence_note(files, signer=made.WITNESSES[0]),
            right.replace(b"evidence 1", b"evidence 2"),
        ],
        "malformed": [right[:-1], b"", b"\xff" + right],
    }
    for reason, wrong in notes.items():
        said = answers([evidence(made.zipped({"evidence.note": note, **files})) for note in wrong])
        assert {(answer["verdict"], answer["reason"]) for answer in said} == {("invalid", reason)}
    signed = "another list 1\n"
    odd = f"{signed}\n{made.CONSENT.sign(signed)}".encode()
    out_of_order = reordered(right)
    cases = [
        evidence(made.zipped({"evidence.note": note, **files})) for note in (odd, out_of_order)
    ]
    said = answers(cases)
    assert [answer["reason"] for answer in said] == ["wrong-format", "malformed"]


def reordered(note: bytes) -> bytes:
    """The list with its first two files in the wrong order, signed all the same."""
    head, first, second, *rest = note.decode().partition("\n\n")[0].split("\n")
    text = "\n".join((head, second, first, *rest)) + "\n"
    return f"{text}\n{made.CONSENT.sign(text)}".encode()


def test_files_that_the_page_does_not_know_are_said_to_be_unchecked() -> None:
    more = {"croissant.json": b"{}", "texts/a": b"", "texts/b": b""}
    [said] = answers([evidence(made.evidence({**made.evidence_files(), **more}))])
    assert said["verdict"] == "partly"
    assert states(said)["other files"] == "unknown"
    assert said["parts"][-1]["text"].endswith("not looked at: croissant.json, texts/")


def test_evidence_is_as_witnessed_as_its_least_witnessed_part() -> None:
    unseen = made.evidence_files(witnesses=())
    old = made.evidence()
    worse = {**unseen, "items.jsonl": b""}
    cases = [evidence(made.evidence(unseen)), evidence(old, maxAge=1)]
    said = answers([*cases, evidence(made.evidence(worse))])
    assert [answer["verdict"] for answer in said] == ["unwitnessed", "stale", "invalid"]


def test_receipts_without_content_are_counted() -> None:
    gone = made.Proof(said=STATEMENT, extra={"entry": STATEMENT.entry}).bytes()
    [said] = answers(
        [evidence(made.evidence({**made.evidence_files(), "receipts/6.tlog-proof": gone}))]
    )
    assert said["verdict"] == "partly"
    assert parts(said)["receipts"]["text"].endswith("; 1 without content")


def parts(answer: Any) -> dict[str, Any]:
    return {part["part"]: part for part in answer["parts"]}


def test_after_an_erasure_members_without_a_name_count_and_the_manifest_may_be_gone() -> None:
    [said] = answers([evidence(made.evidence(made.evidence_after_erasure()))])
    assert (said["verdict"], said["reason"]) == ("partly", "not-all-checked")
    assert parts(said)["items.jsonl"]["state"] == "true"
    assert "20 recordings" in parts(said)["items.jsonl"]["text"]
    assert "1 of them without a name" in parts(said)["items.jsonl"]["text"]
    assert parts(said)["manifest.parquet"]["state"] == "unknown"
    assert "left out" in parts(said)["manifest.parquet"]["text"]


def test_nobody_is_taken_for_erased_without_an_erasure_after_the_set() -> None:
    files = made.evidence_after_erasure()
    name = f"receipts/{ERASURE.number}.tlog-proof"
    without = {other: data for other, data in files.items() if other != name}
    blind = made.Proof(said=ERASURE, extra={"entry": ERASURE.entry}).bytes()
    cases = [evidence(made.evidence(wrong)) for wrong in (without, {**files, name: blind})]
    for said in answers(cases):
        assert (said["verdict"], said["reason"]) == ("invalid", "bad-record")
        assert states(said)["receipts"] == "false"
    [said] = answers([evidence(made.evidence(made.evidence_after_erasure(gone=2)))])
    assert states(said)["items.jsonl"] == "true"
    assert states(said)["receipts"] == "false"  # one event was erased, as the log has it
    assert "members are said to be erased: 2" in parts(said)["receipts"]["text"]
    there = {**files, "manifest.parquet": made.MANIFEST}
    [said] = answers([evidence(made.evidence(there))])
    assert said["verdict"] == "invalid"
    assert states(said)["manifest.parquet"] == "false"


# ---- evidence as the platform makes it


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="module")
def afterwards(told: Told, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the evidence made after somebody was erased."""
    folder = tmp_path_factory.mktemp("erased")
    with told.reopened("data", folder) as house:
        forget(house, Logs(house), "Ada Quill", "Kim")
        evidence_of(house, folder / "e.zip")
    return (folder / "e.zip").read_bytes()


def page_on(told: Told, *files: bytes) -> list[Any]:
    policy = made.b64(files_of(told.data)["trust.policy"])
    at = int(told.clock.at.timestamp()) + 24 * 60 * 60
    return answers([evidence(file) | {"policy": policy, "at": at} for file in files])


def test_honest_evidence_holds_before_and_after_an_erasure(told: Told, afterwards: bytes) -> None:
    before, after = page_on(told, told.data, afterwards)
    for said, file in ((before, told.data), (after, afterwards)):
        assert told.check(file).holds
        assert (said["verdict"], said["reason"]) == ("partly", "not-all-checked"), said
        assert states(said)["the grounds"] == "unknown"
        assert states(said)["other files"] == "unknown"
    assert states(before)["manifest.parquet"] == "true"
    assert states(after)["manifest.parquet"] == "unknown"
    assert "3 of them without a name" in parts(after)["items.jsonl"]["text"]
    assert told.check(afterwards).part(1).state is UNKNOWN


def altered(files: Files) -> Iterator[tuple[str, Files]]:
    """Each file left out, and each with another byte: what an operator could sign anew."""
    for name in sorted(files.keys() - {"evidence.note"}):
        yield name, {other: data for other, data in files.items() if other != name}
        yield name, {**files, name: files[name][:-9] + b"?" + files[name][-8:]}


def test_the_page_and_python_never_contradict_each_other(
    told: Told, afterwards: bytes, tmp_path: Path
) -> None:
    # most files are alike in both; the list's own are tried before the erasure too
    for honest, tried in ((told.data, set(CHECKED)), (afterwards, set(files_of(afterwards)))):
        changes = [change for change in altered(files_of(honest)) if change[0] in tried]
        files = [packed(tmp_path, changed, told.signers) for _, changed in changes]
        refused_here = set()
        for (name, changed), file, said in zip(changes, files, page_on(told, *files), strict=True):
            holds = told.check(file).holds
            looked_at = name in CHECKED or (name.startswith("receipts/") and name in changed)
            if said["verdict"] == "invalid":
                refused_here.add(name)
                assert not holds, (name, said)
            else:
                assert (said["verdict"], said["reason"]) == ("partly", "not-all-checked"), name
                assert holds or not looked_at, name
        receipts = {name for name in tried if name.startswith("receipts/")}
        assert refused_here == receipts | (set(CHECKED[1:4]) & files_of(honest).keys())


def test_evidence_without_its_grounds_is_never_valid(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    kept = {name: files[name] for name in CHECKED[1:4]}
    stripped = packed(tmp_path, kept, told.signers)
    assert not told.check(stripped).holds
    [said] = page_on(told, stripped)
    assert (said["verdict"], said["reason"]) == ("partly", "not-all-checked")
    assert states(said)["the grounds"] == "unknown"


# ---- ZIP


def entries(data: bytes) -> Any:
    [said] = answers([{"op": "zip", "file": made.b64(data)}])
    return said


def test_a_plain_archive_is_read_whole() -> None:
    files = {"a": b"", "b/c.txt": b"x" * 100_000, "d e": bytes(range(256))}
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        said = entries(made.zipped(files, method))
        assert {name: bytes.fromhex(data) for name, data in said} == files
    assert entries(made.zipped({})) == []


@pytest.mark.parametrize(
    "name",
    ["../a", "a/../b", "/a", "a//b", "a\\b", "C:a", "a/", ".", "é", "a\nb", "./a", "b" * 256],
)
def test_a_name_that_leads_elsewhere_or_is_not_plain_is_refused(name: str) -> None:
    assert refused(entries(made.zipped({name: b"x"}))) == "malformed"


def patched(data: bytes, offset: int, form: str, value: int) -> bytes:
    """The archive with another number, from the start of its first directory entry (or its end)."""
    at = data.index(b"PK\x01\x02") + offset if offset >= 0 else len(data) + offset
    piece = pack("<" + form, value)
    return data[:at] + piece + data[at + len(piece) :]


PLAIN = made.zipped({"a.txt": b"hello " * 40, "b.txt": b"other " * 40})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:-1],
        PLAIN + b"x",
        patched(PLAIN, 8, "H", 1),  # encrypted
        patched(PLAIN, 8, "H", 0x2000),  # its directory encrypted
        patched(PLAIN, 10, "H", 9),  # deflate64
        patched(PLAIN, 10, "H", 0),  # stored, so its sizes differ
        patched(PLAIN, 20, "L", 0xFFFFFFFF),  # zip64
        patched(PLAIN, 24, "L", 0xFFFFFFFF),
        patched(PLAIN, 34, "H", 1),  # on another disk
        patched(PLAIN, 42, "L", 0xFFFFFFFF),
        patched(PLAIN, 42, "L", 1),  # where no file begins
        patched(PLAIN, -18, "H", 1),
        patched(PLAIN, -12, "H", 3),
        patched(PLAIN, -14, "H", 1),
        patched(PLAIN, -10, "L", 1),
        patched(PLAIN, -6, "L", 0xFFFFFFF0),
        patched(PLAIN, -2, "H", 1),  # a comment
        patched(patched(PLAIN, -12, "H", 1), -14, "H", 1),  # one entry fewer
        PLAIN.replace(b"b.txt", b"a.txt"),  # one name twice
        PLAIN.replace(b"a.txt", b"c.txt", 1),  # called otherwise where it lies
    ],
)
def test_an_archive_that_is_not_plain_is_refused(data: bytes) -> None:
    assert refused(entries(data)) in {"malformed", "too-large"}


def test_two_files_over_the_same_bytes_are_refused() -> None:
    inner = made.zipped({"b.txt": b"twice"}, zipfile.ZIP_STORED)
    inner_at = inner.index(b"PK\x01\x02")
    outer = made.zipped({"a.txt": inner[:inner_at]}, zipfile.ZIP_STORED)
    outer_at = outer.rindex(b"PK\x01\x02")
    start = outer.index(inner[:inner_at])
    central = outer[outer_at:-22] + patched(inner[inner_at:-22], 42, "L", start)
    end = pack("<LHHHHLLH", 0x06054B50, 0, 0, 2, 2, len(central), outer_at, 0)
    assert len(entries(outer)) == 1
    assert refused(entries(outer[:outer_at] + central + end)) == "malformed"


def test_what_unpacks_to_more_or_less_than_declared_is_refused() -> None:
    for size in (0, 239, 241, 1 << 28):
        assert refused(entries(patched(PLAIN, 24, "L", size))) == "malformed", size
    start = 30 + len("a.txt")
    reserved = PLAIN[:start] + b"\x07" + PLAIN[start + 1 :]  # a block of no type
    assert refused(entries(reserved)) == "malformed"


def test_a_bomb_goes_off_at_its_declared_size() -> None:
    bomb = made.zipped({"bomb": bytes(300 << 20)})
    assert len(bomb) < 1 << 20
    assert refused(entries(patched(bomb, 24, "L", 1000))) == "malformed"
    too_much = patched(made.zipped({"more": b"x" * 99}), 24, "L", (1 << 29) + 1)
    assert refused(entries(too_much)) == "too-large"


def test_random_changes_of_evidence_are_always_answered_and_never_change_a_file() -> None:
    file = made.evidence()
    given = {"op": "fuzz", "policy": POLICY, "at": NOW, "times": 800, "seed": 3, "zip": True}
    [said] = answers([{**given, "file": made.b64(file)}])
    assert sum(said["verdicts"].values()) == 800
    assert said["taken"]
    assert {taken["said"] for taken in said["taken"]} == {"partly: not-all-checked"}
    # a date or a checksum of the archive itself was changed: no file was
    read = answers([{"op": "zip", "file": taken["file"]} for taken in said["taken"]])
    assert all(files == entries(file) for files in read[:3])
    assert all(files == read[0] for files in read)
