"""The mutation run: what it draws, which tests it asks, and that it works in a copy alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import mutations
from docs import pages
from make import ROOT
from mutants import ROOMS, Copy, Mutant, Runs, every, reviewed, sample

THING = '''"""A room's file."""

LEVELS = {
    "low": 1,
    "high": 2,
    "none": 0,
}


def over(a: int, b: int) -> bool:
    """Say whether one is over the other."""
    return a > b


def unseen(a: int, b: int) -> bool:
    return a >= b


def count(a: int) -> int:
    """Count down."""
    while a > 0:
        a -= 1
    return a


def half_seen(a: int) -> bool:
    """Nobody looks at what it returns."""
    return a == 1
'''
TESTS = """
import pytest

from amounts import TWO
from comity.labels import thing


@pytest.fixture(scope="module")
def counted():
    return thing.count(TWO)


def test_counts(counted):
    assert counted == 0


def test_has_counted(counted):
    assert counted is not None


def test_over():
    assert thing.over(2, 1) and not thing.over(1, 1)


def test_half():
    thing.half_seen(1)
    assert thing.LEVELS["low"] == 1


@pytest.mark.parametrize("level", sorted(thing.LEVELS))
def test_levels(level):
    assert level in thing.LEVELS
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """Return a project with one file in one room."""
    root = tmp_path_factory.mktemp("small")
    for name, text in {
        "src/comity/__init__.py": "",
        "src/comity/labels/__init__.py": "",
        "src/comity/labels/thing.py": THING,
        "tests/labels/test_thing.py": TESTS,
        "tools/whichtests.py": (ROOT / "tools" / "whichtests.py").read_text("utf-8"),
        "tests/amounts.py": "TWO = 2\n",
        "pyproject.toml": '[tool.pytest]\nstrict = true\npythonpath = ["tests"]\n'
        'addopts = ["--import-mode=importlib"]\n',
        ".git/config": "not copied",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _ = path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def copy(small, tmp_path_factory) -> Copy:
    """Return its copy."""
    return Copy(tmp_path_factory.mktemp("aside"), small)


@pytest.fixture(scope="module")
def runs(copy) -> Runs:
    """Return which of its tests run which lines."""
    return copy.recorded(["tests"])


@pytest.fixture(scope="module")
def drawn(small) -> list[Mutant]:
    """Return its mutants."""
    return every(["labels"], small / "src" / "comity")


def one(drawn: list[Mutant], where: str, after: str) -> Mutant:
    """Return the mutant of a function that leaves a line as given."""
    (found,) = [m for m in drawn if m.key[1] == where and m.key[3] == after]
    return found


def digest(root: Path) -> str:
    """Return one digest of all files of a project."""
    files = sorted(p for p in root.rglob("*") if p.is_file())
    return hashlib.sha256(repr([(p, p.read_bytes()) for p in files]).encode()).hexdigest()


def names(tests: list[str]) -> list[str]:
    return [test.partition("::")[2] for test in tests]


# -- which tests it asks -----------------------------------------------------------------


def test_the_tests_that_run_a_line_come_first_and_then_the_others_of_their_file(
    runs, drawn
):
    asked = names(runs.of(one(drawn, "over", "return a >= b")))
    assert asked[0] == "test_over"
    assert set(asked[1:]) == {
        "test_counts",
        "test_has_counted",
        "test_half",
        *(f"test_levels[{level}]" for level in ("high", "low", "none")),
    }


def test_a_line_that_no_test_runs_has_no_test(runs, drawn):
    assert runs.of(one(drawn, "unseen", "return a > b")) == []


def test_a_table_is_for_the_tests_that_run_anything_in_its_file(runs, drawn):
    asked = names(runs.of(next(m for m in drawn if m.change.what == "row dropped")))
    assert set(asked[:3]) == {"test_over", "test_half", "test_counts"}


def test_a_table_in_a_file_without_functions_is_for_the_tests_of_its_room(drawn):
    seconds = {"tests/labels/test_a.py::test_a": 1.0, "tests/talks/test_b.py::test_b": 1.0}
    runs = Runs(seconds=seconds, lines={"labels/thing.py": {3: set(), 4: set(), 5: set()}})
    row = next(m for m in drawn if m.change.what == "row dropped")
    assert runs.of(row) == ["tests/labels/test_a.py::test_a"]


def test_no_more_tests_are_asked_than_fit_the_limit_but_always_one():
    runs = Runs(seconds={"a": 1.0, "b": 2.0, "c": 3.0}, lines={})
    assert runs.within(["a", "b", "c"], 3.5) == {"a": 1.0, "b": 2.0}
    assert runs.within(["c", "a"], 0.5) == {"c": 3.0}
    assert runs.within([], 0.5) == {}


# -- what it finds ------------------------------------------------------------------------


def test_a_mutant_that_a_test_fails_with_is_found_and_no_other(copy, runs, drawn):
    found = one(drawn, "over", "return a >= b")
    assert copy.notices(found, runs.within(runs.of(found), 60))
    survivor = one(drawn, "half_seen", "return a != 1")
    assert not copy.notices(survivor, runs.within(runs.of(survivor), 60))


def test_a_mutant_that_never_ends_is_found(copy, runs, drawn):
    endless = one(drawn, "count", "a += 1")
    tests = dict.fromkeys(runs.of(endless), -1.9)  # not ten seconds, but a half
    assert copy.notices(endless, tests)


def test_a_test_that_the_mutant_has_unnamed_notices_nothing(copy, drawn):
    found = [m for m in drawn if m.change.what == "row dropped" and '"none"' in m.key[2]]
    (gone,) = found
    assert not copy.notices(gone, {"tests/labels/test_thing.py::test_levels[none]": 0})


def test_a_mutant_that_breaks_the_import_is_found(copy, drawn):
    mutant = one(drawn, "over", "return a >= b")
    broken = mutations.Mutation(
        what="broken", where="", start=0, stop=0, by="(", lines=range(1), statement=range(1)
    )
    broken = Mutant(file=mutant.file, source=mutant.source, change=broken)
    assert copy.notices(broken, {"tests/labels/test_thing.py::test_over": 0})


def test_tests_that_fail_without_any_mutant_stop_the_run(small, tmp_path):
    copy = Copy(tmp_path, small)
    _ = (copy.place / "tests" / "labels" / "test_wrong.py").write_text(
        "def test_no(): assert 0"
    )
    with pytest.raises(SystemExit, match=r"test_wrong\.py::test_no"):
        _ = copy.recorded(["tests"])


def test_the_tests_that_are_chosen_pass_without_a_mutant_or_nothing_is_tried(copy, runs):
    copy.checked(runs.within(list(runs.seconds), 60))
    with pytest.raises(SystemExit, match="chosen one by one"):
        copy.checked({"tests/labels/test_none.py::test_none": 0.0})


def test_what_the_tests_run_is_kept_for_as_long_as_nothing_changes(small, tmp_path):
    copy, kept = Copy(tmp_path, small), tmp_path / "kept.json"
    first = copy.recorded(["tests"], kept)
    stamp = kept.stat().st_mtime_ns
    assert copy.recorded(["tests"], kept) == first
    assert kept.stat().st_mtime_ns == stamp
    with (copy.place / "tests" / "labels" / "test_thing.py").open("a") as file:
        _ = file.write("\n\ndef test_more(): pass\n")
    assert "tests/labels/test_thing.py::test_more" in copy.recorded(["tests"], kept).seconds


def test_the_checkout_is_left_alone_and_the_copy_is_put_back(small, tmp_path, drawn):
    before = digest(small)
    copy = Copy(tmp_path, small)
    assert not (copy.place / ".git").exists()
    runs = copy.recorded(["tests"])
    path = copy.place / "src" / "comity" / "labels" / "thing.py"
    for mutant in drawn[:2]:
        _ = copy.notices(mutant, runs.within(runs.of(mutant), 60))
        assert path.read_text(encoding="utf-8") == THING
    assert digest(small) == before


# -- what it draws ---------------------------------------------------------------------------


def test_a_seed_draws_the_same_each_time_and_another_seed_others(drawn):
    assert sample(drawn, count=5, seed=1) == sample(drawn, count=5, seed=1)
    assert sample(drawn, count=5, seed=1) != sample(drawn, count=5, seed=2)
    assert sample(drawn, count=5, seed=1) == sample(drawn, count=9, seed=1)[:5]
    assert len(sample(drawn, count=10**6, seed=1)) == len(drawn)


def test_a_change_elsewhere_changes_nothing_in_what_is_drawn(drawn, small):
    path = small / "src" / "comity" / "labels" / "zzz.py"
    _ = path.write_text("def more(a):\n    return not a\n", encoding="utf-8")
    more = every(["labels"], small / "src" / "comity")
    path.unlink()
    left = [m for m in sample(more, count=len(more), seed=1) if m.file != "labels/zzz.py"]
    assert left == sample(drawn, count=len(drawn), seed=1)


def test_a_single_file_of_a_room_may_be_asked_for():
    found = every(["labels/join.py"])
    assert {mutant.file for mutant in found} == {"labels/join.py"}
    assert len(found) < len(every(["labels"]))


# -- the page ----------------------------------------------------------------------------------

KNOWN = reviewed(pages.text_of(pages.DOCS / "mutation.md"))


def test_a_reviewed_survivor_is_read_with_its_reason():
    page = (
        "### `labels/a.py` `A.f`: it is the same\n\n```diff\n-a < b\n+a <= b\n```\n\n"
        "### `labels/a.py`: two lines\n\n```diff\n-x(\n-    1)\n+pass\n```\n"
    )
    assert reviewed(page) == {
        ("labels/a.py", "A.f", "a < b", "a <= b"): "it is the same",
        ("labels/a.py", "", "x(\n    1)", "pass"): "two lines",
    }


@pytest.mark.parametrize("key", KNOWN, ids=lambda key: f"{key[0]} {key[3]}")
def test_every_reviewed_survivor_is_a_mutant_and_just_one(key):
    assert [mutant.key for mutant in every([key[0]])].count(key) == 1


def test_every_reviewed_survivor_on_the_page_is_read():
    text = pages.text_of(pages.DOCS / "mutation.md")
    assert len(KNOWN) == text.count("```diff\n")


def test_the_rooms_are_those_that_decide():
    assert set(ROOMS) < {
        path.parent.name for path in (ROOT / "src" / "comity").glob("*/*.py")
    }
