"""An instrument said aloud."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op, Operation, Stage
from comity.accords.instruments import Instrument, read_aloud
from comity.accords.times import UTC_ZONE, Span
from make import act, at

NAMES = {"a": "Aland", "b": "Bland", "c": "Cland"}


def said(*operations, by="a", **more) -> str:
    made: Instrument = act("i", by, "2020-02-01", *operations, channel=None)
    return read_aloud(replace(made, **more), NAMES, UTC_ZONE)


@pytest.mark.parametrize("do", Op)
def test_every_operation_can_be_said(do):
    operation = Operation(do=do, notice="N", item="I", to="b")
    sentence = said(operation)
    assert sentence.startswith("Aland ")
    assert sentence.endswith(" at 00:00 UTC on 1 Feb 2020.")
    assert "{" not in sentence
    for name, shown in (("notice", "N"), ("item", "I"), ("to", "Bland")):
        bare = said(replace(operation, **{name: None}))
        assert (bare != sentence) == (shown in sentence.split())


def test_a_release_names_what_and_to_whom_and_a_party_without_a_name_by_its_id():
    assert said(Operation(do=Op.RELEASE, item="x", to="b")) == (
        "Aland released x to Bland at 00:00 UTC on 1 Feb 2020."
    )
    assert said(Operation(do=Op.RELEASE, item="x", to="z"), by="y") == (
        "y released x to z at 00:00 UTC on 1 Feb 2020."
    )


def test_several_parties_and_several_operations_are_joined_in_words():
    assert said(Op.SIGN, by=("a", "b")).startswith("Aland and Bland signed ")
    assert said(Op.SIGN, by=("a", "b", "c")).startswith("Aland, Bland and Cland signed ")
    together = said(Operation(do=Op.REVOKE_NOTICE, notice="N"), Op.EXTEND, Op.PROTEST)
    assert "Aland revoked notice N, agreed on a later end and protested " in together


def test_the_time_is_that_of_receipt_or_else_the_first_on_record():
    sent, received = Span.at(at("2020-02-01")), Span.at(at("2020-02-03"))
    both = {(Stage.SENT, ""): sent, (Stage.RECEIVED, ""): received}
    assert said(Op.PROTEST, times=both) == "Aland protested at 00:00 UTC on 3 Feb 2020."
    assert "1 Feb" in said(Op.PROTEST, times={(Stage.SENT, ""): sent})
    assert said(Op.PROTEST, times={}) == "Aland protested at a time that nobody recorded."


def test_hand_channel_basis_and_doubt_are_said_where_they_are_known():
    full = {"signatory": "the minister", "channel": "diplomatic", "basis": "21(3)"}
    start = "Aland protested at 00:00 UTC on 1 Feb 2020"
    assert said(Op.PROTEST, **full) == (
        f"{start}, by the hand of the minister, by the diplomatic channel, under 21(3)."
    )
    assert said(Op.PROTEST, basis="21(3)") == f"{start}, under 21(3)."
    assert said(Op.PROTEST, recalled=True) == f"{start} (recalled, not checked)."
