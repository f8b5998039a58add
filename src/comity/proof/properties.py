"""What is to hold for every request of a world, by name, each as what would break it.

A statement reads clauses, acts and holds for itself. It does not ask the terms of
`comity.proof.terms` whether they were right: those say only what is permitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import z3

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.doubt import TooUncertain
from comity.accords.table import RELEASING
from comity.accords.times import FAR_PAST, Instant
from comity.labels import Caveat, Mark, TagType
from comity.proof.asked import NOWHERE, STRANGE, AnyItem, Asked, every, fixed, some
from comity.proof.spans import Spans, within
from comity.proof.terms import Terms
from comity.release.approval import ConsentGiven
from comity.release.world import Hold, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A condition that no request may meet.

    Attributes:
        about: of what it is the breach, in words.
        under: the accord that the request names, or None for any.
        term: the condition.
        less: the same request with less in it, which has to be permitted as well; by the
            symbols that the two do not share, old and new.
        more: holds that stand besides.
    """

    about: str
    term: z3.BoolRef
    under: str | None = None
    less: tuple[tuple[z3.ExprRef, z3.ExprRef], ...] = ()
    more: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Any request between one pair, what is permitted, and what was agreed.

    Attributes:
        agreed: the world whose clauses, acts and holds the statements read; the terms may be
            those of another, to see that a difference is found.
        terms: what is permitted.
        statement: what the agreed clauses say, for the words that a statement shares.
        build: what makes terms of the same kind.
    """

    agreed: World
    asked: Asked
    spans: Spans
    terms: Terms
    statement: Terms
    build: Callable[..., Terms] = Terms

    @property
    def pair(self) -> tuple[str, str]:
        """Sender and recipient."""
        return self.asked.pair

    @property
    def accords(self) -> tuple[Accord, ...]:
        """The accords between the pair."""
        return self.terms.accords


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A statement about every request.

    Attributes:
        breaches: what would break it between one pair.
    """

    name: str
    says: str
    breaches: Callable[[Case], Iterator[Breach]]


# -- a standing accord ----------------------------------------------------------------


def without_standing(case: Case) -> Iterator[Breach]:
    """Yield a permit with no accord that stands between the two, of which both are parties."""
    standing = {a.id: _stands(case, a.id) for a in case.accords}
    yield Breach(
        about="a permit without a standing accord or a written authority",
        term=z3.And(
            case.terms.permits(),
            *(z3.Not(term) for term in standing.values()),
            z3.Not(_authority(case)),
        ),
    )
    for accord in case.accords:
        yield Breach(
            about=f"a permit under `{accord.id}` while it does not stand",
            under=accord.id,
            term=z3.And(case.terms.permits_under(accord), z3.Not(standing[accord.id])),
        )


def _stands(case: Case, name: str) -> z3.BoolRef:
    """Return when both are parties and it stands as each of the two sees it."""
    clock, pair = case.agreed.clock(name), case.pair

    def holds(at: Instant) -> bool:
        return set(pair) <= set(clock.members(at)) and all(
            clock.view(at, None, side).status(at, frozenset(pair)) in RELEASING
            for side in pair
        )

    return case.spans.when(holds, case.asked.at)


def _authority(case: Case) -> z3.BoolRef:
    world, (sender, recipient) = case.agreed, case.pair
    own = every(
        z3.Not(case.asked.originates(p)) for p in case.asked.item.originators if p != sender
    )
    if not world.authorities_on:
        return fixed(value=False)
    return z3.And(
        own,
        some(
            within(case.asked.at, one.since, one.before)
            for one in world.authorities
            if one.by == sender and recipient in one.to and len(set(one.signed_by)) > 1
        ),
    )


# -- every originator -----------------------------------------------------------------


def without_consent(case: Case) -> Iterator[Breach]:
    """Yield a permit to which an originator outside the pair has not agreed, by clause or act."""
    for accord in case.accords:
        permits = case.terms.permits_under(accord)
        for party in case.agreed.parties:
            if party not in case.pair:
                agreed = z3.Or(
                    _by_clause(case, accord, party), _by_act(case, accord, party)
                )
                yield Breach(
                    about=f"a permit under `{accord.id}` without the consent of `{party}`",
                    under=accord.id,
                    term=z3.And(permits, case.asked.originates(party), z3.Not(agreed)),
                )


