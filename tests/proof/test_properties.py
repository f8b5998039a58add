"""Every statement is proved where it holds, and broken by a fault planted for it."""

from dataclasses import dataclass, replace
from functools import cache

import pytest
import z3

from comity.accords import Op, Operation, load_accord
from comity.accords.times import Instant
from comity.proof import PROPERTIES, Terms, prove, prove_joins, prove_tables
from comity.proof.asked import STRANGE, some
from comity.release import Failing, Hold, Permit, Reason, decide, examine
from comity.release.examine import _Examination
from comity.worlds import load_world
from make import AFTER, RELEASE, ROOT, SIGNED, accord, act, gsomia, notice, signed, world
from oracle.boundary import BESIDE

NAMES = {one.name: one for one in PROPERTIES}
STANDING, ORIGINATORS, HOLDS, SILENCE, CATEGORIES, CAVEATS, LEVEL = PROPERTIES


@cache
def isac():
    return load_world(ROOT / "worlds" / "isac")


@cache
def labels():
    return load_world(BESIDE / "labels")


def broken(found):
    return [str(one) for proved in found for one in proved.broken]


def test_every_statement_holds_in_the_world_of_the_night():
    found = prove(gsomia())
    assert broken(found) == []
    assert [p.name for p in found] == list(NAMES)
    assert all(p.holds and p.pairs == 6 and len(p.accords) == 4 for p in found)


@pytest.mark.parametrize("pair", [("cert-isles", "cert-east"), ("vendor", "cert-north")])
def test_and_in_the_community(pair):
    assert broken(prove(isac(), pairs=[pair])) == []


def test_and_where_labels_have_caveats_and_groups():
    found = prove(labels(), pairs=[("north", "east")])
    assert broken(found) == []
    assert next(p for p in found if p.name == CAVEATS.name).conditions


# -- faults in what was agreed ----------------------------------------------------------


def agreed(rules=SIGNED + RELEASE + AFTER, acts=(), **more):
    return world([accord(rules)], [signed(), *acts], **more)


def one(statement, mutated, original, **more):
    (found,) = prove(mutated, agreed=original, properties=[statement], **more)
    assert not found.holds
    assert found.broken
    for example in found.broken:
        assert example.real  # `decide` says so as well
        assert str(example)
    return found.broken


def test_an_end_one_day_late_is_found():
    original = agreed(acts=[notice("2020-06-01")])
    late = agreed(acts=[notice("2020-06-02")])
    (example, *_) = one(STANDING, late, original, pairs=[("a", "b")])
    assert original.clock("t").between(
        example.found.request.at, ("a", "b"), party="a"
    ).status == ("ended")


def test_a_third_party_rule_that_was_dropped_is_found():
    original = agreed()
    text = (SIGNED + RELEASE + AFTER).replace('"each originator"', '"not needed"')
    (example, *_) = one(ORIGINATORS, agreed(text), original, pairs=[("a", "b")])
    assert example.found.request.item.originators != ("a",)


def test_a_consent_that_goes_on_a_day_too_long_is_found():
    def consented(until):
        operation = Operation(
            do=Op.CONSENT,
            holder="a",
            to="b",
            categories=("k",),
            levels=("c:LOW",),
            purposes=("p",),
            until=until,
        )
        row = '[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["b:LOW"]\n'
        rules = SIGNED + RELEASE + AFTER + row
        return agreed(rules, [act("consent", "c", "2020-02-01", operation)])

    (example, *_) = one(
        ORIGINATORS, consented("2020-03-02"), consented("2020-03-01"), pairs=[("a", "b")]
    )
    assert example.found.request.item.originators == ("c",)


def test_a_hold_that_ends_a_second_early_is_found():
    hold = Hold(
        id="h",
        by="a",
        towards=("b",),
        accords=("t",),
        categories=("k",),
        ground="a test",
        since=Instant(1_590_000_000),
        before=Instant(1_600_000_000),
    )
    early = replace(hold, before=Instant(1_599_999_999))
    (example, *_) = one(
        HOLDS, agreed(holds=(early,)), agreed(holds=(hold,)), pairs=[("a", "b")]
    )
    assert example.found.request.at == 1_599_999_999


# -- faults in the evaluator, the same in the terms ---------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCategoryIsEnough(Terms):
    """One covered category taken for all."""

    def categories_in(self, scope):
        listed = [w for w in self.asked.item.categories if w in scope.categories]
        return some(self.asked.item.categories[word] for word in listed)


def test_one_covered_category_taken_for_all_is_found(monkeypatch):
    text = (SIGNED + RELEASE + AFTER).replace('categories = ["any"]', 'categories = ["k"]')
    original = _Examination._scope

    def faulty(self):
        covered = set(self._request.item.label.categories) & {"k"}
        yield from (f for f in original(self) if not covered or "category" not in f.reason)

    monkeypatch.setattr(_Examination, "_scope", faulty)
    mutated = agreed(text)
    (example, *_) = one(
        CATEGORIES, mutated, mutated, build=OneCategoryIsEnough, pairs=[("a", "b")]
    )
    assert len(example.found.request.item.label.categories) > 1
    assert "k" not in example.less.request.item.label.categories


