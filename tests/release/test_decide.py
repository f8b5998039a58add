from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Op, Operation, Reading, Stage
from comity.accords.times import Instant, Span
from comity.labels import Level, Rung
from comity.release import Denial, Hold, Permit, Reason, Request, decide, explain, outlook
from comity.release.explain import HEADINGS, HINTS
from comity.release.world import Authority
from make import AFTER, RELEASE, SIGNED, accord, act, at, item, notice, signed, world

NOW = at("2020-02-01")


def ask(_world, *, x=None, sender="a", recipient="b", when=NOW, **more):
    return Request(item=x or item(), sender=sender, recipient=recipient, at=when, **more)


def refused(w, request) -> Denial:
    answer = decide(request, w)
    assert isinstance(answer, Denial), answer
    return answer


def base(*more, rules=SIGNED + RELEASE, **values):
    return world([accord(rules)], [signed(), *more], **values)


def test_an_accord_that_stands_and_covers_it_permits():
    permit = decide(ask(base()), base())
    assert isinstance(permit, Permit)
    assert permit.accord == "t"
    assert permit.handle_as == (Level("b", "LOW"),)


def test_a_permit_is_made_by_decide_alone():
    permit = decide(ask(base()), base())
    with pytest.raises(TypeError):
        _ = Permit(
            asked=Request(item=item(), sender="aa", recipient="bb", at=at("2020-01-01")),
            accord="t",
            version="",
            articles=(),
            duties=(),
            handle_as=(),
            good_before=Instant(0),
        )
    with pytest.raises(TypeError):
        _ = replace(permit, accord="another")


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "q"},
        {"channel": "fax"},
        {"recipient": "c"},
        {"under": "t"},
        {"at": Instant(NOW + 1)},
        {"held_as": Level("a", "LOW")},
        {"item": item(kind="oral")},
        {"item": item(release_to=("b",))},
        {"item": item(level="a:HIGH")},
    ],
)
def test_a_permit_binds_every_fact_of_its_request(change):
    request = ask(base())
    assert replace(request, **change).digest != request.digest


def test_a_permit_is_good_before_the_next_cut():
    w = base(notice("2020-01-15"), rules=SIGNED + RELEASE + AFTER)
    permit = decide(ask(w), w)
    assert isinstance(permit, Permit)
    assert permit.good_before == at("2020-07-15")
    assert isinstance(decide(ask(w, when=Instant(permit.good_before - 1)), w), Permit)
    assert isinstance(decide(ask(w, when=permit.good_before), w), Denial)


# -- silence is refusal ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"originators": ()}, Reason.MISSING_FACT),
        ({"categories": ()}, Reason.MISSING_FACT),
        ({"categories": ("k", "unheard")}, Reason.UNKNOWN_WORD),
        ({"level": "a:TOP"}, Reason.UNKNOWN_WORD),
        ({"level": "z:LOW"}, Reason.UNKNOWN_WORD),
        ({"purpose": "unheard"}, Reason.UNKNOWN_WORD),
        ({"originators": ("z",)}, Reason.UNKNOWN_WORD),
        ({"release_to": None}, Reason.ORIGINATOR_FORBIDS),
        ({"release_to": ()}, Reason.ORIGINATOR_FORBIDS),
        ({"release_to": ("c",)}, Reason.ORIGINATOR_FORBIDS),
        ({"level": "a:HIGH"}, Reason.NO_EQUIVALENT),
    ],
)
def test_silence_refuses(change, reason):
    assert refused(base(), ask(base(), x=item(**change))).reason is reason


def test_a_party_that_nobody_defined_gets_nothing():
    assert refused(base(), ask(base(), recipient="z")).reason is Reason.UNKNOWN_WORD


def test_nothing_is_released_to_oneself():
    assert refused(base(), ask(base(), recipient="a")).reason is Reason.MISSING_FACT


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        ("scope", Reason.CATEGORY_NOT_COVERED),
        ("purpose", Reason.PURPOSE_NOT_ADMITTED),
        ("equivalence", Reason.NO_EQUIVALENT),
    ],
)
def test_an_accord_that_does_not_say_permits_nothing(dropped, reason):
    full = accord()
    names = {"scope": "Scope", "purpose": "Purpose", "equivalence": "Equivalence"}
    rules = [c for c in full.clauses if type(c).__name__ == names[dropped]]
    w = world([full.without(rules)], [signed()])
    assert refused(w, ask(w)).reason is reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('categories = ["any"]', "categories = []", Reason.CATEGORY_NOT_COVERED),
        ('kinds = ["any"]', "kinds = []", Reason.KIND_NOT_COVERED),
        ('directions = ["any"]', "directions = []", Reason.DIRECTION_NOT_COVERED),
        ('allowed = ["any"]', "allowed = []", Reason.PURPOSE_NOT_ADMITTED),
        ('to = ["b:LOW"]', "to = []", Reason.NO_EQUIVALENT),
    ],
)
def test_an_empty_list_admits_nothing(old, new, reason):
    w = base(rules=SIGNED + RELEASE.replace(old, new))
    assert refused(w, ask(w)).reason is reason


