"""How a recipient handles it: rows of one accord, never the first, never *as is*."""

from dataclasses import replace

import pytest

from comity.accords import Op, Operation
from comity.labels import Level, Mark, Policy, Rung, Tag, Tagged, TagSet, TagType
from comity.release import Denial, Permit, Reason, Request, decide
from comity.release.handling import reached
from make import RELEASE, SIGNED, accord, act, at, item, signed, world

NOW = at("2020-06-01")
BARE = RELEASE[: RELEASE.index("[[equivalence]]")]
RUNGS = {
    "LOW": Rung(name="LOW"),
    "MID": Rung(name="MID", above=("LOW",)),
    "HIGH": Rung(name="HIGH", above=("MID",)),
    "APART": Rung(name="APART", above=("LOW",)),
}
SETS = {
    "h": TagSet(name="h", type_=TagType.RESTRICTIVE, tags={n: Tag(name=n) for n in "XYZ"}),
    "n": TagSet(name="n", type_=TagType.INFORMATIVE, tags={"N": Tag(name="N")}),
}


def row(of, to, **more):
    listed = ", ".join(f'"{one}"' for one in to)
    extra = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    return f'[[equivalence]]\ncites = "1"\nfrom = "{of}"\nto = [{listed}]\n{extra}\n'


def tag_row(of, *to, drop=False):
    listed = ", ".join(f'"{one}"' for one in to)
    said = "drop = true" if drop else f"to = [{listed}]"
    return f'[[tag_equivalence]]\ncites = "1"\nfrom = "{of}"\n{said}\n\n'


def base(*acts, rules, **more):
    policies = {n: Policy(id=n, rungs=RUNGS, tag_sets=SETS) for n in "abc"}
    made = accord(SIGNED + BARE + rules)
    return world([made], [signed(), *acts], policies=policies, **more)


def marked(level="a:LOW", **sets):
    one = item(level=level)
    tags = tuple(Tagged(set_=name, values=tuple(v)) for name, v in sets.items())
    return replace(one, label=replace(one.label, tags=tags))


def ask(x=None, *, sender="a", recipient="b", when=NOW, **more):
    return Request(item=x or marked(), sender=sender, recipient=recipient, at=when, **more)


def handled(w, request):
    answer = decide(request, w)
    return (
        {level.name for level in answer.handle_as}
        if isinstance(answer, Permit)
        else answer.reason
    )


CHOICE = row("a:LOW", ["b:LOW", "b:APART"], choose="recipient")


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        (row("a:LOW", ["b:MID"]), {"MID"}),
        (row("a:MID", ["b:MID"]), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["a:LOW"]), Reason.NO_EQUIVALENT),
        (row("a:LOW", [], relation="none"), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:MID"]) + row("a:LOW", [], relation="none"), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:LOW"]) + row("a:LOW", ["b:MID"]), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:LOW"]) * 2, Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:LOW", "b:MID"]), Reason.NO_EQUIVALENT),
        (CHOICE, {"LOW", "APART"}),
        (CHOICE + row("a:LOW", ["b:MID"]), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:MID"], relation="at least"), {"MID"}),
        (row("a:LOW", ["b:MID"], relation="handle as"), {"MID"}),
        (row("a:LOW", ["b:LOW"], before="2020-06-01"), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:LOW"], before="2020-06-02"), {"LOW"}),
        (row("a:LOW", ["b:LOW"], since="2020-06-02"), Reason.NO_EQUIVALENT),
        (row("a:LOW", ["b:LOW"], since="2020-06-01"), {"LOW"}),
        (
            row("a:LOW", ["b:LOW"], before="2020-06-01")
            + row("a:LOW", ["b:MID"], since="2020-06-01"),
            {"MID"},
        ),
    ],
)
def test_a_level_goes_by_the_one_row_that_stands(rules, wanted):
    assert handled(base(rules=rules), ask()) == wanted


def test_the_second_before_a_row_ends_it_still_leads_and_the_permit_says_until_when():
    w = base(rules=row("a:LOW", ["b:LOW"], before="2020-06-02"))
    permit = decide(ask(when=at("2020-06-02") - 1), w)
    assert isinstance(permit, Permit)
    assert permit.good_before == at("2020-06-02")
    assert handled(w, ask(when=at("2020-06-02"))) is Reason.NO_EQUIVALENT


def test_a_row_to_none_is_cited():
    denial = decide(ask(), base(rules=row("a:LOW", [], relation="none")))
    assert isinstance(denial, Denial)
    assert denial.failing[0].article == "1"
    assert denial.failing[0].has == "the text says that `a:LOW` has none"


def designate(name, by, when, level, **more):
    how = {key: more.pop(key) for key in ("item", "categories") if key in more}
    return act(name, by, when, Operation(do=Op.DESIGNATE, level=level, **how), **more)


