"""Change the real files at random and look for anything but a finding.

Standalone::

    python tests/fuzz/fuzz_accord.py --seconds 600
    python tests/fuzz/fuzz_accord.py --seconds 60 --seed 7 --keep crashes

What must be true of any bytes at all: reading raises nothing but `ComityError`; whatever
loads prints back as the bytes it came from and is in canonical form; the checks, the clock,
`confirm` and `diff` raise nothing but `ComityError` on it; a world with one file changed
loads or is refused with findings. And all of it comes to an end.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.accords import Clock, check, parse_instant, read_accord
from comity.accords.accord import amend
from comity.accords.confirm import confirm
from comity.accords.diff import diff
from comity.accords.text import canonical
from comity.errors import ComityError, Finding, Severity
from comity.release.worldchecks import check_world
from comity.worlds import load_world, read_world, write_skeleton

ROOT = Path(__file__).parents[2]
GSOMIA = ROOT / "worlds" / "gsomia"
HANG_SECONDS = 20  # the slowest honest file takes well under a tenth of a second
INSTANTS = tuple(
    parse_instant(f"{text}Z")
    for text in (
        "1600-01-01T00:00:00",
        "2016-11-23T12:00:00",
        "2019-11-22T18:00:00",
        "2019-12-01T00:00:00",
        "2026-06-01T12:00:00",
        "2399-12-31T00:00:00",
    )
)  # the first and the last that may be asked about, and between

NASTY = (
    '"P0D"', '"P1D"', '"P9999Y"', '"P99999D"', '"P1M"', '"PT24H"', '"9999-12-31"',
    '"0001-01-01"', '"2016-02-29"', '"2019-13-45"', "2019-01-01", "1.5", "true", "false",
    "-1", "9007199254740993", "[]", "{}", '""', '" "', '"any"', '"either"', '"kr"', '"nobody"',
    '"after the length"', '"at once"', '"on the date named"', '"end of period"',
    '"next period"', '"without effect"', '"dormant"', '"first of next month"', '"entry"',
    '"sign:dated"', '"give_notice:received"', '"clear days"', '"civil"', '"anniversary"',
    '"nth day after"', '"last day in"', '"second"', '"that party"', '"agreement"',
    '{ for = "P1Y", count = "anniversary" }', '{ for = "P1D", count = "civil" }',
    '{ for = "P0D", count = "clear days" }', '{ open_point = "21(3)-late" }',
    '{ on = "2016-11-23" }', '{ on = "9999-12-31" }', '{ from = ["entry"], then = ["P1M"] }',
    '{ from = ["sign:dated"], then = ["P99999D"], of = "second" }',
    '{ earliest = [{ on = "2020-01-31" }, { from = ["entry"] }] }',
    '{ if = "suspend:received", on = "2020-01-31", else = { on = "2021-01-31" } }',
    '"2019-08-24T23:59:59"', '"0001-01-01T00:00+14:00"', '"9999-12-31T23:59:59-12:00"',
    '"2019-11-10T01:30"', '"2019-08-23T00:00Z/2019-08-25T00:00Z"', '"2019-08-25/2019-08-23"',
    '"America/New_York"', '"Asia/Seoul"', '"../../etc/passwd"', '"a\\u0000b"', '"\\u202e"',
    "[[[[[[[[1]]]]]]]]", '"""x"""', "'x'", '"\\ud800"', "0x10", "1_000", "{ a.b = 1 }",
)  # fmt: skip
PIECES = (
    b"\x00", b"\t", b"\r\n", b"\r", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b" \n", b"\n\n",
    b"```", b"```toml comity\n", b"~~~\n", b"+++\n", b"## Article 3. Again\n", b"### ja\n",
    b"# One more title\n", b"====\n", b"<!-- ", b"](x)", b"\xe2\x80\xae", b"\xe2\x80\x8b",
    b"\xef\xa6\x81", b"e\xcc\x81", b"\xd9\xa3", b"(1)", b"(a)", b"(i)", b"3bis. ", b'"', b"\\",
    b"[", b"[[", b"]", b"{", b"}", b"=", b"#", b"'", b"\n[term]\n", b"\n[[exit]]\n",
)  # fmt: skip


class Hung(BaseException):
    """A file kept the reader busy for too long."""


@dataclass(slots=True)
class Tally:
    """What came of a run."""

    executions: int = 0
    accords_loaded: int = 0
    worlds_loaded: int = 0
    crashes: list[tuple[str, bytes, str]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def mutate(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Return the bytes with one to four changes, of bytes, of lines or of values."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        raw = rng.choice(CHANGES)(rng, raw, others)
    return raw


def _flip(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    if not raw:
        return b"x"
    place = rng.randrange(len(raw))
    return raw[:place] + bytes([rng.randrange(256)]) + raw[place + 1 :]


def _insert(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + rng.choice(PIECES) * rng.choice((1, 1, 1, 2, 300)) + raw[place:]


def _cut(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + raw[place + rng.choice((1, 1, 2, 5, 40, 1000)) :]


def _truncate(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _line(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Drop, double, move or take over a line."""
    lines = raw.split(b"\n")
    place = rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, lines[place])
        case 2:
            lines.insert(rng.randrange(len(lines)), lines.pop(place))
        case 3:
            lines.insert(place, rng.choice(rng.choice(others).split(b"\n")))
        case _:
            last = place + rng.randrange(1, 30)
            chunk = lines[place:last]
            goes_to = rng.randrange(len(lines))
            lines[goes_to:goes_to] = chunk
    return b"\n".join(lines)


