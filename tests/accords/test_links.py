import pytest

from comity.accords import Clock, Op, Operation, Status
from comity.accords import clauses as c
from comity.errors import Unreadable
from make import AFTER, SIGNED, accord, act, at, notice, signed

PROVISIONAL = (
    '[provisional]\ncites = "1"\nwhen = { from = ["declare_provisional:dated"] }\n'
)
NOTIFIED = SIGNED.replace("sign:dated", "notify_completion:dated")
LATER = '[[supersedes]]\ncites = "1"\naccord = "old"\n'
THREE = ("a", "b", "c")


def tie(how="start and end", who=""):
    return f'\n[[tied]]\ncites = "1"\nto = "main"\nhow = "{how}"\n{who}'


def pause(day, until=None):
    both = Operation(do=Op.SUSPEND, until=until)
    return act("pause", ("a", "b"), day, both, of="main")


def tied(*acts, how="start and end", mine=(), main_rules=SIGNED + AFTER):
    main = Clock(accord(main_rules, name="main"), acts)
    text = accord(SIGNED + AFTER + tie(how), name="t")
    return Clock(text, [signed(), *mine], others={"main": main})


def main_signed(when="2020-06-01T00:00:00"):
    return act("main signed", ("a", "b"), when, Op.SIGN, of="main")


def is_at(clock, *whens):
    found = []
    for when in whens:
        standing = clock.standing(at(when))
        brief = clock.between(at(when), ("a", "b"), party="a")
        assert standing.status is standing.pairs["a", "b"] is brief.status
        assert (standing.since, standing.before) == (brief.since, brief.before)
        found.append(str(standing.status))
    return found


def test_what_is_tied_does_not_stand_before_the_other_does():
    clock = tied(main_signed())
    assert is_at(clock, "2020-05-31T23:59:59", "2020-06-01") == ["signed", "in_force"]
    assert clock.standing(at("2020-07-01")).since == at("2020-06-01")


def test_what_is_tied_ends_with_the_other_to_the_second_and_says_so_beforehand():
    clock = tied(main_signed("2020-01-01T00:00:00"), notice("2020-03-01", of="main"))
    assert is_at(clock, "2020-08-31T23:59:59", "2020-09-01") == ["in_force", "ended"]
    assert clock.standing(at("2020-03-01")).before == at("2020-09-01")
    assert clock.standing(at("2020-02-28")).before is None
    ended = clock.standing(at("2020-12-01"))
    assert ended.since == at("2020-09-01")
    assert ended.because == ("1 ties it to `main`, which is ended",)


def test_a_tie_brings_nothing_into_force():
    main = Clock(accord(SIGNED + AFTER, name="main"), [main_signed("2020-01-01T00:00:00")])
    clock = Clock(accord(SIGNED + AFTER + tie()), [], others={"main": main})
    assert is_at(clock, "2020-02-01") == ["not_yet"]


@pytest.mark.parametrize(
    ("how", "expected"), [("start and end", "in_force"), ("while it stands", "suspended")]
)
def test_a_suspension_of_the_other_suspends_only_what_stands_while_it_stands(how, expected):
    acts = (main_signed("2020-01-01T00:00:00"), pause("2020-03-01", until="2020-03-31"))
    clock = tied(*acts, how=how)
    assert is_at(clock, "2020-02-29", "2020-03-01", "2020-04-01") == [
        "in_force",
        expected,
        "in_force",
    ]


def test_what_is_tied_to_a_provisional_accord_is_at_most_provisional():
    declared = act("d", ("a", "b"), "2020-01-01", Op.DECLARE_PROVISIONAL, of="main")
    ready = act("n", ("a", "b"), "2020-06-01", Op.NOTIFY_COMPLETION, of="main")
    clock = tied(declared, ready, main_rules=NOTIFIED + PROVISIONAL + AFTER)
    assert is_at(clock, "2020-05-31", "2020-06-01") == ["provisional", "in_force"]


def test_doubt_about_the_other_is_doubt_here_and_ends_with_it():
    clock = tied(main_signed("2020-06-01T00:00:00Z/2020-06-03T00:00:00Z"))
    assert is_at(clock, "2020-05-31", "2020-06-02", "2020-06-03") == [
        "signed",
        "unsettled",
        "in_force",
    ]
    assert clock.standing(at("2020-06-02")).before == at("2020-06-02T23:59:59")


def test_what_is_tied_to_an_accord_that_is_not_here_is_unsettled():
    clock = Clock(accord(SIGNED + AFTER + tie()), [signed()])
    assert is_at(clock, "2020-02-01") == ["unsettled"]
    assert clock.standing(at("2020-02-01")).because == (
        "1 ties it to `main`, which is not here",
    )


