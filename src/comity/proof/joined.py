"""A join never opens a part: over all labels of a policy and any reader.

The level of a whole is asked of `comity.labels.join`, for all levels of its parts; its tags
and readers are symbols. Of a reader only one thing at a time is known: whether it is
cleared for a level, holds a value, or is among those released to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import z3

from comity.labels import Caveat, Label, Level, Mark, Part, Policy, Tagged, TagType
from comity.labels.join import Reader, admits, join
from comity.proof.asked import Choice, every, fixed, some, true

Shape = tuple[tuple[Level, bool], ...]
"""The level of each part, and whether it is released to some only."""
READER = "(a reader)"
OTHER = "(another)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyLabel:
    """A label of a policy of which every fact is a symbol.

    Attributes:
        closed: whether it is released to some only.
        among: whether the reader is among those.
    """

    level: Choice[Level]
    sets: Mapping[str, z3.BoolRef]
    marks: Mapping[Mark, z3.BoolRef]
    closed: z3.BoolRef
    among: z3.BoolRef

    def domain(self) -> Iterator[z3.BoolRef]:
        """Yield what holds of every label."""
        yield self.level.domain()
        for mark, symbol in self.marks.items():
            yield z3.Implies(symbol, self.sets[mark.tag_set])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyReader:
    """A reader: what it is cleared for, and what it holds."""

    cleared: Mapping[Level, z3.BoolRef]
    holds: Mapping[Mark, z3.BoolRef]

    def reads(self, label: AnyLabel, policy: Policy) -> z3.BoolRef:
        """Return the condition that it may read what bears a label (`comity.labels.admits`)."""
        found = [
            z3.Implies(symbol, self.cleared[level])
            for level, symbol in label.level.options.items()
        ]
        found.append(z3.Implies(label.closed, label.among))
        for name, tag_set in policy.tag_sets.items():
            marks = [(m, s) for m, s in label.marks.items() if m.tag_set == name]
            if tag_set.type_ is TagType.RESTRICTIVE:
                found += [z3.Implies(symbol, self.holds[mark]) for mark, symbol in marks]
            elif tag_set.type_ is TagType.PERMISSIVE:
                one = some(z3.And(symbol, self.holds[mark]) for mark, symbol in marks)
                found.append(z3.Implies(label.sets[name], one))
        return every(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A reader that may read a whole and not one of its parts.

    Attributes:
        real: `comity.labels.join` and `comity.labels.admits` say so as well.
    """

    parts: tuple[Part, ...]
    reader: Reader
    whole: Part | None
    real: bool

    def __str__(self) -> str:
        """Return what it shows, in words."""
        labels = "; ".join(_in_words(part) for part in self.parts)
        whole = "nothing" if self.whole is None else _in_words(self.whole)
        held = ", ".join(f"{n}/{v}" for n, vs in self.reader.holds.items() for v in vs)
        levels = ", ".join(map(str, self.reader.levels)) or "no level"
        text = (
            f"a reader cleared for {levels}, that holds {held or 'nothing'}, reads {whole}"
        )
        text += f", made from {labels}, and not every part"
        return text if self.real else f"{text} (`join` answers otherwise)"


def _in_words(part: Part) -> str:
    label = part.label
    tags = [f"{t.set_}: {', '.join(t.values) or 'none'}" for t in label.tags]
    to = (
        []
        if part.readers is None
        else [f"to {', '.join(sorted(part.readers)) or 'nobody'}"]
    )
    return " ".join([str(label.level), *(f"[{tag}]" for tag in tags), *to])


def shapes(policy: Policy, parts: int) -> dict[Shape, set[Level]]:
    """Return the levels that `join` gives a whole, for every level of its parts.

    The lowest that stands over all, and every higher one that an originator may mark it
    with.
    """
    bare = replace(policy, tag_sets={})  # no tag has a say in the level
    levels = [Level(policy.id, name) for name in policy.rungs]
    found: dict[Shape, set[Level]] = {}
    for shape in product(product(levels, (False, True)), repeat=parts):
        given = [
            Part(
                label=Label(level=level, categories=("any",)),
                owners=frozenset({OTHER}),
                readers=frozenset({OTHER}) if closed else None,
            )
            for level, closed in shape
        ]
        for asked in (None, *levels):
            whole = join(given, bare, level=asked).part
            if whole is not None:
                found.setdefault(shape, set()).add(whole.label.level)
    return found


def opened(policy: Policy, parts: int = 2) -> Opened | None:
    """Return a reader that may read some whole and not a part of it, or None: there is none."""
    labels = [_any_label(policy, f"{place}:") for place in range(parts)]
    reader = AnyReader(
        cleared={lv: z3.Bool(f"cleared {lv}") for lv in labels[0].level.options},
        holds={mark: z3.Bool(f"holds {mark}") for mark in labels[0].marks},
    )
    whole = _any_label(policy, "whole:")
    solver = z3.Solver()
    for label in (*labels, whole):
        solver.add(*label.domain())
    for upper, lower in product(reader.cleared, repeat=2):
        if policy.dominates(upper, lower):
            solver.add(z3.Implies(reader.cleared[upper], reader.cleared[lower]))
    solver.add(joins(whole, labels, policy), reader.reads(whole, policy))
    solver.add(z3.Not(every(reader.reads(label, policy) for label in labels)))
    if solver.check() == z3.unsat:
        return None
    model = solver.model()
    return _opened(model, labels, whole, reader, policy)


