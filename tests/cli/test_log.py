"""`log`, and `verify` of receipts: published, proved, checked; keys rotated; damage listed."""

from pathlib import Path

import pytest

from assent.acts.house import House
from assent.log.note import format_vkey
from assent.log.witness_keys import create_cosigners
from tests.cli.runs import PROGRAM, Cli


@pytest.fixture
def policy(cli: Cli, data: Path, tmp_path: Path) -> Path:
    """Publish, and give a stranger's copy of the policy."""
    assert cli("log", "publish").code == 0
    copy = tmp_path / "trust.policy"
    copy.write_bytes((data / "trust.policy").read_bytes())
    return copy


def yes_of_ada(cli: Cli) -> int:
    (said,) = cli("statements", "--artist", "Ada Quill", "--json").objects
    assert said["grants"] == ["partner/train-rival"]
    return int(said["event"])


def test_nothing_is_shown_before_anything_was_published(cli: Cli) -> None:
    found = cli("log", "head")
    assert (found.code, found.out) == (3, "")
    assert "nothing of the log was published yet" in found.err


def test_what_a_command_puts_on_record_is_published_before_it_ends(
    cli: Cli, stocked: House
) -> None:
    assert cli("refuse", "--artist", "Bo Ferrum", "--use", "public/search").code == 0
    (consent, index) = cli("log", "head", "--json").objects
    with stocked.reading() as connection:
        from assent.catalogue.events import head

        assert consent["size"] == head(connection)
    assert (consent["log"], index["log"], index["size"]) == ("consent", "index", 0)
    assert consent["origin"].endswith("/consent")
    assert (consent["witnessed"], consent["cosigned"]) == (True, [])
    assert cli("log", "fsck") == (
        0,
        "all is well: every entry is in place, and the signed roots are over just these\n",
        "",
    )


def test_a_log_that_cannot_be_published_stops_no_statement(cli: Cli, data: Path) -> None:
    (data / "log").write_text("in the way")
    found = cli("refuse", "--artist", "Bo Ferrum", "--use", "public/search")
    assert found.code == 0
    assert "That is on record, and not in the public log yet" in found.err
    (data / "log").unlink()
    assert cli("log", "publish").code == 0
    assert cli("log", "fsck").code == 0


def test_publishing_says_what_is_new(cli: Cli) -> None:
    first = {one["log"]: one for one in cli("log", "publish", "--json").objects}
    assert first["consent"]["added"] == first["consent"]["size"] > 0
    assert first["index"] == {**first["index"], "size": 1, "added": 1}
    assert cli("log", "publish").lines == [
        f"consent: {first['consent']['size']} entries, 0 of them new",
        "index: 1 entries, 0 of them new",
    ]
    assert cli("log", "publish", "--again").code == 0


def test_a_stranger_checks_a_receipt_with_the_policy_alone(
    cli: Cli, bare: Cli, policy: Path, tmp_path: Path
) -> None:
    file, number = tmp_path / "yes.tlog-proof", yes_of_ada(cli)
    made = cli("log", "prove", str(number), "--out", file)
    assert (made.code, made.out) == (0, "")
    assert "that this is 'Ada Quill', the receipt of " in made.err
    assert cli("log", "prove", str(number)).out.encode() == file.read_bytes()
    found = bare("verify", file, "--trust", policy)
    assert found.code == 0
    assert found.lines[0] == "valid: It is in the log, just as it is shown here."
    assert f"statement, event {number}, at " in found.lines[1]
    assert found.lines[1].endswith(" by Ada Quill")
    assert found.lines[-1].startswith("witnessed by nobody")
    facts = bare("verify", file, "--trust", policy, "--json").object
    assert (facts["verdict"], facts["reason"], facts["holds"]) == ("valid", "ok", True)
    assert facts["record"]["body"]["program"] == PROGRAM
    assert facts["shown"] == {"by": "Ada Quill"}
    assert facts["claim"] is None


def test_without_a_policy_nobody_is_trusted(cli: Cli, bare: Cli, tmp_path: Path) -> None:
    file = tmp_path / "yes.tlog-proof"
    cli("log", "prove", "1", "--out", file)
    assert cli("verify", file).code == 0  # the platform's own policy lies there
    assert bare("verify", file).code == 3
    assert "--trust POLICY" in bare("verify", file).err
    assert bare("verify", file, "--trust", tmp_path / "none").code == 3
    (tmp_path / "bad").write_text("trust me\n")
    assert bare("verify", file, "--trust", tmp_path / "bad").code == 2


