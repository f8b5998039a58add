from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import (
    Certainty,
    Clock,
    Op,
    Operation,
    Reading,
    Status,
    deadlines,
    ways,
)
from comity.accords import clauses as c
from comity.accords.links import LEAST
from comity.accords.table import RELEASING
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


def test_doubt_that_is_not_about_force_supersedes_nothing():
    day = "2019-05-01T00:00:00Z/2019-05-02T00:00:00Z"
    clock = old_and_new(
        act("s", ("a", "b"), day, Op.SIGN, of="new"),
        act("n", ("a", "b"), "2020-01-01", Op.NOTIFY_COMPLETION, of="new"),
        new_rules=NOTIFIED + AFTER,
        parties=("a", "b"),
    )
    assert is_at(clock, "2019-05-01T12:00:00", "2019-12-31", "2020-01-01") == [
        "in_force",
        "in_force",
        "ended",
    ]


def test_a_later_accord_that_is_itself_tied_supersedes_only_once_the_tie_lets_it():
    main = Clock(accord(SIGNED + AFTER, name="main"), [main_signed()])
    text = accord(SIGNED + AFTER + LATER + tie(), name="new")
    new = Clock(text, [signed(of="new")], others={"main": main})
    old = accord(SIGNED + AFTER, name="old")
    first = act("old signed", ("a", "b"), "2000-01-01", Op.SIGN, of="old")
    clock = Clock(old, [first], later=[(text.all(c.Supersedes)[0], new)])
    assert is_at(clock, "2020-05-31T23:59:59", "2020-06-01") == ["in_force", "ended"]
    unknown = Clock(
        old, [first], later=[(text.all(c.Supersedes)[0], Clock(text, new.instruments))]
    )
    assert is_at(unknown, "2020-06-01") == ["unsettled"]


def test_the_dates_ahead_and_the_ways_know_the_other_accord():
    clock = tied(main_signed("2020-01-01T00:00:00"), notice("2020-03-01", of="main"))
    (end,) = deadlines(clock, at("2020-03-02"), at("2021-01-01"))
    assert (end.before, end.kind, end.article) == (at("2020-09-01"), "ends", "1")
    assert "`main`, which is ended" in end.what
    found = ways(clock, at("2020-03-02"))
    assert (found.ends, found.following) == (at("2020-09-01"), (at("2020-09-01"), "ended"))
    assert found.because == ("1 ties it to `main`, which is ended",)
    gives = next(w for w in found.ways if w.op is Op.TERMINATE)
    assert gives.ends == at("2020-03-02")
    own = next(n for n in found.no_help if n.op is Op.GIVE_NOTICE and n.by == ("a",))
    assert "all the same" in own.why


def test_what_would_keep_it_by_its_own_words_does_not_where_the_other_ends_first():
    mine = notice("2020-02-01")
    clock = tied(
        main_signed("2020-01-01T00:00:00"), notice("2020-01-15", of="main"), mine=[mine]
    )
    found = ways(clock, at("2020-03-02"))
    assert found.ends == at("2020-07-15")
    assert not any(w.op is Op.REVOKE_NOTICE for w in found.ways)
    assert any(n.op is Op.REVOKE_NOTICE and "`main`" in n.why for n in found.no_help)
    alone = Clock(accord(SIGNED + AFTER), [signed(), mine])
    assert any(w.op is Op.REVOKE_NOTICE for w in ways(alone, at("2020-03-02")).ways)


def test_an_own_beginning_that_a_tie_keeps_from_counting_is_no_date_ahead():
    in_a_month = SIGNED.replace('"every party" }', '"every party", then = ["P1M"] }')
    main = Clock(accord(SIGNED + AFTER, name="main"), [])
    clock = Clock(accord(in_a_month + tie()), [signed()], others={"main": main})
    assert deadlines(clock, at("2020-01-02"), at("2021-01-01")) == ()
    alone = Clock(accord(in_a_month), [signed()])
    assert [d.kind for d in deadlines(alone, at("2020-01-02"), at("2021-01-01"))] == [
        "begins"
    ]


def test_a_standing_is_no_surer_and_no_less_disputed_than_what_it_hangs_on():
    recalled = replace(main_signed("2020-01-01T00:00:00"), recalled=True)
    assert tied(recalled).standing(at("2020-02-01")).certainty is Certainty.ASSUMED
    sure = tied(main_signed("2020-01-01T00:00:00"))
    assert sure.standing(at("2020-02-01")).certainty is Certainty.EXACT
    sleeping = [
        main_signed("2020-01-01T00:00:00"),
        notice("2020-03-01", of="main"),
        act(
            "z", "a", "2020-04-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1"), of="main"
        ),
    ]
    views = [
        Reading(
            party=p,
            accord="main",
            open_point="suspended-notice",
            reading=r,
            since=at("2020-04-01"),
        )
        for p, r in (("a", "dormant"), ("b", "revoked"))
    ]
    main = Clock(accord(SIGNED + AFTER, name="main"), sleeping, views)
    clock = Clock(accord(SIGNED + AFTER + tie()), [signed()], others={"main": main})
    found = clock.standing(at("2020-05-01"))
    assert found.disputed
    assert all(text.startswith("`main`: ") for text in found.disagreements)


