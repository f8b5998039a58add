from pathlib import Path

import pytest

from comity.release.scenario import parse_scenario, tell
from comity.worlds import load_world
from make import ROOT, gsomia

SCENARIOS = sorted((ROOT / "tests" / "scenarios").glob("*.txt"))


def lines(path: Path):
    scenario, findings = parse_scenario(path.read_text(encoding="utf-8"), str(path))
    assert findings == []
    world = load_world(path.parent / scenario.world)
    return list(tell(scenario, world))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_every_line_of_every_scenario_is_as_it_says(path):
    told = lines(path)
    assert told
    assert [f"line {t.step.line}: {t.answer}" for t in told if not t.right] == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_no_case_is_empty(path):
    scenario, _ = parse_scenario(path.read_text(encoding="utf-8"))
    assert all(case.steps for case in scenario.cases)


def test_what_cannot_be_read_is_found_with_its_line():
    text = "world w\naccord a\ncase one\nnonsense\n2020-01-01 standing\n"
    _, findings = parse_scenario(text, "s.txt")
    assert [(f.where, f.line, f.code) for f in findings] == [
        ("s.txt", 4, "bad-step"),
        ("s.txt", 5, "bad-step"),
    ]


def test_a_scenario_without_a_world_says_so():
    _, findings = parse_scenario("case one\n")
    assert {f.message for f in findings} == {
        "the scenario names no world",
        "the scenario names no accord",
    }


@pytest.mark.parametrize(
    "line",
    [
        "2019-11-22T18:00:00 try nothing kr to jp -> x",
        "2019-11-22T18:00:00 try submarine-track-1 kr -> x",
        "2019-11-22T18:00:00 earliest-end nobody -> x",
        "2019-11-22T18:00:00 earliest-end -> x",
        "2019-11-22T18:00:00 kr dance n1 -> x",
        "2019-11-22T18:00:00 kr -> x",
        "yesterday standing -> x",
    ],
)
def test_a_line_that_cannot_be_asked_answers_with_an_error_and_no_crash(line):
    scenario, findings = parse_scenario(
        f"world w\naccord jp-rok-gsomia\ncase one\n{line}\n"
    )
    assert findings == []
    told = list(tell(scenario, gsomia()))
    assert told[0].answer.startswith("error")
