"""What a recorded consent covers, and what it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.errors import InvalidInput
from comity.labels import Policy, Rung
from comity.release import Denial, Permit, Reason, Request, decide, outlook
from comity.release.worldchecks import misspelt
from make import RELEASE, SIGNED, accord, act, at, item, signed, world

NOW = at("2020-02-01")
ONE = {"do": Op.CONSENT, "holder": "a", "to": "b", "item": "x", "purposes": ("p",)}
CLASS = {**ONE, "item": None, "categories": ("k", "l"), "ceiling": "c:HIGH"}
ASKED = {**ONE, "do": Op.REQUEST_CONSENT, "of": "c"}
LADDER = Policy(
    id="c",
    rungs={
        "LOW": Rung(name="LOW"),
        "HIGH": Rung(name="HIGH", above=("LOW",)),
        "TOP": Rung(name="TOP", above=("HIGH",)),
        "ASIDE": Rung(name="ASIDE", above=("LOW",)),
    },
)
ROWS = "".join(
    f'\n[[equivalence]]\ncites = "1"\nfrom = "c:{name}"\nto = ["b:LOW"]\n'
    for name in LADDER.rungs
)


def consent(by="c", when="2020-01-10", name="yes", of="t", **change):
    return act(name, by, when, Operation(**{**ONE, **change}), of=of)


def standing(**change):
    return consent(**{**CLASS, "do": Op.CONSENT, **change})


def asked(when="2020-01-05", name="please", by="a", of="t", **change):
    return act(name, by, when, Operation(**{**ASKED, **change}), of=of)


def refusal(when="2020-01-20", name="no", by="c", answers="please"):
    return act(name, by, when, Operation(do=Op.REFUSE_CONSENT, answers=answers))


def base(*acts, **more):
    policies = {**world().policies, "c": LADDER}
    other = accord(SIGNED + RELEASE + ROWS, name="u", parties=("a", "b"))
    accords = [accord(SIGNED + RELEASE + ROWS), other]
    more = {"policies": policies, **more}
    return world(accords, [signed(), *acts], **more)


def ask(*, when=NOW, level="c:LOW", categories=("k",), name="x", **more):
    x = item(name, originators=("c",), level=level, categories=categories)
    values = {"sender": "a", "recipient": "b", **more}
    return Request(item=x, at=when, **values)


def permits(w, **more):
    answer = decide(ask(**more), w)
    if isinstance(answer, Denial):
        assert answer.reason is Reason.CONSENT_MISSING, answer
        assert answer.consent_missing == ("c",)
    return isinstance(answer, Permit)


# -- the ceiling ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ceiling", "reaches"),
    [
        ("c:LOW", {"LOW"}),
        ("c:HIGH", {"LOW", "HIGH"}),
        ("c:TOP", {"LOW", "HIGH", "TOP"}),
        ("c:ASIDE", {"LOW", "ASIDE"}),
        ("a:HIGH", set()),
        ("c:GONE", set()),
        ("HIGH", set()),
    ],
)
def test_a_ceiling_takes_in_what_stands_at_or_below_it_in_its_givers_policy(
    ceiling, reaches
):
    w = base(standing(ceiling=ceiling))
    assert {n for n in LADDER.rungs if permits(w, level=f"c:{n}")} == reaches


def test_a_ceiling_and_listed_levels_stand_beside_one_another():
    w = base(standing(ceiling="c:LOW", levels=("c:TOP",)))
    found = {n for n in LADDER.rungs if permits(w, level=f"c:{n}")}
    assert found == {"LOW", "TOP"}


def test_a_ceiling_of_anothers_policy_keeps_a_world_from_loading():
    w = base(standing(ceiling="a:HIGH"))
    assert [f.code for f in misspelt(w)] == ["foreign-ceiling"]
    w = base(asked(ceiling="a:HIGH"))
    assert [f.code for f in misspelt(w)] == ["foreign-ceiling"]


# -- bad consents, each of them none -------------------------------------------------------

BACK = Operation(do=Op.REVOKE_CONSENT, consent="yes")
NONE = {
    "for another item": [consent(item="y")],
    "for another recipient": [consent(to="c")],
    "for another holder": [consent(holder="b")],
    "for another purpose": [consent(purposes=("q",))],
    "under another accord": [consent(of="u")],
    "of another party": [consent(by="b")],
    "after its last day": [consent(until="2020-01-31")],
    "before its first day": [consent(since="2020-02-02")],
    "before it was given": [consent(when="2020-02-02")],
    "given at some time that may be later": [
        consent(when="2020-01-31T00:00:00Z/2020-02-03T00:00:00Z")
    ],
    "taken back in between": [consent(), act("back", "c", "2020-01-20", BACK)],
    "taken back at some time that may be earlier": [
        consent(),
        act("back", "c", "2020-01-31T00:00:00Z/2020-02-03T00:00:00Z", BACK),
    ],
    "by somebody without authority": [replace(consent(), authority="none")],
    "oral": [replace(consent(), form="oral")],
    "in a form that nobody recorded": [replace(consent(), form=None)],
    "only recalled": [replace(consent(), source="", recalled=True)],
    "for a class that lacks a category": [standing(categories=("l", "m"))],
    "for a class without a level": [standing(ceiling=None)],
    "for a class without a category": [standing(categories=())],
    "up to a ceiling of another policy": [standing(ceiling="a:HIGH")],
    "up to a lower ceiling": [standing(ceiling="c:LOW")],
    "for nothing": [consent(item=None)],
    "asked for and not given": [asked()],
    "asked for and refused": [asked(), refusal()],
    "given, and then refused": [asked(), consent(), refusal()],
    "given and refused in one second": [asked(), consent(when="2020-01-20"), refusal()],
    "given when it may already have been refused": [
        asked(),
        consent(when="2020-01-20T00:00:00Z"),
        refusal("2020-01-19T00:00:00Z/2020-01-21T00:00:00Z"),
    ],
    "standing, and refused for this item": [asked(), standing(), refusal()],
    "for this item, and refused for its class": [
        asked(**{**CLASS, "do": Op.REQUEST_CONSENT, "categories": ("k",)}),
        consent(),
        refusal(),
    ],
}


@pytest.mark.parametrize("acts", NONE.values(), ids=NONE.keys())
def test_a_consent_that_is_none_lets_nothing_go(acts):
    assert not permits(base(*acts), level="c:HIGH", categories=("k",))


def test_one_category_that_a_consent_lacks_is_enough():
    w = base(standing(categories=("k",)))
    assert permits(w, level="c:HIGH")
    assert not permits(w, level="c:HIGH", categories=("k", "m"))


GIVEN = {
    "for the item": [consent()],
    "for its class": [standing()],
    "from this day on": [consent(since="2020-02-01")],
    "to this day": [consent(until="2020-02-01")],
    "asked for and given": [asked(), consent(answers="please")],
    "refused, and then given": [asked(), refusal("2020-01-06"), consent()],
    "refused by somebody who was not asked": [asked(), consent(), refusal(by="b")],
    "refused for another item": [asked(item="y"), consent(), refusal()],
    "refused to another recipient": [asked(to="c"), consent(), refusal()],
    "refused for another purpose": [asked(purposes=("q",)), consent(), refusal()],
    "refused under another accord": [asked(of="u"), consent(), refusal()],
    "refused above its level": [
        asked(**{**CLASS, "do": Op.REQUEST_CONSENT, "ceiling": None, "levels": ("c:TOP",)}),
        consent(),
        refusal(),
    ],
    "refused later": [asked(), consent(), refusal("2020-02-02")],
    "taken back by another": [consent(), act("back", "b", "2020-01-20", BACK)],
    "taken back later": [consent(), act("back", "c", "2020-02-02", BACK)],
}


@pytest.mark.parametrize("acts", GIVEN.values(), ids=GIVEN.keys())
def test_a_consent_that_is_one_lets_it_go(acts):
    assert permits(base(*acts), level="c:HIGH", categories=("k",))


@pytest.mark.parametrize(
    ("acts", "end"),
    [
        ([consent(until="2020-03-01")], "2020-03-02"),
        (
            [consent(until="2020-03-01"), consent(name="b", until="2020-04-01")],
            "2020-04-02",
        ),
        ([consent(until="2020-03-01"), consent(name="b")], None),
        ([consent(), act("back", "c", "2020-02-10", BACK)], "2020-02-10"),
        ([asked(), consent(), consent(name="b"), refusal("2020-02-05")], "2020-02-05"),
    ],
)
def test_a_permit_is_good_until_the_last_consent_ends_or_a_refusal_ends_them(acts, end):
    for order in (acts, acts[::-1]):
        w = base(*order)
        permit = decide(ask(), w)
        assert isinstance(permit, Permit)
        if end is None:
            assert permit.good_before > at("2100-01-01")
        else:
            assert permit.good_before == at(end)
            assert permits(w, when=at(end) - 1)
            assert not permits(w, when=at(end))


# -- what an act has to say ----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"holder": None},
        {"to": None},
        {"purposes": ()},
        {"item": None},
        {"item": None, "categories": ("k",)},
        {"item": None, "ceiling": "c:LOW"},
        {"ceiling": "LOW"},
        {"since": "tomorrow"},
        {"since": "2020-02-02", "until": "2020-02-01"},
    ],
)
@pytest.mark.parametrize("values", [ONE, ASKED])
def test_a_consent_or_request_that_does_not_say_for_what_does_not_load(values, change):
    with pytest.raises(InvalidInput):
        Operation(**{**values, **change}).check("it")


def test_a_request_says_who_is_asked_and_a_refusal_what_it_answers():
    with pytest.raises(InvalidInput, match="of"):
        Operation(**{**ASKED, "of": None}).check("it")
    with pytest.raises(InvalidInput, match="answers"):
        Operation(do=Op.REFUSE_CONSENT).check("it")
    Operation(**ASKED).check("it")
    Operation(**CLASS).check("it")


@pytest.mark.parametrize(
    "acts",
    [
        [refusal()],
        [asked(), refusal(by="b")],
        [asked(of="u"), refusal()],
        [consent(answers="please")],
        [asked(), consent(by="b", answers="please")],
    ],
)
def test_an_answer_to_no_request_keeps_a_world_from_loading(acts):
    assert "no-request" in {f.code for f in misspelt(base(*acts))}


def test_whom_a_request_asks_is_a_party_of_the_world():
    w = base(act("please", "a", "2020-01-05", Operation(**{**ASKED, "of": "z"})))
    assert [f.code for f in misspelt(w)] == ["unknown-word"]


# -- properties ----------------------------------------------------------------------------

ACTS = st.sampled_from(
    [
        consent(),
        consent(name="late", when="2020-01-25"),
        consent(name="short", until="2020-01-28"),
        standing(name="class"),
        asked(),
        refusal(),
        act("back", "c", "2020-01-15", BACK),
        consent(name="other", item="y"),
    ]
)


@given(st.lists(ACTS, unique_by=lambda a: a.id), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(acts, random):
    other = [*acts, *(replace(a, id=a.id + "-again") for a in acts if a.id == "yes")]
    if any(a.id == "back" for a in acts):
        other = list(acts)
    random.shuffle(other)
    for when in ("2020-01-12", "2020-01-18", "2020-01-22", "2020-01-26", "2020-02-01"):
        assert permits(base(*acts), when=at(when)) is permits(base(*other), when=at(when))


@given(st.lists(ACTS, unique_by=lambda a: a.id))
def test_one_refusal_or_revocation_more_never_permits(acts):
    fewer = [a for a in acts if a.id not in ("no", "back")]
    if permits(base(*acts)):
        assert permits(base(*fewer))


@given(st.lists(ACTS, unique_by=lambda a: a.id), st.integers(0, 40))
def test_no_release_without_a_consent_that_stands_and_says_so(acts, days):
    when = at("2020-01-01") + days * 86400
    names = {a.id for a in acts}
    good = {"yes": 10, "late": 25, "short": 10, "class": 10}
    may = {n for n, day in good.items() if n in names and days + 1 >= day}
    if "short" in may and days + 1 > 28:
        may -= {"short"}
    if "back" in names and days + 1 >= 15:
        may -= {"yes"}
    if {"no", "please"} <= names and days + 1 >= 20:
        may &= {"late"}
    assert permits(base(*acts), when=when) is bool(may)


def test_the_first_day_of_a_consent_is_the_next_opening_and_its_last_the_closing():
    w = base(consent(since="2020-02-15", until="2020-02-20"))
    before, within = ask(), ask(when=at("2020-02-16"))
    assert outlook(before, decide(before, w), w).opens == at("2020-02-15")
    assert outlook(within, decide(within, w), w).closes == at("2020-02-21")
