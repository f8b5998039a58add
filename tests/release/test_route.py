from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Op, parse_instant
from comity.accords.instruments import Instrument, Operation, Stage
from comity.accords.times import UTC_ZONE, Span
from comity.labels import Level
from comity.release import (
    Denial,
    Hold,
    Party,
    Permit,
    Reason,
    Request,
    decide,
    obstacles,
    reach,
    routes,
)
from comity.release.route import HOPS_MAX
from make import SIGNED, accord, act, at, gsomia, item, world

NIGHT = ["kr-suspension-2019", "kr-withdrawal-2023"]


def kst(text):
    return parse_instant(text + "+09:00")


@pytest.fixture(scope="module")
def ended():
    return gsomia().without(NIGHT)


def request(
    world, name="missile-warning-1", when="2019-11-23T00:00:00", sender="kr", recipient="jp"
):
    return Request(item=world.items[name], sender=sender, recipient=recipient, at=kst(when))


def approval(under="us-jp-2007", when="2019-11-01T00:00:00", name="approval", **change):
    span = Span.at(kst(when))
    values = {"holder": "us", "to": "jp", "purposes": ("early-warning",), **change}
    return Instrument(
        id=name,
        accord=under,
        by=("kr",),
        form="written",
        times={(Stage.DATED, ""): span, (Stage.RECEIVED, ""): span},
        operations=(Operation(do=Op.CONSENT, **values),),
        supposed="a test",
    )


STANDING = {
    "under": "tisa-2014",
    "name": "standing",
    "categories": ("nk-missile", "nk-nuclear"),
    "ceiling": "kr:II",
    "purposes": ("early-warning", "maritime-safety", "defence-planning"),
}


# -- the night -----------------------------------------------------------------------------


def test_after_the_end_a_warning_goes_by_washington_and_only_with_approval(ended):
    ask = request(ended)
    assert isinstance(decide(ask, ended), Denial)
    found = routes(ask, ended)
    assert found
    for route in found:
        assert not route.permitted
        assert [(h.sender, h.recipient) for h in route.hops] == [("kr", "us"), ("us", "jp")]
        (one,) = route.consents
        assert (one.of, one.holder, one.to) == ("kr", "us", "jp")
        assert one.accord == route.hops[1].accord


def test_with_the_providers_approval_the_way_is_open(ended):
    ask = request(ended)
    world = ended.supposing([approval(item=ask.item.id)])
    assert routes(ask, world)[0].permitted


ROK, JPN, TISA, GSOMIA = "us-rok-1987", "us-jp-2007", "tisa-2014", "jp-rok-gsomia"
FOUR = [(a, b) for a in (ROK, TISA) for b in (JPN, TISA)]
TABLE = [
    # item, from, to: after the end; each way with whose consent it lacks, and to whom
    ("missile-warning-1", "kr", "jp", {way: [("kr", "jp")] for way in FOUR}),
    ("submarine-track-1", "kr", "jp", {(ROK, JPN): [("kr", "jp")]}),
    ("radar-note-1", "kr", "jp", {(ROK, JPN): [("kr", "jp")]}),
    ("patrol-report-1", "jp", "kr", {(JPN, ROK): [("jp", "kr")]}),
    ("missile-warning-1", "kr", "us", {(ROK,): [], (TISA,): []}),
    ("joint-assessment-1", "us", "jp", {(JPN,): [("kr", "jp")]}),
    ("joint-assessment-1", "us", "kr", {(ROK,): [("jp", "kr")]}),
    ("missile-warning-1", "jp", "kr", {(TISA, way): [("kr", "us")] for way in (ROK, TISA)}),
]


@pytest.mark.parametrize(("name", "sender", "recipient", "wanted"), TABLE)
def test_the_table_of_ways_after_the_end(ended, name, sender, recipient, wanted):
    found = routes(request(ended, name, sender=sender, recipient=recipient), ended)
    ways = {
        tuple(h.accord for h in r.hops): [(k.of, k.to) for k in r.consents] for r in found
    }
    assert ways == wanted
    assert all(route.permitted is not bool(route.consents) for route in found)


