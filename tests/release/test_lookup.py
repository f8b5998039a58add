"""What a world looks up stays true when more becomes known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.release import lookup
from make import RELEASE, SIGNED, accord, notice, signed, world


@pytest.mark.parametrize("some", [1, 1_000])
def test_an_act_of_a_known_id_takes_its_place_however_many_came_since(some, monkeypatch):
    monkeypatch.setattr(lookup, "NAMES", some)
    told = world([accord(SIGNED + RELEASE)], [signed()])
    names = [f"notice n{number}" for number in range(5)]
    for name in names:
        told = told.supposing([replace(notice("2020-03-01"), id=name)])
    for name in names:
        told = told.supposing([replace(notice("2020-04-01"), id=name)])
    assert sorted(act.id for act in told.instruments) == [*names, "signed"]
    assert len(told.lookup.of["t"]) == 6
    assert told.lookup.has("notice n3")
    assert not told.lookup.has("notice n5")