def test_a_changed_receipt_is_invalid(bare: Cli, cli: Cli, policy: Path, tmp_path: Path) -> None:
    file = tmp_path / "yes.tlog-proof"
    cli("log", "prove", "1", "--out", file)
    file.write_bytes(file.read_bytes().replace(b"index 0", b"index 1"))
    found = bare("verify", file, "--trust", policy)
    assert (found.code, found.lines) == (1, ["invalid: What it shows is not in the log."])
    file.write_bytes(b"no receipt at all")
    found = bare("verify", file, "--trust", policy, "--json")
    assert (found.code, found.object["reason"]) == (1, "wrong-format")
    assert found.object["log"] is None


def test_a_receipt_that_nobody_witnessed_is_too_old_to_tell(
    cli: Cli, bare: Cli, policy: Path, tmp_path: Path
) -> None:
    file = tmp_path / "yes.tlog-proof"
    cli("log", "prove", "1", "--out", file)
    found = bare("verify", file, "--trust", policy, "--max-age", "1", "--json")
    assert (found.code, found.object["verdict"]) == (1, "stale")
    assert found.object["reason"] == "no-time"


def test_the_latest_word_is_proved(cli: Cli, bare: Cli, policy: Path, tmp_path: Path) -> None:
    file = tmp_path / "word.tlog-proof"
    assert cli("log", "prove-word", "r0", "--out", file).code == 0
    found = bare("verify", file, "--trust", policy)
    assert found.code == 0
    assert "r0 is open for: platform/identify, platform/protect" in found.lines[1]
    allowed, of_program = found.lines[1].split(f"; for the program {PROGRAM}: ")
    assert "partner/train-rival" in of_program
    assert "partner/train-rival" not in allowed
    claim = bare("verify", file, "--trust", policy, "--json").object["claim"]
    assert (claim["kind"], claim["recording"]) == ("state", "r0")
    assert set(claim["value"]["programs"]) == {PROGRAM}


def test_without_its_witness_what_was_published_is_proved_all_the_same(
    cli: Cli, policy: Path, data: Path, tmp_path: Path
) -> None:
    key = create_cosigners(tmp_path / "witness.key", "witness.example/w")[0].vkey
    lines = (data / "trust.policy").read_text().replace("quorum none\n", "")
    away = f"witness w {format_vkey(key)} http://127.0.0.1:1/\nquorum w\n"
    (data / "trust.policy").write_text(f"{lines}{away}")
    found = cli("log", "prove", "1")
    assert (found.code, found.lines[0]) == (0, "c2sp.org/tlog-proof@v1")
    assert "The log is as it was published last" in found.err
    assert cli("log", "publish").code == 4


def test_a_use_is_proved_to_one_creator_without_the_others(cli: Cli, stocked: House) -> None:
    token = stocked.gate.token(PROGRAM)
    for recording in ("r0", "r1"):
        stocked.gate.open(token, recording).close()
    stocked.close()
    (use, _) = cli("uses", "--json").objects
    path = stocked.settings.data / "use.tlog-proof"
    cli("log", "prove", str(use["event"]), "--only", "r0", "--out", path)
    facts = cli("verify", path, "--json").object
    assert facts["verdict"] == "valid"
    assert [part["entry"][:2] for part in facts["shown"]["counts"]] == [["r0", 1]]
    assert "by" not in facts["shown"]
    told = cli("verify", path)
    assert "r1" not in told.out
    assert any(line.startswith('  counts: ["r0", 1,') for line in told.lines)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("log", "prove", "999"), 3),
        (("log", "prove", "0"), 2),
        (("log", "prove", "1", "--log", "index"), 3),
        (("log", "prove", "1", "--log", "third"), 3),
        (("log", "prove", "1", "--only", "r9"), 3),
        (("log", "prove-word", "r9"), 3),
        (("log", "keys", "retire", "00000000"), 3),
        (("log", "keys", "rotate", "--log", "third"), 3),
        (("log", "prove", "1", "--out", "/nowhere/at/all"), 4),
    ],
)
def test_what_cannot_be_ends_in_a_sentence(
    cli: Cli, policy: Path, asked: tuple[str, ...], code: int
) -> None:
    del policy  # published before, so that only the question is wrong
    found = cli(*asked)
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith("assent: ")
    assert len(found.err.splitlines()) == 1


