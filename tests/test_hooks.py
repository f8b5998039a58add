"""The hooks for pre-commit are commands that there are, with options that they have."""

from __future__ import annotations

import re

import click
import pytest

from comity.cli.main import cli
from docs import pages
from make import ROOT

HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
PAGE = pages.text_of(pages.DOCS / "howto" / "deadlines-by-mail.md")
ENTRIES = re.findall(r"^  entry: (.+)$", HOOKS, re.MULTILINE)
IDS = re.findall(r"^- id: (.+)$", HOOKS, re.MULTILINE)


@pytest.mark.parametrize("entry", sorted(set(ENTRIES)))
def test_every_hook_runs_a_command_with_options_that_it_has(entry):
    program, command, *options = entry.split()
    assert program == "comity"
    known = {
        name
        for p in cli.commands[command].params
        if isinstance(p, click.Option)
        for name in p.opts
    }
    assert set(options) <= known


def test_the_page_shows_every_hook_and_no_other():
    assert re.findall(r"- id: (\S+)", PAGE) == IDS
    assert len(IDS) == len(ENTRIES) == 3


def test_a_hook_for_accord_files_is_asked_about_them_alone():
    pattern = re.search(r"files: (\S+)\n\n- id: comity-check-world", HOOKS)[1]
    assert re.search(pattern, "worlds/x/accords/x.accord.md")
    assert not re.search(pattern, "README.md")
    assert not re.search(pattern, "x.accord.md.orig")
