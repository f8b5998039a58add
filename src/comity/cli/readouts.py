"""``readouts``: accounts of a meeting side by side, found again in a copy, and drafted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from comity.accords.times import Instant, Zone, parse_day
from comity.cli.shared import show_json, show_table, talk, the_instant
from comity.errors import InvalidInput, NotKnown
from comity.release import World
from comity.report.talks import (
    count_relations,
    doubt_lines,
    meeting_lines,
    readouts_section,
)
from comity.talks.draft import Names, draft
from comity.talks.phrases import TEXT_CHARS_MAX, Copy, Found, recognise
from comity.talks.readouts import Compared, Meeting, Relation
from comity.worlds import load_world, read_text

NOT_LOCATED = 1
NOT_AT_HAND = 4
SOURCE_FILES_MAX = 200  # of a folder of accounts; it is no archive


class _Group(click.Group):
    """A group whose first word may also be a world; then the accounts are shown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command that shows before what is none of the others."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("readouts", cls=_Group, short_help="Show accounts of a meeting side by side.")
def readouts_command() -> None:
    """Show the accounts of a WORLD's meetings side by side: `comity readouts WORLD`.

    `comity readouts show --help` lists its options.

    `check` finds each point in the reader's own copies of the accounts; `draft` proposes
    points from a text and decides nothing.
    """


def _meetings(world: World, name: str | None) -> tuple[Meeting, ...]:
    found = tuple(m for m in world.readouts.meetings if name in (None, m.id))
    if name is not None and not found:
        known = ", ".join(f"`{m.id}`" for m in world.readouts.meetings) or "none"
        raise NotKnown(
            f"the world `{world.id}` has no meeting `{name}`",
            hint=f"its meetings: {known}",
            code="no-meeting",
        )
    return found


@readouts_command.command("show", hidden=True)
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.option("--meeting", metavar="ID", help="This meeting alone.")
@click.option(
    "--relation",
    multiple=True,
    type=click.Choice([str(relation) for relation in Relation]),
    help="Only points of this relation. Repeatable.",
)
@click.option(
    "--at",
    metavar="INSTANT",
    help="As the accounts dated by then tell; without an offset in the meeting's zone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show_command(
    root: Path,
    meeting: str | None,
    relation: tuple[str, ...],
    at: str | None,
    as_json: bool,
) -> None:
    """Show the accounts of WORLD's meetings side by side, point by point.

    The relation of the accounts on a point is computed from what they say, and shown as
    stated where that is not enough. Times that may mean several things are flagged.
    """
    world = load_world(root)
    found = _meetings(world, meeting)
    if as_json:
        show_json([_meeting_json(m, world, _when(at, m.zone), relation) for m in found])
        return
    if not found:
        talk(f"the world `{world.id}` has no readouts")
    for one in found:
        _show(one, world, _when(at, one.zone), relation)


def _when(at: str | None, zone: Zone) -> Instant | None:
    return None if at is None else the_instant(at, zone)


def _points(
    meeting: Meeting, world: World, at: Instant | None, relation: tuple[str, ...]
) -> list[Compared]:
    found = world.readouts.compared(meeting.id, at)
    return [one for one in found if not relation or one.relation in relation]


def _show(
    meeting: Meeting, world: World, at: Instant | None, relation: tuple[str, ...]
) -> None:
    accounts = world.readouts.of(meeting.id, at)
    click.echo("\n".join(meeting_lines(meeting, accounts, world)))
    found = _points(meeting, world, at, relation)
    numbers = {str(one.point.number) for one in found}
    section = readouts_section(meeting, world, at)
    show_table(list(section.columns), (row for row in section.rows if row[0] in numbers))
    for one in found:
        if one.point.note:
            click.echo(f"point {one.point.number}: {one.point.note}")
        for line in doubt_lines(one, meeting, world):
            click.echo(line)
    click.echo(count_relations(found))


def _meeting_json(
    meeting: Meeting, world: World, at: Instant | None, relation: tuple[str, ...]
) -> dict[str, Any]:
    accounts = {a.id: a for a in world.readouts.of(meeting.id, at)}
    return {
        "meeting": meeting.id,
        "on": meeting.on.isoformat(),
        "place": meeting.place,
        "who": list(meeting.who),
        "accounts": [
            {
                "id": a.id,
                "side": a.side,
                "by": a.by,
                "kind": str(a.kind),
                "dated": a.zone.show(a.dated.start),
                "first_hand": a.first_hand,
                "after": list(a.after),
                "revises": a.revises,
            }
            for a in accounts.values()
        ],
        "points": [
            {
                "number": one.point.number,
                "matter": one.point.matter,
                "relation": str(one.relation),
                "computed": one.computed is not None,
                "adds": {name: list(adds) for name, adds in one.adds.items()},
                "passages": [
                    {
                        "account": p.account,
                        "says": p.says,
                        "paragraph": p.paragraph,
                        "speaker": p.speaker,
                        "after": list(p.after),
                        "declined": p.declined,
                    }
                    for p in one.passages
                ],
                "ambiguous": [
                    {
                        "account": d.account,
                        "of": d.of,
                        "time": d.time,
                        "may_be": [
                            {
                                "from": accounts[d.account].zone.show(span.start),
                                "before": accounts[d.account].zone.show(span.before),
                            }
                            for span in d.may_be
                        ],
                        "means": None
                        if d.means is None
                        else accounts[d.account].zone.show(d.means),
                        "why": d.why or None,
                    }
                    for d in one.doubts
                ],
            }
            for one in _points(meeting, world, at, relation)
        ],
    }