BOTH = {"LOW", "APART"}


@pytest.mark.parametrize(
    ("acts", "wanted"),
    [
        ([designate("d", "b", "2020-05-01", "b:APART")], {"APART"}),
        ([designate("d", "b", "2020-05-01", "b:APART", item="x")], {"APART"}),
        ([designate("d", "b", "2020-05-01", "b:APART", item="y")], BOTH),
        ([designate("d", "b", "2020-05-01", "b:APART", categories=("k",))], {"APART"}),
        ([designate("d", "b", "2020-05-01", "b:APART", categories=("l",))], BOTH),
        ([designate("d", "a", "2020-05-01", "b:APART")], BOTH),
        ([designate("d", ("a", "b"), "2020-05-01", "b:APART")], BOTH),
        ([designate("d", "b", "2020-06-02", "b:APART")], BOTH),
        ([designate("d", "b", "2020-05-01", "b:HIGH")], BOTH),
        ([designate("d", "b", "2020-05-01", "nonsense")], BOTH),
        ([designate("d", "b", "2020-05-01", "b:APART", form="oral")], BOTH),
        ([designate("d", "b", "2020-05-01", "b:APART", authority="none")], BOTH),
        ([designate("d", "b", "2020-05-01", "b:APART", of="u")], BOTH),
        (
            [
                designate("d", "b", "2020-04-01", "b:LOW"),
                designate("e", "b", "2020-05-01", "b:APART"),
            ],
            {"APART"},
        ),
        (
            [
                designate("d", "b", "2020-05-01", "b:LOW", item="x"),
                designate("e", "b", "2020-05-02", "b:APART"),
            ],
            {"LOW"},
        ),
        (
            [
                designate("d", "b", "2020-04-01T00:00:00Z/2020-05-03T00:00:00Z", "b:LOW"),
                designate("e", "b", "2020-05-01", "b:APART"),
            ],
            BOTH,
        ),
    ],
)
def test_the_recipient_chooses_in_writing_under_this_accord(acts, wanted):
    assert handled(base(*acts, rules=CHOICE), ask()) == wanted
    assert handled(base(*reversed(acts), rules=CHOICE), ask()) == wanted


def test_where_the_text_says_at_least_the_recipient_may_choose_a_level_above():
    rules = row("a:LOW", ["b:MID"], relation="at least")
    assert handled(
        base(designate("d", "b", "2020-05-01", "b:HIGH"), rules=rules), ask()
    ) == {"HIGH"}
    assert handled(
        base(designate("d", "b", "2020-05-01", "b:LOW"), rules=rules), ask()
    ) == {"MID"}


def test_of_two_choices_of_which_nobody_knows_the_later_both_apply():
    rules = row("a:LOW", ["b:LOW"], relation="at least")
    acts = [
        designate("d", "b", "2020-04-01T00:00:00Z/2020-05-03T00:00:00Z", "b:HIGH"),
        designate("e", "b", "2020-05-01", "b:MID"),
        designate("f", "b", "2020-03-01", "b:LOW"),
    ]
    assert handled(base(*acts, rules=rules), ask()) == {"HIGH", "MID"}
    assert handled(base(*reversed(acts), rules=rules), ask()) == {"HIGH", "MID"}


LEVELS = row("a:LOW", ["b:LOW"])


@pytest.mark.parametrize(
    ("rules", "x", "wanted"),
    [
        (LEVELS, marked(h=["X"]), None),
        (LEVELS + tag_row("a:h/X", "b:h/Y"), marked(h=["X"]), ["b:h/Y"]),
        (LEVELS + tag_row("a:h/X", "b:h/Y", "b:h/Z"), marked(h=["X"]), ["b:h/Y", "b:h/Z"]),
        (LEVELS + tag_row("a:h/X", "b:h/Y"), marked(h=["X", "Z"]), None),
        (LEVELS + tag_row("a:h/X", drop=True), marked(h=["X"]), []),
        (LEVELS + tag_row("a:h/X", "a:h/X"), marked(h=["X"]), None),
        (LEVELS, marked(n=["N"]), []),
    ],
)
def test_every_tag_that_narrows_needs_its_row(rules, x, wanted):
    answer = decide(ask(x), base(rules=rules))
    if wanted is None:
        assert isinstance(answer, Denial)
        assert answer.reason is Reason.NO_EQUIVALENT
    else:
        assert isinstance(answer, Permit)
        assert [str(tag) for tag in answer.handle_tags] == wanted


def test_its_own_information_comes_home_as_it_was_marked():
    x = replace(marked("b:HIGH", h=["X"]), originators=("b",))
    answer = decide(ask(x), base(rules=LEVELS))
    assert isinstance(answer, Permit)
    assert answer.handle_as == (Level("b", "HIGH"),)
    assert answer.handle_tags == (Mark("b", "h", "X"),)


