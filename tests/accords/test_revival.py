import pytest

from comity.accords import Clock, Op, Operation, Status
from comity.accords.state import Outcome
from comity.accords.ways import ways
from make import SIGNED, accord, act, at, notice

STATUTE = """
[term]
cites = "1"
until = "2020-09-30"

[[actor]]
cites = "1"
id = "congress"
is = "the legislature"
may = ["enact"]
"""


def enacted(name, when, until=None, by="congress"):
    return act(name, by, when, Operation(do=Op.ENACT, until=until))


def statute(*acts):
    return Clock(accord(STATUTE, law="statute"), acts)


def is_at(clock, *whens):
    return [str(clock.standing(at(when)).status) for when in whens]


ACT = enacted("act", "2015-12-18")
AGAIN = enacted("again", "2020-11-12", until="2021-01-30")


def test_a_statute_is_in_force_by_the_legislatures_act_and_no_consent():
    assert is_at(statute(ACT), "2015-12-17T23:59:59", "2015-12-18") == [
        "not_yet",
        "in_force",
    ]
    assert is_at(statute(), "2018-01-01") == ["not_yet"]


def test_its_sunset_ends_it_to_the_second_and_a_new_act_brings_it_back_with_the_gap_a_gap():
    clock = statute(ACT, AGAIN)
    assert is_at(clock, "2020-09-30T23:59:59", "2020-10-01", "2020-11-11T23:59:59") == [
        "in_force",
        "ended",
        "ended",
    ]
    assert is_at(clock, "2020-11-12", "2021-01-30T23:59:59", "2021-01-31") == [
        "in_force",
        "in_force",
        "ended",
    ]
    assert clock.standing(at("2020-12-01")).since == at("2020-11-12")
    assert clock.standing(at("2020-12-01")).before == at("2021-01-31")


def test_an_act_before_the_sunset_prolongs_it_without_a_gap():
    clock = statute(ACT, enacted("longer", "2020-09-01", until="2021-01-30"))
    assert is_at(clock, "2020-10-01", "2021-01-30T23:59:59", "2021-01-31") == [
        "in_force",
        "in_force",
        "ended",
    ]
    assert clock.standing(at("2020-10-01")).since == at("2015-12-18")


@pytest.mark.parametrize(
    ("deed", "lacks"),
    [
        (enacted("x", "2020-11-12", "2021-01-30", by="a"), "only an actor"),
        (enacted("x", "2020-11-12", "2020-11-11"), "is past"),
        (enacted("x", "2020-11-12"), "the end that the text has is past"),
        (enacted("x", "2020-11-12", "2021-01-30", by="senate"), "neither a party"),
    ],
)
def test_what_does_not_bring_it_back_says_why(deed, lacks):
    standing = statute(ACT, deed).standing(at("2020-12-01"))
    assert standing.status is Status.ENDED
    effect = standing.effects[-1]
    assert effect.outcome is Outcome.WITHOUT_EFFECT
    assert lacks in effect.lacks


def test_on_a_day_known_only_as_a_day_it_is_unsettled():
    clock = statute(
        ACT, enacted("x", "2020-11-12T00:00Z/2020-11-13T00:00Z", until="2021-01-30")
    )
    assert is_at(clock, "2020-11-11", "2020-11-12T12:00:00", "2020-11-13") == [
        "ended",
        "unsettled",
        "in_force",
    ]


def test_the_ways_name_the_legislature_and_nobody_else_once_it_has_lapsed():
    found = ways(statute(ACT), at("2020-10-05"))
    assert [(way.op, way.by) for way in found.ways] == [(Op.ENACT, ("congress",))]


CLUB = """
[joining]
cites = "1"
when = { from = ["deposit:received"], then = ["P30D"], count = "nth day after" }

[term]
cites = "1"
indefinite = true

[[exit]]
cites = "1"
takes_effect = "at once"
ends = "part"
"""


def club(*acts, rules=SIGNED + CLUB):
    three = act("s", ("a", "b", "c"), "2020-01-01", Op.SIGN)
    return Clock(accord(rules, parties=("a", "b", "c")), [three, *acts])


def back(when="2020-06-01"):
    return act("back", "c", when, Op.DEPOSIT)


def between(clock, *whens):
    return [str(clock.standing(at(w), pair=("a", "c")).status) for w in whens]


def test_a_party_that_left_joins_again_from_its_new_date_and_the_gap_stays_a_gap():
    clock = club(notice("2020-03-01", by="c"), back())
    assert between(
        clock, "2020-02-29", "2020-03-01", "2020-06-30T23:59:59", "2020-07-01"
    ) == [
        "in_force",
        "ended",
        "not_yet",
        "in_force",
    ]
    assert between(club(notice("2020-03-01", by="c")), "2030-01-01") == ["ended"]


def test_nobody_comes_back_to_what_has_ended_for_all_or_takes_nobody_in():
    everybody = act("end", ("a", "b", "c"), "2020-04-01", Op.TERMINATE)
    clock = club(notice("2020-03-01", by="c"), everybody, back())
    assert between(clock, "2020-09-01") == ["ended"]
    assert (
        clock.standing(at("2020-09-01")).effects[-1].lacks
        == "what has ended takes nobody in"
    )
    closed = club(
        notice("2020-03-01", by="c"), back(), rules=SIGNED + CLUB[CLUB.index("[term]") :]
    )
    assert between(closed, "2020-09-01") == ["ended"]
    assert "nothing of joining" in closed.standing(at("2020-09-01")).effects[-1].lacks


