from dataclasses import replace

import pytest

from comity.accords import Op, Operation, Reading, Stage
from comity.accords.times import Span
from comity.labels import Level, Policy, Rung
from comity.release.world import Authority, Hold
from comity.release.worldchecks import check_world, misspelt
from comity.talks import Condition, Measure, Position
from make import (
    AFTER,
    RELEASE,
    SIGNED,
    accord,
    act,
    at,
    gsomia,
    item,
    notice,
    signed,
    world,
)

GATE = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "x"\nwho = "each"\n'


def codes(w):
    return {f.code for f in check_world(w)}


def base(*acts, rules=SIGNED + RELEASE, **more):
    return world([accord(rules)], [signed(), *acts], **more)


def test_a_sound_world_has_nothing_to_say():
    assert check_world(base()) == []
    assert check_world(gsomia()) == []


HOLD = Hold(
    id="h",
    by="a",
    towards=("b",),
    accords=("t",),
    categories=("k",),
    ground="x",
    since=at("2020-01-01"),
)
AUTHORITY = Authority(
    id="w",
    by="a",
    signed_by=("one", "two"),
    to=("b",),
    items=(),
    categories=("k",),
    levels=(Level("a", "LOW"),),
    purposes=("p",),
    conditions=(),
    since=at("2020-01-01"),
    before=at("2021-01-01"),
)
CONSENT = Operation(do=Op.CONSENT, holder="a", to="b", item="x", purposes=("p",))
CONDITION = Condition(
    id="k",
    by="a",
    accord="t",
    does="revoke_notice",
    waits_for="m:lifted",
    says="x",
    since=at("2020-01-01"),
)
MEASURE = Measure(id="m", by="b", what="x", states=())
POSITION = Position(
    id="p", by="a", says="x", since=at("2020-01-01"), known=at("2020-01-01")
)
READING = Reading(
    party="a",
    accord="t",
    open_point="suspended-notice",
    reading="dormant",
    since=at("2020-01-01"),
)


MISSPELT = [
    (base(act("s", "zz", "2020-02-01", Op.PROTEST)), "no-party"),
    (
        base(
            notice("2020-02-01"),
            replace(notice("2020-03-01"), id="again"),
            rules=SIGNED + AFTER,
        ),
        "id-twice",
    ),
    (
        base(act("r", "a", "2020-02-01", Operation(do=Op.REVOKE_CONSENT, consent="none"))),
        "no-instrument",
    ),
    (
        base(act("r", "a", "2020-02-01", Operation(do=Op.CONFIRM, instrument="none"))),
        "no-instrument",
    ),
    (
        base(
            replace(
                signed(),
                id="s2",
                times={(Stage.DATED, "zz"): Span.at(at("2020-01-01"))},
            )
        ),
        "no-party",
    ),
    (base(items={"x": item(level="a:NONE")}), "unknown-word"),
    (base(items={"x": item(categories=("none",))}), "unknown-word"),
    (base(items={"x": item(kind="none")}), "unknown-word"),
    (base(holds=(replace(HOLD, by="zz"),)), "no-party"),
    (base(holds=(replace(HOLD, towards=("bb",)),)), "unknown-word"),
    (base(holds=(replace(HOLD, accords=("tt",)),)), "unknown-word"),
    (base(holds=(replace(HOLD, categories=("kk",)),)), "unknown-word"),
    (base(authorities=(replace(AUTHORITY, by="zz"),)), "no-party"),
    (base(authorities=(replace(AUTHORITY, to=("zz",)),)), "unknown-word"),
    (base(authorities=(replace(AUTHORITY, purposes=("zz",)),)), "unknown-word"),
    (
        base(authorities=(replace(AUTHORITY, levels=(Level("a", "ZZ"),)),)),
        "unknown-word",
    ),
    (base(act("c", "c", "2020-02-01", replace(CONSENT, to="zz"))), "unknown-word"),
    (base(act("c", "c", "2020-02-01", replace(CONSENT, holder="zz"))), "unknown-word"),
    (
        base(act("c", "c", "2020-02-01", replace(CONSENT, purposes=("zz",)))),
        "unknown-word",
    ),
    (base(conditions=(CONDITION,)), "no-measure"),
    (
        base(conditions=(replace(CONDITION, does="dance"),), measures=(MEASURE,)),
        "no-measure",
    ),
    (
        base(conditions=(replace(CONDITION, accord="zz"),), measures=(MEASURE,)),
        "no-accord",
    ),
    (base(conditions=(replace(CONDITION, by="zz"),), measures=(MEASURE,)), "no-party"),
    (base(positions=(replace(POSITION, will_not="nothing:x"),)), "no-measure"),
    (base(readings=(replace(READING, party="zz"),)), "no-party"),
    (base(policies={}), "unknown-level"),
    (
        base(
            act("m", "a", "2020-02-01", Operation(do=Op.MEET, condition="none")),
            rules=SIGNED + RELEASE + GATE,
        ),
        "no-gate",
    ),
]


@pytest.mark.parametrize(("w", "code"), MISSPELT)
def test_a_misspelt_name_keeps_a_world_from_loading(w, code):
    assert code in {f.code for f in misspelt(w)}


def test_names_that_exist_are_no_findings():
    w = base(
        act("c", "c", "2020-02-01", CONSENT),
        holds=(HOLD,),
        authorities=(AUTHORITY,),
        conditions=(CONDITION,),
        measures=(MEASURE,),
        positions=(POSITION,),
        readings=(READING,),
    )
    assert misspelt(w) == []


DATED_ONLY = replace(
    notice("2020-02-01"), times={(Stage.DATED, ""): Span.at(at("2020-02-01"))}
)
SENT_ONLY = replace(signed(), id="s2", times={(Stage.SENT, ""): Span.at(at("2020-01-01"))})


