from comity.accords import Clock, Op, Operation
from comity.accords.state import Outcome
from make import SIGNED, accord, act, at

COMMITTEE = """
[term]
cites = "1"
indefinite = true

[[suspension]]
cites = "1"
who = "committee"
part = true

[[exit]]
cites = "1"
who = "committee"
takes_effect = "at once"
ends = "part"

[[actor]]
cites = "1"
id = "committee"
is = "the coordinating committee"
may = ["suspend", "resume", "give_notice"]
"""
ABC = ("a", "b", "c")
SIGNATURES = act("s", ABC, "2020-01-01", Op.SIGN)


def community(*acts, rules=COMMITTEE):
    return Clock(accord(SIGNED + rules, parties=ABC), [SIGNATURES, *acts])


def suspends(party, name="x", when="2020-02-01", do=Op.SUSPEND):
    return act(name, "committee", when, Operation(do=do, party=party))


def pairs(clock, when):
    found = clock.standing(at(when)).pairs
    return {"".join(pair): str(status) for pair, status in found.items()}


def test_a_committee_suspends_one_partys_part_and_lets_it_go_on():
    clock = community(suspends("c"), suspends("c", "y", "2020-03-01", Op.RESUME))
    held = {"ab": "in_force", "ac": "suspended", "bc": "suspended"}
    assert pairs(clock, "2020-01-31T23:59:59") == dict.fromkeys(held, "in_force")
    assert pairs(clock, "2020-02-01") == held
    assert pairs(clock, "2020-03-01") == dict.fromkeys(held, "in_force")
    other = community(suspends("c"), suspends("b", "y", "2020-03-01", Op.RESUME))
    assert pairs(other, "2020-03-01") == held


def test_where_no_part_is_named_an_actor_suspends_everything_or_nothing():
    clock = community(suspends(None))
    assert set(pairs(clock, "2020-02-01").values()) == {"in_force"}
    assert "wants the party named" in clock.standing(at("2020-02-01")).effects[-1].lacks
    whole = COMMITTEE.replace("part = true", "part = false")
    clock = community(suspends(None), rules=whole)
    assert set(pairs(clock, "2020-02-01").values()) == {"suspended"}
    clock = community(suspends("c"), rules=whole)
    assert set(pairs(clock, "2020-02-01").values()) == {"in_force"}


def test_a_committee_ends_one_partys_part_and_the_others_go_on():
    ends = Operation(do=Op.GIVE_NOTICE, notice="n1", party="c")
    clock = community(act("x", "committee", "2020-02-01", ends))
    assert pairs(clock, "2020-02-01") == {"ab": "in_force", "ac": "ended", "bc": "ended"}
    assert clock.standing(at("2020-02-01")).status == "in_force"


def test_nobody_ends_or_suspends_a_part_that_is_not_there_or_anothers_as_a_party():
    for deed in (
        act(
            "x",
            "committee",
            "2020-02-01",
            Operation(do=Op.GIVE_NOTICE, notice="n", party="z"),
        ),
        act("x", "committee", "2020-02-01", Operation(do=Op.SUSPEND, party="z")),
        act("x", "a", "2020-02-01", Operation(do=Op.SUSPEND, party="c")),
        act("x", "a", "2020-02-01", Operation(do=Op.GIVE_NOTICE, notice="n", party="c")),
    ):
        effect = community(deed).standing(at("2020-02-01")).effects[-1]
        assert effect.outcome is Outcome.WITHOUT_EFFECT
        assert effect.lacks


STOPPABLE = '\n[[suspension]]\ncites = "1"\nform = "written"\n'


def test_one_side_alone_suspends_in_the_form_that_the_text_asks_for_or_not_at_all():
    signatures = act("s", ("a", "b"), "2020-01-01", Op.SIGN)
    for form, status in (("written", "suspended"), ("oral", "in_force")):
        stop = act("x", "a", "2020-02-01", Op.SUSPEND, form=form)
        clock = Clock(accord(SIGNED + STOPPABLE), [signatures, stop])
        assert pairs(clock, "2020-02-01") == {"ab": status}
    lacks = clock.standing(at("2020-02-01")).effects[-1].lacks
    assert lacks.startswith("1 ")
    assert "written" in lacks
