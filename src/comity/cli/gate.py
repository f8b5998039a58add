"""``gate``: a command in front of another one, which runs only where a file may go."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from comity.alone.events import Outcome
from comity.alone.gate import Ask, Denied, Release, Sent, ask, fingerprint, open_record
from comity.alone.record import Record
from comity.cli.release import the_item
from comity.cli.shared import talk
from comity.errors import InvalidInput, printable
from comity.labels import Item, Label, Level
from comity.release import HEADINGS, Permit, World

FILE = "{file}"
DENIED, COMMAND_FAILED, UNCERTAIN = 2, 5, 6

record_option = click.option(
    "--record",
    "record_folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder of your record; without it COMITY_RECORD, or `record` here.",
)


class _Told(Exception):
    """The gate was told to stop."""


@click.command("gate", short_help="Run a command only where a file may go.")
@click.option(
    "--world",
    "root",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The world that decides, read anew each time.",
)
@click.option("--from", "sender", required=True, metavar="P", help="Sender: yourselves.")
@click.option("--to", "recipient", required=True, metavar="P", help="Recipient.")
@click.option("--file", required=True, type=click.Path(path_type=Path), help="What goes.")
@click.option(
    "--item", metavar="ITEM", help="The item it is: an id of the world, or FILE#ID."
)
@click.option("--label", metavar="LEVEL", help="Without `--item`: its level.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="WORD",
    help="Its category. Repeatable.",
)
@click.option(
    "--originator",
    "originators",
    multiple=True,
    metavar="P",
    help="Whose information it is. Repeatable.",
)
@click.option(
    "--release-to",
    "release_to",
    multiple=True,
    metavar="P",
    help="To whom its originator lets it go. Repeatable.",
)
@click.option("--kind", metavar="WORD", help="Its kind.")
@click.option(
    "--purpose", metavar="WORD", help="For what it goes; needed without `--item`."
)
@click.option("--channel", metavar="WORD", help="By which way; needed without `--item`.")
@click.option("--under", metavar="ACCORD", help="Under this accord alone.")
@click.option(
    "--stdin",
    "by_stdin",
    is_flag=True,
    help="Give the command the file as its standard input.",
)
@record_option
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [{file}]…")
def gate(
    root: Path,
    sender: str,
    recipient: str,
    file: Path,
    item: str | None,
    label: str | None,
    categories: tuple[str, ...],
    originators: tuple[str, ...],
    release_to: tuple[str, ...],
    kind: str | None,
    purpose: str | None,
    channel: str | None,
    under: str | None,
    by_stdin: bool,
    record_folder: Path | None,
    command: tuple[str, ...],
) -> int:
    """Run COMMAND on a file, only where the file may go, and record both.

    `{file}` in COMMAND stands for the file. No shell reads COMMAND.

    Exit codes: 0 it went; 2 denied; 3 what was given cannot be read; 4 what is needed is
    not at hand; 1 nothing ran, since the record or the clock does not allow it; 5 the
    command failed or was stopped; 6 the file was changed while the command ran.
    """
    if by_stdin is any(FILE in word for word in command):
        raise click.UsageError(
            "the command has to get the file one way: write `{file}` in it, or say `--stdin`"
        )
    described = (label, categories, originators, release_to, kind)
    if (item is None) is not any(described):
        raise click.UsageError(
            "say what the file is one way: `--item`, or `--label` and what goes with it"
        )
    with open_record(record_folder) as record:
        _warn(record)
        sent = fingerprint(file)

        def described_item(world: World) -> Item:
            if item is not None:
                return the_item(world, item)
            return Item(
                id=file.name,
                title=file.name,
                originators=originators,
                label=Label(
                    level=Level.parse(_said(label, "--label")),
                    categories=categories,
                    release_to=release_to or None,
                ),
                kind=_said(kind, "--kind"),
                purpose=_said(purpose, "--purpose"),
                channel=_said(channel, "--channel"),
            )

        what = Ask(
            item=described_item,
            sender=sender,
            recipient=recipient,
            purpose=purpose,
            channel=channel,
            under=under,
        )
        try:
            release = ask(record, root, what)
        except Denied as denied:
            _say_denied(denied)
            return DENIED
        _say_permit(release)
        words = [word.replace(FILE, str(file)) for word in command]
        release.begin([sent], words)
        return _run(release, sent, words, by_stdin=by_stdin)


def _said(value: str | None, option: str) -> str:
    if value is None:
        raise InvalidInput(
            f"what the file is, is not said: `{option}` is missing",
            hint="say it, or name an `--item` that says it; nothing is supposed",
            code="not-described",
        )
    return value


def _run(release: Release, sent: Sent, words: Sequence[str], *, by_stdin: bool) -> int:
    name = words[0]
    try:
        with _stoppable():
            code = _command(sent.path, words, by_stdin=by_stdin)
    except OSError as error:
        why = (error.strerror or "the system refused").lower()
        return _end(release, Outcome.NOT_STARTED, f"`{name}` did not start: {why}")
    except (_Told, KeyboardInterrupt):
        return _end(release, Outcome.INTERRUPTED, f"`{name}` was stopped")
    if code:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        return _end(release, Outcome.FAILED, f"`{name}` {how}", code)
    if not sent.unchanged():
        words_ = f"`{sent.path}` was changed while `{name}` ran: what went is not certain"
        return _end(release, Outcome.CHANGED, words_, code)
    return _end(release, Outcome.WENT, f"`{name}` ended with 0", code)


def _command(file: Path, words: Sequence[str], *, by_stdin: bool) -> int:
    source = file.open("rb") if by_stdin else None
    try:
        process = subprocess.Popen(words, stdin=source)  # noqa: S603 - the user's own command, no shell
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            _ = process.wait()
            raise
    finally:
        if source is not None:
            source.close()


def _end(release: Release, outcome: Outcome, words: str, code: int | None = None) -> int:
    release.end(outcome, words, code)
    began, ended = release.numbers
    talk(printable(f"{outcome}: {words} (record {began}, {ended})"))
    if outcome is Outcome.WENT:
        return 0
    return UNCERTAIN if outcome is Outcome.CHANGED else COMMAND_FAILED


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that the end is recorded."""

    def told(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise _Told

    before = signal.signal(signal.SIGTERM, told)
    try:
        yield
    finally:
        _ = signal.signal(signal.SIGTERM, before)


def _warn(record: Record) -> None:
    for one in record.unfinished():
        talk(
            f"warning: the release of record {one.number} began and has no end:"
            " look whether it arrived"
        )


def _say_permit(release: Release) -> None:
    permit: Permit = release.permit
    asked = permit.asked
    talk(
        f"permit: `{asked.item.id}` ({asked.item.label.level}) may go to `{asked.recipient}`"
    )
    if permit.authority is not None:
        talk(f"  under the written authority `{permit.authority}`")
    else:
        accord = release.world.accord(permit.accord or "")
        talk(f"  under {accord.title}, articles {', '.join(permit.articles)}")
    for article, words in permit.duties:
        talk(f"  duty {article}: {words}")
    sys.stderr.flush()


def _say_denied(denied: Denied) -> None:
    denial = denied.denial
    cites = f" [{denial.articles[0]}]" if denial.articles else ""
    talk(f"deny: {HEADINGS[denial.reason]}{cites}: nothing ran")
    for line in denied.words.split("\n")[1:]:
        talk(line)


COMMANDS = (gate,)
