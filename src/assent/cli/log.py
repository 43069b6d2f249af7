"""`assent log …`: the public record: published, proved, checked, served, its keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli import log_serving, log_stamps
from assent.cli.exits import NO, YES
from assent.cli.naming import find_recording
from assent.cli.options import MOST, By, Json, LogName, RecordingName
from assent.cli.output import put, put_json, put_table, say
from assent.cli.session import logs_of, opened, person, published_logs

if TYPE_CHECKING:
    from assent.log.policy import Trusted

__all__ = ["register"]

OutFile = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The file to be; printed if not said."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="The public log: every promise provable by a stranger, offline.",
    )
    group.command()(head)
    group.command()(publish)
    group.command()(prove)
    group.command("prove-word")(prove_word)
    group.command()(fsck)
    log_serving.register(group)
    log_stamps.register(group)
    group.command()(verifier)
    keys = typer.Typer(no_args_is_help=True, help="The keys that sign the log.")
    keys.command("list")(list_keys)
    keys.command()(rotate)
    keys.command("add-ml-dsa")(add_ml_dsa)
    keys.command()(retire)
    group.add_typer(keys, name="keys")
    app.add_typer(group, name="log")


def head(ctx: typer.Context, *, json: Json = False) -> None:
    """Show how far each log is in public, and who vouches for it."""
    from assent.acts.logs import LOGS

    with opened(ctx) as house:
        logs = logs_of(house)
        policy = logs.policy()
        found = [(name, policy.check(logs.log(name).head().note, house.clock())) for name in LOGS]
    if json:
        for name, trusted in found:
            put_json({"log": name, **_head_fields(trusted)})
        return
    put_table(
        ("log", "size", "root", "origin", "witnessed"),
        [
            (
                name,
                trusted.checkpoint.size,
                trusted.checkpoint.root.hex(),
                trusted.checkpoint.origin,
                _witnessed(trusted),
            )
            for name, trusted in found
        ],
    )


def _head_fields(trusted: "Trusted") -> dict[str, object]:
    from assent.clock import format_instant

    checkpoint = trusted.checkpoint
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "key": trusted.log.key_id.hex(),
        "witnessed": trusted.witnessed,
        "cosigned": [{"witness": name, "at": format_instant(at)} for name, at in trusted.cosigned],
    }


def _witnessed(trusted: "Trusted") -> str:
    names = ", ".join(name for name, _ in trusted.cosigned)
    return names or "by nobody"


def publish(
    ctx: typer.Context,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Sign and ask the witnesses anew in any case.")
    ] = False,
    json: Json = False,
) -> None:
    """Publish all that has happened, and the root over the latest words."""
    from assent.acts.index_root import index_root

    with opened(ctx, catch_up=True) as house:
        index_root(house)
        published = logs_of(house).publish(again=again)
    for name, found in published.items():
        if json:
            put_json(
                {
                    "log": name,
                    "size": found.checkpoint.size,
                    "root": found.checkpoint.root.hex(),
                    "added": found.fresh,
                }
            )
        else:
            put(f"{name}: {found.checkpoint.size} entries, {found.fresh} of them new")


def prove(
    ctx: typer.Context,
    event: Annotated[
        int, typer.Argument(metavar="EVENT", min=1, max=MOST, help="An event's number.")
    ],
    log: LogName = "consent",
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="RECORDING",
            help="Of what lists several people's, show this recording's alone; again for more.",
        ),
    ] = None,
    out: OutFile = None,
) -> None:
    """Make the receipt of an event: one small file that anybody can check with assent verify.

    EVENT is the number that every command prints, and that statements and uses are listed with.
    """
    from assent.acts.receipts import named_by, receipt

    with opened(ctx) as house:
        logs = published_logs(house)
        show = None
        if only:
            with house.reading() as connection:
                show = {find_recording(connection, name) for name in only}
        _give(receipt(house, logs.log(log), event, show=show), out)
        for one in named_by(house, event):
            say(f"It names {one.id}; that this is {one.name!r}, the receipt of {one.event} shows.")


def prove_word(ctx: typer.Context, recording: RecordingName, out: OutFile = None) -> None:
    """Make the proof of the latest word on a recording: what AI may do with it as of now."""
    from assent.acts.index_root import prove_word as prove_latest

    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
        _give(prove_latest(house, published_logs(house), found), out)


def _give(proof: bytes, out: Path | None) -> None:
    from assent.disk import storage

    if out is None:
        for line in proof.decode().splitlines():
            put(line)
        return
    with storage("write the receipt", out):
        out.write_bytes(proof)
    say(f"The receipt is in {out}; check it with assent verify {out} --trust POLICY")


def fsck(ctx: typer.Context, *, json: Json = False) -> None:
    """Check all public files of both logs, and that they are what the catalogue promised.

    Exits with 1 if anything is wrong, and lists it.
    """
    from assent.acts.audit import audit

    with opened(ctx) as house:
        found = list(audit(house, logs_of(house)))
    if json:
        put_json({"well": not found, "findings": [one.text for one in found]})
    else:
        for one in found:
            put(one.text)
        if not found:
            put("all is well: every entry is in place, and the signed roots are over just these")
    raise typer.Exit(NO if found else YES)


def verifier(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page to be.")],
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="POLICY", help="The policy; this platform's if not said."),
    ] = None,
) -> None:
    """Make a page that checks receipts in a browser, from disk, without any network."""
    from assent.cli.files import read_policy
    from assent.disk import storage
    from assent.web.verifier_page import verifier_page

    page = verifier_page(read_policy(ctx, trust))
    with storage("write the page", out):
        out.write_text(page, "utf-8")
    say(f"Open {out} in a browser and drop a receipt on it.")


def list_keys(ctx: typer.Context, *, json: Json = False) -> None:
    """List the keys that sign each log, its own first, as strangers need them."""
    from assent.acts.logs import LOGS
    from assent.log.keys import load_keys
    from assent.log.note import format_vkey

    with opened(ctx) as house:
        logs = logs_of(house)
        rows = [
            (name, key.vkey.key_id.hex(), format_vkey(key.vkey))
            for name in LOGS
            for key in load_keys(logs.log(name).keys)
        ]
    if json:
        for name, key_id, vkey in rows:
            put_json({"log": name, "id": key_id, "vkey": vkey})
    else:
        put_table(("log", "id", "key"), rows)


def rotate(
    ctx: typer.Context, log: LogName = "consent", by: By = "", *, json: Json = False
) -> None:
    """Give a log a new key of its own; the old one goes on signing until it is retired."""
    from assent.acts.log_keys import rotate as rotate_log_key
    from assent.cli.recorded import put_recorded

    with opened(ctx) as house:
        event = rotate_log_key(house, logs_of(house), log, person(house, by))
    put_recorded(event, f"the log {log} has a new key; the old one still signs", as_json=json)
    say("Give your trust file to those who check: it names both keys.")


def add_ml_dsa(
    ctx: typer.Context, log: LogName = "consent", by: By = "", *, json: Json = False
) -> None:
    """Have a log sign a second line with ML-DSA-44, beside Ed25519 and never instead of it."""
    from assent.acts.log_keys import add_mldsa
    from assent.cli.recorded import put_recorded

    with opened(ctx) as house:
        event = add_mldsa(house, logs_of(house), log, person(house, by))
    put_recorded(event, f"the log {log} signs with ML-DSA-44 as well", as_json=json)


def retire(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, from keys list.")],
    log: LogName = "consent",
    by: By = "",
    *,
    json: Json = False,
) -> None:
    """Have an old key sign nothing any more."""
    from assent.acts.log_keys import retire as retire_log_key
    from assent.cli.recorded import put_recorded

    with opened(ctx) as house:
        event = retire_log_key(house, logs_of(house), log, key, person(house, by))
    put_recorded(event, f"the key {key} signs nothing any more", as_json=json)
