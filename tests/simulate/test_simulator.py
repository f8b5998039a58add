"""Whatever a seed draws, everything that has to hold holds; and a seed is always the same run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulate.run import CALM, Plan, simulate, trace_hash

SEEDS = 60
HERE = Path(__file__).parent


@pytest.mark.parametrize("first", range(0, SEEDS, 10))
def test_nothing_is_lost_doubled_or_released_unlawfully(first):
    for seed in range(first, first + 10):
        assert (seed, simulate(seed).problems) == (seed, [])


def test_a_seed_is_the_same_run_every_time_and_in_every_process():
    first = simulate(7)
    assert trace_hash(simulate(7)) == trace_hash(first)
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from simulate.run import *; print(trace_hash(simulate(7)))",
        ],
        env={**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONHASHSEED": "5"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == trace_hash(first)


def test_two_seeds_are_two_runs():
    assert trace_hash(simulate(1)) != trace_hash(simulate(2))


def test_without_faults_items_arrive_and_nothing_is_wrong():
    watch = simulate(3, CALM)
    assert watch.problems == []
    assert watch.done["items arrived"] > 3


def test_bent_partners_gain_nothing():
    for seed in range(1_000, 1_010):
        assert simulate(seed, Plan(bent=True)).problems == []
