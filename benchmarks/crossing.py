"""One exchange and many, through `comity.Client`: ``make bench-exchange``.

Two real nodes on this machine, each a process with its own database, over mutual TLS: an
item is decided, sealed, logged and sent by one; verified, decided, logged and receipted
by the other; and its receipt verified and kept by the first. Beside it stands the floor: the
same primitives alone, in the same minute, in one process.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "demo"))

from comity.accords import Instant
from comity.exchange.client import Client, new_id
from comity.exchange.desk import Marking, Precedence, Sending
from comity.signed.algorithms import XWING, ed25519_signer, generate
from comity.wire.seal import encrypt_to, opener
from trio import Trio

MARKING = Marking(level="kr:II", categories=("nk-missile",), release_to=("jp", "us"))
SINGLES, THIRTIES, BULK = 300, 40, 8


def main() -> None:
    """Print the table."""
    flags = _flags()
    folder = Path(tempfile.mkdtemp(prefix="comity-bench-", dir=flags.where))
    try:
        print(f"nodes in {flags.where or 'the temporary folder'}; CPUs: {os.cpu_count()}")
        _floor(folder)
        _exchange(folder, flags)
        _floor(folder)
    finally:
        shutil.rmtree(folder)


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--where", help="a folder on the disk that is measured")
    parser.add_argument("--times", type=float, default=1.0, help="more or fewer of each")
    parser.add_argument("--fsyncs", action="store_true", help="count syncs with strace")
    return parser.parse_args()


# -- the floor ---------------------------------------------------------------------------


def _floor(folder: Path) -> None:
    """Print what the primitives of one exchange take, both ends in one process.

    Ed25519 signs five times (statement, envelope, two contacts, receipt) and verifies five
    times; X-Wing seals once; SHA-256 over the body twice at each end; one row of a
    kilobyte is committed with a sync at each end, and a second time at the sender.
    """
    sign = ed25519_signer(os.urandom(32))
    public, secret = generate(XWING, os.urandom)
    body, message = os.urandom(1100), os.urandom(300)
    signature = sign.sign(message)
    box = encrypt_to(public, b"info", os.urandom(32))
    opens = opener(XWING, secret)
    database = sqlite3.connect(folder / "floor.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY, data BLOB)")

    def commit() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO row (data) VALUES (?)", (body,))
        database.execute("COMMIT")

    parts: dict[str, tuple[int, Callable[[], object]]] = {
        "sign": (5, lambda: sign.sign(message)),
        "verify": (5, lambda: sign.public.verify(signature, message)),
        "seal a key": (1, lambda: encrypt_to(public, b"info", body[:32])),
        "hash": (4, lambda: hashlib.sha256(body).digest()),
        "commit": (3, commit),
    }
    took = {name: _each(work) for name, (_, work) in parts.items()}
    took["open a key"] = _each(lambda: opens.open(box, b"info"))
    whole = sum(count * took[name] for name, (count, _) in parts.items())
    said = ", ".join(f"{name} {seconds * 1e6:.0f}" for name, seconds in took.items())
    print(f"floor of one exchange, both ends: {whole * 1e6:.0f} µs ({said})")
    database.close()


def _each(work: Callable[[], object], seconds: float = 0.25) -> float:
    """Return the median time of a call."""
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(found) < 20:
        began = time.perf_counter()
        _ = work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


# -- the exchange ------------------------------------------------------------------------


@dataclass(slots=True)
class _Nodes:
    trio: Trio
    sent: int = 0

    @property
    def kr(self) -> Client:
        """The sender's own side."""
        return self.trio.clients["kr"]

    def waiting(self) -> int:
        """Return how many of the sender's items have no receipt yet, by its metrics."""
        found = re.findall(
            r'^comity_outgoing\{[^}]*state="(?:waiting|queued|tried)"[^}]*\} (\d+)',
            self.kr.metrics(),
            re.MULTILINE,
        )
        return sum(map(int, found))

    def rest(self) -> None:
        """Wait until every item has its receipt."""
        while self.waiting():
            time.sleep(0.005)


def _sending(size: int, precedence: Precedence = "ROUTINE") -> Sending:
    return Sending(
        item=new_id(),
        to="jp",
        marking=MARKING,
        originators=("kr",),
        kind="electronic",
        purpose="early-warning",
        channel="government-to-government",
        content=os.urandom(size),
        precedence=precedence,
        officer="bench",
    )


