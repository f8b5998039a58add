"""What several commands share: options, the world they mean, and tables."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from comity.accords import clauses as c
from comity.accords.instruments import Instrument
from comity.accords.standing import Reading
from comity.accords.state import SUSPENDED_NOTICE
from comity.accords.times import Instant, Zone, parse_instant
from comity.book import load
from comity.errors import InvalidInput, NotKnown
from comity.labels import Item
from comity.release import World
from comity.worlds import load_items, read_instruments


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """How the options change the world of a command."""

    without: tuple[str, ...]
    suppose: tuple[Path, ...]
    known_at: str | None
    reading: tuple[str, ...]


def world_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which any command asks *what if*, handed on as ``what_if``."""

    @wraps(function)
    def command(
        *,
        without: tuple[str, ...],
        suppose: tuple[Path, ...],
        known_at: str | None,
        reading: tuple[str, ...],
        **others: Any,
    ) -> Any:
        what_if = WhatIf(
            without=without, suppose=suppose, known_at=known_at, reading=reading
        )
        return function(what_if=what_if, **others)

    options = (
        click.option(
            "--without",
            multiple=True,
            metavar="INSTRUMENT",
            help="As if this instrument had never been. Repeatable.",
        ),
        click.option(
            "--suppose",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="As if the instruments in this file had been made; an id that is known"
            " takes the known one's place. Repeatable.",
        ),
        click.option(
            "--known-at",
            metavar="INSTANT",
            help="As far as was known by then: what was learnt later is left out. With its"
            " offset.",
        ),
        click.option(
            "--reading",
            multiple=True,
            metavar="[POINT=]READING",
            help="As if everyone read an open point so, such as `dormant`. Repeatable.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON for programs."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def the_world(root: Path, what_if: WhatIf, *, accord: str | None = None) -> World:
    """Return the world of a folder, as the options change it."""
    world = load(root)
    for path in what_if.suppose:
        world = world.supposing(read_instruments(path, world))
    world = world.without(what_if.without)
    if what_if.known_at is not None:
        world = known(world, parse_instant(what_if.known_at))
    for text in what_if.reading:
        world = _with_reading(world, text, accord)
    said = [
        *(f"without {name}" for name in what_if.without),
        *(f"supposing {path}" for path in what_if.suppose),
        *(f"as known at {what_if.known_at}" for _ in (1,) if what_if.known_at),
        *(f"reading {text}" for text in what_if.reading),
    ]
    if said:
        talk(f"as if: {'; '.join(said)}")
    return world


def known(world: World, at: Instant) -> World:
    """Return the world as far as was known by an instant."""

    def learnt(item: Instrument | Reading) -> bool:
        when = item.known() if isinstance(item, Instrument) else item.known
        return when is None or when <= at

    return replace(
        world,
        instruments=tuple(i for i in world.instruments if learnt(i)),
        readings=tuple(r for r in world.readings if learnt(r)),
        positions=tuple(p for p in world.positions if p.known <= at),
        undertakings=tuple(u for u in world.undertakings if u.known <= at),
    )


def _with_reading(world: World, text: str, accord: str | None) -> World:
    """Read ``point=reading``, or a reading alone where it answers one point only."""
    point, equals, answer = text.partition("=")
    accords = [world.accord(accord)] if accord is not None else list(world.accords)
    if not equals:
        answer, found = text, set[tuple[str, str]]()
        for one in accords:
            for declared in one.all(c.OpenPoint):
                if answer in declared.readings:
                    found.add((one.id, declared.id))
        if len(found) != 1:
            raise InvalidInput(
                f"`{text}` answers {len(found) or 'no'} open points",
                hint="write `--reading POINT=READING`; `comity show ACCORD_FILE` lists them",
                code="no-reading",
            )
        name, point = found.pop()
        return world.reading(name, {point: answer})
    touched = [
        one
        for one in accords
        if one.open_point(point) is not None or point == SUSPENDED_NOTICE
    ]
    if not touched:
        raise NotKnown(
            f"no accord here has an open point `{point}`",
            hint="`comity show ACCORD_FILE` lists them",
            code="no-open-point",
        )
    for one in touched:
        world = world.reading(one.id, {point: answer})
    return world


def the_instant(text: str | None, zone: Zone) -> Instant:
    """Return an instant as given, local to a zone where it has no offset, or now."""
    if text is None:
        return Instant(int(time.time()))
    return parse_instant(text, zone)


_SHORT = re.compile(r"(\d{1,4})([dwmy])")


def the_period(text: str) -> str:
    """Return a period as agreements' files have it, from that or from ``90d``, ``6m``, ``1y``."""
    short = _SHORT.fullmatch(text)
    return f"P{short[1]}{short[2].upper()}" if short else text


def the_items(world: World, path: Path | None) -> tuple[Item, ...]:
    """Return the items of a file, or with none those of the world."""
    return tuple(world.items.values()) if path is None else load_items(path)


def first_zone(world: World) -> Zone:
    """Return the zone of the first party, for what is no accord's."""
    return next(iter(world.parties.values())).zone


def show_json(value: object) -> None:
    """Print JSON to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def talk(text: str) -> None:
    """Say something to the person, on stderr."""
    click.echo(text, err=True)


def show_table(columns: list[str], rows: Iterable[Iterable[str]], title: str = "") -> None:
    """Print a table to stdout, as wide as the terminal allows."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = 120
    console.print(table)


FEW = 5  # names that a sentence holds and a listener keeps


def in_few_words(names: Sequence[str]) -> str:
    """Return names in a sentence; of many, the first and how many others."""
    if len(names) <= FEW:
        return ", ".join(names)
    return f"{', '.join(names[: FEW - 2])} and {len(names) - FEW + 2} others"
