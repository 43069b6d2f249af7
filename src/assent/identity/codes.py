"""Codes by which other houses know a recording: AcoustID's, and the ISCC.

They are for exchange; no answer of Assent hangs on them. What makes them are optional parts: where
one is missing, its codes are *not assessed*, which is never the same as "not known".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from assent.errors import CouldNot, StorageFailed
from assent.identity.chromaprint_code import Chromaprint, chromaprint, makers
from assent.identity.iscc_code import audio_code, file_codes, iscc_code, library
from assent.sound.decode import probe
from assent.sound.source import Source

__all__ = ["Code", "CodeName", "codes"]

NO_CHROMAPRINT = (
    "neither the program fpcalc (Debian's libchromaprint-tools) nor libchromaprint with pyacoustid"
    " is installed"
)
NO_ISCC = "iscc-core is not installed; it comes with 'assent[codes]'"
TOO_SHORT = "it is too short for Chromaprint, which needs about 3 seconds"


class CodeName(Enum):
    """Which code."""

    ACOUSTID = "acoustid"
    AUDIO = "iscc-audio"
    DATA = "iscc-data"
    INSTANCE = "iscc-instance"
    ISCC = "iscc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code, or why there is none.

    Args:
        name: Which.
        value: The code; None if it was not assessed.
        duration_s: With AcoustID's fingerprint, how long the recording is [whole seconds, the rest
            dropped]: its web service takes both.
        not_assessed: Why there is none, in one clause; empty if there is.
    """

    name: CodeName
    value: str | None = None
    duration_s: int | None = None
    not_assessed: str = ""


def codes(source: Source) -> list[Code]:
    """Return every code of a file, in the order of `CodeName`.

    Args:
        source: A path, or a readable and seekable binary stream.

    Raises:
        BadAudio: It is empty, not audio, cut off, damaged, or has samples that are not numbers.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    probe(source)  # without Chromaprint nobody else would ask whether it is audio
    try:
        taken = _taken(source)
        why = "" if taken.words else TOO_SHORT
    except StorageFailed:
        raise
    except CouldNot as error:
        taken, why = None, error.text
    return [_acoustid(taken, why), *_isccs(source, taken, why)]


def _taken(source: Source) -> Chromaprint:
    """Return what the first that works makes of it."""
    failed = CouldNot(NO_CHROMAPRINT)
    for maker in makers():
        try:
            return chromaprint(source, maker)
        except StorageFailed:
            raise
        except CouldNot as error:
            failed = error
    raise failed


def _acoustid(taken: Chromaprint | None, why: str) -> Code:
    if taken is None or why:
        return Code(name=CodeName.ACOUSTID, not_assessed=why)
    return Code(name=CodeName.ACOUSTID, value=taken.acoustid, duration_s=int(taken.duration_s))


def _isccs(source: Source, taken: Chromaprint | None, why: str) -> Iterator[Code]:
    names = (CodeName.AUDIO, CodeName.DATA, CodeName.INSTANCE, CodeName.ISCC)
    try:
        module = library()
    except CouldNot as error:
        yield from (Code(name=name, not_assessed=error.text) for name in names)
        return
    if module is None:
        yield from (Code(name=name, not_assessed=NO_ISCC) for name in names)
        return
    of_file = file_codes(source, module)
    if taken is None or why:
        yield Code(name=CodeName.AUDIO, not_assessed=why)
        whole = Code(name=CodeName.ISCC, not_assessed=f"there is no Audio-Code to put in it: {why}")
    else:
        audio = audio_code(taken.words, module)
        yield Code(name=CodeName.AUDIO, value=audio)
        three = iscc_code((audio, of_file.data, of_file.instance), module)
        whole = Code(name=CodeName.ISCC, value=three)
    yield Code(name=CodeName.DATA, value=of_file.data)
    yield Code(name=CodeName.INSTANCE, value=of_file.instance)
    yield whole
