"""In what an accord differs as two parties see it: standing, a notice, the earliest end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.accords.accord import Accord
from comity.accords.standing import NoticeView
from comity.accords.table import Status
from comity.accords.times import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an accord is under one set of readings and recorded times."""

    status: Status
    pairs: Mapping[frozenset[str], Status]
    notices: tuple[NoticeView, ...]
    earliest_end: Instant | None
    earliest_end_by: tuple[str, ...]


def differences(
    accord: Accord, parties: tuple[str, str], one: Seen, other: Seen
) -> Iterator[str]:
    """Say in what an accord differs as two parties see it."""
    who = " and ".join(parties)
    for pair, status in one.pairs.items():
        second = other.pairs.get(pair, status)
        if status is not second:
            between = " and ".join(sorted(pair))
            of = "" if len(one.pairs) == 1 else f" between {between}"
            yield f"{who} differ in standing{of}: {status} and {second}"
    states, others = ({n.id: n.state for n in seen.notices} for seen in (one, other))
    for name in dict.fromkeys((*states, *others)):
        if states.get(name) is not others.get(name):
            has, others_have = states.get(name, "absent"), others.get(name, "absent")
            yield f"{who} differ in notice {name}: {has} and {others_have}"
    if one.earliest_end != other.earliest_end:
        first_end, second_end = (
            "never" if seen.earliest_end is None else accord.zone.say(seen.earliest_end)
            for seen in (one, other)
        )
        yield (
            f"{who} differ in the earliest end by one side alone: {first_end} and {second_end}"
        )
