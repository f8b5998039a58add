import subprocess
import sys

from make import ROOT


def test_the_community_is_told_with_what_crosses_and_what_stays():
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, ROOT / "demo" / "community.py"],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for said in (
        "the university, a second before it joins 2024-05-06T09:59:59-05:00 stays:"
        " not_yet_in_force 8(1)",
        "the second at which it joins 2024-05-06T10:00:00-05:00 goes",
        "phish-wave, GREEN cert-isles goes stays: originator_forbids",
        "router-flaw, AMBER to members cert-isles goes stays: originator_forbids",
        "ward-outage, RED to cert-isles, cert-east cert-isles goes stays: originator_forbids",
        "advisory-7, CLEAR registry goes stays: ended 10(2)",
        "advisory-7, CLEAR cert-isles goes goes, by isles-east",
        "Ways from Lowland Grid to it over one other: 0. The refusal in full:",
        "the first gap 2025-10-01T00:00 stays: sending_not_authorised 5 stays:"
        " sending_not_authorised 5 stays: held goes",
        "the next day 2025-11-13T00:00 goes goes goes goes",
        "2027-01-01T00:00:00+01:00 stays: ended 9",
    ):
        assert said in lines
    assert any("Meridian Bank" in x and "done: bank-certificate" in x for x in lines)
    assert sum("Eastern National CERT" in x and "overdue" in x for x in lines) == 2
    assert sum("1 Feb 2027 open" in x for x in lines) == 3
