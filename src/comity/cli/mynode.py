"""What the commands about a node share: its folder, its client, a passphrase, and times."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from comity.accords.times import Instant, Zone
from comity.errors import InvalidInput, NotAtHand
from comity.exchange.client import Client
from comity.exchange.home import Home
from comity.worlds import load_world

TOKEN = "COMITY_TOKEN"  # noqa: S105 - the name of a variable

node_option = click.option(
    "--node",
    "folder",
    envvar="COMITY_NODE",
    default=".",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The node's folder, or COMITY_NODE.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for programs."
)

officer_option = click.option(
    "--officer", required=True, metavar="NAME", help="Who does it, by name."
)

passphrase_option = click.option(
    "--passphrase",
    "passphrase_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the passphrase from the first line of a file, and ask for none.",
)


def client_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a command finds a node that runs, and its token."""
    token = click.option(
        "--token",
        "token_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"The file of your token; without it {TOKEN} has the token.",
    )
    return node_option(token(json_option(function)))


def client_of(folder: Path, token_file: Path | None) -> Client:
    """Return a client of the node of a folder.

    Raises:
        NotKnown: the folder is no node's.
        NotAtHand: there is no token.
    """
    home = Home.at(folder)
    return Client(f"http://{home.settings.own}", token_in(token_file))


def token_in(path: Path | None) -> str:
    """Return the token of a file, or of the environment.

    Raises:
        NotAtHand: there is none.
    """
    if path is not None:
        return _first_line(path)
    found = os.environ.get(TOKEN, "")
    if not found:
        raise NotAtHand(
            "the node wants a token, and there is none",
            hint=f"give `--token FILE`, or set {TOKEN}; `comity token give` makes one",
            code="no-token",
        )
    return found


def passphrase_in(path: Path | None, what: str, *, new: bool = False) -> str:
    """Return a passphrase from a file, or ask the person for it; a new one twice."""
    if path is not None:
        return _first_line(path)
    answer: str = click.prompt(
        f"Passphrase of {what}", hide_input=True, confirmation_prompt=new, err=True
    )
    return answer


def write_new(path: Path, raw: bytes, *, private: bool = False) -> None:
    """Write a file that is not there yet.

    Raises:
        InvalidInput: it is.
    """
    try:
        mode = 0o600 if private else 0o644
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise InvalidInput(
            f"`{path}` is there already",
            hint="name another file; nothing is written over",
            code="file-exists",
        ) from None
    with os.fdopen(handle, "wb") as file:
        _ = file.write(raw)


def read_file(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise InvalidInput(
            f"there is no file `{path}`", hint="check the path", code="no-file"
        ) from None


def now() -> Instant:
    """Return the time of day."""
    return Instant(int(time.time()))


def say_time(at: int | None) -> str:
    """Return a time as it is printed about a node: in UTC."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def zone_of(home: Home) -> Zone:
    """Return the zone of the node's party."""
    return load_world(home.world).party(home.party).zone


def _first_line(path: Path) -> str:
    raw = read_file(path).decode(errors="replace")
    return raw.partition("\n")[0].strip()
