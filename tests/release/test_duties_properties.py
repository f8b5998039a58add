"""What holds of duties whatever is done, in whichever order, however often it is recorded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.instruments import Means
from comity.accords.times import Instant
from comity.release import Due, duties
from make import RELEASE, SIGNED, accord, act, at, item, signed, world
from release.test_duties import ENDS, SURVIVE, duty
from release.test_given import FOLLOWS

DISPOSED = 'within = { for = "P10D", count = "civil" }\ndischarge = ["return", "certify_destruction", "report"]'
CHOSEN = 'choice = "sender"\ndischarge = ["return", "certify_destruction"]'
DUTIES = "".join(
    (
        duty("after", "after the end", DISPOSED),
        duty("chosen", "after the end", CHOSEN),
        duty("receipt", "on release", 'within = { for = "P5D", count = "civil" }'),
        duty("keep", "on release", "lasting = true"),
        duty("loss", "on loss", 'within = "at once"', who="each"),
        duty("law", "on change of law", ""),
        duty("asked", "on request", DISPOSED),
    )
)
PROTECT = (
    '"always"',
    '"while classified"',
    '"until returned or destroyed"',
    '{ for = "P60D", count = "civil" }',
    '{ for = "P60D", count = "civil" }\ncounted_from = "receipt"',
)
ITEMS = {name: item(name) for name in ("x", "y")}
NAMES = ("after", "chosen", "receipt", "loss", "law", "asked")

items = st.sampled_from(("x", "y", None))
operations = st.one_of(
    st.builds(lambda x: Operation(do=Op.RELEASE, item=x, to="b"), st.sampled_from("xy")),
    st.builds(lambda x: Operation(do=Op.RELEASE, item=x, to="a"), st.sampled_from("xy")),
    st.builds(
        lambda about, x: Operation(do=Op.REPORT, about=about, item=x),
        st.sampled_from(NAMES),
        items,
    ),
    st.builds(lambda x: Operation(do=Op.RETURN, item=x), items),
    st.builds(lambda x: Operation(do=Op.CERTIFY_DESTRUCTION, item=x), items),
    st.builds(lambda x: Operation(do=Op.REPORT_LOSS, item=x), st.sampled_from("xy")),
    st.builds(lambda x: Operation(do=Op.DECLASSIFY, item=x), st.sampled_from("xy")),
    st.builds(
        lambda about, x, means: Operation(do=Op.REQUEST, about=about, item=x, means=means),
        st.sampled_from(("chosen", "asked")),
        items,
        st.sampled_from((None, *Means)),
    ),
    st.just(Operation(do=Op.CHANGE_LAW)),
    st.builds(lambda n: Operation(do=Op.GIVE_NOTICE, notice=f"n{n}"), st.integers(1, 2)),
)


def day(number: int) -> str:
    return f"2020-{2 + number // 28:02}-{1 + number % 28:02}"


times = st.one_of(
    st.integers(0, 160).map(day),
    st.integers(0, 150).map(lambda n: f"{day(n)}T00:00:00Z/{day(n + 3)}T00:00:00Z"),
)
performed = st.tuples(
    st.sampled_from(("a", "b", "c")),
    times,
    operations,
    st.sampled_from(("", "", "", "none")),
)
lists = st.lists(performed, max_size=6)
instants = st.integers(0, 200).map(lambda n: at(day(n)))


def made(acts, protect, successor=None):
    done = [signed(), *(_instrument(place, *one) for place, one in enumerate(acts))]
    accords = [accord(SIGNED + RELEASE + ENDS + SURVIVE.format(protect) + DUTIES)]
    if successor is not None:
        later = SIGNED + RELEASE + FOLLOWS.format("true")
        accords.append(accord(later + SURVIVE.format('"always"'), name="s"))
        done.append(act("signed s", ("a", "b"), successor, Op.SIGN, of="s"))
    return world(accords, done, items=ITEMS)


def _instrument(place, by, when, operation, authority):
    return act(f"act {place}", by, when, operation, authority=authority)


def key(due: Due):
    return due.accord, due.id, due.who, due.item


@settings(max_examples=100, deadline=None)
@given(acts=lists, protect=st.sampled_from(PROTECT), when=instants, data=st.data())
def test_order_and_repetition_do_not_matter(acts, protect, when, data):
    here = made(acts, protect)
    found = duties(here, when)
    again = tuple(
        replace(one, id=f"{one.id} again")
        for one in data.draw(
            st.lists(st.sampled_from(here.instruments), max_size=3, unique_by=id)
        )
        if one.operations[0].do not in (Op.SIGN, Op.GIVE_NOTICE)
    )
    shuffled = data.draw(st.permutations([*here.instruments, *again]))
    assert duties(replace(here, instruments=tuple(shuffled)), when) == found


@settings(max_examples=150, deadline=None)
@given(
    acts=lists,
    protect=st.sampled_from(PROTECT),
    successor=st.one_of(st.none(), st.integers(0, 160).map(day)),
    early=instants,
    later=st.integers(0, 60),
)
def test_no_duty_disappears_without_an_act_an_adoption_or_its_time(
    acts, protect, successor, early, later
):
    here = made(acts, protect, successor)
    then = Instant(early + later * 86_400)
    after: dict[object, list[Due]] = {}
    for due in duties(here, then):
        after.setdefault(key(due), []).append(due)
    ended = {i.id for i in here.instruments}
    for due in duties(here, early):
        if due.lasting and due.before is not None and due.before <= then:
            continue  # its time is over
        if due.item is None and any(k[2] == due.who and k[3] for k in after):
            continue  # whatever was given has become what is on record since
        kept = after.get(key(due), [])
        assert kept, f"{due} is gone by {then}"
        for one in kept:
            assert one.stands or one.discharged in ended or one.adopted == "s"


@settings(max_examples=100, deadline=None)
@given(acts=lists, protect=st.sampled_from(PROTECT), when=instants)
def test_whoever_discharges_bears_the_duty_or_made_the_information(acts, protect, when):
    here = made(acts, protect)
    by = {one.id: one for one in here.instruments}
    for due in duties(here, when):
        assert due.since <= when
        if due.discharged is not None:
            act_ = by[due.discharged]
            declassified = any(op.do is Op.DECLASSIFY for op in act_.operations)
            assert due.who in act_.by or declassified
            assert due.discharged_at is not None
            assert due.discharged_at <= when
            assert due.lasting or due.discharged_at >= due.since or due.item is not None
            assert act_.authority != "none"


@settings(max_examples=80, deadline=None)
@given(acts=lists, protect=st.sampled_from(PROTECT), when=instants, more=lists)
def test_further_releases_and_losses_take_no_duty_away(acts, protect, when, more):
    here = made(acts, protect)
    brings = (Op.RELEASE, Op.REPORT_LOSS, Op.CHANGE_LAW)
    further = [
        replace(_instrument(place, *one), id=f"further {place}")
        for place, one in enumerate(more)
        if one[2].do in brings
    ]
    open_ = {key(due) for due in duties(here, when) if due.stands and due.item is not None}
    after = {key(due) for due in duties(here.supposing(further), when) if due.stands}
    assert open_ <= after
