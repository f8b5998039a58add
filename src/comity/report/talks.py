"""What is said beside an accord, and two accounts side by side, as lines and as sections."""

from __future__ import annotations

from collections.abc import Iterable

from comity.accords.times import Instant, Span, Zone, say_day
from comity.release.beside import Beside, clock_says
from comity.release.waits import Wait
from comity.release.world import World
from comity.report.page import Section
from comity.report.timeline import Said
from comity.talks.forums import members
from comity.talks.readouts import Account, Compared, Doubt, Meeting, Passage, Relation
from comity.talks.said import Position, Speaker


def said_of(world: World, zone: Zone) -> tuple[Said, ...]:
    """Return the positions, steps of undertakings and joint statements, for a drawing."""
    said = [
        *((p.since, f"{world.name(p.by)}: {p.says}") for p in world.positions),
        *(
            (step.since, f"{_names(u.by, world)}: {u.says}: {step.is_}")
            for u in world.undertakings
            for step in u.steps
        ),
        *((s.signed[-1].since, s.title) for s in world.statements if s.signed),
    ]
    return tuple(Said(at=at, title=f"{say_since(at, zone)}, {text}") for at, text in said)


def say_since(instant: Instant, zone: Zone) -> str:
    """Return an instant as a person reads it; a day where nobody recorded the hour."""
    day = zone.day_of(instant)
    return say_day(day) if zone.start_of(day) == instant else zone.say(instant)


def beside_lines(found: Beside, world: World, zone: Zone) -> list[str]:
    """Return what is said and stands beside an accord, as a person reads it."""
    lines: list[str] = []
    for heading, rows in _beside(found, world, zone):
        if rows:
            lines += [f"{heading}:", *(f"  - {row}" for row in rows)]
    return lines


def beside_section(found: Beside, world: World, zone: Zone) -> Section:
    """Return the same as a section of a report."""
    rows = tuple(
        (heading, row) for heading, rows in _beside(found, world, zone) for row in rows
    )
    return Section(
        heading=f"What was said and what stood beside it, at {zone.say(found.at)}",
        paragraphs=("It tells and never acts: no decision looks at it.",),
        columns=("what", "in words"),
        rows=rows,
    )


def _beside(found: Beside, world: World, zone: Zone) -> list[tuple[str, list[str]]]:
    return [
        ("positions on record", [_position(p, world, zone) for p in found.positions]),
        ("conditions", [_condition(wait, world) for wait in found.conditions]),
        (
            "measures",
            [
                f"{measure.id} of {world.name(measure.by)}: {state.is_}, since"
                f" {say_since(state.since, zone)}{_recalled(state.recalled)}: {measure.what}"
                for measure, state in found.measures
            ],
        ),
        (
            "undertakings",
            [
                f"{_names(one.undertaking.by, world)}"
                + (f" to {_names(one.undertaking.to, world)}" if one.undertaking.to else "")
                + f": {one.undertaking.says}: {one.progress}"
                + (" and late" if one.late else "")
                + _through(one.undertaking.after)
                for one in found.undertakings
            ],
        ),
        (
            "joint statements",
            [
                f"{s.title}: "
                + (
                    "signed by all"
                    if s.stands(found.at)
                    else f"not signed by {_names(s.missing(found.at), world)}"
                )
                + f": {s.says}"
                for s in found.statements
            ],
        ),
    ]


def _position(position: Position, world: World, zone: Zone) -> str:
    who = world.name(position.by) + _by(position.speaker, world)
    when = say_since(position.since, zone)
    if position.known != position.since:
        when += f" (known {say_since(position.known, zone)})"
    said = f"{when}, {who}: {position.says}{_through(position.after)}"
    return said + _recalled(position.recalled)


def _condition(wait: Wait, world: World) -> str:
    state = "met" if wait.met else "not met"
    return f"{world.name(wait.condition.by)} ({state}): {wait.condition.says}"


def _by(speaker: str | None, world: World) -> str:
    found = next((s for s in world.speakers if s.id == speaker), None)
    return "" if found is None else f" ({say_speaker(found)})"


def say_speaker(speaker: Speaker) -> str:
    """Return a person with the capacity and its level."""
    return f"{speaker.name}, {speaker.capacity}; {speaker.rank}"


def _through(after: Iterable[str]) -> str:
    chain = list(after)
    return f" (known through {', after '.join(chain)})" if chain else ""


def _recalled(recalled: bool) -> str:  # noqa: FBT001  one of two words
    return " (recalled)" if recalled else ""


def _names(parties: Iterable[str], world: World) -> str:
    return " and ".join(world.name(party) for party in parties)


