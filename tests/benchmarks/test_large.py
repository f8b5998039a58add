"""Worlds made up from a seed: the same each time, sound, and every kind of clause matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asked import FIT, NEAR, requests
from comity.accords import Op
from comity.accords import checks as accordchecks
from comity.accords import clauses as c
from comity.accords.accord import amend
from comity.errors import Severity
from comity.labels import TagType
from comity.release import Permit, Reason, decide
from comity.release.worldchecks import check_world
from large import PARTIES, large_world

WORLD = large_world(100)
ASKED = requests(WORLD, 2_500)


def done(*kinds):
    return [(i, op) for i in WORLD.instruments for op in i.operations if op.do in kinds]


def clauses(kind):
    return [clause for accord in WORLD.accords for clause in accord.all(kind)]


def permitted(world):
    return [isinstance(decide(request, world), Permit) for request in ASKED]


@pytest.fixture(scope="module")
def answers():
    return [decide(request, WORLD) for request in ASKED]


# -- the same, and sound -------------------------------------------------------------------


def test_one_seed_gives_one_world():
    again = large_world(20, seed=3)
    assert again == large_world(20, seed=3)
    assert again != large_world(20, seed=4)


def test_one_seed_asks_the_same():
    world = large_world(20)
    assert requests(world, 200) == requests(large_world(20), 200)
    assert requests(world, 200) != requests(world, 200, seed=2)


def test_its_texts_and_its_world_have_no_errors():
    world = large_world(30)
    found = [f for accord in world.accords for f in accordchecks.check(accord)]
    found += check_world(world)
    assert [f for f in found if f.severity is Severity.ERROR] == []


def test_every_operation_says_what_it_does():
    for instrument, operation in done(*Op):
        operation.check(instrument.id)


def test_it_has_the_shape_that_is_stated():
    sizes = [len(WORLD.lookup.ever(accord)) for accord in WORLD.accords]
    assert (len(WORLD.parties), len(WORLD.accords)) == (PARTIES[100], 100)
    assert 0.6 < sizes.count(2) / 100 < 0.8
    assert 0.15 < sizes.count(3) / 100 < 0.4
    assert any(size >= 6 for size in sizes)
    assert len(done(Op.CONSENT, Op.REFUSE_CONSENT)) >= 4 * 100 + 16
    assert len(WORLD.categories) == 64


# -- everything that is asked for is there ---------------------------------------------------


def test_notices_are_suspended_prolonged_resumed_and_revoked():
    assert all(done(op) for op in (Op.SUSPEND_NOTICE, Op.RESUME_NOTICE, Op.REVOKE_NOTICE))
    twice = [i for i, op in done(Op.SUSPEND_NOTICE) if i.id.endswith("/prolonged")]
    assert twice


def test_parties_come_later_and_texts_are_amended_between_a_pair():
    assert done(Op.DEPOSIT)
    assert any(op.between for _, op in done(Op.AMEND))
    name = next(op.amendment for _, op in done(Op.AMEND))
    base = next(a for a in WORLD.accords if name.startswith(a.id))
    assert amend(base, WORLD.amendments[name]).one(c.Scope) != base.one(c.Scope)


def test_every_kind_of_clause_occurs():
    assert {rule.consent for rule in clauses(c.ThirdParty)} == set(c.Consent)
    assert {(e.to, e.answer) for e in clauses(c.Exemption)} >= {
        (c.Exempts.SCOPE, c.Answer.DENY),
        (c.Exempts.PURPOSE, c.Answer.PERMIT),
        (c.Exempts.THIRD_PARTY, c.Answer.PERMIT),
    }
    assert {gate.who for gate in clauses(c.Gate)} == set(c.Side)
    rows = clauses(c.Equivalence)
    assert {row.choose for row in rows} == set(c.Choose)
    assert {c.Relation.NONE, c.Relation.AT_LEAST} <= {row.relation for row in rows}
    assert any(row.since for row in rows)
    assert any(row.before for row in rows)
    assert clauses(c.TagEquivalence)
    assert clauses(c.Tied)


def test_some_times_are_known_to_an_interval():
    spans = [span for i in WORLD.instruments for span in i.times.values()]
    assert any(not span.exact for span in spans)


def test_some_parties_mark_with_tags_and_read_a_text_differently():
    kinds = {s.type_ for p in WORLD.policies.values() for s in p.tag_sets.values()}
    assert {TagType.RESTRICTIVE, TagType.INFORMATIVE} == kinds
    read = {(r.accord, r.open_point) for r in WORLD.readings}
    differing = [
        one
        for one in read
        if len({r.reading for r in WORLD.readings if (r.accord, r.open_point) == one}) > 1
    ]
    assert differing


# -- and matters -----------------------------------------------------------------------------


def without_acts(*kinds):
    return WORLD.without({i.id for i, _ in done(*kinds)})


def without_clauses(kind):
    texts = tuple(a.without(a.all(kind)) for a in WORLD.accords)
    return replace(WORLD, accords=texts, amendments={})


CHANGED = {
    "notices": lambda: without_acts(Op.GIVE_NOTICE),
    "what becomes of notices": lambda: without_acts(Op.SUSPEND_NOTICE, Op.REVOKE_NOTICE),
    "suspensions": lambda: without_acts(Op.SUSPEND),
    "accessions": lambda: without_acts(Op.DEPOSIT),
    "amendments": lambda: without_acts(Op.AMEND),
    "readings": lambda: replace(WORLD, readings=()),
    "gates": lambda: without_acts(Op.MEET),
    "conditions no longer met": lambda: without_acts(Op.UNMEET),
    "holds": lambda: replace(WORLD, holds=()),
    "groups": lambda: replace(WORLD, groups={}),
    "consents": lambda: without_acts(Op.CONSENT),
    "refusals": lambda: without_acts(Op.REFUSE_CONSENT),
    "consents taken back": lambda: without_acts(Op.REVOKE_CONSENT),
    "exceptions": lambda: without_clauses(c.Exemption),
    "ties": lambda: without_clauses(c.Tied),
    "channels": lambda: without_clauses(c.Channel),
    "third-party clauses": lambda: without_clauses(c.ThirdParty),
    "tables of tags": lambda: without_clauses(c.TagEquivalence),
}


@pytest.mark.parametrize("what", CHANGED)
def test_without_it_some_answer_is_another(what, answers):
    world = CHANGED[what]()
    assert any(
        isinstance(decide(request, world), Permit) is not isinstance(answer, Permit)
        for request, answer in zip(ASKED, answers, strict=True)
    )


# -- what is asked ---------------------------------------------------------------------------


def test_about_half_is_permitted(answers):
    share = sum(isinstance(answer, Permit) for answer in answers) / len(answers)
    assert 0.4 < share < 0.6


def test_what_is_refused_is_refused_for_many_reasons(answers):
    reasons = {answer.reason for answer in answers if not isinstance(answer, Permit)}
    assert reasons >= {
        Reason.ORIGINATOR_FORBIDS,
        Reason.CAVEAT_NOT_ADMITTED,
        Reason.NOT_YET_IN_FORCE,
        Reason.UNSETTLED,
        Reason.SUSPENDED,
        Reason.ENDED,
        Reason.DIRECTION_NOT_COVERED,
        Reason.CATEGORY_NOT_COVERED,
        Reason.KIND_NOT_COVERED,
        Reason.NO_EQUIVALENT,
        Reason.PURPOSE_NOT_ADMITTED,
        Reason.CHANNEL_NOT_ADMITTED,
        Reason.CONDITION_NOT_MET,
        Reason.CONSENT_MISSING,
    }


def test_a_third_is_of_others_some_of_several_and_much_at_an_edge(answers):
    others = [
        request
        for request in ASKED
        if set(request.item.originators) - {request.sender, request.recipient}
    ]
    assert 0.25 < len(others) / len(ASKED) < 0.5
    let_go = [
        request
        for request, answer in zip(ASKED, answers, strict=True)
        if isinstance(answer, Permit)
        and len(set(request.item.originators) - {request.sender, request.recipient}) > 1
    ]
    assert let_go
    assert FIT + NEAR < 1
    assert len({request.item.label for request in ASKED}) < 20_000
