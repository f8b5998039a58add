"""The files of what is said beside a world's accords, read to values with file and line.

A table that a draft proposed and nobody has looked at keeps the world from loading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from comity.accords.times import Zone
from comity.talks.checks import check_readouts
from comity.talks.forums import Forum
from comity.talks.readouts import Readouts
from comity.talks.said import (
    Condition,
    Measure,
    Position,
    Speaker,
    Statement,
    Undertaking,
)
from comity.worlds import readouttables as r
from comity.worlds import talktables as t
from comity.worlds.reader import FileReader

READOUTS = "readouts.toml"
TALKS: dict[str, Mapping[str, type[Any]]] = {
    "measures.toml": {"measure": t.MeasureTable},
    "positions.toml": {"position": t.PositionTable},
    "conditions.toml": {"condition": t.ConditionTable},
    "undertakings.toml": {"undertaking": t.UndertakingTable},
    "statements.toml": {"statement": t.StatementTable},
    "speakers.toml": {"speaker": t.SpeakerTable},
    "forums.toml": {"forum": t.ForumTable},
    READOUTS: {
        "meeting": r.MeetingTable,
        "account": r.AccountTable,
        "point": r.PointTable,
        "passage": r.PassageTable,
    },
}
"""Each file, and the tables that stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """What the files say; each value knows its file and line."""

    measures: tuple[Measure, ...]
    positions: tuple[Position, ...]
    conditions: tuple[Condition, ...]
    undertakings: tuple[Undertaking, ...]
    statements: tuple[Statement, ...]
    speakers: tuple[Speaker, ...]
    forums: tuple[Forum, ...]
    readouts: Readouts


def read_talks(reader: FileReader, zone: Zone) -> Talks:
    """Read every file of what is said; each may be missing. Findings go to the reader."""
    found: dict[str, list[Any]] = {kind: [] for kinds in TALKS.values() for kind in kinds}
    for name, kinds in TALKS.items():
        for kind, value in _values(reader, name, kinds, zone):
            found[kind].append(value)
    readouts = Readouts(
        meetings=tuple(found["meeting"]),
        accounts=tuple(found["account"]),
        points=tuple(found["point"]),
        passages=tuple(found["passage"]),
    )
    broken = any(Path(finding.where).name == READOUTS for finding in reader.findings)
    reader.findings += check_readouts(readouts, whole=not broken)
    return Talks(
        measures=tuple(found["measure"]),
        positions=tuple(found["position"]),
        conditions=tuple(found["condition"]),
        undertakings=tuple(found["undertaking"]),
        statements=tuple(found["statement"]),
        speakers=tuple(found["speaker"]),
        forums=tuple(found["forum"]),
        readouts=readouts,
    )


def _values(
    reader: FileReader, name: str, kinds: Mapping[str, type[Any]], zone: Zone
) -> Iterator[tuple[str, Any]]:
    where = reader.root / name
    for kind, table, value in reader.values(name, kinds, zone):
        yield kind, replace(value, where=str(where), line=table.line)
