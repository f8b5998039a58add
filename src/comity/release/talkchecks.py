"""What is wrong across the files of what is said: parties, persons, measures, forums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from comity.accords.instruments import Op
from comity.accords.times import Instant
from comity.errors import Finding, Severity
from comity.release.world import World
from comity.talks import Meeting, members


class _Placed(Protocol):
    @property
    def where(self) -> str: ...
    @property
    def line(self) -> int: ...


def _find(thing: _Placed, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=thing.where or "world",
        line=thing.line,
        code=code,
        message=message,
        hint=hint,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def who_speaks_is_a_party(world: World) -> Iterator[Finding]:
    """What is said and stands beside accords is by parties, and given to parties."""
    said = world.readouts
    named: list[tuple[_Placed, str, tuple[str, ...]]] = [
        *((p, f"position `{p.id}`", (p.by,)) for p in world.positions),
        *((k, f"condition `{k.id}`", (k.by,)) for k in world.conditions),
        *((m, f"measure `{m.id}`", (m.by,)) for m in world.measures),
        *((u, f"undertaking `{u.id}`", (*u.by, *u.to)) for u in world.undertakings),
        *((s, f"statement `{s.id}`", s.by) for s in world.statements),
        *((s, f"speaker `{s.id}`", (s.by,)) for s in world.speakers),
        *((m, f"meeting `{m.id}`", m.who) for m in said.meetings),
        *((a, f"account `{a.id}`", (a.side,)) for a in said.accounts),
        *(
            (f, f"forum `{f.id}`", tuple(m.party for m in f.members if m.party is not None))
            for f in world.forums
        ),
    ]
    for thing, what, parties in named:
        for party in parties:
            if party not in world.parties:
                message = f"{what} names `{party}`, who is no party here"
                hint = "its parties: " + _listed(world.parties)
                yield _find(thing, "no-party", message, hint)


def who_speaks_is_known(world: World) -> Iterator[Finding]:
    """Each speaker is on record, speaks for the party named, and holds the capacity then."""
    speakers = {speaker.id: speaker for speaker in world.speakers}
    said = world.readouts
    meetings = {meeting.id: meeting for meeting in said.meetings}
    of = {a.id: meetings[a.meeting] for a in said.accounts if a.meeting in meetings}
    named: list[tuple[_Placed, str, str | None, tuple[str, ...], Instant]] = [
        *((p, f"position `{p.id}`", p.speaker, (p.by,), p.since) for p in world.positions),
        *(
            (k, f"condition `{k.id}`", k.speaker, (k.by,), k.since)
            for k in world.conditions
        ),
        *(
            (u, f"undertaking `{u.id}`", u.speaker, (*u.by, *u.to), u.steps[0].since)
            for u in world.undertakings
        ),
        *(
            (m, f"meeting `{m.id}`", name, tuple(world.parties), _day(m))
            for m in said.meetings
            for name in m.speakers
        ),
        *(
            (
                p,
                f"the passage of point {p.point}",
                p.speaker,
                tuple(world.parties),
                _day(of[p.account]),
            )
            for p in said.passages
            if p.account in of
        ),
    ]
    for thing, what, name, parties, at in named:
        if name is None:
            continue
        speaker = speakers.get(name)
        if speaker is None:
            message = f"{what} is by `{name}`, who is no speaker here"
            hint = "the speakers: " + _listed(speakers)
            yield _find(thing, "no-speaker", message, hint)
        elif speaker.by not in parties or not speaker.held(at):
            message = f"{what} is by `{name}`, who did not speak for that party then"
            hint = f"on record: {speaker.capacity} of `{speaker.by}`; mend one or the other"
            yield _find(thing, "no-speaker", message, hint)


def _day(meeting: Meeting) -> Instant:
    return meeting.zone.start_of(meeting.on)


def measures_are_named_right(world: World) -> Iterator[Finding]:
    """What is refused, done or waited for is a measure's state or an operation."""
    measures = {m.id for m in world.measures}
    operations = {str(op) for op in Op}
    states: list[tuple[_Placed, str, str | None]] = [
        *((p, f"position `{p.id}` refuses", p.will_not) for p in world.positions),
        *((k, f"condition `{k.id}` is about", k.does) for k in world.conditions),
        *((u, f"undertaking `{u.id}` is about", u.does) for u in world.undertakings),
    ]
    for thing, what, text in states:
        name, colon, _ = (text or "").partition(":")
        if text and not (name in measures if colon else name in operations):
            message = (
                f"{what} `{text}`, which is neither a measure's state nor an operation"
            )
            hint = "write `measure:state`, or an operation such as `revoke_notice`"
            yield _find(thing, "no-measure", message, hint)
    for condition in world.conditions:
        name, colon, _ = condition.waits_for.partition(":")
        if colon and name not in measures:
            message = f"condition `{condition.id}` waits for `{name}`, which is no measure"
            hint = "the measures: " + _listed(measures)
            yield _find(condition, "no-measure", message, hint)