def test_no_accord_between_them_is_told_from_one_that_does_not_stand():
    w = base()
    assert refused(w, ask(w, recipient="c")).reason is Reason.NO_ACCORD
    early = refused(w, ask(w, when=at("2019-12-31")))
    assert early.reason is Reason.NOT_YET_IN_FORCE


def test_the_four_ways_of_not_standing_are_told_apart():
    ended = base(notice("2019-01-15"), rules=SIGNED + RELEASE + AFTER)
    ended = world(
        [accord(SIGNED + RELEASE + AFTER)],
        [signed("2019-01-01T00:00:00"), notice("2019-01-15")],
    )
    assert refused(ended, ask(ended)).reason is Reason.ENDED
    suspended = base(act("s", ("a", "b"), "2020-01-15", Op.SUSPEND))
    assert refused(suspended, ask(suspended)).reason is Reason.SUSPENDED
    vague = world(
        [accord()],
        [act("s", ("a", "b"), "2020-01-01T00:00:00Z/2020-03-01T00:00:00Z", Op.SIGN)],
    )
    assert refused(vague, ask(vague)).reason is Reason.UNSETTLED


# -- both sides decide ----------------------------------------------------------------


def test_it_stands_for_each_sides_own_reading_or_not_at_all():
    rules = SIGNED + RELEASE + AFTER
    acts = [
        signed("2019-01-01T00:00:00"),
        notice("2019-02-01"),
        act("s", "a", "2019-03-01", Operation(do=Op.SUSPEND_NOTICE, notice="n1")),
        act("r", "a", "2020-01-15", Operation(do=Op.RESUME_NOTICE, notice="n1")),
    ]
    held = [
        Reading(
            party="a",
            accord="t",
            open_point="suspended-notice",
            reading="dormant",
            since=at("2019-03-01"),
        )
    ]
    other = replace(held[0], party="b", reading="revoked")
    agree = world(
        [accord(rules)],
        acts,
        readings=tuple(replace(r, reading="revoked") for r in (held[0], other)),
    )
    differ = world([accord(rules)], acts, readings=(held[0], other))
    assert isinstance(decide(ask(agree), agree), Permit)
    for sender, recipient, level in (("a", "b", "a:LOW"), ("b", "a", "b:LOW")):
        x = item(originators=(sender,), level=level)
        assert (
            refused(differ, ask(differ, x=x, sender=sender, recipient=recipient)).reason
            is Reason.ENDED
        )


def test_a_suspension_that_one_side_alone_has_by_then_stops_both_ways():
    stop = act("s", ("a", "b"), "2020-01-15", Op.SUSPEND)
    for early, late in ("ab", "ba"):
        times = {
            (Stage.RECEIVED, early): Span.at(at("2020-01-15")),
            (Stage.RECEIVED, late): Span.at(at("2020-03-01")),
        }
        w = base(replace(stop, times=times))
        for sender, recipient in ("ab", "ba"):
            x = item(originators=(sender,), level=f"{sender}:LOW")
            asked = ask(w, x=x, sender=sender, recipient=recipient)
            assert refused(w, asked).reason is Reason.SUSPENDED
            before = replace(asked, at=at("2020-01-14"))
            assert isinstance(decide(before, w), Permit)


def test_what_two_of_three_have_amended_between_them_holds_for_no_other_pair():
    three = ("a", "b", "c")
    narrow = accord(
        SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]'),
        parties=three,
    )
    to_c = '\n[[equivalence]]\ncites = "1"\nfrom = "a:LOW"\nto = ["c:LOW"]\n'
    wide = f"""+++
format = "comity-amendment/1"
id = "wide"
base = "{narrow.digest}"
languages = ["en"]
authentic = ["en"]
+++

# Wider

## Article 1. All of it

The words.

```toml comity
{(SIGNED + RELEASE + to_c).strip()}
```
"""
    acts = [
        act("s", three, "2020-01-01", Op.SIGN),
        act(
            "w",
            ("a", "c"),
            "2020-01-10",
            Operation(do=Op.AMEND, amendment="wide", between=("a", "c")),
        ),
    ]
    w = world([narrow], acts, amendments={"wide": wide.encode()})
    assert isinstance(decide(ask(w, recipient="c"), w), Permit)
    assert refused(w, ask(w)).reason is Reason.CATEGORY_NOT_COVERED


