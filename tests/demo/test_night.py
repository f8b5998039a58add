import subprocess
import sys

import pytest

from comity.accords import Span, parse_instant
from comity.accords.times import UTC_ZONE
from comity.compiled import Index
from comity.labels import Level
from launches import Assumption, Way, read_launches, the_ways
from make import GSOMIA, ROOT, gsomia

ASSUMED = Assumption(
    {"kr": Level("kr", "II"), "jp": Level("jp", "gokuhi")}, "early-warning"
)
NIGHT = ["kr-suspension-2019", "kr-withdrawal-2023"]
MIDNIGHT = parse_instant("2019-11-23T00:00:00+09:00")


@pytest.fixture(scope="module")
def launches():
    return read_launches(GSOMIA / "items" / "launches.csv")


@pytest.fixture(scope="module")
def worlds():
    return gsomia(), gsomia().without(NIGHT)


def test_the_table_has_339_launches_84_of_them_without_a_time(launches):
    assert len(launches) == 339
    assert sum(not launch.when.exact for launch in launches) == 84
    assert sum(not launch.originators for launch in launches) == 200


def test_a_launch_whose_day_is_not_recorded_happened_some_time_in_its_month(launches):
    month = next(launch for launch in launches if launch.id == "launch-004")
    assert month.when == Span(
        parse_instant("1984-09-01T00:00:00Z"), parse_instant("1984-10-01T00:00:00Z")
    )
    assert UTC_ZONE.day_of(month.when.last).isoformat() == "1984-09-30"


def test_the_first_launches_after_midnight_were_on_28_november_at_1659(launches):
    first = next(launch for launch in launches if launch.when.start >= MIDNIGHT)
    assert first.when.start == parse_instant("2019-11-28T16:59:00+09:00")
    assert first.originators == ()


def test_without_the_suspension_everything_after_midnight_goes_by_washington(
    launches, worlds
):
    was, other = (the_ways(launches, Index(world), ASSUMED) for world in worlds)
    for (launch, here), (_, there) in zip(was, other, strict=True):
        if launch.when.exact and launch.when.start >= MIDNIGHT:
            assert set(here.values()) <= {Way.DIRECT}
            assert set(there.values()) <= {Way.BY_WASHINGTON}
            assert here.keys() == there.keys() == set(launch.originators)
        elif launch.when.exact:
            assert here == there


def test_a_level_that_no_table_covers_goes_by_no_way(launches, worlds):
    secret = Assumption(
        {"kr": Level("kr", "I"), "jp": Level("jp", "gokuhi")}, "early-warning"
    )
    late = [x for x in launches if "kr" in x.originators and x.when.start >= MIDNIGHT]
    found = the_ways(late[:10], Index(worlds[0]), secret)
    assert {ways["kr"] for _, ways in found} == {Way.NO_WAY}


def test_the_demonstration_runs_and_writes_a_page_that_opens_with_no_network(tmp_path):
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, ROOT / "demo" / "night.py", "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for words in (
        "mutual wait: Seoul waits",
        "originator not recorded",
        "launch-144",
        "16:59 KST on 28 Nov 2019",
        "synthetic",
        "deny: ended 21(3)",
        "19 points: 8 both, 6 one only",
        "`midnight on 2019-11-23` may be 00:00 KST on 23 Nov 2019 or 00:00 KST on 24 Nov",
        "think again about ending the agreement: declined",
        "ja: 大韓民国 / 極秘 又は 特定秘密",
        "ja: 大韓民国 / 特定秘密",
        "Seoul → Washington → Tokyo: not without consent",
        "under us-rok-1987, then us-jp-2007",
        "keep what was",
    ):
        assert words in done.stdout
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert 'href="http' not in page
    assert (tmp_path / "deadlines.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
