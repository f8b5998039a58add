"""What a label asks, whatever an accord permits; and how a label changes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.times import UTC_ZONE
from comity.labels import (
    Audience,
    Caveat,
    Group,
    Label,
    Level,
    Membership,
    Policy,
    Rung,
    Successor,
    Tag,
    Tagged,
    TagSet,
    TagType,
    join,
    tlp,
)
from comity.release import Denial, Permit, Reason, Request, decide, outlook
from comity.release.marked import as_part, label_at, label_cuts, releasable
from comity.release.world import Authority
from comity.release.worldchecks import labels_are_valid
from comity.worlds.policies import GroupTable, MemberTable
from comity.worlds.tables import ItemTable, SuccessorTable
from make import RELEASE, SIGNED, accord, act, at, item, signed, world

NOW = at("2020-06-01")
MADE = at("2020-02-01")
BOTH = """
[[equivalence]]
cites = "1"
from = "a:HIGH"
to = ["b:HIGH"]

[[equivalence]]
cites = "1"
from = "a:LOW"
to = ["c:LOW"]

[[tag_equivalence]]
cites = "1"
from = "a:handling/X"
to = ["b:handling/X"]

[[tag_equivalence]]
cites = "1"
from = "a:share/Y"
drop = true
"""
NEED_NOT = RELEASE.replace("each originator", "not needed")


def tag_set(name, type_, *values, **more):
    return TagSet(name=name, type_=type_, tags={v.name: v for v in values}, **more)


SETS = {
    "dissemination": tag_set(
        "dissemination",
        TagType.INFORMATIVE,
        *(Tag(name=one.value, caveat=one) for one in Caveat),
    ),
    "handling": tag_set(
        "handling", TagType.RESTRICTIVE, Tag(name="X", holders="cleared"), Tag(name="Z")
    ),
    "share": tag_set("share", TagType.PERMISSIVE, Tag(name="Y", holders="friends")),
}
RUNGS = {"LOW": Rung(name="LOW"), "HIGH": Rung(name="HIGH", above=("LOW",))}


def group(name, *members):
    return Group(
        id=name,
        title=name,
        members=tuple(
            Membership(party=p, since=at(s), before=None if b is None else at(b), removed=r)
            for p, s, b, r in members
        ),
    )


GROUPS = {
    "pact": group(
        "pact", ("b", "2020-01-15", "2020-09-01", False), ("c", "2020-03-01", None, False)
    ),
    "cleared": group("cleared", ("b", "2020-01-01", "2020-07-01", False)),
    "friends": group("friends", ("b", "2020-01-01", None, False)),
}


def base(*acts, rules=SIGNED + RELEASE + BOTH, **values):
    policies = {n: Policy(id=n, rungs=RUNGS, tag_sets=SETS) for n in "abc"}
    given_ = {"policies": policies, "groups": GROUPS, "display_kinds": frozenset({"oral"})}
    made = accord(rules, parties=("a", "b", "c"))
    return world(
        [made], [replace(signed(), by=("a", "b", "c")), *acts], **{**given_, **values}
    )


def marked(level="a:LOW", *, tags=(), made=MADE, display_to=(), successor=None, **more):
    one = item(level=level, **more)
    label = replace(
        one.label,
        tags=tuple(Tagged(set_=s, values=tuple(v)) for s, v in tags),
        display_to=display_to,
        successor=successor,
    )
    return replace(one, label=label, made=made)


def ask(x, *, sender="a", recipient="b", when=NOW):
    return Request(item=x, sender=sender, recipient=recipient, at=when)


def reason(w, request):
    answer = decide(request, w)
    return answer.reason if isinstance(answer, Denial) else None


# Written from the texts before the code: what is asked, and the reason that is given.
D = "dissemination"
CASES = {
    "a label without anything special goes to the one on its list": (marked(), {}, None),
    "a level of no policy here": (marked("z:LOW"), {}, Reason.UNKNOWN_WORD),
    "a level of another party's policy that has no row": (
        marked("c:HIGH"),
        {},
        Reason.NO_EQUIVALENT,
    ),
    "a tag set that the policy does not have": (
        marked(tags=[("odd", ["X"])]),
        {},
        Reason.INVALID_LABEL,
    ),
    "a value that the tag set does not have": (
        marked(tags=[("handling", ["Q"])]),
        {},
        Reason.INVALID_LABEL,
    ),
    "an emptied list of recipients is nobody": (
        marked(release_to=()),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "no list is the originator alone": (
        marked(release_to=None),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "noforn goes to nobody": (
        marked(release_to=None, tags=[(D, ["noforn"])]),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "noforn beside a list is no label": (
        marked(tags=[(D, ["noforn"])]),
        {},
        Reason.INVALID_LABEL,
    ),
    "eyes only goes from the originator": (marked(tags=[(D, ["eyes-only"])]), {}, None),
    "eyes only goes no further": (
        marked(tags=[(D, ["eyes-only"])]),
        {"sender": "b", "recipient": "c"},
        Reason.CAVEAT_NOT_ADMITTED,
    ),
    "eyes only without a list is no label": (
        marked(release_to=None, tags=[(D, ["eyes-only"])]),
        {},
        Reason.INVALID_LABEL,
    ),
    "relido off the list waits for leave": (
        marked(release_to=("c",), tags=[(D, ["relido"])]),
        {},
        Reason.CONSENT_MISSING,
    ),
    "relido on the list goes": (marked(tags=[(D, ["relido"])]), {}, None),
    "display only may be told": (
        marked(release_to=(), display_to=("b",), tags=[(D, ["display-only"])], kind="oral"),
        {},
        None,
    ),
    "display only may not be left there": (
        marked(release_to=(), display_to=("b",), tags=[(D, ["display-only"])]),
        {},
        Reason.CAVEAT_NOT_ADMITTED,
    ),
    "display only is for those named": (
        marked(release_to=(), display_to=("c",), tags=[(D, ["display-only"])], kind="oral"),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "a restrictive tag goes to its holders by its row": (
        marked(tags=[("handling", ["X"])]),
        {},
        None,
    ),
    "a restrictive tag goes to nobody else": (
        marked(tags=[("handling", ["X"])]),
        {"when": at("2020-07-01")},
        Reason.CAVEAT_NOT_ADMITTED,
    ),
    "a restrictive tag without a row stays": (
        marked(tags=[("handling", ["Z"])]),
        {},
        Reason.NO_EQUIVALENT,
    ),
    "an empty permissive set is nobody": (
        marked(tags=[("share", [])]),
        {},
        Reason.CAVEAT_NOT_ADMITTED,
    ),
    "a permissive tag goes to a holder": (marked(tags=[("share", ["Y"])]), {}, None),
    "a group admits a member of then and now": (marked(release_to=("pact",)), {}, None),
    "a group does not admit who joined after the item was made": (
        marked(release_to=("pact",)),
        {"recipient": "c"},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "a group does not admit who has left": (
        marked(release_to=("pact",)),
        {"when": at("2020-09-01")},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "a group admits nobody to an item of no date": (
        marked(release_to=("pact",), made=None),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
    "a name that is neither party nor group admits nobody": (
        marked(release_to=("pakt",)),
        {},
        Reason.ORIGINATOR_FORBIDS,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_label_decides(case):
    x, how, wanted = CASES[case]
    assert reason(base(), ask(x, **how)) is wanted


def test_the_second_before_a_membership_ends_it_still_admits():
    w, x = base(), marked(release_to=("pact",))
    last = ask(x, when=at("2020-09-01") - 1)
    permit = decide(last, w)
    assert isinstance(permit, Permit)
    assert permit.good_before == at("2020-09-01")
    assert outlook(last, permit, w).closes == at("2020-09-01")


def test_orcon_asks_for_consent_where_the_accord_asks_for_none():
    w = base(
        rules=SIGNED
        + NEED_NOT
        + BOTH.replace('from = "a:LOW"\nto = ["c:LOW"]', 'from = "c:LOW"\nto = ["b:LOW"]')
    )
    free = marked("c:LOW", originators=("c",))
    kept = marked("c:LOW", originators=("c",), tags=[(D, ["orcon"])])
    assert reason(w, ask(free)) is None
    denial = decide(ask(kept), w)
    assert isinstance(denial, Denial)
    assert (denial.reason, denial.consent_missing) == (Reason.CONSENT_MISSING, ("c",))
    consent = Operation(do=Op.CONSENT, holder="a", to="b", item="x", purposes=("p",))
    given_ = replace(w, instruments=(*w.instruments, act("ok", "c", "2020-02-02", consent)))
    assert reason(given_, ask(kept)) is None


def test_relido_goes_with_the_leave_of_every_originator():
    x = marked(release_to=("c",), tags=[(D, ["relido"])])
    consent = Operation(do=Op.CONSENT, holder="a", to="b", item="x", purposes=("p",))
    assert reason(base(act("ok", "a", "2020-02-02", consent)), ask(x)) is None
    two = replace(x, originators=("a", "c"))
    denial = decide(ask(two), base(act("ok", "a", "2020-02-02", consent)))
    assert isinstance(denial, Denial)
    assert denial.consent_missing == ("c",)


# -- the Traffic Light Protocol ------------------------------------------------------------

COMMUNITY = group(
    "all",
    ("a", "2020-01-01", None, False),
    ("b", "2020-01-01", "2020-08-01", True),
    ("c", "2020-01-01", None, False),
)
CLIENTS = replace(group("clients", ("d", "2020-01-01", None, False)), clients_of="b")
LIGHTS = """
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
consent = "by marking"

