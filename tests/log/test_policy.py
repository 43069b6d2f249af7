from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadProof
from assent.log.checkpoint import sign
from assent.log.cosignature import Cosigner
from assent.log.note import Note, Signature, Signer, format_note, format_vkey, parse_note
from assent.log.policy import (
    AHEAD,
    MOST_BYTES,
    Group,
    Policy,
    PolicyLog,
    Witness,
    format_policy,
    parse_policy,
)
from tests.log.made import by_name, every_flip, octets, outcome
from tests.log.vectors_notes import (
    AT,
    BODY,
    CHECKPOINT,
    LOG,
    LOG_LINE,
    LOG_MLDSA,
    NESTED,
    ROTATED,
    WITNESS_LINES,
    WITNESS_MLDSA,
    WITNESSES,
    Vector,
    W,
    policies,
    policy_checks,
    seed,
)

CROWD = tuple(Cosigner.of(f"crowd.example/{n}", seed(f"crowd {n}")) for n in range(12))
LOG_ENTRY = PolicyLog(key=LOG.vkey)


def signed(*lines: Signature) -> bytes:
    return format_note(Note(text=BODY, signatures=(LOG.sign(BODY), *lines)))


def k_of_n(k: int, n: int) -> Policy:
    members = tuple(Witness(name=f"w{i}", key=CROWD[i].vkey) for i in range(n))
    group = Group(name="some", threshold=k, members=tuple(w.name for w in members))
    return Policy(logs=(LOG_ENTRY,), witnesses=members, groups=(group,), quorum="some")


# ---- the file


@pytest.mark.parametrize("row", policies(), ids=by_name)
def test_a_policy_is_what_the_vectors_say(row: Vector) -> None:
    data = octets(row, "data_b64")
    if row["valid"]:
        policy = parse_policy(data)
        assert (len(policy.logs), len(policy.witnesses)) == (row["logs"], row["witnesses"])
        assert parse_policy(format_policy(policy)) == policy
        return
    with pytest.raises(BadProof) as caught:
        parse_policy(data)
    assert caught.value.facts == {"reason": "malformed", "line": row["line"]}
    assert caught.value.text.startswith(f"line {row['line']} of a policy: ")


lines_made = st.lists(
    st.sampled_from(
        [
            *(f"{line}\n".encode() for line in NESTED.splitlines()),
            b"quorum none\n",
            b"group g 1 w0 w3\n",
            b"# \xff\n",
            b"\t\n",
            b"quorum\n",
            b"witness w0\n",
            b"no newline",
        ]
    ),
    unique=True,
)


@given(st.one_of(st.binary(), lines_made.map(b"".join)))
def test_any_octets_are_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except BadProof as error:
        text = error.text
        assert text.isascii(), "a name of a foreign file is not repeated"
        return
    written = format_policy(policy)
    assert parse_policy(written) == policy
    assert format_policy(parse_policy(written)) == written


def test_a_written_policy_is_logs_witnesses_groups_and_quorum() -> None:
    assert format_policy(parse_policy(NESTED.encode())).decode() == NESTED.replace(
        "any w3", "1 w3"
    ).replace("all x", "2 x")
    assert format_policy(parse_policy(b" quorum \t none\n# nobody\n")) == b"quorum none\n"


def test_addresses_are_kept() -> None:
    text = (
        f"log {format_vkey(LOG.vkey)} https://log.example/\n"
        f"witness w0 {W[0]} https://w.example/%20\xff\nquorum none\n"
    ).encode("latin-1")
    policy = parse_policy(text)
    assert policy.logs[0].url == "https://log.example/"
    assert policy.witnesses[0].url == "https://w.example/%20\udcff"
    assert format_policy(policy) == text


def test_a_policy_larger_than_any_should_be_is_not_looked_at() -> None:
    rest = b"quorum none\n"
    fits = b"#" * (MOST_BYTES - len(rest) - 1) + b"\n" + rest
    assert parse_policy(fits).quorum is None
    with pytest.raises(BadProof) as caught:
        parse_policy(b"#" + fits)
    assert caught.value.facts["reason"] == "too-large"


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a\tb", "a\n", "\x7f", "none", "\ud800", "\udce2\udc84\udcaa"]
)
def test_a_name_that_could_not_be_read_back_makes_no_policy(name: str) -> None:
    """The last is the Kelvin sign, written octet by octet though it is UTF-8."""
    witness = Witness(name=name, key=CROWD[0].vkey)
    attempt = partial(Policy, logs=(), witnesses=(witness,), groups=(), quorum=None)
    assert outcome(attempt) == "malformed"


@pytest.mark.parametrize("url", ["", "a b", "\x00"])
def test_an_address_that_could_not_be_read_back_makes_no_policy(url: str) -> None:
    logs = (PolicyLog(key=LOG.vkey, url=url),)
    attempt = partial(Policy, logs=logs, witnesses=(), groups=(), quorum=None)
    assert outcome(attempt) == "malformed"


