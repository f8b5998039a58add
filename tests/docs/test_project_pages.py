"""The pages at the root are true: floors, rooms and files are those of the code; links lead somewhere."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from docs import pages

ARCHITECTURE = pages.text_of(pages.ROOT / "ARCHITECTURE.md")
PROJECT = tomllib.loads(pages.text_of(pages.ROOT / "pyproject.toml"))
SOURCE = pages.ROOT / "src" / "comity"
CONTRACTS = {c["type"]: c for c in PROJECT["tool"]["importlinter"]["contracts"]}
LAYERS = CONTRACTS["layers"]["layers"]
FLOORS = [
    line.strip()
    for line in next(f.body for f in pages.fences(ARCHITECTURE) if f.info == "text").split(
        "\n"
    )
    if line.strip()
]
OURS = [
    *pages.ROOT.glob("*.md"),
    *sorted(pages.DOCS.rglob("*.md")),
    *sorted((pages.ROOT / "worlds").rglob("README.md")),
]


BESIDE = ("benchmarks/", "demo/", "tools/")


# -- architecture --------------------------------------------------------------------------


def test_the_floors_are_those_that_are_checked():
    drawn = [line.split()[0] for line in FLOORS if not line.startswith("═")]
    assert drawn == LAYERS


def test_the_double_line_stands_above_the_core():
    place = next(n for n, line in enumerate(FLOORS) if line.startswith("═"))
    below = {line.split()[0] for line in FLOORS[place + 1 :]}
    core = {
        name.removeprefix("comity.") for name in CONTRACTS["forbidden"]["source_modules"]
    }
    assert below == core | {"errors"}


def purpose(room: str) -> str:
    path = SOURCE / room / "__init__.py"
    path = path if path.exists() else SOURCE / f"{room}.py"
    said = ast.get_docstring(ast.parse(pages.text_of(path))) or ""
    return said.split("\n")[0]


@pytest.mark.parametrize("room", LAYERS)
def test_every_room_says_its_own_sentence(room):
    assert f"\n### `{room}`: {purpose(room)}\n" in ARCHITECTURE


def files() -> set[str]:
    return {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if not (
            path.name == "__init__.py" and path.parent.parent in (SOURCE, SOURCE.parent)
        )
    }


def test_every_file_has_its_sentence_and_none_is_gone():
    named = {cells[0].strip("`"): cells[1] for cells in pages.rows(ARCHITECTURE)}
    for heading in ("file", "beside"):
        _ = named.pop(heading, None)
    beside = {name for name in named if name.startswith(BESIDE)}
    there = {str(p.relative_to(pages.ROOT)) for p in pages.ROOT.glob("[bdt]*/*.py")}
    assert beside == {name for name in there if name.startswith(BESIDE)}
    named = {name: said for name, said in named.items() if name not in beside}
    assert set(named) == files()
    assert all(named.values())


def test_every_file_that_a_walk_names_is_there():
    named = {
        word for word in pages.words(ARCHITECTURE) if re.fullmatch(r"[a-z]+/\w+\.py", word)
    }
    assert {name for name in named if not name.startswith(BESIDE)} <= files()


# -- links ---------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """Return the fragments that a page's headings have."""
    found = re.findall(r"^#{1,6} (.+)$", pages.plain(pages.text_of(path)), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in found
    }


def links(path: Path) -> list[str]:
    text = re.sub(r"`[^`\n]*`", "", pages.plain(pages.text_of(path)))
    return [
        target
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not re.match(r"https?://|mailto:", target)
    ]


@pytest.mark.parametrize("page", OURS, ids=lambda page: str(page.relative_to(pages.ROOT)))
def test_every_link_leads_somewhere(page):
    for target in links(page):
        name, _, fragment = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), target
        if fragment:
            assert fragment in anchors(there), target


def test_every_page_is_reached_by_a_link():
    reached = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in OURS
        for target in links(page)
        if target.partition("#")[0]
    }
    folders = {path for path in reached if path.is_dir()}
    lost = {
        path
        for path in pages.DOCS.rglob("*.md")
        if path.resolve() not in reached and path.parent.resolve() not in folders
    }
    assert lost == set()


# -- decisions, and what no page may say ---------------------------------------------------


@pytest.mark.parametrize(
    "record", sorted((pages.DOCS / "adr").glob("0*.md")), ids=lambda p: p.stem
)
def test_every_decision_names_its_price_in_under_thirty_lines(record):
    text = pages.text_of(record)
    assert len(text.split("\n")) < 30
    for part in ("**Context.**", "**Decision.**", "**Price.**"):
        assert part in text
    title = text.split("\n")[0].removeprefix("# ").partition(". ")[2]
    assert f"({record.name}) {title}\n" in pages.text_of(record.parent / "README.md")


def test_the_version_that_is_not_released_yet_is_in_the_changelog():
    text = pages.text_of(pages.ROOT / "CHANGELOG.md")
    version = PROJECT["project"]["version"]
    assert f"## Unreleased ({version})" in text or f"## {version}" in text


@pytest.mark.parametrize("page", OURS, ids=lambda page: str(page.relative_to(pages.ROOT)))
def test_no_page_names_a_path_of_somebodys_machine(page):
    assert (
        re.findall(r"(?<![\w.])/(?:home|Users|work|tmp|root)/", pages.text_of(page)) == []
    )


def test_it_is_said_that_nothing_is_accredited():
    for name in ("README.md", "SECURITY.md"):
        assert "not accredited for classified information" in pages.text_of(
            pages.ROOT / name
        )
