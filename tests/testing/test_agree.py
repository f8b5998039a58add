"""Another engine is compared with `decide`, and where they differ it is said in words."""

from dataclasses import replace

import pytest

from comity.accords import Instant
from comity.errors import InvalidInput
from comity.release import Denial, Permit, Request, decide
from comity.testing import Disagreement, assert_agree, boundary_requests, permitted
from make import AFTER, RELEASE, SIGNED, accord, item, notice, signed, world

TOLD = world([accord(SIGNED + AFTER + RELEASE)], [signed(), notice("2020-03-01")])


def same(request):
    return decide(request, TOLD)


def inclusive(request):
    """The fault of them all: an end that is one second too late."""
    before = replace(request, at=Instant(request.at - 1))
    return isinstance(same(request), Permit) or isinstance(same(before), Permit)


def whatever_it_is_about(request):
    label = replace(request.item.label, categories=("k",))
    return decide(replace(request, item=replace(request.item, label=label)), TOLD)


def test_an_engine_that_answers_as_decide_does_agrees_and_says_how_often_it_was_asked():
    assert assert_agree(TOLD, same, limit=300) == 300
    assert assert_agree(TOLD, lambda request: permitted(same(request)), limit=300) == 300


def test_one_second_too_many_is_found_and_said():
    with pytest.raises(Disagreement) as caught:
        assert_agree(TOLD, inclusive)
    assert isinstance(caught.value, AssertionError)
    words = str(caught.value)
    assert f"after {caught.value.asked} requests" in words
    assert "at 00:00 UTC on 1 Sep 2020" in words
    assert "at the clock of `t`" in words
    assert "deny: the accord has ended" in words
    assert "the other:\n  permit" in words
    assert isinstance(caught.value.reference, Denial)
    assert caught.value.answer is True


def test_the_request_that_is_shown_is_one_from_which_nothing_can_be_left_out():
    with pytest.raises(Disagreement) as caught:
        assert_agree(TOLD, whatever_it_is_about)
    shown = caught.value.request
    assert isinstance(same(shown), Permit) is not isinstance(
        whatever_it_is_about(shown), Permit
    )
    assert (shown.purpose, shown.channel, shown.under, shown.held_as) == (None,) * 4
    assert shown.item.made is None
    assert len(shown.item.originators) == 1


def test_what_of_an_answer_is_compared_can_be_said():
    def other_duties(request):
        answer = same(request)
        return "permit", permitted(answer)

    with pytest.raises(InvalidInput, match="neither a permit nor a denial") as caught:
        assert_agree(TOLD, other_duties)
    assert caught.value.code == "no-answer"
    assert (
        assert_agree(TOLD, other_duties, reference=other_duties, by=tuple, limit=50) == 50
    )


def test_no_answer_at_all_is_neither_a_permit_nor_a_denial():
    for answer in (None, 1, 0, "permit"):
        with pytest.raises(InvalidInput):
            permitted(answer)


def test_an_engine_that_fails_says_on_which_request():
    def broken(request: Request) -> bool:
        return request.at // 0 == 1

    with pytest.raises(ZeroDivisionError) as caught:
        assert_agree(TOLD, broken)
    assert caught.value.__notes__[0].startswith("asked: Request(")


def test_a_gateway_that_keeps_a_permit_until_it_is_no_longer_good_agrees():
    def answers():
        known = {}

        def answer(request):
            key = replace(request, at=Instant(0)).digest
            kept = known.get(key)
            if kept is not None and kept[0] <= request.at < kept[1].good_before:
                return True
            found = same(request)
            if isinstance(found, Permit):
                known[key] = (request.at, found)
            return isinstance(found, Permit)

        return answer

    # The notice is known from 1 March: a permit from before it was good for longer than that.
    since = [
        r for r in boundary_requests(TOLD, 2_000) if r.at > signed("2020-03-02").known()
    ]
    gateway = answers()
    assert len(since) > 500
    assert all(gateway(request) == permitted(same(request)) for request in since)


def test_a_test_that_asks_nothing_is_no_test():
    with pytest.raises(InvalidInput, match="nothing could be asked"):
        assert_agree(TOLD, same, limit=0)
    silent = world([accord(SIGNED)], [signed()], items={"x": item()})
    assert assert_agree(silent, lambda request: decide(request, silent), limit=20) == 20
    wordless = replace(silent, items={}, purposes=frozenset())
    with pytest.raises(InvalidInput) as caught:
        assert_agree(wordless, lambda request: decide(request, wordless))
    assert caught.value.code == "empty-world"
