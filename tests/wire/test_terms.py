"""Two sides that would decide by the same have the same digests, and by another another."""

from __future__ import annotations

from dataclasses import replace

import pytest

import make
from comity.accords import Op, Operation, Stage
from comity.errors import NotKnown
from comity.labels import Caveat, Group, Membership, Rung, Tag, TagSet, TagType
from comity.wire.terms import (
    acts_head,
    deadlines_digest,
    instrument_digest,
    terms_between,
    terms_digest,
)
from wire import made

NOW = made.NOW
PAIR = ("a", "b")


def digest(world, pair=PAIR, named=()):
    return terms_digest(world, "t", pair, NOW, named)


def test_it_is_the_same_for_both_sides_and_in_any_order():
    world = made.world()
    turned = replace(
        world,
        parties=dict(reversed(world.parties.items())),
        policies=dict(reversed(world.policies.items())),
    )
    assert digest(world) == digest(turned) == digest(world, ("b", "a"))


def test_another_text_has_other_terms():
    other = make.accord(
        make.SIGNED + make.RELEASE.replace('"b:LOW"', '"b:HIGH"'),
        front='profile = "hybrid-1"\n',
    )
    assert digest(make.world([other], [make.signed()])) != digest(made.world())


def policies(world, **more):
    return replace(
        world, policies={**world.policies, "b": replace(world.policies["b"], **more)}
    )


def a_set(**more):
    tag = Tag(**{"name": "v", **more})
    return {"s": TagSet(name="s", type_=TagType.RESTRICTIVE, tags={"v": tag})}


@pytest.mark.parametrize(
    "more",
    [
        {"rungs": {"LOW": Rung(name="LOW")}},
        {"rungs": {"LOW": Rung(name="LOW", above=("HIGH",)), "HIGH": Rung(name="HIGH")}},
        {"community": "g"},
        {"tag_sets": a_set()},
        {"tag_sets": a_set(caveat=Caveat.ORCON)},
        {"tag_sets": a_set(holders="g")},
        {"tag_sets": a_set(levels=("LOW",))},
        {"tag_sets": a_set(levels=())},
        {"tag_sets": a_set(not_with=("s/w",))},
        {"tag_sets": a_set(needs=("s/w",))},
        {"tag_sets": a_set(obsolete=5)},
    ],
    ids=str,
)
def test_another_policy_of_either_has_other_terms(more):
    found = {digest(made.world()), digest(policies(made.world(), **more))}
    assert len(found) == 2


def test_the_words_of_a_marking_and_a_source_are_no_terms():
    rungs = made.world().policies["b"].rungs
    marked = {n: replace(r, marks={"en": n.lower()}) for n, r in rungs.items()}
    other = policies(made.world(), rungs=marked, source="elsewhere")
    assert digest(other) == digest(made.world())


def test_a_policy_of_somebody_else_is_no_terms():
    world = made.world()
    other = {**world.policies, "c": replace(world.policies["c"], community="g")}
    assert digest(replace(world, policies=other)) == digest(world)


def grouped(world, *members, **more):
    group = Group(id="g", title="G", members=tuple(members), **more)
    return replace(world, groups={"g": group})


def test_a_group_that_may_decide_is_among_the_terms_and_no_other_is():
    member = Membership(party="c", since=5)
    world = made.world()
    assert digest(grouped(world, member)) == digest(world)
    named = digest(grouped(world, member), named=("g",))
    assert named != digest(world, named=("g",))
    assert named != digest(grouped(world, replace(member, before=9)), named=("g",))
    community = policies(grouped(world, member), community="g")
    fewer = policies(grouped(world), community="g")
    assert digest(community) != digest(fewer)
    assert digest(grouped(world, member, clients_of="a")) != digest(world)
    assert digest(grouped(world, member, clients_of="c")) == digest(world)


