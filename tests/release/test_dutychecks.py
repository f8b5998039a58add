"""Acts about items and duties that name nothing here, or show nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op, Operation
from comity.release.worldchecks import check_world, misspelt
from make import act
from release.test_duties import (
    ALWAYS,
    asked,
    destroyed,
    duty,
    gave,
    reported,
    returned,
    small,
)

LOSS = Operation(do=Op.REPORT_LOSS, item="x")


BACK = duty(more='discharge = ["return", "certify_destruction"]')


def codes(*acts):
    return {f.code for f in check_world(small(ALWAYS, BACK, acts=acts))}


def test_sound_acts_have_nothing_to_say():
    assert codes(destroyed()) == set()
    assert codes(asked("back")) == set()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (gave("z"), "no-item"),
        (destroyed("z"), "no-item"),
        (returned("z"), "no-item"),
        (act("lost", "b", "2020-03-01", replace(LOSS, item="z")), "no-item"),
        (act("lost", "a", "2020-03-01", replace(LOSS, holder="z")), "no-party"),
        (returned(to="z"), "no-party"),
        (
            act("r", "a", "2020-03-01", Operation(do=Op.RELEASE, item="x", to="z")),
            "no-party",
        ),
        (
            act("r", "b", "2020-03-01", Operation(do=Op.RELEASE, item="x", to="b")),
            "no-giver",
        ),
        (reported("bakc", "2020-07-01"), "no-duty"),
        (asked("bakc"), "no-duty"),
    ],
)
def test_a_name_that_is_nothing_here_keeps_the_world_from_loading(wrong, code):
    found = misspelt(small(ALWAYS, duty(), acts=[wrong]))
    assert [f.code for f in found] == [code]
    assert all(f.message and f.hint for f in found)


@pytest.mark.parametrize(
    "idle",
    [
        destroyed(by="a", name="by another"),
        destroyed("y", name="another item"),
        destroyed(when="2020-01-31", name="before"),
        destroyed(form="oral", name="spoken"),
        reported("back", "2020-07-01"),
    ],
)
def test_an_act_that_discharges_nothing_is_said(idle):
    assert codes(idle) == {"shows-nothing"}


def test_a_certificate_said_twice_is_no_finding():
    assert codes(destroyed(), destroyed(when="2020-06-11", name="again")) == set()


def test_a_duty_of_an_amendment_may_be_reported_about():
    amendment = (
        '+++\nformat = "comity-amendment/1"\nid = "more"\nbase = "sha256:0"\n'
        'languages = ["en"]\nauthentic = ["en"]\n+++\n\n# More\n\n## Article 2. More\n\nWords.\n\n'
        '```toml comity\n[[duty]]\ncites = "2"\nid = "fresh"\nwhat = "x"\nwho = "each"\n'
        'arises = "on release"\n```\n'
    )
    here = small(ALWAYS, acts=[reported("fresh", "2020-07-01")])
    assert {f.code for f in misspelt(here)} == {"no-duty"}
    assert misspelt(replace(here, amendments={"more": amendment.encode()})) == []


def given(when, **more):
    op = Operation(do=Op.RELEASE, item="x", to="b")
    return act("given", "a", when, op, **more)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2020-02-01", False),
        ("2019-12-31T23:59:59", True),
        ("2019-12-31T12:00:00Z/2020-02-01T00:00:00Z", True),
    ],
)
def test_what_was_given_though_it_was_refused_is_said(when, said):
    w = small(ALWAYS, acts=[given(when)])
    found = [f for f in check_world(w) if f.code == "not-permitted-then"]
    assert bool(found) is said
    assert all("records that `x` went to `b`" in f.message for f in found)
