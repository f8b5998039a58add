"""What stops on that day, what goes on by another way, and what hangs on an accord."""

import pytest

from comity.accords import Op, Operation, Status
from comity.accords.times import Instant
from comity.changes.asking import Change
from comity.changes.lapse import lapse
from comity.errors import NotKnown
from comity.release import Hold, Reason
from comity.release.world import Authority
from make import (
    ACCORD,
    AFTER,
    RELEASE,
    SIGNED,
    YEARLY,
    accord,
    act,
    at,
    gsomia,
    item,
    notice,
    signed,
    world,
)

MIDNIGHT = at("2019-11-22T15:00:00")  # 00:00 on 23 November in Seoul
NUCLEAR, OTHER = ("nk-missile", "nk-nuclear"), ("defence", "maritime")


@pytest.fixture(scope="module")
def night():
    return gsomia().without(["kr-suspension-2019", "kr-withdrawal-2023"])


@pytest.fixture(scope="module")
def lapsed(night):
    return lapse(night, ACCORD, MIDNIGHT, items=night.items.values())


def test_at_the_end_of_the_agreement_all_that_crossed_directly_hung_on_it_alone(lapsed):
    assert lapsed.lapsed == MIDNIGHT
    stops = lapsed.comparison.of(Change.STOPS)
    assert {pair for r in stops for pair in r.region.pairs} == {("jp", "kr"), ("kr", "jp")}
    for differs in stops:
        assert differs.difference.before.accords == (ACCORD,)
        assert differs.difference.before.support == 1
        assert differs.difference.after.reason is Reason.ENDED
        assert differs.difference.since == MIDNIGHT
        assert differs.region.channels == ("government-to-government",)
    assert not lapsed.comparison.of(Change.OTHERWISE)
    assert not lapsed.comparison.of(Change.BEGINS)


@pytest.mark.parametrize(
    ("sender", "recipient", "first", "second"),
    [
        ("kr", "jp", "us-rok-1987", "us-jp-2007"),
        ("jp", "kr", "us-jp-2007", "us-rok-1987"),
    ],
)
def test_the_way_by_washington_is_left_and_waits_for_the_originator(
    lapsed, sender, recipient, first, second
):
    """Item by item under the two that bind; the arrangement of 2014 for the North alone."""
    ways = {
        left.region.categories: left.ways
        for left in lapsed.comparison.left
        if left.region.pairs == ((sender, recipient),)
        and left.region.markings[0].origin == "sender"
    }
    assert set(ways) == {NUCLEAR, OTHER}
    for categories, tisa in ((NUCLEAR, ("tisa-2014",)), (OTHER, ())):
        (way,) = ways[categories]
        assert way.parties == (sender, "us", recipient)
        assert [set(hop) for hop in way.accords] == [{first, *tisa}, {second, *tisa}]
        assert way.consents == ((sender, recipient),)


def test_every_item_of_the_example_stops_and_names_its_way(lapsed):
    stops = lapsed.comparison.items_of(Change.STOPS)
    assert [i.item for i in stops] == [
        "submarine-track-1",
        "patrol-report-1",
        "radar-note-1",
        "missile-warning-1",
    ]
    assert all(i.ways for i in stops)
    assert lapsed.comparison.items_alike.permitted == 4  # to Washington


def test_what_goes_to_washington_is_unaffected(lapsed):
    touched = {pair for r in lapsed.comparison.regions for pair in r.region.pairs}
    assert all("us" not in pair for pair in touched)
    assert lapsed.comparison.regions_alike.permitted > 0


def test_the_duties_that_survive_begin_at_that_midnight(lapsed):
    assert {(d.who, d.article, d.since, d.before) for d in lapsed.begins} == {
        ("jp", "21(4)", MIDNIGHT, None),
        ("kr", "21(4)", MIDNIGHT, None),
    }
    assert not lapsed.gone


