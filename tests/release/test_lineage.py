from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from comity.accords import Op, Operation
from comity.labels import Caveat, Level, Policy, Rung, Tag, Tagged, TagSet, TagType
from comity.release import Denial, Permit, Reason, Request, decide
from comity.release.lineage import lineage, originators
from comity.release.world import Authority
from comity.release.worldchecks import check_world, misspelt
from make import SIGNED, accord, act, at, item, signed, world

NOW = at("2020-02-01")


def consent(by, **change):
    values = {"do": Op.CONSENT, "holder": "a", "to": "b", "item": "d1", "purposes": ("p",)}
    return act(f"consent of {by}", by, "2020-01-10", Operation(**{**values, **change}))


LEADS = "".join(
    f'\n[[equivalence]]\ncites = "1"\nfrom = "{one}:LOW"\nto = ["a:LOW"]\n' for one in "cd"
)
RELEASE = make.RELEASE + LEADS


def base(items, *acts, rules=SIGNED + RELEASE, **more):
    parties = world().parties
    parties = {**parties, "d": replace(parties["c"], id="d", name="D")}
    policies = world().policies
    policies = {**policies, "d": replace(policies["c"], id="d")}
    return world(
        [accord(rules)],
        [signed(), *acts],
        parties=parties,
        policies=policies,
        items={i.id: i for i in items},
        **more,
    )


def part(name, **values):
    values = {"originators": ("c",), "level": "c:LOW", **values}
    return item(name, **values)


def made(name, *parts, **values):
    return replace(item(name, **values), made_from=parts)


def ask(w, name="d1", **more):
    values = {"sender": "a", "recipient": "b", "at": NOW, **more}
    return Request(item=w.items[name], **values)


def refused(w, request):
    answer = decide(request, w)
    assert isinstance(answer, Denial), answer
    return answer


# -- what it is ----------------------------------------------------------------------------


def test_a_lineage_has_every_part_once_however_deep_and_often_it_is_used():
    items = [
        made("d1", "p1", "d2"),
        made("d2", "p2", "p1"),
        part("p1"),
        part("p2", originators=("d",)),
    ]
    w = base(items)
    found = lineage(items[0], w)
    assert [m.id for m in found.members] == ["d1", "p1", "d2", "p2"]
    assert originators(items[0], w) == ("a", "c", "d")
    assert (found.unknown, found.circles) == ((), ())
    assert [m.id for m in found.of("c")] == ["p1"]


def test_an_item_without_parts_is_its_own_lineage():
    x = item()
    assert lineage(x, base([])).members == (x,)


@given(
    st.dictionaries(
        st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefgh"), max_size=4)
    )
)
def test_every_way_through_the_parts_ends_and_is_whole(drawn):
    w = base([made(name, *parts) for name, parts in drawn.items()])
    for name, x in w.items.items():
        reached, waiting = {name}, [name]
        while waiting:
            fresh = set(drawn.get(waiting.pop(), [])) - reached
            reached |= fresh
            waiting += fresh
        found = lineage(x, w)
        assert {m.id for m in found.members} == reached & set(drawn)
        assert {n for _, n in found.unknown} == reached - set(drawn)
        turns = any(
            set(drawn) & {n} and _reaches(drawn, part, n)
            for n in reached
            for part in drawn.get(n, [])
        )
        assert bool(found.circles) is turns


def _reaches(drawn, start, goal):
    reached, waiting = {start}, [start]
    while waiting:
        fresh = set(drawn.get(waiting.pop(), [])) - reached
        reached |= fresh
        waiting += fresh
    return goal in reached


# -- each originator's list binds ----------------------------------------------------------


def test_a_derived_item_goes_no_further_than_each_of_its_parts():
    items = [made("d1", "d2"), made("d2", "p1"), part("p1", release_to=("a",))]
    w = base(items, consent("c"))
    denial = refused(w, ask(w))
    assert denial.reason is Reason.ORIGINATOR_FORBIDS
    assert [(f.whose, "`p1`" in f.wants) for f in denial.failing] == [(("c",), True)]


