"""``init``, ``serve``, ``doctor``, ``backup``, ``restore`` and ``token``: a node itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from comity.cli.mynode import (
    client_of,
    client_options,
    json_option,
    node_option,
    now,
    passphrase_in,
    passphrase_option,
    write_new,
)
from comity.cli.shared import show_json, show_table, talk
from comity.errors import ComityError, InvalidInput, NotKnown
from comity.exchange.desk import Check
from comity.exchange.home import Home, backup, make_home, restore
from comity.exchange.logs import Log
from comity.exchange.partners import Partners
from comity.exchange.routes import Scope
from comity.exchange.settings import Settings, host_and_port
from comity.exchange.shapes import to_json
from comity.store import Database
from comity.worlds import load_world

FAILED = 1


@click.command("init", short_help="Make the folder of a node.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--party", required=True, metavar="P", help="Whose node it is, as in its world."
)
@click.option(
    "--world",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="The folder with the parties and accords that it decides by.",
)
@click.option(
    "--listen",
    default="0.0.0.0:8470",
    show_default=True,
    metavar="HOST:PORT",
    help="Where partners connect to.",
)
@click.option(
    "--own",
    default="127.0.0.1:8471",
    show_default=True,
    metavar="HOST:PORT",
    help="Where your own people and programs do; on loopback.",
)
@passphrase_option
@json_option
def init(
    folder: Path,
    party: str,
    world: Path,
    listen: str,
    own: str,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make FOLDER with a new node of one party: its keys, its database, its settings.

    The keys are locked with a passphrase. They count once the party's officers have signed
    a key list with them: `comity key draft` says how.
    """
    for name, text in (("--listen", listen), ("--own", own)):
        if host_and_port(text) is None:
            raise InvalidInput(
                f"`{name} {text}` is no host and port",
                hint="write it as `127.0.0.1:8471`",
                code="bad-address",
            )
    _ = load_world(world).party(party)
    settings = Settings(
        party=party,
        world=os.path.relpath(world.resolve(), folder.resolve()),
        listen=listen,
        own=own,
    )
    passphrase = passphrase_in(passphrase_file, "the new node", new=True)
    home = make_home(folder, settings, passphrase, os.urandom, now())
    if as_json:
        show_json({"folder": str(folder), "party": party})
        return
    click.echo(f"{folder}: a node of `{home.party}`, with new keys")
    click.echo(f"next: comity key draft --node {folder} … for its officers to sign")


@click.command("serve", short_help="Run the node.")
@node_option
@passphrase_option
def serve_command(folder: Path, passphrase_file: Path | None) -> None:
    """Run the node until it is told to stop (Ctrl+C, or SIGTERM).

    It writes a log to stderr, a JSON object a line, and nothing of any content in it. It
    ends with 1 when its disk has failed; what it had acknowledged is on disk.
    """
    from comity.exchange.serve import serve  # noqa: PLC0415 - no other command needs it

    home = Home.at(folder)
    passphrase = passphrase_in(passphrase_file, f"the node of {home.party}")
    log = Log(sys.stderr, lambda: int(time.time()))
    if not serve(home, passphrase, log, lambda: int(time.time()), os.urandom):
        sys.exit(FAILED)


@click.command("doctor", short_help="Look whether a node is as it should be.")
@client_options
def doctor(folder: Path, token_file: Path | None, as_json: bool) -> None:
    """Look at a node, running or not, and say what is not as it should be.

    A running node is asked, with an operator's token. Of one that is not, the folder is
    looked at. It ends with 1 where something is wrong.
    """
    home = Home.at(folder)
    checks: Sequence[Check]
    if home.runs():
        with client_of(folder, token_file) as client:
            checks = client.checks()
    else:
        talk("the node is not running: its folder is looked at")
        checks = _folder_checks(home)
    if as_json:
        show_json([to_json(one) for one in checks])
    else:
        for one in checks:
            click.echo(f"{'ok   ' if one.ok else 'WRONG'} {one.what}: {one.words}")
            if not one.ok and one.hint:
                click.echo(f"      hint: {one.hint}")
    if not all(one.ok for one in checks):
        sys.exit(FAILED)