@dataclass(frozen=True, slots=True, kw_only=True)
class OneConsentIsEnough(Terms):
    """The consent of one originator taken for all."""

    def onward(self, text):
        refused, missing = Terms._goes_onward(self, text)
        everybody = z3.And(
            *(z3.Or(missing[p], z3.Not(self.asked.originates(p))) for p in self.others())
        )
        return refused, {p: z3.And(m, everybody) for p, m in missing.items()}


def test_the_consent_of_one_originator_taken_for_all_is_found(monkeypatch):
    names = ("a", "b", "c", "d")
    base = world()
    party, policy = base.parties["a"], base.policies["a"]
    more = {
        "parties": {n: replace(party, id=n, name=n) for n in names},
        "policies": {n: replace(policy, id=n) for n in names},
    }
    consent = Operation(
        do=Op.CONSENT,
        holder="a",
        to="b",
        categories=("k",),
        levels=("a:LOW",),
        purposes=("p",),
        item=None,
    )
    w = agreed(acts=[act("consent", "c", "2020-02-01", consent)], **more)
    original = _Examination._without_leave

    def faulty(self, others, rule, *, orcon):
        missing = original(self, others, rule, orcon=orcon)
        return missing if len(missing) == len(others) else ()

    monkeypatch.setattr(_Examination, "_without_leave", faulty)
    (found,) = prove(
        w, properties=[ORIGINATORS], build=OneConsentIsEnough, pairs=[("a", "b")]
    )
    assert found.broken
    assert all(example.real for example in found.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownKindsPass(Terms):
    """A kind that nobody has defined taken for any."""

    def known(self):
        strange = self.asked.kind.options[STRANGE]
        return z3.substitute(Terms.known(self), (strange, z3.BoolVal(val=False)))


def test_a_kind_that_nobody_has_defined_is_found(monkeypatch):
    module = __import__("comity.release.decide", fromlist=["_unknown"])
    original = module._unknown
    monkeypatch.setattr(
        module,
        "_unknown",
        lambda r, w: (f for f in original(r, w) if "a kind" not in f.wants),
    )
    w = agreed()
    (example, *_) = one(SILENCE, w, w, build=UnknownKindsPass, pairs=[("a", "b")])
    assert "kind" in example.about
    assert isinstance(decide(example.found.request, example.found.world), Permit)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyTheHighest(Terms):
    """A level below another taken to lead nowhere, though it has a row."""

    def admits(self, version):
        low = [lv for lv in self.asked.item.level.options if lv.name == "LOW"]
        return z3.And(Terms.admits(self, version), z3.Not(self.asked.item.level.among(low)))


def test_a_lower_level_that_is_refused_though_it_has_a_row_is_found(monkeypatch):
    row = '[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:HIGH"]\n'
    w = agreed(SIGNED + RELEASE + AFTER + row)
    original = examine.handling

    def faulty(request, text, where):
        found = original(request, text, where)
        if request.item.label.level.name != "LOW":
            return found
        return replace(found, failing=(*found.failing, *_a_failing()))

    monkeypatch.setattr("comity.release.examine.handling", faulty)
    (example, *_) = one(LEVEL, w, w, build=OnlyTheHighest, pairs=[("a", "b")])
    assert example.found.request.item.label.level.name == "HIGH"
    assert example.less.request.item.label.level.name == "LOW"


def _a_failing():
    yield Failing(reason=Reason.NO_EQUIVALENT, accord="t", article="", wants="", has="")


def test_a_counterexample_that_decide_denies_is_said_to_be_none():
    """Terms that are wrong alone, and no evaluator with them, are no proof of anything."""
    w = agreed()
    (found,) = prove(w, properties=[SILENCE], build=UnknownKindsPass, pairs=[("a", "b")])
    assert [example.real for example in found.broken] == [False] * len(found.broken)
    assert "the solver's terms are wrong" in str(found.broken[0])


# -- tables and joins -----------------------------------------------------------------------


def test_no_table_of_the_night_lowers():
    found = prove_tables(gsomia())
    assert found.holds
    assert found.conditions > 40


def test_a_row_that_was_lowered_is_found():
    old = b'from = "us:SECRET"\nto = ["kr:II"]'
    raw = (ROOT / "worlds/gsomia/accords/tisa-2014.accord.md").read_bytes()
    assert old in raw
    text = load_accord(raw.replace(old, old.replace(b"kr:II", b"kr:III")))
    w = gsomia()
    accords = tuple(text if a.id == text.id else a for a in w.accords)
    found = prove_tables(replace(w, accords=accords))
    assert any(
        "`kr:II` goes as `us:SECRET` and comes back as `kr:III`" in b
        for b in broken([found])
    )


def test_no_join_opens_a_part():
    for w in (gsomia(), isac(), labels()):
        found = prove_joins(w)
        assert found.holds
        assert found.conditions == 3 * len(w.policies)
