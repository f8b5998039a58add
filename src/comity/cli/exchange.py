"""``send``, ``inbox``, ``open``, ``ack``, ``refuse``, ``why-stuck`` …: the desk of a node."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from comity.cli.mynode import (
    client_of,
    client_options,
    now,
    officer_option,
    read_file,
    say_time,
    write_new,
    zone_of,
)
from comity.cli.shared import show_json, show_table, talk
from comity.errors import InvalidInput, NotKnown
from comity.exchange.client import new_id
from comity.exchange.desk import Marking, Sending, Successor, Tag, Verdict
from comity.exchange.drafts import grant_for
from comity.exchange.home import Home
from comity.exchange.shapes import to_json
from comity.labels import Item
from comity.wire.header import Precedence
from comity.worlds import load_items, load_world

DENIED = 2


@click.command("send", short_help="Send an item to a partner.")
@click.argument("content", required=False, type=click.Path(path_type=Path))
@click.option("--to", "recipient", required=True, metavar="P", help="The recipient.")
@click.option(
    "--marked",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="How it is marked: an item file, as `items/*.toml` of a world.",
)
@click.option("--item", metavar="ID", help="Send on what came under this id.")
@click.option("--under", metavar="ACCORD", help="Under this accord alone.")
@click.option(
    "--precedence",
    type=click.Choice([str(one) for one in Precedence]),
    default="ROUTINE",
    show_default=True,
    help="FLASH overtakes everything.",
)
@click.option("--preview", is_flag=True, help="Only say what would come of it.")
@officer_option
@client_options
def send(
    content: Path | None,
    recipient: str,
    marked: Path | None,
    item: str | None,
    under: str | None,
    precedence: Precedence,
    preview: bool,
    officer: str,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Send the file CONTENT to a partner, or an item that came on to another.

    The node decides: it ends with 2 where the item may not go, and says why, as `try` does.
    What may go is sealed, recorded and on its way; `why-stuck` says when it is not.
    """
    sending = Sending(
        to=recipient,
        item=item or "",
        under=under,
        precedence=str(precedence),  # type: ignore[arg-type]
        officer=officer,
    )
    if (content is None) != (marked is None) or (content is None) == (item is None):
        raise InvalidInput(
            "say what is to be sent",
            hint="`comity send CONTENT --marked FILE`, or `--item ID` for what came",
            code="no-content",
        )
    home = Home.at(folder)
    if marked is not None:
        (described,) = load_items(marked, load_world(home.world).zone)
        sending = _as_marked(sending, described)
    with client_of(folder, token_file) as client:
        if preview:
            (verdict,) = client.preview([_with_content(sending, content)])
        elif content is None:
            verdict = client.send(sending)
        else:
            _ = read_file(content) if not content.is_file() else None
            with content.open("rb") as file:
                verdict = client.send(sending, file)
    _show_verdict(verdict, as_json=as_json, preview=preview)


def _as_marked(sending: Sending, item: Item) -> Sending:
    label = item.label
    after = label.successor
    return Sending(
        to=sending.to,
        item=sending.item,
        under=sending.under,
        precedence=sending.precedence,
        officer=sending.officer,
        originators=item.originators,
        kind=item.kind,
        purpose=item.purpose,
        channel=item.channel,
        made=item.made,
        made_from=item.made_from,
        marking=Marking(
            level=str(label.level),
            categories=label.categories,
            release_to=label.release_to,
            display_to=label.display_to,
            tags=tuple(Tag(set=one.set_, values=one.values) for one in label.tags),
            review=label.review,
            successor=None
            if after is None
            else Successor(at=after.at, level=str(after.level), earliest=after.earliest),
            compilation=label.compilation,
        ),
    )


def _with_content(sending: Sending, content: Path | None) -> Sending:
    """Return a sending to be previewed: content decides nothing, so none is brought up."""
    from dataclasses import replace  # noqa: PLC0415

    return replace(
        sending, item=sending.item or new_id(), content=None if content is None else b""
    )


def _show_verdict(verdict: Verdict, *, as_json: bool, preview: bool) -> None:
    if as_json:
        show_json(to_json(verdict))
    elif verdict.verdict == "denied":
        click.echo(verdict.words)
    else:
        done = "it may go" if preview else "sent"
        click.echo(
            f"{done}: {verdict.item} to {verdict.to} under {verdict.accord or 'an authority'}"
        )
        click.echo(f"  articles: {', '.join(verdict.articles)}")
        if verdict.handle_as:
            click.echo(f"  they handle it as {' and '.join(verdict.handle_as)}")
        if verdict.envelope:
            click.echo(f"  envelope: {verdict.envelope}")
        if verdict.good_before is not None:
            click.echo(f"  it has to arrive before {say_time(verdict.good_before)}")
    if verdict.verdict == "denied":
        sys.exit(DENIED)


