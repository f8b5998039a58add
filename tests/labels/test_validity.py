"""A label that its policy does not allow: each row one change of a good one."""

from dataclasses import replace

import pytest

from comity.labels import Caveat, Label, Level, Policy, Successor, Tag, TagType, faults
from labels.makers import NORTH, label, ladder, tags

OLD = Policy(
    id="n",
    rungs={**NORTH.rungs, "GONE": replace(NORTH.rungs["LOW"], name="GONE", obsolete=100)},
    tag_sets={
        **NORTH.tag_sets,
        "place": replace(
            tags(
                "place",
                TagType.RESTRICTIVE,
                PORT=Tag(name="PORT", levels=("HIGH",)),
                SEA=Tag(name="SEA", not_with=("place/PORT",)),
                DOCK=Tag(name="DOCK", needs=("place/PORT",)),
                QUAY=Tag(name="QUAY", obsolete=100),
            ),
            at_most=2,
        ),
    },
)


@pytest.mark.parametrize(
    "good",
    [
        label("LOW"),
        label("LOW", handling=["A", "B"], releasable=[], note=["N"]),
        label("HIGH", place=["PORT", "DOCK"]),
        label("LOW", lists=["p"], caveat=["eyes-only"]),
        label("LOW", caveat=["noforn"]),
        replace(label("LOW", caveat=["display-only"]), display_to=("p",)),
    ],
)
def test_a_label_within_its_policy_is_valid(good):
    assert faults(good, OLD) == ()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (label("NONE"), "`n:NONE` is no level of the policy `n`"),
        (label("LOW", policy="m"), "`m:LOW` is no level of the policy `n`"),
        (label("LOW", strange=["A"]), "`strange` is no tag set of the policy `n`"),
        (label("LOW", handling=["Z"]), "`handling/Z` is no value of the tag set"),
        (
            label("HIGH", place=["PORT", "SEA"]),
            "`place/SEA` may not stand beside `place/PORT`",
        ),
        (label("LOW", place=["PORT"]), "`place/PORT` stands beside HIGH only, not `LOW`"),
        (label("LOW", place=["DOCK"]), "`place/DOCK` needs `place/PORT` beside it"),
        (label("HIGH", place=["PORT", "DOCK", "QUAY"]), "`place` has 3 values; at most 2"),
        (label("LOW", lists=["p"], caveat=["noforn"]), "noforn stands beside a list"),
        (label("LOW", lists=[], caveat=["noforn"]), "noforn stands beside a list"),
        (label("LOW", caveat=["noforn", "eyes-only"]), "noforn and eyes-only exclude"),
        (
            label("LOW", caveat=["noforn", "relido"]),
            "noforn and relido exclude one another",
        ),
        (label("LOW", caveat=["eyes-only"]), "eyes-only needs a list of recipients"),
        (
            label("LOW", lists=[], caveat=["eyes-only"]),
            "eyes-only needs a list of recipients",
        ),
        (label("LOW", caveat=["display-only"]), "display-only and a display list"),
        (replace(label("LOW"), display_to=("p",)), "display-only and a display list"),
        (
            replace(label("LOW"), successor=Successor(at=1, level=Level("n", "NONE"))),
            "the successor `n:NONE` is no level of `n`",
        ),
        (
            replace(label("LOW"), tags=(*label("LOW", note=["N"]).tags,) * 2),
            "`note` stands twice",
        ),
    ],
)
def test_a_label_outside_its_policy_is_said_to_be(bad, said):
    found = faults(bad, OLD)
    assert len(found) >= 1
    assert any(said in words for words in found), found


@pytest.mark.parametrize("bad", [label("GONE"), label("LOW", place=["QUAY"])])
@pytest.mark.parametrize(("made", "valid"), [(99, True), (100, False), (None, False)])
def test_an_obsolete_value_is_good_on_what_was_made_before_and_on_nothing_undated(
    bad, made, valid
):
    assert (faults(bad, OLD, made) == ()) is valid


def test_a_required_set_is_required():
    wanted = Policy(
        id="n",
        rungs=ladder(LOW=()),
        tag_sets={"note": replace(NORTH.tag_sets["note"], required=True)},
    )
    assert faults(label("LOW"), wanted) == ("the tag set `note` is required",)
    assert faults(label("LOW", note=[]), wanted) == ()


def test_every_caveat_can_stand_on_some_label():
    for caveat in Caveat:
        good = label(
            "LOW",
            lists=["p"] if caveat is Caveat.EYES_ONLY else None,
            caveat=[caveat.value],
        )
        if caveat is Caveat.DISPLAY_ONLY:
            good = replace(good, display_to=("p",))
        assert faults(good, NORTH) == ()
        assert NORTH.caveats(good) == {caveat}


def test_a_date_lowers_from_its_instant_on_and_once():
    dated = Label(
        level=Level("n", "HIGH"),
        categories=(),
        successor=Successor(at=50, level=Level("n", "LOW")),
    )
    assert dated.at(49).level == Level("n", "HIGH")
    assert dated.at(50).level == Level("n", "LOW")
    assert dated.at(50).successor is None
