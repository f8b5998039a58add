"""Whose consent is missing, whether it was asked for, and what a draft would change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords import Op, Operation
from comity.accords.state import moment_span
from comity.accords.times import UTC_ZONE, Instant
from comity.release import (
    Denial,
    Permit,
    Reason,
    Request,
    State,
    consents_at,
    decide,
    draft,
    entry_words,
    explain,
    missing,
    routes,
)
from comity.release.consents import answered
from comity.worlds import read_instruments
from make import accord, act, at, gsomia, item, signed, world

NOW = at("2020-02-01")
ONE = {"holder": "a", "to": "b", "item": "x", "purposes": ("p",)}
BACK = Operation(do=Op.REVOKE_CONSENT, consent="yes")


def consent(name="yes", when="2020-01-10", by="c", **change):
    return act(name, by, when, Operation(do=Op.CONSENT, **{**ONE, **change}))


def asked(name="please", when="2020-01-05", by="a", **change):
    values = {"of": "c", **ONE, **change}
    return act(name, by, when, Operation(do=Op.REQUEST_CONSENT, **values))


def refusal(name="no", when="2020-01-20", by="c"):
    return act(name, by, when, Operation(do=Op.REFUSE_CONSENT, answers="please"))


def base(*acts, **more):
    return world([accord()], [signed(), *acts], **more)


def ask(when=NOW, **change):
    x = item("x", **{"originators": ("c",), **change})
    return Request(item=x, sender="a", recipient="b", at=when)


def lacks(w, request=None):
    request = request or ask()
    denial = decide(request, w)
    assert isinstance(denial, Denial)
    return missing(request, denial, w)


# -- whose, and whether they were asked ----------------------------------------------------


def test_a_missing_consent_says_whose_under_which_article_and_that_nobody_asked():
    (one,) = lacks(base())
    assert (one.of, one.accord, one.articles) == ("c", "t", ("1",))
    assert (one.holder, one.to, one.item, one.purpose) == ("a", "b", "x", "p")
    assert (one.asked, one.refused) == (None, None)
    assert "nobody has asked" in explain(ask(), decide(ask(), base()), base())


def test_a_pending_request_says_since_when_somebody_waits():
    w = base(asked(), asked("again", "2020-01-08"))
    (one,) = lacks(w)
    assert (one.asked, one.asked_since) == ("please", at("2020-01-05"))
    words = explain(ask(), decide(ask(), w), w)
    assert "asked by `please` since 00:00 UTC on 5 Jan 2020, and no answer yet" in words


@pytest.mark.parametrize(
    "change",
    [
        {"when": "2020-02-02"},
        {"of": "b"},
        {"to": "c"},
        {"holder": "b"},
        {"item": "y"},
        {"purposes": ("q",)},
    ],
)
def test_a_request_for_something_else_or_later_is_none_for_this(change):
    (one,) = lacks(base(asked(**change)))
    assert one.asked is None


def test_a_refusal_is_said_and_the_request_waits_no_longer():
    w = base(asked(), refusal())
    (one,) = lacks(w)
    assert (one.asked, one.refused) == (None, "no")
    assert "refused by `no`" in explain(ask(), decide(ask(), w), w)


def test_a_request_waits_from_the_very_second_at_which_it_was_made_on():
    w = base(asked())
    made = moment_span(asked()).start
    for when, waits in ((made, "please"), (Instant(made - 1), None)):
        now = replace(ask(), at=when)
        (one,) = missing(now, decide(now, w), w)
        assert one.asked == waits


@pytest.mark.parametrize("answer", ["refusal", "consent"])
def test_a_request_is_answered_from_the_very_second_of_the_answer_on(answer):
    yes = Operation(
        do=Op.CONSENT, holder="a", to="b", item="x", purposes=("p",), answers="please"
    )
    said = refusal() if answer == "refusal" else act("yes", "c", "2020-01-10", yes)
    w = base(asked(), said)
    (one,) = w.approvals("t").asked
    when = moment_span(said).start
    assert answered(one, when, w)
    assert not answered(one, Instant(when - 1), w)


def test_of_two_originators_each_missing_consent_is_named():
    names = {**world().parties, "d": replace(world().parties["c"], id="d", name="D")}
    w = base(asked(), parties=names)
    found = lacks(w, ask(originators=("c", "d")))
    assert [(one.of, one.asked) for one in found] == [("c", "please"), ("d", None)]


def test_what_else_is_in_the_way_hides_no_missing_consent():
    w = base()
    request = replace(ask(level="a:HIGH"))
    denial = decide(request, w)
    assert denial.reason is Reason.NO_EQUIVALENT
    assert denial.consent_missing == ()
    assert [one.of for one in missing(request, denial, w)] == ["c"]


# -- the draft -----------------------------------------------------------------------------


def drafted(found, when, w, folder):
    path = folder / "draft.toml"
    _ = path.write_text(draft(found, when, w), encoding="utf-8")
    return w.supposing(read_instruments(path, w))


def test_nothing_missing_needs_no_draft():
    assert draft((), NOW, base()) == ""


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True),
    st.sampled_from(["a", "x y", 'q"uote', "né"]),
)
def test_the_drafts_of_all_missing_consents_are_enough(tmp_path_factory, owners, name):
    names = {n: replace(world().parties["c"], id=n, name=n) for n in "abcd"}
    w = base(asked(item=name), parties=names)
    x = item(name, originators=owners)
    request = Request(item=x, sender="a", recipient="b", at=NOW)
    decision = decide(request, w)
    if isinstance(decision, Permit):
        assert set(owners) <= {"a", "b"}
        return
    found = missing(request, decision, w)
    assert [one.of for one in found] == [o for o in owners if o in "cd"]
    with_them = drafted(found, NOW, w, tmp_path_factory.mktemp("draft"))
    assert isinstance(decide(request, with_them), Permit)
    for one in found:
        fewer = [other for other in found if other is not one]
        some = drafted(fewer, NOW, w, tmp_path_factory.mktemp("draft")) if fewer else w
        assert isinstance(decide(request, some), Denial)


def test_a_draft_answers_the_request_that_waits(tmp_path):
    w = base(asked())
    found = drafted(lacks(w), NOW, w, tmp_path)
    states = {e.id: e.state for e in consents_at(found, NOW)}
    assert states["please"] is State.GRANTED


def test_the_drafts_of_a_way_open_it(tmp_path):
    w = gsomia().without(["kr-suspension-2019", "kr-withdrawal-2023"])
    for name in ("missile-warning-1", "submarine-track-1", "joint-assessment-1"):
        sender = w.items[name].originators[0]
        for recipient in sorted({"jp", "kr"} - {sender}):
            request = Request(
                item=w.items[name],
                sender=sender,
                recipient=recipient,
                at=at("2019-11-23T00:00:00+09:00"),
            )
            for n, route in enumerate(routes(request, w)):
                assert route.consents
                opened = drafted(route.consents, request.at, w, tmp_path)
                again = {
                    tuple(h.accord for h in r.hops): r for r in routes(request, opened)
                }
                assert again[tuple(h.accord for h in route.hops)].permitted, (name, n)


# -- the list ------------------------------------------------------------------------------

LIST = {
    "in force": ([consent()], {"yes": State.IN_FORCE}),
    "not yet": ([consent(since="2020-02-02")], {"yes": State.NOT_YET}),
    "perhaps not yet": (
        [consent(when="2020-01-31T00:00:00Z/2020-02-03T00:00:00Z")],
        {"yes": State.NOT_YET},
    ),
    "expired": ([consent(until="2020-01-31")], {"yes": State.EXPIRED}),
    "revoked": ([consent(), act("b", "c", "2020-01-20", BACK)], {"yes": State.REVOKED}),
    "revoked later": (
        [consent(), act("b", "c", "2020-02-02", BACK)],
        {"yes": State.IN_FORCE},
    ),
    "revoked by another": (
        [consent(), act("b", "b", "2020-01-20", BACK)],
        {"yes": State.IN_FORCE},
    ),
    "oral": ([replace(consent(), form="oral")], {"yes": State.WITHOUT_EFFECT}),
    "no authority": (
        [replace(consent(), authority="none")],
        {"yes": State.WITHOUT_EFFECT},
    ),
    "recalled": (
        [replace(consent(), source="", recalled=True)],
        {"yes": State.WITHOUT_EFFECT},
    ),
    "given later": ([consent(when="2020-02-02")], {}),
    "pending": ([asked()], {"please": State.PENDING}),
    "asked later": ([asked(when="2020-02-02")], {}),
    "granted": (
        [asked(), consent(answers="please")],
        {"please": State.GRANTED, "yes": State.IN_FORCE},
    ),
    "given without a word on the request": (
        [asked(), consent()],
        {"please": State.PENDING, "yes": State.IN_FORCE},
    ),
    "answered without the form of one": (
        [asked(), replace(consent(answers="please"), form="oral")],
        {"please": State.PENDING, "yes": State.WITHOUT_EFFECT},
    ),
    "refused": ([asked(), refusal()], {"please": State.REFUSED}),
    "refused later": ([asked(), refusal(when="2020-02-02")], {"please": State.PENDING}),
    "refused by another": ([asked(), refusal(by="b")], {"please": State.PENDING}),
    "refused, then granted": (
        [asked(), refusal(), consent(when="2020-01-25", answers="please")],
        {"please": State.GRANTED, "yes": State.IN_FORCE},
    ),
    "granted, then refused": (
        [asked(), consent(answers="please"), refusal()],
        {"please": State.REFUSED, "yes": State.IN_FORCE},
    ),
}


@pytest.mark.parametrize(("acts", "states"), LIST.values(), ids=LIST.keys())
def test_the_list_says_what_each_consent_and_request_is_by_then(acts, states):
    assert {e.id: e.state for e in consents_at(base(*acts), NOW)} == states


@pytest.mark.parametrize("acts", [acts for acts, _ in LIST.values()], ids=LIST.keys())
def test_the_list_and_the_decision_agree(acts):
    w = base(*acts)
    (state, note), *_ = [
        *((e.state, e.note) for e in consents_at(w, NOW) if e.id == "yes"),
        (None, ""),
    ]
    permitted = isinstance(decide(ask(), w), Permit)
    assert permitted is (state is State.IN_FORCE and "except" not in note)


def test_a_consent_that_a_refusal_narrows_says_so():
    w = base(asked(), consent(), refusal())
    (yes, _) = consents_at(w, NOW)
    assert yes.note == "except what `no` refuses"
    later = base(asked(), refusal(), consent(when="2020-01-25"))
    assert consents_at(later, NOW)[0].note == ""


def test_the_list_may_be_of_one_party():
    w = base(asked(), consent(by="b", name="b's", holder="c", to="a"))
    for party, ids in (("c", {"please", "b's"}), ("b", {"please", "b's"}), ("z", set())):
        assert {e.id for e in consents_at(w, NOW, party)} == ids
    assert {e.id for e in consents_at(base(consent(to="b")), NOW, "a")} == {"yes"}


def test_an_entry_is_said_with_who_waits_for_whom_since_when():
    w = base(asked(), replace(consent(), form="oral"))
    oral, please = (entry_words(e, w, UTC_ZONE) for e in consents_at(w, NOW))
    assert please == (
        "pending: `please` [t 1]: A asks C since 00:00 UTC on 5 Jan 2020, that A may"
        " release to B: item `x` for p"
    )
    assert oral.startswith("without effect: `yes` [t 1]: C lets A release to B")
    assert oral.endswith("(it lacks the written form)")
