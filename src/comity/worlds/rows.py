"""The tests beside an accord, ``NAME.tests.toml``: read, and proposed as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.accords.accord import Accord
from comity.accords.clock import check_reading
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.times import Instant, parse_instant
from comity.accords.toml import Table
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.labels import Item
from comity.release.rows import Proposed, Row, Rows
from comity.worlds.reader import FileReader
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
    """One row: ``[[row]]``; without an item or duties it asks for the standing alone."""

    name: str
    at: str
    answer: str
    item: str | None = None
    from_: str | None = None
    to: str | None = None
    purpose: str | None = None
    channel: str | None = None
    duties: str | None = None
    readings: tuple[ReadingAnswer, ...] = ()
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse half a release, which would be asked as a standing.

        Raises:
            InvalidInput: some of ``item``, ``from`` and ``to``, and not all.
        """
        if len({self.item is None, self.from_ is None, self.to is None}) > 1:
            raise InvalidInput(
                f"the row `{self.name}` says some of `item`, `from` and `to`, and not all",
                hint="say all three, or none to ask for the standing",
                code="bad-row",
            )
        if self.duties is not None and self.item is not None:
            raise InvalidInput(
                f"the row `{self.name}` asks for a release and for duties",
                hint="make two rows of it",
                code="bad-row",
            )


def rows_path(accord: Path) -> Path:
    """Return where the tests of an accord's file are."""
    return accord.with_name(accord.name.removesuffix(".accord.md") + ".tests.toml")


def load_rows(path: Path, accord: Accord) -> Rows | None:
    """Read the tests beside an accord, or None where there are none.

    Raises:
        Unreadable: with every finding.
    """
    reader = FileReader(path.parent)
    if not reader.optional(path.name) and not reader.findings:
        return None
    head: RowsHead | None = None
    found: list[tuple[str, Table, Any]] = []
    if not reader.findings:
        kinds = {"instrument": InstrumentTable, "item": ItemTable, "row": RowTable}
        head, found = reader.read(path, RowsHead, kinds)
    items: dict[str, Item] = {}
    instruments: dict[str, Instrument] = {}
    for name, table, value in found:
        if name == "item":
            item = reader.made(path, table, value.value, accord.zone)
            if item is not None:
                items[item.id] = item
        elif name == "instrument":
            made = reader.instrument(path, table, value, accord)
            if made is not None:
                instruments[made.id] = made
    rows: list[Row] = []
    for name, table, value in found:
        if name == "row":
            at = reader.made(path, table, parse_instant, value.at, accord.zone)
            _known(reader, path, table, value, accord, items, instruments)
            if at is not None:
                rows.append(_row(value, at, items.get(value.item or ""), table.line))
    if reader.findings or head is None:
        raise Unreadable(sorted(set(reader.findings)))
    return Rows(about=head.about, instruments=tuple(instruments.values()), rows=tuple(rows))


def _known(
    reader: FileReader,
    path: Path,
    table: Table,
    row: RowTable,
    accord: Accord,
    items: Mapping[str, Item],
    instruments: Mapping[str, Instrument],
) -> None:
    """Check that what a row names is in the file or in the accord."""
    if row.item is not None and row.item not in items:
        reader.find(
            path,
            table.line_of("item"),
            "no-item",
            f"the row asks for item `{row.item}`, which is not in this file",
            "its items: " + (", ".join(items) or "none"),
        )
    if (
        row.duties is not None
        and row.duties not in accord.parties
        and not accord.front.open
    ):
        reader.find(
            path,
            table.line_of("duties"),
            "no-party",
            f"the row asks for the duties of `{row.duties}`, who is no party here",
            "its parties: " + ", ".join(accord.parties),
        )
    for answer in row.readings:
        _ = reader.made(path, table, check_reading, accord, answer.point, answer.is_)
    for name in row.without:
        if name not in instruments:
            reader.find(
                path,
                table.line_of("without"),
                "no-instrument",
                f"the row leaves out `{name}`, which is no instrument of this file",
                "its instruments: " + (", ".join(instruments) or "none"),
            )


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
        duties=value.duties,
        readings={answer.point: answer.is_ for answer in value.readings},
        without=value.without,
        line=line,
    )


def proposed_text(proposed: tuple[Proposed, ...], accord: Accord) -> str:
    """Return proposed rows as text to add to the tests, for a person to confirm."""
    lines = [
        "# Proposed: what the rules say now. Read each against the text before keeping it."
    ]
    for row in proposed:
        lines += [
            "",
            "[[row]]",
            f"name = {_quoted(row.name)}",
            f"at = {_quoted(accord.zone.show(row.at))}",
            f"answer = {_quoted(row.answer)}",
        ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """Return a string as the file writes it: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def other_version(rows: Rows, accord: Accord, path: Path) -> Finding | None:
    """Return a finding where the tests were written for other bytes of the accord."""
    if rows.about == accord.digest:
        return None
    return Finding(
        where=str(path),
        code="tests-of-another-version",
        severity=Severity.WARNING,
        message="the tests name another version of the accord than the one beside them",
        hint=f'read the rows against the text again, then write `about = "{accord.digest}"`',
    )
