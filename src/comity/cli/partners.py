"""``partner``: one file, and a fingerprint read aloud."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.mynode import (
    client_of,
    client_options,
    officer_option,
    read_file,
    say_time,
    write_new,
)
from comity.cli.shared import show_json, show_table, talk
from comity.errors import InvalidInput
from comity.exchange.shapes import to_json
from comity.exchange.terms import parties_of
from comity.signed import KeyList, read_history


@click.group("partner", short_help="Partners: one file, and a fingerprint read aloud.")
def partner() -> None:
    """Become partners: each side hands over one file, and reads its fingerprint aloud."""


@partner.command("invite", short_help="Write the file that a partner accepts.")
@click.argument("party")
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="FILE")
@client_options
def invite(
    party: str, to: Path, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Write this party's file of keys for PARTY; send it by any way.

    The fingerprint is read aloud on a call that PARTY makes, to a number that PARTY knows.
    """
    with client_of(folder, token_file) as client:
        raw = client.invitation(party)
    write_new(to, raw)
    listed = _lists_in(to, raw)
    if as_json:
        show_json(
            {"file": str(to), "party": listed.party, "fingerprint": listed.fingerprint}
        )
        return
    click.echo(f"{to}: for `{party}`")
    click.echo(f"fingerprint of {listed.party}, to be read aloud: {listed.fingerprint}")


@partner.command("accept", short_help="Accept a partner by its file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--fingerprint",
    metavar="DIGITS",
    help="As they read it to you; without it you are asked to type it.",
)
@officer_option
@client_options
def accept(
    file: Path,
    fingerprint: str | None,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Accept the partner whose file of keys FILE is, once its fingerprint was compared.

    Call them on a number that you know, and type what they read to you: it is not shown
    here before.
    """
    raw = read_file(file)
    listed = _lists_in(file, raw)
    typed = fingerprint
    if typed is None:
        talk(f"Call `{listed.party}` on a number that you know.")
        typed = click.prompt("The fingerprint that they read to you", err=True)
    digits = "".join(c for c in typed if c.isdigit())
    if digits != listed.fingerprint.replace(" ", ""):
        raise InvalidInput(
            f"that is not the fingerprint of this file of `{listed.party}`",
            hint="do not accept it: ask them for the file again, by another way",
            code="other-fingerprint",
        )
    with client_of(folder, token_file) as client:
        found = client.accept(raw, listed.fingerprint, f"read aloud to {officer}")
    if as_json:
        show_json(to_json(found))
        return
    click.echo(f"`{found.party}` is a partner, with version {found.keys} of its keys")


@partner.command("list", short_help="Show the partners.")
@client_options
def list_partners(folder: Path, token_file: Path | None, as_json: bool) -> None:
    """Show the partners, and how things are with each."""
    with client_of(folder, token_file) as client:
        found = client.partners()
    if as_json:
        show_json([to_json(one) for one in found])
        return
    show_table(
        ["partner", "keys", "count before", "heard", "waiting", "held"],
        [
            [
                one.party,
                str(one.keys),
                say_time(one.keys_before),
                say_time(one.heard),
                str(one.waiting),
                one.held,
            ]
            for one in found
        ],
    )


def _lists_in(path: Path, raw: bytes) -> KeyList:
    _, lists, _ = parties_of(raw)
    if not lists:
        raise InvalidInput(
            f"`{path}` has no key list", hint="ask for another file", code="no-key-list"
        )
    return read_history(lists)[-1]


COMMANDS = (partner,)
