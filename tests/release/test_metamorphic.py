"""Change the story on purpose: the answers move as they must."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from comity.accords import Clock, Instrument, Op, Stage, load_accord, parse_instant
from comity.accords.times import Instant, Span
from comity.release import Permit, Request, decide
from make import ACCORD, GSOMIA, gsomia

NIGHT = ["kr-suspension-2019", "kr-withdrawal-2023"]
RAW = (GSOMIA / "accords" / f"{ACCORD}.accord.md").read_bytes()


def kst(text):
    return parse_instant(text + "+09:00")


def with_text(world, old, new, *, name=ACCORD):
    assert old in RAW
    text = load_accord(RAW.replace(old, new))
    return replace(world, accords=tuple(text if a.id == name else a for a in world.accords))


def years_later(instant: Instant, years: int) -> Instant:
    """The same local day and hour, some years later; no date of the story is 29 February."""
    local = datetime.fromtimestamp(instant, ZoneInfo("Asia/Seoul"))
    return Instant(int(local.replace(year=local.year + years).timestamp()))


def shifted(instrument: Instrument, years: int) -> Instrument:
    moved = {
        key: Span(years_later(s.start, years), years_later(s.before, years))
        for key, s in instrument.times.items()
    }
    return replace(instrument, times=moved)


def midnight(world):
    return world.clock(ACCORD).standing(kst("2019-11-22T12:00:00")).before


@pytest.mark.parametrize("years", [1, 3, 4, 8, 40])
def test_every_date_later_by_some_years_moves_every_answer_by_as_many(years):
    world = gsomia().without(NIGHT)
    later = replace(world, instruments=tuple(shifted(i, years) for i in world.instruments))
    for text in ("2017-11-22T23:59:59", "2019-11-22T23:59:59", "2019-11-23T00:00:00"):
        was = world.clock(ACCORD).standing(kst(text))
        now = later.clock(ACCORD).standing(years_later(kst(text), years))
        assert now.status is was.status
        moved = None if was.before is None else years_later(was.before, years)
        assert now.before == moved


@pytest.mark.parametrize(
    ("length", "received", "state"),
    [
        (b"P90D", "2019-08-24", "running"),
        (b"P90D", "2019-08-25", "late"),
        (b"P60D", "2019-09-23", "running"),
        (b"P60D", "2019-09-24", "late"),
        (b"P30D", "2019-10-23", "running"),
        (b"P30D", "2019-10-24", "late"),
    ],
)
def test_another_length_of_notice_moves_the_last_day(length, received, state):
    world = with_text(gsomia().without(NIGHT), b'for = "P90D"', b'for = "' + length + b'"')
    given = next(i for i in world.instruments if i.id == "kr-notice-2019")
    span = Span.parse(received, world.accord(ACCORD).zone)
    world = world.supposing([replace(given, times={(Stage.RECEIVED, ""): span})])
    found = world.clock(ACCORD).standing(span.last)
    assert [str(n.state) for n in found.notices] == [state]


def test_the_names_of_the_parties_do_not_matter():
    names = {"jp": "xx", "kr": "yy"}
    renamed = RAW
    for old, new in names.items():
        for form in ('"{}"', '"{}:', '"{} to', 'to {}"'):
            renamed = renamed.replace(form.format(old).encode(), form.format(new).encode())
    text = load_accord(renamed)
    world = gsomia().without(NIGHT)
    acts = tuple(
        replace(i, by=tuple(names[p] for p in i.by))
        for i in world.instruments
        if i.accord == ACCORD
    )
    other = Clock(text, acts)
    assert other.accord.parties == ("xx", "yy")
    for when in ("2017-01-01T00:00:00", "2019-11-22T23:59:59", "2019-11-23T00:00:00"):
        one, two = world.clock(ACCORD).standing(kst(when)), other.standing(kst(when))
        assert (one.status, one.before) == (two.status, two.before)
        assert [names[n.by] for n in one.notices] == [n.by for n in two.notices]


@pytest.mark.parametrize("name", ["jp-notification-2016", "kr-notification-2016"])
def test_without_either_notification_it_never_enters_into_force(name):
    world = gsomia().without([name])
    assert world.clock(ACCORD).standing(kst("2019-11-22T12:00:00")).status == "signed"


def test_without_the_notice_there_is_nothing_to_suspend():
    found = (
        gsomia()
        .without(["kr-notice-2019"])
        .clock(ACCORD)
        .standing(kst("2019-11-23T00:00:00"))
    )
    assert (found.status, found.notices) == ("in_force", ())
    assert found.period is not None


@pytest.mark.parametrize("harmless", ["jp-protest-2019", "signature-2016"])
def test_an_act_that_changes_no_standing_can_be_deleted(harmless):
    one, other = gsomia(), gsomia().without([harmless])
    for when in (
        "2017-01-01T00:00:00",
        "2019-11-22T23:59:59",
        "2019-11-23T00:00:00",
        "2023-03-22T00:00:00",
    ):
        a, b = (w.clock(ACCORD).standing(kst(when)) for w in (one, other))
        assert (a.status, a.notices, a.before) == (b.status, b.notices, b.before)


def test_without_the_assurance_nothing_is_released_while_the_accord_stands():
    world = gsomia().without(["jp-assurance-2016"])
    request = Request(
        item=world.items["submarine-track-1"],
        sender="kr",
        recipient="jp",
        at=kst("2018-01-01T00:00:00"),
    )
    assert world.clock(ACCORD).standing(request.at).status == "in_force"
    assert not isinstance(decide(request, world), Permit)
    assert isinstance(decide(request, gsomia()), Permit)


def test_the_other_anchor_moves_the_end_by_a_day():
    world = gsomia().without(NIGHT).reading(ACCORD, {"21(3)-anchor": "after the length"})
    assert midnight(world) is None  # it ended a day before
    found = world.clock(ACCORD).standing(kst("2019-11-22T00:00:00"))
    assert found.status == "ended"


def test_a_second_identical_notice_changes_nothing():
    world = gsomia().without(NIGHT)
    given = next(i for i in world.instruments if i.id == "kr-notice-2019")
    again = replace(
        given,
        id="again",
        operations=tuple(replace(o, notice="n2") for o in given.operations),
    )
    assert midnight(world.supposing([again])) == midnight(world)


def test_only_operations_of_the_night_separate_the_two_worlds():
    removed = {
        i.id: {o.do for o in i.operations} for i in gsomia().instruments if i.id in NIGHT
    }
    assert removed == {
        "kr-suspension-2019": {Op.SUSPEND_NOTICE},
        "kr-withdrawal-2023": {Op.REVOKE_NOTICE, Op.WITHDRAW_SUSPENSION},
    }