@pytest.mark.parametrize(
    ("name", "open_"),
    [("missile-warning-1", True), ("submarine-track-1", False), ("radar-note-1", False)],
)
def test_the_arrangement_of_2014_carries_its_scope_under_one_standing_approval(
    ended, name, open_
):
    world = ended.supposing([approval(**STANDING)])
    best = routes(request(world, name), world)[0]
    assert best.permitted is open_
    assert [h.accord for h in best.hops] == [ROK, TISA if open_ else JPN]


def test_a_standing_approval_up_to_the_lower_level_does_not_carry_the_higher(ended):
    world = ended.supposing([approval(**{**STANDING, "ceiling": "kr:III"})])
    assert not any(route.permitted for route in routes(request(world), world))


def test_each_hop_marks_it_anew_and_an_open_choice_must_do_for_all(ended):
    route = routes(request(ended), ended)[0]
    assert route.hops[0].handle_as == (Level("us", "SECRET"),)
    assert route.hops[1].held == (Level("us", "SECRET"),)
    assert route.hops[1].handle_as == (
        Level("jp", "gokuhi"),
        Level("jp", "tokutei-himitsu"),
    )


def test_the_direct_way_comes_first_while_it_is_open():
    world = gsomia()
    found = routes(request(world, when="2019-11-22T23:59:59"), world)
    assert len(found[0].hops) == 1
    assert found[0].permitted


def test_no_item_leaves_by_a_route_whose_hops_would_be_denied(ended):
    for name in ended.items:
        for sender, recipient in (("kr", "jp"), ("jp", "kr"), ("kr", "us"), ("us", "jp")):
            ask = request(ended, name, sender=sender, recipient=recipient)
            for route in routes(ask, ended):
                assert alone(route, ask, ended) is route.permitted
                assert route.permitted is not bool(route.consents)


def after(w, ask, hops):
    """Return the world in which an item has gone these hops, each of them on record."""
    gone = []
    for sender, recipient, name in hops:
        operation = Operation(do=Op.RELEASE, item=ask.item.id, to=recipient)
        span = Span.at(ask.at)
        gone.append(
            Instrument(
                id=f"gone {sender} {recipient}",
                accord=name,
                by=(sender,),
                form="written",
                times={(Stage.DATED, ""): span, (Stage.RECEIVED, ""): span},
                operations=(operation,),
                supposed="a test",
            )
        )
    return w.supposing(gone) if gone else w


def alone(route, ask, w):
    """Say whether each hop is permitted when it is asked by itself, the earlier ones done."""
    hops = [(hop.sender, hop.recipient, hop.accord) for hop in route.hops]
    return all(
        isinstance(
            decide(
                replace(
                    ask,
                    sender=hop.sender,
                    recipient=hop.recipient,
                    under=hop.accord,
                    held_as=level,
                ),
                after(w, ask, hops[:place]),
            ),
            Permit,
        )
        for place, hop in enumerate(route.hops)
        for level in hop.held or (ask.held_as,)
    )


def test_before_there_was_an_accord_there_is_no_way(ended):
    assert routes(request(ended, when="1985-01-01T00:00:00"), ended) == ()


def test_the_scope_shrinks_from_hop_to_hop_and_never_grows(ended):
    ask = request(ended)
    for route in routes(ask, ended):
        first, second = reach(route, ask, ended)
        assert second.categories <= first.categories
        assert second.kinds <= first.kinds
        assert second.purposes <= first.purposes
        narrow = TISA in [hop.accord for hop in route.hops]
        missiles = {"nk-missile", "nk-nuclear"}
        assert second.categories == (missiles if narrow else ended.categories)
        assert second.purposes == {"early-warning"}  # another takes another consent
        assert first.purposes == ended.purposes


def test_why_names_what_closes_the_direct_way_under_each_accord(ended):
    found = {
        (o.sender, o.recipient, o.accord): o.failing.reason
        for o in obstacles(request(ended), ended)
    }
    assert found == {
        ("kr", "jp", GSOMIA): Reason.ENDED,
        ("kr", "jp", TISA): Reason.DIRECTION_NOT_COVERED,
    }


