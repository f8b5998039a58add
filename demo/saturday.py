"""What a desk and a treaty officer ask on Friday evening: marking, ways, and what stops.

Each section runs a command as it is typed, so that anybody can ask it again.
"""

from __future__ import annotations

import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from comity.cli.main import cli
from comity.report import Section

ROOT = Path(__file__).parent.parent
WORLD, ACCORD = "worlds/gsomia", "jp-rok-gsomia"
NIGHT = ("--without", "kr-suspension-2019", "--without", "kr-withdrawal-2023")
FRIDAY, SATURDAY = "2019-11-22T10:00:00+09:00", "2019-11-23T00:00:00+09:00"


def asked(*words: str) -> str:
    """Run a command in this process; return it as typed, with what it prints."""
    out = StringIO()
    with chdir(ROOT), redirect_stdout(out), redirect_stderr(StringIO()):
        _ = cli.main(args=list(words), prog_name="comity", standalone_mode=False)
    return f"$ comity {shlex.join(words)}\n{out.getvalue().rstrip()}"


def the_marking() -> Section:
    """Show how an item marked in Seoul arrives in Tokyo: a choice, and then chosen."""
    label = ("label", WORLD, "submarine-track-1", "--to", "jp", "--under", ACCORD)
    chosen = ("--suppose", "demo/suppose/jp-designates.toml")
    return Section(
        heading="How it is marked on the other side",
        paragraphs=(
            "군사II급비밀 has two counterparts. The registry in Tokyo designates one; nobody"
            " does it for them. The originator's label stays beside it.",
        ),
        listings=(
            asked(*label, "--at", FRIDAY),
            asked(*label, "--at", FRIDAY, *chosen),
        ),
    )


def the_way_round() -> Section:
    """Show the way by Washington, with each consent that it lacks."""
    route = ("route", WORLD, "--item", "submarine-track-1", "--from", "kr", "--to", "jp")
    return Section(
        heading="Is there another way? Seoul → Washington → Tokyo",
        paragraphs=(
            "Had it ended at midnight. A way with a missing consent is no permit.",
        ),
        listings=(asked(*route, "--at", SATURDAY, *NIGHT, "--why"),),
    )


def what_stops() -> Section:
    """Show what stops on Saturday, what goes on by another way, and which duties begin."""
    lapse = ("lapse", WORLD, ACCORD, "--at", SATURDAY)
    return Section(
        heading="What stops on Saturday",
        listings=(asked(*lapse, *NIGHT),),
    )
