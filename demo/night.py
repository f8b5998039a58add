"""The night of 22 November 2019, replayed on real data.

Run it with ``make demo``. Everything printed is computed while it runs, from the plain
files of ``worlds/gsomia``; change a file, or a flag, and the answers move.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))

from comity.accords import Clock, Instant, Stage, parse_instant, ways
from comity.accords.times import FAR_FUTURE, FAR_PAST
from comity.cli.clock import standing_lines, ways_lines
from comity.labels import Level
from comity.release import Denial, Permit, Request, World, beside, decide, explain
from comity.release.agenda import agenda
from comity.release.rows import Kept, kept
from comity.release.scenario import moved
from comity.report import (
    Flow,
    Section,
    beside_section,
    calendar,
    readouts_section,
    report_page,
    said_of,
    timeline,
)
from comity.worlds import load_rows, load_world, rows_path
from launches import Assumption, Launch, Tally, read_launches, say_when, tally
from saturday import the_marking, the_way_round, what_stops

ROOT = Path(__file__).parent.parent
WORLD = ROOT / "worlds" / "gsomia"
ACCORD = "jp-rok-gsomia"
NIGHT = ("kr-suspension-2019", "kr-withdrawal-2023")
OUT = Console(highlight=False, width=max(110, Console().width))


def kst(text: str) -> Instant:
    """Return an instant written in Korean time."""
    return parse_instant(f"{text}+09:00")


MOMENTS = (
    ("the day of signature", "2016-11-23T12:00:00"),
    ("the next day", "2016-11-24T00:00:00"),
    ("after the first silent renewal", "2017-11-23T00:00:00"),
    ("the notice has been served", "2019-08-24T00:00:00"),
    ("the last second before the announcement", "2019-11-22T17:59:59"),
    ("the announcement", "2019-11-22T18:00:00"),
    ("the midnight at which it was to end", "2019-11-23T00:00:00"),
    ("in the disputed years", "2020-09-01T10:00:00"),
    ("after both notes were withdrawn", "2023-03-22T00:00:00"),
)

PERIODS = (
    ("before the agreement of 2016", FAR_PAST, kst("2016-11-24T00:00:00")),
    ("in force, no notice", kst("2016-11-24T00:00:00"), kst("2019-08-24T00:00:00")),
    ("the notice runs", kst("2019-08-24T00:00:00"), kst("2019-11-23T00:00:00")),
    ("after the midnight", kst("2019-11-23T00:00:00"), kst("2023-03-22T00:00:00")),
    ("after both notes were withdrawn", kst("2023-03-22T00:00:00"), FAR_FUTURE),
)


def main() -> None:
    """Replay the night, and write the report."""
    flags = _flags()
    started = time.monotonic()
    flags.out.mkdir(parents=True, exist_ok=True)
    world = load_world(WORLD)
    assumed = Assumption(
        {"kr": Level("kr", flags.kr_level), "jp": Level("jp", flags.jp_level)},
        flags.purpose,
    )
    launches = read_launches(WORLD / "items" / "launches.csv")
    sections = [
        the_world(world, launches),
        the_instants(world),
        the_ways(world),
        the_talks(world),
        the_accounts(world),
        show(the_marking()),
        the_night(world),
        the_launches(world, launches, assumed, "What was: 339 launches, as items"),
    ]
    other = world.without(NIGHT)
    sections += [
        the_counterfactual(other, launches, assumed),
        show(what_stops()),
        show(the_way_round()),
        one_fact_changed(world),
    ]
    write(world, other, sections, flags.out, started)


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kr-level", default="II", help="assumed level of Seoul's items")
    parser.add_argument(
        "--jp-level", default="gokuhi", help="assumed level of Tokyo's items"
    )
    parser.add_argument("--purpose", default="early-warning", help="assumed purpose")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "demo-out", help="where to write"
    )
    return parser.parse_args()


def heading(text: str) -> None:
    """Print a heading."""
    OUT.print()
    OUT.rule(f"[bold]{text}", align="left")


def show(section: Section) -> Section:
    """Print a section as it will stand in the report, and return it."""
    heading(section.heading)
    for text in section.paragraphs:
        OUT.print(text)
    if section.note:
        OUT.print(f"assumed: {section.note}", style="yellow")
    if section.columns:
        table = Table(
            *section.columns, box=None, pad_edge=False, title=section.caption or None
        )
        for row in section.rows:
            table.add_row(*row)
        OUT.print(table)
    for text in section.listings:
        OUT.print(text, markup=False)
    return section


def the_world(world: World, launches: tuple[Launch, ...]) -> Section:
    """Say what is in the world, and how well it is known."""
    rows = []
    for accord in world.accords:
        path = WORLD / "accords" / f"{accord.id}.accord.md"
        articles = kept(load_rows(rows_path(path), accord), accord)
        counts = [sum(a.kept is how for a in articles) for how in Kept]
        rows.append((accord.title, str(len(articles)), *map(str, counts)))
    facts = world.facts()
    named = sum(bool(launch.originators) for launch in launches)
    return show(
        Section(
            heading="The world: plain files in worlds/gsomia",
            paragraphs=(
                f"{facts['sourced']} facts with their source, {facts['recalled']} recalled and"
                f" shown as such, {facts['supposed']} supposed for this demonstration.",
                f"{len(launches)} launches from the public record, {named} of which name a"
                " party as the source; the others count as originator not recorded.",
                "An article is enforced only where a test would miss its rules; that is"
                " computed now, not typed.",
            ),
            columns=("agreement", "articles", *(str(how) for how in Kept)),
            rows=tuple(rows),
        )
    )


def the_instants(world: World) -> Section:
    """Ask the clock at chosen instants."""
    clock = world.clock(ACCORD)
    zone = clock.accord.zone
    rows = []
    for name, text in MOMENTS:
        at = kst(text)
        standing = clock.standing(at)
        notices = ", ".join(f"{n.id} {n.state}" for n in standing.notices) or "–"
        period = "–"
        if standing.period is not None:
            period = " to ".join(zone.day_of(i).isoformat() for i in standing.period)
        rows.append(
            (
                zone.say(at),
                name,
                str(standing.status).replace("_", " "),
                notices,
                period,
                "disputed" if standing.disputed else "–",
                str(standing.certainty),
            )
        )
    disputed = clock.standing(kst("2020-09-01T10:00:00"))
    return show(
        Section(
            heading="What the agreement was, second by second",
            columns=(
                "instant",
                "what",
                "standing",
                "notice",
                "period",
                "readings",
                "certainty",
            ),
            rows=tuple(rows),
            listings=("\n".join(standing_lines(disputed, clock, world)),),
        )
    )


def the_ways(world: World) -> Section:
    """Ask two days before midnight what would still save it."""
    by_then = world.as_of(kst("2019-11-21T12:00:00"))
    clock = by_then.clock(ACCORD)
    found = ways(clock, kst("2019-11-21T12:00:00"))
    return show(
        Section(
            heading="What would still save it, who may do that, until when",
            paragraphs=(
                "Every act that the tables allow is tried by each side alone and by both.",
            ),
            listings=("\n".join(ways_lines(found, clock, by_then)),),
        )
    )


def the_talks(world: World) -> Section:
    """Say what was said and what stood beside the agreement, two days before midnight."""
    at = kst("2019-11-21T12:00:00")
    zone = world.accord(ACCORD).zone
    return show(beside_section(beside(world, ACCORD, at), world, zone))


def the_accounts(world: World) -> Section:
    """Set the two press accounts of the meeting of 17 November 2019 side by side."""
    return show(readouts_section(world.readouts.meetings[0], world))


def the_night(world: World) -> Section:
    """Ask for two synthetic items around the announcement and around midnight."""
    rows = []
    for text in (
        "2019-11-22T17:59:59",
        "2019-11-22T18:00:00",
        "2019-11-22T23:59:59",
        "2019-11-23T00:00:00",
    ):
        for name, sender, recipient in SYNTHETIC:
            request = Request(
                item=world.items[name], sender=sender, recipient=recipient, at=kst(text)
            )
            rows.append((f"{text[11:]} on {text[:10]}", name, answer(request, world)))
    return show(
        Section(
            heading="The night as it was",
            paragraphs=(
                "All launches fall under the arrangement of 2014 as well, so two made-up items"
                " that do not stand beside them: marked synthetic.",
            ),
            columns=("KST", "item (synthetic)", "answer"),
            rows=tuple(rows),
        )
    )


SYNTHETIC = (("submarine-track-1", "kr", "jp"), ("patrol-report-1", "jp", "kr"))


def answer(request: Request, world: World) -> str:
    """Return a decision in a few words."""
    match decide(request, world):
        case Permit() as permit:
            levels = " or ".join(map(str, permit.handle_as))
            return f"permit, handled as {levels}"
        case Denial() as denial:
            return f"deny: {denial.reason} {', '.join(denial.articles)}"


def the_launches(
    world: World, launches: tuple[Launch, ...], assumed: Assumption, title: str
) -> Section:
    """Decide every launch, by period and direction."""
    flows: list[Flow] = []
    zone = world.accord(ACCORD).zone
    tallies = [Tally(name, start, before) for name, start, before in PERIODS]
    bar = Console(stderr=True)
    for launch, went in track(
        tally(launches, world, assumed, tallies),
        description="deciding",
        total=len(launches),
        console=bar,
        transient=True,
    ):
        flows += [
            Flow(
                at=launch.when.start,
                way=str(way),
                title=f"{launch.id}, {say_when(launch, zone)}, from {world.party(p).seat}",
            )
            for p, way in went.items()
        ]
    rows = tuple(
        (t.name, str(t.launches), str(t.not_recorded), t.cell("kr"), t.cell("jp"))
        for t in tallies
    )
    clock = world.clock(ACCORD)
    return show(
        Section(
            heading=title,
            note=f"{assumed.says()} (the record has none of these; change them by flags)",
            columns=(
                "period",
                "launches",
                "originator not recorded",
                "Seoul to Tokyo",
                "Tokyo to Seoul",
            ),
            rows=rows,
            line=timeline(
                clock,
                START,
                BEFORE,
                flows,
                f"{clock.accord.title}: {title}",
                said=said_of(world, zone),
                measures=world.measures,
            ),
        )
    )


START, BEFORE = kst("2014-01-01T00:00:00"), kst("2026-06-01T00:00:00")


def the_counterfactual(
    world: World, launches: tuple[Launch, ...], assumed: Assumption
) -> Section:
    """Leave the suspension out, and see what stops at midnight."""
    section = the_launches(
        world, launches, assumed, "What if: without the suspension it ends at midnight"
    )
    zone = world.accord(ACCORD).zone
    listings = []
    for text in ("2019-11-22T23:59:59", "2019-11-23T00:00:00"):
        request = Request(
            item=world.items["submarine-track-1"], sender="kr", recipient="jp", at=kst(text)
        )
        listings.append(explain(request, decide(request, world), world))
    midnight = kst("2019-11-23T00:00:00")
    after = [launch for launch in launches if launch.when.start >= midnight]
    first = [launch for launch in after if launch.when == after[0].when]
    named = [launch for launch in after if launch.originators]
    words = (
        f"The first launches after that midnight: {', '.join(x.id for x in first)},"
        f" {say_when(first[0], zone)}. The record names no party as their source, so"
        " nobody can be asked for approval: they are refused for want of an originator.",
        f"The first whose source the record names: {named[0].id},"
        f" {say_when(named[0], zone)}.",
    )
    for text in (*words, *listings):
        OUT.print(text, markup=False)
    return replace(section, paragraphs=words, listings=tuple(listings))


def one_fact_changed(world: World) -> Section:
    """Date the notice two days later, with nothing else done, and ask again."""
    rows = []
    for day in ("2019-08-23", "2019-08-24", "2019-08-25"):
        changed = moved(world.without(NIGHT), "kr-notice-2019", Stage.RECEIVED, day)
        standing = changed.clock(ACCORD).standing(kst("2019-11-23T00:00:00"))
        zone = changed.accord(ACCORD).zone
        request = Request(
            item=world.items["submarine-track-1"],
            sender="kr",
            recipient="jp",
            at=kst("2019-11-23T00:00:00"),
        )
        notice = standing.notices[0]
        rows.append(
            (
                f"received on {day}",
                str(standing.status).replace("_", " "),
                f"{notice.state}, at {zone.say(notice.bites)}",
                answer(request, changed),
            )
        )
    return show(
        Section(
            heading="One fact changed: the day on which the notice was received",
            paragraphs=(
                "Ninety clear days before 23 November: 24 August is in time, 25 August is not.",
            ),
            columns=("the notice", "at 00:00 on 23 Nov 2019", "notice", "submarine track"),
            rows=tuple(rows),
        )
    )


def write(
    world: World, other: World, sections: list[Section], out: Path, started: float
) -> None:
    """Write the report and the calendar, and say what to try next."""
    at = kst("2019-08-20T00:00:00")
    page = report_page(
        "The night of 22 November 2019",
        "What the agreement of 2016 between Japan and the Republic of Korea was at each"
        " instant, what would have saved it, and what could cross, computed from plain files.",
        tuple(sections),
        "Made by Comity. It is no legal opinion. Launches: nagix/nk-missile-tests"
        " (Apache-2.0), after the CNS North Korea Missile Test Database of the James Martin"
        " Center for Nonproliferation Studies / NTI.",
    )
    report, ics = out / "report.html", out / "deadlines.ics"
    _ = report.write_text(page, encoding="utf-8")
    _ = ics.write_text(calendar(agenda(world, at, "P1Y"), world, at), encoding="utf-8")
    heading("Written")
    OUT.print(f"{report}: one page, opens with no network")
    OUT.print(f"{ics}: the deadlines as seen on 20 Aug 2019")
    OUT.print(f"done in {time.monotonic() - started:.1f} s")
    ended = Clock(other.accord(ACCORD), other.instruments).standing(
        kst("2019-11-23T00:00:00")
    )
    OUT.print(
        f"\nIt is no film. Without one note it is {ended.status} at midnight; try it:",
        style="bold",
    )
    OUT.print(
        "  .venv/bin/comity clock worlds/gsomia jp-rok-gsomia --at 2019-11-23T00:00:00"
        " --without kr-suspension-2019",
        markup=False,
    )


if __name__ == "__main__":
    main()
