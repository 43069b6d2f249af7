"""How loud a recording is, in words that need no table.

Source: streaming services play at about -14 LUFS with peaks under -1 dBTP (AES TD1008, 2021).
"""

__all__ = ["AIM_LUFS", "MOST_DBTP", "loudness_in_words", "peak_in_words"]

AIM_LUFS, MOST_DBTP = -14.0, -1.0
_NEAR_DB = 0.5


def loudness_in_words(lufs: float | None) -> str:
    """Return what services would do about a loudness.

    >>> loudness_in_words(-11.0)
    'streaming services would turn it down by 3 dB'
    """
    if lufs is None:
        return "too short or too quiet to measure its loudness"
    over = lufs - AIM_LUFS
    if abs(over) < _NEAR_DB:
        return "as loud as streaming services play"
    if over > 0:
        return f"streaming services would turn it down by {over:.0f} dB"
    return f"{-over:.0f} dB quieter than streaming services play; not all would turn it up"


def peak_in_words(dbtp: float | None) -> str:
    """Return what becomes of the highest peak.

    >>> peak_in_words(-3.2)
    'its peaks leave room'
    """
    if dbtp is None:
        return "there is no sound in it"
    if dbtp > MOST_DBTP:
        return "its peaks are so high that it may distort where it is encoded for streaming"
    return "its peaks leave room"
