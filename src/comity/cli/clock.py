"""``clock``, ``ways`` and ``instruments``: what an accord is, and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from comity.accords import Clock, Op, Standing, ways
from comity.accords.instruments import Stage, read_aloud
from comity.accords.standing import NoticeView, PartyView
from comity.accords.state import Outcome
from comity.accords.table import NoticeState
from comity.accords.times import FAR_PAST, Instant, Zone, say_day
from comity.accords.ways import DO_WORDS, Change, NoHelp, Way, Ways
from comity.cli.beside import beside_json
from comity.cli.shared import (
    WhatIf,
    show_json,
    the_instant,
    the_world,
    world_options,
)
from comity.release import World, attached, beside, mutual_waits
from comity.report.talks import beside_lines


def at_option(function: Any) -> Any:
    """Add ``--at``."""
    return click.option(
        "--at",
        metavar="INSTANT",
        help="RFC 3339, such as 2019-11-22T18:00:00+09:00; without an offset in the zone of"
        " the accord, of the sender, or of the first party. Default: now.",
    )(function)


@click.command("clock", short_help="Say what an accord is at an instant.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.argument("accord")
@at_option
@click.option("--party", metavar="P", help="Under this party's own readings and times.")
@click.option("--between", nargs=2, metavar="A B", help="Between these two.")
@world_options
def clock_command(
    root: Path,
    accord: str,
    at: str | None,
    party: str | None,
    between: tuple[str, str] | None,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """Say what ACCORD of WORLD is at an instant.

    Shows the standing, since when and until when, each notice, the running period, and
    each party's own reading where one is on record.
    """
    world = the_world(root, what_if, accord=accord)
    clock = world.clock(accord)
    instant = the_instant(at, clock.accord.zone)
    standing = clock.standing(instant, party=party, pair=between)
    if as_json:
        show_json(standing_json(standing, clock.accord.zone))
        return
    click.echo("\n".join(standing_lines(standing, clock, world)))


def _not_read(clock: Clock, standing: Standing) -> Iterator[str]:
    """Yield the acts with effect that nobody has read in a source, and what they are."""
    gone = {n.id for n in standing.notices if n.state is NoticeState.REVOKED}
    acts, told = {i.id: i for i in clock.instruments}, set[str]()
    for effect in standing.effects:
        act = acts[effect.instrument]
        if effect.outcome is not Outcome.EFFECTIVE or act.id in told or act.assumption:
            continue
        if {op.notice for op in act.operations if op.do is effect.do} <= gone:
            continue
        if act.supposed:
            yield f"    {act.id}: supposed: {act.supposed}"
        elif act.recalled:
            yield f"    {act.id}: recalled, and not checked"
        told.add(act.id)


def standing_lines(standing: Standing, clock: Clock, world: World) -> list[str]:
    """Return a standing as a person reads it."""
    zone = clock.accord.zone
    lines = [
        standing.title,
        f"at {zone.say(standing.at)}: {say_status(standing, zone)}",
    ]
    if standing.articles:
        lines.append(f"  rests on: {', '.join(standing.articles)}")
    lines += [f"  because: {why}" for why in standing.because]
    if standing.before is not None:
        lines.append(f"  until: {zone.say(standing.before)}, were nothing done")
    if standing.period is not None:
        first, out = standing.period
        lines.append(
            f"  period: from {say_day(zone.day_of(first))}; the first day out is"
            f" {say_day(zone.day_of(out))}"
        )
    elif standing.status == "in_force":
        lines.append("  period: none with a fixed end")
    lines.append(f"  certainty: {standing.certainty}")
    assumed = [i for i in clock.instruments if i.assumption]
    if standing.certainty == "assumed":
        lines += [f"    {i.id}: {i.assumption}" for i in assumed]
        lines += _not_read(clock, standing)
    lines += [f"  doubt: {doubt}" for doubt in standing.doubts]
    for notice in standing.notices:
        lines.append(
            f"  notice {notice.id} of {world.name(notice.by)}: {_notice(notice, clock)}"
        )
    for point, answer in standing.supposed.items():
        lines.append(f"  supposed: everyone reads `{point}` as {answer}")
    lines.append(f"  disputed: {'yes' if standing.disputed else 'no'}")
    lines += [f"    {text}" for text in standing.disagreements]
    views = [view for view in standing.readings.values() if view.recorded]
    lines += [f"  {world.name(view.party)}: {_view(view, zone, world)}" for view in views]
    if not views:
        lines.append("  readings: no party has one on record")
    return lines


def say_status(standing: Standing, zone: Zone) -> str:
    """Return the status with since when it holds."""
    word = str(standing.status).replace("_", " ")
    if standing.since <= FAR_PAST or standing.status == "unsettled":
        return word
    if standing.since != standing.since_earliest:
        day = zone.day_of(standing.since)
        if zone.day_of(standing.since_earliest) == day:
            return f"{word}, since {say_day(day)} (the hour is not known)"
        return f"{word}, since some time before {zone.say(standing.since)}"
    return f"{word}, since {zone.say(standing.since)}"


def _notice(notice: NoticeView, clock: Clock) -> str:
    zone = clock.accord.zone
    given = next(i for i in clock.instruments if i.id == notice.instrument)
    span = given.span(Stage.RECEIVED)
    when = "at a time that nobody recorded" if span is None else span.say(zone)
    text = f"{notice.state}, received {when}"
    if notice.state in ("running", "late"):
        text += f", takes effect at {zone.say(notice.bites)} [{notice.article}]"
    elif notice.suspended is not None:
        text += f", suspended at {zone.say(notice.suspended)}; it was to take"
        text += f" effect at {zone.say(notice.bites)}"
    return text


def _view(view: PartyView, zone: Zone, world: World) -> str:
    held = "; ".join(
        f"reads `{r.open_point}` as {r.reading} since {zone.say(r.since)}"
        + (f" (attributed: {r.attributed})" if r.attributed else "")
        for r in view.readings
    )
    end = "no party alone can end it"
    if view.earliest_end is not None:
        who = " or ".join(world.name(p) for p in view.earliest_end_by)
        end = f"{who} alone could end it from {zone.say(view.earliest_end)}"
    return f"{held or 'times of its own on record'}; under it {end}"


def standing_json(standing: Standing, zone: Zone) -> dict[str, Any]:
    """Return a standing for programs; every instant with its offset."""

    def show(instant: Instant | None) -> str | None:
        return None if instant is None or instant <= FAR_PAST else zone.show(instant)

    period = standing.period
    return {
        "accord": standing.accord,
        "title": standing.title,
        "at": zone.show(standing.at),
        "standing": str(standing.status),
        "since": show(standing.since),
        "since_earliest": show(standing.since_earliest),
        "before": show(standing.before),
        "period": None
        if period is None
        else {"from": zone.show(period[0]), "before": zone.show(period[1])},
        "certainty": str(standing.certainty),
        "notices": [_notice_json(n, zone) for n in standing.notices],
        "disputed": standing.disputed,
        "disagreements": list(standing.disagreements),
        "readings": {p: _view_json(v, zone) for p, v in standing.readings.items()},
        "parties": {p: str(s) for p, s in standing.parties.items()},
        "pairs": [
            {"between": list(pair), "standing": str(status)}
            for pair, status in standing.pairs.items()
        ],
        "articles": list(standing.articles),
        "because": list(standing.because),
        "effects": [
            {
                "instrument": effect.instrument,
                "does": str(effect.do),
                "effect": str(effect.outcome),
                "basis": effect.basis,
                "lacks": effect.lacks,
            }
            for effect in standing.effects
        ],
        "doubts": list(standing.doubts),
    }


def _notice_json(notice: NoticeView, zone: Zone) -> dict[str, Any]:
    return {
        "id": notice.id,
        "by": notice.by,
        "state": str(notice.state),
        "received": zone.show(notice.given),
        "bites": zone.show(notice.bites),
        "suspended": None if notice.suspended is None else zone.show(notice.suspended),
        "article": notice.article,
        "instrument": notice.instrument,
    }


def _view_json(view: PartyView, zone: Zone) -> dict[str, Any]:
    return {
        "recorded": view.recorded,
        "readings": [
            {
                "open_point": r.open_point,
                "reading": r.reading,
                "since": zone.show(r.since),
                "source": r.source,
                "attributed": r.attributed,
            }
            for r in view.readings
        ],
        "standing": str(view.status),
        "notices": [_notice_json(n, zone) for n in view.notices],
        "earliest_end": None if view.earliest_end is None else zone.show(view.earliest_end),
        "earliest_end_by": list(view.earliest_end_by),
    }


@click.command("ways", short_help="Say what would still change the outcome.")
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.argument("accord")
@at_option
@click.option("--party", metavar="P", help="Under this party's own readings.")
@world_options
def ways_command(
    root: Path,
    accord: str,
    at: str | None,
    party: str | None,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """Say what would still change the outcome of ACCORD, who may do it, and until when.

    Every act that the tables of an accord's and a notice's life allow is tried, by each
    party alone and by all together. Conditions that parties have attached are shown, and
    whether they form a circle; then what is said and stands beside the accord by then.
    """
    world = the_world(root, what_if, accord=accord)
    clock = world.clock(accord)
    instant = the_instant(at, clock.accord.zone)
    found = ways(clock, instant, party=party)
    if as_json:
        show_json(ways_json(found, clock, world))
        return
    click.echo("\n".join(ways_lines(found, clock, world)))


def ways_lines(found: Ways, clock: Clock, world: World) -> list[str]:
    """Return the ways as a person reads them."""
    zone, accord = clock.accord.zone, clock.accord
    if found.following is not None:
        then, word = found.following
        ends = f"is {str(word).replace('_', ' ')} from {zone.say(then)}"
    else:
        ends = f"stays {str(found.status).replace('_', ' ')}, with no date"
    status = str(found.status).replace("_", " ")
    when = zone.say(found.at)
    lines = [accord.title, f"at {when}: {status}; if nothing is done it {ends}"]
    lines += [f"  because: {why}" for why in found.because]
    for change in Change:
        chosen = [way for way in found.ways if way.change is change]
        if chosen:
            lines.append(f"what {change}:")
        for way in chosen:
            lines.append(f"  - {_way(way, zone, world)}")
            for wait in attached(world, accord.id, way.op, way.by, found.at):
                state = "met" if wait.met else "not met"
                lines.append(f"      condition ({state}): {wait.condition.says}")
    lines.append("what would not change it:")
    lines += [f"  - {_no_help(group, world)}" for group in _grouped(found.no_help)]
    circles = mutual_waits(world, accord.id, found.at)
    lines += [f"mutual wait: {mutual.says(world)}" for mutual in circles]
    return lines + beside_lines(beside(world, accord.id, found.at), world, zone)


def _who(by: Iterable[str], world: World) -> str:
    names = [world.name(party) for party in by]
    return names[0] + " alone" if len(names) == 1 else " and ".join(names) + " jointly"


def _act(op: Op, notice: str | None) -> str:
    return DO_WORDS.get(op, str(op)).format(notice=notice or "")


def _way(way: Way, zone: Zone, world: World) -> str:
    ends = (
        "then no end is fixed"
        if way.ends is None
        else f"then it ends at {zone.say(way.ends)}"
    )
    if way.op is Op.EXTEND:
        ends = "then it ends on the day they agree on"
    last = "at any time" if way.before is None else f"before {zone.say(way.before)}"
    return (
        f"{_who(way.by, world)}: {_act(way.op, way.notice)}, {last} [{way.article}]; {ends}"
    )


def _grouped(no_help: Iterable[NoHelp]) -> list[list[NoHelp]]:
    groups: dict[tuple[str, str | None, str], list[NoHelp]] = {}
    for one in no_help:
        groups.setdefault((one.op, one.notice, one.why), []).append(one)
    return list(groups.values())


def _no_help(group: list[NoHelp], world: World) -> str:
    first = group[0]
    who = ", ".join(_who(one.by, world) for one in group)
    return f"{who}: {_act(first.op, first.notice)}: {first.why}"


def ways_json(found: Ways, clock: Clock, world: World) -> dict[str, Any]:
    """Return the ways for programs."""
    zone, accord = clock.accord.zone, clock.accord.id

    def show(instant: Instant | None) -> str | None:
        return None if instant is None else zone.show(instant)

    return {
        "accord": accord,
        "at": zone.show(found.at),
        "standing": str(found.status),
        "ends": show(found.ends),
        "because": list(found.because),
        "ways": [
            {
                "does": str(way.op),
                "by": list(way.by),
                "jointly": len(way.by) > 1,
                "notice": way.notice,
                "change": str(way.change),
                "article": way.article,
                "before": show(way.before),
                "then_ends": show(way.ends),
                "conditions": [
                    {
                        "says": w.condition.says,
                        "waits_for": w.condition.waits_for,
                        "met": w.met,
                    }
                    for w in attached(world, accord, way.op, way.by, found.at)
                ],
            }
            for way in found.ways
        ],
        "no_help": [
            {"does": str(n.op), "by": list(n.by), "notice": n.notice, "why": n.why}
            for n in found.no_help
        ],
        "mutual_waits": [m.says(world) for m in mutual_waits(world, accord, found.at)],
        **beside_json(beside(world, accord, found.at), zone),
    }


@click.command(
    "instruments", short_help="Read an accord's instruments aloud, with their effect."
)
@click.argument("root", metavar="WORLD", type=click.Path(path_type=Path))
@click.argument("accord")
@world_options
def instruments_command(
    root: Path,
    accord: str,
    what_if: WhatIf,
    as_json: bool,
) -> None:
    """Read the instruments of ACCORD aloud, each with its effect under each reading.

    Whatever was received is here: also what was without effect, with the rule it lacks.
    """
    world = the_world(root, what_if, accord=accord)
    clock = world.clock(accord)
    names = {party: world.name(party) for party in world.parties}
    latest = max((i.known() for i in clock.instruments), default=Instant(0))
    end = Instant(latest + 10 * 366 * 86_400)
    views = {None: clock.standing(end)} | {
        p: clock.standing(end, party=p) for p in clock.accord.parties
    }
    rows = []
    for instrument in sorted(clock.instruments, key=lambda i: i.known()):
        effects = {
            "the text's default" if party is None else party: [
                {
                    "does": str(e.do),
                    "effect": str(e.outcome),
                    "basis": e.basis,
                    "lacks": e.lacks,
                }
                for e in standing.effects
                if e.instrument == instrument.id
            ]
            for party, standing in views.items()
        }
        rows.append(
            {
                "id": instrument.id,
                "says": read_aloud(instrument, names, clock.accord.zone),
                "source": instrument.source or None,
                "recalled": instrument.recalled,
                "supposed": instrument.supposed or None,
                "effects": effects,
            }
        )
    if as_json:
        show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['id']}: {row['says']}")
        for line in _effect_lines(row["effects"]):
            click.echo(f"  {line}")


def _effect_lines(effects: Any) -> list[str]:
    """Say the effects once where every view agrees."""
    said: dict[str, list[str]] = {}
    for view, found in effects.items():
        text = "; ".join(
            f"{e['does']}: {e['effect']}"
            + (f" under {e['basis']}" if e["basis"] else "")
            + (f": {e['lacks']}" if e["lacks"] else "")
            for e in found
        )
        said.setdefault(text, []).append(view)
    if len(said) == 1:
        return list(said)
    return [f"{', '.join(views)}: {text}" for text, views in said.items()]


COMMANDS = (clock_command, ways_command, instruments_command)