def test_why_names_the_hop_behind_one_that_is_open(ended):
    found = obstacles(request(ended, "submarine-track-1"), ended)
    assert ("us", "jp", TISA) in {(o.sender, o.recipient, o.accord) for o in found}
    assert ("kr", "us", TISA) in {(o.sender, o.recipient, o.accord) for o in found}


# -- small worlds --------------------------------------------------------------------------

NAMES = ("a", "b", "c", "d", "e")
RULES = (
    SIGNED
    + """
[scope]
cites = "1"
categories = ["any"]
kinds = ["any"]
directions = ["any"]

[purpose]
cites = "1"
allowed = ["any"]

[third_party]
cites = "1"
consent = "CONSENT"
"""
)


def level_rows(*pairs):
    return "".join(
        f'\n[[equivalence]]\ncites = "1"\nfrom = "{x}:LOW"\nto = ["{y}:LOW"]\n'
        for x, y in pairs
    )


def between(x, y, *, name=None, consent="not needed", front="", both=True):
    pairs = ((x, y), (y, x)) if both else ((x, y),)
    return accord(
        RULES.replace("CONSENT", consent) + level_rows(*pairs),
        name=name or f"{x}{y}",
        parties=(x, y),
        front=front,
    )


def net(*accords, acts=(), **more):
    base = world().policies["a"]
    signings = [
        act(f"signed {a.id}", a.parties, "2020-01-01", Op.SIGN, of=a.id) for a in accords
    ]
    values = {
        "parties": {n: Party(id=n, name=n.upper(), seat=n, zone=UTC_ZONE) for n in NAMES},
        "policies": {n: replace(base, id=n) for n in NAMES},
        **more,
    }
    return world(accords, [*signings, *acts], **values)


def ask(sender="a", recipient="c", **change):
    x = item(release_to=NAMES, **change)
    return Request(item=x, sender=sender, recipient=recipient, at=at("2020-02-01"))


def ways(found):
    return [
        "".join([found_.hops[0].sender, *(h.recipient for h in found_.hops)])
        for found_ in found
    ]


def test_no_party_is_passed_twice_and_the_circle_closes_no_way():
    w = net(between("a", "b"), between("b", "c"), between("c", "a"), between("b", "d"))
    assert ways(routes(ask(), w)) == ["ac", "abc"]
    assert ways(routes(ask(recipient="d"), w)) == ["abd", "acbd"]
    assert routes(ask(recipient="a"), w) == ()


def test_what_the_first_hop_gives_is_bound_on_the_second_as_if_it_were_on_record():
    asks = ask()
    never = net(between("a", "b", consent="never"), between("b", "c"))
    assert routes(asks, never) == ()
    assert [o.failing.reason for o in obstacles(asks, never) if o.sender == "b"] == [
        Reason.ONWARD_NOT_ADMITTED
    ]
    each = net(between("a", "b", consent="each originator"), between("b", "c"))
    (found,) = routes(asks, each)
    assert not found.permitted
    assert [(one.of, one.accord) for one in found.consents] == [("a", "ab")]
    both = net(*(between(*p, consent="each originator") for p in ("ab", "bc")))
    (found,) = routes(asks, both)
    assert [(one.of, one.accord) for one in found.consents] == [("a", "bc")]


def test_hops_are_limited():
    chain = [between(x, y) for x, y in zip("abcd", "bcde", strict=True)]
    w = net(*chain)
    assert ways(routes(ask(recipient="d"), w)) == ["abcd"]
    assert routes(ask(recipient="e"), w) == ()
    assert ways(routes(ask(recipient="e"), w, hops=4)) == ["abcde"]
    assert routes(ask(recipient="b"), w, hops=0) == ()
    assert HOPS_MAX == 3


