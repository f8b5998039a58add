"""What is wrong with the acts that a text expects of parties and actors by name."""

from __future__ import annotations

from collections.abc import Iterator

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.operations import triggers_of, whens_of
from comity.accords.text import warning
from comity.errors import Finding


def acts_are_by_those_who_may(accord: Accord) -> Iterator[Finding]:
    """Whoever an event or a date is left to by name is a party, or an actor who may do it.

    A misspelt body could never stop an entry, and nobody would notice.
    """
    may = {actor.id: {str(op) for op in actor.may} for actor in accord.all(c.Actor)}
    for clause in accord.clauses:
        named = [
            *((t.by, str(t.op)) for t in triggers_of(clause) if t.by is not None),
            *((w.set_by, "set_date") for w in whens_of(clause) if w.set_by is not None),
        ]
        for name, op in named:
            if name in accord.parties or (accord.front.open and name not in may):
                continue
            if name not in may:
                yield Finding(
                    line=clause.line,
                    code="no-party",
                    message=f"the rule waits for an act of `{name}`, who is nobody here",
                    hint="its parties and actors: " + ", ".join((*accord.parties, *may)),
                )
            elif op not in may[name]:
                yield warning(
                    clause.line,
                    "dead-clause",
                    f"the rule waits for `{op}` of `{name}`, who may not do that",
                    f"add `{op}` to what its `[[actor]]` may do, or mend the rule",
                )


def parts_are_ended_by_actors(accord: Accord) -> Iterator[Finding]:
    """Only an actor suspends the part of a party that its act names."""
    actors = {actor.id for actor in accord.all(c.Actor)}
    for rule in accord.all(c.Suspension):
        if rule.part and rule.who not in actors:
            yield warning(
                rule.line,
                "dead-clause",
                "`part` is for an actor in `who`; a party suspends its own part anyhow",
                "name the actor, or leave `part` out",
            )