def _value(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    """Give a key another value."""
    lines = raw.split(b"\n")
    keyed = [n for n, line in enumerate(lines) if b" = " in line]
    if not keyed:
        return raw
    place = rng.choice(keyed)
    key = lines[place].split(b" = ", 1)[0]
    lines[place] = key + b" = " + rng.choice(NASTY).encode()
    return b"\n".join(lines)


def _key(rng: random.Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Move a key with its value into another table."""
    keyed = [line for line in rng.choice(others).split(b"\n") if b" = " in line]
    lines = raw.split(b"\n")
    heads = [n for n, line in enumerate(lines) if line.startswith(b"[")]
    if not keyed or not heads:
        return raw
    lines.insert(rng.choice(heads) + 1, rng.choice(keyed))
    return b"\n".join(lines)


def _inner(rng: random.Random, raw: bytes, _others: Sequence[bytes]) -> bytes:
    """Put another word in the place of one string."""
    parts = raw.split(b'"')
    if len(parts) < 3:
        return raw
    place = rng.randrange(1, len(parts) - 1)
    parts[place] = rng.choice(parts[1:-1] + [n.strip('"').encode() for n in NASTY])
    return b'"'.join(parts)


CHANGES: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _insert, _cut, _truncate, _line, _line, _value, _value, _value, _key, _inner, _inner,
)  # fmt: skip


def try_accord(raw: bytes, instruments: Sequence[Any], readings: Sequence[Any]) -> bool:
    """Assert what must be true of any bytes; say whether they load."""
    mended, findings = canonical(raw)
    if mended != raw:
        assert canonical(mended)[0] == mended, "canonical() is not idempotent"
    assert all(isinstance(f, Finding) and str(f) for f in findings)
    accord, findings = read_accord(raw, "fuzzed")
    errors = [f for f in findings if f.severity is Severity.ERROR]
    assert (accord is None) is bool(errors), "loads with errors, or is refused without"
    if accord is None:
        lines = raw.count(b"\n") + 2
        assert all(0 <= f.line <= lines for f in findings), "a line that is not there"
        _ = _only_ours(lambda: amend(_BASE[0], raw)) if _BASE else None
        return False
    assert str(accord.document).encode() == raw, "does not print back"
    assert mended == raw, "loads, and is not in canonical form"
    for finding in check(accord, "fuzzed"):
        assert str(finding)
    _ = diff(accord, accord)
    cites = accord.clauses[0].cites if accord.clauses else "1"
    confirmed = _only_ours(lambda: confirm(raw, cites, "Fuzz"))
    if confirmed is not None:
        again, _found = read_accord(confirmed[0])
        assert again is not None, "does not load once it is confirmed"
        assert confirm(confirmed[0], cites, "Fuzz")[0] == confirmed[0]
    clock = _only_ours(lambda: Clock(accord, instruments, readings))
    for at in INSTANTS:
        if clock is not None:
            _ = _only_ours(lambda at=at: clock.standing(at))
    return True


_BASE: list[Any] = []


def _only_ours(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except ComityError as error:
        return None if str(error) else _silent(error)


def _silent(error: ComityError) -> None:
    raise AssertionError(f"an error that says nothing: {error!r}")


def try_world(root: Path) -> bool:
    """Assert what must be true of any folder; say whether it loads."""
    try:
        world, findings = read_world(root)
    except ComityError as error:
        return bool(error.message == "" and _silent(error))
    errors = [f for f in findings if f.severity is Severity.ERROR]
    assert (world is None) is bool(errors), "loads with errors, or is refused without"
    if world is None:
        assert all(f.where for f in errors), "a finding without its file"
        return False
    _ = _only_ours(lambda: check_world(world))
    for accord in world.accords:
        _ = _only_ours(lambda a=accord: world.clock(a.id).standing(INSTANTS[3]))
    return True


def _hang(_signal: int, _frame: object) -> None:
    raise Hung(f"more than {HANG_SECONDS} s")


def run(seed: int, *, seconds: float | None = None, executions: int | None = None) -> Tally:
    """Change and try until the time or the number is used up."""
    rng = random.Random(seed)  # noqa: S311  seeded on purpose: a crash can be made again
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        worlds = [root / "gsomia", root / "small"]
        _ = shutil.copytree(GSOMIA, worlds[0])
        _ = write_skeleton(root, "small")
        loaded = load_world(worlds[0])
        _BASE[:] = [loaded.accord("jp-rok-gsomia")]
        files = [
            (world, path)
            for world in worlds
            for path in sorted(world.rglob("*"))
            if path.suffix in (".toml", ".md")
        ]
        contents = {path: path.read_bytes() for _, path in files}
        accords = [raw for path, raw in contents.items() if path.match("*.accord.md")]
        every = list(contents.values())
        until = None if seconds is None else time.monotonic() + seconds
        previous = signal.signal(signal.SIGALRM, _hang)
        try:
            while (until is None or time.monotonic() < until) and (
                executions is None or tally.executions < executions
            ):
                tally.executions += 1
                in_world = rng.random() < WORLD_SHARE
                if in_world:
                    world, path = rng.choice(files)
                    raw = mutate(rng, contents[path], every)
                    _ = path.write_bytes(raw)
                else:
                    raw = mutate(rng, rng.choice(accords), accords)
                _ = signal.setitimer(signal.ITIMER_REAL, HANG_SECONDS)
                try:
                    if in_world:
                        tally.worlds_loaded += try_world(world)
                    else:
                        tally.accords_loaded += try_accord(
                            raw, loaded.instruments, loaded.readings
                        )
                except (Exception, Hung) as error:  # noqa: BLE001  this is what is looked for
                    name = path.name if in_world else "accord"
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    label = (
                        f"{type(error).__name__} {Path(where.filename).name}:{where.lineno}"
                    )
                    if tally.outcomes[label] < KEPT_EACH:
                        text = "".join(traceback.format_exception(error))
                        tally.crashes.append((name, raw, text))
                    tally.outcomes[label] += 1
                finally:
                    _ = signal.setitimer(signal.ITIMER_REAL, 0)
                    if in_world:
                        _ = path.write_bytes(contents[path])
        finally:
            _ = signal.signal(signal.SIGALRM, previous)
    return tally


WORLD_SHARE = 0.2
KEPT_EACH = 3  # crashes kept of one place; the rest are counted


def main() -> int:
    """Run from the command line; exit 1 where something was found."""
    parser = argparse.ArgumentParser(description="fuzz the readers of accords and worlds")
    _ = parser.add_argument("--seconds", type=float, default=60)
    _ = parser.add_argument("--seed", type=int, default=None)
    _ = parser.add_argument("--keep", type=Path, default=None, help="where crashes go")
    options = parser.parse_args()
    seed = int(time.time()) if options.seed is None else options.seed
    started = time.monotonic()
    tally = run(seed, seconds=options.seconds)
    took = time.monotonic() - started
    sys.stdout.write(
        f"seed {seed}: {tally.executions} executions in {took:.0f} s;"
        f" {tally.accords_loaded} accords and {tally.worlds_loaded} worlds loaded;"
        f" {sum(tally.outcomes.values())} failures in {len(tally.outcomes)} places\n"
    )
    for label, count in tally.outcomes.most_common():
        sys.stdout.write(f"  {count:6} {label}\n")
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
        for number, (name, raw, text) in enumerate(tally.crashes):
            _ = (options.keep / f"{number:03}-{name}").write_bytes(raw)
            _ = (options.keep / f"{number:03}-{name}.txt").write_text(text, "utf-8")
    return 1 if tally.outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