def _folder_checks(home: Home) -> list[Check]:
    found = []
    readable = [
        p.name for p in home.folder.iterdir() if p.stat().st_mode & 0o077 and p.is_file()
    ]
    secret = [name for name in readable if name in ("node.keys", "node.db")]
    found.append(
        Check(
            what="rights",
            ok=not secret,
            words=f"others may read {', '.join(secret)}" if secret else "yours alone",
            hint=f"`chmod 600` on them in `{home.folder}`",
        )
    )
    try:
        _ = load_world(home.world).party(home.party)
        found.append(
            Check(what="world", ok=True, words=f"it loads, with `{home.party}` in it")
        )
    except ComityError as error:
        found.append(
            Check(
                what="world",
                ok=False,
                words=error.message,
                hint=f"`comity check {home.world}`",
            )
        )
    with home.locked():
        try:
            database = Database.open(home.database)
        except ComityError as error:
            found.append(
                Check(what="database", ok=False, words=error.message, hint=error.hint)
            )
            return found
        try:
            found.append(Check(what="database", ok=True, words="of this version"))
            own = Partners(database, home.party).ring.newest(home.party)
        finally:
            database.close()
    days = 0 if own is None else (own.before - now()) // 86_400
    found.append(
        Check(
            what="own key list",
            ok=days > 0,
            words="there is none"
            if own is None
            else f"version {own.version}, for {days} days",
            hint="have the officers sign one: `comity key draft`",
        )
    )
    return found


@click.command(
    "backup", short_help="Write a node's database, settings and keys to one file."
)
@click.argument("to", metavar="FILE", type=click.Path(path_type=Path))
@node_option
@json_option
def backup_command(to: Path, folder: Path, as_json: bool) -> None:
    """Write what a node must not lose to FILE; the node may be running.

    Left out, on purpose: term keys, since a copy of one cannot be destroyed when its term
    ends; and what was signed last, so that a node that is put back asks its partners first.
    """
    names = backup(Home.at(folder), to)
    if as_json:
        show_json({"file": str(to), "holds": list(names)})
        return
    click.echo(f"{to}: {', '.join(names)}")
    talk("left out: term keys (vault/) and what was signed last (signed/)")


@click.command("restore", short_help="Put a backup into a new folder.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def restore_command(file: Path, folder: Path, as_json: bool) -> None:
    """Put the backup in FILE into a new FOLDER.

    What was sealed to a term key that is not in the vault any more stays sealed. Stop the
    old node for good before this one runs: two of one node would contradict each other.
    """
    home = restore(file, folder)
    if as_json:
        show_json({"folder": str(folder), "party": home.party})
        return
    click.echo(f"{folder}: the node of `{home.party}`, as it was backed up")
    talk(f"next: comity doctor --node {folder}")


@click.group("token", short_help="Give out and take back tokens of the own side.")
def token() -> None:
    """Give out tokens for persons and programs, each for some kind of work.

    Scopes: desk (send, inbox, acknowledge), officer (instruments, consents, holds),
    auditor (evidence), operator (partners, keys, metrics, doctor).
    """


@token.command("give", short_help="Make a token.")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([str(scope) for scope in Scope]),
    help="What it is for. Repeatable.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to a new file that you alone may read, and do not show it.",
)
@node_option
@json_option
def give(
    name: str, scopes: tuple[str, ...], to: Path | None, folder: Path, as_json: bool
) -> None:
    """Make a token called NAME. It is shown once; the node keeps a hash of it."""
    secret = Home.at(folder).tokens.give(name, [Scope(one) for one in scopes], os.urandom)
    if to is not None:
        write_new(to, secret.encode() + b"\n", private=True)
    if as_json:
        shown = {} if to is not None else {"token": secret}
        show_json({"name": name, "scopes": sorted(scopes)} | shown)
    elif to is None:
        click.echo(secret)
    else:
        click.echo(f"{to}: the token `{name}` for {', '.join(sorted(scopes))}")


@token.command("list", short_help="Name the tokens.")
@node_option
@json_option
def list_tokens(folder: Path, as_json: bool) -> None:
    """Name the tokens that count, and what each is for."""
    found = Home.at(folder).tokens.all()
    if as_json:
        show_json([{"name": one.name, "scopes": sorted(one.scopes)} for one in found])
        return
    show_table(
        ["token", "for"], [[one.name, ", ".join(sorted(one.scopes))] for one in found]
    )


@token.command("take-back", short_help="Let a token open nothing any more.")
@click.argument("name")
@node_option
def take_back(name: str, folder: Path) -> None:
    """Take back the token called NAME: from now on it opens nothing."""
    home = Home.at(folder)
    if all(one.name != name for one in home.tokens.all()):
        raise NotKnown(
            f"no token is called `{name}`", hint="see `comity token list`", code="no-token"
        )
    home.tokens.take_back(name)
    click.echo(f"`{name}` opens nothing any more")


COMMANDS = (init, serve_command, doctor, backup_command, restore_command, token)