def test_the_explanation_gives_a_level_as_it_is_marked_or_by_its_name_where_nobody_says_how():
    plain = base()
    assert "they handle it as b:LOW\n" in explain(
        ask(plain), decide(ask(plain), plain), plain
    )
    policies = dict(plain.policies)
    marked = Rung(name="LOW", marks={"en": "Low indeed"})
    policies["b"] = replace(policies["b"], rungs={**policies["b"].rungs, "LOW": marked})
    w = base(policies=policies)
    assert "handle it as Low indeed (b:LOW)\n" in explain(ask(w), decide(ask(w), w), w)


def test_every_reason_has_its_heading_and_its_hint():
    assert set(HEADINGS) == set(HINTS) == set(Reason)
    assert all(HEADINGS.values())
    assert all(HINTS.values())


# -- holds and authorities ------------------------------------------------------------


def hold(**change):
    values = {
        "id": "h",
        "by": "a",
        "towards": ("b",),
        "accords": ("any",),
        "categories": ("any",),
        "ground": "a pause",
        "since": at("2020-01-15"),
        "before": at("2020-03-01"),
    }
    return Hold(**{**values, **change})


def test_a_hold_beats_every_permit_and_leaves_the_standing_alone():
    w = base(holds=(hold(),))
    assert refused(w, ask(w)).reason is Reason.HELD
    assert w.clock("t").standing(NOW).status == "in_force"


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"accords": ("t",)}, True),
        ({"accords": ("other",)}, False),
        ({"towards": ("c",)}, False),
        ({"towards": ("any",)}, True),
        ({"categories": ("l",)}, False),
        ({"categories": ("k",)}, True),
        ({"since": at("2020-02-02")}, False),
        ({"since": NOW}, True),
        ({"before": NOW}, False),
        ({"before": None}, True),
        ({"by": "b", "towards": ("a",)}, False),
        ({"by": "b", "towards": ("a",), "stops_accepting": True}, True),
    ],
)
def test_a_hold_stops_what_it_covers_and_nothing_else(change, held):
    w = base(holds=(hold(**change),))
    assert isinstance(decide(ask(w), w), Denial) is held


def test_one_category_under_a_hold_stops_the_whole_item():
    w = base(holds=(hold(categories=("l",)),))
    assert refused(w, ask(w, x=item(categories=("k", "l")))).reason is Reason.HELD


def authority(**change):
    values = {
        "id": "w1",
        "by": "a",
        "signed_by": ("one", "two"),
        "to": ("c",),
        "items": ("x",),
        "categories": (),
        "levels": (),
        "purposes": ("p",),
        "conditions": ("return it",),
        "since": at("2020-01-15"),
        "before": at("2020-03-01"),
    }
    return Authority(**{**values, **change})


def test_a_written_authority_releases_ones_own_information_outside_any_accord():
    w = base(authorities=(authority(),), authorities_on=True)
    permit = decide(ask(w, recipient="c"), w)
    assert isinstance(permit, Permit)
    assert (permit.accord, permit.authority) == (None, "w1")
    assert permit.duties == (("", "return it"),)
    assert permit.good_before == at("2020-03-01")


@pytest.mark.parametrize(
    "change",
    [
        {"signed_by": ("one", "one")},
        {"signed_by": ("one", "\u043ene")},
        {"signed_by": ("one",)},
        {"to": ("b",)},
        {"items": ("y",)},
        {"purposes": ("q",)},
        {"purposes": ()},
        {"before": NOW},
        {"since": at("2020-02-02")},
        {"by": "c"},
        {"items": ()},
        {"items": (), "categories": ("k",)},
        {"items": (), "levels": (Level("a", "LOW"),)},
    ],
)
def test_an_authority_covers_what_it_says_and_nothing_else(change):
    w = base(authorities=(authority(**change),), authorities_on=True)
    assert isinstance(decide(ask(w, recipient="c"), w), Denial)


def test_authorities_are_off_by_default():
    w = base(authorities=(authority(),))
    assert refused(w, ask(w, recipient="c")).reason is Reason.NO_ACCORD


def test_nobody_authorises_the_release_of_anothers_information():
    w = base(authorities=(authority(),), authorities_on=True)
    for originators in (("b",), ("a", "b")):
        x = item(originators=originators)
        assert isinstance(decide(ask(w, x=x, recipient="c"), w), Denial)


def test_a_hold_beats_an_authority_too():
    w = base(authorities=(authority(),), authorities_on=True, holds=(hold(towards=("c",)),))
    assert refused(w, ask(w, recipient="c")).reason is Reason.HELD


def test_an_authority_described_by_categories_and_levels_covers_those():
    w = base(
        authorities=(authority(items=(), categories=("k",), levels=(Level("a", "LOW"),)),),
        authorities_on=True,
    )
    assert isinstance(decide(ask(w, recipient="c"), w), Permit)
    assert isinstance(
        decide(ask(w, x=item(categories=("k", "l")), recipient="c"), w), Denial
    )


# -- third parties, purposes ------------------------------------------------------------


