"""``duties``: what is due, from when, until when, and the act that discharged it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from comity.accords.times import Instant, Period, Rounding, Zone, add, say_day
from comity.cli.clock import at_option
from comity.cli.shared import (
    WhatIf,
    in_few_words,
    show_json,
    the_instant,
    the_period,
    the_world,
    world_options,
)
from comity.errors import InvalidInput
from comity.release import Due, World, duties
from comity.release.agenda import as_deadline
from comity.report.calendar import calendar


@click.command("duties", short_help="List what is due, and what discharged it.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@at_option
@click.option("--party", metavar="P", help="Borne by this party only.")
@click.option("--accord", metavar="ACCORD", help="Under this accord only.")
@click.option("--item", metavar="ITEM", help="About this item only.")
@click.option(
    "--within",
    metavar="PERIOD",
    help="Only what is overdue or falls due in this period from then on, such as P90D.",
)
@click.option("--ics", is_flag=True, help="Print what is to fall due as an iCalendar file.")
@world_options
def duties_command(
    root: Path,
    at: str | None,
    party: str | None,
    accord: str | None,
    item: str | None,
    within: str | None,
    ics: bool,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """List the duties of WORLD at an instant: what releases, losses and ends have brought.

    What is overdue comes first, then what falls due, then what lasts; at the end what an
    act has discharged, with the act, and what a successor has taken over.
    """
    if ics and as_json:
        raise InvalidInput("`--ics` and `--json` exclude one another", hint="choose one")
    world = the_world(root, what_if, accord=accord)
    zone = next(iter(world.parties.values())).zone
    if accord is not None:
        zone = world.accord(accord).zone
    instant = the_instant(at, zone)
    found = duties(world, instant, accord=accord, party=party, item=item)
    if within is not None:
        before = _end(within, instant, zone)
        found = tuple(due for due in found if _falls(due, instant, before))
    if ics:
        ahead = (as_deadline(due, world) for due in found)
        kept = tuple(sorted(one for one in ahead if one is not None))
        click.echo(calendar(kept, world, instant), nl=False)
    elif as_json:
        show_json([due_json(due, world, instant) for due in found])
    elif not found:
        click.echo(f"nothing is due at {zone.say(instant)}")
    else:
        click.echo("\n".join(duties_lines(found, world, instant)))


def _end(within: str, at: Instant, zone: Zone) -> Instant:
    day = add(zone.day_of(at), Period.parse(the_period(within)), Rounding.UP)
    return zone.start_of(day)


def _falls(due: Due, at: Instant, before: Instant) -> bool:
    return due.overdue(at) or (
        due.stands and due.before is not None and due.before < before
    )


def state(due: Due, at: Instant) -> str:
    """Return what has become of a duty, in a word."""
    if due.discharged is not None:
        return "ended" if due.lasting else "discharged"
    if due.adopted is not None:
        return "adopted"
    if due.paused:
        return "rests"
    if due.overdue(at):
        return "overdue"
    return "lasts" if due.lasting else "due"


def duties_lines(found: Iterable[Due], world: World, at: Instant) -> list[str]:
    """Return duties as a person reads them, two lines each.

    Those that differ only in who bears them, all towards the same or towards one another,
    are said together.
    """
    alike: dict[tuple[str, ...], list[Due]] = {}
    for due in found:
        zone = world.accord(due.accord).zone
        place = f"{due.accord} {due.article}".strip()
        said = (
            _stands(due, zone, at),
            f"{due.what} [{place}]",
            due.item or "whatever was given",
        )
        alike.setdefault((*said, zone.say(due.since)), []).append(due)
    lines: list[str] = []
    for (stands, what, item, since), dues in alike.items():
        for bearers, towards in _together(dues):
            who = in_few_words([world.name(party) for party in bearers])
            each = f"each of {who}" if len(bearers) > 1 else who
            whom = in_few_words([world.name(party) for party in towards]) or "one another"
            lines += [
                f"{stands}: {each}: {what}",
                f"  {item}, towards {whom}; since {since}",
            ]
    return lines


def _together(dues: Sequence[Due]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Yield who bears a duty and towards whom; the latter is empty for *one another*."""
    mutual: dict[frozenset[str], list[Due]] = {}
    for due in dues:
        mutual.setdefault(frozenset((due.who, *due.towards)), []).append(due)
    rest: dict[tuple[str, ...], list[str]] = {}
    for everyone, some in mutual.items():
        if len(some) == len(everyone) > 2:
            yield [due.who for due in some], ()
        else:
            for due in some:
                rest.setdefault(due.towards, []).append(due.who)
    for towards, bearers in rest.items():
        yield bearers, towards


def _stands(due: Due, zone: Zone, at: Instant) -> str:
    word = state(due, at)
    if due.discharged is not None:
        day = None if due.discharged_at is None else zone.day_of(due.discharged_at)
        when = "" if day is None else f" on {say_day(day)}"
        return f"{word} by {due.discharged}{when}"
    if due.adopted is not None or due.paused:
        return f"{word} by {due.adopted or due.paused}"
    if due.before is None:
        return f"{word}, no last day said" if word == "due" else f"{word}, with no date"
    return (
        f"{word} until {zone.say(due.before)}"
        if word == "lasts"
        else (f"{word}, to be done before {zone.say(due.before)}")
    )


def due_json(due: Due, world: World, at: Instant) -> dict[str, Any]:
    """Return a duty for programs; every instant with its offset."""
    zone = world.accord(due.accord).zone

    def show(instant: Instant | None) -> str | None:
        return None if instant is None else zone.show(instant)

    return {
        "accord": due.accord,
        "duty": due.id,
        "article": due.article,
        "what": due.what,
        "who": due.who,
        "towards": list(due.towards),
        "item": due.item,
        "arises": str(due.arises),
        "since": zone.show(due.since),
        "before": show(due.before),
        "lasting": due.lasting,
        "state": state(due, at),
        "overdue": due.overdue(at),
        "discharged_by": due.discharged,
        "discharged_at": show(due.discharged_at),
        "adopted_by": due.adopted,
        "rests_by": due.paused or None,
    }


COMMANDS = (duties_command,)
