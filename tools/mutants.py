"""Change the core a little, in a copy, a change at a time, and see whether a test notices.

``make mutants`` tries a sample of all the changes of ``mutations.py``, chosen by a seed, each
against the tests that run the changed line, and prints the score of each room and what survived.
Where no test runs a line, its mutants have survived. Those that were looked at and change nothing
stand in docs/mutation.md with the reason; they are counted apart, and any other survivor makes the
exit code 1.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mutations

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "mutation.md"
ROOMS = ("labels", "accords", "talks", "release", "compiled", "changes")
TESTS = (*ROOMS, "worlds", "oracle")  # the core's own; the faces' tests look at words
NOT_COPIED = shutil.ignore_patterns(
    ".*", "__pycache__", "*.egg-info", "demo-out", "build", "dist"
)
MEMORY = 6 << 30  # a loop that never ends should not take the machine with it
LONGEST = 1800.0  # seconds for one mutant; a test that never ends is ended long before
PASSED, NOTHING_RUN = 0, 5  # pytest's exit codes when no test has noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change to a file of a room."""

    file: str
    source: bytes
    change: mutations.Mutation

    @property
    def room(self) -> str:
        """Return the room."""
        return self.file.partition("/")[0]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return file, function, and the lines before and after: what a person calls it by."""
        return self.file, self.change.where, *self.change.rows(self.source)

    @property
    def diff(self) -> str:
        """Return the change as a diff."""
        before, after = (
            text.decode().splitlines()
            for text in (self.source, self.change.applied(self.source))
        )
        lines = difflib.unified_diff(before, after, lineterm="", n=2)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Which tests run which lines, and how long each takes."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, set[str]]]

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that may notice, the likeliest first.

        First those that run a changed line, then the others of their files, which may look at what
        a fixture made once for all of them. What only the import runs, a table, is for the tests
        that run anything in the file, or else for those of the room.
        """
        lines = self.lines.get(mutant.file, {})
        change = mutant.change
        direct = self._running(lines, change.lines) or self._running(
            lines, change.statement
        )
        if not direct:
            if change.where and not _imported(lines, change):
                return []
            direct = set().union(*lines.values()) or self._of_room(mutant.room)
        files: dict[str, list[str]] = {name.partition("::")[0]: [] for name in direct}
        for test in self.seconds:
            files.get(test.partition("::")[0], []).append(test)
        beside = {test for tests in files.values() for test in tests}
        direct = {t for name in direct for t in ([name] if "::" in name else files[name])}
        own = f"tests/{mutant.file.removesuffix('.py').replace('/', '/test_')}"
        return [
            *sorted(
                direct, key=lambda t: (not t.startswith(own), self.seconds.get(t, 0.0), t)
            ),
            *sorted(beside - direct, key=lambda t: (self.seconds.get(t, 0.0), t)),
        ]

    def within(self, tests: Sequence[str], limit: float) -> dict[str, float]:
        """Return as many of the tests as take no longer than the limit together."""
        kept: dict[str, float] = {}
        for test in tests:
            limit -= self.seconds.get(test, 0.0)
            if limit < 0 and kept:
                break
            kept[test] = self.seconds.get(test, 0.0)
        return kept

    def _of_room(self, room: str) -> set[str]:
        return {test for test in self.seconds if test.startswith(f"tests/{room}/")}

    @staticmethod
    def _running(lines: dict[int, set[str]], those: Iterable[int]) -> set[str]:
        return set().union(*(lines.get(line, set()) for line in those))


def _imported(lines: dict[int, set[str]], change: mutations.Mutation) -> bool:
    return any(line in lines for line in (*change.lines, *change.statement))