def consent(by="c", when="2020-01-10", **change):
    values = {"do": Op.CONSENT, "holder": "a", "to": "b", "item": "x", "purposes": ("p",)}
    return act(f"consent of {by}", by, when, Operation(**{**values, **change}))


def theirs(**change):
    return item(originators=change.pop("originators", ("c",)), **change)


def test_a_third_partys_information_needs_its_consent():
    w = base()
    denial = refused(w, ask(w, x=theirs()))
    assert denial.reason is Reason.CONSENT_MISSING
    assert denial.consent_missing == ("c",)
    assert isinstance(decide(ask(w, x=theirs()), base(consent())), Permit)


@pytest.mark.parametrize(
    "change",
    [
        {"holder": "b"},
        {"holder": None},
        {"to": "c"},
        {"to": None},
        {"item": "y"},
        {"purposes": ("q",)},
        {"purposes": ()},
        {"until": "2020-01-31"},
        {"item": None},
        {"item": None, "categories": ("k",)},
        {"item": None, "levels": ("a:LOW",)},
        {"item": None, "categories": ("l",), "levels": ("a:LOW",)},
    ],
)
def test_a_consent_covers_what_it_says_and_nothing_else(change):
    w = base(consent(**change))
    assert refused(w, ask(w, x=theirs())).reason is Reason.CONSENT_MISSING


def test_a_standing_consent_covers_its_categories_and_levels():
    w = base(consent(item=None, categories=("k", "l"), levels=("a:LOW",)))
    assert isinstance(decide(ask(w, x=theirs(categories=("k",))), w), Permit)
    assert isinstance(decide(ask(w, x=theirs(categories=("k", "m"))), w), Denial)


def test_a_consent_lasts_to_its_last_day_and_not_beyond():
    w = base(consent(until="2020-02-29"))
    assert isinstance(decide(ask(w, x=theirs(), when=at("2020-02-29T23:59:59")), w), Permit)
    assert isinstance(decide(ask(w, x=theirs(), when=at("2020-03-01")), w), Denial)


def test_a_consent_that_is_not_given_yet_is_none():
    w = base(consent(when="2020-02-01T00:00:01"))
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)
    w = base(consent(when="2020-01-31T00:00:00Z/2020-02-02T00:00:00Z"))
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)


def test_a_consent_taken_back_by_its_giver_is_none_from_then_on():
    back = act(
        "back", "c", "2020-01-20", Operation(do=Op.REVOKE_CONSENT, consent="consent of c")
    )
    stranger = act(
        "back", "b", "2020-01-20", Operation(do=Op.REVOKE_CONSENT, consent="consent of c")
    )
    w = base(consent(), back)
    assert isinstance(decide(ask(w, x=theirs(), when=at("2020-01-19")), w), Permit)
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)
    assert isinstance(decide(ask(w, x=theirs()), base(consent(), stranger)), Permit)


def test_every_originator_counts():
    x = theirs(originators=("c", "d"))
    parties = {**world().parties, "d": world().parties["c"]}
    w = base(consent("c"), parties=parties)
    denial = refused(w, ask(w, x=x))
    assert denial.consent_missing == ("d",)
    both = base(consent("c"), consent("d"), parties=parties)
    assert isinstance(decide(ask(both, x=x), both), Permit)


def test_never_means_never_whatever_the_originator_says():
    rules = SIGNED + RELEASE.replace("each originator", "never")
    w = base(consent(), rules=rules)
    assert refused(w, ask(w, x=theirs())).reason is Reason.ONWARD_NOT_ADMITTED


def test_an_accord_that_is_silent_on_third_parties_passes_nothing_on():
    full = accord()
    rules = [c for c in full.clauses if type(c).__name__ == "ThirdParty"]
    w = world([full.without(rules)], [signed(), consent()])
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)
    assert isinstance(decide(ask(w), w), Permit)


def test_information_comes_home_without_being_released_to_its_owner():
    w = base()
    x = item(originators=("b",), level="b:LOW", release_to=None)
    assert isinstance(decide(ask(w, x=x, held_as=Level("a", "LOW")), w), Permit)


def test_another_purpose_needs_the_consent_of_every_originator_outside_the_pair():
    w = base(consent())
    assert isinstance(decide(ask(w, x=theirs()), w), Permit)
    denial = refused(w, ask(w, x=theirs(), purpose="q"))
    assert {f.reason for f in denial.failing} == {Reason.CONSENT_MISSING}
    both = base(consent(purposes=("p", "q")))
    assert isinstance(decide(ask(both, x=theirs(), purpose="q"), both), Permit)


def test_an_originator_may_give_its_own_information_for_any_purpose():
    w = base()
    assert isinstance(decide(ask(w, purpose="q"), w), Permit)


def test_a_consent_counts_under_the_accord_that_it_is_given_under():
    other = accord(name="u")
    w = world([other, accord()], [signed(), signed(of="u"), consent()])
    assert decide(ask(w, x=theirs()), w).accord == "t"
    assert refused(w, ask(w, x=theirs(), under="u")).reason is Reason.CONSENT_MISSING