def test_as_long_as_it_stands_no_duty_of_the_end_begins(night):
    assert not lapse(night, ACCORD, Instant(MIDNIGHT - 1)).begins


def test_an_act_that_keeps_an_accord_alive_keeps_its_last_duties_away():
    found = lapse(gsomia().without(["kr-withdrawal-2023"]), "kr-suspension-2019", MIDNIGHT)
    assert {d.who for d in found.gone} == {"jp", "kr"}
    assert not found.begins


def test_the_day_after_asked_the_agreement_lapsed_when_it_did(night):
    later = lapse(night, ACCORD, at("2021-06-01"))
    assert later.lapsed == MIDNIGHT
    assert {r.difference.since for r in later.comparison.of(Change.STOPS)} == {MIDNIGHT}


def test_on_the_evening_before_it_stands_and_names_the_midnight(night):
    found = lapse(night, ACCORD, Instant(MIDNIGHT - 1))
    assert found.lapsed is None
    assert found.ahead.by_clock == MIDNIGHT
    assert {r.difference.before.accords for r in found.comparison.of(Change.STOPS)} == {
        (ACCORD,)
    }


def test_with_the_suspension_nothing_lapses_and_who_could_still_end_it_is_named():
    found = lapse(gsomia(), ACCORD, MIDNIGHT)
    assert found.lapsed is None
    assert found.ahead.by_clock is None
    assert (found.ahead.by_one, found.ahead.who) == (MIDNIGHT, ("kr",))
    assert found.between[0].statuses == (Status.IN_FORCE,)


def test_the_act_that_suspended_the_notice_is_what_it_all_went_on_by(night):
    found = lapse(gsomia().without(["kr-withdrawal-2023"]), "kr-suspension-2019", MIDNIGHT)
    begins = found.comparison.of(Change.BEGINS)
    assert not found.comparison.of(Change.STOPS)
    assert {r.difference.since for r in begins} == {MIDNIGHT}
    stops = lapse(night, ACCORD, MIDNIGHT).comparison.of(Change.STOPS)
    assert [r.region for r in begins] == [r.region for r in stops]


def test_an_accord_that_never_was_in_force_lapses_for_nobody():
    found = lapse(world([accord()]), "t", at("2020-06-01"))
    assert (found.lapsed, found.ahead) == (None, None)
    assert not found.comparison.of(Change.STOPS)


def test_an_accord_that_ended_long_ago_says_when():
    one = world(
        [accord(SIGNED + AFTER + RELEASE)], [signed(), notice("2020-06-01", name="n")]
    )
    found = lapse(one, "t", at("2031-01-01"))
    assert found.lapsed == at("2020-12-01")
    assert {r.difference.since for r in found.comparison.of(Change.STOPS)} == {
        at("2020-12-01")
    }


def test_what_was_unsettled_before_it_ended_had_lapsed_when_it_became_so():
    received = "2020-06-01T00:00:00Z/2020-06-04T00:00:00Z"
    one = world([accord(SIGNED + AFTER + RELEASE)], [signed(), notice(received, name="n")])
    found = lapse(one, "t", at("2021-01-01"))
    assert found.lapsed == at("2020-12-01")
    assert found.between[0].statuses == (Status.ENDED,)
    assert lapse(one, "t", at("2020-12-02")).lapsed == at("2020-12-01")


def test_what_one_side_reads_as_the_earliest_end_is_the_one_that_is_named():
    """Seoul may end it at once as it reads its note, and Tokyo reads that it may not."""
    now = at("2020-09-01T01:00:00")
    ahead = lapse(gsomia(), ACCORD, now).ahead
    assert (ahead.by_one, ahead.who) == (now, ("kr",))