def _any_label(policy: Policy, name: str) -> AnyLabel:
    return AnyLabel(
        level=Choice.of(f"{name}level", [Level(policy.id, rung) for rung in policy.rungs]),
        sets={one: z3.Bool(f"{name}set {one}") for one in policy.tag_sets},
        marks={
            mark: z3.Bool(f"{name}tag {mark}")
            for one, tag_set in policy.tag_sets.items()
            for mark in (Mark(policy.id, one, value) for value in tag_set.tags)
        },
        closed=z3.Bool(f"{name}closed"),
        among=z3.Bool(f"{name}among"),
    )


def joins(whole: AnyLabel, labels: Sequence[AnyLabel], policy: Policy) -> z3.BoolRef:
    """Return the condition that one label is the join of others (`comity.labels.join`)."""
    by_shape = some(
        z3.And(
            *(
                z3.And(label.level.is_(level), label.closed == fixed(value=closed))
                for label, (level, closed) in zip(labels, shape, strict=True)
            ),
            whole.level.among(levels),
        )
        for shape, levels in shapes(policy, len(labels)).items()
    )
    found = [by_shape, whole.closed == some(label.closed for label in labels)]
    found.append(
        whole.among == every(z3.Implies(label.closed, label.among) for label in labels)
    )
    for name, tag_set in policy.tag_sets.items():
        given = [label.sets[name] for label in labels]
        kept: list[z3.BoolRef] = []
        for value in tag_set.tags:
            mark = Mark(policy.id, name, value)
            there = [label.marks[mark] for label in labels]
            if tag_set.type_ is TagType.PERMISSIVE:
                stays = z3.And(some(given), *map(z3.Implies, given, there))
            else:
                stays = some(there)
            dropped = _dropped(mark, labels, policy)
            if tag_set.type_ is TagType.RESTRICTIVE:  # then a person marks the whole
                found.append(z3.Not(z3.And(stays, dropped)))
            stays = z3.And(stays, z3.Not(dropped))
            found.append(whole.marks[mark] == stays)
            kept.append(stays)
        stands = some(given) if tag_set.type_ is TagType.PERMISSIVE else some(kept)
        found.append(whole.sets[name] == stands)
    return every(found)


def _dropped(mark: Mark, labels: Sequence[AnyLabel], policy: Policy) -> z3.BoolRef:
    """Return the condition that the whole bears a caveat no more, though a part does.

    Whether anybody is left to read or to be shown the whole, and whether all parts come from
    the same originators, is left open: either may be.
    """
    tag = policy.tag(mark)
    caveat = None if tag is None else tag.caveat
    if caveat in (Caveat.RELIDO, Caveat.NOFORN):
        all_have = every(
            some(s for m, s in label.marks.items() if _caveat(policy, m) is caveat)
            for label in labels
        )
        if caveat is Caveat.RELIDO:
            return z3.Not(all_have)
        return z3.Or(z3.Not(all_have), z3.Bool("of several originators"))
    if caveat is Caveat.EYES_ONLY:
        return z3.Bool("nobody is left to read it")
    if caveat is Caveat.DISPLAY_ONLY:
        return z3.Bool("nobody is left to be shown it")
    return fixed(value=False)


def _caveat(policy: Policy, mark: Mark) -> Caveat | None:
    tag = policy.tag(mark)
    return None if tag is None else tag.caveat


def _opened(
    model: z3.ModelRef,
    labels: Sequence[AnyLabel],
    whole: AnyLabel,
    reader: AnyReader,
    policy: Policy,
) -> Opened:
    several = true(model, z3.Bool("of several originators"))
    left = not true(model, z3.Bool("nobody is left to read it"))
    shown = not true(model, z3.Bool("nobody is left to be shown it"))
    parts: list[Part] = []
    for place, label in enumerate(labels):
        among = {READER} if true(model, label.among) else set()
        owner = f"owner {place}" if several else "owner"
        closed = true(model, label.closed)
        others = {OTHER} if left else set()
        parts.append(
            Part(
                label=Label(
                    level=label.level.chosen(model),
                    categories=("any",),
                    tags=tuple(_tagged(model, label)),
                ),
                owners=frozenset({owner}),
                readers=frozenset(among | others) if closed else None,
                shown=frozenset({"(shown)"}) if shown and closed else frozenset(),
            )
        )
    who = Reader(
        party=READER,
        levels=tuple(
            level for level, symbol in reader.cleared.items() if true(model, symbol)
        ),
        holds={
            name: frozenset(
                mark.value
                for mark, symbol in reader.holds.items()
                if mark.tag_set == name and true(model, symbol)
            )
            for name in policy.tag_sets
        },
    )
    marked = whole.level.chosen(model)
    plain = join(parts, policy).part
    made = plain
    if plain is None or plain.label.level != marked:
        made = join(parts, policy, level=marked).part
    real = made is not None and admits(made, who, policy)
    real = real and not all(admits(part, who, policy) for part in parts)
    return Opened(parts=tuple(parts), reader=who, whole=made, real=real)


def _tagged(model: z3.ModelRef, label: AnyLabel) -> Iterator[Tagged]:
    for name, symbol in label.sets.items():
        if true(model, symbol):
            values = tuple(
                mark.value
                for mark, borne in label.marks.items()
                if mark.tag_set == name and true(model, borne)
            )
            yield Tagged(set_=name, values=values)