def test_a_denial_does_not_name_an_accord_whose_existence_is_classified():
    rules = SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]')
    secret = accord(rules, name="hidden", front='existence = "classified"\n')
    w = world([secret], [signed(of="hidden")])
    denial = refused(w, ask(w))
    assert (denial.reason, denial.accord, denial.considered) == (Reason.NO_ACCORD, None, ())
    assert "hidden" not in explain(ask(w), denial, w)
    open_one = world([secret, accord(rules)], [signed(of="hidden"), signed()])
    assert [e.accord for e in refused(open_one, ask(open_one)).considered] == ["t"]


# -- the rest of the terms ---------------------------------------------------------------


def test_a_condition_before_release_is_met_by_an_act_and_unmet_by_another():
    rules = (
        SIGNED
        + RELEASE
        + '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "a clearance"\nwho = "recipient"\n'
    )
    meet = act("m", "b", "2020-01-10", Operation(do=Op.MEET, condition="g"))
    wrong = act("m", "a", "2020-01-10", Operation(do=Op.MEET, condition="g"))
    unmeet = act("u", "b", "2020-01-20", Operation(do=Op.UNMEET, condition="g"))
    for acts, met in (
        ([], False),
        ([wrong], False),
        ([meet], True),
        ([meet, unmeet], False),
        ([meet, replace(unmeet, authority="none")], False),
        ([replace(meet, authority="none")], False),
    ):
        w = base(*acts, rules=rules)
        if met:
            assert isinstance(decide(ask(w), w), Permit)
        else:
            denial = refused(w, ask(w))
            assert denial.reason is Reason.CONDITION_NOT_MET
            assert denial.failing[0].whose == ("b",)


def test_a_channel_that_the_accord_does_not_name_is_refused():
    rules = SIGNED + RELEASE + '\n[channel]\ncites = "1"\nallowed = ["bag"]\n'
    w = base(rules=rules)
    assert refused(w, ask(w)).reason is Reason.CHANNEL_NOT_ADMITTED
    assert isinstance(decide(ask(w, channel="bag"), w), Permit)


@pytest.mark.parametrize(
    ("old", "names", "wanted"),
    [
        ("categories", ["l", "m"], "categories: l, m"),
        ("kinds", ["oral"], "kinds: oral"),
        ("directions", ["b to a"], "a direction: b to a"),
        ("allowed", ["q", "r"], "purposes: q, r"),
        ("channel", ["bag", "fax"], "channels: bag, fax"),
    ],
)
def test_a_refusal_lists_what_the_clause_admits_or_says_that_it_is_nothing(
    old, names, wanted
):
    for listed, said in ((names, wanted), ([], wanted.partition(": ")[0] + ": none")):
        rules = SIGNED + RELEASE + '\n[channel]\ncites = "1"\nchannel = ["any"]\n'
        words = ", ".join(f'"{name}"' for name in listed)
        rules = rules.replace(f'{old} = ["any"]', f"{old} = [{words}]")
        rules = rules.replace("channel = ", "allowed = ")
        w = base(rules=rules)
        assert [f.wants for f in refused(w, ask(w)).failing] == [said]


def test_two_targets_need_one_who_chooses():
    rules = SIGNED + RELEASE.replace(
        'to = ["b:LOW"]', 'to = ["b:LOW", "b:HIGH"]\nchoose = "recipient"'
    )
    w = base(rules=rules)
    permit = decide(ask(w), w)
    assert isinstance(permit, Permit)
    assert permit.handle_as == (Level("b", "LOW"), Level("b", "HIGH"))


def test_an_exception_stands_beside_its_rule_and_refusal_beats_permission():
    narrow = RELEASE.replace('categories = ["any"]', 'categories = ["l"]')
    permit = '\n[[exception]]\ncites = "1"\nto = "scope"\nanswer = "permit"\ncategories = ["k"]\n'
    deny = (
        '\n[[exception]]\ncites = "1"\nto = "scope"\nanswer = "deny"\nrecipients = ["b"]\n'
    )
    w = base(rules=SIGNED + narrow + permit)
    assert isinstance(decide(ask(w), w), Permit)
    w = base(rules=SIGNED + RELEASE + deny)
    assert refused(w, ask(w)).reason is Reason.EXCEPTED


def test_an_exception_may_stand_in_for_a_consent_or_forbid_it():
    free = '\n[[exception]]\ncites = "1"\nto = "third_party"\nanswer = "permit"\noriginators = ["c"]\n'
    shut = free.replace("permit", "deny")
    w = base(rules=SIGNED + RELEASE + free)
    assert isinstance(decide(ask(w, x=theirs()), w), Permit)
    w = base(consent(), rules=SIGNED + RELEASE + shut)
    assert refused(w, ask(w, x=theirs())).reason is Reason.EXCEPTED


