"""The tests beside an accord, ``NAME.tests.toml``: read, and proposed as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.accords.accord import Accord, read_accord
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.standing import check_reading
from comity.accords.times import Instant, parse_instant
from comity.accords.toml import Table
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.labels import STANDARDS, Group, Item, Policy
from comity.release.rows import Proposed, Row, Rows
from comity.worlds.policies import GroupTable
from comity.worlds.reader import FileReader, read_bytes
from comity.worlds.tables import HoldTable, ItemTable


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsHead:
    """The head of a file of tests.

    Attributes:
        about: the digest of the accord that they were written for.
        beside: other accords of the folder that its standing hangs on, by file name.
    """

    about: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPolicy:
    """The policy by which every party of the rows marks: ``[[policy]]``, once.

    Attributes:
        standard: a published standard whose levels it takes, such as ``tlp-2.0``.
        community: the group that the standard's *community* means.
    """

    id: str
    standard: str
    community: str = ""

    def value(self) -> Policy:
        """Return the policy.

        Raises:
            InvalidInput: an unknown standard.
        """
        if self.standard not in STANDARDS:
            raise InvalidInput(
                f"`{self.standard}` is no standard that is known here",
                hint="one of: " + ", ".join(STANDARDS),
                code="bad-standard",
            )
        return STANDARDS[self.standard](self.id, self.community)


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
    of: str | None = None
    between: tuple[str, ...] = ()
    text: bool = False

    def __post_init__(self) -> None:
        """Refuse half a release, which would be asked as a standing.

        Raises:
            InvalidInput: some of ``item``, ``from`` and ``to``, and not all; or a pair that
                is none, or beside a release.
        """
        if self.between and (len(set(self.between)) != 2 or self.item is not None):
            raise InvalidInput(
                f"the row `{self.name}` does not ask for the standing between two parties",
                hint="`between` names two, and goes without `item`",
                code="bad-row",
            )
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
        kinds = {
            "instrument": InstrumentTable,
            "item": ItemTable,
            "hold": HoldTable,
            "policy": SharedPolicy,
            "group": GroupTable,
            "row": RowTable,
        }
        head, found = reader.read(path, RowsHead, kinds)
    beside = [] if head is None else list(_beside(reader, path, head, accord))
    holds = [
        hold
        for name, table, value in found
        if name == "hold"
        and (hold := reader.made(path, table, value.value, accord.zone)) is not None
    ]
    policy, groups = _marking(reader, path, found, (accord, *beside))
    items: dict[str, Item] = {}
    instruments: dict[str, Instrument] = {}
    for name, table, value in found:
        if name == "item":
            item = reader.made(path, table, value.value, accord.zone)
            if item is not None:
                items[item.id] = item
        elif name == "instrument":
            made = _instrument(reader, path, table, value, (accord, *beside))
            if made is not None:
                instruments[made.id] = made
    rows: list[Row] = []
    for name, table, value in found:
        if name == "row":
            at = reader.made(path, table, parse_instant, value.at, accord.zone)
            _known(reader, path, table, value, accord, items, instruments)
            _about_one(reader, path, table, value, beside)
            if at is not None:
                rows.append(_row(value, at, items.get(value.item or ""), table.line))
    if reader.findings or head is None:
        raise Unreadable(sorted(set(reader.findings)))
    return Rows(
        about=head.about,
        instruments=tuple(instruments.values()),
        rows=tuple(rows),
        beside=tuple(beside),
        amendments=_amendments(path, instruments.values()),
        holds=tuple(holds),
        policy=policy,
        groups=groups,
    )


def _marking(
    reader: FileReader,
    path: Path,
    found: list[tuple[str, Table, Any]],
    accords: tuple[Accord, ...],
) -> tuple[Policy | None, dict[str, Group]]:
    """Return the policy that all share and the groups; what they name is beside the rows."""
    policies: list[Policy] = []
    groups: dict[str, Group] = {}
    ids = [accord.id for accord in accords]
    for name, table, value in found:
        if name == "policy":
            policy = reader.made(path, table, value.value)
            policies += [] if policy is None else [policy]
            if len(policies) > 1:
                message = "a second `[[policy]]`: the parties of the rows mark by one"
                reader.find(path, table.line, "id-twice", message, "leave one of them out")
        elif name == "group":
            group = reader.made(path, table, value.value, accords[0].zone)
            if group is not None:
                groups[group.id] = group
                if group.accord and group.accord not in ids:
                    message = (
                        f"group `{group.id}` stands for the parties of `{group.accord}`"
                    )
                    hint = "name that accord's file in `beside`"
                    line = table.line_of("accord")
                    reader.find(path, line, "no-accord", message, hint)
    return next(iter(policies), None), groups


def _beside(
    reader: FileReader, path: Path, head: RowsHead, accord: Accord
) -> Iterator[Accord]:
    """Yield the accords that the head names; one that does not load is a finding."""
    for name in head.beside:
        file = path.with_name(f"{name}.accord.md")
        raw = reader.bytes(file)
        other, found = (None, []) if raw is None else read_accord(raw, str(file))
        reader.findings += [f for f in found if f.severity is Severity.ERROR]
        if other is not None and other.id == accord.id:
            message = f"`beside` names `{name}`, which is the accord itself"
            line = reader.line(path, "beside")
            reader.find(path, line, "id-twice", message, "name other accords")
        elif other is not None:
            yield other


def _instrument(
    reader: FileReader,
    path: Path,
    table: Table,
    value: InstrumentTable,
    accords: tuple[Accord, ...],
) -> Instrument | None:
    """Return an instrument of the accord, or of the one beside it that it names."""
    of = next((a for a in accords if a.id == (value.accord or accords[0].id)), None)
    if of is not None:
        return reader.instrument(path, table, value, of)
    message = f"the instrument is about `{value.accord}`, which is not beside these rows"
    hint = "name its file in `beside`"
    reader.find(path, table.line_of("accord"), "no-accord", message, hint)
    return None


def _amendments(path: Path, instruments: Iterable[Instrument]) -> dict[str, bytes]:
    """Return the amendments beside the tests that an instrument agrees on."""
    names = {op.amendment for i in instruments for op in i.operations} - {None}
    files = {name: path.with_name(f"{name}.amendment.md") for name in names if name}
    return {name: read_bytes(file) for name, file in files.items() if file.is_file()}


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


def _about_one(
    reader: FileReader, path: Path, table: Table, row: RowTable, beside: list[Accord]
) -> None:
    """Check that the accord that a row asks about is beside this one."""
    if row.of is not None and row.of not in {one.id for one in beside}:
        message = f"the row is about `{row.of}`, which is not beside these rows"
        hint = "name its file in `beside`"
        reader.find(path, table.line_of("of"), "no-accord", message, hint)


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
        of=value.of,
        between=value.between,
        text=value.text,
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