def test_fewest_missing_consents_come_before_fewest_hops():
    w = net(
        between("a", "b"),
        between("b", "c", consent="each originator"),
        between("b", "d"),
        between("d", "c"),
    )
    found = routes(ask(), w)
    assert ways(found) == ["abdc", "abc"]
    assert [route.permitted for route in found] == [True, False]


def test_an_item_comes_home_on_the_way_to_others():
    theirs = ask(sender="b", recipient="c", originators=("a",))
    theirs = replace(theirs, held_as=Level("b", "LOW"))
    w = net(between("a", "b"), between("a", "c"))
    assert ways(routes(theirs, w)) == ["bac"]
    home = replace(theirs, recipient="a")
    assert routes(home, w)[0].permitted


def test_a_one_way_table_lets_nothing_come_back():
    w = net(between("a", "b", both=False), between("b", "c", both=False))
    assert ways(routes(ask(), w)) == ["abc"]
    back = replace(ask(sender="c", recipient="a", level="c:LOW", originators=("c",)))
    assert routes(back, w) == ()


@pytest.mark.parametrize("both", [False, True])
def test_what_is_held_at_one_of_two_levels_goes_on_only_if_it_could_at_either(both):
    open_choice = RULES.replace("CONSENT", "not needed")
    first = accord(
        open_choice
        + '\n[[equivalence]]\ncites = "1"\nfrom = "a:LOW"\nto = ["b:LOW", "b:HIGH"]\n'
        + 'choose = "recipient"\n',
        name="ab",
    )
    pairs = '\n[[equivalence]]\ncites = "1"\nfrom = "b:HIGH"\nto = ["c:HIGH"]\n'
    rules = RULES.replace("CONSENT", "not needed") + level_rows(("b", "c"))
    second = accord(rules + (pairs if both else ""), name="bc", parties=("b", "c"))
    w = net(first, second)
    assert ways(routes(ask(), w)) == (["abc"] if both else [])


def test_the_originators_list_binds_on_every_hop():
    w = net(between("a", "b"), between("b", "c"))
    x = item(release_to=("c",))
    shut = replace(ask(), item=x)
    assert routes(shut, w) == ()
    told = obstacles(shut, w)
    assert (("a", "b"), Reason.ORIGINATOR_FORBIDS) in [
        ((o.sender, o.recipient), o.failing.reason) for o in told
    ]


def test_a_hold_on_one_hop_closes_the_ways_over_it():
    stop = Hold(
        id="h",
        by="b",
        towards=("c",),
        accords=("any",),
        categories=("any",),
        ground="a court",
        since=at("2020-01-15"),
    )
    w = net(between("a", "b"), between("b", "c"), holds=(stop,))
    assert routes(ask(), w) == ()
    reasons = {(o.sender, o.recipient): o.failing.reason for o in obstacles(ask(), w)}
    assert reasons[("b", "c")] is Reason.HELD


def test_no_accord_between_the_two_is_said_of_the_direct_way_alone():
    w = net(between("a", "b"), between("b", "c", consent="never"))
    told = [(o.sender, o.recipient, o.failing.reason) for o in obstacles(ask(), w)]
    assert told == [
        ("a", "c", Reason.NO_ACCORD),
        ("b", "c", Reason.ONWARD_NOT_ADMITTED),
    ]


def test_an_obstacle_on_a_way_that_leads_nowhere_is_none():
    shut = Hold(
        id="h",
        by="a",
        towards=("b",),
        accords=("ab",),
        categories=("k",),
        ground="x",
        since=at("2020-01-01"),
    )
    for more, told in (
        ((), [("a", "c")]),
        ((between("b", "c"),), [("a", "c"), ("a", "b")]),
    ):
        w = net(between("a", "b"), between("d", "c"), *more, holds=(shut,))
        assert [(o.sender, o.recipient) for o in obstacles(ask(), w)] == told


def test_why_does_not_betray_an_accord_whose_existence_is_classified():
    open_ = between("a", "b", consent="never")
    hidden = between("b", "c", consent="never", front='existence = "classified"\n')
    w = net(open_, hidden)
    without = net(open_)
    assert obstacles(ask(), w) == obstacles(ask(), without)
    assert routes(ask(), w) == ()
    shut = replace(ask(), item=item(release_to=("c",)))
    assert obstacles(shut, w) == obstacles(shut, without)


