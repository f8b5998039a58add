"""The join of labels: no reader of the whole may read less than every part."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.labels import (
    Caveat,
    Label,
    Level,
    Part,
    Reader,
    Successor,
    Tag,
    TagSet,
    TagType,
    admits,
    dominates,
    faults,
    join,
)
from labels.makers import BESIDE, NORTH, label, part, tags

LEVELS = tuple(NORTH.rungs)
PARTIES = ("o", "p", "q")


def subsets(values):
    return st.sets(st.sampled_from(values)).map(lambda found: tuple(sorted(found)))


def maybe(strategy):
    return st.one_of(st.none(), strategy)


@st.composite
def parts(draw):
    sets = {
        name: values
        for name, values in (
            ("handling", draw(maybe(subsets(["A", "B"])))),
            ("releasable", draw(maybe(subsets(["X", "Y"])))),
            ("note", draw(maybe(subsets(["N", "M"])))),
            ("caveat", draw(maybe(subsets(["orcon", "relido"])))),
        )
        if values is not None
    }
    made = label(draw(st.sampled_from(LEVELS)), **sets)
    owners = draw(st.sampled_from([("o",), ("p",), ("o", "p")]))
    return part(made, *draw(subsets(PARTIES)), owners=owners, everybody=draw(st.booleans()))


@st.composite
def readers(draw):
    return Reader(
        party=draw(st.sampled_from(PARTIES)),
        levels=tuple(Level("n", name) for name in draw(subsets(LEVELS))),
        holds={
            "handling": frozenset(draw(subsets(["A", "B"]))),
            "releasable": frozenset(draw(subsets(["X", "Y"]))),
        },
    )


@given(st.lists(parts(), min_size=1, max_size=3), readers())
def test_whoever_may_read_the_whole_may_read_every_part(some, reader):
    whole = join(some, NORTH).part
    if whole is not None and admits(whole, reader, NORTH):
        assert all(admits(one, reader, NORTH) for one in some)


def test_no_combination_of_two_parts_and_a_reader_leaks():
    """Every pair of labels of the table, with every reader: nothing is drawn at random."""
    some = [
        part(label(level, **sets), *readers_)
        for level in ("LOW", "HIGH")
        for sets in (
            {},
            {"handling": ("A",)},
            {"releasable": ("X",)},
            {"releasable": ()},
            {"releasable": ("X", "Y"), "handling": ("B",)},
        )
        for readers_ in ((), ("p",))
    ]
    asking = [
        Reader(
            party=party,
            levels=(Level("n", level),),
            holds={"handling": frozenset(a), "releasable": frozenset(b)},
        )
        for party, level in product("op", ("LOW", "HIGH"))
        for a, b in product(("", "A", "AB"), ("", "X", "Y", "XY"))
    ]
    read, too_strict = 0, 0
    for one, two in product(some, some):
        whole = join([one, two], NORTH).part
        assert whole is not None
        for reader in asking:
            both = admits(one, reader, NORTH) and admits(two, reader, NORTH)
            if admits(whole, reader, NORTH):
                assert both
                read += 1
            too_strict += both and not admits(whole, reader, NORTH)
    assert read > 500
    # {X} and {X, Y} keep {X}: one who holds Y alone never read the first. Nothing more is lost.
    assert too_strict == 0


@given(parts(), parts(), parts())
def test_order_and_grouping_do_not_matter(a, b, c):
    def facts(joined):
        whole = joined.part
        if whole is None:
            return None
        sets = {
            name: None if (v := whole.label.tagged(name)) is None else set(v)
            for name in NORTH.tag_sets
        }
        return whole.label.level, sets, whole.readers, whole.owners

    assert facts(join([a, b, c], NORTH)) == facts(join([c, a, b], NORTH))
    first = join([a, b], NORTH).part
    if first is not None:
        assert facts(join([first, c], NORTH)) == facts(join([a, b, c], NORTH))


@given(parts(), parts())
def test_the_join_dominates_each_part(a, b):
    whole = join([a, b], NORTH).part
    assert whole is None or (dominates(whole, a, NORTH) and dominates(whole, b, NORTH))


@given(parts(), parts(), readers())
def test_whoever_may_read_a_label_may_read_what_it_dominates_unless_a_set_is_any_of(
    a, b, reader
):
    """Any-of sets are not subset dominance (labels.md 3.4); with full holdings they are."""
    holds = {name: frozenset(s.tags) for name, s in NORTH.tag_sets.items()}
    full = Reader(party=reader.party, levels=reader.levels, holds=holds)
    if (
        dominates(a, b, NORTH)
        and admits(a, full, NORTH)
        and b.label.tagged("releasable") != ()
    ):
        assert admits(b, full, NORTH)


def test_an_emptied_list_stays_and_lets_nobody_read():
    whole = join(
        [part(label("LOW"), "p", owners=("o",)), part(label("LOW"), "q", owners=("r",))],
        NORTH,
    )
    assert whole.part.label.release_to == ()
    assert whole.says == ("no party may read every part; split the item",)


def test_an_emptied_permissive_set_stays_and_admits_nobody():
    """The roll-up of ADatP-4774.1 read literally drops it, and everybody reads."""
    whole = join(
        [
            part(label("LOW", releasable=["X"]), "p"),
            part(label("LOW", releasable=["Y"]), "p"),
        ],
        NORTH,
    ).part
    assert whole.label.tagged("releasable") == ()
    reader = Reader(
        party="p", levels=(Level("n", "HIGH"),), holds={"releasable": frozenset("XY")}
    )
    assert not admits(whole, reader, NORTH)


@pytest.mark.parametrize(
    ("upper", "lower", "over"),
    [
        ({}, {}, True),
        ({"handling": ["A"]}, {}, True),
        ({"handling": ["A", "B"]}, {"handling": ["A"]}, True),
        ({}, {"handling": ["A"]}, False),
        ({"handling": ["B"]}, {"handling": ["A"]}, False),
        ({"releasable": ["X"]}, {}, True),
        ({"releasable": ["X"]}, {"releasable": ["X", "Y"]}, True),
        ({}, {"releasable": ["X"]}, False),
        ({"releasable": ["X", "Y"]}, {"releasable": ["X"]}, False),
        ({}, {"note": ["N"]}, True),
    ],
)
def test_a_label_is_over_another_by_its_tags_if_it_asks_for_as_much(upper, lower, over):
    high, low = part(label("HIGH", **upper), "p"), part(label("LOW", **lower), "p")
    assert dominates(high, low, NORTH) is over
    assert not dominates(low, high, NORTH)


def test_a_whole_that_its_policy_would_not_allow_is_no_label():
    alone = Tag(name="A", not_with=("handling/B",))
    sets = {"handling": tags("handling", TagType.RESTRICTIVE, A=alone, B=Tag(name="B"))}
    policy = replace(NORTH, tag_sets={**NORTH.tag_sets, **sets})
    one, other = (part(label("LOW", handling=[tag]), "o", "p") for tag in "AB")
    assert join([one, one], policy).part is not None
    assert join([one, other], NORTH).part is not None
    both = join([one, other], policy)
    assert both.part is None
    assert both.says == ("`handling/A` may not stand beside `handling/B`",)


def test_levels_side_by_side_are_marked_by_a_person_where_nothing_stands_over_both():
    two = [part(label("GOKUHI", policy="j")), part(label("TOKUTEI", policy="j"))]
    assert join(two, BESIDE).part.label.level == Level("j", "TOP")
    lower = BESIDE.__class__(
        id="j", rungs={n: r for n, r in BESIDE.rungs.items() if n != "TOP"}
    )
    joined = join(two, lower)
    assert joined.part is None
    assert joined.says == (
        "`j:GOKUHI` and `j:TOKUTEI`: no level stands over all of them; the originator marks"
        " the whole, or splits it",
    )


def test_an_originator_may_mark_the_whole_higher_and_never_lower():
    some = [part(label("LOW"))]
    higher = join(some, NORTH, level=Level("n", "HIGH"), why="the pattern shows the source")
    assert higher.part.label.compilation == "the pattern shows the source"
    assert higher.part.label.level == Level("n", "HIGH")
    assert join(some, NORTH, level=Level("n", "OPEN")).part is None


def test_labels_of_another_policy_are_translated_first():
    joined = join([part(label("LOW")), part(label("HI", policy="j"))], NORTH)
    assert joined.part is None
    assert joined.says == ("labels of `j` are first translated",)
    assert join([], NORTH).part is None


@pytest.mark.parametrize(
    ("caveats", "kept"),
    [
        ((["orcon"], []), {Caveat.ORCON}),
        ((["relido"], ["relido"]), {Caveat.RELIDO}),
        ((["relido"], []), set()),
        ((["noforn"], ["noforn"]), {Caveat.NOFORN}),
        ((["noforn"], []), set()),
        ((["eyes-only"], []), {Caveat.EYES_ONLY}),
    ],
)
def test_a_caveat_that_closes_stays_and_one_that_opens_stays_where_all_have_it(
    caveats, kept
):
    first, second = (part(label("LOW", caveat=one), "p") for one in caveats)
    if "noforn" in caveats[0]:
        first, second = (part(label("LOW", caveat=one)) for one in caveats)
    whole = join([first, second], NORTH).part
    assert NORTH.caveats(whole.label) == kept
    assert faults(whole.label, NORTH) == ()


def test_the_review_is_the_earliest_and_no_date_lowers_the_whole():
    one = part(
        Label(
            level=Level("n", "LOW"),
            categories=("a",),
            review=20,
            successor=Successor(at=5, level=Level("n", "OPEN")),
        )
    )
    two = part(Label(level=Level("n", "LOW"), categories=("b",), review=10))
    whole = join([one, two], NORTH).part.label
    assert (whole.review, whole.successor, whole.categories) == (10, None, ("a", "b"))


def test_a_part_that_its_date_raises_is_not_covered_by_the_level_of_today():
    rising = Label(
        level=Level("n", "LOW"),
        categories=("a",),
        successor=Successor(at=5, level=Level("n", "HIGH")),
    )
    joined = join([part(rising), part(label("LOW"))], NORTH)
    assert joined.part is None
    assert "from its date a part is `n:HIGH`" in joined.says[0]
    assert join([part(rising), part(label("HIGH"))], NORTH).part is not None


def test_what_may_only_be_shown_of_one_part_may_only_be_shown_of_the_whole():
    shown = Part(
        label=Label(
            level=Level("n", "LOW"),
            categories=("k",),
            display_to=("q",),
            tags=label("LOW", caveat=["display-only"]).tags,
        ),
        owners=frozenset("o"),
        readers=frozenset("op"),
        shown=frozenset("q"),
    )
    whole = join([shown, part(label("LOW"), "p", "q")], NORTH).part
    assert (whole.readers, whole.shown) == (frozenset("op"), frozenset("q"))
    assert whole.label.display_to == ("q",)
    closed = join([shown, part(label("LOW"), "p")], NORTH).part
    assert (closed.shown, closed.label.display_to) == (frozenset(), ())
    assert NORTH.caveats(closed.label) == frozenset()


def test_every_type_of_tag_set_is_in_the_policy_of_these_tests():
    assert {one.type_ for one in NORTH.tag_sets.values()} == set(TagType)


@pytest.mark.parametrize("caveat", [c for c in Caveat if c is not Caveat.ORCON])
def test_a_restrictive_value_that_would_be_lost_with_its_caveat_is_for_a_person(caveat):
    """Who does not hold it may not read the part; the whole would open that part."""
    asks = TagSet(
        name="asks",
        type_=TagType.RESTRICTIVE,
        tags={"V": Tag(name="V", caveat=caveat)},
    )
    policy = replace(NORTH, tag_sets={"asks": asks})
    bears = part(label("LOW", asks=["V"]), owners=("o",))
    plain = part(label("LOW"), owners=("p",))
    whole = join([bears, plain], policy)
    assert whole.part is None
    assert "`n:asks/V` asks for holders" in whole.says[-1]