def test_what_has_ended_as_one_side_reads_it_has_lapsed_between_the_two():
    """Tokyo reads the note as a revocation, so that nothing was left to revive."""
    revived = act(
        "revived",
        "kr",
        "2020-09-01T01:00:00",
        Operation(do=Op.RESUME_NOTICE, notice="n1"),
        of=ACCORD,
    )
    one = gsomia().supposing([revived])
    found = lapse(one, ACCORD, at("2020-09-01T01:00:00"))
    assert found.lapsed == at("2020-09-01T01:00:00")
    assert set(found.between[0].statuses) == {Status.IN_FORCE, Status.ENDED}
    assert {d.since for d in found.begins} == {found.lapsed}


def test_provisional_application_that_turns_into_force_is_no_lapse():
    text = (
        '[entry]\ncites = "1"\nwhen = { from = ["sign:dated"], then = ["P1Y"] }\n'
        '[provisional]\ncites = "1"\nwhen = { from = ["declare_provisional:dated"] }\n'
        '[term]\ncites = "1"\nbefore = "2030-01-01"\n'
    )
    one = world(
        [accord(text + RELEASE)],
        [signed(), act("now", ("a", "b"), "2020-01-01", Op.DECLARE_PROVISIONAL)],
    )
    found = lapse(one, "t", at("2020-06-01"))
    assert found.between[0].statuses == (Status.PROVISIONAL,)
    assert found.ahead.by_clock == at("2030-01-01")


def test_a_suspension_is_a_lapse_until_it_is_lifted():
    text = accord(SIGNED + YEARLY + RELEASE + '\n[[suspension]]\ncites = "1"\n')
    stop = act("stop", "a", "2020-03-01", Op.SUSPEND)
    go = act("go", "a", "2020-05-01", Op.RESUME)
    one = world([text], [signed(), stop, go])
    assert lapse(one, "t", at("2020-03-01")).lapsed == at("2020-03-01")
    during = lapse(one, "t", at("2020-04-01"))
    assert during.lapsed == at("2020-03-01")
    assert {r.difference.after.reason for r in during.comparison.of(Change.STOPS)} == {
        Reason.SUSPENDED
    }
    assert lapse(one, "t", at("2020-05-01")).lapsed is None
    by_act = lapse(one, "stop", at("2020-04-01")).comparison
    assert [r.region for r in by_act.regions] == [
        r.region for r in during.comparison.regions
    ]


PART = """
[[exit]]
cites = "1"
ends = "part"
takes_effect = "at once"
"""
ALL = "\n".join(
    f'[[equivalence]]\ncites = "1"\nfrom = "{x}:LOW"\nto = ["{y}:LOW"]'
    for x in "abc"
    for y in "abc"
    if x != y
)
SCOPE = RELEASE.partition("[[equivalence]]")[0]


def community():
    text = accord(SIGNED + SCOPE + ALL + PART, parties=("a", "b", "c"))
    return world(
        [text],
        [
            act("signed", ("a", "b", "c"), "2020-01-01", Op.SIGN),
            notice("2020-06-01", "c", "out"),
        ],
    )


def test_when_one_member_leaves_what_it_had_stops_and_the_others_go_on():
    found = lapse(community(), "t", at("2020-06-01"))
    assert found.lapsed == at("2020-06-01")
    assert {b.pair: b.stands for b in found.between} == {
        ("a", "b"): True,
        ("a", "c"): False,
        ("b", "c"): False,
    }
    touched = {pair for r in found.comparison.of(Change.STOPS) for pair in r.region.pairs}
    assert touched == {("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")}
    assert all(not left.ways for left in found.comparison.left)


def test_of_several_exits_the_latest_is_the_lapse_and_each_is_said():
    one = community()
    later = one.supposing([notice("2020-08-01", "b", "too")])
    found = lapse(later, "t", at("2020-09-01"))
    assert found.lapsed == at("2020-08-01")
    assert {b.pair: b.lapsed for b in found.between} == {
        ("a", "b"): at("2020-08-01"),
        ("a", "c"): at("2020-06-01"),
        ("b", "c"): at("2020-06-01"),
    }
    touched = {pair for r in found.comparison.of(Change.STOPS) for pair in r.region.pairs}
    assert touched == {("a", "b"), ("b", "a")}


