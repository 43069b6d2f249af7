import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.sound.isrc import normalised_isrc
from tests.sound.sounds import patient

CODES = st.from_regex(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", fullmatch=True)


@patient
@given(CODES)
def test_a_well_formed_code_is_its_own_normal_form(code: str) -> None:
    assert normalised_isrc(code) == code


@patient
@given(CODES, st.sampled_from(["-", " ", ""]), st.sampled_from(["", "ISRC ", "isrc:", "ISRC"]))
def test_case_hyphens_and_prefix_do_not_matter(code: str, between: str, before: str) -> None:
    parts = (code[:2], code[2:5], code[5:7], code[7:])
    assert normalised_isrc(f" {before}{between.join(parts).lower()}\n") == code


@patient
@given(st.text(max_size=80))
def test_whatever_comes_out_is_a_code(text: str) -> None:
    code = normalised_isrc(text)
    assert code is None or (len(code) == 12 and code.isascii() and code == normalised_isrc(code))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QZABC240001",
        "QZABC24000171",
        "1ZABC2400017",
        "QZ_BC2400017",
        "QZABC24O0017",
        "QZ--ABC2400017",
        "QZABC２400017",  # noqa: RUF001  # a full-width digit is the point
        "QZABC2400017" + " " * 80 + "x",
        "https://example.org/QZABC2400017",
    ],
)
def test_what_is_malformed_is_no_code(text: str) -> None:
    assert normalised_isrc(text) is None
