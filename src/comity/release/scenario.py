"""Scenarios: whole stories as text that anybody can add to.

::

    world worlds/gsomia
    accord jp-rok-gsomia

    case without the suspension
    without kr-suspension-2019 kr-withdrawal-2023
    2019-11-22T23:59:59+09:00  standing                         -> in_force; n1 running, …
    2019-11-23T00:00:00+09:00  try submarine-track-1 kr to jp   -> deny ended 21(3)
    2020-09-01T10:00:00+09:00  kr resume_notice n1              -> without effect

A line is an instant, what is asked or done, and the answer that must come. A case begins
with the world as it is; ``without``, ``reading`` and ``move`` change it. The page is
``docs/formats/scenario.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from comity.accords.instruments import Instrument, Op, Operation, Stage
from comity.accords.standing import Standing
from comity.accords.times import Instant, Span, Zone, parse_instant
from comity.errors import ComityError, Finding, InvalidInput, NotKnown
from comity.labels import Item
from comity.release.request import Request
from comity.release.rows import duties_answer, release_answer, standing_answer
from comity.release.world import World

_STEP = re.compile(r"(\S+)\s+(.+?)\s*->\s*(.*?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line: at an instant, what is asked or done, and the answer expected."""

    line: int
    at: str
    words: tuple[str, ...]
    expected: str


@dataclass(slots=True, kw_only=True)
class Case:
    """A run of lines that begins with the world as it is."""

    name: str
    line: int
    without: list[str] = field(default_factory=list)
    readings: dict[str, str] = field(default_factory=dict)
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A file of cases about one accord of one world."""

    world: str
    accord: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of a line."""

    case: str
    step: Step
    answer: str

    @property
    def right(self) -> bool:
        """Whether the answer is the one expected."""
        return self.answer == self.step.expected


def parse_scenario(text: str, where: str = "") -> tuple[Scenario, list[Finding]]:
    """Read a scenario; every line that cannot be read is a finding."""
    head = {"world": "", "accord": ""}
    cases: list[Case] = []
    findings: list[Finding] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        word, _, rest = line.partition(" ")
        step = _STEP.fullmatch(line)
        if word in head and not cases:
            head[word] = rest.strip()
        elif word == "case":
            cases.append(Case(name=rest.strip(), line=number))
        elif cases and _setting(cases[-1], word, rest.split()):
            continue
        elif step is not None and cases:
            at, words, expected = step.groups()
            cases[-1].steps.append(
                Step(line=number, at=at, words=tuple(words.split()), expected=expected)
            )
        else:
            findings.append(
                Finding(
                    where=where,
                    line=number,
                    code="bad-step",
                    message=f"`{line[:60]}` is no line of a scenario",
                    hint="write `case NAME`, then `INSTANT  what is asked  -> the answer`",
                )
            )
    for key, value in head.items():
        if not value:
            findings.append(
                Finding(
                    where=where,
                    line=1,
                    code="missing-key",
                    message=f"the scenario names no {key}",
                    hint=f"begin with `{key} NAME`",
                )
            )
    return Scenario(**head, cases=tuple(cases)), findings


def _setting(case: Case, word: str, rest: list[str]) -> bool:
    """Apply a line that changes the world of a case, or say that it is none."""
    if word == "without" and rest:
        case.without += rest
    elif word == "reading" and rest:
        point, _, reading = " ".join(rest).partition("=")
        case.readings[point] = reading
    elif word == "move" and len(rest) == 3 and rest[1] in {str(s) for s in Stage}:
        case.moves.append((rest[0], rest[1], rest[2]))
    else:
        return False
    return True


def tell(scenario: Scenario, world: World) -> Iterator[Told]:
    """Run every case, and yield what came of each line."""
    for case in scenario.cases:
        told = _Case(scenario.accord, _prepared(scenario.accord, case, world))
        for step in case.steps:
            try:
                answer = told.take(step)
            except ComityError as error:
                hint = f" ({error.hint})" if error.hint else ""
                answer = f"error: {error.message}{hint}"
            yield Told(case=case.name, step=step, answer=answer)


def _prepared(accord: str, case: Case, world: World) -> World:
    world = world.without(case.without)
    for name, stage, text in case.moves:
        world = moved(world, name, Stage(stage), text)
    return world.reading(accord, case.readings) if case.readings else world