# -- properties ----------------------------------------------------------------------------

PAIRS = [(x, y) for x in NAMES for y in NAMES if x < y]
EDGES = st.lists(
    st.tuples(
        st.sampled_from(PAIRS),
        st.sampled_from(["not needed", "each originator", "never"]),
        st.booleans(),
    ),
    max_size=7,
    unique_by=lambda edge: (edge[0], edge[1]),
)


def drawn(edges):
    return [
        between(
            *pair, name=f"n{''.join(pair)}-{consent.split()[0]}", consent=consent, both=both
        )
        for pair, consent, both in edges
    ]


def shape(found):
    return {
        tuple((h.sender, h.recipient, h.accord) for h in r.hops): (r.permitted, r.consents)
        for r in found
    }


GIVEN = [
    act(
        f"yes {holder}{to}{name}",
        "a",
        "2020-01-02",
        Operation(do=Op.CONSENT, holder=holder, to=to, item="x", purposes=("p",)),
        of=name,
    )
    for holder, to, name in [
        ("b", "c", "nbc-each"),
        ("d", "e", "nde-each"),
        ("b", "d", "nbd-each"),
    ]
]


@given(EDGES, st.sampled_from(NAMES[1:]))
def test_each_hop_of_a_permitted_route_is_permitted_alone(edges, goal):
    accords = drawn(edges)
    names = {a.id for a in accords}
    w = net(*accords, acts=[g for g in GIVEN if g.accord in names])
    found = routes(ask(recipient=goal), w)
    for route in found:
        assert alone(route, ask(recipient=goal), w) is route.permitted
        assert route.permitted is not bool(route.consents)
        passed = [route.hops[0].sender, *(h.recipient for h in route.hops)]
        assert len(set(passed)) == len(passed) <= HOPS_MAX + 1
    ranks = [(len(r.consents), len(r.hops)) for r in found]
    assert ranks == sorted(ranks)


@given(EDGES, st.sampled_from(NAMES[1:]), st.randoms(use_true_random=False))
def test_the_order_of_accords_does_not_matter_for_what_is_found(edges, goal, random):
    accords = drawn(edges)
    other = list(accords)
    random.shuffle(other)
    one, two = net(*accords), net(*other)
    assert shape(routes(ask(recipient=goal), one)) == shape(
        routes(ask(recipient=goal), two)
    )
    closed = (obstacles(ask(recipient=goal), w) for w in (one, two))
    assert len({frozenset(c) for c in closed}) == 1


@given(EDGES, st.sampled_from(NAMES[1:]))
def test_one_accord_more_never_takes_a_way_away(edges, goal):
    accords = drawn(edges)
    whole = shape(routes(ask(recipient=goal), net(*accords)))
    for left_out in accords:
        fewer = net(*(a for a in accords if a is not left_out))
        assert shape(routes(ask(recipient=goal), fewer)).items() <= whole.items()


@given(EDGES, st.sampled_from(NAMES[1:]))
def test_every_way_that_a_plain_search_finds_is_found_and_no_other(edges, goal):
    accords = drawn(edges)
    w = net(*accords)
    request_ = ask(recipient=goal)

    def plain(so_far, held):
        holder = so_far[-1][1] if so_far else "a"
        if holder == goal:
            yield tuple(so_far)
            return
        if len(so_far) == HOPS_MAX:
            return
        passed = {"a", *(to for _, to, _ in so_far)}
        for one in accords:
            for to in one.parties:
                if holder not in one.parties or to in passed:
                    continue
                step = replace(
                    request_, sender=holder, recipient=to, under=one.id, held_as=held
                )
                answer = decide(step, after(w, request_, so_far))
                if isinstance(answer, Permit) or answer.consent_missing:
                    own = Level(to, "LOW")
                    yield from plain([*so_far, (holder, to, one.id)], own)

    assert set(shape(routes(request_, w))) == set(plain([], None))
