"""One text between two parties, compiled: each way in which its clauses let something go.

A way is what it forbids, and whose consent it asks for. A text without exceptions has one;
an exception that permits adds another, and one that denies splits each in as many as it
has lists, for it applies only where all of them match. What a clause means is what
`comity.release.examine` says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.compiled.words import Words, inside, outside, union


@dataclass(frozen=True, slots=True)
class Term:
    """One way in which something may go.

    Attributes:
        forbids: the bits that no request of this way may need.
        asks: of those a request needs, the bits whose parties have to consent.
        marked: likewise, unless the label itself releases it to the recipient.
    """

    forbids: int
    asks: int = 0
    marked: int = 0

    def with_(self, other: Term) -> Term:
        """Return the way on which both hold."""
        return Term(
            self.forbids | other.forbids, self.asks | other.asks, self.marked | other.marked
        )


def together(families: Iterable[tuple[Term, ...]]) -> tuple[Term, ...]:
    """Return every way that takes one of each family; a family without one leaves none."""
    found: tuple[Term, ...] = (Term(0),)
    for family in families:
        found = tuple(dict.fromkeys(one.with_(way) for one in found for way in family))
    return found


def terms(text: Accord, words: Words, sender: str, recipient: str) -> tuple[Term, ...]:
    """Compile what a text says of words alone: scope, purpose, channel and third parties.

    Its standing, gates and table hang on the instant, and are left to the index.
    """
    found = families(text, words, sender, recipient)
    return together(found.values())


def families(
    text: Accord, words: Words, sender: str, recipient: str
) -> dict[str, tuple[Term, ...]]:
    """Compile each family of clauses by itself."""
    made = _Terms(text, words, sender, recipient)
    return {
        "scope": made.scope(),
        "purpose": made.purpose(),
        "channel": made.channel(),
        "third_party": made.third_party(),
    }


class _Terms:
    def __init__(self, text: Accord, words: Words, sender: str, recipient: str) -> None:
        self._text = text
        self._words = words
        self._sender = sender
        self._recipient = recipient
        ours = inside(_bits(words), (sender, recipient))
        self._others = words.everybody & ~ours

    def scope(self) -> tuple[Term, ...]:
        rule, words = self._text.one(c.Scope), self._words
        if rule is None or not _lists(
            rule.directions, f"{self._sender} to {self._recipient}"
        ):
            return ()
        kinds = 0 if c.ANY in rule.kinds else outside(words.kinds, rule.kinds)
        listed = c.ANY in rule.categories
        outside_it = 0 if listed else outside(words.categories, rule.categories)
        ways = [Term(kinds | outside_it)]
        ways += [Term(kinds | way.forbids) for way in self._excepted(c.Exempts.SCOPE)]
        return together((tuple(ways), *self._unless(c.Exempts.SCOPE)))

    def purpose(self) -> tuple[Term, ...]:
        rule, words = self._text.one(c.Purpose), self._words
        if rule is None:
            return ()
        others = 0 if c.ANY in rule.allowed else outside(words.purposes, rule.allowed)
        changed = self._others << words.changed if rule.as_given else 0
        ways = [Term(others, asks=changed), *self._excepted(c.Exempts.PURPOSE)]
        return together((tuple(ways), *self._unless(c.Exempts.PURPOSE)))

    def channel(self) -> tuple[Term, ...]:
        rule = self._text.one(c.Channel)
        if rule is None or c.ANY in rule.allowed:
            return (Term(0),)
        return (Term(outside(self._words.channels, rule.allowed)),)

    def third_party(self) -> tuple[Term, ...]:
        rule, words = self._text.one(c.ThirdParty), self._words
        theirs, orcon = self._others << words.from_, self._others << words.orcon
        nobody_else = Term(theirs)
        ways: list[Term] = []
        if rule is not None and rule.consent is not c.Consent.NEVER:
            ways.append(
                {
                    c.Consent.EACH_ORIGINATOR: Term(0, asks=theirs | orcon),
                    c.Consent.BY_MARKING: Term(0, asks=orcon, marked=theirs),
                    c.Consent.NOT_NEEDED: Term(0, asks=orcon),
                }[rule.consent]
            )
        ways += [
            Term(way.forbids, asks=orcon) for way in self._excepted(c.Exempts.THIRD_PARTY)
        ]
        unless = self._unless(c.Exempts.THIRD_PARTY)
        if ways and not ways[0].forbids and not unless:
            return tuple(ways)  # without information of others, none asks for any
        return (nobody_else, *together((tuple(ways), *unless)))

    def _excepted(self, to: c.Exempts) -> Iterator[Term]:
        """Yield the ways that exceptions open: the whole of what is asked is in their lists."""
        for exception in self._to(to, c.Answer.PERMIT):
            if exception.recipients and self._recipient not in exception.recipients:
                continue
            forbids = [
                outside(known, words) << by
                for known, words, by in self._lists(exception)
                if words
            ]
            if forbids or exception.recipients:
                yield Term(union(forbids))

    def _unless(self, to: c.Exempts) -> list[tuple[Term, ...]]:
        """Return, for each exception that denies, the ways in which it does not apply."""
        found: list[tuple[Term, ...]] = []
        for exception in self._to(to, c.Answer.DENY):
            if exception.recipients and self._recipient not in exception.recipients:
                continue
            lists = [
                Term(inside(known, words) << by)
                for known, words, by in self._lists(exception)
                if words
            ]
            if lists or exception.recipients:
                found.append(tuple(lists))
        return found

    def _lists(
        self, exception: c.Exemption
    ) -> Iterator[tuple[dict[str, int], tuple[str, ...], int]]:
        words = self._words
        yield dict(words.categories), exception.categories, 0
        yield dict(words.purposes), exception.purposes, 0
        yield _bits(words), exception.originators, words.from_

    def _to(self, to: c.Exempts, answer: c.Answer) -> Iterator[c.Exemption]:
        for exception in self._text.all(c.Exemption):
            if exception.to is to and exception.answer is answer:
                yield exception


def _bits(words: Words) -> dict[str, int]:
    return {party: 1 << place for party, place in words.party.items()}


def _lists(words: tuple[str, ...], word: str) -> bool:
    return word in words or c.ANY in words