def moved(world: World, name: str, stage: Stage, text: str) -> World:
    """Return the world as it were had one instrument reached a stage at another time.

    Raises:
        NotKnown: no instrument of that id.
        InvalidInput: a time that cannot be read.
    """
    found = next((i for i in world.instruments if i.id == name), None)
    if found is None:
        raise NotKnown(f"there is no instrument `{name}`", code="no-instrument")
    span = Span.parse(text, world.accord(found.accord).zone)
    return world.supposing([replace(found, times={**found.times, (stage, ""): span})])


class _Case:
    def __init__(self, accord: str, world: World) -> None:
        self._accord = accord
        self._world = world
        self._zone: Zone = world.accord(accord).zone

    def take(self, step: Step) -> str:
        """Ask or do what a line says, and return the answer."""
        at = parse_instant(step.at, self._zone)
        ask = _QUESTIONS.get(step.words[0])
        if ask is not None:
            return ask(self, at, step.words[1:])
        return self._act(at, step)

    def _standing(self, at: Instant) -> Standing:
        return self._world.clock(self._accord).standing(at)

    def standing(self, at: Instant, _words: tuple[str, ...]) -> str:
        return standing_answer(self._world.clock(self._accord), at)

    def period(self, at: Instant, _words: tuple[str, ...]) -> str:
        period = self._standing(at).period
        if period is None:
            return "none"
        first, out = (self._zone.day_of(i) for i in period)
        return f"{first} to {out}"

    def disputed(self, at: Instant, _words: tuple[str, ...]) -> str:
        return "yes" if self._standing(at).disputed else "no"

    def certainty(self, at: Instant, _words: tuple[str, ...]) -> str:
        return str(self._standing(at).certainty)

    def earliest_end(self, at: Instant, words: tuple[str, ...]) -> str:
        views = self._standing(at).readings
        if len(words) != 1 or words[0] not in views:
            raise InvalidInput(
                "`earliest-end` wants a party", hint="write `earliest-end kr`"
            )
        view = views[words[0]]
        if view.earliest_end is None:
            return "never"
        return (
            f"{self._zone.show(view.earliest_end)} by {' or '.join(view.earliest_end_by)}"
        )

    def release(self, at: Instant, words: tuple[str, ...]) -> str:
        if len(words) != 4 or words[2] != "to":
            raise InvalidInput(
                "`try` wants an item and two parties", hint="write `try ITEM kr to jp`"
            )
        item, sender, _, recipient = words
        found: Mapping[str, Item] = self._world.items
        if item not in found:
            raise InvalidInput(f"there is no item `{item}` in the world", code="no-item")
        request = Request(item=found[item], sender=sender, recipient=recipient, at=at)
        return release_answer(request, self._world)

    def duties(self, at: Instant, words: tuple[str, ...]) -> str:
        if len(words) != 1:
            raise InvalidInput("`duties` wants a party", hint="write `duties kr`")
        accord = self._world.accord(self._accord)
        return duties_answer(self._world, accord, words[0], at)

    def _act(self, at: Instant, step: Step) -> str:
        party, *does = step.words
        if not does or does[0] not in {str(op) for op in Op}:
            raise InvalidInput(
                f"`{' '.join(step.words)}` is neither a question nor an act",
                hint="the questions: " + ", ".join(_QUESTIONS),
            )
        op, *rest = does
        span = Span.at(at)
        instrument = Instrument(
            id=f"line {step.line}",
            accord=self._accord,
            by=tuple(party.split("+")),
            form="written",
            channel="diplomatic",
            times={(stage, ""): span for stage in Stage},
            operations=(Operation(do=Op(op), notice=rest[0] if rest else None),),
            supposed="a scenario",
        )
        self._world = self._world.supposing([instrument])
        effects = [e for e in self._standing(at).effects if e.instrument == instrument.id]
        return "; ".join(str(effect.outcome) for effect in effects)


_QUESTIONS: Mapping[str, Callable[[_Case, Instant, tuple[str, ...]], str]] = {
    "standing": _Case.standing,
    "period": _Case.period,
    "disputed": _Case.disputed,
    "certainty": _Case.certainty,
    "earliest-end": _Case.earliest_end,
    "try": _Case.release,
    "duties": _Case.duties,
}