def _by_clause(case: Case, accord: Accord, party: str) -> z3.BoolRef:
    """Return when every text that holds then lets it go: by rule, by marking, by exception.

    Never past ORCON.
    """
    asked, clock = case.asked, case.agreed.clock(accord.id)
    terms = case.statement
    orcon = some(
        z3.And(m.there, symbol)
        for m in asked.members
        for mark, symbol in m.marks.items()
        if (policy := case.agreed.policies[mark.policy]).tag(mark)
        and policy.tag(mark).caveat is Caveat.ORCON  # type: ignore[union-attr]
    )
    texts: dict[tuple[Accord, ...], set[Instant]] = {}
    for start, _ in case.spans:
        try:
            texts.setdefault(clock.versions(start, case.pair), set()).add(start)
        except TooUncertain:
            continue

    def lets(text: Accord) -> z3.BoolRef:
        rule = text.one(c.ThirdParty)
        said = fixed(value=rule is not None and rule.consent is c.Consent.NOT_NEEDED)
        marked = terms.by_marking(rule, party)
        permitted = some(
            terms.applies(one)
            for one in text.all(c.Exemption)
            if one.to is c.Exempts.THIRD_PARTY and one.answer is c.Answer.PERMIT
        )
        return z3.Or(said, marked, permitted)

    by_text = some(
        z3.And(case.spans.when(starts.__contains__, asked.at), *map(lets, versions))
        for versions, starts in texts.items()
        if versions
    )
    return z3.And(by_text, z3.Not(orcon))


def _by_act(case: Case, accord: Accord, party: str) -> z3.BoolRef:
    """Return when a consent on record by that party names this way, purpose and matter."""
    return some(
        _names(case, consent)
        for consent in case.agreed.consents(accord.id)
        if consent.by == party
        and (consent.operation.holder, consent.operation.to) == case.pair
    )


def _names(case: Case, consent: ConsentGiven) -> z3.BoolRef:
    op, asked = consent.operation, case.asked
    theirs = [
        (z3.And(m.there, m.originators[consent.by]), m)
        for m in asked.members
        if consent.by in m.originators
    ]
    about = every(
        z3.Implies(z3.And(is_theirs, symbol), fixed(value=word in op.categories))
        for is_theirs, m in theirs
        for word, symbol in m.categories.items()
    )
    matter = about if op.item is None else asked.item.id.is_(op.item)
    stands = within(asked.at, consent.since, consent.before)
    return every((stands, asked.purpose.among(op.purposes), matter))


# -- holds ----------------------------------------------------------------------------


def past_a_hold(case: Case) -> Iterator[Breach]:
    """Yield a permit that a hold catches: one on record, and one by either side on everything."""
    for hold in case.agreed.holds:
        for name, permits in _reach(case, hold):
            yield Breach(
                about=f"a permit past the hold `{hold.id}`",
                under=name,
                term=z3.And(permits, _caught(case, hold)),
            )
    for side in case.pair:
        hold = Hold(
            id="(any hold)",
            by=side,
            towards=(c.ANY,),
            accords=(c.ANY,),
            categories=(c.ANY,),
            ground="any",
            since=FAR_PAST,
            stops_accepting=True,
        )
        held = case.build(labels=case.terms.labels, more=(hold,))
        yield Breach(
            about=f"a permit past a hold of `{side}` on everything",
            term=held.permits(),
            more=(hold,),
        )


def _reach(case: Case, hold: Hold) -> Iterator[tuple[str | None, z3.BoolRef]]:
    if c.ANY in hold.accords:
        yield None, case.terms.permits()
    for accord in case.accords:
        if accord.id in hold.accords:
            yield accord.id, case.terms.permits_under(accord)


def _caught(case: Case, hold: Hold) -> z3.BoolRef:
    sender, recipient = case.pair
    sending = hold.by == sender and {recipient, c.ANY} & set(hold.towards)
    taking = hold.by == recipient and {sender, c.ANY} & set(hold.towards)
    if not (sending or (taking and hold.stops_accepting)):
        return fixed(value=False)
    about = some(
        symbol
        for word, symbol in case.asked.item.categories.items()
        if word in hold.categories or c.ANY in hold.categories
    )
    return z3.And(within(case.asked.at, hold.since, hold.before), about)


# -- silence --------------------------------------------------------------------------


