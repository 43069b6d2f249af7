"""ISCC: codes of a file that anybody can make again from the file, and compare.

Made by the reference library, `iscc-core`. A Meta-Code is left out: it is made of a title, which
no file knows for sure.

Source: ISO 24138:2024; iscc-core 1.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from assent.errors import CouldNot
from assent.sound.source import Source, opened_source

__all__ = ["BITS", "IsccOfFile", "audio_code", "file_codes", "iscc_code", "library"]

BITS = 256
"""Length of each code, the longest; shorter ones are how it begins. A composite has 64 of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IsccOfFile:
    """The codes of a file's bytes.

    Args:
        data: Data-Code: alike for files that share most of their bytes.
        instance: Instance-Code: the BLAKE3 digest of the file.
    """

    data: str
    instance: str


def library() -> ModuleType | None:
    """Return the reference library, if it is there.

    Raises:
        CouldNot: The environment has it make codes that are not those of the standard.
    """
    try:
        import iscc_core
    except ImportError:
        return None
    module: ModuleType = iscc_core
    if not module.conformant_options:
        raise CouldNot("settings named ISCC_CORE_… have iscc-core make codes of no standard")
    return module


def audio_code(words: Sequence[int], module: ModuleType) -> str:
    """Return the Audio-Code of a recording: alike for recordings that sound alike.

    Args:
        words: Chromaprint's fingerprint of all of it [32 bits, signed], at least one.
        module: The library.

    Raises:
        ValueError: There are no words: the code of nothing would be the same for all such.
    """
    if not words:
        raise ValueError("there is nothing to make a code of")
    return str(module.gen_audio_code(words, BITS)["iscc"])


def file_codes(source: Source, module: ModuleType) -> IsccOfFile:
    """Return the codes of a file's bytes, whatever they are.

    Args:
        source: A path, or a readable and seekable binary stream.
        module: The library.

    Raises:
        Unknown: There is no such file.
        BadAudio: It is a folder, a pipe or a device.
        StorageFailed: It cannot be read.
    """
    data, instance = module.DataHasher(), module.InstanceHasher()
    with opened_source(source) as reader:
        while part := reader.read(module.core_opts.io_read_size):
            data.push(part)
            instance.push(part)
        reader.check()
    return IsccOfFile(data=f"ISCC:{data.code(BITS)}", instance=f"ISCC:{instance.code(BITS)}")


def iscc_code(codes: Sequence[str], module: ModuleType) -> str:
    """Return the composite of an Audio-Code, a Data-Code and an Instance-Code.

    Args:
        codes: All three, or the last two.
        module: The library.
    """
    return str(module.gen_iscc_code(codes)["iscc"])