def test_every_part_that_does_not_name_the_recipient_is_told_with_whose_it_is():
    items = [
        made("d1", "p1", "p2"),
        part("p1", release_to=None),
        part("p2", originators=("d",), release_to=()),
    ]
    denial = refused(base(items), ask(base(items)))
    assert [f.whose for f in denial.failing] == [("c",), ("d",)]


def test_a_part_of_the_recipients_own_comes_home_within_what_was_made_from_it():
    home = part("p1", originators=("b",), level="b:LOW", release_to=None)
    w = base([made("d1", "p1"), home])
    assert isinstance(decide(ask(w), w), Permit)
    joint = replace(home, originators=("b", "c"))
    w = base([made("d1", "p1"), joint], consent("c"))
    assert refused(w, ask(w)).reason is Reason.ORIGINATOR_FORBIDS


def test_what_is_the_recipients_alone_with_its_parts_comes_home_though_marked_below_them():
    own = {"originators": ("b",), "release_to": None}
    high = part("p1", level="b:HIGH", **own)
    w = base([made("d1", "p1", level="b:LOW", **own), high])
    assert isinstance(decide(ask(w), w), Permit)
    w = base(
        [made("d1", "p1", level="b:LOW", **own), replace(high, originators=("b", "c"))]
    )
    assert Reason.INVALID_LABEL in {f.reason for f in refused(w, ask(w)).failing}


# -- each part's mark binds ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "of_part", "said"),
    [
        ({}, {"categories": ("k", "l")}, "what its part `p1` is about: l"),
        ({}, {"level": "c:HIGH"}, "a level that stands over `c:HIGH` of its part `p1`"),
        ({}, {"level": "a:HIGH"}, "a level that stands over `a:HIGH` of its part `p1`"),
    ],
)
def test_what_is_made_is_marked_at_least_as_each_part_is(whole, of_part, said):
    items = [made("d1", "d2"), made("d2", "p1", **whole), part("p1", **of_part)]
    w = base(items, consent("c"))
    denial = refused(w, ask(w))
    assert denial.reason is Reason.INVALID_LABEL
    assert [f.wants for f in denial.failing] == [said]
    assert "marked-below-part" in {f.code for f in check_world(w)}
    assert misspelt(w) == []


def test_a_mark_over_those_of_the_parts_will_do():
    items = [
        made("d1", "p1", "p2", level="a:HIGH", categories=("k", "l")),
        part("p1"),
        part("p2", level="a:HIGH", originators=("a",), categories=("l",)),
    ]
    rows = LEADS + '\n[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:HIGH"]\n'
    w = base(items, consent("c"), rules=SIGNED + make.RELEASE + rows)
    assert isinstance(decide(ask(w), w), Permit)
    assert "marked-below-part" not in {f.code for f in check_world(w)}


def relabel(when, level="a:HIGH", name="p1", by="a"):
    return act("raised", by, when, Operation(do=Op.RELABEL, item=name, level=level))


def test_a_part_that_is_raised_later_raises_what_the_whole_needs():
    items = [made("d1", "p1"), part("p1", level="a:LOW", originators=("a",))]
    w = base(items, relabel("2020-01-20"))
    assert refused(w, ask(w)).reason is Reason.INVALID_LABEL
    assert isinstance(decide(ask(w, at=at("2020-01-19")), w), Permit)
    ahead = base(items, relabel("2020-03-01"))
    permit = decide(ask(ahead), ahead)
    assert isinstance(permit, Permit)
    assert permit.good_before == at("2020-03-01")


TAGS = Policy(
    id="c",
    rungs={"LOW": Rung(name="LOW")},
    tag_sets={
        "d": TagSet(
            name="d",
            type_=TagType.INFORMATIVE,
            tags={str(k): Tag(name=str(k), caveat=k) for k in Caveat},
        )
    },
)


