"""``lapse``, and the differences between two worlds: what stops, and what goes on otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from comity.accords.deadlines import Deadline
from comity.accords.times import Instant, Zone
from comity.cli.clock import at_option, deadline_json
from comity.cli.duties import due_json, duties_lines
from comity.cli.shared import (
    WhatIf,
    show_json,
    show_table,
    talk,
    the_instant,
    the_world,
    world_options,
)
from comity.labels import Item
from comity.release import Due, World
from comity.release.cells import Origin, Region
from comity.release.compare import (
    Alike,
    Answer,
    Change,
    Comparison,
    Difference,
    ItemDiffers,
    Left,
    RegionDiffers,
    StandingDiffers,
    Way,
    dates_apart,
    duties_apart,
)
from comity.release.explain import HEADINGS
from comity.release.lapse import Lapse, lapse
from comity.worlds import load_items


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
@world_options
def lapse_command(
    root: Path,
    what: str,
    at: str | None,
    items: Path | None,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """Say what has stopped by an instant because of WHAT: an accord of WORLD that lapsed.

    Or an act, a hold or an authority: then the world with it stands against the world as
    if it had never been. Of an accord that stands it says what hangs on it, and when it may
    next lapse.
    """
    world = the_world(root, what_if)
    instant = the_instant(at, _zone_of(world, what))
    found = lapse(world, what, instant, items=the_items(world, items))
    if as_json:
        show_json(_lapse_json(found, world))
    else:
        _show_lapse(found, world)


def the_items(world: World, path: Path | None) -> tuple[Item, ...]:
    """Return the items of a file, or with none those of the world."""
    return tuple(world.items.values()) if path is None else load_items(path)


def _zone_of(world: World, what: str) -> Zone:
    names = {i.id: i.accord for i in world.instruments} | {
        a.id: a.id for a in world.accords
    }
    if what in names:
        return world.accord(names[what]).zone
    return first_zone(world)


def first_zone(world: World) -> Zone:
    """Return the zone of the first party, for what is no accord's."""
    return next(iter(world.parties.values())).zone


# -- in words ------------------------------------------------------------------------