def test_directions_that_stop_alike_are_one_region():
    """Of what the four senders own, one row and not one for each."""
    found = lapse(community(), "t", at("2020-06-01"))
    own = [
        r.region
        for r in found.comparison.of(Change.STOPS)
        if {m.origin for m in r.region.markings} == {"sender"}
    ]
    assert sum(len(region.pairs) for region in own) <= 4
    assert len(found.comparison.of(Change.STOPS)) < found.comparison.regions_alike.refused


def test_a_member_that_left_receives_nothing_by_a_third_party_without_consent():
    found = lapse(
        community(), "t", at("2020-06-01"), items=[item(release_to=("a", "b", "c"))]
    )
    (stopped,) = found.comparison.items_of(Change.STOPS)
    assert (stopped.sender, stopped.recipient, stopped.ways) == ("a", "c", ())


def test_a_hold_is_asked_by_its_id():
    hold = Hold(
        id="court",
        by="a",
        towards=("any",),
        accords=("t",),
        categories=("any",),
        ground="a court",
        since=at("2020-03-01"),
    )
    one = world([accord()], [signed()], holds=(hold,))
    found = lapse(one, "court", at("2020-04-01"))
    assert found.accord is None
    (stops,) = found.comparison.of(Change.STOPS)
    assert stops.region.pairs == (("a", "b"),)
    assert stops.difference.after.reason is Reason.HELD
    assert lapse(one, "t", at("2020-04-01")).comparison.regions_alike.held > 0
    assert lapse(one, "t", at("2020-04-01")).lapsed is None


def test_an_authority_is_asked_by_its_id():
    given = Authority(
        id="leave",
        by="a",
        signed_by=("One", "Another"),
        to=("c",),
        items=(),
        categories=("k",),
        levels=(item().label.level,),
        purposes=("p",),
        conditions=(),
        since=at("2020-03-01"),
        before=at("2020-09-01"),
    )
    one = world([accord()], [signed()], authorities=(given,), authorities_on=True)
    (begins,) = lapse(one, "leave", at("2020-04-01")).comparison.of(Change.BEGINS)
    assert begins.region.pairs == (("a", "c"),)
    assert begins.difference.after.authority == "leave"
    assert begins.difference.since == at("2020-03-01")


def test_a_consent_that_is_revoked_is_asked_by_the_act_that_revokes_it():
    consent = Operation(
        do=Op.CONSENT,
        holder="a",
        to="b",
        categories=("k",),
        levels=("c:LOW",),
        purposes=("p",),
    )
    back = act("no", "c", "2020-05-01", Operation(do=Op.REVOKE_CONSENT, consent="yes"))
    rows = RELEASE + '\n[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["a:LOW"]\n'
    one = world(
        [accord(SIGNED + rows)], [signed(), act("yes", "c", "2020-02-01", consent), back]
    )
    (stops,) = lapse(one, "no", at("2020-06-01")).comparison.of(Change.STOPS)
    assert stops.region.markings[0].third == "c"
    assert stops.difference.since == at("2020-05-01")
    (begins,) = lapse(one, "yes", at("2020-04-01")).comparison.of(Change.BEGINS)
    assert begins.region == stops.region


def test_what_two_accords_cover_hangs_on_neither_alone():
    both = world(
        [accord(), accord(name="u")],
        [signed(), act("signed-u", ("a", "b"), "2020-01-01", Op.SIGN, of="u")],
    )
    found = lapse(both, "t", at("2020-06-01")).comparison
    assert not found.of(Change.STOPS)
    assert {r.difference.before.support for r in found.of(Change.OTHERWISE)} == {2}


def test_what_the_world_does_not_have_is_named():
    with pytest.raises(NotKnown, match="no accord, act, hold or authority `x`"):
        lapse(gsomia(), "x", MIDNIGHT)
