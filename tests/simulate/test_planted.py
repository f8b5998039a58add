"""The simulator finds each planted bug within the seeds that are stated for it."""

import pytest

from simulate.find import found_at
from simulate.planted import PLANTED

QUICK = [name for name, (_, within, _) in PLANTED.items() if within <= 3]


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_bug_is_found(name):
    seed, by = found_at(name, PLANTED[name][1])
    assert seed is not None
    assert by


def test_there_are_twenty():
    assert len(PLANTED) >= 20