@click.command("inbox", short_help="List what came.")
@click.option(
    "--after", type=int, default=0, metavar="N", help="What came after this number."
)
@click.option("--limit", type=int, default=100, show_default=True, metavar="N")
@click.option("--follow", is_flag=True, help="Then wait, and list what comes as it comes.")
@client_options
def inbox(
    after: int,
    limit: int,
    follow: bool,
    folder: Path,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """List what came, oldest first, with its number, marking and how it is handled here."""
    with client_of(folder, token_file) as client:
        if follow:
            for one in client.events(after):
                if as_json:
                    show_json(to_json(one))
                else:
                    click.echo(f"{one.n} {one.item} from {one.sender} ({one.level})")
            return
        found = client.inbox(after, limit)
    if as_json:
        show_json([to_json(one) for one in found])
        return
    show_table(
        ["n", "item", "from", "marked", "handle as", "under", "arrived", "acknowledged"],
        [
            [
                str(one.n),
                one.item,
                one.sender,
                one.level,
                " and ".join(one.handle_as),
                one.accord,
                say_time(one.arrived),
                one.acknowledged,
            ]
            for one in found
        ],
    )


@click.command("open", short_help="Open the content of what came.")
@click.argument("n", type=int)
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="FILE")
@officer_option
@client_options
def open_command(
    n: int, to: Path, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Open the content of item N of the inbox into a new file that you alone may read.

    The log records which officer did. The file is whole or is not there.
    """
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    write_new(part, b"", private=True)
    length = 0
    try:
        with client_of(folder, token_file) as client, part.open("wb") as file:
            for piece in client.content(n, officer):
                length += file.write(piece)
        if to.exists():
            raise InvalidInput(
                f"`{to}` is there already", hint="name another file", code="file-exists"
            )
        _ = part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    if as_json:
        show_json({"file": str(to), "length": length})
        return
    click.echo(f"{to}: {length} bytes, opened for {officer}")


@click.command("ack", short_help="Acknowledge what came.")
@click.argument("n", type=int)
@click.option("--place", default="", metavar="WORDS", help="Where it is kept.")
@officer_option
@client_options
def ack(
    n: int, place: str, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Record that a named officer has item N: the receipt that the accord means.

    It stands beside the node's own receipt, which says only that the item is in its log.
    """
    with client_of(folder, token_file) as client:
        done = client.acknowledge(n, officer, place)
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@click.command("refuse", short_help="Do not take what came, and say why.")
@click.argument("n", type=int)
@click.option("--why", required=True, metavar="WORDS", help="For the register.")
@officer_option
@client_options
def refuse(
    n: int, why: str, officer: str, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Record that a named officer does not take item N, and that it goes back."""
    with client_of(folder, token_file) as client:
        done = client.refuse(n, officer, why)
    if as_json:
        show_json(to_json(done))
        return
    click.echo(f"{done.done}: {done.words}")


@click.command("why-stuck", short_help="Say what does not move, and who has to act.")
@client_options
def why_stuck(folder: Path, token_file: Path | None, as_json: bool) -> None:
    """Say what was sent and has not arrived, or never will: who has to act, and the last error."""
    with client_of(folder, token_file) as client:
        found = client.stuck()
    if as_json:
        show_json([to_json(one) for one in found])
        return
    if not found:
        click.echo("nothing is stuck")
    for one in found:
        click.echo(f"{one.kind} {one.item} to {one.to}: {one.state}")
        if one.words:
            click.echo(f"  why: {one.words}")
        if one.actor:
            click.echo(f"  next to act: {one.actor}")
        if one.next is not None:
            click.echo(f"  tried {one.attempts} times; again at {say_time(one.next)}")
        if one.hint:
            click.echo(f"  hint: {one.hint}")


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


@click.command("evidence", short_help="Write the bundle that proves one exchange.")
@click.argument("envelope")
@click.option("--to", required=True, type=click.Path(path_type=Path), metavar="FILE")
@client_options
def evidence(
    envelope: str, to: Path, folder: Path, token_file: Path | None, as_json: bool
) -> None:
    """Write the bundle that proves the exchange of ENVELOPE, by its digest, for an auditor."""
    with client_of(folder, token_file) as client:
        raw = client.evidence(envelope)
    write_new(to, raw)
    if as_json:
        show_json({"file": str(to), "length": len(raw)})
        return
    click.echo(f"{to}: {len(raw)} bytes")
    talk("an auditor verifies it with keys of their own: `comity verify`")


COMMANDS = (
    send,
    inbox,
    open_command,
    ack,
    refuse,
    why_stuck,
    perform,
    consent,
    hold,
    evidence,
)