def meeting_lines(meeting: Meeting, accounts: Iterable[Account], world: World) -> list[str]:
    """Return a meeting's head, and who tells of it."""
    who = [world.name(party) for party in meeting.who]
    lines = [f"{meeting.title}: {' and '.join(who)}"]
    place = f"{meeting.place}, {say_day(meeting.on)}"
    forum = next((f for f in world.forums if f.id == meeting.forum), None)
    if forum is not None:
        there = members(forum, world.forums, meeting.zone.start_of(meeting.on))
        place += f", in the margins of {forum.name} ({len(there)} members that day)"
    lines.append(f"  {place}")
    speakers = [s for s in world.speakers if s.id in meeting.speakers]
    lines += [f"  {world.name(s.by)}: {say_speaker(s)}" for s in speakers]
    for account in accounts:
        hand = "first hand" if account.first_hand else "not at first hand"
        said = f"  account {account.id}: {account.by}, from the side of"
        said += f" {world.name(account.side)}, {account.kind}, dated"
        said += f" {account.dated.say(account.zone).split(' ', 1)[1]}, {hand}"
        if account.revises is not None:
            said += f", in place of {account.revises}"
        lines.append(said + _through(account.after))
    return lines


def told(passages: Iterable[Passage], world: World) -> str:
    """Return what one account says of a point."""
    parts = []
    for passage in passages:
        text = passage.says
        if passage.declined:
            text += " (asked, and gave no answer)"
        names = [s.name for s in world.speakers if s.id == passage.speaker]
        said = "".join(f"{name}: " for name in names) + text
        parts.append(said + _through(passage.after))
    return "; ".join(parts) or "–"


def relation_in_words(compared: Compared) -> str:
    """Return the relation, with who alone tells of it or who adds something."""
    tellers = list(dict.fromkeys(p.account for p in compared.passages))
    if compared.relation is Relation.ONE:
        text = f"{' and '.join(tellers)} only"
        second = {p.account for p in compared.passages if p.after}
        text += ", at second hand" if second else ""
    else:
        text = str(compared.relation)
        if compared.relation is Relation.BOTH:
            text += "".join(
                f"; {name} adds: {', '.join(adds)}"
                for name, adds in compared.adds.items()
                if adds
            )
    return text if compared.computed is not None else f"{text} (as stated)"


def doubt_lines(compared: Compared, meeting: Meeting, world: World) -> list[str]:
    """Return each time that may mean several things, with all of them and what is meant."""
    accounts = {account.id: account for account in world.readouts.accounts}
    lines = []
    for doubt in compared.doubts:
        account = accounts[doubt.account]
        lines.append(_doubt(compared, doubt, account.zone))
        if doubt.means is not None:
            lines.append(f"  meant is {account.zone.say(doubt.means)}: {doubt.why}")
        if meeting.accord is not None:
            zone = world.accord(meeting.accord).zone
            then = clock_says(world, meeting.accord, Instant(account.dated.start))
            if then is not None:
                known = say_day(zone.day_of(account.dated.start))
                lines.append(
                    f"  the clock of {meeting.accord}, by what was done until {known}:"
                    f" {zone.say(then)}"
                )
    return lines


def _doubt(compared: Compared, doubt: Doubt, zone: Zone) -> str:
    may_be = " or ".join(_span(span, zone) for span in doubt.may_be)
    number = compared.point.number
    return f"point {number}, account {doubt.account}: `{doubt.time}` may be {may_be}"


def _span(span: Span, zone: Zone) -> str:
    return span.say(zone).removeprefix("at ")


def readouts_section(meeting: Meeting, world: World, at: Instant | None = None) -> Section:
    """Return a meeting's accounts side by side by point, as a section of a report."""
    accounts = world.readouts.of(meeting.id, at)
    found = world.readouts.compared(meeting.id, at)
    doubts = [line for one in found for line in doubt_lines(one, meeting, world)]
    return Section(
        heading=f"{len(accounts)} accounts of one meeting, side by side",
        paragraphs=tuple(line.strip() for line in meeting_lines(meeting, accounts, world)),
        caption=count_relations(found),
        columns=("", "matter", *(account.id for account in accounts), "relation"),
        rows=tuple(
            (
                str(one.point.number),
                one.point.matter,
                *(told(one.of(account.id), world) for account in accounts),
                relation_in_words(one),
            )
            for one in found
        ),
        listings=("\n".join(doubts),) if doubts else (),
    )


def count_relations(found: Iterable[Compared]) -> str:
    """Return how many points there are of each relation."""
    relations = [one.relation for one in found]
    counts = ", ".join(
        f"{relations.count(relation)} {relation}"
        for relation in Relation
        if relation in relations
    )
    return f"{len(relations)} points: {counts}" if relations else "no points"
