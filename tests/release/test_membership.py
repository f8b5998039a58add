"""Who is a member of a group, who was put out, and what such a one may still have."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Instant, Op, Operation
from comity.labels import (
    Audience,
    Caveat,
    Group,
    Label,
    Level,
    Membership,
    Policy,
    Rung,
    Tag,
    Tagged,
    TagSet,
    TagType,
)
from comity.release import Permit, Reason, Request, decide
from comity.release.marked import releasable, shown
from comity.release.membership import admits, cuts, has, put_out
from make import RELEASE, SIGNED, accord, act, at, item, world

CLUB = (
    SIGNED
    + """
[joining]
cites = "1"
when = { from = ["sign:dated"] }

[term]
cites = "1"
indefinite = true

[[actor]]
cites = "1"
id = "committee"
is = "x"
may = ["give_notice", "suspend"]

[[suspension]]
cites = "1"
who = "committee"
part = true

[[exit]]
cites = "1"
takes_effect = "at once"
ends = "part"

[[exit]]
cites = "1"
who = "committee"
takes_effect = "at once"
ends = "part"
"""
)
OF_CLUB = Group(id="club", title="x", accord="club")
OUT = at("2020-06-01T12:00:00")


def out(when="2020-06-01T12:00:00", party="b"):
    op = Operation(do=Op.GIVE_NOTICE, notice="out", party=party)
    return act("out", "committee", when, op, of="club")


def club(*acts, group=OF_CLUB, **more):
    text = accord(
        CLUB, name="club", parties=("a", "b", "c"), law="contract", front="open = true\n"
    )
    pair = accord(SIGNED + COMMON + RELEASE.replace("each originator", "by marking"))
    first = act("first", ("a", "b", "c"), "2020-01-01", Op.SIGN, of="club")
    signed = act("signed", ("a", "b"), "2020-01-01", Op.SIGN)
    made = world(
        [text, pair], [first, signed, *acts], **{"groups": {group.id: group}, **more}
    )
    parties = {n: replace(p, policy="lights") for n, p in made.parties.items()}
    return replace(made, parties=parties, policies={"lights": LIGHTS})


COMMON = """
[[common_policy]]
cites = "1"
policy = "lights"
levels = ["ALL", "CLUB", "LISTED"]
"""
LIGHTS = Policy(
    id="lights",
    community="club",
    rungs={
        "ALL": Rung(name="ALL", audience=Audience.PUBLIC),
        "CLUB": Rung(name="CLUB", audience=Audience.COMMUNITY),
        "LISTED": Rung(name="LISTED", audience=Audience.CLIENTS),
    },
    tag_sets={
        "how": TagSet(
            name="how",
            type_=TagType.INFORMATIVE,
            tags={one.value: Tag(name=one.value, caveat=one) for one in Caveat},
        )
    },
)


def marked(level="LISTED", to=("b",), made="2020-02-01", show=(), caveat=None, by=("c",)):
    tags = () if caveat is None else (Tagged(set_="how", values=(caveat,)),)
    label = Label(
        level=Level("lights", level),
        categories=("k",),
        release_to=to,
        display_to=show,
        tags=tags,
    )
    return replace(
        item(originators=by), label=label, made=None if made is None else at(made)
    )


def test_the_members_are_those_for_whom_the_accord_is_in_force():
    left = act(
        "left", "b", "2020-04-01", Operation(do=Op.GIVE_NOTICE, notice="n"), of="club"
    )
    w = club(left)
    assert [
        has(w, OF_CLUB, "b", at(d)) for d in ("2019-12-31", "2020-01-01", "2020-03-31")
    ] == [
        False,
        True,
        True,
    ]
    assert not has(w, OF_CLUB, "b", at("2020-04-01"))
    assert not has(w, OF_CLUB, "z", at("2020-03-01"))


def test_who_left_was_not_put_out():
    left = act(
        "left", "b", "2020-04-01", Operation(do=Op.GIVE_NOTICE, notice="n"), of="club"
    )
    assert put_out(club(left), OF_CLUB, "b", at("2020-05-01")) is None


def test_one_whose_part_is_suspended_is_no_member_meanwhile_and_is_not_put_out():
    op = Operation(do=Op.SUSPEND, party="b", until="2020-03-31")
    w = club(act("pause", "committee", "2020-03-01", op, of="club"))
    days = ("2020-02-29", "2020-03-01", "2020-03-31", "2020-04-01")
    assert [has(w, OF_CLUB, "b", at(d)) for d in days] == [True, False, False, True]
    assert has(w, OF_CLUB, "c", at("2020-03-15"))
    assert put_out(w, OF_CLUB, "b", at("2020-03-15")) is None


def test_one_is_put_out_at_the_second_at_which_the_actor_ends_its_part():
    w = club(out())
    assert (
        has(w, OF_CLUB, "b", Instant(OUT - 1)),
        put_out(w, OF_CLUB, "b", Instant(OUT - 1)),
    ) == (
        True,
        None,
    )
    assert (has(w, OF_CLUB, "b", OUT), put_out(w, OF_CLUB, "b", OUT)) == (False, OUT)
    assert put_out(w, OF_CLUB, "c", OUT) is None
    assert OUT in set(cuts(w, OF_CLUB, "b"))


def test_while_it_is_in_doubt_the_party_is_neither_in_nor_safe_from_being_out():
    w = club(out("2020-06-01T00:00:00Z/2020-06-03T00:00:00Z"))
    inside = at("2020-06-02")
    assert not has(w, OF_CLUB, "b", inside)
    assert put_out(w, OF_CLUB, "b", inside) == inside
    after = at("2020-07-01")
    assert put_out(w, OF_CLUB, "b", after) == at("2020-06-02T23:59:59")
    assert put_out(w, OF_CLUB, "b", at("2020-05-31T23:59:59")) is None


def test_where_too_much_is_in_doubt_nobody_is_a_member():
    wide = [
        act(f"w{n}", "c", "2020-01-02T00:00Z/2021-01-02T00:00Z",
            Operation(do=Op.GIVE_NOTICE, notice=f"n{n}"), of="club")
        for n in range(12)
    ]  # fmt: skip
    w = club(*wide)
    assert not has(w, OF_CLUB, "b", at("2020-06-01"))
    assert list(cuts(w, OF_CLUB, "b")) == []


LISTED = Group(
    id="club",
    title="x",
    members=(Membership(party="b", since=at("2020-01-01"), before=OUT),),
)


@given(
    made=st.integers(at("2019-06-01"), at("2021-01-01")),
    when=st.integers(at("2019-06-01"), at("2021-01-01")),
)
def test_a_group_admits_who_was_a_member_then_and_is_now(made, when):
    w = club(group=LISTED)
    inside = range(at("2020-01-01"), OUT)
    assert admits(w, LISTED, "b", made, Instant(when)) is (
        made in inside and when in inside
    )
    assert not admits(w, LISTED, "b", None, Instant(when))


def test_the_list_and_the_accord_say_the_same_of_the_same_days():
    removed = replace(
        LISTED, members=tuple(replace(m, removed=True) for m in LISTED.members)
    )
    one, other = club(out()), club(out(), group=removed)
    for when in ("2019-12-31", "2020-01-01", "2020-06-01T11:59:59", "2020-06-01T12:00:00"):
        for ask in (has, put_out):
            assert ask(one, OF_CLUB, "b", at(when)) == ask(other, removed, "b", at(when))


# What one that was put out may still have. Each is tried by way of `a`, which has an
# agreement of its own with it; the item comes from `c`.
STALE = Group(
    id="desk", title="x", members=(Membership(party="b", since=at("2020-01-01")),)
)
BEFORE, SINCE = "2020-05-01", "2020-06-02"
STILL = [
    ("for the members", marked("CLUB", None), False),
    ("for the members, made since", marked("CLUB", None, SINCE), False),
    ("by its name, made before", marked(), False),
    ("by its name, made on an unknown day", marked(made=None), False),
    ("by its name, made since", marked(made=SINCE), True),
    ("by the name of the community", marked(to=("club",)), False),
    ("by a table that nobody kept up, made before", marked(to=("desk",)), False),
    ("by a table that nobody kept up, made since", marked(to=("desk",), made=SINCE), False),
    ("as a client of the one it goes to", marked(to=("a",)), False),
    ("as a client, made since", marked(to=("a",), made=SINCE), False),
    ("for everybody", marked("ALL", None), True),
    ("for everybody on a list", marked("ALL", ("b",)), False),
    ("with leave to ask", marked(to=("c",), caveat="relido"), False),
    ("its own information", marked(by=("b",)), True),
    ("its own together with another's", marked(by=("b", "c")), False),
]
CLIENTS = Group(
    id="clients",
    title="x",
    clients_of="a",
    members=(Membership(party="b", since=at("2020-01-01")),),
)


@pytest.mark.parametrize(("what", "x", "may"), STILL, ids=[s[0] for s in STILL])
def test_what_one_that_was_put_out_may_still_have(what, x, may):
    groups = {g.id: g for g in (OF_CLUB, STALE, CLIENTS)}
    w = club(out(), groups=groups)
    request = Request(item=x, sender="a", recipient="b", at=at("2020-07-01"))
    answer = decide(request, w)
    assert isinstance(answer, Permit) is may, (what, answer)
    if not may:
        assert answer.reason is Reason.ORIGINATOR_FORBIDS


def test_all_that_was_made_before_had_gone_a_second_earlier_but_for_what_asks_for_leave():
    groups = {g.id: g for g in (OF_CLUB, STALE, CLIENTS)}
    w = club(out(), groups=groups)
    old = [(what, x) for what, x, _ in STILL if x.made is not None and x.made < OUT]
    stayed = {what for what, x in old if not releasable(x, "a", "b", w, Instant(OUT - 1))}
    assert len(old) == 10
    assert stayed == {"with leave to ask"}


def test_it_is_shown_nothing_either_that_was_made_before():
    x, since = (marked(to=("a",), show=("b",), made=day) for day in (BEFORE, SINCE))
    w = club(out())
    assert shown(x, "b", w, Instant(OUT - 1))
    assert not shown(x, "b", w, OUT)
    assert shown(since, "b", w, at("2020-07-01"))
    table = marked(to=("a",), show=("desk",), made=SINCE)
    stale = club(out(), groups={"club": OF_CLUB, "desk": STALE})
    assert not shown(table, "b", stale, at("2020-07-01"))


def test_the_refusal_says_when_it_was_put_out_and_of_what():
    request = Request(item=marked(), sender="a", recipient="b", at=OUT)
    answer = decide(request, club(out()))
    assert answer.failing[0].has == (
        "a party put out of `club` at 12:00 UTC on 1 Jun 2020, and an item made before"
    )


def test_a_permit_is_good_no_longer_than_until_it_is_put_out():
    request = Request(item=marked(), sender="a", recipient="b", at=at("2020-05-15"))
    answer = decide(request, club(out()))
    assert isinstance(answer, Permit)
    assert answer.good_before == OUT