def past_silence(case: Case) -> Iterator[Breach]:
    """Yield a permit of what nobody has said: unknown words, missing facts, emptied lists."""
    asked, item, permits = case.asked, case.asked.item, case.terms.permits()
    unsaid = {
        "a level that no policy has": item.level.is_(NOWHERE),
        "a category that nobody has defined": item.categories[STRANGE],
        "no category": z3.Not(some(item.categories.values())),
        "an originator that is no party": asked.originates(STRANGE),
        "no originator": z3.Not(some(item.originators.values())),
        "a kind that nobody has defined": asked.kind.is_(STRANGE),
        "a purpose that nobody has defined": asked.purpose.is_(STRANGE),
        "a channel that nobody has defined": asked.channel.is_(STRANGE),
        "a part that nobody has": asked.broken,
        "an empty list of recipients": _empty_list(case),
    }
    for what, term in unsaid.items():
        yield Breach(about=f"a permit of {what}", term=z3.And(permits, term))
    for accord in case.accords:
        for text in {text for texts in case.terms.versions(accord) for text in texts}:
            for clause, left, where in _emptied(case, text):
                silent = case.terms.but({clause: left})
                said = "is left out" if left is None else "is emptied"
                yield Breach(
                    about=f"a permit under `{accord.id}` once {clause.cites} {said}",
                    term=z3.And(silent.permits_under(accord), where),
                )


def _empty_list(case: Case) -> z3.BoolRef:
    item = case.asked.item
    relido = some(
        symbol
        for mark, symbol in item.marks.items()
        if (tag := case.agreed.policies[mark.policy].tag(mark)) is not None
        and tag.caveat is Caveat.RELIDO
    )
    return every(
        (
            item.listed,
            *(z3.Not(symbol) for symbol in (*item.names.values(), *item.display.values())),
            z3.Not(item.only(case.pair[1])),  # what is one's own comes home
            z3.Not(relido),  # which asks for consent in place of a list
        )
    )


def _emptied(
    case: Case, text: Accord
) -> Iterator[tuple[c.Clause, c.Clause | None, z3.BoolRef]]:
    """Yield each clause with a list of it emptied, or left out, and where nothing may go then."""

    def but(to: c.Exempts) -> z3.BoolRef:
        _, permitted = case.terms.exception(text, to)
        return z3.Not(permitted)

    always = fixed(value=True)
    scope, purpose, channel = text.one(c.Scope), text.one(c.Purpose), text.one(c.Channel)
    if scope is not None:
        yield scope, None, always
        yield scope, replace(scope, kinds=()), always
        yield scope, replace(scope, directions=()), always
        yield scope, replace(scope, categories=()), but(c.Exempts.SCOPE)
    if purpose is not None:
        yield purpose, None, always
        yield purpose, replace(purpose, allowed=()), but(c.Exempts.PURPOSE)
    if channel is not None:
        yield channel, replace(channel, allowed=()), always
    rule = text.one(c.ThirdParty)
    if rule is not None:
        others = some(case.asked.originates(p) for p in case.terms.others())
        yield rule, None, z3.And(others, but(c.Exempts.THIRD_PARTY))


# -- less is never worse --------------------------------------------------------------


def lost_by_fewer_categories(case: Case) -> Iterator[Breach]:
    """Yield a permit that is lost when the item, with its parts, is about less.

    A whole stays about all that its parts are about.
    """
    asked = case.asked
    less = [
        (symbol, z3.Bool(f"less {symbol}"))
        for m in asked.members
        for symbol in m.categories.values()
    ]
    fewer = every(
        (
            *(z3.Implies(new, old) for old, new in less),
            z3.Not(_is_the_worlds(case)),
        )
    )
    yield from _lost(case, "fewer categories", less, fewer, _kept_over_parts(asked))


def _kept_over_parts(asked: Asked) -> z3.BoolRef:
    return every(
        (
            some(asked.item.categories.values()),
            *(
                z3.Implies(z3.And(part.there, symbol), asked.item.categories[word])
                for part in asked.parts
                for word, symbol in part.categories.items()
            ),
        )
    )


def lost_by_fewer_caveats(case: Case) -> Iterator[Breach]:
    """Yield a permit that is lost when a label bears fewer caveats and restrictive tags.

    Of an item without parts, as its originator marks it, whose label stays valid. RELIDO
    and DISPLAY ONLY open what a list closes, so those two stay.
    """
    item = case.asked.item
    less: list[tuple[z3.ExprRef, z3.ExprRef]] = [
        (symbol, z3.Bool(f"less {symbol}"))
        for mark, symbol in item.marks.items()
        if _closes(case, mark)
    ]
    if not less:
        return
    fewer = every(
        (
            *(z3.Implies(new, old) for old, new in less),
            *(z3.Not(part.there) for part in case.asked.parts),
            case.asked.held.is_(None),
            z3.Not(_is_the_worlds(case)),
        )
    )
    yield from _lost(case, "fewer caveats", less, fewer, case.terms.labels.valid(item))