def _show_lapse(found: Lapse, world: World) -> None:
    zone = _zone_of(world, found.what)
    for line in _head(found, world, zone):
        click.echo(line)
    _show_comparison(found.comparison, zone, _words(found))
    _show_duties("(c) duties that begin", found.begins, world, found.at)
    _show_duties("duties that are no longer there", found.gone, world, found.at)
    _show_counts(found.comparison)


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
    for one in found.between:
        names = " and ".join(world.name(party) for party in one.pair)
        said = " or ".join(str(status).replace("_", " ") for status in one.statuses)
        since = "" if one.lapsed is None else f", not standing since {zone.say(one.lapsed)}"
        yield f"  between {names}: {said}{since}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How the parts of a comparison are headed, and its two sides are called.

    Attributes:
        refused: empty where what is refused on both sides is of no interest.
    """

    stops: str
    left: str
    otherwise: str
    begins: str
    refused: str = ""
    before: str = "before"
    after: str = "now"


_LAPSED = _Words(
    stops="(a) stops",
    left="(b) of this goes on by another way",
    otherwise="(b) goes on under another accord, directly",
    begins="begins",
)
_STANDS = _Words(
    stops="(a) hangs on it alone",
    left="(b) of this would go on by another way",
    otherwise="(b) would go on under another accord, directly",
    begins="would begin without it",
    before="with it",
    after="without it",
)
_ACT = replace(_LAPSED, before="without it", after="with it")
_WORLDS = _Words(
    stops="permitted in the first alone",
    left="of this goes on in the second by another way",
    otherwise="permitted in both, otherwise",
    begins="permitted in the second alone",
    refused="refused in both, for another reason",
    before="first",
    after="second",
)


def _words(found: Lapse) -> _Words:
    if found.accord != found.what:
        return _ACT
    return _STANDS if found.lapsed is None else _LAPSED


def _show_comparison(found: Comparison, zone: Zone, words: _Words) -> None:
    """Print what differs as numbered parts that can be read aloud."""
    world = found.after[0]
    for heading, change in (
        (words.stops, Change.STOPS),
        (words.otherwise, Change.OTHERWISE),
        (words.begins, Change.BEGINS),
        (words.refused, Change.REFUSED_OTHERWISE),
    ):
        regions = found.of(change)
        if regions and heading:
            click.echo(f"\n{heading}")
            _show_regions(regions, zone, world, words)
        elif change is Change.STOPS:
            click.echo(f"\n{heading}: nothing")
        if regions and change is Change.STOPS:
            click.echo(f"\n{words.left}")
            _show_left(found.left, world)
    _show_items(found, world, zone)


def _show_regions(
    regions: Sequence[RegionDiffers], zone: Zone, world: World, words: _Words
) -> None:
    for number, one in enumerate(regions, 1):
        since = one.difference.since
        start = "" if since is None else f", since {zone.say(since)}"
        click.echo(f"{number:>3}. {say_pairs(one.region.pairs, world)}{start}")
        answers = _answer_lines(one.difference, words)
        for line in (*_region_lines(one.region, world), *answers):
            click.echo(f"     {line}")


def _show_left(left: Sequence[Left], world: World) -> None:
    for number, one in enumerate(left, 1):
        lines: list[str] = []
        for way in one.ways:
            parties, accords, missing = say_way(way, world)
            lines += [f"{parties}, under {accords}", f"  missing: {missing}"]
        lines = lines or [f"{say_pairs(one.region.pairs, world)}: by no other way"]
        click.echo(f"{number:>3}. {lines[0]}")
        for line in (*lines[1:], *_region_lines(one.region, world)):
            click.echo(f"     {line}")


def _region_lines(region: Region, world: World) -> Iterator[str]:
    yield from say_markings(region, world)
    about = _say_words(region.categories, world.categories, "anything")
    form = _say_words(region.kinds, world.kinds, "any form")
    purpose = _say_words(region.purposes, world.purposes, "any purpose")
    channel = _say_words(region.channels, world.channels, "any channel")
    yield f"about {about}; in {form}; for {purpose}; by {channel}"


def _answer_lines(difference: Difference, words: _Words) -> Iterator[str]:
    for name, one in (
        (words.before, difference.before),
        (words.after, difference.after),
    ):
        covered = "covered by " if one.accords else ""
        yield f"{name}: {covered}{_say_answer(one, difference)}"


def _say_answer(answer: Answer, difference: Difference) -> str:
    if answer.reason is not None:
        return HEADINGS[answer.reason]
    if answer.authority is not None:
        return f"the authority {answer.authority}"
    alone = " alone" if answer.support == 1 else ""
    parts = []
    for accord in answer.accords:
        articles = [article for one, article in answer.articles if one == accord]
        parts.append(f"{accord}{alone}: {', '.join(articles)}")
    handled = " or ".join(map(str, (*answer.handle_as, *answer.handle_tags)))
    if difference.before.handle_as != difference.after.handle_as and handled:
        parts.append(f"handled as {handled}")
    return "; ".join(parts)


def say_pairs(pairs: Sequence[tuple[str, str]], world: World) -> str:
    """Return directions in few words: all between some, or the same recipients together."""

    def seats(parties: Iterable[str]) -> str:
        return ", ".join(
            world.parties[p].seat if p in world.parties else p for p in parties
        )

    every = sorted({party for pair in pairs for party in pair})
    if len(every) > 2 and len(pairs) == len(every) * (len(every) - 1):
        return f"between any of {seats(every)}"
    to: dict[str, list[str]] = {}
    for sender, recipient in pairs:
        to.setdefault(sender, []).append(recipient)
    senders: dict[tuple[str, ...], list[str]] = {}
    for sender, recipients in to.items():
        senders.setdefault(tuple(recipients), []).append(sender)
    return "; ".join(
        f"{seats(those)} → {seats(recipients)}" for recipients, those in senders.items()
    )


def say_markings(region: Region, world: World) -> Iterator[str]:
    """Yield whose information it is and at which levels, an originator a line."""
    groups: dict[tuple[Origin, str | None], list[str]] = {}
    for mark in region.markings:
        held = "" if mark.held_as is None else f" held as {mark.held_as}"
        groups.setdefault((mark.origin, mark.third), []).append(f"{mark.level}{held}")
    for (origin, third), levels in groups.items():
        whose = {
            Origin.SENDER: "the sender's own",
            Origin.RECIPIENT: "the recipient's own, coming home",
            Origin.THIRD: f"that of {world.name(third or '')}",
        }[origin]
        yield f"{whose}: {', '.join(levels)}"


def _say_words(words: Sequence[str], known: Iterable[str], every: str) -> str:
    return every if set(words) >= set(known) else ", ".join(words)


def say_way(way: Way, world: World) -> tuple[str, str, str]:
    """Return a way as the parties passed, the accords hop by hop, and what is missing."""
    parties = " → ".join(world.party(party).seat for party in way.parties)
    accords = ", then ".join(" or ".join(hop) for hop in way.accords)
    missing = "; ".join(
        f"the written consent of {world.name(whose)} to release to {world.name(to)}"
        for whose, to in way.consents
    )
    return parties, accords, missing or "nothing"


def _show_items(found: Comparison, world: World, zone: Zone) -> None:
    rows = [i for i in found.items if i.difference.change is not Change.REFUSED_OTHERWISE]
    if not rows:
        return
    click.echo("\nitems")
    show_table(
        ["item", "way", "", "since", "another way", "missing"],
        (_item_row(row, world, zone) for row in rows),
    )


def _item_row(row: ItemDiffers, world: World, zone: Zone) -> tuple[str, ...]:
    difference = row.difference
    left, missing = "–", "–"
    if row.ways:
        parties, accords, missing = say_way(row.ways[0], world)
        left = f"{parties} under {accords}"
    elif difference.change is not Change.STOPS:
        left = _say_answer(difference.after, difference)
    return (
        row.item,
        say_pairs([(row.sender, row.recipient)], world),
        str(difference.change),
        "–" if difference.since is None else zone.say(difference.since),
        left,
        missing,
    )


def _show_duties(heading: str, found: Sequence[Due], world: World, at: Instant) -> None:
    if not found:
        return
    click.echo(f"\n{heading}")
    for line in duties_lines(found, world, at):
        click.echo(f"  {line}")


def _show_counts(found: Comparison) -> None:
    click.echo("\n(d) unaffected")
    for name, alike in (
        ("requests", found.regions_alike),
        ("items, from each originator to each party", found.items_alike),
    ):
        click.echo(
            f"  {name}: {alike.permitted} go on as they were, {alike.refused} are refused"
            f" either way, {alike.held} of these by a hold"
        )


def show_worlds(found: Comparison, zone: Zone) -> None:
    """Print the difference of two worlds: standings, requests, items and dates."""
    old, new = found.before[0], found.after[0]
    first, second = dates_apart(found.before, found.after)
    due, other_due = duties_apart(found.before, found.after)
    rows = [
        (
            s.accord,
            " and ".join(new.name(party) for party in s.pair),
            _say_statuses(s.before),
            _say_statuses(s.after),
        )
        for s in found.standings
    ]
    if rows:
        click.echo("standing")
        show_table(["accord", "between", "in the first", "in the second"], rows)
    _show_comparison(found, zone, _WORLDS)
    for heading, dates, world in (
        ("dates ahead in the first alone", first, old),
        ("dates ahead in the second alone", second, new),
    ):
        if dates:
            click.echo(f"\n{heading}")
            show_table(
                ["before", "what", "accord", "article"],
                (
                    (_date_zone(d, world).say(d.before), d.what, d.accord, d.article)
                    for d in dates
                ),
            )
    _show_duties("duties in the first alone", due, *found.before)
    _show_duties("duties in the second alone", other_due, *found.after)
    _show_counts(found)
    if not (rows or found.regions or found.items or first or second):
        talk("nothing differs at that instant")


def _say_statuses(statuses: Iterable[Any]) -> str:
    return " or ".join(str(s).replace("_", " ") for s in statuses) or "none"


def _date_zone(deadline: Deadline, world: World) -> Zone:
    return world.accord(deadline.accord).zone if deadline.accord else first_zone(world)


# -- for programs --------------------------------------------------------------------


def _lapse_json(found: Lapse, world: World) -> dict[str, Any]:
    zone = _zone_of(world, found.what)
    ahead = None
    if found.ahead is not None:
        ahead = {
            "by_clock": _shown(found.ahead.by_clock, zone),
            "by_one": _shown(found.ahead.by_one, zone),
            "who": list(found.ahead.who),
        }
    return {
        "what": found.what,
        "accord": found.accord,
        "at": zone.show(found.at),
        "lapsed": _shown(found.lapsed, zone),
        "between": [
            {
                "pair": list(one.pair),
                "standing": [str(status) for status in one.statuses],
                "lapsed": _shown(one.lapsed, zone),
            }
            for one in found.between
        ],
        "ahead": ahead,
        "duties": {
            "begin": [due_json(due, world, found.at) for due in found.begins],
            "gone": [due_json(due, world, found.at) for due in found.gone],
        },
        **_differences_json(found.comparison, zone),
    }


def worlds_json(found: Comparison, zone: Zone) -> dict[str, Any]:
    """Return the difference of two worlds for programs."""
    first, second = dates_apart(found.before, found.after)
    due, other_due = duties_apart(found.before, found.after)
    return {
        "first": found.before[0].id,
        "second": found.after[0].id,
        "at": zone.show(found.after[1]),
        "standings": [_standing_json(s) for s in found.standings],
        **_differences_json(found, zone),
        "dates": {
            "first_alone": [deadline_json(d, found.before[0]) for d in first],
            "second_alone": [deadline_json(d, found.after[0]) for d in second],
        },
        "duties": {
            "first_alone": [due_json(d, *found.before) for d in due],
            "second_alone": [due_json(d, *found.after) for d in other_due],
        },
    }


def _shown(instant: Instant | None, zone: Zone) -> str | None:
    return None if instant is None else zone.show(instant)


def _standing_json(found: StandingDiffers) -> dict[str, Any]:
    return {
        "accord": found.accord,
        "pair": list(found.pair),
        "before": [str(status) for status in found.before],
        "after": [str(status) for status in found.after],
    }


def _differences_json(found: Comparison, zone: Zone) -> dict[str, Any]:
    return {
        "regions": [
            {**_region_json(r.region), **_difference_json(r.difference, zone)}
            for r in found.regions
        ],
        "left": [
            {**_region_json(one.region), "ways": _ways_json(one.ways)} for one in found.left
        ],
        "items": [
            {
                "item": i.item,
                "from": i.sender,
                "to": i.recipient,
                **_difference_json(i.difference, zone),
                "ways": _ways_json(i.ways),
            }
            for i in found.items
        ],
        "alike": {
            "requests": _alike_json(found.regions_alike),
            "items": _alike_json(found.items_alike),
        },
    }


def _region_json(region: Region) -> dict[str, Any]:
    return {
        "pairs": [{"from": sender, "to": recipient} for sender, recipient in region.pairs],
        "information": [
            {
                "of": mark.third or str(mark.origin),
                "level": str(mark.level),
                "held_as": None if mark.held_as is None else str(mark.held_as),
            }
            for mark in region.markings
        ],
        "categories": list(region.categories),
        "kinds": list(region.kinds),
        "purposes": list(region.purposes),
        "channels": list(region.channels),
        "requests": region.size,
    }


def _difference_json(found: Difference, zone: Zone) -> dict[str, Any]:
    return {
        "change": str(found.change),
        "since": _shown(found.since, zone),
        "before": _answer_json(found.before),
        "after": _answer_json(found.after),
    }


def _ways_json(ways: Iterable[Way]) -> list[dict[str, Any]]:
    return [
        {
            "parties": list(way.parties),
            "accords": [list(hop) for hop in way.accords],
            "consent_missing": [{"of": whose, "to": to} for whose, to in way.consents],
        }
        for way in ways
    ]


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "permitted": answer.permitted,
        "accords": list(answer.accords),
        "support": answer.support,
        "authority": answer.authority,
        "articles": [{"accord": a, "article": article} for a, article in answer.articles],
        "handle_as": [str(level) for level in answer.handle_as],
        "reason": None if answer.reason is None else str(answer.reason),
    }


def _alike_json(alike: Alike) -> dict[str, int]:
    return {"permitted": alike.permitted, "refused": alike.refused, "held": alike.held}


COMMANDS = (lapse_command,)
