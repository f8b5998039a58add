"""Prove every statement about a world, pair by pair; or show a request that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import z3

from comity.proof.asked import Asked, Pair, ask
from comity.proof.joined import Opened, opened
from comity.proof.labelled import Labels
from comity.proof.lowered import Lowered, lowered, round_about, tables
from comity.proof.properties import PROPERTIES, Breach, Case, Property
from comity.proof.spans import Spans, spans_of
from comity.proof.terms import Terms
from comity.proof.witness import Witness, plain, witness
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """A request that breaks a statement.

    Attributes:
        about: what it is an example of.
        found: the request.
        less: the one with less in it that is refused, where the statement is about less.
        real: `decide` answers to both as the solver says. If not, the terms and the plain
            evaluator differ, which is as bad.
    """

    about: str
    found: Witness
    less: Witness | None = None
    real: bool = True

    def __str__(self) -> str:
        """Return what it shows, in words."""
        text = f"{self.about}: {self.found}"
        if self.less is not None:
            text += f"; and refused: {self.less}"
        if not self.real:
            text += " (`decide` answers otherwise: the solver's terms are wrong)"
        return text


@dataclass(slots=True, kw_only=True)
class Proved:
    """A statement, over what it was proved, and what breaks it.

    Attributes:
        pairs, accords, spans: how many were looked at; a span is a stretch of time between a
            pair in which nothing changes by itself.
        conditions: how many the solver showed that no request can meet.
        open: those that it could neither show nor break.
    """

    name: str
    says: str
    method: str = "z3"
    pairs: int = 0
    accords: set[str] = field(default_factory=set)
    spans: int = 0
    conditions: int = 0
    broken: list[Counterexample | Lowered | Opened] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it was proved, without exception."""
        return not self.broken and not self.open


def prove_tables(world: World) -> Proved:
    """Prove that no table of a world lowers: on the way, on return, and round about."""
    proved = Proved(
        name="an equivalence never lowers",
        says="no table leads to a level that protects less, out of order, lower on return,"
        " or lower round about",
        method="every case",
    )
    found: dict[str, Lowered] = {}
    pairs: set[Pair] = set()
    for table in tables(world):
        pairs.add(table.pair)
        proved.accords.add(table.text.id)
        proved.spans += 1
        proved.conditions += len(table.mine.rungs)
        for one in lowered(table, world):
            found.setdefault(str(one), one)
    for one in round_about(world):
        found.setdefault(str(one), one)
    proved.conditions += sum(len(policy.rungs) for policy in world.policies.values())
    proved.pairs = len(pairs)
    proved.broken = list(found.values())
    return proved


def prove_joins(world: World, parts: int = 3) -> Proved:
    """Prove that no join opens a part, of up to so many parts, for any labels and reader."""
    proved = Proved(
        name="a join never opens a part",
        says=f"whoever may read a whole of up to {parts} parts may read every part",
    )
    for policy in world.policies.values():
        for count in range(1, parts + 1):
            found = opened(policy, count)
            proved.conditions += 1
            if found is not None:
                proved.broken.append(found)
                break
    return proved


def pairs_of(world: World) -> tuple[Pair, ...]:
    """Return the pairs between which anything could be permitted; no other has an accord."""
    return tuple(
        pair
        for pair in permutations(sorted(world.parties), 2)
        if world.between(*pair)
        or any(a.by == pair[0] and pair[1] in a.to for a in world.authorities)
    )


def prove(
    world: World,
    *,
    agreed: World | None = None,
    properties: Sequence[Property] = PROPERTIES,
    pairs: Iterable[Pair] | None = None,
    build: Callable[..., Terms] = Terms,
    received: bool = True,
) -> tuple[Proved, ...]:
    """Prove statements about every request of a world.

    Args:
        world: that permits.
        agreed: that the statements read; None for the same.
        properties: which statements.
        pairs: between whom; None for all between which anything could be permitted.
        build: what makes the terms.
        received: also of requests that say how the sender has the item, by any accord.

    Between a pair that has neither an accord nor a written authority `decide` permits
    nothing, whatever is asked: it has no candidate.
    """
    found = {one.name: Proved(name=one.name, says=one.says) for one in properties}
    for pair in pairs_of(world) if pairs is None else pairs:
        case = _case(world, agreed or world, pair, build, received=received)
        solver = z3.SolverFor("QF_LIA")
        solver.set("timeout", TIMEOUT_MS)
        solver.add(case.asked.domain(world, case.spans))
        for one in properties:
            proved = found[one.name]
            proved.pairs += 1
            proved.accords |= {accord.id for accord in case.accords}
            proved.spans += len(case.spans)
            for breach in one.breaches(case):
                proved.conditions += 1
                solver.push()
                solver.add(breach.term)
                answer = solver.check()
                if answer == z3.sat:
                    proved.broken.append(_example(solver, case.asked, breach, world))
                elif answer != z3.unsat:
                    proved.open.append(breach.about)
                solver.pop()
    return tuple(found.values())


TIMEOUT_MS = 60_000  # a condition takes some milliseconds; one that does not is reported


def _case(
    world: World,
    agreed: World,
    pair: Pair,
    build: Callable[..., Terms],
    *,
    received: bool,
) -> Case:
    both = {
        start
        for one in (world, agreed)
        for start in spans_of(one, pair, received=received).starts
    }
    spans = Spans(starts=tuple(sorted(both)))
    asked = ask(world, pair, received=received)
    return Case(
        agreed=agreed,
        asked=asked,
        spans=spans,
        terms=build(labels=Labels(world=world, asked=asked, spans=spans)),
        statement=Terms(labels=Labels(world=agreed, asked=asked, spans=spans)),
        build=build,
    )


def _example(
    solver: z3.Solver, asked: Asked, breach: Breach, world: World
) -> Counterexample:
    """Return a request that breaks a statement, as plain as it goes, and ask `decide`."""
    model = plainest(solver, asked)
    if breach.more:
        world = replace(world, holds=(*world.holds, *breach.more))
    found = witness(model, asked, world, breach.under)
    if not breach.less:
        return Counterexample(about=breach.about, found=found, real=found.permitted)
    names = {
        old.get_id(): model.eval(new, model_completion=True) for old, new in breach.less
    }
    less = witness(_Changed(model, names), asked, world, breach.under)
    return Counterexample(
        about=breach.about,
        found=found,
        less=less,
        real=found.permitted and not less.permitted,
    )


def plainest(solver: z3.Solver, asked: Asked) -> z3.ModelRef:
    """Return a model of what a solver holds, with as little in it as it goes."""
    model = solver.model()
    for wish in plain(asked):
        if z3.is_true(model.eval(wish, model_completion=True)):
            solver.add(wish)
        elif solver.check(wish) == z3.sat:
            model = solver.model()
            solver.add(wish)
    return model


class _Changed:
    """A model in which some symbols have another value."""

    def __init__(self, model: z3.ModelRef, values: dict[int, z3.ExprRef]) -> None:
        self._model = model
        self._values = values

    def eval(self, term: z3.ExprRef, *, model_completion: bool) -> z3.ExprRef:
        """Return the value of a symbol."""
        if term.get_id() in self._values:
            return self._values[term.get_id()]
        return self._model.eval(term, model_completion=model_completion)
