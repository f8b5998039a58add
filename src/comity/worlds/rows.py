"""The tests beside an accord, ``NAME.tests.toml``: read, and proposed as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from comity.accords.accord import Accord
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.times import Instant, parse_instant
from comity.errors import Finding, Severity, Unreadable
from comity.labels import Item
from comity.release.rows import Proposed, Row, Rows
from comity.worlds.folder import FileReader
from comity.worlds.tables import ItemTable


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsHead:
    """The head of a file of tests: ``about`` is the digest of the accord they were written for."""

    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingAnswer:
    """A reading to follow in one row."""

    point: str
    is_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTable:
    """One row: ``[[row]]``; without an item it asks for the standing alone."""

    name: str
    at: str
    answer: str
    item: str | None = None
    from_: str | None = None
    to: str | None = None
    purpose: str | None = None
    channel: str | None = None
    readings: tuple[ReadingAnswer, ...] = ()
    without: tuple[str, ...] = ()


def rows_path(accord: Path) -> Path:
    """Return where the tests of an accord's file are."""
    return accord.with_name(accord.name.removesuffix(".accord.md") + ".tests.toml")


def load_rows(path: Path, accord: Accord) -> Rows | None:
    """Read the tests beside an accord, or None where there are none.

    Raises:
        Unreadable: with every finding.
    """
    if not path.is_file():
        return None
    reader = FileReader(path.parent)
    head, found = reader.read(
        path,
        RowsHead,
        {"instrument": InstrumentTable, "item": ItemTable, "row": RowTable},
    )
    items = {value.id: value.value() for name, _, value in found if name == "item"}
    instruments: list[Instrument] = []
    rows: list[Row] = []
    for name, table, value in found:
        if name == "instrument":
            made = reader.made(
                path, table, value.instrument, accord.id, accord.zone, str(path)
            )
            if made is not None:
                instruments.append(made)
        elif name == "row":
            at = reader.made(path, table, parse_instant, value.at, accord.zone)
            if value.item is not None and value.item not in items:
                reader.find(
                    path,
                    table.line,
                    "no-item",
                    f"the row asks for item `{value.item}`, which is not in this file",
                    "its items: " + (", ".join(items) or "none"),
                )
            if at is not None:
                rows.append(_row(value, at, items.get(value.item or ""), table.line))
    if reader.findings or head is None:
        raise Unreadable(sorted(reader.findings))
    return Rows(about=head.about, instruments=tuple(instruments), rows=tuple(rows))


def _row(value: RowTable, at: Instant, item: Item | None, line: int) -> Row:
    return Row(
        name=value.name,
        at=at,
        answer=value.answer,
        item=item,
        sender=value.from_,
        recipient=value.to,
        purpose=value.purpose,
        channel=value.channel,
        readings={answer.point: answer.is_ for answer in value.readings},
        without=value.without,
        line=line,
    )


def proposed_text(accord: Accord, proposed: tuple[Proposed, ...]) -> str:
    """Return proposed rows as text to put beside the accord, for a person to confirm."""
    lines = [
        "# Proposed: what the rules say now. Read each against the text before keeping it.",
        f'about = "{accord.digest}"',
        "",
    ]
    for row in proposed:
        lines += [
            "[[row]]",
            f'name = "{row.name}"',
            f'at = "{accord.zone.show(row.at)}"',
            f'answer = "{row.answer}"',
            "",
        ]
    return "\n".join(lines)


def other_version(rows: Rows, accord: Accord, path: Path) -> Finding | None:
    """Return a finding where the tests were written for other bytes of the accord."""
    if rows.about == accord.digest:
        return None
    return Finding(
        where=str(path),
        line=1,
        code="tests-of-another-version",
        severity=Severity.WARNING,
        message="the tests name another version of the accord than the one beside them",
        hint=f'read the rows against the text again, then write `about = "{accord.digest}"`',
    )
