"""Regions hold exactly the requests that two worlds answer differently."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.times import Instant
from comity.changes.asking import Change, answer
from comity.changes.cells import merged, told_apart
from comity.changes.compare import compare, dates_apart, duties_apart, standings_apart
from comity.errors import InvalidInput
from comity.labels import Audience, Policy, Rung
from comity.release import Denial, Hold, Party, Permit, Reason, decide, routes
from comity.release.request import Request
from make import RELEASE, SIGNED, accord, act, at, item, notice, signed, world
from release.worlds_at_random import CATEGORIES, every_request, facts, instants, worlds

NOW = at("2020-06-01")


def permitted(request, world_, when):
    return isinstance(decide(replace(request, at=when), world_), Permit)


def in_regions(found, change, world_):
    """The requests of all regions that differ so; each once, or the test fails."""
    keys = [
        facts(request)
        for r in found.of(change)
        for request in r.region.requests(world_, NOW)
    ]
    assert len(keys) == len(set(keys))
    return set(keys)


sides = st.one_of(
    st.tuples(worlds(), instants, instants).map(lambda d: ((d[0], d[1]), (d[0], d[2]))),
    st.tuples(worlds(), worlds(), instants).map(lambda d: ((d[0], d[2]), (d[1], d[2]))),
)


@given(sides)
@settings(max_examples=30, deadline=None)
def test_a_region_is_exact_every_request_in_it_differs_so_and_none_outside_it(both):
    (old, then), (new, now) = both
    found = compare(*both)
    stops, begins, otherwise = set(), set(), set()
    alike = refused = 0
    for request in every_request((old, new), now):
        before, after = permitted(request, old, then), permitted(request, new, now)
        if before and not after:
            stops.add(facts(request))
        elif after and not before:
            begins.add(facts(request))
        elif after:
            one, other = (
                answer(replace(request, at=w[1]), w[0]) for w in ((old, then), (new, now))
            )
            if (one.accords, one.handle_as) != (other.accords, other.handle_as):
                otherwise.add(facts(request))
            else:
                alike += 1
        elif any(w.between(request.sender, request.recipient) for w in (old, new)):
            refused += 1
    assert in_regions(found, Change.STOPS, new) == stops
    assert in_regions(found, Change.BEGINS, new) == begins
    assert in_regions(found, Change.OTHERWISE, new) == otherwise
    assert (found.regions_alike.permitted, found.regions_alike.refused) == (alike, refused)


@given(sides)
@settings(max_examples=15, deadline=None)
def test_no_two_regions_of_one_difference_can_be_made_one(both):
    found = compare(*both)
    for one, other in combinations(found.regions, 2):
        if one.difference == other.difference:
            assert len(merged([one.region, other.region])) == 2


@given(worlds(), instants, instants)
@settings(max_examples=15, deadline=None)
def test_the_answer_turns_in_the_second_that_a_region_names(one, then, now):
    found = compare((one, then), (one, now))
    for differs in found.of(Change.STOPS):
        since = differs.difference.since
        if then >= now:
            assert since is None
            continue
        for request in differs.region.requests(one, now):
            assert then < since <= now
            assert not permitted(request, one, since)
            assert permitted(request, one, Instant(since - 1))


@given(worlds(), instants, instants)
@settings(max_examples=15, deadline=None)
def test_what_is_left_are_the_ways_that_route_finds(one, then, now):
    found = compare((one, then), (one, now))
    left = [facts(r) for part in found.left for r in part.region.requests(one, now)]
    assert sorted(left) == sorted(in_regions(found, Change.STOPS, one))
    for part in found.left:
        for request in part.region.requests(one, now):
            said = {
                (way.parties, accords, way.consents)
                for way in part.ways
                for accords in product(*way.accords)
            }
            assert said == {
                (
                    (request.sender, *(hop.recipient for hop in way.hops)),
                    tuple(hop.accord for hop in way.hops),
                    tuple(dict.fromkeys((one.of, one.to) for one in way.consents)),
                )
                for way in routes(request, one)
            }


@given(worlds(), instants)
@settings(max_examples=8, deadline=None)
def test_a_world_does_not_differ_from_itself(one, now):
    found = compare((one, now), (one, now))
    assert not found.regions
    assert not list(standings_apart(found.before, found.after))
    assert not found.left
    assert dates_apart((one, now), (one, now)) == ((), ())
    assert duties_apart((one, now), (one, now)) == ((), ())


def test_words_that_no_list_tells_apart_are_asked_once():
    one = world([accord()], [signed()])
    cells = list(told_apart([(one, NOW)]))
    assert {cell.categories for cell in cells} == {("k", "l", "m")}
    split = world(
        [accord(SIGNED + RELEASE.replace('["any"]', '["k", "m"]', 1))], [signed()]
    )
    assert {cell.categories for cell in told_apart([(split, NOW)])} == {("k", "m"), ("l",)}


def test_a_word_that_one_world_does_not_know_is_told_apart():
    one = world([accord()], [signed()])
    other = world([accord()], [signed()], categories=frozenset({"k", "l"}))
    found = compare((one, NOW), (other, NOW))
    assert {r.region.categories for r in found.of(Change.STOPS)} == {("m",)}
    assert {r.difference.after.reason for r in found.of(Change.STOPS)} == {
        Reason.UNKNOWN_WORD
    }


def test_words_that_an_amendment_tells_apart_are_told_apart():
    """The text admits every category; as amended it admits two of three."""
    text = accord()
    rules = (SIGNED + RELEASE.replace('"any"', '"k", "m"', 1)).strip()
    raw = (
        f'+++\nformat = "comity-amendment/1"\nid = "narrow"\nbase = "{text.digest}"\n'
        'languages = ["en"]\nauthentic = ["en"]\n+++\n\n# Narrower\n\n'
        "## Article 1. All of it\n\nThe words.\n\n"
        f"```toml comity\n{rules}\n```\n"
    )
    agreed = act(
        "agreed", ("a", "b"), "2020-03-01", Operation(do=Op.AMEND, amendment="narrow")
    )
    more = {"amendments": {"narrow": raw.encode()}}
    old, new = world([text], [signed()], **more), world([text], [signed(), agreed], **more)
    stops = compare((old, NOW), (new, NOW)).of(Change.STOPS)
    assert {r.region.categories for r in stops} == {("l",)}
    assert {r.difference.since for r in stops} == {at("2020-03-01")}


def test_third_parties_of_one_policy_are_asked_once_unless_a_rule_or_a_consent_names_one():
    names = ("a", "b", "c", "d", "e")
    zone = world().parties["a"].zone
    shared = Policy(id="tlp", rungs={"GREEN": Rung(name="GREEN")})
    more = {
        "parties": {n: Party(id=n, name=n, seat=n, zone=zone, policy="tlp") for n in names},
        "policies": {"tlp": shared},
    }

    def thirds(text, *acts):
        cells = told_apart([(world([text], [signed(), *acts], **more), NOW)])
        return {
            tuple(mark.third for mark in cell.markings)
            for cell in cells
            if cell.pairs == (("a", "b"),) and cell.markings[0].third
        }

    assert thirds(accord()) == {("c", "d", "e")}
    consent = Operation(
        do=Op.CONSENT,
        holder="a",
        to="b",
        categories=("k",),
        levels=("tlp:GREEN",),
        purposes=("p",),
    )
    assert thirds(accord(), act("yes", "d", "2020-02-01", consent)) == {("c", "e"), ("d",)}
    but = (
        '\n[[exception]]\ncites = "1"\nto = "scope"\nanswer = "deny"\noriginators = ["e"]\n'
    )
    assert thirds(accord(SIGNED + RELEASE + but)) == {("c", "d"), ("e",)}


MEMBERS = ("a", "b", "c", "d")
SHARED = """
[[common_policy]]
cites = "1"
policy = "tlp"
levels = ["RED", "AMBER", "GREEN"]

