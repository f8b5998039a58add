"""A comparison of two worlds in words: numbered parts that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click

from comity.accords.deadlines import Deadline
from comity.accords.times import Instant, Zone
from comity.changes.asking import Answer, Change, Difference, Way
from comity.changes.cells import Origin, Region
from comity.changes.compare import (
    Comparison,
    Left,
    RegionDiffers,
    dates_apart,
    duties_apart,
    standings_apart,
)
from comity.changes.items import ItemDiffers
from comity.cli.duties import duties_lines
from comity.cli.shared import (
    first_zone,
    show_table,
    talk,
)
from comity.compiled.only import Only
from comity.release import Due, World
from comity.release.explain import HEADINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
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


LAPSED = Words(
    stops="(a) stops",
    left="(b) of this goes on by another way",
    otherwise="(b) goes on under another accord, directly",
    begins="begins",
)
STANDS = Words(
    stops="(a) hangs on it alone",
    left="(b) of this would go on by another way",
    otherwise="(b) would go on under another accord, directly",
    begins="would begin without it",
    before="with it",
    after="without it",
)
ACT = replace(LAPSED, before="without it", after="with it")
WORLDS = Words(
    stops="permitted in the first alone",
    left="of this goes on in the second by another way",
    otherwise="permitted in both, otherwise",
    begins="permitted in the second alone",
    refused="refused in both, for another reason",
    before="first",
    after="second",
)


def show_comparison(found: Comparison, zone: Zone, words: Words) -> None:
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
    show_items(found, zone)


def _show_regions(
    regions: Sequence[RegionDiffers], zone: Zone, world: World, words: Words
) -> None:
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for one in regions:
        since = one.difference.since
        start = "" if since is None else f", since {zone.say(since)}"
        answers = _answer_lines(one.difference, words)
        said = (start, *_region_lines(one.region, world), *answers)
        alike.setdefault(said, []).extend(one.region.pairs)
    for number, ((start, *lines), pairs) in enumerate(alike.items(), 1):
        click.echo(f"{number:>3}. {say_pairs(pairs, world)}{start}")
        for line in lines:
            click.echo(f"     {line}")


def _show_left(left: Sequence[Left], world: World) -> None:
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for one in left:
        ways: list[str] = []
        hops = min((len(way.parties) for way in one.ways), default=0)
        shortest = [way for way in one.ways if len(way.parties) == hops]
        for way in shortest:
            parties, accords, missing = say_way(way, world)
            ways += [f"{parties}, under {accords}", f"  missing: {missing}"]
        if len(shortest) < len(one.ways):
            ways.append(f"  and {len(one.ways) - len(shortest)} ways with more hops")
        said = (*(ways or [""]), *_region_lines(one.region, world))
        alike.setdefault(said, []).extend(one.region.pairs)
    for number, ((first, *lines), pairs) in enumerate(alike.items(), 1):
        click.echo(f"{number:>3}. {first or say_pairs(pairs, world) + ': by no other way'}")
        for line in lines:
            click.echo(f"     {line}")


def _region_lines(region: Region, world: World) -> Iterator[str]:
    yield from say_markings(region, world)
    yield say_words(region, world)


def say_words(region: Region | Only, world: World) -> str:
    """Return what is about which matters, in which form, for what and by which way."""
    about = _say_words(region.categories, world.categories, "anything")
    form = _say_words(region.kinds, world.kinds, "any form")
    purpose = _say_words(region.purposes, world.purposes, "any purpose")
    channel = _say_words(region.channels, world.channels, "any channel")
    return f"about {about}; in {form}; for {purpose}; by {channel}"


def _answer_lines(difference: Difference, words: Words) -> Iterator[str]:
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
    yield from _any_third(region, world, groups)
    for (origin, third), levels in groups.items():
        whose = {
            Origin.SENDER: "the sender's own",
            Origin.RECIPIENT: "the recipient's own, coming home",
            Origin.THIRD: f"that of {world.name(third or '')}",
        }[origin]
        yield f"{whose}: {', '.join(levels)}"


def _any_third(
    region: Region, world: World, groups: dict[tuple[Origin, str | None], list[str]]
) -> Iterator[str]:
    """Take out and say together what is the same for every third party that there is."""
    outside = set(world.parties) - {party for pair in region.pairs for party in pair}
    same: dict[tuple[str, ...], set[str]] = {}
    for (origin, third), levels in groups.items():
        if origin is Origin.THIRD and third is not None:
            same.setdefault(tuple(levels), set()).add(third)
    for alike, thirds in same.items():
        if len(thirds) > 1 and thirds >= outside:
            yield f"that of any third party: {', '.join(alike)}"
            for third in thirds:
                del groups[Origin.THIRD, third]


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


def show_items(found: Comparison, zone: Zone) -> None:
    """Print the items that go, or went, otherwise."""
    world = found.after[0]
    if not found.items:
        return
    click.echo("\nitems")
    show_table(
        ["item", "way", "", "since", "another way", "missing"],
        (_item_row(row, world, zone) for row in found.items),
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


def show_duties(heading: str, found: Sequence[Due], world: World, at: Instant) -> None:
    """Print duties under a heading; nothing where there are none."""
    if not found:
        return
    click.echo(f"\n{heading}")
    for line in duties_lines(found, world, at):
        click.echo(f"  {line}")


def show_counts(
    found: Comparison, heading: str = "(d) unaffected", *, requests: bool = True
) -> None:
    """Print how many requests and items the difference leaves as they were."""
    click.echo(f"\n{heading}")
    counted = [("items, from each originator to each party", found.items_alike)]
    if requests:
        counted.insert(0, ("requests", found.regions_alike))
    for name, alike in counted:
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
        for s in standings_apart(found.before, found.after)
    ]
    if rows:
        click.echo("\nstanding")
        show_table(["accord", "between", "in the first", "in the second"], rows)
    show_comparison(found, zone, WORLDS)
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
    show_duties("duties in the first alone", due, *found.before)
    show_duties("duties in the second alone", other_due, *found.after)
    show_counts(found, "unaffected")
    if not (rows or found.regions or found.items or first or second):
        talk("nothing differs at that instant")


def _say_statuses(statuses: Iterable[Any]) -> str:
    return " or ".join(str(s).replace("_", " ") for s in statuses) or "none"


def _date_zone(deadline: Deadline, world: World) -> Zone:
    return world.accord(deadline.accord).zone if deadline.accord else first_zone(world)
