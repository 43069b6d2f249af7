"""What the operator has agreed with an OpenID provider, from the settings."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from assent.errors import BadInput
from assent.settings import Settings

__all__ = ["Registration", "is_safe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the operator has agreed with a provider.

    Args:
        issuer: The provider's name, an HTTPS URL.
        client_id: What it calls this site.
        client_secret: What this site shows it; empty for a public client.
        name: How it is called on the button.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str

    @classmethod
    def of(cls, settings: Settings) -> "Registration | None":
        """Return what the settings say; None where they name no provider.

        Raises:
            BadInput: The issuer is no HTTPS URL, or the client's id is missing.
        """
        if not settings.oidc_issuer:
            return None
        if not is_safe(settings.oidc_issuer):
            raise BadInput("ASSENT_OIDC_ISSUER must be an https address")
        if not settings.oidc_client_id:
            raise BadInput("ASSENT_OIDC_ISSUER needs ASSENT_OIDC_CLIENT_ID beside it")
        return cls(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            name=settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or "",
        )


def is_safe(there: str) -> bool:
    """Say whether an address is reached over TLS, or is on this machine."""
    try:
        parts = urlsplit(there)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (parts.scheme == "https" or local)
