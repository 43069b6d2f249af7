"""The story of a thief: consent follows the recording, however it was changed, until it is decided.

Lark Ember has recorded something and refuses AI; Magpie Nine brings it back altered and grants all.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import update

from assent.acts.house import House
from assent.bench.attacks import SR, attacked
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.cli.main import run
from assent.settings import Settings
from assent.sound.encode import Format
from tests.cli.runs import Cli, Ran
from tests.houses import program_toml
from tests.identity.music import mono
from tests.sound.sounds import encoded

Samples = npt.NDArray[np.float32]
_EVERY = ("--use", "partner/train-*", "--all-programs")
_ASKED = ("--use", "partner/train-rival")


def _write(path: Path, *parts: Samples) -> Path:
    path.write_bytes(encoded(np.concatenate(parts)[None], Format.WAV_FLOAT))
    return path


@pytest.fixture
def cli(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Cli:
    """A platform on which an artist has refused, another agreed, and a program may run."""

    def call(*arguments: str | Path) -> Ran:
        code = run(["--data", str(tmp_path / "data"), *map(str, arguments)])
        said = capfd.readouterr()
        return Ran(code, said.out, said.err)

    music = tmp_path / "music"
    music.mkdir()
    _write(music / "one.wav", mono(0))
    assert call("import", music, "--artist", "Lark Ember").code == 0
    own = _write(tmp_path / "own.wav", mono(5))
    assert call("upload", own, "--artist", "Bo Ferrum").out == "r1\n"
    assert call("refuse", "--artist", "Lark Ember", "--use", "*/train-*").code == 0
    assert call("grant", "--artist", "Bo Ferrum", *_EVERY).code == 0
    (tmp_path / "program.toml").write_text(program_toml())
    assert call("program", "propose", tmp_path / "program.toml", "--by", "Kim").code == 0
    assert call("program", "approve", "rival-train", "--by", "Ola").code == 0
    return call


def _altered(how: str) -> Samples:
    return attacked(how, mono(0)[4 * SR : 26 * SR], 1)


_DISGUISES: dict[str, Callable[[], Sequence[Samples]]] = {
    "cropped": lambda: [mono(0)[6 * SR : 24 * SR]],
    "pitched": lambda: [_altered("pitch +2 semitones")],
    "sped up": lambda: [_altered("speed +6 %")],
    "slower": lambda: [_altered("tempo -10 %")],
    "noisy": lambda: [_altered("noise 5 dB")],
    "transcoded": lambda: [_altered("MP3 64 kbps")],
    "under speech": lambda: [_altered("speech 0 dB")],
    "looped": lambda: [mono(0)[8 * SR : 20 * SR]] * 3,
    "with an intro": lambda: [mono(7)[: 15 * SR], mono(0)[4 * SR : 26 * SR]],
}


def _steal(cli: Cli, folder: Path, how: str = "sped up") -> None:
    """Bring the altered copy, which becomes r2, and say yes to everything."""
    stolen = _write(folder / "stolen.wav", *_DISGUISES[how]())
    uploaded = cli("upload", stolen, "--artist", "Magpie Nine", "--title", "Mine alone")
    assert uploaded.out == "r2\n"
    assert "it contains what is r0's (" in uploaded.err
    assert "until it is decided" in uploaded.err
    assert cli("grant", "--artist", "Magpie Nine", *_EVERY).code == 0


@pytest.mark.parametrize("how", _DISGUISES)
def test_a_stolen_recording_trains_nothing_however_it_was_changed(
    cli: Cli, tmp_path: Path, how: str
) -> None:
    _steal(cli, tmp_path, how)
    assert cli("may", "r2", *_ASKED).code == 1
    assert cli("may", "r1", *_ASKED).code == 0
    built = cli("train-set", "build", "rival-train", "--out", tmp_path / "set", "--json")
    assert (built.code, built.object["items"]) == (0, 1)
    assert cli("train-set", "contains", built.object["set"], "r2").code == 1
    assert cli("train-set", "contains", built.object["set"], "r1").code == 0
    assert cli("verify", tmp_path / "set").code == 0
    (case,) = cli("copies", "--json").objects
    assert (case["recording"], case["original"]) == ("r2", "r0")
    assert (case["state"], case["found"], case["waits"]) == ("suspected", "fingerprint", True)
    assert case["evidence"][0]["votes"] > 0
    waiting = {it["recording"]: it["waits"] for it in cli("recordings", "--json").objects}
    assert waiting == {"r0": False, "r1": False, "r2": True}


def test_bringing_it_twice_helps_nobody(cli: Cli, tmp_path: Path) -> None:
    _steal(cli, tmp_path)
    again = _write(tmp_path / "again.wav", _DISGUISES["sped up"]()[0] * np.float32(0.5))
    assert cli("upload", again, "--artist", "Magpie Nine").out == "r3\n"
    assert cli("may", "r3", *_ASKED).code == 1
    cases = {(it["recording"], it["original"]) for it in cli("copies", "--json").objects}
    assert cases == {("r2", "r0"), ("r3", "r0")}


def test_a_thiefs_refusal_takes_nothing_from_the_original(cli: Cli, tmp_path: Path) -> None:
    _steal(cli, tmp_path)
    assert cli("grant", "--artist", "Lark Ember", *_EVERY).code == 0
    assert cli("may", "r0", *_ASKED).code == 0
    assert cli("refuse", "--artist", "Magpie Nine", "--use", "*/*").code == 0
    assert cli("may", "r0", *_ASKED).code == 0
    assert cli("may", "r2", *_ASKED).code == 1


def test_claim_counter_claim_and_decision(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _steal(cli, tmp_path)
    contract = tmp_path / "contract.txt"
    contract.write_text("Magpie Nine may sell it.")
    claimed = cli(
        *("claim", "make", "r2", "--against", "r0", "--says", "licensed"),
        *("--words", "I bought it.", "--file", contract, "--artist", "Magpie Nine", "--json"),
    )
    assert claimed.code == 0
    number = str(claimed.object["event"])
    decide = (
        *("copies", "decide", "r2", "--original", "r0"),
        *("--cause", "the contract is about another piece"),
    )
    # nobody loses before they were heard
    early = cli(*decide, "--state", "licensed", "--by", "Rae")
    assert early.code == 1
    assert claimed.object["answer_by"] in early.err
    answered = cli(
        *("claim", "answer", number, "--disagree", "--words", "I sold nothing."),
        *("--artist", "Lark Ember"),
    )
    assert answered.code == 0
    # who has a part in it does not decide it
    assert cli(*decide, "--state", "confirmed", "--by", "Magpie Nine").code == 1
    assert cli(*decide, "--state", "confirmed", "--by", "Rae").code == 0
    (case,) = cli("copies", "show", "r2", "--json").objects
    assert (case["state"], case["decided_by"]) == ("confirmed", "Rae")
    assert cli("may", "r2", *_ASKED).code == 1
    # and every step is in the log
    for event in (int(number), answered_event(answered), case["decided"], case["suspected"]):
        assert cli("log", "prove", str(event), "--out", tmp_path / "one.tlog-proof").code == 0
    assert cli("doctor").code == 0
    # a licence makes it public, and is no consent to training
    monkeypatch.setattr("assent.acts.house.now", lambda: datetime(2099, 1, 1, tzinfo=UTC))
    assert cli(*decide, "--state", "licensed", "--by", "Rae").code == 0
    assert cli("may", "r2", *_ASKED).code == 1
    listed = {it["recording"]: it["waits"] for it in cli("recordings", "--json").objects}
    assert listed["r2"] is False


def answered_event(answered: Ran) -> int:
    """Return the number of the event that a command put on record, as it says."""
    return int(answered.out.split()[1].rstrip(":"))


def test_the_true_original_is_set_right(cli: Cli, tmp_path: Path) -> None:
    """The later upload may be the true one; then what was said of it masks the earlier one."""
    _steal(cli, tmp_path)
    claim = cli(
        *("claim", "make", "r2", "--against", "r0", "--says", "true-original"),
        *("--words", "My first take, see the session files.", "--artist", "Magpie Nine", "--json"),
    )
    assert claim.code == 0
    assert cli("may", "r2", *_ASKED).code == 1
    agreed = cli(
        *("claim", "answer", str(claim.object["event"]), "--agree", "--words", "True."),
        *("--artist", "Lark Ember"),
    )
    assert agreed.code == 0
    assert cli("may", "r2", *_ASKED).code == 0
    assert cli("grant", "--artist", "Lark Ember", *_EVERY).code == 0
    assert cli("may", "r0", *_ASKED).code == 0
    assert cli("refuse", "--artist", "Magpie Nine", *_ASKED).code == 0
    assert cli("may", "r0", *_ASKED).code == 1


def test_strangers_and_their_own_music_are_left_alone(cli: Cli, tmp_path: Path) -> None:
    stranger = _write(tmp_path / "stranger.wav", mono(6))
    uploaded = cli("upload", stranger, "--artist", "Cy Loom")
    assert (uploaded.out, uploaded.err) == ("r2\n", "")
    remix = _write(tmp_path / "remaster.wav", attacked("equaliser", mono(0), 1))
    assert cli("upload", remix, "--artist", "Lark Ember").err == ""
    assert cli("copies").out == ""


def _upload(cli: Cli, folder: Path, name: str, samples: Samples, *more: str) -> Ran:
    return cli("upload", _write(folder / name, samples), *more)


def test_naming_the_victim_as_a_co_holder_helps_nobody(cli: Cli, tmp_path: Path) -> None:
    soft = mono(0) * np.float32(0.7)
    shares = ("--holder", "Magpie Nine=99%,producer", "--holder", "Lark Ember=1%,composer")
    found = _upload(cli, tmp_path, "s.wav", soft, "--artist", "Magpie Nine", *shares)
    assert "it contains what is r0's (" in found.err
    assert cli("grant", "--artist", "Lark Ember", *_EVERY).code == 0
    assert cli("refuse", "--artist", "Lark Ember", "--recording", "r0", *_ASKED).code == 0
    assert cli("grant", "--artist", "Magpie Nine", *_EVERY).code == 0
    assert cli("may", "r2", *_ASKED).code == 1


def test_a_stranger_as_a_co_holder_or_an_agreement_that_bars_it_opens_nothing(
    cli: Cli, tmp_path: Path
) -> None:
    soft = mono(0) * np.float32(0.7)
    shares = ("--holder", "Magpie Nine=50%,producer", "--holder", "Unsigned Friend=50%,composer")
    unseen = _upload(cli, tmp_path, "s.wav", soft, "--artist", "Magpie Nine", *shares)
    assert "could not be compared with others" in unseen.err
    (tmp_path / "agreement.toml").write_text(
        'id = "lab-1"\ntitle = "All but looking"\nparty = "Lab X"\n'
        '[[clause]]\nid = "train"\ntext = "It trains."\nstatus = "opt_in"\n'
        'uses = ["partner/train-rival"]\n'
    )
    assert cli("agreement", "add", tmp_path / "agreement.toml").code == 0
    delivered = ("--artist", "Somebody", "--agreement", "lab-1")
    other = _upload(cli, tmp_path, "t.wav", mono(0) * np.float32(0.6), *delivered)
    assert "could not be compared with others" in other.err
    for who in ("Magpie Nine", "Unsigned Friend", "Lab X"):
        cli("grant", "--artist", who, *_ASKED, "--all-programs")
    for recording in ("r2", "r3"):
        assert cli("may", recording, *_ASKED).code == 1
    assert cli("copies", "scan").code == 1
    assert cli("may", "r3", *_ASKED).code == 1


def test_a_remixers_no_counts_beside_the_grant_of_the_original(cli: Cli, tmp_path: Path) -> None:
    remix = np.concatenate([mono(5)[: 20 * SR], mono(6)[: 20 * SR]])
    assert "r1's" in _upload(cli, tmp_path, "m.wav", remix, "--artist", "Cy Loom").err
    licensed = ("--original", "r1", "--state", "licensed", "--cause", "a contract", "--by", "Rae")
    assert cli("copies", "decide", "r2", *licensed).code == 0
    assert cli("refuse", "--artist", "Cy Loom", "--use", "*/*").code == 0
    stolen = remix * np.float32(0.7)
    assert "r2's" in _upload(cli, tmp_path, "s.wav", stolen, "--artist", "Magpie Nine").err
    assert cli("grant", "--artist", "Magpie Nine", *_EVERY).code == 0
    assert cli("may", "r3", *_ASKED).code == 1


def test_when_the_victim_leaves_the_copy_stays_closed_however_often_it_is_brought(
    cli: Cli, tmp_path: Path
) -> None:
    _steal(cli, tmp_path)
    assert cli("erase", "Lark Ember", "--yes").code == 0
    again = _DISGUISES["sped up"]()[0] * np.float32(0.5)
    assert "r2's" in _upload(cli, tmp_path, "a.wav", again, "--artist", "Magpie Nine").err
    assert cli("grant", "--artist", "Magpie Nine", *_EVERY).code == 0
    for recording in ("r2", "r3"):
        assert cli("may", recording, *_ASKED).code == 1


@pytest.mark.parametrize("level", [1e-8, 1e20])
def test_no_level_hides_a_recording(cli: Cli, tmp_path: Path, level: float) -> None:
    scaled = mono(0) * np.float32(level)
    found = _upload(cli, tmp_path, "s.wav", scaled, "--artist", "Magpie Nine")
    assert found.out == "r2\n", found
    assert "r0's" in found.err or "could not be compared with others" in found.err
    assert cli("grant", "--artist", "Magpie Nine", *_EVERY).code == 0
    assert cli("may", "r2", *_ASKED).code == 1


def test_a_whole_archive_is_held_against_the_platform(cli: Cli, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    _write(archive / "a.wav", _altered("speed +6 %"))
    _write(archive / "b.wav", mono(7))
    (archive / "c.txt").write_text("no audio")
    found = cli("identify", archive, "--json")
    assert found.code == 0
    assert [(it["asked"], it["recording"]) for it in found.objects] == [("a.wav", "r0")]
    assert "left out: c.txt: " in found.err
    assert cli("identify", archive, "--against", archive).code == 2


def test_the_doctor_takes_out_what_is_damaged(cli: Cli, tmp_path: Path) -> None:
    index = tmp_path / "data" / "identity"
    house = House.open(Settings(data=tmp_path / "data"))
    with writing(house.engine) as connection:
        table = tables.fingerprints
        connection.execute(update(table).where(table.c.recording == 0).values(peaks=b"\x00"))
    house.close()
    hurt = cli("identify", tmp_path / "own.wav")
    assert hurt.code == 4
    assert hurt.err == "assent: the fingerprint of r0 is damaged; assent doctor removes it\n"
    sick = cli("doctor")
    assert (sick.code, sick.lines) == (
        1,
        ["the fingerprint of r0 was damaged and is gone; assent copies scan takes it anew"],
    )
    assert cli("copies", "scan").code == 0
    assert cli("doctor").code == 0
    found = cli("identify", _write(tmp_path / "s.wav", _altered("speed +6 %")), "--json")
    assert [it["recording"] for it in found.objects] == ["r0"]
    assert not index.exists() or index.is_dir()
