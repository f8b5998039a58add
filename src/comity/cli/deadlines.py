"""``deadlines``: the dates ahead, for a person, a program, a calendar or a letter."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from comity.accords.deadlines import LAST_DAYS, Deadline
from comity.accords.times import Instant, Zone, say_day
from comity.book import is_book, owners, read_book, reviews
from comity.cli.clock import at_option
from comity.cli.shared import (
    WhatIf,
    show_json,
    show_table,
    talk,
    the_instant,
    the_period,
    the_world,
    world_options,
)
from comity.errors import InvalidInput
from comity.release import World
from comity.release.agenda import agenda
from comity.report.calendar import calendar

SOMETHING = 2
WIDTH = 72  # of a line in a letter


@click.command("deadlines", short_help="List the dates ahead.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@at_option
@click.option(
    "--within",
    default="P1Y",
    metavar="PERIOD",
    help="How far ahead, as `P90D` or `90d` (d, w, m, y); P1Y.",
)
@click.option("--ics", is_flag=True, help="Print an iCalendar file.")
@click.option(
    "--mail",
    is_flag=True,
    help="Print plain text for a letter, and nothing where nothing lies ahead.",
)
@click.option("--exit-code", is_flag=True, help="Exit 2 where anything lies ahead.")
@world_options
def deadlines_command(
    root: Path,
    at: str | None,
    within: str,
    ics: bool,
    mail: bool,
    exit_code: bool,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """List the dates ahead of every accord of WORLD, were nothing more done.

    Last days for notice, renewals by silence, notices that take effect, ends of terms,
    holds, authorities and consents; of a book of agreements the reviews as well, and who
    looks after each.
    """
    if ics + mail + as_json > 1:
        raise InvalidInput(
            "`--ics`, `--mail` and `--json` exclude one another", hint="choose one"
        )
    world = the_world(root, what_if)
    instant = the_instant(at, next(iter(world.parties.values())).zone)
    found, who = ahead(root, world, instant, the_period(within))
    if ics:
        click.echo(calendar(found, world, instant, who), nl=False)
    elif as_json:
        show_json([deadline_json(d, world, who) for d in found])
    elif mail:
        if found:
            click.echo("\n".join(letter(found, world, instant, within, who)))
    else:
        _show(found, world, who)
    return SOMETHING if found and exit_code else 0


def ahead(
    root: Path, world: World, at: Instant, within: str
) -> tuple[tuple[Deadline, ...], Mapping[str, str]]:
    """Return the dates ahead of a world's folder, and who looks after which accord."""
    found = agenda(world, at, within)
    if not is_book(root):
        return found, {}
    book, known = read_book(root), {accord.id for accord in world.accords}
    looked = (
        one
        if one.accord in known
        else replace(one, accord="", what=f"{one.accord}: {one.what}")
        for one in reviews(book, at, within)
    )
    return tuple(sorted((*found, *looked))), owners(book)


def _show(found: tuple[Deadline, ...], world: World, who: Mapping[str, str]) -> None:
    if not found:
        talk("nothing lies ahead in that time")
        return
    show_table(
        ["before", "what", "accord", "article", "in words", *(["owner"] if who else [])],
        (
            (
                zone_of(d, world).say(d.before),
                str(d.kind),
                d.accord,
                d.article,
                d.what,
                *([who.get(d.accord, "")] if who else []),
            )
            for d in found
        ),
    )


def letter(
    found: tuple[Deadline, ...],
    world: World,
    at: Instant,
    within: str,
    who: Mapping[str, str],
) -> Iterator[str]:
    """Yield the lines of a letter about dates ahead."""
    zone = next(iter(world.parties.values())).zone
    dates = "1 date" if len(found) == 1 else f"{len(found)} dates"
    yield f"{world.title}: {dates} within {within} of {say_day(zone.day_of(at))}"
    for one in found:
        yield ""
        yield f"{when(one, world)}: {one.kind}"
        name = world.accord(one.accord).title if one.accord else ""
        article = f" [{one.article}]" if one.article else ""
        for text in (name, f"{one.what}{article}"):
            yield from textwrap.wrap(
                text, WIDTH, initial_indent="  ", subsequent_indent="    "
            )
        if one.accord in who:
            yield f"  owner: {who[one.accord]}"


def when(deadline: Deadline, world: World) -> str:
    """Return a date ahead as one says it: the last day, or the instant."""
    zone = zone_of(deadline, world)
    if deadline.kind in LAST_DAYS:
        return f"by {say_day(zone.day_of(Instant(deadline.before - 1)))}"
    return zone.say(deadline.before)


def zone_of(deadline: Deadline, world: World) -> Zone:
    """Return the zone in which a date ahead is said."""
    if deadline.accord:
        return world.accord(deadline.accord).zone
    return next(iter(world.parties.values())).zone


def deadline_json(
    deadline: Deadline, world: World, who: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a date ahead for programs."""
    return {
        "before": zone_of(deadline, world).show(deadline.before),
        "kind": str(deadline.kind),
        "accord": deadline.accord or None,
        "article": deadline.article or None,
        "what": deadline.what,
        "owner": (who or {}).get(deadline.accord),
    }


COMMANDS = (deadlines_command,)