def test_a_key_is_rotated_and_the_old_one_retired(
    cli: Cli, bare: Cli, policy: Path, data: Path, tmp_path: Path
) -> None:
    (old, _) = cli("log", "keys", "list", "--json").objects
    rotated = cli("log", "keys", "rotate", "--by", "Kim", "--json").object
    assert (rotated["kind"], rotated["by"], rotated["log"]) == ("key.rotate", "Kim", "consent")
    (new, kept, _) = cli("log", "keys", "list").lines
    assert rotated["vkey"] in new
    assert old["vkey"] in kept
    file = tmp_path / "one.tlog-proof"
    for trusted in (policy, data / "trust.policy"):  # both keys sign, so both policies will do
        cli("log", "prove", "1", "--out", file)
        assert bare("verify", file, "--trust", trusted).code == 0
    assert cli("log", "keys", "retire", new.split("\t")[1]).code == 4
    retired = cli("log", "keys", "retire", old["id"], "--by", "Lee")
    assert retired.code == 0
    assert "signs nothing any more" in retired.out
    before = file.read_bytes()
    cli("log", "prove", "1", "--out", file)
    assert bare("verify", file, "--trust", data / "trust.policy").code == 0
    assert bare("verify", file, "--trust", policy).code == 1
    file.write_bytes(before)  # what it signed before stays good
    assert bare("verify", file, "--trust", data / "trust.policy").code == 0
    assert cli("log", "fsck").code == 0


def test_damage_is_listed(cli: Cli, policy: Path, data: Path) -> None:
    del policy
    (bundle,) = (data / "log" / "consent" / "tile" / "entries").rglob("0*.p/*")
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    found = cli("log", "fsck")
    assert found.code == 1
    assert found.lines[0].startswith("consent: ")
    facts = cli("log", "fsck", "--json").object
    assert facts["well"] is False
    assert facts["findings"] == found.lines


def test_the_page_has_the_policy_in_it(cli: Cli, policy: Path, tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    assert cli("log", "verifier", "--out", page).code == 0
    assert cli("log", "verifier", "--out", tmp_path / "again.html", "--trust", policy).code == 0
    assert page.read_bytes() == (tmp_path / "again.html").read_bytes()
    assert "<!doctype html>" in page.read_text("utf-8").lower()


def test_statements_are_listed_by_event(cli: Cli) -> None:
    lines = [line.split("\t") for line in cli("statements").lines]
    assert [line[2:5] for line in lines] == [
        ["Ada Quill", "grants partner/train-rival", ""],
        ["Cy Loom", "refuses partner/train-rival", ""],
    ]
    (named,) = cli("statements", "--program", PROGRAM).lines
    assert named.split("\t")[2] == "Ada Quill"
    cli("refuse", "--artist", "Bo Ferrum", "--preset", "no-ai")
    assert cli("statements", "--artist", "Bo Ferrum").lines[0].split("\t")[3].startswith("chooses")
    assert cli("statements", "--artist", "Nobody").code == 3


def test_a_second_line_that_no_quantum_computer_forges(
    cli: Cli, bare: Cli, policy: Path, data: Path, tmp_path: Path
) -> None:
    assert cli("log", "keys", "add-ml-dsa", "--by", "Kim").code == 0
    assert cli("log", "keys", "add-ml-dsa", "--by", "Kim").code == 4
    file = tmp_path / "one.tlog-proof"
    cli("log", "prove", "1", "--out", file)
    assert len(file.read_bytes().splitlines()[-1]) > 3_000
    for trusted in (policy, data / "trust.policy"):  # who does not know the key passes over it
        assert bare("verify", file, "--trust", trusted).code == 0
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + (b"A" if whole[-9:-8] != b"A" else b"B") + whole[-8:])
    assert bare("verify", file, "--trust", data / "trust.policy").code == 1
    assert cli("log", "fsck").code == 0
