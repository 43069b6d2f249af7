"""The command `assent`."""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
