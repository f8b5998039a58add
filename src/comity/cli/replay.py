"""``replay``: run a scenario and show what came of each line."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.shared import WhatIf, show_json, the_world, world_options
from comity.errors import Unreadable, printable
from comity.release.scenario import Told, parse_scenario, tell
from comity.worlds import read_text


@click.command("replay", short_help="Run a story as text and compare its answers.")
@click.argument("scenario", type=click.Path(path_type=Path))
@world_options
def replay_command(
    scenario: Path,
    what_if: WhatIf,
    as_json: bool,
) -> int:
    """Run SCENARIO, a story as text, and compare every answer with the one it expects.

    Exit 1 where an answer is another. The world's path in the file is relative to it.
    """
    parsed, findings = parse_scenario(read_text(scenario), str(scenario))
    if findings:
        raise Unreadable(findings)
    world = the_world(scenario.parent / parsed.world, what_if, accord=parsed.accord)
    told = list(tell(parsed, world))
    if as_json:
        show_json([_json(one) for one in told])
    else:
        for line in _lines(told):
            click.echo(printable(line))
    wrong = sum(not one.right for one in told)
    click.echo(f"{len(told)} lines, {wrong} otherwise than expected", err=True)
    return 1 if wrong else 0


def _lines(told: list[Told]) -> list[str]:
    lines: list[str] = []
    case = None
    for one in told:
        if one.case != case:
            case = one.case
            lines.append(f"case {case}")
        mark = "  " if one.right else "! "
        lines.append(f"{mark}{one.step.at}  {' '.join(one.step.words)}  -> {one.answer}")
        if not one.right:
            lines.append(f"    expected: {one.step.expected} (line {one.step.line})")
    return lines


def _json(one: Told) -> dict[str, object]:
    return {
        "case": one.case,
        "line": one.step.line,
        "at": one.step.at,
        "asked": " ".join(one.step.words),
        "answer": one.answer,
        "expected": one.step.expected,
        "right": one.right,
    }


COMMANDS = (replay_command,)
