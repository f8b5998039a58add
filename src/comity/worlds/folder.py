"""A world as a folder of plain files, read whole or refused with every finding.

::

    world.toml                 its head, and [[party]]
    policies/*.toml            levels, one file a party
    accords/*.accord.md        the agreements
    accords/*.amendment.md     amendments, whole articles
    instruments/*.toml         what was done, one file an accord
    readings.toml              parties' positions on open points
    holds.toml authorities.toml measures.toml positions.toml conditions.toml
    items/*.toml               items
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from comity.accords.accord import Accord, read_accord
from comity.accords.binding import bind
from comity.accords.checks import check
from comity.accords.clock import Reading, check_reading
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.text import FILE_BYTES_MAX
from comity.accords.times import Span, Zone
from comity.accords.toml import Table, read_tables
from comity.errors import Finding, InvalidInput, NotKnown, Severity, Unreadable
from comity.labels import Item, Policy, Rung
from comity.release.world import World
from comity.worlds import tables as t

T = TypeVar("T")
FORMAT = "comity-world/1"
POLICY_FORMAT = "comity-policy/1"


@dataclass(slots=True)
class FileReader:
    """Reads the tables of plain files below a folder, and collects the findings."""

    root: Path
    findings: list[Finding] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def files(self, pattern: str) -> list[Path]:
        """Return the files that match, in order of name."""
        return sorted(self.root.glob(pattern))

    def optional(self, name: str) -> list[Path]:
        """Return the file of that name, if there is one."""
        path = self.root / name
        return [path] if path.is_file() else []

    def find(self, path: Path, line: int, code: str, message: str, hint: str) -> None:
        """Add a finding."""
        self.findings.append(
            Finding(where=str(path), line=line, code=code, message=message, hint=hint)
        )

    def tables(self, path: Path) -> list[Table]:
        """Return a file's tables."""
        text = read_text(path)
        found: list[Finding] = []
        result = read_tables(text.split("\n"), 1, found)
        self.findings += [replace(f, where=str(path)) for f in found]
        return result

    def read(
        self, path: Path, head: type[T] | None, kinds: Mapping[str, type[Any]]
    ) -> tuple[T | None, list[tuple[str, Table, Any]]]:
        """Read a file's head and its ``[[tables]]``."""
        found = self.tables(path)
        head_table = next((x for x in found if not x.name), Table("", many=False, line=1))
        bound = None if head is None else bind(head, head_table, self.findings, str(path))
        if head is None and head_table.values:
            key = next(iter(head_table.values))
            self.find(
                path,
                head_table.line_of(key),
                "unknown-key",
                f"`{key}` stands before any table",
                "move it into a table",
            )
        rows: list[tuple[str, Table, Any]] = []
        for table in found:
            if not table.name:
                continue
            kind = kinds.get(table.name)
            if kind is None or not table.many:
                names = ", ".join(f"`[[{name}]]`" for name in kinds)
                self.find(
                    path,
                    table.line,
                    "unknown-table",
                    f"`[{table.name}]` does not belong in this file",
                    f"its tables are {names}",
                )
                continue
            value = bind(kind, table, self.findings, str(path))
            if value is not None and self.own_id(path, table):
                rows.append((table.name, table, value))
        return bound, rows

    def own_id(self, path: Path, table: Table) -> bool:
        """Say whether a table's id is its own in the whole world, or add a finding."""
        name = table.values.get("id")
        if not isinstance(name, str):
            return True
        here = f"{path}:{table.line}"
        first = self.ids.setdefault((table.name or "item", name), here)
        if first == here:
            return True
        self.find(
            path,
            table.line_of("id"),
            "id-twice",
            f"two `[[{table.name}]]` bear the id `{name}`",
            f"the other stands at {first}; give each its own",
        )
        return False

    def made(self, path: Path, table: Table, make: Any, *arguments: Any) -> Any:
        """Call what makes a value; an `InvalidInput` becomes a finding at the table."""
        try:
            return make(*arguments)
        except InvalidInput as error:
            self.find(path, table.line, error.code, error.message, error.hint)
            return None


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        InvalidInput: there is no such file, it is too large, or it is not UTF-8.
    """
    return _decoded(path, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InvalidInput: there is no such file, or it is too large to be one of ours.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            raise InvalidInput(
                f"`{path}` has {size:,} bytes",
                hint=f"files of a world have at most {FILE_BYTES_MAX:,}",
                code="file-too-large",
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"`{path}` cannot be read: {(error.strerror or 'error').lower()}",
            hint="check the path",
            code="no-file",
        ) from None


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"`{path}` is not UTF-8", hint="save it as UTF-8", code="not-utf-8"
        ) from None


def load_world(root: Path) -> World:
    """Read a world's folder.

    Raises:
        Unreadable: with every error in any of its files.
        InvalidInput: there is no ``world.toml``.
    """
    world, findings = read_world(root)
    if world is None:
        raise Unreadable(findings)
    return world


def read_world(root: Path) -> tuple[World | None, list[Finding]]:
    """Read a world's folder; every finding comes back, errors keep it from loading.

    Raises:
        InvalidInput: there is no ``world.toml``, or it cannot be read at all.
    """
    reader = FileReader(root)
    head_path = root / "world.toml"
    if not head_path.is_file():
        raise InvalidInput(
            f"`{root}` has no `world.toml`",
            hint="give the folder of a world, such as `worlds/gsomia`",
            code="no-world",
        )
    head, rows = reader.read(head_path, t.WorldHead, {"party": t.PartyTable})
    if head is None:
        return None, sorted(reader.findings)
    if head.format != FORMAT:
        reader.find(
            head_path,
            1,
            "bad-format",
            f"`{head.format}` is not a format of worlds",
            f'write `format = "{FORMAT}"`',
        )
        return None, sorted(reader.findings)
    parties = {row.id: row.value() for _, _, row in rows}
    accords = list(_accords(reader))
    by_id = {accord.id: accord for accord in accords}
    world = World(
        id=head.id,
        title=head.title,
        parties=parties,
        policies=dict(_policies(reader)),
        accords=tuple(_ordered(reader, head_path, head.order, accords)),
        instruments=tuple(_instruments(reader, by_id)),
        readings=tuple(_readings(reader, by_id, head.zone)),
        holds=tuple(_rows(reader, "holds.toml", "hold", t.HoldTable, head.zone)),
        authorities=tuple(
            _rows(reader, "authorities.toml", "authority", t.AuthorityTable, head.zone)
        ),
        authorities_on=head.authorities,
        measures=tuple(
            _rows(reader, "measures.toml", "measure", t.MeasureTable, head.zone)
        ),
        positions=tuple(
            _rows(reader, "positions.toml", "position", t.PositionTable, head.zone)
        ),
        conditions=tuple(
            _rows(reader, "conditions.toml", "condition", t.ConditionTable, head.zone)
        ),
        categories=frozenset(head.categories),
        purposes=frozenset(head.purposes),
        amendments=_amendments(reader),
        items=dict(_items(reader)),
    )
    _names(reader, world, head_path)
    errors = [f for f in reader.findings if f.severity is Severity.ERROR]
    return (None if errors else world), sorted(reader.findings)


def _accords(reader: FileReader) -> Iterator[Accord]:
    seen: dict[str, Path] = {}
    for path in reader.files("accords/*.accord.md"):
        try:
            accord, found = read_accord(read_bytes(path), str(path))
        except InvalidInput as error:
            reader.find(path, 0, error.code, error.message, error.hint)
            continue
        reader.findings += [f for f in found if f.severity is Severity.ERROR]
        if accord is None:
            continue
        if accord.id in seen:
            reader.find(
                path,
                0,
                "id-twice",
                f"the id `{accord.id}` is also that of `{seen[accord.id]}`",
                "an accord's id is its own",
            )
        seen[accord.id] = path
        wrong = [f for f in check(accord, str(path)) if f.severity is Severity.ERROR]
        reader.findings += wrong
        if not wrong:
            yield accord


def _ordered(
    reader: FileReader, path: Path, order: tuple[str, ...], accords: list[Accord]
) -> Iterator[Accord]:
    by_id = {accord.id: accord for accord in accords}
    if set(order) != set(by_id):
        listed = ", ".join(sorted(by_id)) or "none"
        reader.find(
            path,
            1,
            "bad-order",
            "`order` does not name each accord of the world once",
            f"the accords read: {listed}",
        )
    for name in dict.fromkeys(order):
        if name in by_id:
            yield by_id[name]


def _policies(reader: FileReader) -> Iterator[tuple[str, Policy]]:
    for path in reader.files("policies/*.toml"):
        head, rows = reader.read(path, t.PolicyHead, {"level": t.LevelTable})
        if head is None:
            continue
        if head.format != POLICY_FORMAT:
            reader.find(
                path,
                1,
                "bad-format",
                f"`{head.format}` is not a format of policies",
                f'write `format = "{POLICY_FORMAT}"`',
            )
        rungs = {
            row.name: Rung(
                name=row.name, above=row.above, marks={w.in_: w.is_ for w in row.marks}
            )
            for _, _, row in rows
        }
        for _, table, row in rows:
            for below in row.above:
                if below not in rungs:
                    reader.find(
                        path,
                        table.line_of("above"),
                        "unknown-level",
                        f"`{row.name}` stands above `{below}`, which is no level here",
                        "its levels: " + ", ".join(rungs),
                    )
        yield head.party, Policy(party=head.party, rungs=rungs, source=head.source)


def _instruments(reader: FileReader, accords: Mapping[str, Accord]) -> Iterator[Instrument]:
    for path in reader.files("instruments/*.toml"):
        head, rows = reader.read(path, t.InstrumentsHead, {"instrument": InstrumentTable})
        if head is None:
            continue
        for _, table, row in rows:
            name = row.accord or head.accord
            if name not in accords:
                reader.find(
                    path,
                    table.line,
                    "no-accord",
                    f"instrument `{row.id}` is about `{name}`, which is no accord here",
                    "the accords: " + ", ".join(sorted(accords)),
                )
                continue
            zone = accords[name].zone
            made = reader.made(path, table, row.instrument, name, zone, str(path))
            if made is not None:
                yield made


def read_instruments(path: Path, world: World) -> tuple[Instrument, ...]:
    """Read a file of instruments to be supposed: ``[[instrument]]``, each of one accord.

    Raises:
        Unreadable: with every finding.
    """
    reader = FileReader(path.parent)
    head, rows = reader.read(path, t.InstrumentsHead, {"instrument": InstrumentTable})
    made: list[Instrument] = []
    for _, table, row in rows:
        name = row.accord or (head.accord if head is not None else "")
        try:
            zone = world.accord(name).zone
        except NotKnown as error:
            reader.find(path, table.line, error.code, error.message, error.hint)
            continue
        value = reader.made(path, table, row.instrument, name, zone, str(path))
        if value is not None:
            made.append(value)
    if reader.findings:
        raise Unreadable(sorted(reader.findings))
    return tuple(made)


def _readings(
    reader: FileReader, accords: Mapping[str, Accord], zone: Zone
) -> Iterator[Reading]:
    for path in reader.optional("readings.toml"):
        _, rows = reader.read(path, None, {"reading": t.ReadingTable})
        for _, table, row in rows:
            accord = accords.get(row.accord)
            if accord is None:
                reader.find(
                    path,
                    table.line,
                    "no-accord",
                    f"the reading is of `{row.accord}`, which is no accord here",
                    "the accords: " + ", ".join(sorted(accords)),
                )
                continue
            known = len(reader.findings)
            _ = reader.made(path, table, row.checked)
            _ = reader.made(path, table, check_reading, accord, row.open_point, row.reading)
            since = reader.made(path, table, Span.parse, row.since, zone)
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


def _rows(
    reader: FileReader, name: str, table_name: str, kind: type[Any], zone: Zone
) -> Iterator[Any]:
    for path in reader.optional(name):
        _, rows = reader.read(path, None, {table_name: kind})
        for _, table, row in rows:
            value = reader.made(path, table, row.value, zone)
            if value is not None:
                yield value


def _amendments(reader: FileReader) -> dict[str, bytes]:
    return {
        path.name.removesuffix(".amendment.md"): read_bytes(path)
        for path in reader.files("accords/*.amendment.md")
    }


def _items(reader: FileReader) -> Iterator[tuple[str, Item]]:
    for path in reader.files("items/*.toml"):
        for item in _items_in(reader, path):
            yield item.id, item


def _items_in(reader: FileReader, path: Path) -> Iterator[Item]:
    found = reader.tables(path)
    several = [table for table in found if table.name == "item" and table.many]
    if not several:
        head = next((x for x in found if not x.name), Table("", many=False, line=1))
        several = [head]
    for table in found:
        if table.name and (table.name != "item" or not table.many):
            reader.find(
                path,
                table.line,
                "unknown-table",
                f"`[{table.name}]` does not belong in a file of items",
                "its tables are `[[item]]`",
            )
    for table in several:
        row = bind(t.ItemTable, table, reader.findings, str(path))
        value = None if row is None else reader.made(path, table, row.value)
        if value is not None and reader.own_id(path, table):
            yield value


def load_items(path: Path) -> tuple[Item, ...]:
    """Read a file of one item or of several ``[[item]]``.

    Raises:
        Unreadable: with every finding.
        InvalidInput: there is no such file.
    """
    reader = FileReader(path.parent)
    items = tuple(_items_in(reader, path))
    if reader.findings:
        raise Unreadable(sorted(reader.findings))
    return items


def _names(reader: FileReader, world: World, path: Path) -> None:
    """Check that names used in one file are defined in another."""
    for accord in world.accords:
        for party in accord.parties:
            if party not in world.parties:
                reader.find(
                    path,
                    1,
                    "no-party",
                    f"accord `{accord.id}` names the party `{party}`, which is none here",
                    "add a `[[party]]` to `world.toml`",
                )
    for party in world.policies:
        if party not in world.parties:
            reader.find(
                path,
                1,
                "no-party",
                f"there is a policy of `{party}`, which is no party here",
                "add a `[[party]]` to `world.toml`",
            )
