"""Duties: what brings them, until when they run, and which act discharges them."""

from __future__ import annotations

import pytest

from comity.accords import Op, Operation
from comity.release import beginning, duties
from make import RELEASE, SIGNED, accord, act, at, item, notice, signed, world

ENDS = """
[term]
cites = "1"
indefinite = true

[[exit]]
cites = "1"
takes_effect = "at once"
"""
ALWAYS = '\n[survival]\ncites = "1"\nprotect = "always"\n'


def duty(
    name="back",
    arises="after the end",
    more='within = { for = "P30D", count = "civil" }\ndischarge = ["return", "certify_destruction"]',
    who="recipient",
):
    return (
        f'\n[[duty]]\ncites = "1"\nid = "{name}"\nwhat = "do {name}"\nwho = "{who}"\n'
        f'arises = "{arises}"\n{more}\n'
    )


def small(*rules, acts=(), ended="2020-06-01", accords=(), **front):
    """Return a world of one accord, signed on 1 Jan 2020 and ended, with x given by a to b."""
    text = accord(SIGNED + RELEASE + ENDS + "".join(rules), **front)
    done = [signed(), gave(), *acts]
    if ended is not None:
        done.append(notice(ended))
    items = {name: item(name) for name in ("x", "y")}
    return world([text, *accords], done, items=items)


def gave(what="x", when="2020-02-01", name=None, **more):
    operation = Operation(do=Op.RELEASE, item=what, to="b")
    return act(name or f"gave {what}", "a", when, operation, **more)


def only(found, name, **wanted):
    """Return the one duty of that id."""
    kept = [
        due
        for due in found
        if due.id == name
        and all(getattr(due, key) == value for key, value in wanted.items())
    ]
    assert len(kept) == 1, [(d.id, d.who, d.item, d.since) for d in found]
    return kept[0]


def test_a_duty_after_the_end_begins_with_the_end_for_each_item_on_record():
    here = small(ALWAYS, duty())
    assert beginning(here, "t", at("2020-05-31T23:59:59")) == ()
    due = only(beginning(here, "t", at("2020-06-01")), "back", item="x")
    assert (due.who, due.towards, due.since) == ("b", ("a",), at("2020-06-01"))
    assert due.before == at("2020-07-02")  # thirty days, the first not counted, the last in


@pytest.mark.parametrize("ended", ["2020-06-01", None])
def test_nothing_begins_before_the_end(ended):
    here = small(ALWAYS, duty(), ended=ended)
    assert beginning(here, "t", at("2020-05-31")) == ()


def test_a_certificate_for_the_item_discharges_destruction():
    gone = act("gone", "b", "2020-06-10", Operation(do=Op.CERTIFY_DESTRUCTION, item="x"))
    here = small(ALWAYS, duty(), acts=[gone])
    due = only(duties(here, at("2020-08-01")), "back", item="x")
    assert (due.discharged, due.discharged_at) == ("gone", at("2020-06-10"))
    assert not due.overdue(at("2020-08-01"))
