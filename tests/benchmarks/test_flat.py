"""The flat rows, and the engines that need nothing installed, decide as the plain evaluator does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.labels import Caveat
from comity.release import Permit, decide
from large import large_world
from outside import UNBOUND
from peers.ours import Indexed, Plain
from peers.sqlite import Sqlite
from work import FlatRow, prepare

WORLD = large_world(30)
WORK = prepare(WORLD, 4_000, 1_000)
FIRST = range(len(WORK.expected))


def found_in(rows):
    """The permitting accord of each request, read off the rows."""
    pairs: dict[int, list[FlatRow]] = {}
    for row in rows:
        pairs.setdefault(row.pair, []).append(row)
    return [
        min(
            (row.accord for row in pairs.get(asked.pair, ()) if lets(row, asked)),
            default=None,
        )
        for asked in WORK.asked[: len(FIRST)]
    ]


def lets(row, asked):
    asks = row.asks & asked.flags
    return (
        row.since <= asked.at < row.before
        and not row.out & asked.needs
        and not row.owners_out & asked.owners
        and asked.under in (-1, row.accord)
        and (not asks & 7 or row.accord in asked.leave)
        and (not asks & 8 or row.accord in asked.leave_all)
    )


def test_the_rows_say_what_the_plain_evaluator_says():
    assert found_in(WORK.rows) == list(WORK.expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: replace(row, before=row.before + 1),
        lambda row: replace(row, since=row.since + 1),
        lambda row: replace(row, asks=0),
        lambda row: replace(row, out=UNBOUND),
        lambda row: replace(row, out=row.out & ~UNBOUND),
        lambda row: replace(row, owners_out=0),
    ],
    ids=["end", "begin", "asks", "words", "label", "originators"],
)
def test_a_row_that_is_changed_in_one_thing_is_noticed(change):
    assert found_in([change(row) for row in WORK.rows]) != list(WORK.expected)


@pytest.mark.parametrize("engine", [Plain, Indexed, Sqlite])
def test_an_engine_decides_every_request_alike(engine):
    made = engine(WORLD, WORK)
    assert [made.one(n) for n in FIRST] == list(WORK.expected)


@pytest.mark.parametrize("engine", [Indexed, Sqlite])
def test_many_at_once_are_decided_as_one_by_one(engine):
    made = engine(WORLD, WORK)
    assert made.places(made.batch(len(FIRST))) == list(WORK.expected)


def test_the_work_names_the_accord_that_the_decision_names():
    for request, expected in zip(WORK.requests[:50], WORK.expected, strict=False):
        answer = decide(request, WORLD)
        named = answer.accord if isinstance(answer, Permit) else None
        assert named == (None if expected is None else WORLD.accords[expected].id)


def test_some_of_it_bears_orcon():
    policies = WORLD.policies
    assert any(
        Caveat.ORCON in policies[r.item.label.level.policy].caveats(r.item.label)
        for r in WORK.requests
    )