class Copy:
    """A copy of the project, in which the mutants are planted."""

    def __init__(self, place: Path, root: Path = ROOT) -> None:
        self.place = place / "copy"
        self.aside = place
        _ = shutil.copytree(root, self.place, ignore=NOT_COPIED)

    def recorded(self, tests: Sequence[str], kept: Path | None = None) -> Runs:
        """Run the tests once and return what each runs; stop where they fail without a mutant.

        Where it was kept for the same files and tests, it is taken from there.
        """
        of = self._digest(tests)
        said = (
            json.loads(kept.read_text(encoding="utf-8")) if kept and kept.is_file() else {}
        )
        if said.get("of") != of:
            file = self.aside / "record.json"
            code = self._pytest(["--record", str(file), *tests], keep=True, seconds=None)
            said = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
            if code != PASSED:
                failed = "\n  ".join(said.get("failed", [])) or f"pytest ended with {code}"
                sys.exit(f"the tests fail without any mutant; mend them first:\n  {failed}")
            if kept is not None:
                _ = kept.write_text(json.dumps({**said, "of": of}), encoding="utf-8")
        names = said["names"]
        lines = {
            name: {
                int(line): {names[n] for n in numbers} for line, numbers in found.items()
            }
            for name, found in said["lines"].items()
        }
        return Runs(seconds=said["seconds"], lines=lines)

    def _digest(self, tests: Sequence[str]) -> str:
        found = hashlib.sha256(repr(tests).encode())
        for name in ("src", "tests", "worlds", "tools"):
            for file in sorted((self.place / name).rglob("*.*")):
                if file.is_file() and file.suffix != ".pyc":
                    named = str(file.relative_to(self.place)), file.read_bytes()
                    found.update(repr(named).encode())
        return found.hexdigest()

    def checked(self, tests: Mapping[str, float]) -> None:
        """Stop where the tests, chosen one by one, fail without a mutant as well."""
        if self._chosen(tests) != PASSED:
            sys.exit("the tests fail without any mutant when they are chosen one by one")

    def notices(self, mutant: Mutant, tests: Mapping[str, float]) -> bool:
        """Say whether one of the tests fails, or never ends, with the mutant in place.

        Beside each test stands how many seconds it takes without one.
        """
        path = self.place / "src" / "comity" / mutant.file
        stat = path.stat()
        try:
            _ = path.write_bytes(mutant.change.applied(mutant.source))
            later = (
                stat.st_mtime + 60
            )  # so that it is not taken for what is compiled already
            os.utime(path, (stat.st_atime, later))
            code = self._chosen(tests)
        finally:
            _ = path.write_bytes(mutant.source)
            os.utime(path, (stat.st_atime, stat.st_mtime))
        return code not in (PASSED, NOTHING_RUN)

    def _chosen(self, tests: Mapping[str, float]) -> int | None:
        chosen = self.aside / "chosen.json"
        _ = chosen.write_text(json.dumps(tests), encoding="utf-8")
        files = sorted({name.partition("::")[0] for name in tests})
        args = ["-x", "--chosen", str(chosen), *files]
        return self._pytest(args, keep=False, seconds=LONGEST)

    def _pytest(
        self, args: Sequence[str], *, keep: bool, seconds: float | None
    ) -> int | None:
        places = os.pathsep.join(str(self.place / name) for name in ("src", "tools"))
        more = {} if keep else {"PYTHONDONTWRITEBYTECODE": "1"}
        line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p"]
        run = subprocess.Popen(  # noqa: S603  our own tests
            [*line, "whichtests", "-c", "pyproject.toml", *args],
            cwd=self.place,
            env={**os.environ, "PYTHONPATH": places, **more},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_bounded,  # noqa: PLW1509  no threads here
        )
        try:
            return run.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                _ = run.wait()


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def every(rooms: Sequence[str], source: Path = ROOT / "src" / "comity") -> list[Mutant]:
    """Return every mutant of the rooms, or of single files of them."""
    found: list[Mutant] = []
    for room in rooms:
        path = source / room
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            text = file.read_bytes()
            name = file.relative_to(source).as_posix()
            found += [
                Mutant(file=name, source=text, change=change)
                for change in mutations.mutations(text)
            ]
    return found


def sample(mutants: Sequence[Mutant], *, count: int, seed: int) -> list[Mutant]:
    """Return so many of them. A change elsewhere in the code changes little in what is drawn."""

    def lot(numbered: tuple[int, Mutant]) -> str:
        number, mutant = numbered
        return hashlib.sha256(repr((seed, number, mutant.key)).encode()).hexdigest()

    times = Counter[tuple[str, ...]]()
    numbered: list[tuple[int, Mutant]] = []
    for mutant in mutants:
        numbered.append((times[mutant.key], mutant))
        times[mutant.key] += 1
    return [mutant for _, mutant in sorted(numbered, key=lot)][:count]


