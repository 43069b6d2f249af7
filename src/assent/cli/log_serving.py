"""`assent log serve`, `serve-witness`, `follow`: the log's faces on the network.

The public files, a witness, and a monitor that holds what a log shows one against what it shows
others.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.session import opened, published_logs

if TYPE_CHECKING:
    from assent.log.follow import Followed

__all__ = ["register"]

Host = Annotated[str, typer.Option("--host", metavar="HOST", help="Where to listen.")]
Port = Annotated[
    int,
    typer.Option(
        "--port", metavar="PORT", min=0, max=65_535, help="At which port; 0 for a free one."
    ),
]
Trust = Annotated[
    Path,
    typer.Option("--trust", metavar="POLICY", help="By which keys log and witnesses are known."),
]


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(serve)
    group.command("serve-witness")(serve_witness)
    group.command()(follow)
    group.command("witness-evidence")(witness_evidence)


def serve(
    ctx: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8640,
    every: Annotated[
        float,
        typer.Option("--every", metavar="SECONDS", min=0.05, help="How often to publish."),
    ] = 0.25,
    index_every: Annotated[
        float,
        typer.Option(
            "--index-every", metavar="SECONDS", min=1, help="How often to root the latest words."
        ),
    ] = 300.0,
) -> None:
    """Serve the public files of both logs, and publish what happens, until Ctrl-C."""
    from assent.cli.publishing import Publishing
    from assent.web.public_log import public_log
    from assent.web.serve import serve as serve_app

    with opened(ctx, catch_up=True) as house:
        logs = published_logs(house)
        stores = {log.name: log.store for log in (logs.consent, logs.index)}
        app = public_log(stores, house.settings.policy.read_bytes)

        def ready(at: int) -> None:
            say(f"The log is at http://{host}:{at}/, its policy at http://{host}:{at}/policy")

        with Publishing(house, logs, every, index_every):
            serve_app(app, host, port, ready)


def serve_witness(
    logs: Annotated[
        Path,
        typer.Option("--logs", metavar="POLICY", help="The logs to watch: a policy's log lines."),
    ],
    state: Annotated[
        Path,
        typer.Option("--state", metavar="DIR", help="Where its key and what it has seen are kept."),
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Its name, such as witness.example/w1.")
    ],
    host: Host = "127.0.0.1",
    port: Port = 8641,
) -> None:
    """Run a witness: it cosigns a log only as long as that grows from what it has seen.

    Prints the line that names it in a policy, then serves until Ctrl-C.
    """
    from assent.cli.files import read_small_file
    from assent.log.note import format_vkey
    from assent.log.policy import MOST_BYTES, parse_policy
    from assent.log.witness import Witness, known_logs
    from assent.log.witness_keys import create_cosigners
    from assent.log.witness_state import WitnessState
    from assent.web.serve import serve as serve_app
    from assent.web.witness_server import witness_app

    said = read_small_file(logs, MOST_BYTES)
    if b"\nquorum " not in b"\n" + said:  # whom the platform trusts is not the witness's business
        said = said.rstrip(b"\n") + b"\nquorum none\n"
    watched = known_logs(log.key for log in parse_policy(said).logs)
    cosigners = create_cosigners(state / "witness.key", name)
    memory = WitnessState(state / "witness.sqlite")
    try:
        app = witness_app(Witness(memory, cosigners, watched))

        def ready(at: int) -> None:
            url = f"http://{host}:{at}"
            put(f"witness {name} {format_vkey(cosigners[0].vkey)} {url}")
            say(f"The witness {name} is at {url}/; watching {', '.join(sorted(watched))}")

        serve_app(app, host, port, ready)
    finally:
        memory.close()


def follow(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the log is.")],
    origin: Annotated[str, typer.Argument(metavar="ORIGIN", help="Its name in checkpoints.")],
    trust: Trust,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="What was seen last; kept for the next time."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Hold what a log shows here against what witnesses saw and what it showed before.

    Exits with 1 where the log shows different people different things; the proof is printed.
    """
    from assent.cli.files import read_policy_file
    from assent.disk import replace_file, storage
    from assent.log.follow import follow as follow_log
    from assent.log.policy import parse_policy

    policy = parse_policy(read_policy_file(trust))
    before = state.read_bytes() if state is not None and state.exists() else None
    found = follow_log(policy, origin, url, before=before)
    if state is not None and not found.splits:
        with storage("keep what was seen", state):
            replace_file(state, found.newest.note)
    if json:
        put_json(_fields(found))
    else:
        _tell(found)
    shrunk = _shrunk(found)
    if shrunk:
        say("It shows less than it has shown here before: it was rolled back.")
    raise typer.Exit(NO if found.splits or shrunk else YES)


def _shrunk(found: "Followed") -> bool:
    """Say whether the log shows less now than what was kept of it."""
    own, before = found.seen[0], [seen for seen in found.seen if seen.by == "before"]
    return any(it.shown.checkpoint.size > own.shown.checkpoint.size for it in before)


def _fields(found: "Followed") -> dict[str, object]:
    newest = found.newest.checkpoint
    return {
        "origin": newest.origin,
        "size": newest.size,
        "root": newest.root.hex(),
        "splits": len(found.splits),
        "behind": found.behind,
        "shrunk": _shrunk(found),
        "unread": found.unread,
        "silent": list(found.silent),
    }


def _tell(found: "Followed") -> None:
    for split in found.splits:
        put(f"the log shows {split.one.by} and {split.other.by} different histories:")
        for seen in (split.one, split.other):
            for line in seen.shown.note.decode(errors="replace").splitlines():
                put(f"  {line}")
    newest = found.newest.checkpoint
    put(f"{newest.origin}: {newest.size} entries, as {len(found.seen)} have seen it")
    if found.behind:
        say("It shows less here than to a witness; for a moment every log does.")
    if found.unread:
        say("Its tiles do not give the newest root, so sizes could not be compared.")
    if found.silent:
        say(f"These witnesses showed nothing: {', '.join(found.silent)}")


def witness_evidence(
    state: Annotated[
        Path,
        typer.Option("--state", metavar="DIR", help="Where the witness keeps what it has seen."),
    ],
    *,
    json: Json = False,
) -> None:
    """List what a witness refused because it does not go with what the log had signed before.

    Each is two checkpoints with the log's own signature under both. Exits with 1 if there are any.
    """
    from assent.clock import format_instant
    from assent.errors import Unknown
    from assent.log.witness_state import WitnessState

    if not (state / "witness.sqlite").exists():
        raise Unknown(f"no witness has kept anything in {str(state)!r}")
    memory = WitnessState(state / "witness.sqlite")
    try:
        found = memory.evidence()
    finally:
        memory.close()
    for one in found:
        notes = [note.decode(errors="replace") for note in (one.known, one.refused) if note]
        if json:
            put_json(
                {
                    "origin": one.origin,
                    "at": format_instant(one.at),
                    "conclusive": one.conclusive,
                    "notes": notes,
                }
            )
            continue
        put(f"{one.origin}, refused at {format_instant(one.at)}:")
        if not one.conclusive:
            put("  two sizes: a split view, or whoever asked gave a wrong proof; assent log follow")
            put("  holds both against the log's own tiles")
        for line in "\n".join(notes).splitlines():
            put(f"  {line}")
    raise typer.Exit(NO if found else YES)