def test_what_it_did_before_it_left_does_not_count_again():
    clock = club(notice("2020-03-01", by="c"), act("n", "c", "2020-06-01", Op.DELIVER))
    assert between(clock, "2020-09-01") == ["ended"]
    first = act("early", "c", "2020-01-15", Op.DEPOSIT)
    clock = club(first, notice("2020-03-01", by="c"), back("2020-06-01"))
    assert between(clock, "2020-06-02", "2020-07-01") == ["not_yet", "in_force"]


TERMED = """
[term]
cites = "1"
initial = { for = "P5Y", count = "anniversary" }

[[exit]]
cites = "1"
length = { for = "P6M", count = "anniversary" }
takes_effect = "after the length"

[[actor]]
cites = "1"
id = "congress"
is = "the legislature"
may = ["enact"]
"""


def test_a_term_is_counted_from_the_first_enactment_and_anew_from_a_revival():
    first = enacted("act", "2015-01-01")
    clock = Clock(accord(TERMED, law="statute"), [first, enacted("more", "2017-01-01")])
    assert clock.standing(at("2018-01-01")).before == at("2020-01-01")
    clock = Clock(accord(TERMED, law="statute"), [first, enacted("again", "2021-01-01")])
    assert clock.standing(at("2020-06-01")).status is Status.ENDED
    assert clock.standing(at("2022-01-01")).before == at("2026-01-01")


def test_a_notice_of_before_the_gap_ends_nothing_after_it():
    acts = [
        enacted("act", "2015-01-01"),
        notice("2019-10-01", by="a"),
        enacted("again", "2021-01-01"),
    ]
    clock = Clock(accord(TERMED, law="statute"), acts)
    assert clock.standing(at("2020-01-01")).status is Status.ENDED
    found = clock.standing(at("2021-06-01"))
    assert (found.status, found.before) == (Status.IN_FORCE, at("2026-01-01"))
    assert [n.state for n in found.notices] == ["revoked"]


COMMUNITY = (
    SIGNED
    + """
[joining]
cites = "1"
when = { from = ["sign:dated"] }
admitted_by = "committee"

[term]
cites = "1"
indefinite = true

[[actor]]
cites = "1"
id = "committee"
is = "x"
may = ["sign", "give_notice"]

[[exit]]
cites = "1"
who = "committee"
takes_effect = "at once"
ends = "part"
"""
)
FREE = COMMUNITY.replace('admitted_by = "committee"\n', "")
PUT_OUT = act(
    "put-out",
    "committee",
    "2021-01-01",
    Operation(do=Op.GIVE_NOTICE, notice="o", party="b"),
)


def community(*acts, rules=COMMUNITY):
    text = accord(rules, law="contract", parties=("a", "b", "d"), front="open = true\n")
    first = act("first", ("a", "b", "d"), "2020-01-01", Op.SIGN)
    return Clock(text, (first, *acts))


def of(clock, party, when):
    return str(clock.standing(at(when)).parties.get(party, "none"))


def test_nobody_joins_without_the_actor_that_the_text_names():
    alone = community(act("join", "c", "2020-02-01", Op.SIGN))
    both = community(act("join", ("c", "committee"), "2020-02-01", Op.SIGN))
    assert of(alone, "c", "2020-03-01") == "none"
    assert "`committee`" in alone.standing(at("2020-03-01")).effects[-1].lacks
    assert of(both, "c", "2020-03-01") == "in_force"


def test_the_actor_that_joins_in_becomes_no_party():
    both = community(act("join", ("c", "committee"), "2020-02-01", Op.SIGN))
    assert of(both, "committee", "2020-03-01") == "none"
    alone = community(act("odd", "committee", "2020-02-01", Op.SIGN))
    assert of(alone, "committee", "2020-03-01") == "none"


@pytest.mark.parametrize("rules", [COMMUNITY, FREE], ids=["admitted", "free"])
def test_one_that_was_put_out_never_comes_back_by_its_own_act_alone(rules):
    alone = act("again", "b", "2021-06-01", Op.SIGN)
    both = act("again", ("b", "committee"), "2021-06-01", Op.SIGN)
    assert of(community(PUT_OUT, alone, rules=rules), "b", "2021-07-01") == "ended"
    assert of(community(PUT_OUT, both, rules=rules), "b", "2021-05-31") == "ended"
    assert of(community(PUT_OUT, both, rules=rules), "b", "2021-07-01") == "in_force"
    effect = community(PUT_OUT, alone, rules=rules).standing(at("2021-07-01")).effects[-1]
    assert "put `b` out and has to join in" in effect.lacks


def test_where_the_text_names_nobody_a_newcomer_joins_alone():
    alone = community(act("join", "c", "2020-02-01", Op.SIGN), rules=FREE)
    assert of(alone, "c", "2020-03-01") == "in_force"


def test_an_actor_that_may_not_sign_lets_nobody_in():
    rules = COMMUNITY.replace('may = ["sign", "give_notice"]', 'may = ["give_notice"]')
    both = community(act("join", ("c", "committee"), "2020-02-01", Op.SIGN), rules=rules)
    assert of(both, "c", "2020-03-01") == "none"
