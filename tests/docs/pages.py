"""Read the pages under ``docs/``: their fences, tables and transcripts."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from comity.accords.text import digest
from docs import running

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
FORMATS = DOCS / "formats"
BASE = "sha256:BASE"  # stands in the pages for the digest of the example accord

SERVES = "$ comity serve "  # a page on which nodes run beside the commands

ENDS = {"toml": "toml", "python": "py"}  # how a saved file's name ends, by its fence

_FENCE = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: what stands after its backticks, and what it holds."""

    info: str
    body: str


def text_of(path: Path) -> str:
    """Return a page."""
    return path.read_text(encoding="utf-8")


def fences(text: str) -> list[Fence]:
    """Return the fenced blocks of a page, outermost first."""
    return [Fence(m[2].strip(), m[3]) for m in _FENCE.finditer(text)]


def plain(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every table row of a page, headings and rules left out."""
    for line in plain(text).split("\n"):
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def keys(text: str) -> dict[str, dict[str, list[str]]]:
    """Return the rows of ``| table | key | … |`` tables, by table and key.

    An empty first cell stands for the table named above it.
    """
    found: dict[str, dict[str, list[str]]] = {}
    table = ""
    for cells in rows(text):
        if len(cells) != 4:
            continue
        table = cells[0].strip("`*[]") or table
        found.setdefault(table, {})[cells[1].strip("`")] = cells[2:]
    return found


def words(text: str) -> set[str]:
    """Return what a page writes in backticks outside its fenced blocks."""
    return set(re.findall(r"`([^`\n]+)`", plain(text)))


# -- the example world of the pages on formats -------------------------------------------


def example_accord() -> bytes:
    """Return the accord that ``docs/formats/accord.md`` begins with."""
    return _markdown(0).encode()


def example_amendment() -> bytes:
    """Return the amendment on that page."""
    return _markdown(1).replace(BASE, digest(example_accord())).encode()


def _markdown(place: int) -> str:
    found = [f for f in fences(text_of(FORMATS / "accord.md")) if f.info == "markdown"]
    return found[place].body


def example_world(root: Path) -> Path:
    """Write the world that the pages on formats show, piece by piece."""
    _save(root / "accords" / "east-west.accord.md", example_accord().decode())
    for page in sorted(FORMATS.glob("*.md")):
        for name, body in saved_files(text_of(page)):
            _save(root / name, body.replace(BASE, digest(example_accord())))
    return root


def saved_files(text: str) -> Iterator[tuple[str, str]]:
    """Yield each file that a page shows.

    A fence of TOML or Python has its path in its first line, ``# its/path.toml``; one of
    text or CSV has it beside its kind, ``text its/path.txt``.
    """
    for fence in fences(text):
        kind, _, path = fence.info.partition(" ")
        if kind in ("text", "csv") and path.endswith((".txt", ".csv")):
            yield path, fence.body
        first, _, _ = fence.body.partition("\n")
        if fence.info in ENDS and re.fullmatch(rf"# \S+\.{ENDS[fence.info]}", first):
            yield first.removeprefix("# "), fence.body


def _save(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _ = path.write_text(body, encoding="utf-8")


# -- transcripts ---------------------------------------------------------------------------


def run_transcript(text: str, folder: Path) -> str:
    """Return a page with every ``console`` block as it comes out now.

    Each line that begins with ``$ `` is run in ``folder``; what it prints follows, and a
    line ``[exit 2]`` where it ends so. Files that the page shows are saved first.
    """
    beside = running.Running() if SERVES in text else None
    for name, body in saved_files(text):
        _save(folder / name, body if beside is None else beside.written(body))

    def again(match: re.Match[str]) -> str:
        if match[2].strip() != "console":
            return match[0]
        commands = [line[2:] for line in match[3].split("\n") if line.startswith("$ ")]
        said = "".join(f"$ {one}\n{_said(one, folder, beside)}" for one in commands)
        return f"{match[1]}console\n{said}{match[1]}"

    try:
        return _FENCE.sub(again, text)
    finally:
        if beside is not None:
            beside.stop()


def _said(command: str, folder: Path, beside: running.Running | None) -> str:
    if beside is None:
        return _run(command, folder)
    written = beside.written(command)
    if written.endswith(" &"):
        beside.start(shlex.split(written)[1:-1], folder)
        return ""
    return beside.said(_run(written, folder))


def _run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    doors = {"comity": ["-c", "from comity.cli import main; main()"], "python": []}
    if program not in doors:
        raise AssertionError(f"a transcript runs `comity` and `python`, not `{program}`")
    done = subprocess.run(  # noqa: S603  our own command, on our own pages
        [sys.executable, *doors[program], *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=120,
    )
    lines = [line.rstrip() for line in done.stdout.decode().split("\n")]
    said = "\n".join(lines).rstrip("\n")
    code = f"[exit {done.returncode}]\n" if done.returncode else ""
    return (said + "\n" if said else "") + code
