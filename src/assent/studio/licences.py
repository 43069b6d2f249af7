"""Under which licences recordings are shared, as the field writes them.

Source: SPDX License List 3.27, by id; the words are ours.
"""

__all__ = ["ALL_RIGHTS", "LICENCES"]

ALL_RIGHTS = "All rights reserved"

LICENCES = {
    ALL_RIGHTS: "All rights reserved: others ask before they use it",
    "CC-BY-4.0": "CC BY 4.0: others may share and change it, and name you",
    "CC-BY-SA-4.0": "CC BY-SA 4.0: the same, and what they make stays free",
    "CC-BY-NC-4.0": "CC BY-NC 4.0: share and change it, name you, and earn nothing by it",
    "CC-BY-NC-SA-4.0": "CC BY-NC-SA 4.0: the same, and what they make stays free",
    "CC-BY-ND-4.0": "CC BY-ND 4.0: share it as it is, and name you",
    "CC-BY-NC-ND-4.0": "CC BY-NC-ND 4.0: share it as it is, name you, and earn nothing by it",
    "CC0-1.0": "CC0 1.0: others may share and change it, and need not name you",
}
"""By what is put on record: what it means, in a few words.

None of them says anything of AI: that is for the statements of the holders alone.
"""