def test_a_tie_of_sending_leaves_the_standing_alone():
    text = accord(SIGNED + AFTER + tie("sending", 'who = ["a"]\n'))
    assert is_at(Clock(text, [signed()]), "2020-02-01") == ["in_force"]


def test_later_acts_of_the_other_do_nothing_yet():
    clock = tied(main_signed("2020-01-01T00:00:00"), notice("2020-03-01", of="main"))
    before = tied(main_signed("2020-01-01T00:00:00")).standing(at("2020-02-29"))
    assert clock.standing(at("2020-02-29")) == before


def old_and_new(*acts, new_rules=SIGNED + AFTER, parties=THREE):
    first = act("old signed", parties, "2000-01-01", Op.SIGN, of="old")
    new = Clock(accord(new_rules + LATER, name="new", parties=parties), acts)
    old = accord(SIGNED + AFTER, name="old", parties=parties)
    rule = new.accord.all(c.Supersedes)[0]
    return Clock(old, [first], later=[(rule, new)])


TWO_DEPOSITS = """
[entry]
cites = "1"
when = { from = ["deposit:received"], of = "second" }

[joining]
cites = "1"
when = { from = ["deposit:received"] }
"""


def deposit(party, day):
    return act(f"deposit {party}", party, day, Op.DEPOSIT, of="new")


def test_a_later_accord_takes_the_place_between_those_for_whom_it_is_in_force_and_no_others():
    clock = old_and_new(
        deposit("a", "2020-01-01"),
        deposit("b", "2020-02-01"),
        deposit("c", "2020-03-01"),
        new_rules=TWO_DEPOSITS + AFTER,
    )
    two = ("a", "b"), ("a", "c"), ("b", "c")

    def pairs(when):
        standing = clock.standing(at(when))
        return [str(standing.pairs[pair]) for pair in two], str(standing.status)

    assert pairs("2020-01-31T23:59:59") == (["in_force"] * 3, "in_force")
    assert pairs("2020-02-01") == (["ended", "in_force", "in_force"], "in_force")
    assert pairs("2020-03-01") == (["ended"] * 3, "ended")
    assert clock.standing(at("2020-02-01")).parties["a"] is Status.IN_FORCE
    assert clock.between(at("2020-05-01"), ("a", "c"), party="c").since == at("2020-03-01")
    assert clock.standing(at("2020-02-01")).because == (
        "`new` has taken its place between a and b (1 there)",
    )


def test_what_was_superseded_does_not_come_back_when_the_later_accord_ends():
    clock = old_and_new(
        act("s", ("a", "b"), "2020-01-01", Op.SIGN, of="new"),
        notice("2020-03-01", of="new"),
        parties=("a", "b"),
    )
    assert is_at(clock, "2019-12-31", "2020-01-01", "2021-01-01") == [
        "in_force",
        "ended",
        "ended",
    ]


def test_a_later_accord_applied_provisionally_supersedes_nothing_yet():
    clock = old_and_new(
        act("d", ("a", "b"), "2020-01-01", Op.DECLARE_PROVISIONAL, of="new"),
        act("n", ("a", "b"), "2020-06-01", Op.NOTIFY_COMPLETION, of="new"),
        new_rules=NOTIFIED + PROVISIONAL + AFTER,
        parties=("a", "b"),
    )
    assert is_at(clock, "2020-05-31T23:59:59", "2020-06-01") == ["in_force", "ended"]


def test_while_it_is_in_doubt_whether_the_later_accord_is_in_force_the_earlier_is_unsettled():
    clock = old_and_new(
        act(
            "s", ("a", "b"), "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z", Op.SIGN, of="new"
        ),
        parties=("a", "b"),
    )
    assert is_at(clock, "2019-12-31", "2020-01-01T12:00:00", "2020-01-02") == [
        "in_force",
        "unsettled",
        "ended",
    ]


def test_the_clock_alone_brings_a_supersession_and_it_is_announced():
    in_a_month = SIGNED.replace('"every party" }', '"every party", then = ["P1M"] }')
    clock = old_and_new(
        act("s", ("a", "b"), "2020-01-01", Op.SIGN, of="new"),
        new_rules=in_a_month + AFTER,
        parties=("a", "b"),
    )
    assert clock.standing(at("2020-01-10")).before == at("2020-02-01")
    assert is_at(clock, "2020-01-31T23:59:59", "2020-02-01") == ["in_force", "ended"]


@pytest.mark.parametrize("who", ["", 'who = ["a"]\n'])
def test_who_may_send_goes_with_a_tie_of_sending_and_no_other(who):
    how = "start and end" if who else "sending"
    with pytest.raises(Unreadable) as caught:
        _ = accord(SIGNED + tie(how, who))
    assert [f.code for f in caught.value.findings] == ["bad-tie"]