def _exchange(folder: Path, flags: argparse.Namespace) -> None:
    trio = Trio(folder / "nodes", ("jp", "kr"), real=True)
    trio.make(ROOT / "worlds" / "gsomia", Instant(int(time.time()) - 60))
    began = time.perf_counter()
    with trio.running():
        print(
            f"start-up of both, with the world of GSOMIA: {time.perf_counter() - began:.2f} s"
        )
        _ = list(trio.acquaint())
        time.sleep(2.5)  # until each lets the other connect
        nodes = _Nodes(trio)
        nodes.kr.send_many([_sending(64)])
        nodes.rest()
        for size in (1024, 4096):
            for name, each, times in (
                ("one at a time", 1, SINGLES),
                ("32 together", 32, THIRTIES),
                ("500 together", 500, BULK),
            ):
                _many(nodes, name, size, each, max(1, int(times * flags.times)), flags)
        _alone(nodes)
        _flash(nodes)
        for party, process in trio.processes.items():
            status = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"VmRSS:\s+(\d+)", status)
            print(f"memory of {party}: {int(found[1]) // 1024 if found else 0} MB")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"CPU of both nodes: {children.ru_utime + children.ru_stime:.1f} s")


def _many(
    nodes: _Nodes, name: str, size: int, each: int, times: int, flags: argparse.Namespace
) -> None:
    batches = [[_sending(size) for _ in range(each)] for _ in range(times)]
    tracers = _tracers(nodes) if flags.fsyncs else []
    began = time.perf_counter()
    for batch in batches:
        verdicts = nodes.kr.send_many(batch)
        assert all(one.verdict == "sent" for one in verdicts)  # noqa: S101 - or it is no figure
    accepted = time.perf_counter() - began
    nodes.rest()
    seconds = time.perf_counter() - began
    count = each * times
    said = f"{count / seconds:,.0f}/s receipted ({count / accepted:,.0f}/s accepted)"
    syncs = sum(_stop(one) for one in tracers)
    if tracers:
        said += f"; {syncs / count:.2f} syncs an exchange, both ends"
    print(f"{size:,} B, {name}: {said}")


def _alone(nodes: _Nodes) -> None:
    """Print how long one takes from the request to its receipt, nothing else going on."""
    found = []
    for _ in range(100):
        began = time.perf_counter()
        _ = nodes.kr.send_many([_sending(1024)])
        nodes.rest()
        found.append(time.perf_counter() - began)
    found.sort()
    print(
        f"alone, idle: {found[50] * 1e3:.1f} ms to the receipt, p99 {found[98] * 1e3:.1f}"
    )


def _flash(nodes: _Nodes) -> None:
    """Print how long FLASH takes beside what is waiting."""
    for backlog in (0, 1_000, 10_000):
        for _ in range(backlog // 500):
            _ = nodes.kr.send_many([_sending(1024) for _ in range(500)])
        found = []
        for _ in range(30):
            began = time.perf_counter()
            (verdict,) = nodes.kr.send_many([_sending(1024, "FLASH")])
            while _state(nodes, verdict.envelope) == "waiting":
                time.sleep(0.001)
            found.append(time.perf_counter() - began)
        found.sort()
        left = nodes.waiting()
        print(
            f"FLASH beside {backlog:,} waiting: {found[15] * 1e3:.1f} ms,"
            f" worst of 30 {found[-1] * 1e3:.1f} ({left:,} still waiting at the end)"
        )
        nodes.rest()


def _state(nodes: _Nodes, envelope: str) -> str:
    return next((one.state for one in nodes.kr.stuck() if one.envelope == envelope), "")


def _tracers(nodes: _Nodes) -> list[tuple[subprocess.Popen[bytes], Path]]:
    found = []
    for process in nodes.trio.processes.values():
        out = nodes.trio.folder / f"strace.{process.pid}.{time.monotonic_ns()}"
        command = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(out)]
        found.append(
            (subprocess.Popen([*command, "-p", str(process.pid)]), out)  # noqa: S603
        )
    time.sleep(0.5)
    return found


def _stop(traced: tuple[subprocess.Popen[bytes], Path]) -> int:
    process, out = traced
    process.terminate()
    _ = process.wait()
    counted = re.findall(
        r"(\d+)(?:\s+\d+)?\s+(?:fsync|fdatasync)$", out.read_text(), re.MULTILINE
    )
    return sum(map(int, counted))


if __name__ == "__main__":
    main()
