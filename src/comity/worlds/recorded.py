"""What is on record in a world: instruments, and the parties' readings of open points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.standing import Reading, check_reading
from comity.accords.times import Span, Zone
from comity.errors import Unreadable
from comity.release.world import Hold, World
from comity.worlds import tables as t
from comity.worlds.known import NOTHING_KNOWN, Known
from comity.worlds.reader import FileReader, TextReader

A_DAY = 25 * 3_600  # seconds; the longest that a zone's clocks make of one


def all_instruments(
    reader: FileReader, accords: Mapping[str, Accord], known: Known = NOTHING_KNOWN
) -> Iterator[Instrument]:
    """Yield the instruments of a world, each of an accord that is there."""
    for path in reader.files("instruments", ".toml"):
        raw = reader.bytes(path)
        told = None if raw is None else known.instruments(path, raw, accords)
        if told is None:
            yield from _instruments_in(reader, path, accords)
            continue
        for one in told:
            if reader.own_name(path, "instrument", one.id, (one.line, one.line)):
                yield one


def _instruments_in(
    reader: FileReader, path: Path, accords: Mapping[str, Accord]
) -> Iterator[Instrument]:
    head, rows = reader.read(path, t.InstrumentsHead, {"instrument": InstrumentTable})
    for _, table, row in rows:
        name = row.accord or (None if head is None else head.accord)
        if name is None or name in reader.unread:
            continue
        if name not in accords:
            reader.find(
                path,
                table.line,
                "no-accord",
                f"instrument `{row.id}` is about `{name}`, which is no accord here",
                "the accords: " + (", ".join(sorted(accords)) or "none"),
            )
            continue
        made = reader.instrument(path, table, row, accords[name])
        if made is not None:
            yield made


def read_instruments(path: Path, world: World) -> tuple[Instrument, ...]:
    """Read a file of instruments to be supposed: ``[[instrument]]``, each of one accord.

    Raises:
        Unreadable: with every finding.
    """
    reader = FileReader(path.parent)
    made = tuple(_instruments_in(reader, path, {a.id: a for a in world.accords}))
    if reader.findings:
        raise Unreadable(sorted(set(reader.findings)))
    return made


def holds_in(text: str, zone: Zone, where: str = "text") -> tuple[Hold, ...]:
    """Return the holds that a text spells, as ``holds.toml`` would.

    Raises:
        Unreadable: with every finding.
    """
    reader = TextReader(Path(where), text=text)
    made = []
    _, rows = reader.read(Path(where), None, t.HOLDS)
    for _, table, row in rows:
        value = reader.made(Path(where), table, row.value, zone)
        if value is not None:
            made.append(value)
    if reader.findings:
        raise Unreadable(sorted(set(reader.findings)))
    return tuple(made)


def read_readings(
    reader: FileReader, accords: Mapping[str, Accord], zone: Zone
) -> Iterator[Reading]:
    """Yield the recorded readings of open points."""
    for path in reader.optional("readings.toml"):
        _, rows = reader.read(path, None, {"reading": t.ReadingTable})
        for _, table, row in rows:
            accord = accords.get(row.accord)
            if row.accord in reader.unread:
                continue
            if accord is None:
                reader.find(
                    path,
                    table.line,
                    "no-accord",
                    f"the reading is of `{row.accord}`, which is no accord here",
                    "the accords: " + (", ".join(sorted(accords)) or "none"),
                )
                continue
            known = len(reader.findings)
            _ = reader.made(path, table, row.checked)
            _ = reader.made(path, table, check_reading, accord, row.open_point, row.reading)
            since = reader.made(path, table, Span.parse, row.since, zone)
            if since is not None and since.before - since.start > A_DAY:
                reader.find(
                    path,
                    table.line_of("since"),
                    "bad-instant",
                    "a reading is taken at an instant or on a day, not in an interval",
                    "write the day from which it is on record",
                )
            learnt = (
                since
                if row.known is None
                else reader.made(path, table, Span.parse, row.known, zone)
            )
            if len(reader.findings) == known:
                yield Reading(
                    party=row.party,
                    accord=row.accord,
                    open_point=row.open_point,
                    reading=row.reading,
                    since=since.start,
                    known=learnt.start,
                    source=row.source,
                    attributed=row.attributed,
                    recalled=row.recalled,
                )