[[exit]]
cites = "1"
ends = "part"
takes_effect = "at once"

[third_party]
cites = "1"
consent = "by marking"

[scope]
cites = "1"
categories = ["k", "l"]
kinds = ["any"]
directions = ["any"]

[purpose]
cites = "1"
allowed = ["p"]
"""


def test_in_a_community_that_marks_alike_a_region_is_exact_when_one_member_leaves():
    rungs = {
        "RED": Rung(name="RED", audience=Audience.NAMED),
        "AMBER": Rung(name="AMBER", audience=Audience.CLIENTS),
        "GREEN": Rung(name="GREEN", audience=Audience.COMMUNITY),
        "CLEAR": Rung(name="CLEAR", audience=Audience.PUBLIC),
    }
    zone = world().parties["a"].zone
    one = world(
        [accord(SIGNED + SHARED, parties=MEMBERS)],
        [act("all", MEMBERS, "2020-01-01", Op.SIGN), notice("2020-06-01", "d", "out")],
        parties={n: Party(id=n, name=n, seat=n, zone=zone, policy="tlp") for n in MEMBERS},
        policies={"tlp": Policy(id="tlp", rungs=rungs)},
    )
    before = Instant(NOW - 1)
    found = compare((one, before), (one, NOW))
    stops = set()
    words = (CATEGORIES, one.kinds, one.purposes, one.channels)
    for sender, recipient, owner, level in product(MEMBERS, MEMBERS, MEMBERS, rungs):
        for category, kind, purpose, channel in product(*words):
            request = Request(
                item=item(
                    originators=(owner,),
                    level=f"tlp:{level}",
                    categories=(category,),
                    kind=kind,
                    purpose=purpose,
                    channel=channel,
                    release_to=MEMBERS,
                ),
                sender=sender,
                recipient=recipient,
                at=NOW,
            )
            if permitted(request, one, before) and not permitted(request, one, NOW):
                stops.add(facts(request))
    assert in_regions(found, Change.STOPS, one) == stops
    assert {fact[:2] for fact in stops} == {
        pair for m in "abc" for pair in ((m, "d"), ("d", m))
    }
    assert any(owner[0] not in (sender, to) for sender, to, owner, *_ in stops)
    assert len(found.of(Change.STOPS)) < 10  # thousands of requests in a few lines


TWICE = (
    [accord(), accord(name="u")],
    [signed(), act("signed-u", ("a", "b"), "2020-01-01", Op.SIGN, of="u")],
)


def test_what_two_accords_cover_goes_on_when_one_ends_and_says_so():
    one = world(*TWICE)
    other = world(TWICE[0][1:], TWICE[1])
    found = compare((one, NOW), (other, NOW))
    assert not found.of(Change.STOPS)
    there, back = found.of(Change.OTHERWISE)
    assert (there.region.pairs, back.region.pairs) == ((("a", "b"),), (("b", "a"),))
    assert there.difference.before.support == 2
    assert there.difference.after.accords == ("u",)


def test_an_amendment_is_judged_before_it_is_signed():
    """The same world with other rows: handled otherwise, and one level begins."""
    text = accord(
        SIGNED
        + RELEASE.replace('to = ["b:LOW"]', 'to = ["b:HIGH"]')
        + '\n[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:HIGH"]\n'
    )
    old, new = world([accord()], [signed()]), world([text], [signed()])
    found = compare((old, NOW), (new, NOW))
    (otherwise,) = found.of(Change.OTHERWISE)
    assert [str(m.level) for m in otherwise.region.markings] == ["a:LOW"]
    assert [str(x) for x in otherwise.difference.before.handle_as] == ["b:LOW"]
    assert [str(x) for x in otherwise.difference.after.handle_as] == ["b:HIGH"]
    begins = {
        (r.region.pairs, str(m.origin), str(m.level))
        for r in found.of(Change.BEGINS)
        for m in r.region.markings
    }
    assert begins == {
        ((("a", "b"),), "sender", "a:HIGH"),
        ((("b", "a"),), "recipient", "a:HIGH"),  # b holds it now, and it may come home
    }
    (stops,) = found.of(Change.STOPS)
    assert [str(m.held_as) for m in stops.region.markings] == ["b:LOW"]  # and no longer so


def test_what_is_refused_on_both_sides_for_another_reason_is_told():
    old = world([accord()], [])
    new = world([accord()], [signed()])
    found = compare((old, NOW), (new, NOW))
    reasons = {
        (r.difference.before.reason, r.difference.after.reason)
        for r in found.of(Change.REFUSED_OTHERWISE)
    }
    assert (Reason.NOT_YET_IN_FORCE, Reason.NO_EQUIVALENT) in reasons
    (standing,) = standings_apart(found.before, found.after)
    assert standing.pair == ("a", "b")
    assert [str(s) for s in standing.after] == ["in_force"]


def test_a_hold_stops_what_it_names_and_nothing_else():
    hold = Hold(
        id="h",
        by="a",
        towards=("b",),
        accords=("any",),
        categories=("k",),
        ground="a court",
        since=at("2020-03-01"),
    )
    free, held = world([accord()], [signed()]), world([accord()], [signed()], holds=(hold,))
    found = compare((free, NOW), (held, NOW))
    (stops,) = found.of(Change.STOPS)
    assert stops.region.pairs == (("a", "b"),)
    assert stops.region.categories == ("k",)
    assert stops.difference.after.reason is Reason.HELD
    assert stops.difference.since == at("2020-03-01")


def chain(*more):
    """Two accords by which what is c's can go from a to b, with its consent."""
    consent = Operation(
        do=Op.CONSENT,
        holder="a",
        to="b",
        categories=("k",),
        levels=("c:LOW",),
        purposes=("p",),
    )
    rows = RELEASE + '\n[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["a:LOW"]\n'
    return world(
        [accord(SIGNED + rows)], [signed(), act("yes", "c", "2020-02-01", consent), *more]
    )