def test_the_other_accord_is_asked_between_the_same_two_or_as_a_whole_where_they_are_not_its_own():
    leaves = AFTER + 'ends = "part"\n'
    everyone = act("m", THREE, "2020-01-01", Op.SIGN, of="main")
    gone = notice("2020-01-01", by="c", of="main")
    main = Clock(accord(SIGNED + leaves, name="main", parties=THREE), [everyone, gone])
    parties = ("a", "b", "c", "d")
    text = accord(SIGNED + AFTER + tie(), parties=parties)
    clock = Clock(text, [act("s", parties, "2020-01-01", Op.SIGN)], others={"main": main})
    found = clock.standing(at("2020-09-01")).pairs
    assert (found["a", "b"], found["a", "c"]) == ("in_force", "ended")
    assert found["a", "d"] == "in_force"  # d is no party to it: it stands as a whole


def vague(of):
    many = [
        act(f"x{n}", "a", "2020-01-01T00:00:00Z/2020-06-01T00:00:00Z", Op.SUSPEND, of=of)
        for n in range(11)
    ]
    return [signed(of=of), *many]


def test_an_accord_of_which_nobody_can_tell_leaves_unsettled_what_hangs_on_it():
    rules = SIGNED + AFTER + '[[suspension]]\ncites = "1"\n'
    main = Clock(accord(rules, name="main"), vague("main"))
    clock = Clock(accord(SIGNED + AFTER + tie()), [signed()], others={"main": main})
    assert is_at(clock, "2020-03-01") == ["unsettled"]
    new = Clock(accord(rules + LATER, name="new"), vague("new"))
    first = act("old signed", ("a", "b"), "2000-01-01", Op.SIGN, of="old")
    old = accord(SIGNED + AFTER, name="old")
    clock = Clock(old, [first], later=[(new.accord.all(c.Supersedes)[0], new)])
    assert is_at(clock, "2020-03-01") == ["unsettled"]


def test_what_each_party_sees_is_bounded_by_the_other_accord_too():
    clock = tied(main_signed("2020-01-01T00:00:00"), notice("2020-01-15", of="main"))
    seen = clock.standing(at("2020-03-02")).readings["a"]
    assert (seen.earliest_end, seen.earliest_end_by) == (at("2020-07-15"), ())
    assert clock.standing(at("2020-08-01")).readings["a"].status is Status.ENDED
    alone = Clock(accord(SIGNED + AFTER), [signed()]).standing(at("2020-03-02"))
    assert alone.readings["a"].earliest_end == at("2020-09-02")


HOW = st.sampled_from(["start and end", "while it stands"])
MAIN_ACTS = st.lists(
    st.sampled_from(
        [
            main_signed(),
            main_signed("2020-03-01T00:00:00Z/2020-03-04T00:00:00Z"),
            notice("2020-07-01", of="main"),
            pause("2020-08-01", until="2020-08-31"),
            act("over", ("a", "b"), "2021-02-01", Op.TERMINATE, of="main"),
        ]
    ),
    unique_by=lambda one: one.id,
)
DAYS = st.integers(0, 500).map(lambda n: at("2020-01-01") + n * 86_400 + 43_200)


@given(HOW, MAIN_ACTS, DAYS)
def test_a_tie_only_narrows(how, acts, when):
    free = Clock(accord(SIGNED + AFTER), [signed(), notice("2020-12-01")])
    clock = tied(*acts, how=how, mine=(notice("2020-12-01"),))
    bound, own = clock.standing(when), free.standing(when)
    assert LEAST.index(bound.status) <= LEAST.index(own.status)
    if bound.status not in RELEASING:
        assert own.status not in RELEASING or bound.because


@given(MAIN_ACTS, DAYS)
def test_a_later_accord_only_narrows_and_for_good(acts, when):
    text = accord(SIGNED + AFTER + LATER, name="main")
    main = Clock(text, acts)
    first = act("old signed", ("a", "b"), "2000-01-01", Op.SIGN, of="old")
    old = accord(SIGNED + AFTER, name="old")
    clock = Clock(old, [first], later=[(text.all(c.Supersedes)[0], main)])
    found = clock.standing(when)
    assert found.status in (Status.IN_FORCE, Status.UNSETTLED, Status.ENDED)
    if found.status is Status.ENDED:
        assert clock.standing(when + 86_400).status is Status.ENDED
    if main.standing(when).status is Status.IN_FORCE:
        assert found.status is Status.ENDED
