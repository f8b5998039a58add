"""The invented community: what its agreements let go, second by second, and every way that
somebody thought of to reach the member that was put out."""

from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import Op, Operation, Span, Stage, parse_instant
from comity.accords import clauses as c
from comity.errors import Severity
from comity.labels import Item, Label, Level
from comity.release import Denial, Permit, Reason, Request, decide, duties, routes
from comity.release.rows import Kept, kept, release_answer, run
from comity.release.world import Authority
from comity.release.worldchecks import check_world
from comity.worlds import load_rows, load_world, rows_path
from make import ROOT, accord, act, at

ISAC = ROOT / "worlds" / "isac"
FILES = sorted((ISAC / "accords").glob("*.accord.md"))
COMMUNITY = "cert-community"
EAST, ISLES = "cert-east", "cert-isles"
BEFORE = parse_instant("2025-06-18T13:59:59+02:00")
OUT = parse_instant("2025-06-18T14:00:00+02:00")
LATER = parse_instant("2025-09-01T12:00:00+02:00")


@cache
def world():
    return load_world(ISAC)


def asked(item, sender, recipient, when, w=None, **more):
    w = w or world()
    x = w.items[item] if isinstance(item, str) else item
    request = Request(item=x, sender=sender, recipient=recipient, at=when, **more)
    return decide(request, w)


def says(item, sender, recipient, when, w=None, **more):
    w = w or world()
    x = w.items[item] if isinstance(item, str) else item
    if isinstance(when, str):
        when = parse_instant(when)
    return release_answer(
        Request(item=x, sender=sender, recipient=recipient, at=when, **more), w
    )


# -- the files -------------------------------------------------------------------