def test_terms_say_under_what_two_stand():
    world = made.world()
    found = terms_between(world, "t", ("b", "a"), NOW)
    assert found.pair == PAIR
    assert found.versions == (made.permit().version,)
    assert found.profile == "hybrid-1"
    assert found.world is world
    assert (found.digest, found.acts) == (digest(world), acts_head(world, "t"))


def test_an_accord_that_names_no_profile_seals_nothing():
    assert made.under(made.world(profile="")).profile is None


def test_an_accord_that_is_not_there_has_no_terms():
    for ask in (acts_head, lambda w, n: deadlines_digest(w, n, NOW)):
        with pytest.raises(NotKnown):
            ask(made.world(), "nothing")


# -- acts ----------------------------------------------------------------------------------

CONSENT = Operation(do=Op.CONSENT, holder="b", to="c", purposes=("p",), item="x")


def test_the_same_instruments_have_the_same_head_in_any_order():
    acts = [
        make.signed(),
        make.notice("2020-02-01"),
        make.act("p", "b", "2020-03-01", Op.PROTEST),
    ]
    accords = made.world().accords
    heads = {
        acts_head(make.world(accords, some), "t")
        for some in (acts, acts[::-1], acts[1:] + acts[:1])
    }
    assert len(heads) == 1
    fewer = {acts_head(make.world(accords, acts[:n]), "t") for n in range(4)}
    assert len(fewer) == 4
    assert heads < fewer


def test_an_instrument_of_another_accord_does_not_count():
    world = made.world()
    other = replace(make.signed(of="u"), id="elsewhere")
    assert acts_head(
        replace(world, instruments=(*world.instruments, other)), "t"
    ) == acts_head(world, "t")


BASE = make.act("i", ("a", "b"), "2020-01-01", CONSENT, Operation(do=Op.PROTEST))


@pytest.mark.parametrize(
    "more",
    [
        {"id": "j"},
        {"by": ("a",)},
        {"form": "oral"},
        {"form": None},
        {"basis": "21(3)"},
        {"operations": BASE.operations[:1]},
        {"operations": (replace(CONSENT, to="a"), BASE.operations[1])},
        {"operations": (replace(CONSENT, purposes=("p", "q")), BASE.operations[1])},
        {"times": {}},
    ],
    ids=str,
)
def test_what_all_sides_must_agree_on_changes_the_digest(more):
    assert instrument_digest(replace(BASE, **more)) != instrument_digest(BASE)


@pytest.mark.parametrize(
    "more",
    [
        {"source": "elsewhere"},
        {"note": "a note"},
        {"title": "a title"},
        {"recorded": NOW},
        {"by": ("b", "a")},
        {"operations": BASE.operations[::-1]},
        {"where": "a file"},
        {"line": 7},
    ],
    ids=str,
)
def test_what_each_side_records_for_itself_does_not(more):
    assert instrument_digest(replace(BASE, **more)) == instrument_digest(BASE)


@pytest.mark.parametrize("stage", Stage)
def test_of_the_times_only_those_on_the_document_count(stage):
    later = make.act("i", ("a", "b"), "2020-01-01", times={stage: "2020-01-02"})
    same = replace(BASE, times=later.times)
    counts = stage in (Stage.DATED, Stage.SENT)
    assert (instrument_digest(same) != instrument_digest(BASE)) == counts


# -- deadlines -----------------------------------------------------------------------------


def test_the_dates_ahead_have_one_digest_until_an_act_moves_them():
    accord = make.accord(make.SIGNED + make.YEARLY + make.RELEASE)
    world = make.world([accord], [make.signed()])
    again = make.world([accord], [make.signed()])
    assert deadlines_digest(world, "t", NOW) == deadlines_digest(again, "t", NOW)
    given = make.world([accord], [make.signed(), make.notice("2020-05-01")])
    assert deadlines_digest(given, "t", NOW) != deadlines_digest(world, "t", NOW)
    assert deadlines_digest(world, "t", NOW, years=1) != deadlines_digest(world, "t", NOW)