def test_the_accord_named_is_the_one_decided_under():
    narrow = accord(
        SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]'), name="u"
    )
    w = world([narrow, accord()], [signed(), signed(of="u")])
    assert decide(ask(w), w).accord == "t"
    assert refused(w, ask(w, under="u")).reason is Reason.CATEGORY_NOT_COVERED


def test_the_nearest_accord_is_the_one_with_the_fewest_clauses_in_the_way():
    far = accord(
        SIGNED
        + RELEASE.replace('categories = ["any"]', 'categories = ["l"]').replace(
            'kinds = ["any"]', 'kinds = ["oral"]'
        ),
        name="u",
    )
    near = accord(
        SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]'), name="v"
    )
    w = world([far, near], [signed(of="u"), signed(of="v")])
    denial = refused(w, ask(w))
    assert denial.accord == "v"
    assert [e.accord for e in denial.considered] == ["v", "u"]


def test_every_failing_clause_is_there_with_what_it_wants_and_has():
    rules = SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]').replace(
        'kinds = ["any"]', 'kinds = ["oral"]'
    )
    w = base(rules=rules)
    denial = refused(w, ask(w))
    assert [(f.reason, f.has) for f in denial.failing] == [
        (Reason.CATEGORY_NOT_COVERED, "k"),
        (Reason.KIND_NOT_COVERED, "document"),
    ]
    said = explain(ask(w), denial, w)
    assert "it wants categories: l; there is k" in said


# -- what the clock makes of it later -----------------------------------------------------


def test_the_outlook_names_the_next_opening_and_the_next_closing():
    w = base(notice("2020-01-15"), rules=SIGNED + RELEASE + AFTER, holds=(hold(),))
    request = ask(w)
    assert outlook(request, decide(request, w), w).opens == at("2020-03-01")
    later = ask(w, when=at("2020-03-02"))
    assert outlook(later, decide(later, w), w).closes == at("2020-07-15")
    gone = ask(w, when=at("2020-08-01"))
    assert outlook(gone, decide(gone, w), w).opens is None


def test_the_outlook_knows_nothing_that_is_done_later():
    revoke = act("r", "a", "2020-05-01", Operation(do=Op.REVOKE_NOTICE, notice="n1"))
    w = base(notice("2020-01-15"), revoke, rules=SIGNED + RELEASE + AFTER)
    request = ask(w)
    assert outlook(request, decide(request, w), w).closes == at("2020-07-15")


# -- properties ---------------------------------------------------------------------------

subsets = st.sets(st.sampled_from(["k", "l", "m"]), min_size=1)
requests = st.builds(
    dict,
    categories=subsets,
    originators=st.sets(st.sampled_from("abc"), min_size=1),
    level=st.sampled_from(["a:LOW", "b:LOW", "a:HIGH", "c:LOW"]),
    release_to=st.one_of(st.none(), st.sets(st.sampled_from("abc"))),
    purpose=st.sampled_from(["p", "q"]),
    kind=st.sampled_from(["document", "oral"]),
)
scopes = st.sets(st.sampled_from(["k", "l", "m"]))


def scoped(words):
    listed = ", ".join(f'"{w}"' for w in sorted(words))
    return RELEASE.replace('categories = ["any"]', f"categories = [{listed}]")


@given(requests, scopes, st.sampled_from("abc"), st.sampled_from("abc"))
def test_fewer_categories_never_lose_a_permit(values, scope, sender, recipient):
    w = base(rules=SIGNED + scoped(scope))
    if isinstance(
        decide(ask(w, x=item(**values), sender=sender, recipient=recipient), w), Permit
    ):
        for word in sorted(values["categories"]):
            fewer = values["categories"] - {word}
            if fewer:
                x = item(**{**values, "categories": fewer})
                assert isinstance(
                    decide(ask(w, x=x, sender=sender, recipient=recipient), w), Permit
                )


@given(requests, st.permutations([0, 1, 2]), st.sampled_from("abc"), st.sampled_from("abc"))
def test_order_and_repetition_do_not_matter(values, order, sender, recipient):
    accords = [
        accord(SIGNED + scoped(words), name=n)
        for n, words in (("t", "k"), ("u", "l"), ("v", "km"))
    ]
    acts = [signed(of=a.id) for a in accords]
    one = world(accords, acts)
    other = world([accords[i] for i in order], acts[::-1] + acts)
    request = ask(one, x=item(**values), sender=sender, recipient=recipient)
    assert isinstance(decide(request, one), Permit) is isinstance(
        decide(request, other), Permit
    )


