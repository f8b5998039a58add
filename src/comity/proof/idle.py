"""What decides nothing: clauses and acts that no request can hang on, and shadowed ones.

Each is taken away, and a solver is asked for a request to which the answer is then another.
Where there is none between any pair, it decides nothing. It is *shadowed* if another does the
same: without the two together the answer would be another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.errors import Finding, Severity
from comity.proof.asked import Pair, ask, some
from comity.proof.candidates import Candidate, of_accord, of_acts
from comity.proof.labelled import Labels
from comity.proof.prove import TIMEOUT_MS, pairs_of, plainest
from comity.proof.spans import Spans, spans_of
from comity.proof.terms import Terms
from comity.proof.witness import Witness, witness
from comity.release.decide import Denial, decide
from comity.release.explain import HEADINGS
from comity.release.world import World


@dataclass(frozen=True, slots=True)
class _Between:
    """A pair with the terms of what may go between it, and a solver that holds its domain."""

    terms: Terms
    solver: z3.Solver

    @property
    def pair(self) -> Pair:
        return self.terms.asked.pair

    def differs(
        self,
        one: Candidate,
        instead: dict[object, object],
        beside: dict[object, object] | None = None,
    ) -> z3.BoolRef:
        """Return the condition that the answer is another with some, or some more, taken away."""
        terms = self.terms if beside is None else self.terms.but(beside)
        other = self.terms.but(instead)
        if one.accord is None:
            return z3.Xor(terms.permits(), other.permits())
        return z3.And(
            terms.unbarred(),
            some(
                z3.Xor(terms.under(a), other.under(a))
                for a in terms.accords
                if a.id == one.accord or one.further
            ),
        )

    def example(self, *conditions: z3.BoolRef) -> Witness | None:
        """Return a request that meets some conditions, as plain as it goes, or None."""
        self.solver.push()
        try:
            self.solver.add(*conditions)
            if self.solver.check() == z3.unsat:
                return None
            model = plainest(self.solver, self.terms.asked)
            return witness(model, self.terms.asked, self.terms.world, None)
        finally:
            self.solver.pop()

    def can(self, condition: z3.BoolRef) -> bool:
        """Say whether a request may meet a condition; what the solver cannot say, it may."""
        return bool(self.solver.check(condition) != z3.unsat)


class Pairs:
    """The pairs of a world, each with its terms once made."""

    def __init__(
        self,
        world: World,
        parts: int,
        *,
        build: Callable[..., Terms] = Terms,
        spans: Callable[[World, Pair], Spans] = spans_of,
    ) -> None:
        self.world = world
        self.pairs = pairs_of(world)
        self.build = build
        self._parts = parts
        self._spans = spans
        self._made: dict[Pair, _Between] = {}

    def __iter__(self) -> Iterator[_Between]:
        for pair in self.pairs:
            yield self.between(pair)

    def between(self, pair: Pair) -> _Between:
        """Return a pair with its terms."""
        if pair not in self._made:
            spans = self._spans(self.world, pair)
            asked = ask(self.world, pair, self._parts)
            solver = z3.SolverFor("QF_LIA")
            solver.set("timeout", TIMEOUT_MS)
            solver.add(asked.domain(self.world, spans))
            labels = Labels(world=self.world, asked=asked, spans=spans)
            self._made[pair] = _Between(self.build(labels=labels), solver)
        return self._made[pair]

    def that_matter(self, one: Candidate) -> Iterator[_Between]:
        """Yield the pairs to which a candidate could matter, the likeliest first."""
        names = {p: {a.id for a in self.world.between(*p)} for p in self.pairs}
        near = [pair for pair in self.pairs if one.accord in names[pair]]
        far = [pair for pair in self.pairs if one.accord not in names[pair]]
        for pair in (*near, *(far if one.accord is None or one.further else ())):
            yield self.between(pair)


def idle(world: World) -> Iterator[Finding]:
    """Yield what decides nothing in a world: clauses, words, consents, holds, authorities, accords.

    Asked of every item without parts first, and of those made from one other where that
    finds no difference.
    """
    pairs = Pairs(world, 0)
    candidates = [*_of_accords(pairs), *of_acts(world)]
    for one in asleep(Pairs(world, 1), asleep(pairs, candidates)):
        yield finding(one, candidates, pairs)
    yield from _accords(pairs)


def _of_accords(pairs: Pairs) -> Iterator[Candidate]:
    for accord in pairs.world.accords:
        texts = {accord: None}
        for between in pairs:
            if accord in between.terms.accords:
                for found in between.terms.versions(accord):
                    texts.update(dict.fromkeys(found))
        yield from of_accord(accord, texts)


def asleep(pairs: Pairs, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those without which no answer is another."""
    return [
        one
        for one in candidates
        if not any(
            between.can(between.differs(one, {one.of: other}))
            for between in pairs.that_matter(one)
            for other in one.left
        )
    ]


def finding(one: Candidate, others: Sequence[Candidate], pairs: Pairs) -> Finding:
    """Return what is to be said of one that decides nothing: why, or what does the same."""
    shadow = _shadow(one, others, pairs)
    if shadow is not None:
        other, example = shadow
        return _warn(
            one,
            "shadowed",
            f"{one.said} decides nothing: {other.said} does the same, for example {example}",
            "remove one of the two, unless the text says both",
        )
    return _warn(one, "decides-nothing", *_why(one, pairs))