@readouts_command.command(
    "check", short_help="Find the points in the reader's own copies of the accounts."
)
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder with the reader's own copies, as plain text.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def check_command(root: Path, source: Path | None, as_json: bool) -> int:
    """Find each point of WORLD's readouts in the reader's own copies of the accounts.

    Which file is which account is told by what stands in it. Exit 0: all points are there;
    1: some are not; 4: the source is not at hand.
    """
    world = load_world(root)
    passages = {
        account.id: tuple(p for p in world.readouts.passages if p.account == account.id)
        for account in world.readouts.accounts
    }
    if not any(passages.values()):
        raise InvalidInput(
            f"the world `{world.id}` has no readouts to check",
            hint="write them in its `readouts.toml`",
            code="no-readouts",
        )
    texts = {} if source is None else _texts(source)
    copies = recognise(texts, passages)
    if as_json:
        show_json([_copy_json(copy) for copy in copies])
    else:
        for copy in copies:
            _show_copy(copy)
    total = sum(len(copy.places) for copy in copies)
    there = total - sum(copy.count(Found.MISSING) for copy in copies)
    if not as_json:
        click.echo(f"{there} of {total} places located")
    if any(copy.file is None for copy in copies):
        away = ", ".join(copy.account for copy in copies if copy.file is None)
        hint = "give the folder of your own copies by `--source`"
        talk(f"the source is not at hand: account {away}; {hint}")
        return NOT_AT_HAND
    return 0 if there == total else NOT_LOCATED


def _texts(folder: Path) -> dict[str, str]:
    """Return the texts of a folder by file name; what is no text is passed over aloud."""
    if not folder.is_dir():
        raise InvalidInput(
            f"`{folder}` is no folder",
            hint="give the folder in which your copies of the accounts are",
            code="no-file",
        )
    paths = sorted(p for p in folder.iterdir() if p.is_file() and p.name[0] != ".")
    if len(paths) > SOURCE_FILES_MAX:
        raise InvalidInput(
            f"`{folder}` has more than {SOURCE_FILES_MAX} files",
            hint="put the accounts into a folder of their own",
            code="too-many-files",
        )
    found = {}
    for path in paths:
        try:
            text = read_text(path)
        except InvalidInput as error:
            talk(f"passed over: {error.message}")
            continue
        if len(text) > TEXT_CHARS_MAX:
            talk(f"passed over: `{path}` is longer than an account")
        else:
            found[path.name] = text
    return found


def _show_copy(copy: Copy) -> None:
    if copy.file is None:
        click.echo(f"account {copy.account}: not at hand, {len(copy.places)} places")
        return
    there = len(copy.places) - copy.count(Found.MISSING)
    click.echo(
        f"account {copy.account} is `{copy.file}`: {there} of {len(copy.places)} located,"
        f" {copy.count(Found.MOVED)} of them moved"
    )
    for place in copy.places:
        number, meant = place.passage.point, place.passage.paragraph
        if place.found is Found.MISSING:
            said = f"not found; it should stand in paragraph {meant}"
        elif place.found is Found.MOVED:
            said = (
                f"line {place.line}: moved, paragraph {place.paragraph} instead of {meant}"
            )
        else:
            said = f"line {place.line}, paragraph {meant}"
        click.echo(f"  point {number}: {said}")


def _copy_json(copy: Copy) -> dict[str, Any]:
    return {
        "account": copy.account,
        "file": copy.file,
        "places": [
            {
                "point": place.passage.point,
                "found": str(place.found),
                "line": place.line,
                "paragraph": place.paragraph,
                "stated_paragraph": place.passage.paragraph,
            }
            for place in copy.places
        ],
    }


@readouts_command.command("draft", short_help="Propose points from a text; decide nothing.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--dated",
    metavar="DAY",
    help="The day that the text is dated, where its own dateline does not say the year.",
)
@click.option("--account", default="A", metavar="ID", help="The account's id; A.")
@click.option(
    "--world",
    "root",
    type=click.Path(path_type=Path),
    metavar="WORLD",
    help="Look for the names of this world's parties and speakers, and for misspelt ones.",
)
def draft_command(file: Path, dated: str | None, account: str, root: Path | None) -> None:
    """Propose points from FILE, an account of a meeting in plain text, as TOML.

    Every table says `proposed = true`, and no world loads until a person has looked at it
    and taken that out. None of the text's sentences is copied: a place is its paragraph and
    the digest of a phrase. Page furniture is left out, weekdays are counted from the
    dateline, and times that may mean several things are flagged with all of them.
    """
    names = Names() if root is None else _names(load_world(root))
    day = None if dated is None else parse_day(dated)
    text = read_text(file)
    made = draft(text, account=account, dated=day, names=names, where=str(file))
    click.echo(made.toml(), nl=False)
    for note in made.notes():
        talk(note)


def _names(world: World) -> Names:
    found: dict[str, tuple[str, ...]] = {}
    for party in world.parties.values():
        found[party.name] = (party.seat, *party.names.values())
    for speaker in world.speakers:
        found[speaker.name] = speaker.names
    for forum in world.forums:
        found[forum.name] = ()
    return Names(found)


COMMANDS = (readouts_command,)
