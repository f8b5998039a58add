import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from make import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMITY = Path(sys.executable).with_name("comity")


def sessions():
    """Every command of the README, the output that stands under it, and its exit code."""
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            joined = part.replace("\\\n", " ")
            command, _, output = joined.partition("\n")
            words, _, remark = command.partition("#")
            code = re.search(r"exit (\d)", remark)
            denied = output.startswith("deny")
            wanted = int(code[1]) if code else DENIED if denied else 0
            yield words.strip(), output.strip(), wanted


DENIED = 2
COMMANDS = [s for s in sessions() if s[0].startswith("comity")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("readme")
    for name in ("worlds", "tests"):
        (here / name).symlink_to(ROOT / name)
    return here


@pytest.mark.parametrize(
    ("command", "output", "code"), COMMANDS, ids=[c for c, _, _ in COMMANDS]
)
def test_every_command_of_the_readme_does_what_it_says(command, output, code, folder):
    words = shlex.split(command)
    done = subprocess.run(  # noqa: S603  the README's own words
        [COMITY, *words[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if output:
        assert done.stdout.strip() == output


def test_the_readme_names_the_two_commands_and_what_it_is_not():
    assert "make demo" in README
    assert "make test" in README
    first_screen = README[: README.index("## The worked example")]
    for words in (
        "file vault",
        "DRM",
        "legal opinion",
        "not accredited for classified information",
    ):
        assert words in first_screen
    assert "docs/compared.md" in first_screen


def test_every_target_that_the_readme_names_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z]+)\b", README)) - {"needs"}:
        assert re.search(rf"(?m)^{target}:", makefile), target
