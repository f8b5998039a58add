"""What was once answered otherwise than by `decide`, or remembered for too long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.accords import Op
from comity.compiled import Index
from comity.release import Permit, Request, decide
from make import AFTER, RELEASE, SIGNED, accord, act, at, item, signed, world

PAUSE = '[[suspension]]\ncites = "1"\n'


def asked(when="2021-01-01", **changed):
    return Request(
        **{"item": item(), "sender": "a", "recipient": "b", "at": at(when), **changed}
    )


def plainly(request, here):
    found = decide(request, here)
    return (found.accord, found.authority) if isinstance(found, Permit) else (None, None)


def same(index, request):
    """Whether the index answers as `decide`; and the answer."""
    found = index.ask(request)
    return found[:2] == plainly(request, index.world)


LONG = '[term]\ncites = "1"\ninitial = { for = "P250Y", count = "anniversary" }\n'


@pytest.mark.parametrize("when", ["2199-12-31", "2200-01-02", "2269-12-31", "2270-01-02"])
def test_a_term_that_ends_after_the_next_century_ends(when):
    index = Index(world([accord(SIGNED + LONG + RELEASE)], [signed()]))
    assert same(index, asked(when))


@pytest.mark.parametrize("when", ["2204-12-31", "2205-01-01", "2205-01-02"])
def test_an_act_of_a_later_century_does_what_it_does(when):
    text = accord(SIGNED + AFTER + PAUSE + RELEASE)
    stop = act("stop", "a", "2205-01-01", Op.SUSPEND)
    assert same(Index(world([text], [signed(), stop])), asked(when))


@pytest.mark.parametrize("length", ["P1D", "P6M"])
def test_an_act_of_which_nobody_knows_the_time_settles_nothing(length):
    text = accord(SIGNED + AFTER.replace("P6M", length) + PAUSE + RELEASE)
    stop = replace(act("stop", "a", "2022-01-01", Op.SUSPEND), times={})
    index = Index(world([text], [signed(), stop]))
    assert all(
        same(index, asked(when)) for when in ("1950-01-01", "2021-01-01", "2300-01-01")
    )
    assert not index.ask(asked()).permitted
