"""The page on planted faults names each of them and no other."""

from __future__ import annotations

import runpy

import pytest

from docs import pages

FAULTS = runpy.run_path(str(pages.ROOT / "tools" / "faults.py"))["FAULTS"]
ALL, _, MATTER = pages.text_of(pages.DOCS / "faults.md").partition("## The twenty")
PAGE = list(pages.rows(ALL))[1:]


def test_every_planted_fault_stands_on_the_page_in_order_and_no_other():
    said = [(cells[0], cells[1].strip("`")) for cells in PAGE]
    assert said == [(name, file) for name, file, _, _ in FAULTS]


def test_every_planted_fault_has_a_name_of_its_own():
    assert len({cells[0] for cells in PAGE}) == len(PAGE)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
def test_every_planted_fault_fits_the_code_exactly_once(fault):
    _, file, old, new = fault
    text = pages.text_of(pages.ROOT / "src" / "comity" / file)
    assert text.count(old) == 1
    assert new != old


def test_the_twenty_that_matter_most_are_all_planted():
    rows = list(pages.rows(MATTER.partition("\n## ")[0]))[1:]
    assert len(rows) == 20
    planted = {fault[0] for fault in FAULTS}
    assert all(set(cells[1].split("; ")) <= planted for cells in rows)
