import pytest

from comity.accords import Clock, Op, Operation, Status, load_accord
from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.state import Outcome
from comity.release import Permit, Request, decide
from make import AFTER, act, at, item, signed, world

FRONT = """+++
format = "comity-accord/1"
id = "t"
languages = ["en"]
authentic = ["en"]
zone = "Etc/UTC"
law = "LAW"
parties = ["a", "b", "c"]
+++

# t

## Article 1. Life

The words.

```toml comity
[entry]
cites = "1"
when = { from = ["sign:dated"], of = "every party" }
AFTER
```

## Article 2. What may cross

The words.

```toml comity
[scope]
cites = "2"
categories = ["any"]
kinds = ["any"]
directions = ["any"]

[purpose]
cites = "2"
allowed = ["any"]

[[equivalence]]
cites = "2"
from = "a:LOW"
to = ["b:LOW", "c:LOW"]
```

## Article 3. A condition

The words.

```toml comity
[[gate]]
cites = "3"
id = "assured"
needs = "an assurance"
who = "recipient"

[third_party]
cites = "3"
consent = "not needed"
```
"""


def text(law="vclt", *, three=True) -> Accord:
    raw = FRONT.replace("LAW", law).replace("AFTER", AFTER)
    if not three:
        raw = raw.replace(', "c"]', "]").replace(', "c:LOW"', "")
    return load_accord(raw.encode())


def reserve(*articles, when="2020-01-01", by="c"):
    return act("reservation", by, when, Operation(do=Op.RESERVE, articles=articles))


THREE = act("s", ("a", "b", "c"), "2020-01-01T00:00:00", Op.SIGN)
MET = act("met", ("b", "c"), "2020-01-02", Operation(do=Op.MEET, condition="assured"))


def asked(*acts, to="c", originator="a"):
    w = world([text()], [THREE, *acts])
    thing = item(originators=(originator,), release_to=("a", "b", "c"))
    request = Request(item=thing, sender="a", recipient=to, at=at("2020-06-01"))
    return decide(request, w)


def test_the_rules_of_a_reserved_article_do_not_hold_with_that_party_and_hold_with_others():
    permitted = asked(MET, reserve("2"), to="b")
    refused = asked(MET, reserve("2"))
    assert isinstance(permitted, Permit)
    assert refused.reason == "category_not_covered"
    assert isinstance(asked(MET), Permit)


def test_a_reservation_never_lets_more_go():
    # without article 3 no gate would stand in the way; the whole text is asked as well
    assert asked(reserve("3")).reason == "condition_not_met"
    assert asked(MET, reserve("3"), originator="b").reason == "onward_not_admitted"
    assert isinstance(asked(MET, originator="b"), Permit)


def test_a_reservation_taken_back_is_gone_from_its_receipt():
    back = act(
        "w",
        "c",
        "2020-05-01",
        Operation(do=Op.WITHDRAW_RESERVATION, instrument="reservation"),
    )
    assert isinstance(asked(MET, reserve("2"), back), Permit)
    clock = Clock(text(), [THREE, reserve("2"), back])
    assert len(clock.versions(at("2020-04-30T23:59:59"), ("a", "c"))) == 2
    assert len(clock.versions(at("2020-05-01"), ("a", "c"))) == 1


def test_an_objection_that_opposes_keeps_it_out_of_force_between_the_two_alone():
    opposes = Operation(do=Op.OBJECT, instrument="reservation", opposes=True)
    plain = Operation(do=Op.OBJECT, instrument="reservation")
    clock = Clock(text(), [THREE, reserve("2"), act("o", "a", "2020-02-01", opposes)])
    pairs = clock.standing(at("2020-03-01")).pairs
    assert pairs["a", "c"] is Status.SIGNED
    assert pairs["a", "b"] is pairs["b", "c"] is Status.IN_FORCE
    clock = Clock(text(), [THREE, reserve("2"), act("o", "a", "2020-02-01", plain)])
    assert clock.standing(at("2020-03-01")).pairs["a", "c"] is Status.IN_FORCE


def test_with_the_reservation_goes_what_opposed_it():
    opposes = Operation(do=Op.OBJECT, instrument="reservation", opposes=True)
    back = Operation(do=Op.WITHDRAW_RESERVATION, instrument="reservation")
    acts = [act("o", "a", "2020-02-01", opposes), act("w", "c", "2020-05-01", back)]
    clock = Clock(text(), [THREE, reserve("2"), *acts])
    assert clock.standing(at("2020-05-01")).pairs["a", "c"] is Status.IN_FORCE


@pytest.mark.parametrize(
    ("accord", "deed", "lacks"),
    [
        (text("contract"), reserve("2"), "no treaty between States"),
        (text(three=False), reserve("2", by="b"), "another text"),
        (text(), reserve("9"), "no article 9"),
        (text(), reserve("1"), "recorded only"),
        (text(), reserve("2", when="2020-01-02"), "no step `reserve`"),
    ],
)
def test_a_reservation_that_is_none_says_why(accord, deed, lacks):
    first = signed() if len(accord.parties) == 2 else THREE
    effects = Clock(accord, [first, deed]).standing(at("2020-06-01")).effects
    (effect,) = (one for one in effects if one.do is Op.RESERVE)
    assert effect.outcome is Outcome.WITHOUT_EFFECT
    assert lacks in effect.lacks


@pytest.mark.parametrize("op", [Op.OBJECT, Op.WITHDRAW_RESERVATION])
def test_nothing_is_objected_to_or_taken_back_that_nobody_reserved(op):
    deed = act("x", "a", "2020-02-01", Operation(do=op, instrument="reservation"))
    effect = Clock(text(), [THREE, deed]).standing(at("2020-06-01")).effects[-1]
    assert effect.outcome is Outcome.WITHOUT_EFFECT
    assert "no reservation" in effect.lacks


def test_the_gate_stays_in_the_whole_text():
    whole, reduced = Clock(text(), [THREE, reserve("3")]).versions(
        at("2020-06-01"), ("b", "c")
    )
    assert (len(whole.all(c.Gate)), len(reduced.all(c.Gate))) == (1, 0)