def test_a_policy_made_by_hand_keeps_the_same_rules() -> None:
    w = tuple(Witness(name=f"w{n}", key=CROWD[n].vkey) for n in range(3))
    g = Group(name="g", threshold=1, members=("w0",))
    good = {"logs": (LOG_ENTRY,), "witnesses": w, "groups": (g,), "quorum": "g"}
    assert outcome(lambda: Policy(**good)) == "ok"  # type: ignore[arg-type]  # of one field each
    for broken in (
        {"logs": (LOG_ENTRY, LOG_ENTRY)},
        {"logs": (PolicyLog(key=CROWD[0].vkey),)},
        {"witnesses": (*w, w[0])},
        {"witnesses": (*w, Witness(name="l", key=LOG.vkey))},
        {"groups": (g, g)},
        {"groups": (Group(name="h", threshold=0, members=("w0",)), g)},
        {"groups": (Group(name="h", threshold=2, members=("w0",)), g)},
        {"groups": (Group(name="h", threshold=0, members=()), g)},
        {"groups": (Group(name="h", threshold=1, members=("g",)), g)},
        {"quorum": "nobody"},
        {"quorum": "none"},
        {"quorum": ""},
    ):
        fields = {**good, **broken}
        assert outcome(lambda fields=fields: Policy(**fields)) == "malformed", broken  # type: ignore[misc]  # as above


# ---- the quorum


