"""Where a platform keeps its things; the one place that reads the environment."""

import os
from contextlib import suppress
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where a platform keeps its things.

    Args:
        data: The folder of this platform.
        database_url: The catalogue; empty for an SQLite file in the folder.
        blobs_url: The sealed audio; empty for a folder in the folder.
        key_file: The master key; empty for a file in the folder.
        user: Who runs this, by the name of the system's account; empty where it has none.
        traceback: Whether a bug shows where it struck.
    """

    data: Path
    database_url: str = ""
    blobs_url: str = ""
    key_file: str = ""
    user: str = ""
    traceback: bool = False

    @classmethod
    def read(cls, data: Path | None = None) -> "Settings":
        """Return the settings of the environment; `data` beats `ASSENT_DATA`."""
        return cls(
            data=data or Path(os.environ.get("ASSENT_DATA") or "assent-data"),
            database_url=os.environ.get("ASSENT_DATABASE_URL", ""),
            blobs_url=os.environ.get("ASSENT_BLOBS_URL", ""),
            key_file=os.environ.get("ASSENT_KEY_FILE", ""),
            user=_user(),
            traceback=bool(os.environ.get("ASSENT_TRACEBACK")),
        )

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data / 'catalogue.sqlite'}"

    @property
    def blobs(self) -> str:
        """The blob store's URL or folder."""
        return self.blobs_url or str(self.data / "blobs")

    @property
    def master_key(self) -> Path:
        """The file of the master key."""
        return Path(self.key_file) if self.key_file else self.data / "master.key"

    @property
    def snapshot(self) -> Path:
        """The folder of the snapshot."""
        return self.data / "snapshot"

    @property
    def journals(self) -> Path:
        """The folder in which the gate counts what it let through."""
        return self.data / "uses"


def _user() -> str:
    # a container may run under a number that has no name
    with suppress(KeyError, OSError):
        return getuser()
    return ""