def test_a_revoked_consent_stops_what_it_covered_and_nothing_else():
    back = act("no", "c", "2020-05-01", Operation(do=Op.REVOKE_CONSENT, consent="yes"))
    found = compare((chain(), NOW), (chain(back), NOW))
    (stops,) = found.of(Change.STOPS)
    (mark,) = stops.region.markings
    assert (mark.third, str(mark.level), str(mark.held_as)) == ("c", "c:LOW", "a:LOW")
    assert (stops.region.categories, stops.region.purposes) == (("k",), ("p",))
    assert stops.difference.after.reason is Reason.CONSENT_MISSING
    assert stops.difference.since == at("2020-05-01")
    (left,) = found.left
    assert [way.consents for way in left.ways] == [(("c", "b"),)]


def test_items_of_several_categories_are_compared_as_they_are():
    """Each category goes on under another accord, and the two together do not."""
    only = {
        name: accord(
            SIGNED + RELEASE.replace('categories = ["any"]', f'categories = ["{word}"]'),
            name=name,
        )
        for name, word in (("u", "k"), ("v", "l"))
    }
    acts = [
        act(f"sign-{name}", ("a", "b"), "2020-01-01", Op.SIGN, of=name)
        for name in ("u", "v")
    ]
    old = world([accord(), *only.values()], [signed(), *acts])
    new = world([*only.values()], acts)
    both = item("both", categories=("k", "l"))
    found = compare((old, NOW), (new, NOW), items=[both, item("one", categories=("k",))])
    assert [(i.item, i.difference.change) for i in found.items] == [
        ("both", Change.STOPS),
        ("one", Change.OTHERWISE),
    ]
    stopped = {word for r in found.of(Change.STOPS) for word in r.region.categories}
    assert stopped == {"m"}


