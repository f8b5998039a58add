"""What may decide nothing: each clause, word and act that a release could hang on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.diff import say_clause
from comity.proof.asked import every, some
from comity.proof.spans import within
from comity.proof.terms import Terms
from comity.release.approval import ConsentGiven
from comity.release.world import Authority, Hold, World

Meets = Callable[[Terms], z3.BoolRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A clause, a word of one, or an act, and what there is without it.

    Attributes:
        of: the clause, consent, hold or authority.
        left: what may stand in its place without it, each tried; None for nothing.
        accord: under which it counts; None for all.
        said: what it is, in words.
        meets: the condition that a request is one that it is about.
        family: those that may do the same as it does.
    """

    of: object
    left: tuple[object, ...]
    accord: str | None
    said: str
    where: str
    line: int
    meets: Meets
    family: tuple[object, ...]

    @property
    def further(self) -> bool:
        """Whether it has a say in what goes on under other accords: it binds who received."""
        third = isinstance(self.of, c.Exemption) and self.of.to is c.Exempts.THIRD_PARTY
        return third or isinstance(self.of, (c.ThirdParty, ConsentGiven))


def of_accord(accord: Accord, texts: Iterable[Accord]) -> Iterator[Candidate]:
    """Yield the clauses of an accord, in any of its texts, on which a release could hang.

    A row that says *none* decides nothing and is there to say so; it is left out. So is a
    condition before release: what meets it is recorded later.
    """
    lines = {replace(clause, line=0): clause.line for clause in accord.clauses}
    seen: set[object] = set()
    for text in texts:
        for clause in text.clauses:
            for found in _of_clause(clause, accord):
                key = (replace(clause, line=0), found.said)
                if key not in seen:
                    seen.add(key)
                    line = clause.line or lines.get(replace(clause, line=0), 0)
                    yield replace(found, line=line)


def _of_clause(clause: c.Clause, accord: Accord) -> Iterator[Candidate]:
    def candidate(
        said: str,
        meets: Meets,
        left: tuple[object, ...] = (None,),
        family: tuple[object, ...] = (),
    ) -> Candidate:
        return Candidate(
            of=clause,
            left=left,
            accord=accord.id,
            said=said,
            where=accord.where or accord.id,
            line=clause.line,
            meets=meets,
            family=family or (type(clause),),
        )

    said = f"`{say_clause(clause)}`"
    match clause:
        case c.Scope() | c.Purpose() | c.Channel():
            for name, word in _words(clause):
                kept = tuple(w for w in getattr(clause, name) if w != word)
                yield candidate(
                    f"`{word}` among the {_SAID[name]} of {clause.cites}",
                    _asks_for(name, word),
                    (replace(clause, **{name: kept}),),  # type: ignore[arg-type]
                    (name, word),
                )
        case c.Equivalence() if clause.relation is not c.Relation.NONE:
            yield candidate(said, _marked(clause, accord), family=("row", clause.from_))
        case c.TagEquivalence():
            yield candidate(said, _tagged(clause), family=("tags", clause.from_))
        case c.CommonPolicy():
            yield candidate(said, _of_policy(clause))
        case c.Exemption():
            yield candidate(
                said, lambda terms: terms.applies(clause), family=(c.Exemption, clause.to)
            )
        case c.ThirdParty() if clause.consent is not c.Consent.NEVER:
            left = (replace(clause, consent=c.Consent.NOT_NEEDED), None)
            yield candidate(said, lambda terms: some(_foreign(terms)), left, ("onward",))
        case _:
            pass
    if isinstance(clause, c.Purpose) and clause.as_given:
        yield candidate(
            f"`as_given` of {clause.cites}",
            lambda terms: z3.Not(every(map(terms.as_given, terms.others()))),
            (replace(clause, as_given=False),),
            ("onward",),
        )


_SAID = {
    "categories": "categories",
    "kinds": "kinds",
    "directions": "directions",
    "allowed": "words",
}


def _words(clause: c.Scope | c.Purpose | c.Channel) -> Iterator[tuple[str, str]]:
    for name in _SAID:
        for word in getattr(clause, name, ()):
            yield name, word


def _asks_for(name: str, word: str) -> Meets:
    def meets(terms: Terms) -> z3.BoolRef:
        asked = terms.asked
        if word == c.ANY:
            return z3.BoolVal(val=True)
        if name == "directions":
            return z3.BoolVal(val=word == " to ".join(asked.pair))
        if name == "categories":
            return asked.item.categories.get(word, z3.BoolVal(val=False))
        if name == "kinds":
            return asked.kind.is_(word)
        return z3.Or(asked.purpose.is_(word), asked.channel.is_(word))

    return meets


def _marked(row: c.Equivalence, accord: Accord) -> Meets:
    since, before = (
        None if day is None else accord.zone.start_of(day)
        for day in (row.since, row.before)
    )
    return lambda terms: z3.And(
        within(terms.asked.at, since, before),
        z3.Or(
            terms.asked.held.is_(row.from_),
            z3.And(terms.asked.held.is_(None), terms.asked.item.level.is_(row.from_)),
        ),
    )


def _tagged(row: c.TagEquivalence) -> Meets:
    return lambda terms: some(
        symbols[row.from_]
        for symbols in (terms.asked.item.marks, terms.asked.held_marks)
        if row.from_ in symbols
    )


def _of_policy(rule: c.CommonPolicy) -> Meets:
    return lambda terms: terms.asked.item.level_of(rule.policy)


def _foreign(terms: Terms) -> Iterator[z3.BoolRef]:
    for party in terms.others():
        yield terms.asked.originates(party)


def of_acts(world: World) -> Iterator[Candidate]:
    """Yield the consents, holds and written authorities of a world."""
    acts = {instrument.id: instrument for instrument in world.instruments}
    for accord in world.accords:
        for consent in world.consents(accord.id):
            act = acts[consent.id]
            yield Candidate(
                of=consent,
                left=(None,),
                accord=accord.id,
                said=f"the consent `{consent.id}` of `{consent.by}`",
                where=act.where or act.accord,
                line=act.line,
                meets=_consents(consent),
                family=(ConsentGiven, accord.id, consent.by),
            )
    for hold in world.holds:
        yield Candidate(
            of=hold,
            left=(None,),
            accord=None,
            said=f"the hold `{hold.id}`",
            where="holds.toml",
            line=0,
            meets=_caught(hold),
            family=(Hold, hold.by),
        )
    for authority in world.authorities if world.authorities_on else ():
        yield Candidate(
            of=authority,
            left=(None,),
            accord=None,
            said=f"the authority `{authority.id}`",
            where="authorities.toml",
            line=0,
            meets=_written(authority),
            family=(Authority, authority.by),
        )


def _consents(consent: ConsentGiven) -> Meets:
    return lambda terms: z3.And(
        within(terms.asked.at, consent.since, consent.before),
        terms.consents.counts(consent),
    )


def _caught(hold: Hold) -> Meets:
    def meets(terms: Terms) -> z3.BoolRef:
        names: set[str | None] = {None} if c.ANY in hold.accords else {*hold.accords}
        if not any(hold in terms.holds(name) for name in names):
            return z3.BoolVal(val=False)
        return terms.catches(hold)

    return meets


def _written(authority: Authority) -> Meets:
    return lambda terms: terms.covered_by(authority)