def tagged(*caveats, **values):
    x = part("p1", **values)
    tags = (Tagged(set_="d", values=tuple(map(str, caveats))),)
    return replace(x, label=replace(x.label, tags=tags))


def with_tags(p1, *acts, rules=SIGNED + RELEASE, **whole):
    w = base([made("d1", "p1", **whole), p1], *acts, rules=rules)
    return replace(w, policies={**w.policies, "c": TAGS})


FREE = SIGNED + RELEASE.replace("each originator", "not needed")
MARKED = SIGNED + RELEASE.replace("each originator", "by marking")


def test_orcon_of_a_part_asks_for_consent_whatever_the_accord_says():
    w = with_tags(part("p1"), rules=FREE)
    assert isinstance(decide(ask(w), w), Permit)
    w = with_tags(tagged(Caveat.ORCON), rules=FREE)
    assert refused(w, ask(w)).consent_missing == ("c",)
    w = with_tags(tagged(Caveat.ORCON), consent("c"), rules=FREE)
    assert isinstance(decide(ask(w), w), Permit)


def test_noforn_and_eyes_only_of_a_part_bind_the_whole():
    for caveat, list_ in ((Caveat.NOFORN, None), (Caveat.EYES_ONLY, ("a", "b", "c"))):
        w = with_tags(tagged(caveat, release_to=list_), consent("c"))
        reasons = {f.reason for f in refused(w, ask(w)).failing}
        assert Reason.CAVEAT_NOT_ADMITTED in reasons


def test_relido_of_a_part_leaves_it_to_its_originators_alone():
    off = tagged(Caveat.RELIDO, release_to=("a",))
    w = with_tags(off)
    assert refused(w, ask(w)).consent_missing == ("c",)
    w = with_tags(off, consent("c"))
    assert isinstance(decide(ask(w), w), Permit)


def test_where_a_marking_is_consent_each_originators_own_parts_have_it():
    w = with_tags(part("p1"), rules=MARKED)
    assert isinstance(decide(ask(w), w), Permit)
    w = with_tags(tagged(Caveat.ORCON), rules=MARKED)
    assert refused(w, ask(w)).consent_missing == ("c",)


def test_a_part_for_show_goes_only_in_a_form_that_leaves_nothing():
    off = tagged(Caveat.DISPLAY_ONLY, release_to=("a",))
    off = replace(off, label=replace(off.label, display_to=("b",)))
    for kind, reason in (("document", Reason.CAVEAT_NOT_ADMITTED), ("oral", None)):
        w = with_tags(off, consent("c"), kind=kind)
        w = replace(w, display_kinds=frozenset({"oral"}))
        answer = decide(ask(w), w)
        assert (answer.reason if isinstance(answer, Denial) else None) is reason


def test_a_part_marked_by_a_policy_that_is_none_here_goes_nowhere():
    w = base([made("d1", "p1"), part("p1", level="z:LOW")], consent("c"))
    assert refused(w, ask(w)).reason is Reason.UNKNOWN_WORD


# -- the third-party rule ------------------------------------------------------------------


def test_every_originator_of_every_part_has_to_consent():
    items = [made("d1", "d2"), made("d2", "p1", "p2"), part("p1")]
    items.append(part("p2", originators=("d",), level="d:LOW"))
    w = base(items)
    assert refused(w, ask(w)).consent_missing == ("c", "d")
    w = base(items, consent("c"))
    assert refused(w, ask(w)).consent_missing == ("d",)
    w = base(items, consent("c"), consent("d"))
    assert isinstance(decide(ask(w), w), Permit)


def test_a_consent_for_a_part_is_none_for_what_was_made_from_it():
    items = [made("d1", "p1"), part("p1")]
    w = base(items, consent("c", item="p1"))
    assert refused(w, ask(w)).consent_missing == ("c",)


