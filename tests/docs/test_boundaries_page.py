"""The page on requests at the boundaries names what there is, and each planted fault."""

import re

import comity.testing
from docs import pages
from testing.planted import FAULTS, MANY
from testing.test_planted import WITHIN

PAGE = pages.text_of(pages.DOCS / "boundaries.md")
ROWS = list(pages.rows(PAGE))
TAKEN = [cells for cells in ROWS if len(cells) == 4][1:]


def test_every_name_of_the_room_is_said_and_no_other():
    named = {
        name
        for cells in ROWS
        if len(cells) == 2
        for name in re.findall(r"`(\w+)[(`]", cells[0])
    }
    assert named == set(comity.testing.__all__)


def test_every_planted_fault_stands_on_the_page_in_order_and_no_other():
    said = [(cells[0], cells[1].strip("`")) for cells in TAKEN]
    assert said == [(fault.name, fault.world) for fault in FAULTS]


def test_none_took_more_than_the_tests_allow():
    assert max(int(cells[2].replace(",", "")) for cells in TAKEN) <= WITHIN


def test_those_that_are_a_second_wide_are_not_found_word_by_word():
    alone = {cells[0]: cells[3] for cells in TAKEN}
    assert {alone[fault.name] for fault in FAULTS if fault.second} == {f"not in {MANY:,}"}
