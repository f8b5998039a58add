"""``lapse``: what stops, what goes on by another way, and which duties begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from comity.accords.times import Zone
from comity.changes.lapse import Lapse, lapse
from comity.cli.clock import at_option
from comity.cli.compared import (
    ACT,
    LAPSED,
    STANDS,
    Words,
    say_pairs,
    say_words,
    show_comparison,
    show_counts,
    show_duties,
    show_items,
)
from comity.cli.comparedjson import differences_json, shown
from comity.cli.duties import due_json
from comity.cli.shared import (
    WhatIf,
    first_zone,
    in_few_words,
    show_json,
    the_instant,
    the_items,
    the_world,
    world_options,
)
from comity.compiled.only import Only
from comity.release import Due, World


@click.command("lapse", short_help="Say what stops, what goes on, and which duties begin.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.argument("what", metavar="WHAT")
@at_option
@click.option(
    "--items",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="These items, instead of the world's.",
)
@click.option(
    "--alone",
    is_flag=True,
    help="Of an accord, in a world of any size: what rests on it alone.",
)
@world_options
def lapse_command(
    root: Path,
    what: str,
    at: str | None,
    items: Path | None,
    alone: bool,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """Say what has stopped by an instant because of WHAT: an accord of WORLD that lapsed.

    Or an act, a hold or an authority: then the world with it stands against the world as
    if it had never been. Of an accord that stands it says what hangs on it, and when it may
    next lapse.

    Every request that there could be is compared, and in a large world there are too many.
    With --alone it says at once what rests on the accord alone, of each party's own
    information, and compares the items.
    """
    world = the_world(root, what_if)
    instant = the_instant(at, _zone_of(world, what))
    found = lapse(world, what, instant, items=the_items(world, items), alone=alone)
    if as_json:
        show_json(_lapse_json(found, world))
    else:
        _show_lapse(found, world)


def _zone_of(world: World, what: str) -> Zone:
    names = {i.id: i.accord for i in world.instruments} | {
        a.id: a.id for a in world.accords
    }
    if what in names:
        return world.accord(names[what]).zone
    return first_zone(world)


# -- in words ------------------------------------------------------------------------


def _show_lapse(found: Lapse, world: World) -> None:
    zone = _zone_of(world, found.what)
    for line in _head(found, world, zone):
        click.echo(line)
    if found.alone is None:
        show_comparison(found.comparison, zone, _words(found))
    else:
        _show_alone(found.alone, found, world)
        show_items(found.comparison, zone)
    newly, earlier = _by_beginning(found)
    show_duties("(c) duties that begin", newly, world, found.at)
    if earlier:
        click.echo(f"  and {earlier} that began with an earlier end: `comity duties`")
    show_duties("duties that are no longer there", found.gone, world, found.at)
    show_counts(found.comparison, requests=found.alone is None)


def _show_alone(alone: Sequence[Only], found: Lapse, world: World) -> None:
    """Print what rests on an accord alone: what is said alike of several directions once."""
    heading = f"(a) {'stops' if found.lapsed is not None else 'hangs on it alone'}"
    heading += ", of each party's own information"
    if not alone:
        click.echo(f"\n{heading}: nothing")
        return
    click.echo(f"\n{heading}")
    levels: dict[tuple[object, ...], list[Only]] = {}
    for one in alone:
        words = (one.categories, one.kinds, one.purposes, one.channels)
        levels.setdefault((one.sender, one.recipient, *words), []).append(one)
    for number, same in enumerate(levels.values(), 1):
        one = same[0]
        click.echo(f"{number:>3}. {say_pairs([(one.sender, one.recipient)], world)}")
        click.echo(f"     {', '.join(str(each.level) for each in same)}")
        click.echo(f"     {say_words(one, world)}")


def _head(found: Lapse, world: World, zone: Zone) -> Iterator[str]:
    asked = zone.say(found.at)
    title = found.what if found.accord is None else world.accord(found.accord).title
    yield title
    if found.accord != found.what:
        yield f"at {asked}: what `{found.what}` changes, against the world without it"
    elif found.lapsed is not None:
        yield f"lapsed at {zone.say(found.lapsed)}; asked about {asked}"
    elif found.ahead is None:
        yield f"at {asked} it has not been in force: nothing lapses"
    else:
        yield f"at {asked} it stands: nothing lapses at that instant"
        by_clock = found.ahead.by_clock
        yield "  by the clock alone it lapses " + (
            "at no date" if by_clock is None else f"at {zone.say(by_clock)}"
        )
        if found.ahead.by_one is not None:
            who = " or ".join(world.name(party) for party in found.ahead.who)
            yield (
                f"  one side alone could end it at {zone.say(found.ahead.by_one)}"
                f" at the earliest: {who}"
            )
    alike: dict[str, list[tuple[str, str]]] = {}
    for one in found.between:
        said = " or ".join(str(status).replace("_", " ") for status in one.statuses)
        since = "" if one.lapsed is None else f", not standing since {zone.say(one.lapsed)}"
        alike.setdefault(f"{said}{since}", []).append(one.pair)
    for words, pairs in alike.items():
        for names in _between(pairs, world):
            yield f"  between {names}: {words}"


def _between(pairs: Sequence[tuple[str, str]], world: World) -> Iterator[str]:
    """Yield pairs in few words: one with any of several, or any two of some."""
    left = list(dict.fromkeys(pairs))
    while left:
        everyone = dict.fromkeys(party for pair in left for party in pair)
        if len(left) > 1 and len(left) == len(everyone) * (len(everyone) - 1) // 2:
            yield "any two of " + in_few_words([world.name(party) for party in everyone])
            return
        one = max(everyone, key=lambda party: sum(party in pair for pair in left))
        others = [a if b == one else b for a, b in left if one in (a, b)]
        any_of = "any of " if len(others) > 1 else ""
        named = in_few_words([world.name(party) for party in others])
        yield f"{world.name(one)} and {any_of}{named}"
        left = [pair for pair in left if one not in pair]


def _by_beginning(found: Lapse) -> tuple[list[Due], int]:
    """Return the duties that began with the last end between some two; count the others."""
    ends = [one.lapsed for one in found.between if one.lapsed is not None]
    last = max(ends, default=None)
    newly = [due for due in found.begins if last is None or due.since >= last]
    return newly, len(found.begins) - len(newly)


def _words(found: Lapse) -> Words:
    if found.accord != found.what:
        return ACT
    return STANDS if found.lapsed is None else LAPSED


# -- for programs --------------------------------------------------------------------


def _lapse_json(found: Lapse, world: World) -> dict[str, Any]:
    zone = _zone_of(world, found.what)
    ahead = None
    if found.ahead is not None:
        ahead = {
            "by_clock": shown(found.ahead.by_clock, zone),
            "by_one": shown(found.ahead.by_one, zone),
            "who": list(found.ahead.who),
        }
    alone = None
    if found.alone is not None:
        alone = [
            {
                "from": one.sender,
                "to": one.recipient,
                "level": str(one.level),
                "categories": list(one.categories),
                "kinds": list(one.kinds),
                "purposes": list(one.purposes),
                "channels": list(one.channels),
            }
            for one in found.alone
        ]
    return {
        "what": found.what,
        "accord": found.accord,
        "at": zone.show(found.at),
        "lapsed": shown(found.lapsed, zone),
        "between": [
            {
                "pair": list(one.pair),
                "standing": [str(status) for status in one.statuses],
                "lapsed": shown(one.lapsed, zone),
            }
            for one in found.between
        ],
        "ahead": ahead,
        "alone": alone,
        "duties": {
            "begin": [due_json(due, world, found.at) for due in found.begins],
            "gone": [due_json(due, world, found.at) for due in found.gone],
        },
        **differences_json(found.comparison, zone),
    }


COMMANDS = (lapse_command,)