@given(requests, st.sampled_from("abc"), st.sampled_from("abc"), st.integers(-40, 400))
def test_no_release_without_a_standing_accord_or_an_authority(
    values, sender, recipient, day
):
    w = base(notice("2020-01-15"), rules=SIGNED + RELEASE + AFTER)
    when = Instant(at("2020-01-01") + day * 86_400)
    answer = decide(
        ask(w, x=item(**values), sender=sender, recipient=recipient, when=when), w
    )
    if isinstance(answer, Permit):
        assert {sender, recipient} == {"a", "b"}
        assert at("2020-01-01") <= when < at("2020-07-15")


@given(requests, st.sampled_from("abc"), st.sampled_from("abc"))
def test_a_hold_on_everything_beats_everything(values, sender, recipient):
    w = base(holds=(hold(by=sender, towards=("any",)),))
    assert isinstance(
        decide(ask(w, x=item(**values), sender=sender, recipient=recipient), w), Denial
    )


@given(requests, st.sampled_from("abc"), st.sampled_from("abc"))
def test_the_failing_clauses_are_empty_exactly_where_it_is_permitted(
    values, sender, recipient
):
    w = base()
    request = ask(w, x=item(**values), sender=sender, recipient=recipient)
    answer = decide(request, w)
    if isinstance(answer, Denial):
        assert answer.failing
        assert answer.failing[0].reason is answer.reason
    assert explain(request, answer, w)


@given(requests)
def test_every_originator_outside_the_pair_is_asked(values):
    w = base()
    answer = decide(ask(w, x=item(**values)), w)
    if isinstance(answer, Permit):
        assert values["originators"] <= {"a", "b"}


def test_a_refusing_exception_catches_an_item_of_which_a_part_is_refused():
    deny = (
        '\n[[exception]]\ncites = "1"\nto = "scope"\nanswer = "deny"\ncategories = ["k"]\n'
    )
    w = base(rules=SIGNED + RELEASE + deny)
    for categories in (("k",), ("k", "l"), ("l", "k", "m")):
        denial = refused(w, ask(w, x=item(categories=categories)))
        assert Reason.EXCEPTED in {f.reason for f in denial.failing}
    assert isinstance(decide(ask(w, x=item(categories=("l",))), w), Permit)


@pytest.mark.parametrize(
    "held",
    [Level("a", "LOW"), Level("b", "LOW"), Level("b", "nonsense"), Level("c", "LOW")],
)
def test_nobody_holds_its_own_item_at_another_level_than_its_label(held):
    w = base()
    assert isinstance(decide(ask(w, x=item(level="a:HIGH"), held_as=held), w), Denial)


def test_a_holder_holds_a_thing_at_a_level_to_which_a_table_leads():
    w = base(consent())
    x = theirs(level="c:LOW")
    assert refused(w, ask(w, x=x, held_as=Level("a", "LOW"))).reason is Reason.NO_EQUIVALENT
    leads = '\n[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["a:LOW"]\n'
    w = base(consent(), rules=SIGNED + RELEASE + leads)
    assert isinstance(decide(ask(w, x=x, held_as=Level("a", "LOW")), w), Permit)
    assert isinstance(decide(ask(w, x=x, held_as=Level("a", "HIGH")), w), Denial)


def test_ones_own_item_marked_with_anothers_level_needs_a_row():
    rules = SIGNED + RELEASE
    w = base(rules=rules)
    assert isinstance(decide(ask(w, x=item(level="b:HIGH")), w), Denial)


@pytest.mark.parametrize(
    ("meet", "unmeet", "met"),
    [
        ("2020-01-10", "2020-01-10", False),
        ("2020-01-10", "2020-01-09", True),
        ("2020-01-10", "2020-01-11", False),
        ("2020-01-10T00:00:00Z/2020-01-11T00:00:00Z", "2020-01-10T06:00:00", False),
    ],
)
def test_a_condition_that_may_no_longer_be_met_is_not_met(meet, unmeet, met):
    gate = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "a clearance"\nwho = "recipient"\n'
    acts = [
        act("m", "b", meet, Operation(do=Op.MEET, condition="g")),
        act("u", "b", unmeet, Operation(do=Op.UNMEET, condition="g")),
    ]
    w = base(*acts, rules=SIGNED + RELEASE + gate)
    assert isinstance(decide(ask(w), w), Permit) is met


def test_a_condition_met_until_a_day_is_met_no_longer():
    gate = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "a clearance"\nwho = "recipient"\n'
    meet = act(
        "m", "b", "2020-01-10", Operation(do=Op.MEET, condition="g", until="2020-02-01")
    )
    w = base(meet, rules=SIGNED + RELEASE + gate)
    assert isinstance(decide(ask(w, when=at("2020-02-01T23:59:59")), w), Permit)
    assert isinstance(decide(ask(w, when=at("2020-02-02")), w), Denial)


def test_an_act_without_authority_meets_no_condition():
    gate = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "a clearance"\nwho = "recipient"\n'
    meet = act(
        "m", "b", "2020-01-10", Operation(do=Op.MEET, condition="g"), authority="none"
    )
    w = base(meet, rules=SIGNED + RELEASE + gate)
    assert isinstance(decide(ask(w), w), Denial)