# -- what is held ---------------------------------------------------------------------------

ONWARD = (
    LEVELS + row("b:LOW", ["a:LOW"]) + tag_row("a:h/X", "b:h/Y") + tag_row("b:h/Y", "a:h/X")
)


@pytest.mark.parametrize(
    ("held", "tags", "said"),
    [
        ("b:LOW", ["b:h/Y"], None),
        ("b:LOW", [], "a tag of the holder"),
        ("b:LOW", ["b:h/Z"], "a tag of the holder"),
        ("b:NONE", ["b:h/Y"], "a level of the holder"),
        ("a:LOW", ["b:h/Y"], "a level of the holder"),
    ],
)
def test_a_holder_holds_at_a_level_and_with_tags_to_which_tables_lead(held, tags, said):
    w = base(rules=ONWARD)
    request = ask(
        marked(h=["X"]),
        sender="b",
        recipient="a",
        held_as=Level.parse(held),
        held_tags=tuple(map(Mark.parse, tags)),
    )
    answer = decide(request, w)
    wants = [f.wants for f in answer.failing] if isinstance(answer, Denial) else []
    assert any(said in one for one in wants) if said else isinstance(answer, Permit)


def test_a_holder_may_hold_it_higher_and_never_lower():
    w = base(
        rules=row("a:MID", ["b:MID"]) + row("b:HIGH", ["a:HIGH"]) + row("b:LOW", ["a:LOW"])
    )
    higher = ask(marked("a:MID"), sender="b", recipient="a", held_as=Level("b", "HIGH"))
    assert isinstance(decide(higher, w), Permit)
    lower = decide(replace(higher, held_as=Level("b", "LOW")), w)
    assert isinstance(lower, Denial)
    assert lower.reason is Reason.NO_EQUIVALENT


@pytest.mark.parametrize(
    ("more", "held"),
    [
        (row("a:HIGH", ["b:LOW"], relation="none"), "b:LOW"),
        (row("a:HIGH", ["b:LOW"]) + row("b:LOW", ["a:LOW"]), "a:LOW"),
    ],
)
def test_no_row_to_none_and_no_way_round_lowers_what_was_received_or_made_from_it(
    more, held
):
    w = base(rules=more)
    level = Level.parse(held)
    assert level not in reached(Level("a", "HIGH"), w)
    part = marked("a:HIGH")
    whole = replace(
        item("y", originators=(level.policy,), level=held), made_from=(part.id,)
    )
    w = replace(w, items={part.id: part, "y": whole})
    answer = decide(ask(whole, sender=level.policy, recipient="c"), w)
    assert isinstance(answer, Denial)
    assert answer.reason is Reason.INVALID_LABEL


def test_what_others_agreed_to_drop_is_not_lost_for_a_holder_whose_table_keeps_it():
    sign = act("s o", ("b", "c"), "2020-01-01", Op.SIGN, of="o")
    onward = accord(SIGNED + BARE + row("b:LOW", ["c:LOW"]), name="o", parties=("b", "c"))
    others = accord(tag_row("a:h/X", drop=True), name="d", parties=("a", "c"))
    held = ask(marked(h=["X"]), sender="b", recipient="c", held_as=Level("b", "LOW"))
    for keeps, wanted in ((tag_row("a:h/X", "b:h/Y"), True), ("", False)):
        w = base(sign, rules=row("a:LOW", ["b:LOW"]) + keeps)
        w = replace(w, accords=(*w.accords, onward, others))
        answer = decide(held, w)
        assert isinstance(answer, Denial)
        said = [f.wants for f in answer.failing]
        assert any("a tag of the holder" in one for one in said) is wanted


@pytest.mark.parametrize(
    ("rules", "tags", "wanted"),
    [
        ("", (), Reason.NO_EQUIVALENT),
        (tag_row("a:h/X", "b:h/Y"), (), {"LOW"}),
        (tag_row("a:h/X", drop=True), (), {"LOW"}),
        (tag_row("a:h/Z", "b:h/Y"), ("Z",), Reason.NO_EQUIVALENT),
    ],
)
def test_a_tag_of_a_part_needs_its_row_also_where_the_whole_leaves_it_out(
    rules, tags, wanted
):
    part = marked(h=["X"])
    whole = replace(marked(h=tags) if tags else marked(), id="y", made_from=("x",))
    w = replace(base(rules=LEVELS + rules), items={"x": part, "y": whole})
    others = accord(tag_row("a:h/X", drop=True), name="d", parties=("a", "c"))
    w = replace(w, accords=(*w.accords, others))
    assert handled(w, ask(whole)) == wanted
    answer = decide(ask(whole), w)
    if isinstance(answer, Permit) and "to" in rules:
        assert answer.handle_tags == (Mark("b", "h", "Y"),)