def test_an_item_is_asked_from_each_of_its_originators():
    old, new = world([accord()], [signed()]), world([], [])
    found = compare((old, NOW), (new, NOW), items=[item(originators=("a", "b"))])
    assert [(i.sender, i.recipient) for i in found.items_of(Change.STOPS)] == [("a", "b")]


def test_dates_ahead_on_one_side_alone_are_told():
    hold = Hold(
        id="h",
        by="a",
        towards=("any",),
        accords=("any",),
        categories=("any",),
        ground="a pause",
        since=at("2020-03-01"),
        before=at("2020-09-01"),
    )
    free, held = world([accord()], [signed()]), world([accord()], [signed()], holds=(hold,))
    first, second = dates_apart((free, NOW), (held, NOW))
    assert [d.before for d in second] == [at("2020-09-01")]
    assert not first


def test_worlds_that_share_no_two_parties_are_refused():
    one = world([accord()], [signed()])
    party = one.parties["a"]
    other = world(
        parties={
            name: Party(id=name, name=name, seat=name, zone=party.zone)
            for name in ("a", "z")
        }
    )
    with pytest.raises(InvalidInput, match="share fewer than two parties"):
        compare((one, NOW), (other, NOW))


def test_a_party_that_one_world_lacks_loses_what_it_had():
    one = world([accord()], [signed()])
    other = replace(one, parties={n: p for n, p in one.parties.items() if n != "a"})
    found = compare((one, NOW), (other, NOW))
    assert {r.difference.after.reason for r in found.of(Change.STOPS)} == {
        Reason.UNKNOWN_WORD
    }


def test_the_answer_of_a_refusal_names_no_accord():
    request = Request(item=item(), sender="a", recipient="c", at=NOW)
    one = world([accord()], [signed()])
    assert isinstance(decide(request, one), Denial)
    found = answer(request, one)
    assert (found.permitted, found.support, found.accords) == (False, 0, ())
