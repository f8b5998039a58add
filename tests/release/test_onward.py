"""Onward release of what was received under another accord, also after its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op, Operation
from comity.accords.instruments import Instrument
from comity.release import Denial, Permit, Reason, Request, decide
from comity.release.asking import draft, missing
from make import RELEASE, SIGNED, accord, act, at, item, notice, signed, world
from release.test_duties import ENDS, gave
from release.test_given import FOLLOWS

ROW = '\n[[equivalence]]\ncites = "1"\nfrom = "{}:LOW"\nto = ["{}:LOW"]\n'
FREE = RELEASE.replace('"each originator"', '"not needed"')
SURVIVE = '\n[survival]\ncites = "1"\nprotect = "always"\nonward = "{}"\n'


def consent(of="t", name="yes", when="2020-02-10", by="a", **more):
    operation = Operation(
        do=Op.CONSENT, holder="b", to="c", item="x", purposes=("p",), **more
    )
    return act(name, by, when, operation, of=of)


def here(
    first=SIGNED + RELEASE + ENDS,
    *acts: Instrument,
    second=FREE,
    ended: str | None = "2020-06-01",
    front="",
):
    """Return a world in which b received x from a under `t` and would pass it to c under `o`."""
    other = accord(SIGNED + second + ROW.format("a", "c"), name="o", parties=("b", "c"))
    done = [
        signed(),
        gave(),
        act("signed o", ("b", "c"), "2020-01-01", Op.SIGN, of="o"),
        *acts,
    ]
    if ended is not None:
        done.append(notice(ended))
    return world([accord(first, front=front), other], done, items={"x": item("x")})


def ask(world_, when="2021-01-01"):
    return decide(Request(item=item("x"), sender="b", recipient="c", at=at(when)), world_)


def onward(words):
    return SIGNED + RELEASE + ENDS + SURVIVE.format(words)


def test_what_is_made_from_what_was_received_is_bound_like_it():
    made = replace(item("z", originators=("b",), level="b:LOW"), made_from=("x",))
    world_ = here(onward("as 1"), second=FREE + ROW.format("b", "c"))
    world_ = replace(world_, items={**world_.items, "z": made})
    asked = Request(item=made, sender="b", recipient="c", at=at("2021-01-01"))
    denied = decide(asked, world_)
    assert isinstance(denied, Denial)
    assert denied.consent_missing == ("a",)
    own = replace(asked, item=item("y", originators=("b",), level="b:LOW"))
    plain = replace(world_, items={"y": own.item})
    assert isinstance(decide(own, plain), Permit)


def test_without_a_record_of_receipt_the_accord_it_goes_under_decides_alone():
    assert isinstance(ask(here().without(["gave x"])), Permit)


@pytest.mark.parametrize("ended", ["2020-06-01", None])
def test_what_was_received_goes_on_only_with_the_originators_consent_also_after_the_end(
    ended,
):
    denied = ask(here(onward("as 1"), ended=ended))
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CONSENT_MISSING
    assert denied.consent_missing == ("a",)
    assert denied.failing[0].accord == "t"


def test_a_consent_given_before_the_end_goes_on():
    assert isinstance(ask(here(onward("as 1"), consent())), Permit)


def test_unless_it_is_withdrawn_or_has_ended():
    taken = act("no", "a", "2020-09-01", Operation(do=Op.REVOKE_CONSENT, consent="yes"))
    world_ = here(onward("as 1"), consent(), taken)
    assert isinstance(ask(world_, "2020-08-01"), Permit)
    assert isinstance(ask(world_, "2020-09-01"), Denial)
    over = here(onward("as 1"), consent(until="2020-08-31"))
    assert isinstance(ask(over, "2020-08-31"), Permit)
    assert isinstance(ask(over, "2020-09-01"), Denial)


def test_the_consent_under_the_accord_it_goes_by_will_do_as_well():
    assert isinstance(ask(here(onward("as 1"), consent("o"))), Permit)


def test_a_consent_under_the_ended_accord_is_none_under_the_other():
    denied = ask(here(onward("as 1"), consent(), second=RELEASE))
    assert isinstance(denied, Denial)
    assert {f.accord for f in denied.failing} == {"o"}
    both = ask(here(onward("as 1"), consent("o"), second=RELEASE))
    assert isinstance(both, Permit)


def test_never_is_never_whoever_consents():
    denied = ask(here(onward("never"), consent(), consent("o", "yes too")))
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.ONWARD_NOT_ADMITTED
    assert isinstance(
        ask(here(onward("never"), consent(), ended=None)), Permit
    )  # it stands yet


def test_while_it_is_in_doubt_whether_it_has_ended_the_rule_after_the_end_binds():
    vague = "2020-06-01T00:00:00Z/2020-06-03T00:00:00Z"
    denied = ask(here(onward("never"), consent(), ended=vague), "2020-06-02")
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.ONWARD_NOT_ADMITTED


@pytest.mark.parametrize("law", ["vclt", "contract", "political"])
def test_a_text_that_does_not_say_binds_as_it_did(law):
    text = here()
    changed = replace(
        text, accords=(accord(SIGNED + RELEASE + ENDS, law=law), text.accords[1])
    )
    assert isinstance(ask(changed), Denial)
    assert isinstance(ask(changed.supposing([consent()])), Permit)


def test_a_text_without_a_third_party_rule_leaves_it_to_each_originator():
    rules = RELEASE.replace('[third_party]\ncites = "1"\nconsent = "each originator"\n', "")
    assert isinstance(ask(here(SIGNED + rules + ENDS)), Denial)
    assert isinstance(ask(here(SIGNED + rules + ENDS, consent())), Permit)


def test_a_rule_that_needs_no_consent_binds_nobody_after_the_end_either():
    assert isinstance(ask(here(SIGNED + FREE + ENDS + SURVIVE.format("as 1"))), Permit)


def test_an_exception_beside_the_rule_goes_on_with_it():
    lets = (
        '\n[[exception]]\ncites = "1"\nto = "third_party"\nanswer = "permit"\n'
        'recipients = ["c"]\n'
    )
    assert isinstance(ask(here(onward("as 1") + lets)), Permit)


def test_what_a_successor_has_adopted_is_bound_by_the_successor_alone():
    follows = FOLLOWS.format("true")
    for rules, answer in ((RELEASE, Denial), (FREE, Permit)):
        text = here(onward("never"), ended=None)
        new = accord(SIGNED + rules + follows, name="s")
        signs = act("signed s", ("a", "b"), "2020-05-01", Op.SIGN, of="s")
        adopted = replace(
            text, accords=(*text.accords, new), instruments=(*text.instruments, signs)
        )
        assert isinstance(ask(adopted), answer)


def test_an_accord_whose_existence_is_classified_is_not_named():
    denied = ask(here(onward("as 1"), front='existence = "classified"\n'))
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.CONSENT_MISSING
    assert {f.accord for f in denied.failing} == {"o"}
    assert "t" not in {one.accord for one in denied.considered}


def test_a_permit_ends_with_the_consent_that_it_rests_on():
    permit = ask(here(onward("as 1"), consent(until="2021-03-31")))
    assert isinstance(permit, Permit)
    assert permit.good_before == at("2021-04-01")


def test_information_that_comes_home_needs_nobodys_leave():
    world_ = here(onward("never"))
    home = accord(SIGNED + FREE, name="h")
    world_ = replace(
        world_,
        accords=(*world_.accords, home),
        instruments=(
            *world_.instruments,
            act("sh", ("a", "b"), "2020-01-01", Op.SIGN, of="h"),
        ),
    )
    back = Request(item=item("x"), sender="b", recipient="a", at=at("2021-01-01"))
    assert isinstance(decide(back, world_), Permit)


def test_times_too_uncertain_to_tell_refuse():
    vague = [
        act(
            f"n{i}",
            "a",
            f"2020-06-{i:02}T00:00:00Z/2020-06-{i + 10:02}T00:00:00Z",
            Operation(do=Op.GIVE_NOTICE, notice=f"m{i}"),
        )
        for i in range(1, 14)
    ]
    denied = ask(here(onward("as 1"), consent(), *vague, ended=None))
    assert isinstance(denied, Denial)
    assert denied.reason is Reason.UNSETTLED


def test_a_consent_that_an_accord_nobody_may_know_of_wants_is_asked_for_under_the_other():
    world_ = here(onward("as 1"), front='existence = "classified"\n')
    asked = Request(item=item("x"), sender="b", recipient="c", at=at("2021-01-01"))
    denied = decide(asked, world_)
    assert isinstance(denied, Denial)
    (one,) = missing(asked, denied, world_)
    assert (one.of, one.accord) == ("a", "o")
    assert 'accord = "o"' in draft([one], asked.at, world_)
    assert isinstance(ask(here(onward("as 1"), consent(of="o"))), Permit)


@pytest.mark.parametrize(("place", "goes"), [("1", True), ("1(2)", False)])
def test_a_survival_clause_that_names_another_place_than_the_rule_asks_every_originator(
    place, goes
):
    first = SIGNED + FREE + ENDS + SURVIVE.format(f"as {place}")
    assert isinstance(ask(here(first)), Permit) is goes
    assert isinstance(ask(here(first, ended=None)), Permit)
    assert isinstance(ask(here(first, consent())), Permit)
