"""``register``: each copy of each item, who has it, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from comity.cli.mynode import client_of, client_options, officer_option, say_time
from comity.cli.shared import show_json, show_table, talk
from comity.errors import InvalidInput
from comity.exchange.desk import Copy
from comity.exchange.shapes import to_json

NUMBER = "SERIAL/COPY"


@click.group("register", short_help="Every copy of every item: who has it, and where.")
def register() -> None:
    """Keep the register of items, copy by copy, each change with the officer's name."""


@register.command("list", short_help="List the copies.")
@click.option("--item", default="", metavar="ID", help="Of one item.")
@client_options
def list_copies(item: str, folder: Path, token_file: Path | None, as_json: bool) -> None:
    """List every copy, or those of one item."""
    with client_of(folder, token_file) as client:
        _show(client.register(item), as_json=as_json)


@register.command("hand", short_help="Hand a copy on.")
@click.argument("number", metavar=NUMBER)
@click.option("--to", "holder", required=True, metavar="NAME", help="Who has it now.")
@click.option("--place", required=True, metavar="WORDS", help="Where it is kept.")
@officer_option
@client_options
def hand(
    number: str,
    holder: str,
    place: str,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Record that the copy SERIAL/COPY has another holder or place."""
    serial, copy = _number(number)
    with client_of(folder, token_file) as client:
        _show([client.hand(serial, copy, holder, place, officer)], as_json=as_json)


@register.command("copy", short_help="Enter a further copy.")
@click.argument("serial", type=int)
@click.option("--to", "holder", required=True, metavar="NAME", help="Who has it.")
@click.option("--place", required=True, metavar="WORDS", help="Where it is kept.")
@officer_option
@client_options
def copy_command(
    serial: int,
    holder: str,
    place: str,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Enter a further copy of the item with the number SERIAL."""
    with client_of(folder, token_file) as client:
        _show([client.duplicate(serial, holder, place, officer)], as_json=as_json)


@register.command("muster", short_help="Say which copies were seen.")
@click.argument("seen", metavar=f"{NUMBER}…", nargs=-1, required=True)
@officer_option
@client_options
def muster(
    seen: tuple[str, ...],
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Record which copies were seen, and list those that should be here and were not."""
    with client_of(folder, token_file) as client:
        left = client.muster([_number(one) for one in seen], officer)
    if not left and not as_json:
        click.echo("all were seen")
        return
    talk("not seen:")
    _show(left, as_json=as_json)


@register.command("end", short_help="Record that a copy was destroyed or returned.")
@click.argument("number", metavar=NUMBER)
@click.argument("how", type=click.Choice(["destroyed", "returned"]))
@click.option("--certificate", required=True, metavar="ID", help="The paper that says so.")
@officer_option
@client_options
def end(
    number: str,
    how: str,
    certificate: str,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Record that the copy SERIAL/COPY was destroyed or returned, by a certificate."""
    serial, copy = _number(number)
    with client_of(folder, token_file) as client:
        done = client.end(
            serial,
            copy,
            "destroyed" if how == "destroyed" else "returned",
            certificate,
            officer,
        )
    _show([done], as_json=as_json)


def _number(text: str) -> tuple[int, int]:
    serial, slash, copy = text.partition("/")
    if not (
        slash
        and serial.isascii()
        and serial.isdigit()
        and copy.isascii()
        and copy.isdigit()
    ):
        raise InvalidInput(
            f"`{text}` is no copy",
            hint="write serial and copy, such as `12/1`; `comity register list` has them",
            code="bad-number",
        )
    return int(serial), int(copy)


def _show(copies: Sequence[Copy], *, as_json: bool) -> None:
    if as_json:
        show_json([to_json(one) for one in copies])
        return
    show_table(
        ["copy", "item", "under", "holder", "place", "state", "acknowledged", "mustered"],
        [
            [
                f"{one.serial}/{one.copy}",
                one.item,
                one.accord,
                one.holder,
                one.place,
                one.state,
                one.acknowledged,
                say_time(one.mustered),
            ]
            for one in copies
        ],
    )


COMMANDS = (register,)
