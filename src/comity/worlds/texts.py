"""The texts of a world: its accords, and the amendments tried on them."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

from comity.accords.accord import Accord, amend, read_accord, read_amendment
from comity.accords.checks import check
from comity.accords.text import digest, read_document
from comity.errors import Finding, Severity, Unreadable
from comity.worlds.known import NOTHING_KNOWN, Known
from comity.worlds.reader import FileReader


def read_accords(
    reader: FileReader, known: Known = NOTHING_KNOWN
) -> list[tuple[Path, Accord]]:
    """Return the accords that load, each with its file."""
    kept: list[tuple[Path, Accord]] = []
    seen: dict[str, Path] = {}
    for path in reader.files("accords", ".accord.md"):
        raw = reader.bytes(path)
        told = None if raw is None else known.accord(path, raw)
        accord, found = (told, []) if raw is None or told else read_accord(raw, str(path))
        reader.findings += [f for f in found if f.severity is Severity.ERROR]
        if accord is None:
            name = read_document(raw or b"").front.values.get("id")
            reader.unread.add(name if isinstance(name, str) else "")
            continue
        if accord.id in seen:
            reader.find(
                path,
                accord.document.front.line_of("id"),
                "id-twice",
                f"the id `{accord.id}` is also that of `{seen[accord.id]}`",
                "an accord's id is its own",
            )
        _ = seen.setdefault(accord.id, path)
        if told is None:
            wrong = [f for f in check(accord, str(path)) if f.severity is Severity.ERROR]
            reader.findings += wrong
        kept.append((path, accord))
    return kept


def read_amendments(reader: FileReader, accords: list[Accord]) -> dict[str, bytes]:
    """Return the amendments' bytes by name; each is tried on the version it is made for."""
    found = {
        path: raw
        for path in reader.files("accords", ".amendment.md")
        if (raw := reader.bytes(path)) is not None
    }
    if not reader.unread:
        by_digest = {digest(raw): raw for raw in found.values()}
        for path, raw in found.items():
            reader.findings += _amendment_findings(path, raw, accords, by_digest)
    return {path.name.removesuffix(".amendment.md"): raw for path, raw in found.items()}


def _amendment_findings(
    path: Path, raw: bytes, accords: list[Accord], by_digest: Mapping[str, bytes]
) -> list[Finding]:
    """Try an amendment on the version that it names, with all that this one builds on."""
    own, findings = read_amendment(raw, str(path))
    if own is None:
        return findings
    builds_on: dict[str, tuple[str, ...]] = {}
    waiting = [own.digest]
    while waiting:
        name = waiting.pop()
        part = read_amendment(by_digest[name])[0] if name in by_digest else None
        if part is not None and name not in builds_on:
            builds_on[name] = part.front.bases
            waiting += part.front.bases
    named = {name for bases in builds_on.values() for name in bases}
    base = next((accord for accord in accords if accord.digest in named), None)
    if base is None:
        return [
            Finding(
                where=str(path),
                line=own.document.front.line_of("base"),
                code="other-base",
                message="the amendment is made for a text that is not in this world",
                hint="its accords: " + ", ".join(f"{a.id} {a.digest}" for a in accords),
            )
        ]
    try:
        for name in TopologicalSorter(builds_on).static_order():
            base = amend(base, by_digest[name], str(path)) if name in builds_on else base
    except Unreadable as error:
        return list(error.findings)
    return [f for f in check(base, str(path)) if f.severity is Severity.ERROR]