@pytest.mark.parametrize(
    "change", [{"form": "oral"}, {"form": None}, {"authority": "none"}]
)
def test_a_consent_is_written_and_by_one_who_may_give_it(change):
    w = base(replace(consent(), **change))
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)


def test_a_consent_that_is_only_recalled_is_none():
    w = base(replace(consent(), source="", recalled=True))
    assert isinstance(decide(ask(w, x=theirs()), w), Denial)


def test_an_authority_is_outside_every_accord_and_none_is_named_for_it():
    w = base(authorities=(authority(to=("b",)),), authorities_on=True, rules=SIGNED)
    assert decide(ask(w), w).authority == "w1"
    assert isinstance(decide(ask(w, under="t"), w), Denial)


def test_a_text_that_may_have_been_widened_is_not_wide_yet():
    narrow = accord(SIGNED + RELEASE.replace('categories = ["any"]', 'categories = ["l"]'))
    wide = f"""+++
format = "comity-amendment/1"
id = "wide"
base = "{narrow.digest}"
languages = ["en"]
authentic = ["en"]
+++

# Wider

## Article 1. All of it

The words.

```toml comity
{(SIGNED + RELEASE).strip()}
```
"""
    change = act(
        "amended",
        ("a", "b"),
        "2020-01-20T00:00:00Z/2020-03-01T00:00:00Z",
        Operation(do=Op.AMEND, amendment="wide"),
    )
    w = world([narrow], [signed(), change], amendments={"wide": wide.encode()})
    assert isinstance(decide(ask(w, when=at("2020-03-02")), w), Permit)
    assert refused(w, ask(w)).reason is Reason.CATEGORY_NOT_COVERED


def test_while_it_is_in_doubt_which_text_holds_what_each_of_them_asks_comes_with_it():
    duty = '\n[[duty]]\ncites = "1"\nid = "d"\nwho = "recipient"\narises = "on release"\nwhat = "W"\n'
    before = accord(SIGNED + RELEASE)
    stricter = SIGNED + RELEASE.replace('["b:LOW"]', '["b:HIGH"]') + duty
    raw = f"""+++
format = "comity-amendment/1"
id = "stricter"
base = "{before.digest}"
languages = ["en"]
authentic = ["en"]
+++

# Stricter

## Article 1. All of it

The words.

```toml comity
{stricter.strip()}
```
"""
    when = "2020-01-20T00:00:00Z/2020-03-01T00:00:00Z"
    change = act("agreed", ("a", "b"), when, Operation(do=Op.AMEND, amendment="stricter"))
    w = world([before], [signed(), change], amendments={"stricter": raw.encode()})
    permit = decide(ask(w), w)
    assert isinstance(permit, Permit)
    assert {level.name for level in permit.handle_as} == {"LOW", "HIGH"}
    assert [words for _, words in permit.duties] == ["W"]


def test_an_act_that_nobody_has_checked_meets_no_condition():
    gate = '\n[[gate]]\ncites = "1"\nid = "g"\nneeds = "n"\nwho = "sender"\n'
    met = act("met", "a", "2020-01-05", Operation(do=Op.MEET, condition="g"))
    w = world([accord(SIGNED + RELEASE + gate)], [signed(), met])
    assert isinstance(decide(ask(w), w), Permit)
    w = world(
        [accord(SIGNED + RELEASE + gate)],
        [signed(), replace(met, recalled=True, source="")],
    )
    assert refused(w, ask(w)).reason is Reason.CONDITION_NOT_MET


def test_another_item_of_the_same_id_is_not_the_one_that_is_known():
    known = item()
    w = base(items={"x": known})
    assert isinstance(decide(ask(w, x=known), w), Permit)
    assert isinstance(decide(ask(w, x=replace(known, kind="oral")), w), Denial)


def test_a_condition_may_be_met_by_each_originators_consent_to_that_release_instead():
    gate = '[[gate]]\ncites = "1"\nid = "g"\nneeds = "x"\nwho = "recipient"\n'
    own = consent(by="a")
    for rule, permitted in ((gate, False), (gate + "or_consent = true\n", True)):
        w = base(own, rules=SIGNED + RELEASE + rule)
        assert isinstance(decide(ask(w), w), Permit) is permitted
    w = base(rules=SIGNED + RELEASE + gate + "or_consent = true\n")
    assert refused(w, ask(w)).reason is Reason.CONDITION_NOT_MET
    assert "originator's written consent" in refused(w, ask(w)).failing[0].wants
    both = item(originators=("a", "c"))
    w = base(own, rules=SIGNED + RELEASE + gate + "or_consent = true\n")
    assert refused(w, ask(w, x=both)).reason is Reason.CONDITION_NOT_MET