def _warn(one: Candidate, code: str, message: str, hint: str) -> Finding:
    return Finding(
        where=one.where,
        line=one.line,
        code=code,
        severity=Severity.WARNING,
        message=message,
        hint=hint,
    )


def _shadow(
    one: Candidate, others: Sequence[Candidate], pairs: Pairs
) -> tuple[Candidate, Witness] | None:
    """Return another that does the same, with a request that shows it."""
    for other in others:
        if other.of == one.of or other.family != one.family:
            word = isinstance(one.of, c.Clause) and other.of == one.of
            if not (word and other.family == (one.family[0], c.ANY)):
                continue
        if other is one:
            continue
        both, beside = _without(one, other), {other.of: other.left[0]}
        for between in pairs.that_matter(one):
            condition = between.differs(one, both, beside)
            example = between.example(condition, one.meets(between.terms))
            if example is not None:
                return other, example
    return None


def _without(one: Candidate, other: Candidate) -> dict[object, object]:
    """Return what is left without both; of two words of one clause, without either."""
    if one.of != other.of:
        return {one.of: one.left[0], other.of: other.left[0]}
    name = one.family[0]
    words = set(getattr(one.left[0], str(name))) & set(getattr(other.left[0], str(name)))
    left = {str(name): tuple(sorted(words))}
    return {one.of: replace(one.of, **left)}  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class _Near:
    """A request that a candidate is about, and what is in its way all the same.

    Attributes:
        fails: which families of clauses, in words.
        well: how many are not in the way.
    """

    example: Witness
    fails: tuple[str, ...]
    well: int


def _why(one: Candidate, pairs: Pairs) -> tuple[str, str]:
    """Say why nothing hangs on it, by the request that comes nearest to it."""
    near = [
        found for b in pairs.that_matter(one) if (found := _nearest(one, b)) is not None
    ]
    nearest = max(near, key=lambda found: found.well, default=None)
    hint = "mend it or remove it"
    if nearest is None:
        return f"{one.said} decides nothing: no request can be one that it is about", hint
    said = f"{one.said} decides nothing: the request nearest to it, {nearest.example},"
    if pairs.build is not Terms:  # of a text alone there is nothing to decide
        by = " and ".join(nearest.fails) or "the same clauses without it"
        return f"{said} is answered by {by}", hint
    answer = decide(nearest.example.request, nearest.example.world)
    if isinstance(answer, Denial):
        return f"{said} is refused all the same: {HEADINGS[answer.reason]}", hint
    return f"{said} is permitted all the same", hint


def _nearest(one: Candidate, between: _Between) -> _Near | None:
    """Return a request that a candidate is about, with all that goes well beside, or None."""
    terms, solver = between.terms, between.solver
    solver.push()
    try:
        solver.add(one.meets(terms))
        if solver.check() == z3.unsat:
            return None
        fails: list[str] = []
        well = 0
        for name, wish in _wishes(one, terms):
            if solver.check(wish) == z3.sat:
                solver.add(wish)
                well += 1
            else:
                fails.append(name)
        _ = solver.check()
        found = witness(plainest(solver, terms.asked), terms.asked, terms.world, one.accord)
        return _Near(found, tuple(dict.fromkeys(fails)), well)
    finally:
        solver.pop()


def _wishes(one: Candidate, terms: Terms) -> Iterator[tuple[str, z3.BoolRef]]:
    yield "its label or its facts", terms.unbarred()
    for accord in terms.accords:
        if one.accord in (None, accord.id):
            yield "the term", terms.stands(accord)
            yield "the scope", terms.scope(accord)
            yield "the table of levels", terms.tables(accord).leads()
            yield "the purpose", terms.purpose(accord)
            yield "the channel", terms.channel(accord)
            yield "the conditions before release", terms.gates(accord)
            yield "the third-party rule", terms.third_party(accord)


# -- whole accords --------------------------------------------------------------------


def _accords(pairs: Pairs) -> Iterator[Finding]:
    """Yield accords that permit nothing, and those all of whose permits others give as well."""
    for accord in pairs.world.accords:
        if accord.one(c.Scope) is None or accord.one(c.Purpose) is None:
            continue  # `not-stated` has said so
        example: Witness | None = None
        alone = False
        for between in pairs:
            terms = between.terms
            if accord not in terms.accords:
                continue
            rest = some(terms.under(a) for a in terms.accords if a.id != accord.id)
            permits = terms.permits_under(accord)
            if between.can(z3.And(permits, z3.Not(rest))):
                alone = True
                break
            if example is None and len(terms.accords) > 1:
                example = between.example(permits)
        if not alone:
            yield _of_whole(accord, example)


def _of_whole(accord: Accord, example: Witness | None) -> Finding:
    if example is None:
        code, message = (
            "decides-nothing",
            f"`{accord.id}` permits nothing: no request between any two, whenever",
        )
        hint = "see `comity clock` whether it ever stands, and the other findings"
    else:
        code, message = (
            "shadowed",
            f"`{accord.id}` permits nothing that other accords do not, for example {example}",
        )
        hint = "it matters only where a sender names it"
    return Finding(
        where=accord.where or accord.id,
        line=0,
        code=code,
        severity=Severity.WARNING,
        message=message,
        hint=hint,
    )