_REVIEWED = re.compile(
    r"^### `([^`]+)`(?: `([^`]+)`)?: (.+)\n\n```diff\n((?:-.*\n)+)((?:\+.*\n)+)```$",
    re.MULTILINE,
)


def reviewed(page: str) -> dict[tuple[str, str, str, str], str]:
    """Return the survivors on the page that change nothing, and why."""

    def bare(lines: str) -> str:
        return "\n".join(line[1:] for line in lines.splitlines()).strip()

    return {
        (m[1], m[2] or "", bare(m[4]), bare(m[5])): m[3] for m in _REVIEWED.finditer(page)
    }


def main() -> int:
    """Try the sample, and print what was found."""
    asked = _asked()
    mutants = every(asked.room or ROOMS)
    drawn = sample(mutants, count=asked.count, seed=asked.seed)
    known = reviewed(PAGE.read_text(encoding="utf-8"))
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        copy = Copy(Path(place))
        tests = asked.tests or [
            t for t in map("tests/{}".format, TESTS) if (ROOT / t).is_dir()
        ]
        runs = copy.recorded(tests, asked.keep)
        copy.checked(
            runs.within(sorted(runs.seconds, key=runs.seconds.__getitem__), asked.limit)
        )
        ready = (time.monotonic() - started) / 60
        print(
            f"{len(mutants)} mutants, {len(drawn)} drawn with seed {asked.seed}; ", end=""
        )
        print(
            f"{len(runs.seconds)} tests pass without any, in {ready:.1f} minutes",
            flush=True,
        )
        tried: list[tuple[Mutant, str]] = []
        for mutant in drawn:
            if (time.monotonic() - started) / 60 > asked.minutes:
                print(f"stopped after {asked.minutes} minutes")
                break
            fate = _fate(copy, runs, mutant, known=known, limit=asked.limit)
            tried.append((mutant, fate))
            line = mutant.change.lines.start
            print(f"{fate:9} {mutant.file}:{line} {mutant.change.what}", flush=True)
            if fate in ("survived", "no test"):
                print(mutant.diff, flush=True)
    print("\n".join(_table(mutants, tried)))
    print(f"in {(time.monotonic() - started) / 60:.0f} minutes")
    return 1 if any(fate in ("survived", "no test") for _, fate in tried) else 0


def _asked() -> argparse.Namespace:
    asks = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asks.add_argument(
        "--room", action="append", help="a room, or a file of one; again for more"
    )
    asks.add_argument("--count", type=int, default=300, help="how many mutants (300)")
    asks.add_argument("--seed", type=int, default=1, help="which ones (1)")
    asks.add_argument(
        "--minutes", type=float, default=45, help="begin none after that (45)"
    )
    asks.add_argument(
        "--limit", type=float, default=60, help="seconds of tests for one mutant (60)"
    )
    asks.add_argument("--tests", action="append", help="only these tests; again for more")
    asks.add_argument(
        "--keep", type=Path, help="keep which test runs which line in this file"
    )
    return asks.parse_args()


def _fate(
    copy: Copy,
    runs: Runs,
    mutant: Mutant,
    *,
    known: dict[tuple[str, str, str, str], str],
    limit: float,
) -> str:
    tests = runs.within(runs.of(mutant), limit)
    if not tests:
        return "no test"
    if copy.notices(mutant, tests):
        return "found"
    return "reviewed" if mutant.key in known else "survived"


def _table(mutants: Sequence[Mutant], tried: Sequence[tuple[Mutant, str]]) -> Iterator[str]:
    """Yield the score of each room: of those tried and not known to change nothing, the found."""
    yield "| room | mutants | tried | found | survived | no test | change nothing | score |"
    yield "|---|---|---|---|---|---|---|---|"
    rooms = [*dict.fromkeys(mutant.room for mutant in mutants)]
    for room in (*rooms, "all"):
        fates = Counter(fate for mutant, fate in tried if room in (mutant.room, "all"))
        there = sum(room in (mutant.room, "all") for mutant in mutants)
        counted = fates.total() - fates["reviewed"]
        score = f"{100 * fates['found'] / counted:.0f} %" if counted else ""
        cells = (fates["found"], fates["survived"], fates["no test"], fates["reviewed"])
        row = " | ".join(str(cell) for cell in (room, there, fates.total(), *cells, score))
        yield f"| {row} |"


if __name__ == "__main__":
    sys.exit(main())
