"""Whether tables lead from any label to the recipient's policy, as a condition on it.

Which row leads where at an instant is asked of `comity.release.handling`, level by level
and tag by tag: its answer for a whole label is that all of them lead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.times import FAR_PAST, Instant
from comity.labels import Item, Label, Level, Mark, Tagged
from comity.proof.asked import NOWHERE, AnyItem, Asked, every, fixed, some
from comity.proof.spans import Spans
from comity.release.handling import handling, marks_reached, misheld, reached
from comity.release.request import Request
from comity.release.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of a world and, where a text is given, of that accord."""

    world: World
    asked: Asked
    spans: Spans
    text: Accord | None = None

    @property
    def _text(self) -> Accord:
        if self.text is None:
            raise TypeError("whether a table leads is asked of one accord")
        return self.text

    # -- what the sender holds ---------------------------------------------------

    def well_held(self) -> z3.BoolRef:
        """Return the condition that tables lead to how the sender holds what it received."""
        asked, item = self.asked, self.asked.item
        sender = asked.pair[0]
        as_marked = every(
            (
                some(
                    z3.And(symbol, asked.held.is_(level))
                    for level, symbol in item.level.options.items()
                ),
                *(symbol == asked.held_marks[mark] for mark, symbol in item.marks.items()),
                item.stray == asked.held_stray,
            )
        )
        led = every(
            (
                self._held_over(),
                z3.Not(item.originators.get(sender, fixed(value=False))),
                z3.Not(item.stray),
                *(
                    z3.Implies(symbol, self._answered(mark))
                    for mark, symbol in item.marks.items()
                ),
            )
        )
        return z3.Or(asked.held.is_(None), as_marked, led)

    def _held_over(self) -> z3.BoolRef:
        policy = self.world.policy_of(self.asked.pair[0])
        if policy is None:
            return fixed(value=False)
        found: list[z3.BoolRef] = []
        for level, symbol in self.asked.item.level.options.items():
            over = [
                held
                for held in self.asked.held.options
                if held is not None
                and any(policy.dominates(held, one) for one in reached(level, self.world))
            ]
            if over:
                found.append(z3.And(symbol, self.asked.held.among(over)))
        return some(found)

    def _answered(self, mark: Mark) -> z3.BoolRef:
        """Return the condition that the tags that the sender holds answer to one of the label."""
        if not self._lost(mark, ()):
            return fixed(value=True)
        return some(
            symbol
            for held, symbol in self.asked.held_marks.items()
            if not self._lost(mark, (held,))
        )

    def _lost(self, mark: Mark, held: tuple[Mark, ...]) -> bool:
        """Ask the plain tables whether a tag is lost; a level that nobody has is wrong besides."""
        request = self._bare(Level(mark.policy, ""), (mark,), FAR_PAST)
        return len(tuple(misheld(_holding(request, held), NOWHERE, self.world))) > 1

    # -- whether they lead on ----------------------------------------------------

    def stands_over(self, part: AnyItem) -> z3.BoolRef:
        """Return the condition that the level of the whole stands over that of a part."""
        found: list[z3.BoolRef] = []
        for lower, symbol in part.level.options.items():
            over = [
                level
                for level in self.asked.item.level.options
                if (policy := self.world.policies.get(level.policy)) is not None
                and any(policy.dominates(level, one) for one in reached(lower, self.world))
            ]
            if over:
                found.append(z3.And(symbol, self.asked.item.level.among(over)))
        return some(found)

    def leads(self) -> z3.BoolRef:
        """Return the condition that rows lead from the level and every tag to the recipient."""
        asked, item = self.asked, self.asked.item
        theirs = self.world.policy_of(asked.pair[1])
        if theirs is None:
            return fixed(value=False)
        home = z3.And(item.only(asked.pair[1]), item.level_of(theirs.id))
        return z3.Or(home, every((self._level_leads(), *self._tags_lead())))

    def _level_leads(self) -> z3.BoolRef:
        asked = self.asked
        return some(
            z3.And(
                z3.Or(
                    asked.held.is_(level),
                    z3.And(asked.held.is_(None), asked.item.level.is_(level)),
                ),
                self._when(partial(self._leads, level)),
            )
            for level in self._named()
        )

    def _tags_lead(self) -> list[z3.BoolRef]:
        asked, item = self.asked, self.asked.item
        as_marked = asked.held.is_(None)
        found = [z3.Not(z3.And(as_marked, item.stray)), z3.Not(asked.held_stray)]
        for mark, symbol in item.marks.items():
            borne = z3.If(as_marked, symbol, asked.held_marks[mark])
            of_parts = [self._unanswered(part, mark) for part in asked.parts]
            found.append(z3.Implies(some((borne, *of_parts)), self._carried(mark)))
        for part in asked.parts:
            elsewhere = z3.And(part.there, z3.Not(part.only(asked.pair[1])))
            found.append(z3.Implies(elsewhere, z3.Not(part.stray)))
        return found

    def _unanswered(self, part: AnyItem, mark: Mark) -> z3.BoolRef:
        """Return the condition that a part bears a tag to which none of the whole answers."""
        item = self.asked.item
        seen, dropped = marks_reached(mark, self.world)
        answers = [item.marks[one] for one in seen if one in item.marks]
        if dropped:
            answers.append(z3.Not(item.level_of(mark.policy)))
        return every(
            (
                part.there,
                part.marks[mark],
                z3.Not(part.only(self.asked.pair[1])),
                z3.Not(some(answers)),
            )
        )

    def _carried(self, mark: Mark) -> z3.BoolRef:
        return self._when(
            lambda t: any(
                not self._failing(level, (mark,), t)
                for level in self._named()
                if self._leads(level, t)
            )
        )

    # -- the plain tables --------------------------------------------------------

    def _when(self, holds: Callable[[Instant], bool]) -> z3.BoolRef:
        text = self._text
        found: tuple[c.Row, ...] = (*text.all(c.Equivalence), *text.all(c.TagEquivalence))
        if any(row.since is not None or row.before is not None for row in found):
            return self.spans.when(holds, self.asked.at)
        return fixed(value=holds(FAR_PAST))

    def _named(self) -> list[Level]:
        """Return the levels that a row or a common policy is about: no other leads."""
        rows = [row.from_ for row in self._text.all(c.Equivalence)]
        for rule in self._text.all(c.CommonPolicy):
            rows += [Level(rule.policy, name) for name in rule.levels]
        return list(dict.fromkeys(rows))

    def _leads(self, level: Level, at: Instant) -> bool:
        return not self._failing(level, (), at)

    def _failing(self, level: Level, marks: tuple[Mark, ...], at: Instant) -> bool:
        request = _holding(self._bare(level, (), at), marks, level)
        return bool(handling(request, self._text, self.world).failing)

    def _bare(self, level: Level, marks: tuple[Mark, ...], at: Instant) -> Request:
        sender, recipient = self.asked.pair
        tags = tuple(Tagged(set_=mark.tag_set, values=(mark.value,)) for mark in marks)
        item = Item(
            id="(any item)",
            title="",
            originators=(),
            label=Label(level=level, categories=(), tags=tags),
            kind="",
            purpose="",
            channel="",
        )
        return Request(item=item, sender=sender, recipient=recipient, at=at)


def _holding(request: Request, marks: tuple[Mark, ...], level: Level = NOWHERE) -> Request:
    return replace(request, held_as=level, held_tags=marks)