ODD = [
    (base(act("n", "c", "2020-02-01", Op.PROTEST)), "stranger"),
    (base(DATED_ONLY, rules=SIGNED + RELEASE + AFTER), "no-deciding-time"),
    (base(SENT_ONLY), "no-deciding-time"),
    (base(notice("2020-02-01")), "without-effect"),
    (
        world([accord(SIGNED + RELEASE + AFTER)], [signed(), notice("2020-08-31")]),
        "no-such-day",
    ),
    (
        base(rules=SIGNED + RELEASE.replace('allowed = ["any"]', 'allowed = ["zz"]')),
        "unknown-word",
    ),
]


@pytest.mark.parametrize(("w", "code"), ODD)
def test_what_is_odd_is_said_and_keeps_nothing_from_loading(w, code):
    assert code in codes(w)
    assert misspelt(w) == []


TIED = '\n[[tied]]\ncites = "1"\nto = "{}"\nhow = "start and end"\n'
TURNED = RELEASE.replace('to = ["b:LOW"]', 'to = ["b:HIGH"]')
TURNED += '\n[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:LOW"]\n'
MORE = [
    (base(items={"x": item(release_to=("none",))}), "unknown-word"),
    (base(rules=SIGNED + RELEASE + TIED.format("tca")), "no-accord"),
    (base(rules=SIGNED + RELEASE + TIED.format("t")), "circle"),
    (base(rules=SIGNED + TURNED), "order-lost"),
]


@pytest.mark.parametrize(("w", "code"), [*MISSPELT, *ODD, *MORE])
def test_a_finding_names_the_file_or_what_it_is_about_where_there_is_none(w, code):
    filed = replace(
        w,
        accords=tuple(replace(a, where=f"{a.id}.accord.md") for a in w.accords),
        items={name: replace(x, where=f"{name}.items.toml") for name, x in w.items.items()},
    )
    files = {a.id: f"{a.id}.accord.md" for a in w.accords}
    files["items"] = next((f"{name}.items.toml" for name in w.items), "")
    check = misspelt if misspelt(w) else check_world
    bare, full = check(w), check(filed)
    assert code in {f.code for f in bare}
    assert {(files.get(f.where, f.where), f.message) for f in bare} == {
        (f.where, f.message) for f in full
    }


def labelled(do, by="a", *, form="written", **more):
    return act("new", by, "2020-02-01", Operation(do=do, **more), form=form)


NO_LEVEL = "`a:NONE` is no level here"
NO_ITEM = "its item is none here"
STRANGER = "only an originator changes a label"
SPOKEN = "it is not recorded as written"


@pytest.mark.parametrize(
    ("instrument", "lacks"),
    [
        (labelled(Op.RELABEL, item="x", level="a:HIGH"), None),
        (labelled(Op.RELABEL, ("b", "a"), item="x", level="a:HIGH"), None),
        (labelled(Op.RELABEL, "b", item="x", level="a:HIGH"), STRANGER),
        (labelled(Op.RELABEL, item="z", level="a:HIGH"), NO_ITEM),
        (labelled(Op.RELABEL, item="x", level="a:NONE"), NO_LEVEL),
        (labelled(Op.RELABEL, item="x", level="z:LOW"), "`z:LOW` is no level here"),
        (labelled(Op.RELABEL, item="x"), "`` is no level here"),
        (labelled(Op.RELABEL, item="x", level="a:HIGH", form="oral"), SPOKEN),
        (
            labelled(Op.RELABEL, "b", item="x", level="a:NONE", form="oral"),
            f"{NO_LEVEL}; {STRANGER}; {SPOKEN}",
        ),
        (labelled(Op.DESIGNATE, "b", item="x", level="b:HIGH"), None),
        (labelled(Op.DESIGNATE, "b", level="b:HIGH"), None),
        (labelled(Op.DESIGNATE, "b", item="z", level="b:HIGH"), NO_ITEM),
        (labelled(Op.DESIGNATE, "b", level="b:HIGH", form="oral"), SPOKEN),
    ],
)
def test_a_new_label_or_designation_that_changes_nothing_is_said_with_what_it_lacks(
    instrument, lacks
):
    w = base(instrument, items={"x": item()})
    said = [f.message for f in check_world(w) if f.code == "without-effect"]
    wanted = f"`new` ({instrument.operations[0].do}) changes nothing: {lacks}"
    assert said == ([] if lacks is None else [wanted])


def test_a_table_that_turns_the_order_round_is_found():
    rows = (
        RELEASE.replace('to = ["b:LOW"]', 'to = ["b:HIGH"]')
        + '\n[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:LOW"]\n'
    )
    assert "order-lost" in codes(base(rules=SIGNED + rows))
    ladder = {"LOW": Rung(name="LOW"), "HIGH": Rung(name="HIGH")}
    beside = {p: Policy(id=p, rungs=ladder) for p in "abc"}
    assert "order-lost" not in codes(base(rules=SIGNED + rows, policies=beside))


def test_too_many_uncertain_times_are_a_finding_beside_the_others():
    many = [
        replace(
            notice("2020-03-01", name=f"n{i}"),
            times={(Stage.RECEIVED, ""): Span(at("2020-03-01"), at("2020-03-02"))},
        )
        for i in range(12)
    ]
    found = codes(
        base(
            *many,
            replace(
                DATED_ONLY,
                id="vague",
                operations=(Operation(do=Op.GIVE_NOTICE, notice="vague"),),
            ),
            rules=SIGNED + RELEASE + AFTER,
        )
    )
    assert {"too-uncertain", "no-deciding-time"} <= found
