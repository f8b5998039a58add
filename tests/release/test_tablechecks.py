"""What is wrong with a table: each check has a table with the fault, shown by its rows."""

import pytest

from comity.labels import Policy, Rung, Tag, TagSet, TagType
from comity.release import tablechecks as k
from comity.release.worldchecks import check_world
from make import RELEASE, SIGNED, accord, gsomia, signed, world

BARE = RELEASE[: RELEASE.index("[[equivalence]]")]
RUNGS = {
    "LOW": Rung(name="LOW", handling=("locked",)),
    "MID": Rung(name="MID", above=("LOW",), handling=("locked",)),
    "HIGH": Rung(name="HIGH", above=("MID",), handling=("locked", "registered")),
    "APART": Rung(name="APART", above=("LOW",), handling=("locked",)),
}
SETS = {"h": TagSet(name="h", type_=TagType.RESTRICTIVE, tags={"X": Tag(name="X")})}


def rows(*pairs, **more):
    extra = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    return "".join(
        f'[[equivalence]]\ncites = "1"\nfrom = "{of}"\nto = ["{to}"]\n{extra}\n'
        for of, to in (pair.split(" > ") for pair in pairs)
    )


def table(text, *others):
    policies = {n: Policy(id=n, rungs=RUNGS, tag_sets=SETS) for n in "abc"}
    made = [accord(SIGNED + BARE + text)]
    for place, (parties, more) in enumerate(others):
        made.append(accord(SIGNED + BARE + more, name=f"t{place}", parties=parties))
    return world(made, [signed()], policies=policies)


SAME = rows("a:LOW > b:LOW", "a:MID > b:MID", "b:LOW > a:LOW", "b:MID > a:MID")


@pytest.mark.parametrize(
    ("check", "w", "code", "shown"),
    [
        (
            k.equivalence_is_total,
            table(rows("a:MID > b:MID")),
            "row-missing",
            ["`a:LOW` has no row to `b`", "1: a:MID → b:MID"],
        ),
        (
            k.equivalence_keeps_the_order,
            table(rows("a:MID > b:LOW", "a:LOW > b:MID")),
            "order-lost",
            ["1: a:MID → b:LOW", "1: a:LOW → b:MID"],
        ),
        (
            k.equivalence_keeps_the_order,
            table(rows("a:MID > b:APART", "a:LOW > b:MID")),
            "order-lost",
            ["`b:APART` does not stand above `b:MID`"],
        ),
        (
            k.nothing_is_lowered_on_return,
            table(rows("a:MID > b:MID", "b:MID > a:LOW")),
            "lowered-on-return",
            ["`a:MID` comes back as a:LOW", "1: a:MID → b:MID", "1: b:MID → a:LOW"],
        ),
        (
            k.nothing_is_lowered_on_return,
            table(rows("a:MID > b:MID", "b:MID > a:APART")),
            "lowered-on-return",
            ["`a:MID` comes back as a:APART"],
        ),
        (
            k.protection_is_kept,
            table(rows("a:HIGH > b:MID")),
            "protection-lost",
            ["`b:MID` does not ask for registered", "1: a:HIGH → b:MID"],
        ),
        (
            k.no_way_round_arrives_lower,
            table(
                rows("a:MID > b:MID"),
                ("bc", rows("b:MID > c:LOW")),
                ("ac", rows("a:MID > c:MID")),
            ),
            "lower-by-a-detour",
            ["`a:MID` arrives as `c:LOW` by way of `b:MID`", "directly as c:MID"],
        ),
        (
            k.levels_are_in_policies,
            table(rows("a:NONE > b:LOW")),
            "unknown-level",
            ["`a:NONE`"],
        ),
        (
            k.levels_are_in_policies,
            table('[[tag_equivalence]]\ncites = "1"\nfrom = "a:h/Q"\nto = ["b:h/X"]\n'),
            "unknown-tag",
            ["`a:h/Q`"],
        ),
        (
            k.levels_are_in_policies,
            table('[[common_policy]]\ncites = "1"\npolicy = "a"\nlevels = ["NONE"]\n'),
            "unknown-level",
            ["`a:NONE`"],
        ),
        (
            k.levels_are_in_policies,
            table(
                '[[common_policy]]\ncites = "1"\npolicy = "a"\nlevels = ["LOW"]\ntags = ["h/Q"]\n'
            ),
            "unknown-tag",
            ["`a:h/Q`"],
        ),
    ],
)
def test_each_check_finds_its_fault_and_shows_the_rows(check, w, code, shown):
    found = list(check(w))
    assert found
    assert {finding.code for finding in found} == {code}
    for words in shown:
        assert any(words in finding.message for finding in found), [
            f.message for f in found
        ]


@pytest.mark.parametrize("check", [*k.NAMES, *k.TABLES])
@pytest.mark.parametrize(
    "w",
    [
        table(SAME),
        table(rows("a:LOW > b:MID", "b:MID > a:MID", "b:LOW > a:LOW")),
        table(
            rows("a:HIGH > b:MID", relation="handle as")
            + rows("a:LOW > b:LOW", "a:MID > b:MID")
        ),
        table(
            SAME
            + '[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = []\nrelation = "none"\n'
        ),
        gsomia(),
    ],
)
def test_a_sound_table_has_nothing_to_say(check, w):
    assert list(check(w)) == []


def test_a_row_to_none_says_so_and_leaves_no_gap():
    none = '[[equivalence]]\ncites = "1"\nfrom = "a:LOW"\nto = []\nrelation = "none"\n'
    assert list(k.equivalence_is_total(table(rows("a:MID > b:MID") + none))) == []


def test_the_checks_of_a_world_include_those_of_its_tables():
    codes = {finding.code for finding in check_world(table(rows("a:MID > b:MID")))}
    assert "row-missing" in codes
