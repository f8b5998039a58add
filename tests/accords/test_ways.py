import pytest

from comity.accords import Clock, Op, Operation, Status, parse_instant, ways
from comity.accords.ways import Change
from make import ACCORD, SIGNED, accord, act, at, gsomia, notice, signed

EXIT = '\n[term]\ncites = "1"\nindefinite = true\n[[exit]]\ncites = "1"\nform = "written"\nlength = { for = "P6M", count = "anniversary" }\ntakes_effect = "after the length"\n'


def kst(text):
    return parse_instant(text + "+09:00")


@pytest.fixture(scope="module")
def night():
    return gsomia()


def found(world, when):
    return ways(world.as_of(kst(when)).clock(ACCORD), kst(when))


def saving(answer):
    return {(w.op, w.by): w for w in answer.ways if w.change is Change.KEEPS}


def test_two_days_before_midnight_three_acts_would_save_it(night):
    answer = found(night, "2019-11-21T12:00:00")
    midnight = kst("2019-11-23T00:00:00")
    assert answer.ends == midnight
    assert set(saving(answer)) == {
        (Op.REVOKE_NOTICE, ("kr",)),
        (Op.SUSPEND_NOTICE, ("kr",)),
        (Op.EXTEND, ("jp", "kr")),
    }
    assert {w.before for w in saving(answer).values()} == {midnight}
    assert saving(answer)[Op.REVOKE_NOTICE, ("kr",)].article == "VCLT 68"
    assert saving(answer)[Op.EXTEND, ("jp", "kr")].article == "21(2)"


def test_the_last_second_is_still_in_time_and_the_next_is_not(night):
    world = night.without(["kr-suspension-2019", "kr-withdrawal-2023"])
    assert saving(found(world, "2019-11-22T23:59:59"))
    assert not saving(found(world, "2019-11-23T00:00:00"))
    assert found(world, "2019-11-23T00:00:00").status is Status.ENDED


def test_what_tokyo_does_alone_would_not_help(night):
    answer = found(night, "2019-11-21T12:00:00")
    assert not [w for w in answer.ways if w.by == ("jp",)]
    why = {(n.op, n.by): n.why for n in answer.no_help}
    assert "only `kr`" in why[Op.REVOKE_NOTICE, ("jp",)]
    assert "changes no standing" in why[Op.PROTEST, ("jp",)]


def test_after_the_announcement_seoul_alone_may_still_end_it_at_once(night):
    answer = found(night, "2019-11-22T19:00:00")
    ends = {(w.op, w.by): w.ends for w in answer.ways if w.change is Change.ENDS}
    assert ends[Op.RESUME_NOTICE, ("kr",)] == kst("2019-11-23T00:00:00")
    assert (Op.RESUME_NOTICE, ("jp",)) not in ends


def test_every_way_is_true_when_it_is_walked():
    clock = Clock(accord(SIGNED + EXIT), [signed(), notice("2020-03-01")])
    when = at("2020-05-01")
    answer = ways(clock, when)
    for way in answer.ways:
        walked = act(
            "walked",
            way.by,
            "2020-05-01",
            Operation(
                do=way.op,
                notice=way.notice,
                until="2030-05-03" if way.op is Op.EXTEND else None,
            ),
        )
        after = Clock(
            accord(SIGNED + EXIT), [signed(), notice("2020-03-01"), walked]
        ).standing(when)
        baseline = clock.standing(when)
        assert (after.status, after.before) != (baseline.status, baseline.before), way


def test_a_way_that_is_closed_later_says_when():
    clock = Clock(accord(SIGNED + EXIT), [signed(), notice("2020-03-01")])
    by = {(w.op, w.by): w for w in ways(clock, at("2020-05-01")).ways}
    assert by[Op.REVOKE_NOTICE, ("a",)].before == at("2020-09-01")


def test_without_a_notice_each_side_may_end_it_by_one():
    clock = Clock(accord(SIGNED + EXIT), [signed()])
    answer = ways(clock, at("2020-03-01"))
    ends = {w.by: w.ends for w in answer.ways if w.op is Op.GIVE_NOTICE}
    assert ends == {("a",): at("2020-09-01"), ("b",): at("2020-09-01")}
    assert answer.ends is None


def test_an_ended_accord_has_no_way_at_all():
    clock = Clock(accord(SIGNED + EXIT), [signed(), notice("2020-03-01")])
    assert ways(clock, at("2020-09-01")).ways == ()


def test_while_the_operation_is_suspended_only_what_ends_that_resumes_it():
    paused = act("s", ("a", "b"), "2020-02-01", Op.SUSPEND)
    clock = Clock(accord(SIGNED + EXIT), [signed(), paused])
    answer = ways(clock, at("2020-03-01"))
    assert answer.status is Status.SUSPENDED
    changes = {(w.op, w.change) for w in answer.ways}
    assert (Op.RESUME, Change.RESUMES) in changes
    assert (Op.GIVE_NOTICE, Change.ENDS) in changes
    assert {op for op, change in changes if change is Change.RESUMES} == {Op.RESUME}
