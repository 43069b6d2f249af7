"""Where a platform keeps its things; the one place that reads the environment."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

from assent.errors import BadInput

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where a platform keeps its things.

    Args:
        data: The folder of this platform.
        database_url: The catalogue; empty for an SQLite file in the folder.
        blobs_url: The sealed audio; empty for a folder in the folder.
        key_file: The master key; empty for a file in the folder.
        log_url: The public files of the logs; empty for a folder in the folder.
        log_origin: The name of the logs in public, such as `music.example/log`; empty for one
            that is drawn by lot when the first checkpoint is made.
        user: Who runs this, by the name of the system's account; empty where it has none.
        traceback: Whether a bug shows where it struck.
        oidc_issuer: The OpenID provider that may vouch for people; empty for none.
        oidc_client_id: What that provider calls this site.
        oidc_client_secret: What this site shows that provider.
        oidc_name: How that provider is called on the button; its host if empty.
        largest_upload_mb: The largest file that the site takes [MiB].
        longest_upload_h: The longest recording that the site takes [hours].
        operator: Who runs the site, as its page about itself says; empty if nobody says so.
        contact: Where they are reached.
    """

    data: Path
    database_url: str = ""
    blobs_url: str = ""
    key_file: str = ""
    log_url: str = ""
    log_origin: str = ""
    user: str = ""
    traceback: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_name: str = ""
    largest_upload_mb: int = 1024
    longest_upload_h: int = 6
    operator: str = ""
    contact: str = ""

    @classmethod
    def read(cls, data: Path | None = None) -> "Settings":
        """Return the settings of the environment; `data` beats `ASSENT_DATA`."""
        return cls(
            data=data or Path(os.environ.get("ASSENT_DATA") or "assent-data"),
            database_url=os.environ.get("ASSENT_DATABASE_URL", ""),
            blobs_url=os.environ.get("ASSENT_BLOBS_URL", ""),
            key_file=os.environ.get("ASSENT_KEY_FILE", ""),
            log_url=os.environ.get("ASSENT_LOG_URL", ""),
            log_origin=os.environ.get("ASSENT_LOG_ORIGIN", ""),
            user=_user(),
            traceback=bool(os.environ.get("ASSENT_TRACEBACK")),
            oidc_issuer=os.environ.get("ASSENT_OIDC_ISSUER", ""),
            oidc_client_id=os.environ.get("ASSENT_OIDC_CLIENT_ID", ""),
            oidc_client_secret=os.environ.get("ASSENT_OIDC_CLIENT_SECRET", ""),
            oidc_name=os.environ.get("ASSENT_OIDC_NAME", ""),
            largest_upload_mb=_number("ASSENT_LARGEST_UPLOAD_MB", 1024),
            longest_upload_h=_number("ASSENT_LONGEST_UPLOAD_H", 6),
            operator=os.environ.get("ASSENT_OPERATOR", ""),
            contact=os.environ.get("ASSENT_CONTACT", ""),
        )

    @property
    def largest_upload_bytes(self) -> int:
        """The largest file that the site takes [bytes]."""
        return self.largest_upload_mb << 20

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
    def log(self) -> str:
        """Where the public files of the logs lie: a folder or a URL."""
        return self.log_url or str(self.data / "log")

    @property
    def log_keys(self) -> Path:
        """The folder of the logs' signing keys."""
        return self.data / "log-keys"

    @property
    def policy(self) -> Path:
        """The file that says by which keys and witnesses the logs are to be trusted."""
        return self.data / "trust.policy"

    @property
    def kept(self) -> Path:
        """The folder of what is kept of training sets and of the latest words, for proofs."""
        return self.data / "kept"

    @property
    def snapshot(self) -> Path:
        """The folder of the snapshot."""
        return self.data / "snapshot"

    @property
    def journals(self) -> Path:
        """The folder in which the gate counts what it let through."""
        return self.data / "uses"


def _number(name: str, otherwise: int) -> int:
    """Return a whole number of the environment that is more than 0.

    Raises:
        BadInput: It is none.
    """
    text = os.environ.get(name, "").strip()
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit() or not int(text):
        raise BadInput(f"{name} is a whole number, and more than 0")
    return int(text)


def _user() -> str:
    # a container may run under a number that has no name
    with suppress(KeyError, OSError):
        return getuser()
    return ""
