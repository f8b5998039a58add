"""The Traffic Light Protocol 2.0 as a policy (FIRST, August 2022)."""

import pytest

from comity.labels import STANDARDS, Audience, Level, tlp


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        ("RED", Audience.NAMED),
        ("AMBER+STRICT", Audience.ORGANISATION),
        ("AMBER", Audience.CLIENTS),
        ("GREEN", Audience.COMMUNITY),
        ("CLEAR", Audience.PUBLIC),
    ],
)
def test_each_label_has_its_audience(name, audience):
    assert tlp("tlp", "all").audience(Level("tlp", name)) is audience


def test_the_labels_are_four_and_a_variant_in_one_order():
    policy = tlp("lights", "all")
    order = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
    assert list(policy.rungs) == order
    for place, low in enumerate(order):
        for above, high in enumerate(order):
            over = policy.dominates(Level("lights", high), Level("lights", low))
            assert over is (above >= place)


def test_it_is_a_standard_that_a_policy_may_take():
    assert STANDARDS["tlp-2.0"]("x", "y") == tlp("x", "y")
    assert "White" not in STANDARDS["tlp-2.0"]("x", "y").rungs
