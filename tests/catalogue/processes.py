"""Other processes that start their work at the same moment."""

import subprocess
import sys

__all__ = ["run_at_once"]

_WAIT = "import sys; print('ready', flush=True); sys.stdin.readline()\n"


def run_at_once(script: str, *arguments: str, processes: int) -> list[str]:
    """Run a script in several processes that begin together; return what each printed.

    Args:
        script: Its imports, a line `---`, and what begins at the same moment.
        arguments: What it finds in `sys.argv[1:]`.
        processes: How many.

    Raises:
        AssertionError: One failed; the text is what it said.
    """
    source = script.replace("---\n", _WAIT, 1)
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", source, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate() for process in started]
    for process, (_, complaint) in zip(started, said, strict=True):
        assert process.returncode == 0, complaint
    return [printed for printed, _ in said]
