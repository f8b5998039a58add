"""The glossary says one thing of one word; the page on dependencies names each and no other."""

from __future__ import annotations

import re
import tomllib

import pytest

from comity.accords.clauses import MANY, SINGLE
from comity.accords.doubt import WAYS_MAX
from comity.accords.table import diagram
from docs import pages

GLOSSARY = [
    cells[0] for cells in pages.rows(pages.text_of(pages.DOCS / "glossary.md")) if cells
][1:]
PROJECT = tomllib.loads(pages.text_of(pages.ROOT / "pyproject.toml"))


def test_every_word_stands_once_and_in_order():
    assert sorted(set(GLOSSARY), key=lambda word: (word.split(), word)) == GLOSSARY


def test_every_word_has_one_line_that_says_something():
    for cells in pages.rows(pages.text_of(pages.DOCS / "glossary.md")):
        assert len(cells) == 2
        assert cells[1]


@pytest.mark.parametrize("table", [*SINGLE, *MANY])
def test_every_rule_of_an_accord_is_in_the_glossary(table):
    word = table.replace("_", " ")
    assert any(entry == word or entry.startswith(f"{word} ") for entry in GLOSSARY)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", text, maxsplit=1)[0] for text in requirements}


def test_every_dependency_has_its_reason_and_no_other_has_one():
    groups = PROJECT["dependency-groups"]
    wanted = names(PROJECT["project"]["dependencies"])
    wanted |= names([one for group in groups.values() for one in group])
    wanted |= names(PROJECT["build-system"]["requires"])
    measured = (pages.ROOT / "requirements" / "bench.in").read_text("utf-8").splitlines()
    wanted |= names([line for line in measured if line and line[0] not in "#-"])
    table = pages.rows(pages.text_of(pages.DOCS / "dependencies.md"))
    assert {cells[0].strip("`") for cells in table} - {"package"} == wanted


def test_the_diagrams_are_those_of_the_tables():
    page = pages.text_of(pages.DOCS / "lifecycle.md")
    assert f"<!-- drawn from the tables -->\n{diagram()}<!-- end -->" in page


@pytest.mark.parametrize(
    "page", ["reference.md", "formats/instrument.md", "adr/0003-fold-every-combination.md"]
)
def test_the_limit_of_uncertain_ways_is_the_one_of_the_code(page):
    said = re.findall(r"([\d,]+) ways", pages.text_of(pages.DOCS / page))
    assert set(said) == {f"{WAYS_MAX:,}"}
