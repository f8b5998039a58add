"""Every pair of state and step is in the table or refused, and nothing is stuck unseen."""

from __future__ import annotations

import pytest

from comity.errors import InvalidInput
from comity.wire.conversation import (
    RECIPIENT,
    RECIPIENT_STARTS,
    SENDER,
    SENDER_STARTS,
    Met,
    Ours,
    Step,
    Theirs,
    diagrams,
    met,
    sent,
)
from docs import pages

SIDES = ["sender", "recipient"]
TABLES = {"sender": SENDER, "recipient": RECIPIENT}
STARTS = {"sender": SENDER_STARTS, "recipient": RECIPIENT_STARTS}
WORDS = {"sender": (Ours, Step, sent), "recipient": (Theirs, Met, met)}


@pytest.mark.parametrize("side", SIDES)
def test_every_pair_is_in_the_table_or_refused(side):
    table, (states, steps, go) = TABLES[side], WORDS[side]
    assert set(table) == set(states)
    for state in states:
        for step in steps:
            if step in table[state]:
                assert go(state, step) is table[state][step]
            else:
                with pytest.raises(InvalidInput) as error:
                    go(state, step)
                assert error.value.code == "not-next"


def reached(table, starts):
    found, waiting = set(starts), list(starts)
    while waiting:
        for state in set(table[waiting.pop()].values()) - found:
            found.add(state)
            waiting.append(state)
    return found


@pytest.mark.parametrize("side", SIDES)
def test_every_state_is_reached_and_every_step_is_used(side):
    table, (states, steps, _) = TABLES[side], WORDS[side]
    assert reached(table, STARTS[side]) == set(states)
    assert {step for row in table.values() for step in row} == set(steps)


ENDS = {
    Ours.NEVER_LEFT,
    Ours.DEAD,
    Ours.REFUSED,
    Ours.RECEIPTED,
    Ours.ACKNOWLEDGED,
    Ours.NOT_OPENED,
    Ours.SUPERSEDED,
}


@pytest.mark.parametrize("state", [s for s in Ours if s not in ENDS])
def test_whatever_is_open_at_the_sender_can_be_ended_by_a_person(state):
    assert SENDER[state][Step.GIVE_UP] in ENDS


@pytest.mark.parametrize("state", Ours)
def test_what_ended_is_never_tried_again(state):
    if state in ENDS:
        assert Step.TRY not in SENDER[state]


def test_what_may_not_go_is_never_tried_again():
    for state in Ours:
        if Step.DENY in SENDER[state]:
            assert Step.TRY not in SENDER[SENDER[state][Step.DENY]]


def test_what_never_left_was_never_tried_or_is_known_not_to_be_there():
    ways = {
        (state, step)
        for state, row in SENDER.items()
        for step, target in row.items()
        if target is Ours.NEVER_LEFT
    }
    assert {state for state, step in ways if step is not Step.NOT_THERE} == {
        Ours.AWAITING_APPROVAL,
        Ours.QUEUED,
    }


@pytest.mark.parametrize(
    "state", [Ours.TRIED, Ours.FATE_UNKNOWN, Ours.DEAD, Ours.SUPERSEDED]
)
def test_a_late_receipt_counts_wherever_it_may_have_arrived(state):
    assert SENDER[state][Step.RECEIPT] is Ours.RECEIPTED


@pytest.mark.parametrize("state", [s for s in Theirs if s is not Theirs.UNKNOWN])
def test_a_repeat_changes_nothing(state):
    assert RECIPIENT[state][Met.REPEAT] is state


def test_nothing_is_opened_or_acknowledged_that_was_refused():
    assert set(RECIPIENT[Theirs.REFUSED]) == {Met.REPEAT}


def test_the_page_has_the_diagrams_of_the_tables():
    page = pages.text_of(pages.FORMATS / "consignment.md")
    assert f"<!-- drawn from the tables -->\n{diagrams()}<!-- end -->" in page
