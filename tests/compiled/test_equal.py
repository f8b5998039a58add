"""The proof that the index means what the plain evaluator means, and that it would notice."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from accords.test_reservations import MET, THREE, reserve, text
from comity.accords import clauses as c
from comity.accords.table import RELEASING, Status
from comity.accords.times import FAR_PAST
from comity.compiled import Index, leave, marking, pair, terms
from comity.compiled.equal import ALONE, READS, Comparing
from comity.compiled.terms import Term
from comity.labels import Item, Label
from comity.release.examine import said
from comity.release.request import Request
from comity.worlds import load_world
from make import ROOT, world
from oracle.boundary import BESIDE
from oracle.compare import WORLDS

sys.path.insert(0, str(ROOT / "benchmarks"))

from large import large_world


@pytest.mark.parametrize("name", ["gsomia", "isac", "variety"])
def test_the_index_of_a_real_world_is_equal(name):
    one = load_world(WORLDS / name)
    found = Comparing(Index(one)).everything(one.items.values())
    assert found.differs == []
    assert found.answers > 400 or not one.policies


def test_the_index_of_a_large_world_is_equal():
    one = large_world(10)
    found = Comparing(Index(one)).everything(one.items.values())
    assert found.differs == []
    assert found.consents > 50


# -- it would notice -----------------------------------------------------------------------------


def without(name, part):
    """A family of clauses compiled without a part of it."""
    made = getattr(terms._Terms, name)

    def faulty(self):
        return tuple(replace(way, **part(way)) for way in made(self))

    return terms._Terms, name, faulty


def covering(**part):
    """A consent that covers more than was given."""
    made = leave.leave

    def faulty(*given):
        return {
            place: tuple(replace(one, **part) for one in consents)
            for place, consents in made(*given).items()
        }

    return pair, "leave", faulty


def first_text_only(self, track, two, at):
    found = made_texts(self, track, two, at)
    return found[:1]


made_texts = pair.Pairs.texts
made_stretches = pair.Stretches.of.__func__


def a_cut_later(cls, clock, party):
    """Every cut but the first a day late: a window whose last day counts."""
    found = made_stretches(cls, clock, party)
    moved = (found.cuts[0], *(cut + 86_400 for cut in found.cuts[1:]))
    return replace(found, cuts=tuple(sorted(moved)))


FAULTS = {
    "the scope's categories count for nothing": without(
        "scope", lambda way: {"forbids": way.forbids >> 64 << 64}
    ),
    "any purpose will do": without("purpose", lambda way: {"forbids": 0}),
    "a changed purpose asks nobody": without("purpose", lambda way: {"asks": 0}),
    "any channel will do": without("channel", lambda way: {"forbids": 0}),
    "third parties are not asked": without("third_party", lambda way: {"asks": 0}),
    "a marking releases to all": without("third_party", lambda way: {"marked": 0}),
    "an exception that denies is forgotten": (terms._Terms, "_unless", lambda self, to: []),
    "an exception that permits is forgotten": (
        terms._Terms,
        "_excepted",
        lambda self, to: iter(()),
    ),
    "every level has a row": (pair.Pairs, "table", lambda self, text, two, at: 0),
    "gates are left open": (pair.Pairs, "asked_by_gates", lambda self, text, two, at: 0),
    "holds stop nothing": (pair.Pairs, "categories", lambda self, hold: 0),
    "a consent covers every category, level and purpose": covering(forbids=0),
    "a suspended accord stands": (pair, "RELEASING", RELEASING | {Status.SUSPENDED}),
    "what is unsettled stands": (pair, "RELEASING", RELEASING | {Status.UNSETTLED}),
    "an accord that ended stands": (pair, "RELEASING", RELEASING | {Status.ENDED}),
    "one text of several is asked": (pair.Pairs, "texts", first_text_only),
    "the last day counts": (pair.Stretches, "of", classmethod(a_cut_later)),
    "a list admits everybody": (
        marking.Markings,
        "_addressed",
        lambda self, *given: self._words.everybody,
    ),
    "a tag has no holders": (
        marking.Markings,
        "_holding",
        lambda self, *given: self._words.everybody,
    ),
}


def the_worlds():
    """Worlds in which each fault shows somewhere."""
    yield large_world(10)
    yield load_world(WORLDS / "gsomia")
    yield load_world(BESIDE / "labels")
    yield reserved()


def reserved():
    """A world of three, one of whom reserves an article: two texts are asked."""
    return world([text()], [THREE, MET, reserve("2")])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_index_is_noticed(fault, monkeypatch):
    where, name, faulty = FAULTS[fault]
    monkeypatch.setattr(where, name, faulty)
    for one in the_worlds():
        if Comparing(Index(one)).everything(one.items.values()).differs:
            return
    pytest.fail(fault)


# -- the parts of a request that a family reads --------------------------------------------------


@pytest.mark.parametrize("name", READS)
def test_a_family_of_clauses_reads_only_its_own_part_of_a_request(name, monkeypatch):
    large = large_world(10)
    read: set[str] = set()
    for cls, attribute in (
        (Label, "categories"),
        (Item, "kind"),
        (Item, "channel"),
    ):
        slot = cls.__dict__[attribute]

        def noted(one, slot=slot, attribute=attribute):
            read.add(attribute)
            return slot.__get__(one)

        monkeypatch.setattr(cls, attribute, property(noted, slot.__set__))
    items = list(large.items.values())
    tried = 0
    for one_text in large.accords:
        excepted = any(str(e.to) == name for e in one_text.all(c.Exemption))
        allowed = READS[name] if excepted else ALONE[name]
        for one in items[:8]:
            request = Request(
                item=one,
                sender=one_text.parties[0],
                recipient=one_text.parties[1],
                at=FAR_PAST,
            )
            read.clear()
            _ = said(name, request, one_text, large)
            assert read <= allowed, (one_text.id, read)
            tried += 1
    assert tried > 50


def test_a_term_lets_nothing_go_that_it_forbids():
    assert Term(0b01).with_(Term(0b10)) == Term(0b11)