@cache
def rows(path):
    text = next(a for a in world().accords if a.where == str(path))
    found = load_rows(rows_path(path), text)
    assert found is not None, "no tests beside it"
    return text, found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_row_answers_as_it_says(path):
    text, found = rows(path)
    assert found.about == text.digest
    assert [(f.row.name, f.answer) for f in run(found, text)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_articles_are_enforced_but_for_those_that_only_tell(path):
    text, found = rows(path)
    quiet = {a.number for a in kept(found, text) if a.kept is not Kept.ENFORCED}
    assert quiet == {"cert-community": {"6", "11"}, "us-cisa-2015": {"1"}}.get(
        text.id, set()
    )


def test_the_world_has_no_finding_of_its_own():
    assert [f.message for f in check_world(world()) if f.severity is Severity.ERROR] == []
    assert [f.code for f in check_world(world())] == []


def test_a_dozen_members_in_at_least_four_time_zones_and_items_of_every_level():
    members = world().clock(COMMUNITY).members(LATER)
    assert len(members) == 12
    assert len({world().parties[name].zone.name for name in members}) >= 4
    levels = {item.label.level.name for item in world().items.values()}
    assert levels == set(world().policies["tlp"].rungs)
    assert all(item.synthetic for item in world().items.values())


# -- who joins, who leaves ---------------------------------------------------------

MOMENTS = [
    ("advisory-7", "registry", "university", "2024-05-06T09:59:59-05:00", "deny not_yet_in_force"),
    ("advisory-7", "registry", "university", "2024-05-06T10:00:00-05:00", "permit tlp:CLEAR"),
    ("advisory-7", "registry", "cloud", "2025-02-17T09:29:59-05:00", "deny not_yet_in_force"),
    ("advisory-7", "registry", "cloud", "2025-02-17T09:30:00-05:00", "permit tlp:CLEAR"),
    ("phish-wave", "vendor", "bank", "2025-05-14T23:59:59+02:00", "permit tlp:GREEN"),
    ("phish-wave", "vendor", "bank", "2025-05-15T00:00:00+02:00", "deny originator_forbids"),
    ("advisory-7", "registry", "bank", "2025-05-15T00:00:00+02:00", "deny ended 10(1)"),
    ("water-alert", "cert-north", "waterworks", "2025-08-29T12:00:00+02:00", "permit tlp:AMBER"),
    ("strict-alert", "cert-north", "waterworks", "2025-08-29T12:00:00+02:00",
     "deny originator_forbids"),
    ("water-alert", "cert-north", "port", "2025-08-29T15:59:59+02:00", "permit tlp:AMBER"),
    ("water-alert", "cert-north", "port", "2025-08-29T16:00:00+02:00", "deny originator_forbids"),
    ("water-alert", "grid", "waterworks", "2025-08-29T12:00:00+02:00",
     "deny originator_forbids"),
    ("advisory-7", "registry", "grid", "2026-12-31T23:59:59+01:00", "permit tlp:CLEAR"),
    ("advisory-7", "registry", "grid", "2027-01-01T00:00:00+01:00", "deny ended 9"),
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda m: "-".join(m[:4]))
def test_members_and_clients_come_and_go_to_the_second(moment):
    item, sender, recipient, when, answer = moment
    assert says(item, sender, recipient, when).startswith(answer)


def test_one_that_has_left_sends_nothing_under_it():
    assert asked("bank-trojan", "bank", "telecom", LATER).reason is Reason.ENDED


@pytest.mark.parametrize(
    ("purpose", "answer"),
    [
        ("network-defence", "permit tlp:GREEN"),
        ("law-enforcement", "deny purpose_not_admitted 1(2)"),
        ("marketing", "deny purpose_not_admitted 1(2)"),
        ("research", "deny consent_missing 1(2)"),
    ],
)
def test_the_purpose_limit_binds_whoever_passes_it_on(purpose, answer):
    assert says("phish-wave", ISLES, "grid", LATER, purpose=purpose) == answer


# -- the statute: one side's bar on sending ----------------------------------------

GAPS = [
    ("2025-09-30T23:59:59-04:00", True),
    ("2025-10-01T00:00:00-04:00", False),
    ("2025-11-11T23:59:59-05:00", False),
    ("2025-11-12T12:00:00-05:00", False),  # the hour is not reported
    ("2025-11-13T00:00:00-05:00", True),
    ("2026-01-30T23:59:59-05:00", True),
    ("2026-01-31T00:00:00-05:00", False),
    ("2026-02-02T23:59:59-05:00", False),
    ("2026-02-03T12:00:00-05:00", False),
    ("2026-02-04T00:00:00-05:00", True),
    ("2026-09-30T23:59:59-04:00", True),
    ("2026-10-01T00:00:00-04:00", False),
]


@pytest.mark.parametrize(("when", "stands"), GAPS, ids=[g[0] for g in GAPS])
def test_in_the_gaps_of_the_statute_those_in_the_us_alone_stop_sending(when, stands):
    for item, sender in (("phish-wave", "vendor"), ("worm-signatures", "university")):
        wanted = "permit tlp:GREEN" if stands else "deny sending_not_authorised 5"
        assert says(item, sender, "grid", when) == wanted
    assert says("wiper-sample", "telecom", "grid", when) == "permit tlp:GREEN"
    for member in ("vendor", "university", "cloud"):
        assert says("wiper-sample", "telecom", member, when) == "permit tlp:GREEN"


def test_one_that_joined_later_holds_its_own_sending_in_both_gaps():
    for when, stands in GAPS[:-1]:
        wanted = "permit tlp:GREEN" if stands else "deny held"
        assert says("flood-log", "cloud", "grid", when) == wanted


def test_a_gap_of_the_statute_ends_nothing():
    standing = world().clock(COMMUNITY).standing(parse_instant("2025-10-15T12:00:00Z"))
    assert str(standing.status) == "in_force"
    assert str(standing.pairs["grid", "vendor"]) == "in_force"
    assert says("phish-wave", ISLES, "grid", "2025-10-15T12:00:00Z") == "permit tlp:GREEN"


# -- the one that was put out --------------------------------------------------------

HOLDERS = sorted(set(load_world(ISAC).parties) - {EAST})
MADE_BEFORE = ("phish-wave", "router-flaw", "grid-probe", "ward-outage", "joint-note")


@pytest.mark.parametrize("item", MADE_BEFORE)
def test_a_second_before_it_goes_and_from_that_second_on_by_nobody(item):
    x = world().items[item]
    for sender in (*x.originators, ISLES):
        assert isinstance(asked(item, sender, EAST, BEFORE), Permit)
    for sender in HOLDERS:
        assert asked(item, sender, EAST, OUT).reason is Reason.ORIGINATOR_FORBIDS
        assert asked(item, sender, EAST, LATER).reason is Reason.ORIGINATOR_FORBIDS


def test_what_is_for_everybody_still_goes_by_the_memorandum_and_not_by_the_agreement():
    assert says("advisory-7", "registry", EAST, OUT) == "deny ended 10(2)"
    assert says("advisory-7", ISLES, EAST, OUT) == "permit tlp:CLEAR"


def test_its_own_comes_home_and_what_is_made_since_by_name_may_go():
    assert says("east-report", ISLES, EAST, OUT) == "permit tlp:AMBER"
    assert says("courtesy-note", ISLES, EAST, LATER) == "permit tlp:AMBER"


def test_whatever_is_asked_nothing_else_reaches_it():
    """Every item, holder, accord and purpose, at the second and long after."""
    may = set()
    names = [None, *(a.id for a in world().accords)]
    asks = [(OUT, None, None), (OUT, None, "research"), *((LATER, n, None) for n in names)]
    for x, sender, (when, under, purpose) in product(world().items.values(), HOLDERS, asks):
        request = Request(
            item=x, sender=sender, recipient=EAST, at=when, under=under, purpose=purpose
        )
        if isinstance(decide(request, world()), Permit):
            may.add((x.id, sender))
    assert may == {("advisory-7", ISLES), ("east-report", ISLES), ("courtesy-note", ISLES)}


def test_no_route_leads_to_it_either():
    for item in (*MADE_BEFORE, "bank-trojan", "turbine-note", "lab-sample", "water-alert"):
        x = world().items[item]
        request = Request(item=x, sender=x.originators[0], recipient=EAST, at=LATER)
        assert routes(request, world(), hops=2) == ()


def test_what_was_in_flight_or_queued_is_decided_again_and_stays():
    sent = asked("grid-probe", "grid", EAST, BEFORE)
    assert isinstance(sent, Permit)
    assert sent.good_before <= OUT  # where the decision is on record, the permit ends there
    knew = world().without(["east-put-out"])
    queued = asked("grid-probe", "grid", EAST, BEFORE, knew)
    assert isinstance(queued, Permit)
    assert queued.good_before > OUT  # the act was not known yet: it is asked again
    assert isinstance(asked("grid-probe", "grid", EAST, OUT), Denial)


# -- an attacker's hat ---------------------------------------------------------------


def given_acts(*acts):
    return world().supposing(acts)


def refused(item, sender, w, when=LATER, reason=Reason.ORIGINATOR_FORBIDS, **more):
    answer = asked(item, sender, EAST, when, w, **more)
    return isinstance(answer, Denial) and answer.reason is reason


def sign(name, by, of=COMMUNITY, when="2025-07-10T12:00:00Z"):
    return act(name, by, when, Op.SIGN, of=of)


def test_it_does_not_come_back_by_its_own_signature():
    w = given_acts(sign("again", EAST))
    effect = next(
        e for e in w.clock(COMMUNITY).standing(LATER).effects if e.instrument == "again"
    )
    assert "`steering-committee` put `cert-east` out" in effect.lacks
    assert refused("advisory-7", "registry", w, reason=Reason.ENDED)
    assert refused("grid-probe", "grid", w)


def test_nor_by_that_of_another_member_beside_its_own():
    w = given_acts(sign("again", (EAST, ISLES)))
    assert refused("advisory-7", "registry", w, reason=Reason.ENDED)


def test_taken_back_by_the_committee_it_has_what_is_made_from_then_on():
    w = given_acts(sign("again", (EAST, "steering-committee")))
    assert isinstance(asked("advisory-7", "registry", EAST, LATER, w), Permit)
    meanwhile = replace(world().items["turbine-note"], id="meanwhile")
    since = replace(meanwhile, id="since", made=parse_instant("2025-08-01T12:00:00Z"))
    assert refused(meanwhile, "grid", w)
    assert isinstance(asked(since, "grid", EAST, LATER, w), Permit)


def test_taking_the_notice_back_after_it_took_effect_changes_nothing():
    op = Operation(do=Op.REVOKE_NOTICE, notice="east-put-out")
    w = given_acts(
        act("regret", "steering-committee", "2025-06-19T09:00Z", op, of=COMMUNITY)
    )
    assert refused("grid-probe", "grid", w)


def test_while_the_time_of_it_is_in_doubt_nothing_goes():
    put_out = next(i for i in world().instruments if i.id == "east-put-out")
    doubt = Span.parse("2025-06-18T00:00+02:00/2025-06-20T00:00+02:00", world().zone)
    w = given_acts(replace(put_out, times={(Stage.RECEIVED, ""): doubt}))
    first = parse_instant("2025-06-18T00:00:00+02:00")
    for item in MADE_BEFORE:
        assert refused(item, ISLES, w, when=first)
    assert refused("advisory-7", "registry", w, when=first, reason=Reason.UNSETTLED)
    inside = replace(
        world().items["courtesy-note"], id="inside", made=parse_instant("2025-06-19T00:00Z")
    )
    for when in ("2025-06-19T12:00Z", "2025-07-01T00:00Z"):
        assert refused(inside, ISLES, w, when=parse_instant(when))


def test_as_a_client_of_a_member_it_has_nothing_either():
    w = given_acts(sign("client", (EAST, "client-desk"), of="north-clients"))
    assert isinstance(asked("advisory-7", "cert-north", EAST, LATER, w), Permit)
    for item in ("water-alert", "strict-alert", "grid-probe", "phish-wave", "turbine-note"):
        assert refused(item, "cert-north", w)


def test_a_written_authority_lets_a_member_give_no_old_item_of_its_own():
    item = replace(world().items["joint-note"], id="own-note", originators=(ISLES,))
    leave = Authority(
        id="leave",
        by=ISLES,
        signed_by=("A", "B"),
        to=(EAST,),
        purposes=("network-defence",),
        categories=("incidents", "indicators"),
        items=(),
        levels=("tlp:AMBER", "tlp:GREEN"),
        conditions=(),
        since=parse_instant("2025-01-01T00:00Z"),
        before=parse_instant("2027-01-01T00:00Z"),
    )
    w = replace(world(), authorities=(leave,))
    since = replace(item, id="since", made=parse_instant("2025-08-01T00:00Z"))
    assert isinstance(asked(since, ISLES, EAST, LATER, w), Permit)
    assert refused(item, ISLES, w)
    assert refused(
        "turbine-note", "grid", replace(w, authorities=(replace(leave, by="grid"),))
    )


def test_holding_it_lower_changes_nothing():
    for level in ("CLEAR", "GREEN"):
        assert isinstance(
            asked("grid-probe", ISLES, EAST, LATER, held_as=Level("tlp", level)), Denial
        )


def relabelled(item, by, level="tlp:CLEAR"):
    op = Operation(do=Op.RELABEL, item=item, level=level)
    return given_acts(act("relabel", by, "2025-07-01T12:00:00Z", op, of=COMMUNITY))


def test_a_holder_cannot_mark_it_for_everybody():
    assert refused("phish-wave", ISLES, relabelled("phish-wave", ISLES))
    assert refused("phish-wave", ISLES, relabelled("phish-wave", EAST))


def test_its_originator_can_and_its_list_goes_on_to_bind():
    assert isinstance(
        asked("phish-wave", ISLES, EAST, LATER, relabelled("phish-wave", "vendor")), Permit
    )
    assert refused("grid-probe", ISLES, relabelled("grid-probe", "grid"))


@pytest.mark.parametrize("level", ["CLEAR", "GREEN", "AMBER"])
def test_an_item_made_from_it_has_its_bounds(level):
    listed = None if level in ("CLEAR", "GREEN") else (EAST,)
    made = Item(
        id="summary",
        title="A summary in a holder's own words",
        originators=(ISLES,),
        label=Label(
            level=Level("tlp", level), categories=("incidents",), release_to=listed
        ),
        kind="document",
        purpose="network-defence",
        channel="platform",
        made=parse_instant("2025-08-01T00:00Z"),
        made_from=("grid-probe",),
    )
    below = (
        Reason.INVALID_LABEL if level in ("CLEAR", "GREEN") else Reason.ORIGINATOR_FORBIDS
    )
    assert refused(made, ISLES, world(), reason=below)
    answer = asked(made, ISLES, EAST, LATER)
    assert Reason.ORIGINATOR_FORBIDS in {failing.reason for failing in answer.failing}
    free = replace(made, made_from=())
    assert refused(free, ISLES, world()) is (level == "GREEN")


def test_a_consent_from_before_does_not_outlive_its_membership():
    op = Operation(
        do=Op.CONSENT,
        holder=ISLES,
        to=EAST,
        item="grid-probe",
        purposes=("network-defence",),
    )
    for of in ("isles-east", COMMUNITY):
        w = given_acts(act("leave", "grid", "2025-06-13T12:00:00Z", op, of=of))
        assert refused("grid-probe", ISLES, w)


def test_another_item_under_the_same_name_is_none():
    x = world().items["grid-probe"]
    for forged in (
        replace(x, made=LATER),
        replace(x, originators=(ISLES,)),
        replace(x, label=replace(x.label, level=Level("tlp", "CLEAR"), release_to=None)),
    ):
        answer = asked(forged, ISLES, EAST, LATER)
        assert Reason.UNKNOWN_WORD in {f.reason for f in answer.failing}


FREE = """
[entry]
cites = "1"
when = { from = ["sign:dated"] }

[scope]
cites = "1"
categories = ["any"]
kinds = ["any"]
directions = ["any"]

[purpose]
cites = "1"
allowed = ["any"]
as_given = false

[[common_policy]]
cites = "1"
policy = "tlp"
levels = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]

[third_party]
cites = "1"
consent = "not needed"
"""


@pytest.mark.parametrize("other", ["grid", "vendor", "bank", "waterworks"])
def test_a_new_agreement_that_asks_for_nothing_gives_it_nothing_old(other):
    text = accord(FREE, name="new", parties=(other, EAST), law="contract")
    signature = act("new-signed", (other, EAST), "2025-07-01T00:00Z", Op.SIGN, of="new")
    w = replace(
        world(),
        accords=(*world().accords, text),
        instruments=(*world().instruments, signature),
    )
    assert isinstance(asked("advisory-7", other, EAST, LATER, w), Permit)
    for item in (*MADE_BEFORE, "turbine-note", "lab-sample", "bank-trojan"):
        assert refused(item, other, w)


def test_a_table_of_members_that_nobody_kept_up_does_not_bring_it_back():
    assert world().groups["malware-lab"].has(EAST, LATER)
    assert says("lab-sample", "telecom", ISLES, LATER) == "permit tlp:AMBER"
    assert refused("lab-sample", "telecom", world())
    assert refused("lab-sample", ISLES, world())


LISTS = st.one_of(
    st.none(),
    st.lists(
        st.sampled_from([EAST, ISLES, "members", "clients", "malware-lab", "grid"]),
        max_size=4,
        unique=True,
    ).map(tuple),
)


@settings(deadline=None, max_examples=150)
@given(
    level=st.sampled_from(["GREEN", "AMBER", "AMBER+STRICT", "RED", "CLEAR"]),
    listed=LISTS,
    by=st.sampled_from(["grid", "vendor", ISLES, "bank"]),
    sender=st.sampled_from([ISLES, "cert-north", "grid"]),
    made=st.one_of(st.none(), st.integers(at("2024-01-10"), LATER)),
)
def test_whatever_its_mark_nothing_that_was_made_before_reaches_it_but_what_is_for_all(
    level, listed, by, sender, made
):
    x = Item(
        id="any",
        title="any",
        originators=(by,),
        label=Label(
            level=Level("tlp", level), categories=("incidents",), release_to=listed
        ),
        kind="document",
        purpose="network-defence",
        channel="platform",
        made=made,
    )
    everybody = level == "CLEAR" and listed is None
    named = listed is not None and EAST in listed
    went = isinstance(asked(x, sender, EAST, LATER), Permit)
    if went:
        assert sender == ISLES  # the memorandum is the only agreement that it still has
        assert everybody or (named and made is not None and made >= OUT)
    if sender == ISLES and (everybody or (named and made is not None and made >= OUT)):
        assert went


# -- what it, and those who left, have to do -----------------------------------------


def due(when, **more):
    return {
        (d.id, d.who, d.item): d
        for d in duties(world(), parse_instant(when), accord=COMMUNITY, **more)
        if d.arises is c.Arises.AFTER_END and d.id != "survival"
    }


def test_from_the_second_at_which_it_is_put_out_it_has_thirty_days_to_delete():
    before = due("2025-06-18T13:59:59+02:00", party=EAST)
    assert {item for _, _, item in before} == {None}  # to the bank, which has left
    assert {d.towards for d in before.values()} == {("bank",)}
    after = due("2025-06-18T14:00:00+02:00", party=EAST)
    for item in ("grid-probe", "phish-wave"):
        one = after["delete", EAST, item]
        assert one.since == OUT
        assert one.before == parse_instant("2025-07-19T00:00:00+02:00")
        assert after["contractors", EAST, item].before == parse_instant(
            "2025-08-03T00:00:00+02:00"
        )
    late = due("2025-07-19T00:00:00+02:00", party=EAST)["delete", EAST, "grid-probe"]
    assert late.overdue(parse_instant("2025-07-19T00:00:00+02:00"))


def test_a_certificate_discharges_it_and_one_of_another_item_does_not():
    op = Operation(do=Op.CERTIFY_DESTRUCTION, item="grid-probe")
    w = given_acts(act("shredded", EAST, "2025-07-01T12:00:00Z", op, of=COMMUNITY))
    found = {
        (d.id, d.item): d.discharged
        for d in duties(w, LATER, accord=COMMUNITY, party=EAST)
        if d.id == "delete"
    }
    assert found["delete", "grid-probe"] == "shredded"
    assert found["delete", "phish-wave"] is None


def test_the_bank_deleted_in_time_and_nothing_is_due_from_it():
    one = due("2025-06-10T12:00:00+02:00", party="bank")["delete", "bank", "phish-wave"]
    assert one.since == parse_instant("2025-05-15T00:00:00+02:00")
    assert one.before == parse_instant("2025-06-15T00:00:00+02:00")
    assert one.discharged == "bank-certificate"


def test_at_the_end_of_the_agreement_everybody_begins_to_delete():
    ends = due("2027-01-01T00:00:00+01:00")
    one = ends["delete", ISLES, "grid-probe"]
    assert one.since == parse_instant("2027-01-01T00:00:00+01:00")
    assert one.before == parse_instant("2027-02-01T00:00:00+01:00")
    assert ("delete", ISLES, "grid-probe") not in due("2026-12-31T23:59:59+01:00")


def test_what_was_received_is_deleted_after_two_years_without_any_end():
    found = duties(world(), LATER, accord=COMMUNITY, party=ISLES, item="phish-wave")
    retention = next(d for d in found if d.id == "retention")
    assert retention.before == parse_instant("2027-03-04T00:00:00+01:00")
