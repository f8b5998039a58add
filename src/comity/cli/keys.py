"""``key`` and ``partner``: who vouches for whose keys."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import click

from comity.accords.times import parse_instant
from comity.cli.mynode import (
    client_of,
    client_options,
    json_option,
    node_option,
    now,
    officer_option,
    passphrase_in,
    passphrase_option,
    read_file,
    say_time,
    write_new,
)
from comity.cli.shared import show_json, show_table, talk
from comity.errors import InvalidInput, NotKnown
from comity.exchange.home import Home
from comity.exchange.keystore import (
    listing,
    read_officer,
    renewing,
    write_node_secrets,
    write_officer,
)
from comity.exchange.partners import Partners
from comity.exchange.shapes import to_json
from comity.exchange.terms import parties_of
from comity.signed import (
    KeyList,
    Officer,
    Revoked,
    Use,
    read_history,
    text,
)
from comity.signed.officers import (
    describe,
    draft,
    following,
    put_together,
    revoking,
    sign_draft,
)
from comity.signed.partykeys import officer_table
from comity.signed.partykeys import read_officer as officer_of_table
from comity.store import Database

YEARS = 365 * 24 * 3_600
CARD = "comity-officer/1"


# -- key -----------------------------------------------------------------------------------


@click.group("key", short_help="Officers, and the list of a party's keys.")
def key() -> None:
    """Keep the list of a party's keys, which its officers sign by hand.

    A node's keys count for partners once they stand in the party's key list. So many of
    its officers sign each version, each on a machine of their own: `officer` makes an
    officer's keys, `draft` writes what is to be signed, `sign` signs it, `take` puts it
    together. `rotate` makes new keys, `revoke` says from when one is not to be trusted.
    """


@key.command("officer", short_help="Make an officer's keys.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, metavar="NAME", help="The officer's name.")
@passphrase_option
@json_option
def officer(file: Path, name: str, passphrase_file: Path | None, as_json: bool) -> None:
    """Make an officer's keys: FILE under a passphrase, and FILE.card for everybody.

    Keep FILE on a medium of its own, away from any node. The card has no secret.
    """
    passphrase = passphrase_in(passphrase_file, f"officer {name}", new=True)
    made = write_officer(file, name, passphrase, os.urandom)
    card = file.with_name(file.name + ".card")
    write_new(card, text.write({"format": CARD, **officer_table(made)}))
    if as_json:
        show_json({"officer": name, "keys": str(file), "card": str(card)})
        return
    click.echo(f"{file}: keep it away from any node")
    click.echo(f"{card}: give it to whoever drafts the key list")


@key.command("draft", short_help="Write the next key list, for officers to sign.")
@click.argument("to", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--officer",
    "cards",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="CARD",
    help="An officer of the list, by card; without any, those of the version before.",
)
@click.option("--threshold", type=int, metavar="M", help="How many of them have to sign.")
@click.option(
    "--by", multiple=True, metavar="NAME", help="Who is to sign; without it, all."
)
@click.option(
    "--address",
    "addresses",
    multiple=True,
    metavar="URL",
    help="Where partners reach the node: `https://HOST:PORT`. Repeatable.",
)
@click.option(
    "--years", type=int, default=5, show_default=True, help="For how long it counts."
)
@node_option
@passphrase_option
@json_option
def draft_command(
    to: Path,
    cards: tuple[Path, ...],
    threshold: int | None,
    by: tuple[str, ...],
    addresses: tuple[str, ...],
    years: int,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Write the next version of the party's key list to FILE, with the node's keys in it."""
    home = Home.at(folder)
    previous = _newest(home)
    officers = tuple(_card(path) for path in cards)
    if previous is None and not officers:
        raise InvalidInput(
            "the first key list needs officers",
            hint="name each with `--officer CARD`; `comity key officer` makes the cards",
            code="no-officer",
        )
    at = now()
    before = at + years * YEARS
    secrets = home.secrets(passphrase_in(passphrase_file, f"the node of {home.party}"))
    kept = () if previous is None else previous.keys
    known = {one.public.id for one in kept}
    keys = (*kept, *(k for k in listing(secrets, at, before) if k.public.id not in known))
    if previous is None:
        listed = KeyList(
            party=home.party,
            version=1,
            issued=at,
            before=before,
            threshold=threshold or 1,
            officers=officers,
            keys=keys,
            addresses=addresses,
        )
    else:
        listed = replace(
            following(previous, issued=at, before=before),
            officers=officers or previous.officers,
            threshold=threshold or previous.threshold,
            keys=keys,
            addresses=addresses or previous.addresses,
        )
    _write_draft(to, listed, previous, by, as_json=as_json)


@key.command("sign", short_help="Sign a draft, as an officer.")
@click.argument("draft_file", metavar="DRAFT", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "keys",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your keys, as `comity key officer` made them.",
)
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--yes", is_flag=True, help="You have read it; do not ask.")
@passphrase_option
def sign_command(
    draft_file: Path, keys: Path, to: Path, yes: bool, passphrase_file: Path | None
) -> None:
    """Read out what DRAFT says, and sign it with an officer's keys into a file to hand back."""
    payload = read_file(draft_file)
    for line in describe(payload, None):
        click.echo(line)
    if not yes and not click.confirm("Is that what you mean to sign?", err=True):
        raise click.Abort
    made, signers = read_officer(keys, passphrase_in(passphrase_file, "the officer"))
    write_new(to, sign_draft(payload, made.name, signers))
    click.echo(f"{to}: signed by {made.name}")


