"""Nodes that run beside a transcript, and what differs from run to run.

Ports, keys, ids and times are other ones each time. A page shows ports of its own and made-up
values; the first fingerprint of a run is always shown as the same digits, and so on.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

PORT = re.compile(r"(?<=127\.0\.0\.1:)\d{5}\b")
KINDS = {
    "fingerprint": re.compile(r"\b\d{5}(?: \d{5}){7}\b"),
    "uuid": re.compile(
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    ),
    "digest": re.compile(r"\b[0-9a-f]{64}\b"),
    "key": re.compile(r"\b[0-9a-f]{32}\b"),
}
TIMES = (
    (
        re.compile(r"\bbefore \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        "before 2031-05-31T12:00:00Z",
    ),
    (re.compile(r"(?<!before )\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-06-01T12:00:00Z"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"), "2026-06-01 12:00:00Z"),
    (
        re.compile(r"\b\d\d:\d\d(:\d\d)? [A-Z]{3,4} on \d{1,2} [A-Z][a-z]{2} \d{4}\b"),
        "14:00 CEST on 1 Jun 2026",
    ),
    (re.compile(r"for \d{4} days"), "for 1824 days"),
)
NOBODY = "00000" + " 00000" * 7


class Running:
    """One run of a page: its processes, and what stands for what."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.ports: dict[str, str] = {}
        self.real: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self.counts = dict.fromkeys(KINDS, 0)

    def written(self, text: str) -> str:
        """Return what a page has with the values of this run."""
        text = PORT.sub(lambda match: self._port(match[0]), text)
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        return text

    def said(self, text: str) -> str:
        """Return what was printed with the values that a page shows."""
        for shown, real in self.ports.items():
            text = text.replace(f":{real}", f":{shown}")
        for kind, pattern in KINDS.items():
            text = pattern.sub(lambda match, kind=kind: self._shown(kind, match[0]), text)
        for pattern, shown in TIMES:
            text = pattern.sub(shown, text)
        return text

    def start(self, arguments: list[str], folder: Path) -> None:
        """Start a command that goes on beside, and wait until it listens."""
        log = folder / f"log-{len(self.processes)}"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own command, on our own pages
                [sys.executable, "-c", "from comity.cli import main; main()", *arguments],
                cwd=folder,
                env=os.environ | {"PYTHONIOENCODING": "utf-8"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        until = time.monotonic() + 60
        while b'"started"' not in log.read_bytes():
            assert process.poll() is None and time.monotonic() < until, log.read_text()  # noqa: PT018
            time.sleep(0.05)

    def stop(self) -> None:
        """End what runs."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            _ = process.wait(30)

    def _port(self, shown: str) -> str:
        if shown not in self.ports:
            with socket.socket() as one:
                one.bind(("127.0.0.1", 0))
                self.ports[shown] = str(one.getsockname()[1])
        return self.ports[shown]

    def _shown(self, kind: str, real: str) -> str:
        if real == NOBODY:
            return real
        if real not in self.shown:
            self.counts[kind] += 1
            made = _made(kind, self.counts[kind])
            self.shown[real], self.real[made] = made, real
        return self.shown[real]


def _made(kind: str, number: int) -> str:
    raw = hashlib.sha256(f"{kind} {number}".encode()).hexdigest()
    if kind == "fingerprint":
        digits = [str(int(raw[n : n + 8], 16) % 100_000).zfill(5) for n in range(0, 64, 8)]
        return " ".join(digits)
    if kind == "uuid":
        return f"01980000-{raw[:4]}-7{raw[4:7]}-8{raw[7:10]}-{raw[10:22]}"
    return raw if kind == "digest" else raw[:32]