def test_a_consent_for_what_was_made_is_none_for_the_part():
    items = [made("d1", "p1"), part("p1", level="a:LOW")]
    w = base(items, consent("c"))
    assert refused(w, ask(w, "p1")).consent_missing == ("c",)


def test_a_consent_by_class_has_to_cover_each_part_that_is_its_givers():
    items = [made("d1", "p1", "p2", categories=("k", "l")), part("p1")]
    items.append(part("p2", categories=("l",)))
    broad = {"item": None, "categories": ("k", "l"), "levels": ("c:LOW",)}
    w = base(items, consent("c", **broad))
    assert isinstance(decide(ask(w), w), Permit)
    w = base(items, consent("c", **{**broad, "categories": ("k",)}))
    assert refused(w, ask(w)).consent_missing == ("c",)


def test_a_consent_by_class_is_about_its_givers_parts_and_no_others():
    items = [made("d1", "p1", categories=("k", "l")), part("p1", categories=("k",))]
    w = base(items, consent("c", item=None, categories=("k",), ceiling="c:LOW"))
    assert isinstance(decide(ask(w), w), Permit)
    joint = replace(items[0], originators=("a", "c"))
    w = base([joint, items[1]], consent("c", item=None, categories=("k",), ceiling="c:LOW"))
    assert refused(w, ask(w)).consent_missing == ("c",)


def test_an_exception_for_one_originator_does_not_take_in_what_was_made_from_anothers():
    free = RELEASE + (
        '\n[[exception]]\ncites = "1"\nto = "third_party"\nanswer = "permit"\n'
        'originators = ["a", "c"]\n'
    )
    items = [made("d1", "p1"), part("p1")]
    w = base(items, rules=SIGNED + free)
    assert isinstance(decide(ask(w), w), Permit)
    items = [made("d1", "p1"), part("p1", originators=("c", "d"))]
    w = base(items, rules=SIGNED + free)
    assert refused(w, ask(w)).consent_missing == ("c", "d")


def test_an_authority_is_for_ones_own_and_not_for_what_was_made_from_anothers():
    leave = Authority(
        id="leave",
        by="a",
        signed_by=("One", "Two"),
        to=("b",),
        items=("d1",),
        categories=(),
        levels=(),
        purposes=("p",),
        conditions=(),
        since=at("2020-01-01"),
        before=at("2021-01-01"),
    )
    for whose, permitted in (("a", True), ("c", False)):
        w = base(
            [made("d1", "p1"), part("p1", originators=(whose,), level="a:LOW")],
            authorities=(leave,),
            authorities_on=True,
        )
        w = replace(w, accords=())
        assert isinstance(decide(ask(w), w), Permit) is permitted


# -- another purpose -----------------------------------------------------------------------

AS_GIVEN = SIGNED + RELEASE.replace(
    'allowed = ["any"]', 'allowed = ["any"]\nas_given = true'
).replace("each originator", "not needed")


def test_a_part_given_for_another_purpose_needs_its_originators_consent():
    items = [made("d1", "p1"), part("p1", purpose="q")]
    w = base(items, rules=AS_GIVEN)
    denial = refused(w, ask(w))
    assert denial.consent_missing == ("c",)
    assert "`q`" in denial.failing[0].wants
    w = base(items, consent("c"), rules=AS_GIVEN)
    assert isinstance(decide(ask(w), w), Permit)


def test_another_purpose_than_the_wholes_needs_no_word_of_whom_it_was_given_for():
    items = [made("d1", "p1"), part("p1", purpose="q")]
    w = base(items, rules=AS_GIVEN)
    assert isinstance(decide(ask(w, purpose="q"), w), Permit)