def what_is_meant_exists(world: World) -> Iterator[Finding]:
    """Accords, forums, meetings and revised positions are there."""
    meetings = world.readouts.meetings
    accords = {accord.id for accord in world.accords}
    forums = {forum.id for forum in world.forums}
    about: list[tuple[_Placed, str, str | None]] = [
        *((k, f"condition `{k.id}`", k.accord) for k in world.conditions),
        *((m, f"meeting `{m.id}`", m.accord) for m in meetings),
    ]
    yield from _there(about, accords, code="no-accord")
    beside: list[tuple[_Placed, str, str | None]] = [
        *((m, f"meeting `{m.id}`", m.forum) for m in meetings),
        *((f, f"forum `{f.id}`", name) for f in world.forums for name in f.includes),
    ]
    yield from _there(beside, forums, code="no-forum")
    came: list[tuple[_Placed, str, str | None]] = [
        (s, f"statement `{s.id}`", s.meeting) for s in world.statements
    ]
    yield from _there(came, {m.id for m in meetings}, code="no-meeting")
    revised: list[tuple[_Placed, str, str | None]] = [
        (p, f"position `{p.id}`", p.revises) for p in world.positions
    ]
    yield from _there(revised, {p.id for p in world.positions}, code="no-position")


def _there(
    named: Iterable[tuple[_Placed, str, str | None]], known: set[str], *, code: str
) -> Iterator[Finding]:
    for thing, what, one in named:
        if one is not None and one not in known:
            message = f"{what} names `{one}`, which is nothing here"
            yield _find(thing, code, message, "there are: " + _listed(known))


def revised_positions_are_earlier(world: World) -> Iterator[Finding]:
    """A position revises an earlier one of the same party."""
    by_id = {position.id: position for position in world.positions}
    for position in world.positions:
        earlier = by_id.get(position.revises or "")
        if earlier is not None and (
            earlier.by != position.by or earlier.since >= position.since
        ):
            message = (
                f"position `{position.id}` revises `{earlier.id}`, which is of another"
            )
            message += " party or no earlier"
            hint = "a revision is by the same party, and taken later"
            yield _find(position, "bad-revision", message, hint)


def who_meets_is_a_member(world: World) -> Iterator[Finding]:
    """Those who meet in a forum's margins are its members that day; guests are said."""
    forums = {forum.id: forum for forum in world.forums}
    for meeting in world.readouts.meetings:
        forum = forums.get(meeting.forum or "")
        if forum is None:
            continue
        there = {m.party for m in members(forum, world.forums, _day(meeting))}
        for party in meeting.who:
            if party not in there:
                yield Finding(
                    where=meeting.where,
                    line=meeting.line,
                    code="guest",
                    severity=Severity.WARNING,
                    message=f"`{party}` meets in the margins of `{forum.id}` and was no"
                    " member that day",
                    hint="a guest may; else check the memberships' dates",
                )