def _closes(case: Case, mark: Mark) -> bool:
    policy = case.agreed.policies[mark.policy]
    tag = policy.tag(mark)
    opens = tag is not None and tag.caveat in (Caveat.RELIDO, Caveat.DISPLAY_ONLY)
    return not opens and policy.tag_sets[mark.tag_set].type_ is not TagType.PERMISSIVE


def lost_by_a_lower_level(case: Case) -> Iterator[Breach]:
    """Yield a permit that is lost at a lower level that has a row.

    Of one's own information, made from nothing, whose label lets the recipient have it at
    that level as well: TLP:AMBER goes to the clients of who is on its list, TLP:GREEN with a
    list to nobody beside. A consent and a written authority may be for some levels alone.
    """
    asked, item = case.asked, case.asked.item
    less = [(symbol, z3.Bool(f"less {symbol}")) for symbol in item.level.options.values()]
    new = dict(zip(item.level.options, (fresh for _, fresh in less), strict=True))
    below = every(
        z3.Implies(
            symbol,
            some(
                new[lower]
                for lower in item.level.options
                if (policy := case.agreed.policies.get(level.policy)) is not None
                and policy.dominates(level, lower)
            ),
        )
        for level, symbol in item.level.options.items()
    )
    fewer = every(
        (
            below,
            z3.PbEq([(fresh, 1) for fresh in new.values()], 1),
            item.only(case.pair[0]),
            *(z3.Not(part.there) for part in asked.parts),
            asked.held.is_(None),
            z3.Not(_is_the_worlds(case)),
        )
    )
    for accord in case.accords:
        rows = _rows(case, accord)
        kept = z3.And(rows, case.terms.labels.admits(item))
        yield from _lost(case, "a lower level", less, fewer, kept, (accord,))


def _rows(case: Case, accord: Accord) -> z3.BoolRef:
    """Return the condition that a row of every text that holds leads from the item's level."""
    texts = case.terms.versions(accord)
    return some(
        z3.And(
            case.spans.when(starts.__contains__, case.asked.at),
            *(case.terms.tables(text).leads() for text in versions),
        )
        for versions, starts in texts.items()
    )


def _is_the_worlds(case: Case) -> z3.BoolRef:
    """Return the condition that the item is one of the world, whose label is what it is."""
    return some(
        symbol
        for m in case.asked.members
        for name, symbol in m.id.options.items()
        if name in case.agreed.items
    )


def _lost(
    case: Case,
    what: str,
    less: list[tuple[z3.ExprRef, z3.ExprRef]],
    fewer: z3.BoolRef,
    kept: z3.BoolRef,
    accords: tuple[Accord, ...] | None = None,
) -> Iterator[Breach]:
    for accord in case.accords if accords is None else accords:
        permits = case.terms.permits_under(accord)
        yield Breach(
            about=f"a permit under `{accord.id}` lost by {what}",
            under=accord.id,
            term=every(
                (
                    permits,
                    fewer,
                    z3.substitute(kept, *less),
                    z3.Not(z3.substitute(permits, *less)),
                )
            ),
            less=tuple(less),
        )


PROPERTIES: tuple[Property, ...] = (
    Property(
        name="no release without a standing accord or an authority",
        says="every permit is under an accord of which both are parties and that stands"
        " then as each of the two reads it, or under a written authority",
        breaches=without_standing,
    ),
    Property(
        name="every originator counts",
        says="every originator outside the pair, of the item or of a part, has agreed: by a"
        " clause of the accord or by a consent on record",
        breaches=without_consent,
    ),
    Property(
        name="a hold beats every permit",
        says="nothing that a hold catches is permitted",
        breaches=past_a_hold,
    ),
    Property(
        name="silence refuses",
        says="no unknown word, missing fact or empty list permits, in a request or in a clause",
        breaches=past_silence,
    ),
    Property(
        name="fewer categories never lose a permit",
        says="what may go may go when it is about less",
        breaches=lost_by_fewer_categories,
    ),
    Property(
        name="fewer caveats never lose a permit",
        says="what may go may go without a caveat or a restrictive tag",
        breaches=lost_by_fewer_caveats,
    ),
    Property(
        name="nor does a lower level that has a row",
        says="one's own information that may go may go at every lower level that has a row"
        " and whose label lets the recipient have it",
        breaches=lost_by_a_lower_level,
    ),
)
"""The statements that the solver proves pair by pair."""

__all__ = ["PROPERTIES", "AnyItem", "Breach", "Case", "Property"]
