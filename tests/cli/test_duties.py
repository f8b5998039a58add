"""``comity duties``, in words, for programs and for a calendar."""

from __future__ import annotations

import json

import pytest
from icalendar import Calendar

from make import GSOMIA

WORLD = str(GSOMIA)
NIGHT = ["--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023"]
AFTER = ["duties", WORLD, "--at", "2019-11-23T00:00:00+09:00", *NIGHT]
ACTS = """
accord = "jp-rok-gsomia"

[[instrument]]
id = "gave"
by = ["kr"]
dated = "2019-06-03T10:00:00+09:00"
operations = [{ do = "release", item = "submarine-track-1", to = "jp" }]
supposed = "a test"

[[instrument]]
id = "loss"
by = ["kr"]
dated = "2019-11-01T10:00:00+09:00"
operations = [{ do = "report_loss", item = "submarine-track-1", holder = "jp" }]
supposed = "a test"
"""
CERTIFICATE = """
[[instrument]]
id = "certificate"
by = ["jp"]
form = "written"
dated = "2019-11-05T10:00:00+09:00"
operations = [{ do = "certify_destruction", item = "submarine-track-1" }]
supposed = "a test"
"""


@pytest.fixture
def given(tmp_path):
    path = tmp_path / "acts.toml"
    _ = path.write_text(ACTS)
    return ["--suppose", str(path)]


def found(run, *words):
    code, out, _ = run(*words, "--json")
    assert code == 0
    return json.loads(out)


def test_on_the_night_what_was_given_stays_protected(run):
    duties = found(run, *AFTER)
    assert {(d["who"], d["article"], d["state"]) for d in duties} == {
        ("jp", "21(4)", "lasts"),
        ("kr", "21(4)", "lasts"),
    }
    assert all(d["since"] == "2019-11-23T00:00:00+09:00" for d in duties)
    code, out, _ = run(*AFTER)
    assert code == 0
    assert out.count("[jp-rok-gsomia 21(4)]") == 2


def test_a_second_earlier_nothing_is_due(run):
    words = ["duties", WORLD, "--at", "2019-11-22T23:59:59+09:00", *NIGHT]
    assert found(run, *words) == []
    assert run(*words)[1].startswith("nothing is due")


def test_overdue_comes_first_and_says_so(run, given):
    duties = found(run, *AFTER, *given)
    assert [d["duty"] for d in duties][:1] == ["tell-loss"]
    assert duties[0]["overdue"]
    assert run(*AFTER, *given)[1].startswith(
        "overdue, to be done before 10:00 KST on 1 Nov 2019"
    )


def test_the_act_that_discharged_is_named(run, tmp_path):
    path = tmp_path / "acts.toml"
    _ = path.write_text(ACTS + CERTIFICATE)
    duties = found(run, *AFTER, "--suppose", str(path))
    back = next(d for d in duties if d["duty"] == "return-or-destroy")
    assert (back["state"], back["discharged_by"]) == ("discharged", "certificate")
    assert back["discharged_at"] == "2019-11-05T10:00:00+09:00"
    said = run(*AFTER, "--suppose", path)[1]
    assert "discharged by certificate on 5 Nov 2019: Japan: return" in said


@pytest.mark.parametrize(
    ("option", "key", "value"),
    [
        (["--party", "kr"], "who", {"kr"}),
        (["--item", "submarine-track-1"], "item", {"submarine-track-1"}),
        (["--accord", "jp-rok-gsomia"], "accord", {"jp-rok-gsomia"}),
        (["--accord", "us-jp-2007"], "accord", set()),
        (["--within", "P1D"], "duty", {"tell-loss"}),
    ],
)
def test_each_option_keeps_what_it_names(run, given, option, key, value):
    assert {d[key] for d in found(run, *AFTER, *given, *option)} == value


def test_what_falls_due_is_a_calendar(run, given):
    code, out, _ = run(*AFTER, *given, "--ics")
    assert code == 0
    (event,) = Calendar.from_ical(out).walk("VEVENT")
    assert "tell the Originating Party at once" in event["description"]
