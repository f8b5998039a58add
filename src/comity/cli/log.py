"""``log``: what stands in one side's own record, and the proof of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import click

from comity.alone.events import Event
from comity.alone.gate import open_record
from comity.alone.record import Record, Written
from comity.cli.gate import record_option
from comity.cli.mynode import json_option, write_new
from comity.cli.shared import show_json, show_table, talk
from comity.signed.text import read_time

COLUMNS = ("number", "at", "event", "item", "from", "to", "accord", "words")


@click.group("log", invoke_without_command=True, short_help="What stands in your record.")
@record_option
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([str(e) for e in Event]),
    help="Of this kind alone. Repeatable.",
)
@click.option("--to", "to", metavar="P", help="Towards this party alone.")
@click.option("--item", metavar="ID", help="About this item alone.")
@click.option("--accord", metavar="ACCORD", help="About this accord alone.")
@click.option(
    "--since", metavar="TIME", help="From a time on, such as `2026-11-24T00:00:00Z`."
)
@click.option("--before", metavar="TIME", help="Before a time.")
@click.option(
    "--text", "words", metavar="WORDS", help="With these words anywhere in the entry."
)
@click.option("--last", type=click.IntRange(1), metavar="N", help="The last N alone.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet.")
@json_option
@click.pass_context
def log(
    context: click.Context,
    record_folder: Path | None,
    events: tuple[str, ...],
    to: str | None,
    item: str | None,
    accord: str | None,
    since: str | None,
    before: str | None,
    words: str | None,
    last: int | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List what stands in your record, oldest first, or search it.

    `show` prints one entry whole, `prove` writes what proves it, `keys` prints the keys
    by which others verify that.
    """
    context.obj = record_folder
    if context.invoked_subcommand is not None:
        return
    first = None if since is None else read_time(since)
    end = None if before is None else read_time(before)
    wanted = {"to": to, "item": item, "accord": accord}

    def fits(one: Written) -> bool:
        body, at = one.body, read_time(one.body["at"])
        about = {"accord": one.accord} | {k: v for k, v in body.items() if v is not None}
        return (
            (not events or body["event"] in events)
            and all(v is None or about.get(k) == v for k, v in wanted.items())
            and (first is None or at >= first)
            and (end is None or at < end)
            and (words is None or words.casefold() in one.raw.decode().casefold())
        )

    with open_record(record_folder) as record:
        found = [one for one in record.entries() if fits(one)]
    found = found[-(last or len(found)) :]
    if as_json:
        show_json([{"number": one.number, "log": one.log} | one.body for one in found])
    elif as_csv:
        click.echo(_csv(found), nl=False)
    else:
        show_table(["no.", "when", "what", "about", ""], map(_row, found))


def _row(one: Written) -> tuple[str, ...]:
    body = one.body
    about = body.get("item") or body.get("id") or body.get("release", "")[:8]
    way = f"{body['from']} → {body['to']}" if "from" in body and "to" in body else ""
    words = str(body.get("words") or body.get("title") or "").split("\n")[0]
    return (str(one.number), body["at"], body["event"], f"{about} {way}".strip(), words)


def _csv(found: list[Written]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        body = {"accord": one.accord, **one.body, "number": one.number}
        writer.writerow([_cell(body.get(column)) for column in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    said = "" if value is None else str(value)
    return "'" + said if said[:1] in ("=", "+", "-", "@") else said


@log.command("show", short_help="Print one entry whole.")
@click.argument("number", type=int)
@click.pass_obj
def show(record_folder: Path | None, number: int) -> None:
    """Print entry NUMBER with every fact, as JSON."""
    with open_record(record_folder) as record:
        found = record.entry(number)
    show_json({"number": found.number, "log": found.log, "place": found.place} | found.body)


@log.command("prove", short_help="Write an entry and the proof of it.")
@click.argument("number", type=int)
@click.argument("to", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def prove(record_folder: Path | None, number: int, to: Path) -> None:
    """Write entry NUMBER to FILE, and to FILE.tlog-proof what proves that it is in its log.

    `tools/verify.py` verifies both, with the key that `comity log keys` prints; whoever
    verifies has to have that key from you by another way.
    """
    with open_record(record_folder) as record:
        proof = record.prove(number)
    write_new(to, proof.entry)
    write_new(to.with_name(to.name + ".tlog-proof"), proof.proof)
    talk(f"{to}, {to}.tlog-proof: verified by the key `{proof.key}`")


@log.command("keys", short_help="Print the keys that verify your record.")
@click.pass_obj
def keys(record_folder: Path | None) -> None:
    """Print the key of each log; hand them to whoever is to verify, before there is a quarrel."""
    with open_record(record_folder) as record:
        for accord, key in _keys(record):
            click.echo(f"{key}  {accord or 'the house log'}")


def _keys(record: Record) -> Iterator[tuple[str, str]]:
    yield from sorted(record.keys())


@log.command("checkpoint", short_help="Print the signed checkpoint of a log.")
@click.argument("accord", default="")
@click.pass_obj
def checkpoint(record_folder: Path | None, accord: str) -> None:
    """Print the signed checkpoint of the log of ACCORD, or of the house log.

    A checkpoint that another keeps lets nobody, you included, change what came before it.
    """
    with open_record(record_folder) as record:
        click.echo(record.checkpoint(accord).decode(), nl=False)


COMMANDS = (log,)