[[common_policy]]
cites = "1"
policy = "tlp"
levels = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
"""


def lights():
    bare = base()
    someone = next(iter(bare.parties.values()))
    parties = {n: replace(someone, id=n, name=n, policy="tlp") for n in "abcd"}
    names = ("a", "b", "c", "d")
    made = accord(SIGNED + LIGHTS, parties=names)
    return replace(
        bare,
        accords=(made,),
        instruments=(replace(signed(), by=names),),
        parties=parties,
        policies={"tlp": tlp("tlp", "all")},
        groups={"all": COMMUNITY, "clients": CLIENTS},
    )


@pytest.mark.parametrize(
    ("level", "listed", "sender", "recipient", "wanted"),
    [
        ("CLEAR", None, "a", "d", None),
        ("CLEAR", None, "b", "d", None),
        ("CLEAR", ("b",), "a", "c", Reason.ORIGINATOR_FORBIDS),
        ("GREEN", None, "a", "b", None),
        ("GREEN", None, "b", "c", None),
        ("GREEN", None, "a", "d", Reason.ORIGINATOR_FORBIDS),
        ("GREEN", None, "b", "d", Reason.ORIGINATOR_FORBIDS),
        ("AMBER", ("b",), "a", "b", None),
        ("AMBER", ("b",), "b", "d", None),
        ("AMBER", ("b",), "b", "c", Reason.ORIGINATOR_FORBIDS),
        ("AMBER", ("b",), "c", "d", Reason.ORIGINATOR_FORBIDS),
        ("AMBER", None, "a", "b", Reason.ORIGINATOR_FORBIDS),
        ("AMBER+STRICT", ("b",), "b", "d", Reason.ORIGINATOR_FORBIDS),
        ("RED", ("b",), "a", "b", None),
        ("RED", ("b",), "b", "c", Reason.ORIGINATOR_FORBIDS),
    ],
)
def test_each_light_goes_as_far_as_it_says(level, listed, sender, recipient, wanted):
    x = marked(f"tlp:{level}", release_to=listed)
    assert reason(lights(), ask(x, sender=sender, recipient=recipient)) is wanted


def test_amber_reaches_the_clients_of_none_but_those_whom_its_list_names():
    own = marked("tlp:AMBER", originators=("b",), release_to=("c",))
    denied = reason(lights(), ask(own, sender="b", recipient="d"))
    assert denied is Reason.ORIGINATOR_FORBIDS
    named = marked("tlp:AMBER", originators=("b",), release_to=("b", "c"))
    assert reason(lights(), ask(named, sender="b", recipient="d")) is None


@pytest.mark.parametrize("sender", ["a", "c"])
@pytest.mark.parametrize(
    ("level", "listed"),
    [
        ("GREEN", None),
        ("AMBER", ("b",)),
        ("AMBER", ("all",)),
        ("RED", ("b",)),
        ("RED", ("b", "c")),
    ],
)
def test_who_was_put_out_has_nothing_more_from_that_second_by_whomever(
    level, listed, sender
):
    x = marked(f"tlp:{level}", release_to=listed)
    out = at("2020-08-01")
    if sender == "a":
        assert reason(lights(), ask(x, when=out - 1)) is None
    assert reason(lights(), ask(x, sender=sender, when=out)) is Reason.ORIGINATOR_FORBIDS


@pytest.mark.parametrize("listed", [(), ("b",)])
def test_amber_goes_to_the_clients_of_those_on_the_list_and_of_nobody_else(listed):
    mine = replace(group("of a", ("c", "2020-01-01", None, False)), clients_of="a")
    w = lights()
    w = replace(w, groups={**w.groups, "of a": mine})
    x = marked("tlp:AMBER", release_to=listed)
    assert reason(w, ask(x, recipient="c")) is Reason.ORIGINATOR_FORBIDS
    named = marked("tlp:AMBER", release_to=("a", *listed))
    assert reason(w, ask(named, recipient="c")) is None


def test_who_was_put_out_passes_nothing_on_to_its_clients():
    x, out = marked("tlp:AMBER", release_to=("b",)), at("2020-08-01")
    on = ask(x, sender="b", recipient="d", when=out - 1)
    assert reason(lights(), on) is None
    assert reason(lights(), replace(on, at=out)) is Reason.ORIGINATOR_FORBIDS


def test_who_was_put_out_still_has_what_is_for_everybody():
    assert (
        reason(lights(), ask(marked("tlp:CLEAR", release_to=None), when=at("2020-08-02")))
        is None
    )


def test_an_originator_may_name_who_was_put_out_in_what_it_makes_afterwards():
    later = marked("tlp:RED", release_to=("b",), made=at("2020-08-02"))
    assert reason(lights(), ask(later, when=at("2020-08-03"))) is None


def test_an_authority_is_no_consent_for_one_that_is_not_on_the_list():
    leave = Authority(
        id="leave",
        by="a",
        signed_by=("A", "B"),
        to=("b",),
        items=("x",),
        categories=(),
        levels=(),
        purposes=("p",),
        conditions=(),
        since=at("2020-01-01"),
        before=at("2021-01-01"),
    )
    w = base(rules=SIGNED, authorities=(leave,), authorities_on=True)
    assert reason(w, ask(marked(tags=[(D, ["relido"])]))) is None
    off = marked(tags=[(D, ["relido"])], release_to=("a",))
    assert reason(w, ask(off)) is not None


def test_what_was_made_while_it_is_in_doubt_whether_a_party_is_out_is_not_made_since():
    doubt = "2020-08-01T00:00:00Z/2020-08-20T00:00:00Z"
    row = MemberTable(
        party="b", since="2020-01-01", before=doubt, removed=True, source="a test"
    )
    table = GroupTable(id="all", title="all", members=(row,))
    w = lights()
    w = replace(w, groups={**w.groups, "all": table.value(UTC_ZONE)})
    x = marked("tlp:RED", release_to=("b",), made=at("2020-08-05"))
    assert reason(w, ask(x, when=at("2020-09-01"))) is Reason.ORIGINATOR_FORBIDS
    since = replace(x, made=at("2020-08-20"))
    assert reason(w, ask(since, when=at("2020-09-01"))) is None


def test_a_level_above_its_list_needs_a_row_of_the_common_policy():
    w = lights()
    fewer = accord(SIGNED + LIGHTS.replace('"GREEN", ', ""), parties=("a", "b", "c", "d"))
    assert (
        reason(replace(w, accords=(fewer,)), ask(marked("tlp:GREEN", release_to=None)))
        is Reason.NO_EQUIVALENT
    )


@given(st.sampled_from(["GREEN", "AMBER", "RED"]), st.sampled_from("abcd"))
def test_only_the_public_level_is_released_without_a_date(level, recipient):
    x = marked(f"tlp:{level}", release_to=None, made=None)
    assert not releasable(x, "a", recipient, lights(), NOW)


# -- how a label changes -------------------------------------------------------------------


def relabel(name, by, when, level, **more):
    return act(name, by, when, Operation(do=Op.RELABEL, item="x", level=level), **more)


HIGH = marked("a:HIGH")
TWO = replace(HIGH, originators=("a", "c"))


@pytest.mark.parametrize(
    ("x", "acts", "when", "level"),
    [
        (HIGH, [], "2020-06-01", "HIGH"),
        (HIGH, [relabel("l", "a", "2020-03-01", "a:LOW")], "2020-02-29T23:59:59", "HIGH"),
        (HIGH, [relabel("l", "a", "2020-03-01", "a:LOW")], "2020-03-01", "LOW"),
        (HIGH, [relabel("l", "b", "2020-03-01", "a:LOW")], "2020-06-01", "HIGH"),
        (HIGH, [relabel("l", "a", "2020-03-01", "b:LOW")], "2020-06-01", "HIGH"),
        (HIGH, [relabel("l", "a", "2020-03-01", "a:NONE")], "2020-06-01", "HIGH"),
        (
            HIGH,
            [relabel("l", "a", "2020-03-01", "a:LOW", form="oral")],
            "2020-06-01",
            "HIGH",
        ),
        (
            HIGH,
            [relabel("l", "a", "2020-03-01", "a:LOW", authority="none")],
            "2020-06-01",
            "HIGH",
        ),
        (
            HIGH,
            [relabel("l", "a", "2020-03-01T00:00:00Z/2020-04-01T00:00:00Z", "a:LOW")],
            "2020-03-15",
            "HIGH",
        ),
        (
            HIGH,
            [relabel("l", "a", "2020-03-01T00:00:00Z/2020-04-01T00:00:00Z", "a:LOW")],
            "2020-04-01",
            "LOW",
        ),
        (
            marked(),
            [relabel("r", "a", "2020-03-01T00:00:00Z/2020-04-01T00:00:00Z", "a:HIGH")],
            "2020-03-01",
            "HIGH",
        ),
        (TWO, [relabel("l", "a", "2020-03-01", "a:LOW")], "2020-06-01", "HIGH"),
        (TWO, [relabel("l", ("a", "c"), "2020-03-01", "a:LOW")], "2020-06-01", "LOW"),
        (
            TWO,
            [
                relabel("l", "a", "2020-03-01", "a:LOW"),
                relabel("m", "c", "2020-04-01", "a:LOW"),
            ],
            "2020-03-15",
            "HIGH",
        ),
        (
            TWO,
            [
                relabel("l", "a", "2020-03-01", "a:LOW"),
                relabel("m", "c", "2020-04-01", "a:LOW"),
            ],
            "2020-04-01",
            "LOW",
        ),
        (
            HIGH,
            [
                relabel("r", "a", "2020-03-01T00:00:00Z/2020-05-01T00:00:00Z", "a:HIGH"),
                relabel("l", "a", "2020-04-01", "a:LOW"),
            ],
            "2020-06-01",
            "HIGH",
        ),
    ],
)
def test_only_the_originators_lower_in_writing_and_for_certain(x, acts, when, level):
    assert label_at(x, base(*acts), at(when)).level == Level("a", level)


@given(st.permutations(["l", "m", "n"]))
def test_the_order_in_which_new_labels_are_recorded_does_not_matter(order):
    acts = {
        "l": relabel("l", "a", "2020-03-01", "a:LOW"),
        "m": relabel("m", "a", "2020-04-01", "a:HIGH"),
        "n": relabel("n", "a", "2020-05-01", "a:LOW"),
    }
    w = base(*(acts[name] for name in order))
    seen = [label_at(HIGH, w, at(f"2020-0{month}-15")).level.name for month in (2, 3, 4, 5)]
    assert seen == ["HIGH", "LOW", "HIGH", "LOW"]


def test_a_level_that_falls_by_its_date_closes_and_opens_the_way():
    x = marked("a:HIGH", successor=Successor(at=at("2020-07-01"), level=Level("a", "LOW")))
    rules = SIGNED + RELEASE
    early = decide(ask(x), base(rules=rules))
    assert isinstance(early, Denial)
    assert early.reason is Reason.NO_EQUIVALENT
    assert outlook(ask(x), early, base(rules=rules)).opens == at("2020-07-01")
    assert reason(base(rules=rules), ask(x, when=at("2020-07-01"))) is None


def test_a_new_label_takes_the_place_of_the_old_ones_date():
    x = marked("a:HIGH", successor=Successor(at=at("2020-07-01"), level=Level("a", "LOW")))
    w = base(relabel("again", "a", "2020-06-15", "a:HIGH"))
    assert label_at(x, w, at("2020-08-01")).level == Level("a", "HIGH")


@pytest.mark.parametrize(
    ("owners", "when", "level"),
    [
        (("a",), "2020-04-01", "LOW"),
        (("a", "c"), "2020-04-01", "HIGH"),
        (("a",), "2020-04-01T00:00:00Z/2020-12-01T00:00:00Z", "HIGH"),
    ],
)
def test_a_date_that_raises_is_taken_back_by_every_originator_and_for_certain(
    owners, when, level
):
    after = Successor(at=at("2020-05-01"), level=Level("a", "HIGH"))
    x = replace(marked("a:LOW", successor=after), originators=owners)
    w = base(relabel("again", "a", when, "a:LOW"))
    assert label_at(x, w, at("2020-04-30")).level.name == "LOW"
    assert label_at(x, w, NOW).level.name == level
    if level == "HIGH":
        request = ask(x, when=at("2020-04-15"))
        assert after.at in set(label_cuts(request, w))
        now = replace(request, item=replace(x, label=label_at(x, w, request.at)))
        assert after.at in set(label_cuts(now, w))


@pytest.mark.parametrize(("first", "then"), [("LOW", "HIGH"), ("HIGH", "LOW")])
def test_a_date_in_doubt_raises_from_the_earliest_and_lowers_from_the_latest(first, then):
    after = SuccessorTable(
        at="2020-05-01T00:00:00Z/2020-09-01T00:00:00Z", level=Level("a", then)
    )
    table = ItemTable(
        id="x",
        title="x",
        level=Level("a", first),
        categories=("k",),
        kind="document",
        purpose="p",
        channel="mail",
        originators=("a",),
        release_to=("b",),
        successor=after,
    )
    x = table.value(UTC_ZONE)
    assert label_at(x, base(), at("2020-04-30")).level.name == first
    assert label_at(x, base(), NOW).level.name == "HIGH"
    assert label_at(x, base(), at("2020-09-01")).level.name == then
    assert at("2020-05-01") in set(label_cuts(ask(x, when=at("2020-04-01")), base()))


def test_what_its_date_has_lowered_is_raised_again_from_the_earliest_time():
    x = marked("a:HIGH", successor=Successor(at=at("2020-03-01"), level=Level("a", "LOW")))
    two = replace(x, originators=("a", "c"))
    again = relabel("r", "a", "2020-04-01T00:00:00Z/2020-05-01T00:00:00Z", "a:HIGH")
    assert label_at(two, base(again), at("2020-03-31T23:59:59")).level.name == "LOW"
    assert label_at(two, base(again), at("2020-04-01")).level.name == "HIGH"


def test_the_readers_of_a_part_are_those_to_whom_it_may_be_released():
    part = as_part(marked(release_to=("pact",)), base(), NOW)
    assert part.readers == frozenset("ab")
    assert as_part(marked("tlp:CLEAR", release_to=None), lights(), NOW).readers is None
    assert as_part(
        marked("tlp:GREEN", release_to=None), lights(), NOW
    ).readers == frozenset("abc")


LISTED = st.none() | st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(tuple)
LIGHT = st.tuples(
    st.sampled_from(["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]),
    LISTED,
    st.sampled_from("ab"),
)


@given(st.lists(LIGHT, min_size=1, max_size=3))
def test_the_whole_of_several_lights_goes_nowhere_that_a_part_of_it_may_not(drawn):
    mine = replace(group("of a", ("c", "2020-01-01", None, False)), clients_of="a")
    theirs = replace(group("of c", ("d", "2020-01-01", None, False)), clients_of="c")
    w = lights()
    w = replace(w, groups={**w.groups, "of a": mine, "of c": theirs})
    parts = [
        replace(marked(f"tlp:{level}", release_to=listed), id=f"x{n}", originators=(owner,))
        for n, (level, listed, owner) in enumerate(drawn)
    ]
    joined = join([as_part(one, w, NOW) for one in parts], w.policies["tlp"]).part
    assert joined is not None
    owners = tuple(dict.fromkeys(one.originators[0] for one in parts))
    whole = replace(parts[0], id="whole", label=joined.label, originators=owners)
    for sender in "abcd":
        for recipient in set("abcd") - {sender, *owners}:
            if releasable(whole, sender, recipient, w, NOW):
                assert all(releasable(p, sender, recipient, w, NOW) for p in parts)


def test_a_permit_binds_every_word_of_the_label():
    x = marked()
    other = [
        replace(x, made=None),
        replace(x, label=replace(x.label, tags=(Tagged(set_="share", values=("Y",)),))),
        replace(x, label=replace(x.label, review=1)),
        replace(x, label=replace(x.label, compilation="why")),
        replace(x, label=replace(x.label, display_to=("b",))),
        replace(
            x, label=replace(x.label, successor=Successor(at=1, level=Level("a", "LOW")))
        ),
    ]
    assert len({ask(one).digest for one in (x, *other)}) == 7


def test_every_audience_of_the_protocol_was_tried():
    tried = {
        tlp("t", "c").audience(Level("t", name))
        for name in ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
    }
    assert tried == set(Audience)
    assert isinstance(HIGH.label, Label)


# -- what an item was made from ------------------------------------------------------------


def whole(part, **more):
    """Return the world with a part, and an item of `b` made from it for everybody."""
    derived = replace(marked("b:LOW", originators=("b",)), id="y", made_from=("x",))
    return base(items={"x": part, "y": derived}, **more), derived


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (marked(), None),
        (marked(release_to=("b",)), Reason.ORIGINATOR_FORBIDS),
        (marked(release_to=None, tags=[(D, ["noforn"])]), Reason.ORIGINATOR_FORBIDS),
        (marked(tags=[(D, ["eyes-only"])]), Reason.CAVEAT_NOT_ADMITTED),
        (marked(tags=[("odd", ["X"])]), Reason.INVALID_LABEL),
        (marked(tags=[("handling", ["X"])]), Reason.CAVEAT_NOT_ADMITTED),
        (marked(tags=[(D, ["orcon"])]), Reason.CONSENT_MISSING),
        (marked(release_to=("pact",)), Reason.ORIGINATOR_FORBIDS),
    ],
)
def test_the_labels_of_the_parts_bind_the_whole(part, wanted):
    table = BOTH.replace('from = "a:LOW"\nto = ["c:LOW"]', 'from = "b:LOW"\nto = ["c:LOW"]')
    w, derived = whole(part, rules=SIGNED + NEED_NOT + table)
    assert reason(w, ask(derived, sender="b", recipient="c")) is wanted


def test_a_part_that_was_lowered_counts_as_it_is_now():
    low = Operation(do=Op.RELABEL, item="x", level="a:LOW")
    consent = Operation(
        do=Op.CONSENT,
        holder="b",
        to="c",
        categories=("k",),
        levels=("a:LOW",),
        purposes=("p",),
    )
    row = '\n[[equivalence]]\ncites = "1"\nfrom = "b:HIGH"\nto = ["c:HIGH"]\n'
    rules = SIGNED + RELEASE + BOTH + row
    derived = replace(marked("b:HIGH", originators=("b",)), id="y", made_from=("x",))
    items = {"x": marked("a:HIGH"), "y": derived}
    given_ = act("ok", "a", "2020-02-02", consent)
    onward = ask(derived, sender="b", recipient="c")
    assert reason(base(given_, rules=rules, items=items), onward) is Reason.CONSENT_MISSING
    lowered = base(given_, act("low", "a", "2020-03-01", low), rules=rules, items=items)
    assert reason(lowered, onward) is None


def test_a_label_of_nobodys_policy_among_its_originators_is_said_to_be():
    foreign = marked("c:LOW")
    said = [f.message for f in labels_are_valid(base(items={"x": foreign}))]
    assert said == ["the label of item `x`: `c:LOW` is of no policy of its originators"]
    assert list(labels_are_valid(base(items={"x": marked("a:LOW")}))) == []
