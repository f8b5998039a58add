"""``perform``, ``consent``, ``hold``, ``approve``: what an officer does at a node."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.mynode import (
    client_of,
    client_options,
    now,
    officer_option,
    read_file,
    say_time,
    zone_of,
)
from comity.cli.shared import show_json, show_table
from comity.errors import NotKnown
from comity.exchange.drafts import grant_for
from comity.exchange.home import Home
from comity.exchange.shapes import to_json


@click.command("perform", short_help="Perform an instrument, and send it to the others.")
@click.argument("file", type=click.Path(path_type=Path))
@officer_option
@client_options
def perform(
    file: Path, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Perform the one instrument that FILE holds: sign it, record it, send it.

    It is written as in `instruments/*.toml` of a world. Whoever may see it gets it before
    any item that is under way.
    """
    raw = read_file(file).decode()
    with client_of(folder, token_file) as client:
        done = client.perform(raw, officer)
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@click.group("consent", short_help="Ask for consent, and give it.")
def consent() -> None:
    """Ask an originator for consent to onward release, and give it to whoever asked."""


@consent.command("ask", short_help="Ask for the consents that an item lacks.")
@click.argument("item")
@click.option("--to", "recipient", required=True, metavar="P", help="To whom it is to go.")
@click.option("--draft", "only", is_flag=True, help="Print the requests, and perform none.")
@officer_option
@client_options
def ask(
    item: str,
    recipient: str,
    only: bool,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Ask every originator whose consent ITEM lacks to go to a party."""
    with client_of(folder, token_file) as client:
        found = client.consents(item, recipient)
        for one in found:
            if not only:
                _ = client.perform(one.draft, officer)
    if as_json:
        show_json([to_json(one) for one in found])
        return
    if not found:
        click.echo("no consent is missing")
    for one in found:
        click.echo(one.draft if only else f"asked: {one.whose}, under {one.accord}")


@consent.command("list", short_help="List what others ask of this party.")
@client_options
def list_requests(folder: Path, token_file: Path | None, as_json: bool) -> None:
    """List the requests for this party's consent that came, by accord."""
    with client_of(folder, token_file) as client:
        names = dict.fromkeys(one.accord for one in client.accords())
        found = [
            one
            for name in names
            for one in client.instruments(name)
            if "request_consent" in one.does
        ]
    if as_json:
        show_json([to_json(one) for one in found])
        return
    show_table(
        ["request", "by", "under"],
        [[one.id, ", ".join(one.by), one.accord] for one in found],
    )


@consent.command("give", short_help="Give the consent that was asked for.")
@click.argument("request")
@click.option("--under", required=True, metavar="ACCORD", help="Under which it was asked.")
@click.option("--until", metavar="DAY", help="The last day on which it counts.")
@officer_option
@client_options
def give(
    request: str,
    under: str,
    until: str | None,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Give the consent that the instrument REQUEST asks for, and no more than that."""
    home = Home.at(folder)
    when = zone_of(home).show(now())
    with client_of(folder, token_file) as client:
        asked = [one for one in client.instruments(under) if one.id == request]
        if not asked:
            raise NotKnown(
                f"no instrument `{request}` is on record under `{under}`",
                hint="see `comity consent list`",
                code="no-request",
            )
        done = client.perform(
            grant_for(asked[0].text, under, home.party, when, until), officer
        )
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@click.group("hold", short_help="Stop sharing at once, by this party's own decision.")
def hold() -> None:
    """Set a hold, which stops what it covers at once and changes no accord."""


@hold.command("set", short_help="Set holds.")
@click.argument("file", type=click.Path(path_type=Path))
@officer_option
@client_options
def set_hold(
    file: Path, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Set the holds of FILE, written as `holds.toml` of a world. What waits does not leave."""
    raw = read_file(file).decode()
    with client_of(folder, token_file) as client:
        done = client.hold(raw, officer)
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@hold.command("lift", short_help="End a hold.")
@click.argument("name")
@officer_option
@client_options
def lift(
    name: str, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """End the hold called NAME."""
    with client_of(folder, token_file) as client:
        done = client.lift(name, officer)
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@hold.command("list", short_help="List this party's holds.")
@client_options
def list_holds(folder: Path, token_file: Path | None, as_json: bool) -> None:
    """List the holds of this party that stand, or will."""
    with client_of(folder, token_file) as client:
        found = client.holds()
    if as_json:
        show_json([to_json(one) for one in found])
        return
    show_table(
        ["hold", "towards", "accords", "categories", "since", "before", "ground"],
        [
            [
                one.id,
                ", ".join(one.towards),
                ", ".join(one.accords),
                ", ".join(one.categories),
                say_time(one.since),
                say_time(one.before),
                one.ground,
            ]
            for one in found
        ],
    )


@click.command("approve", short_help="Hand over an officer's signed approval.")
@click.argument("file", type=click.Path(path_type=Path))
@client_options
def approve(file: Path, folder: Path, token_file: Path | None, as_json: bool) -> None:
    """Hand over the approval in FILE, signed by an officer; then send again what awaits it."""
    with client_of(folder, token_file) as client:
        done = client.approve(read_file(file))
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


COMMANDS = (perform, consent, hold, approve)
