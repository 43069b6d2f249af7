"""Scopes: what an API token may do for the person who made it, never more than they may."""

from enum import StrEnum

__all__ = ["Scope", "sentence"]


class Scope(StrEnum):
    """One kind of things that a token may do."""

    READ = "read"
    SOCIAL = "social"
    UPLOAD = "upload"
    EDIT = "edit"
    CONSENT = "consent"
    STAFF = "staff"


_SENTENCES = {
    Scope.READ: "See what you may see, and listen",
    Scope.SOCIAL: "Follow, like, comment and make playlists in your name",
    Scope.UPLOAD: "Upload recordings for you",
    Scope.EDIT: "Change your pages, recordings and private links",
    Scope.CONSENT: "Say yes and no to AI uses for you",
    Scope.STAFF: "Do what your role lets you do for this site",
}


def sentence(scope: Scope) -> str:
    """Return what a scope allows, in words for whoever makes a token."""
    return _SENTENCES[scope]