# -- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([made("d1", "gone")], "`gone`"),
        ([made("d1", "d1")], "d1 → d1"),
        ([made("d1", "d2"), made("d2", "d1")], "d1 → d2 → d1"),
        ([made("d1", "d2"), made("d2", "d3"), made("d3", "d2")], "d2 → d3 → d2"),
        ([made("d1", "d2"), made("d2", "gone")], "`gone` of `d2`"),
        ([made("d1", "p1"), part("p1", originators=())], "`p1`"),
    ],
)
def test_what_is_not_known_of_the_parts_is_a_missing_fact(items, said):
    w = base(items, consent("c"))
    denial = refused(w, ask(w))
    assert denial.reason is Reason.MISSING_FACT
    assert any(said in f.wants + f.has for f in denial.failing)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([made("d1", "gone")], "no-part"),
        ([made("d1", "d1")], "parts-in-a-circle"),
        ([made("d1", "d2"), made("d2", "d3"), made("d3", "d1")], "parts-in-a-circle"),
    ],
)
def test_a_part_that_is_not_there_and_a_circle_keep_a_world_from_loading(items, code):
    assert [f.code for f in misspelt(base(items))] == [code]


def test_sound_parts_are_no_finding():
    assert check_world(base([made("d1", "p1", "p1"), part("p1")])) == []


def test_a_permit_binds_what_the_item_was_made_from():
    x = item()
    one = Request(item=x, sender="a", recipient="b", at=NOW)
    other = Request(item=replace(x, made_from=("p1",)), sender="a", recipient="b", at=NOW)
    assert one.digest != other.digest


# -- properties ----------------------------------------------------------------------------

OWNERS = st.sampled_from("abcd")


@given(st.lists(OWNERS, min_size=1, max_size=4), st.sets(OWNERS), st.data())
def test_every_originator_counts(owners, givers, data):
    parts = [part(f"p{n}", originators=(o,)) for n, o in enumerate(owners)]
    deep = data.draw(st.booleans())
    names = [p.id for p in parts]
    items = [made("d1", "d2"), made("d2", *names)] if deep else [made("d1", *names)]
    w = base([*items, *parts], *(consent(g) for g in sorted(givers)))
    answer = decide(ask(w), w)
    needed = set(owners) - {"a", "b"}
    assert isinstance(answer, Permit) is (needed <= givers)
    if isinstance(answer, Denial):
        assert set(answer.consent_missing) == needed - givers


@given(st.lists(st.tuples(OWNERS, st.booleans()), min_size=1, max_size=4))
def test_fewer_parts_never_lose_a_permit(owners):
    parts = [
        part(f"p{n}", originators=(o,), release_to=("b",) if open_ else ())
        for n, (o, open_) in enumerate(owners)
    ]
    whole = base([made("d1", *(p.id for p in parts)), *parts], consent("c"))
    if not isinstance(decide(ask(whole), whole), Permit):
        return
    for left_out in parts:
        names = [p.id for p in parts if p is not left_out]
        fewer = base([made("d1", *names), *parts], consent("c"))
        assert isinstance(decide(ask(fewer), fewer), Permit)


def test_a_holder_hands_on_what_was_made_elsewhere_at_its_own_level():
    items = [made("d1", "p1"), part("p1", originators=("b",), level="b:LOW")]
    w = base(items, rules=SIGNED + RELEASE)
    back = ask(w, sender="b", recipient="a", held_as=Level("b", "LOW"))
    assert isinstance(decide(back, w), Permit)


def test_what_stands_in_for_a_condition_is_the_consent_of_every_parts_originator_too():
    gate = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "n"\nwho = "sender"\nor_consent = true\n'
    items = [made("d1", "p1"), part("p1")]
    w = base(items, consent("a"), rules=FREE + LEADS + gate)
    assert refused(w, ask(w)).reason is Reason.CONDITION_NOT_MET
    w = base(items, consent("a"), consent("c"), rules=FREE + LEADS + gate)
    assert isinstance(decide(ask(w), w), Permit)
