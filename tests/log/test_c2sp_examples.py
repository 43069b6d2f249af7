"""The examples in the texts of C2SP.

Source: github.com/C2SP/C2SP at 5ba5ee8, signed-note.md, tlog-checkpoint.md, tlog-cosignature.md,
tlog-witness.md, tlog-policy.md and tlog-proof.md, CC BY 4.0.
"""

from datetime import UTC, datetime

from assent.log.checkpoint import format_body, parse_signed
from assent.log.cosignature import Cosigner
from assent.log.note import (
    Signer,
    format_note,
    format_vkey,
    matching,
    parse_note,
    parse_signatures,
    parse_vkey,
    verified,
)
from assent.log.policy import parse_policy
from assent.log.proof import format_proof, parse_proof
from tests.log.made import outcome
from tests.log.vectors_notes import seed

NOTE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = """\
This is an example message.

\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH\
3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()
POEM = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKO\
NrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()
CHECKPOINT = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u\
5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()
COSIGNATURE = """\
\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dl\
rDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()
WITNESS_ANSWER = """\
\u2014 witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTS\
vVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
\u2014 witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt6\
4vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
\u2014 witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrK\
bYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
""".encode()
PROOF = """\
c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

\u2014 example.com/fancylog hI2DJw==
""".encode()


def test_the_note_verifies_under_its_key() -> None:
    key = parse_vkey(NOTE_VKEY)
    assert format_vkey(key) == NOTE_VKEY
    note = parse_note(NOTE)
    assert verified(note, [key]) == (key,)
    assert note.text == b"This is an example message.\n"
    assert format_note(note) == NOTE


def test_a_text_may_have_empty_lines() -> None:
    note = parse_note(POEM)
    assert note.text.count(b"\n\n") == 1
    assert [line.name for line in note.signatures] == ["quasimodo.example/salvatore"]
    assert format_note(note) == POEM


def test_the_checkpoint_and_its_cosignature_are_read() -> None:
    checkpoint, note = parse_signed(CHECKPOINT + COSIGNATURE)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert format_body(checkpoint) == note.text
    log, witness = note.signatures
    assert (log.name, len(log.value)) == ("example.com/behind-the-sofa", 64)
    assert (witness.name, len(witness.value)) == ("witness.example.com/w1", 8 + 64)
    # the time that the text gives in clear
    assert int.from_bytes(witness.value[:8], "big") == 1_679_315_147
    assert datetime.fromtimestamp(1_679_315_147, UTC).year == 2023
    assert format_note(note) == CHECKPOINT + COSIGNATURE


def test_a_witnesss_answer_is_lines_to_add() -> None:
    lines = parse_signatures(WITNESS_ANSWER)
    assert [line.name for line in lines] == ["witness.example/w1"] * 2 + ["witness.example/w2"]
    note = parse_note(CHECKPOINT).plus(*lines)
    assert format_note(note) == CHECKPOINT + WITNESS_ANSWER
    assert list(matching(note, [parse_vkey(NOTE_VKEY)])) == []


def test_the_policy_with_its_keys_filled_in_is_read() -> None:
    log = format_vkey(Signer.of("example.com/log", seed("example")).vkey)
    w = {
        name: format_vkey(Cosigner.of(f"{name.lower()}.example", seed(name)).vkey)
        for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
    }
    policy = parse_policy(
        f"""\
log {log}

witness X1 {w["X1"]}
witness X2 {w["X2"]}
witness X3 {w["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {w["Y1"]}
witness Y2 {w["Y2"]}
witness Y3 {w["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()
    )
    assert [witness.name for witness in policy.witnesses] == list(w)
    assert policy.holds_quorum(["X1", "X3", "Y2"])
    assert not policy.holds_quorum(["X1", "Y1", "Y2", "Y3"])
    assert not policy.holds_quorum(["X1", "X2", "X3"])


def test_the_proof_has_its_shape() -> None:
    proof = parse_proof(PROOF)
    assert (proof.index, len(proof.hashes)) == (73_894, 5)
    assert (proof.extra or b"").startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert proof.checkpoint.startswith(b"example.com/fancylog\n109482\n")
    assert format_proof(proof) == PROOF
    # the text leaves out most of its signatures; one that is too short to be any stands for them
    assert outcome(lambda: parse_signed(proof.checkpoint)) == "malformed"