@key.command("take", short_help="Put a signed key list together, and take it.")
@click.argument("draft_file", metavar="DRAFT", type=click.Path(path_type=Path))
@click.argument(
    "signed", metavar="SIGNED…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@client_options
def take(
    draft_file: Path,
    signed: tuple[Path, ...],
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Put DRAFT and what its officers SIGNED together, and have the node take the list.

    A running node is told, with an operator's token.
    """
    home = Home.at(folder)
    at = now()
    previous = _newest(home)
    listed = put_together(read_file(draft_file), map(read_file, signed), previous, at)
    if listed.party != home.party:
        raise InvalidInput(
            f"the list is of `{listed.party}`, and the node of `{home.party}`",
            hint="give the node's own folder by `--node`",
            code="other-party",
        )
    if home.runs():
        with client_of(folder, token_file) as client:
            _ = client.renew(listed.raw)
    else:
        with home.locked():
            database = Database.open(home.database)
            try:
                with database.transaction():
                    _ = Partners(database, home.party).renew(home.party, listed.raw, at)
            finally:
                database.close()
    if as_json:
        show_json(
            {
                "party": listed.party,
                "version": listed.version,
                "fingerprint": listed.fingerprint,
            }
        )
        return
    click.echo(f"version {listed.version} of the keys of {listed.party} is taken")
    click.echo(f"fingerprint, to be read aloud: {listed.fingerprint}")


@key.command("list", short_help="Show the party's keys.")
@node_option
@json_option
def list_keys(folder: Path, as_json: bool) -> None:
    """Show the newest key list of the node's party."""
    listed = _own(Home.at(folder))
    if as_json:
        show_json(json.loads(listed.payload))
        return
    click.echo(
        f"version {listed.version} of the keys of {listed.party}, before {say_time(listed.before)}"
    )
    click.echo(f"fingerprint: {listed.fingerprint}")
    names = ", ".join(one.name for one in listed.officers)
    click.echo(f"officers: {listed.threshold} of {names}")
    for address in listed.addresses:
        click.echo(f"address: {address}")
    show_table(
        ["use", "algorithm", "key", "since", "before", "revoked"],
        [
            [
                str(one.use),
                one.public.alg,
                one.public.id,
                say_time(one.since),
                say_time(one.before),
                ""
                if one.revoked is None
                else f"{say_time(one.revoked.at)}: {one.revoked.why}",
            ]
            for one in listed.keys
        ],
    )


@key.command("rotate", short_help="Make new keys for a use.")
@click.argument("use", type=click.Choice([str(use) for use in Use]))
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The draft.",
)
@click.option(
    "--by", multiple=True, metavar="NAME", help="Who is to sign; without it, all."
)
@node_option
@passphrase_option
@json_option
def rotate(
    use: str,
    to: Path,
    by: tuple[str, ...],
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make new keys for USE beside the old, and draft the list that has them.

    They work from the moment at which the node takes the signed list, after a restart.
    """
    home = Home.at(folder)
    previous = _own(home)
    at = now()
    with home.locked():
        passphrase = passphrase_in(passphrase_file, f"the node of {home.party}")
        secrets = renewing(
            home.secrets(passphrase), Use(use), os.urandom, at, previous.before
        )
        write_node_secrets(home.keys, secrets, passphrase, os.urandom)
    known = {one.public.id for one in previous.keys}
    new = [k for k in listing(secrets, at, previous.before) if k.public.id not in known]
    listed = replace(
        following(previous, issued=at, before=previous.before), keys=(*previous.keys, *new)
    )
    _write_draft(to, listed, previous, by, as_json=as_json)


@key.command("revoke", short_help="Say from when a key is not to be trusted.")
@click.argument("key_id", metavar="KEY")
@click.option("--from", "since", required=True, metavar="INSTANT", help="With its offset.")
@click.option("--why", required=True, metavar="WORDS", help="For partners to read.")
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The draft.",
)
@click.option(
    "--by", multiple=True, metavar="NAME", help="Who is to sign; without it, all."
)
@node_option
@json_option
def revoke(
    key_id: str,
    since: str,
    why: str,
    to: Path,
    by: tuple[str, ...],
    folder: Path,
    as_json: bool,
) -> None:
    """Draft the list in which KEY is revoked from an instant on.

    What partners had on record before it stands; nothing signed with it since then counts.
    """
    previous = _own(Home.at(folder))
    at = parse_instant(since)
    listed = replace(
        following(previous, issued=now(), before=previous.before),
        keys=revoking(previous.keys, key_id, Revoked(at=at, why=why)),
    )
    _write_draft(to, listed, previous, by, as_json=as_json)


def _write_draft(
    to: Path,
    listed: KeyList,
    previous: KeyList | None,
    by: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    named = by or tuple(one.name for one in listed.officers)
    payload = draft(listed, previous, named)
    write_new(to, payload)
    if as_json:
        show_json({"draft": str(to), "version": listed.version, "by": list(named)})
        return
    for line in describe(payload, previous):
        click.echo(line)
    click.echo(f"{to}: to be signed by {', '.join(named)}: `comity key sign`")


def _card(path: Path) -> Officer:
    said = text.read(read_file(path))
    if said.pop("format", None) != CARD:
        raise InvalidInput(
            f"`{path}` is no officer's card",
            hint="give the `.card` that `comity key officer` wrote",
            code="bad-card",
        )
    return officer_of_table(said)


def _newest(home: Home) -> KeyList | None:
    database = Database.open(home.database)
    try:
        return Partners(database, home.party).ring.newest(home.party)
    finally:
        database.close()


def _own(home: Home) -> KeyList:
    found = _newest(home)
    if found is None:
        raise NotKnown(
            f"the node of `{home.party}` has no key list yet",
            hint="draft one: `comity key draft`",
            code="no-key-list",
        )
    return found


# -- partner -------------------------------------------------------------------------------


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


COMMANDS = (key, partner)