@st.composite
def nested(draw: st.DrawFn) -> Policy:
    """Witnesses in groups in groups: each step takes some of what is free and names it."""
    count = draw(st.integers(1, len(CROWD)))
    witnesses = tuple(Witness(name=f"w{n}", key=CROWD[n].vkey) for n in range(count))
    free = [witness.name for witness in witnesses]
    groups = list[Group]()
    for number in range(draw(st.integers(0, 5))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        threshold = draw(st.integers(1, len(members)))
        groups.append(Group(name=f"g{number}", threshold=threshold, members=tuple(members)))
        free = [name for name in free if name not in members] + [f"g{number}"]
    names = [None, *(w.name for w in witnesses), *(group.name for group in groups)]
    quorum = draw(st.sampled_from(names))
    return Policy(logs=(), witnesses=witnesses, groups=tuple(groups), quorum=quorum)


def naive(policy: Policy, name: str, seen: set[str]) -> bool:
    """The definition, from the top down, without a thought for effort."""
    for group in policy.groups:
        if group.name == name:
            having = [member for member in group.members if naive(policy, member, seen)]
            return len(having) >= group.threshold
    return name in seen


@given(nested(), st.sets(st.integers(0, len(CROWD) - 1)))
def test_a_quorum_is_what_its_definition_says(policy: Policy, numbers: set[int]) -> None:
    seen = {f"w{n}" for n in numbers} & {witness.name for witness in policy.witnesses}
    expected = policy.quorum is None or naive(policy, policy.quorum, seen)
    assert policy.holds_quorum(seen) == expected
    assert parse_policy(format_policy(policy)) == policy


@given(nested(), st.sets(st.integers(0, len(CROWD) - 1)), st.integers(0, len(CROWD) - 1))
def test_one_more_witness_never_undoes_a_quorum(policy: Policy, some: set[int], one: int) -> None:
    before = policy.holds_quorum({f"w{n}" for n in some})
    assert policy.holds_quorum({f"w{n}" for n in some | {one}}) >= before


def test_a_group_that_nobody_saw_is_not_seen_because_somebody_says_so() -> None:
    policy = parse_policy(NESTED.encode())
    assert not policy.holds_quorum({"x-and-y", "x", "y", "nobody"})
    assert policy.holds_quorum({"w0", "w1", "w3", "nobody"})


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_k_of_n_is_k_of_n(n: int) -> None:
    for k in range(1, n + 1):
        policy = k_of_n(k, n)
        for present in product([False, True], repeat=n):
            lines = [CROWD[i].cosign(CHECKPOINT, AT) for i, there in enumerate(present) if there]
            trusted = policy.check(signed(*lines), AT)
            assert trusted.witnessed == (sum(present) >= k)
            assert [name for name, _ in trusted.cosigned] == [
                f"w{i}" for i, there in enumerate(present) if there
            ]


def test_a_dead_witness_leaves_two_of_three() -> None:
    lines = [CROWD[n].cosign(CHECKPOINT, AT) for n in (0, 2)]
    assert k_of_n(2, 3).check(signed(*lines), AT).witnessed


def test_a_witness_that_signs_often_is_one_witness() -> None:
    lines = [CROWD[0].cosign(CHECKPOINT, AT + timedelta(seconds=n)) for n in range(5)]
    trusted = k_of_n(2, 3).check(signed(*lines), AT)
    assert trusted.cosigned == (("w0", AT + timedelta(seconds=4)),)
    assert not trusted.witnessed


def test_a_lying_witness_spoils_the_checkpoint() -> None:
    lines = [CROWD[n].cosign(CHECKPOINT, AT) for n in (0, 1)]
    fork = sign(CHECKPOINT, [LOG]).replace(b"\n7\n", b"\n8\n")
    other = Signature(
        name=CROWD[2].vkey.name,
        key_id=CROWD[2].vkey.key_id,
        value=CROWD[2].cosign(CHECKPOINT, AT).value[:-1] + b"\xff",
    )
    assert outcome(lambda: k_of_n(2, 3).check(signed(*lines, other), AT)) == "bad-signature"
    assert outcome(lambda: k_of_n(2, 3).check(fork, AT)) == "bad-signature"


# ---- checkpoints


@pytest.mark.parametrize("row", policy_checks(), ids=by_name)
def test_a_checkpoint_is_worth_what_the_vectors_say(row: Vector) -> None:
    policy = parse_policy(octets(row, "policy_b64"))
    data = octets(row, "checkpoint_b64")
    at = datetime.fromtimestamp(int(str(row["at"])), UTC)
    assert outcome(lambda: policy.check(data, at)) == row["reason"]
    if not row["valid"]:
        return
    trusted = policy.check(data, at)
    assert trusted.checkpoint == CHECKPOINT
    assert format_vkey(trusted.log) == row["log"]
    times = {name: str(int(time.timestamp())) for name, time in trusted.cosigned}
    assert times == row["cosigned"]
    assert trusted.witnessed == row["witnessed"]
    newest = None if trusted.newest is None else str(int(trusted.newest.timestamp()))
    assert newest == row["newest"]


def test_a_cosigned_checkpoint_with_any_bit_flipped_is_refused_or_less() -> None:
    policy = k_of_n(2, 2)
    data = signed(*(CROWD[n].cosign(CHECKPOINT, AT) for n in (0, 1)))
    assert policy.check(data, AT).witnessed
    less = 0
    for flipped in every_flip(data):
        came = outcome(partial(policy.check, flipped, AT))
        assert came in {"malformed", "bad-signature", "unknown-log", "ok"}
        if came == "ok":  # a name or id was hit, so that witness is unknown now
            trusted = policy.check(flipped, AT)
            assert trusted.checkpoint == CHECKPOINT
            assert not trusted.witnessed
            less += 1
    assert less > 0


@given(st.binary())
def test_any_bytes_under_a_policy_are_refused(data: bytes) -> None:
    assert outcome(lambda: k_of_n(1, 1).check(data)) == "malformed"


def test_without_now_no_time_is_too_late() -> None:
    late = AT + AHEAD + timedelta(seconds=1)
    data = signed(CROWD[0].cosign(CHECKPOINT, late))
    assert k_of_n(1, 1).check(data).newest == late
    assert outcome(lambda: k_of_n(1, 1).check(data, AT)) == "future-time"
    assert k_of_n(1, 1).check(data, late - AHEAD).newest == late


def test_either_key_of_a_log_that_changes_its_key_will_do() -> None:
    policy = parse_policy(f"{LOG_LINE}log {format_vkey(ROTATED.vkey)}\nquorum none\n".encode())
    for signer in (LOG, ROTATED):
        assert policy.check(sign(CHECKPOINT, [signer])).log == signer.vkey
    assert policy.check(sign(CHECKPOINT, [ROTATED, LOG])).log == ROTATED.vkey
    spoilt = parse_note(sign(CHECKPOINT, [LOG])).plus(
        Signature(name=ROTATED.vkey.name, key_id=ROTATED.vkey.key_id, value=bytes(64))
    )
    assert outcome(lambda: policy.check(format_note(spoilt))) == "bad-signature"


def test_a_log_is_known_by_its_origin_and_not_by_any_trusted_key() -> None:
    other = Signer.of("example.com/other", seed("other"))
    policy = parse_policy(f"{LOG_LINE}log {format_vkey(other.vkey)}\nquorum none\n".encode())
    assert outcome(lambda: policy.check(sign(CHECKPOINT, [other]))) == "unknown-log"
    assert policy.check(sign(CHECKPOINT, [other, LOG])).log == LOG.vkey


def test_a_second_line_verifies_or_nothing_does() -> None:
    second = format_vkey(LOG_MLDSA.vkey)
    policy = parse_policy(f"{LOG_LINE}log {second}\n{WITNESS_LINES}quorum w0\n".encode())
    lines = LOG_MLDSA.cosign(CHECKPOINT, AT), WITNESSES[0].cosign(CHECKPOINT, AT)
    trusted = policy.check(signed(*lines), AT)
    assert (trusted.log, trusted.witnessed) == (LOG.vkey, True)
    wrong = Signature(name=lines[0].name, key_id=lines[0].key_id, value=bytes(2428))
    assert outcome(lambda: policy.check(signed(wrong, lines[1]), AT)) == "bad-signature"


def test_a_witness_with_an_ml_dsa_key_counts_as_any_other() -> None:
    vkey = format_vkey(WITNESS_MLDSA.vkey)
    policy = parse_policy(f"{LOG_LINE}witness w {vkey}\nquorum w\n".encode())
    trusted = policy.check(signed(WITNESS_MLDSA.cosign(CHECKPOINT, AT)), AT)
    assert (trusted.cosigned, trusted.witnessed) == ((("w", AT),), True)


def test_what_a_checkpoint_is_worth_is_not_a_truth_value() -> None:
    with pytest.raises(TypeError, match="witnessed"):
        bool(k_of_n(1, 1).check(signed()))
