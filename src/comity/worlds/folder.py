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

A file that is there and cannot be read is a finding, never a file that is not there: a
hold that nobody could read must not be a hold that nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

from comity.accords.accord import Accord, amend, read_accord, read_amendment
from comity.accords.binding import bind
from comity.accords.checks import check
from comity.accords.clock import Reading, check_reading
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.text import FILE_BYTES_MAX, digest, read_document
from comity.accords.times import UTC_ZONE, Span, Zone, parse_day
from comity.accords.toml import Table, read_tables
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.labels import Item, Policy, Rung
from comity.release.world import World
from comity.release.worldchecks import misspelt
from comity.worlds import tables as t

T = TypeVar("T")
FORMAT = "comity-world/1"
_WORD = re.compile(r"[A-Za-z0-9]+(?:[-._ ][A-Za-z0-9]+)*", re.ASCII)
A_DAY = 25 * 3_600  # seconds; the longest that a zone's clocks make of one
POLICY_FORMAT = "comity-policy/1"
FILES = (
    "world.toml",
    "readings.toml",
    "holds.toml",
    "authorities.toml",
    "measures.toml",
    "positions.toml",
    "conditions.toml",
)


@dataclass(slots=True)
class FileReader:
    """Reads the tables of plain files below a folder, and collects the findings."""

    root: Path
    findings: list[Finding] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    heads: dict[Path, Table] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # accords that are there and do not load

    def files(self, folder: str, ending: str) -> list[Path]:
        """Return the files of a folder whose names end so, in order; it may be missing."""
        path = self.root / folder
        if not _stands(path):
            return []
        try:
            found = sorted(p for p in path.iterdir() if p.name.endswith(ending))
        except OSError as error:
            why = (error.strerror or "error").lower()
            hint = "a world's accords, policies, instruments and items are in folders"
            self.find(path, 0, "no-file", f"`{path}` cannot be read: {why}", hint)
            return []
        return [p for p in found if not p.name.startswith(".") and self._is_file(p)]

    def optional(self, name: str) -> list[Path]:
        """Return the file of that name, if anything stands there."""
        path = self.root / name
        return [path] if _stands(path) and self._is_file(path) else []

    def _is_file(self, path: Path) -> bool:
        if _is_file(path):
            return True
        message = f"`{path}` stands where a file should be, and is none"
        self.find(path, 0, "no-file", message, "put a plain file there, or take it away")
        return False

    def find(self, path: Path, line: int, code: str, message: str, hint: str) -> None:
        """Add a finding."""
        self.findings.append(
            Finding(where=str(path), line=line, code=code, message=message, hint=hint)
        )

    def line(self, path: Path, key: str) -> int:
        """Return the line of a key in a file's head, as far as it was read."""
        return self.heads[path].line_of(key) if path in self.heads else 1

    def bytes(self, path: Path) -> bytes | None:
        """Return a file's bytes, or None after adding a finding."""
        try:
            return read_bytes(path)
        except InvalidInput as error:
            self.find(path, 0, error.code, error.message, error.hint)
            return None

    def tables(self, path: Path) -> list[Table] | None:
        """Return a file's tables, or None where it cannot be read at all."""
        raw = self.bytes(path)
        if raw is None:
            return None
        try:
            text = _decoded(raw)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            message = f"byte {error.start} of `{path}` is not UTF-8"
            self.find(path, line, "not-utf-8", message, "save it as UTF-8")
            return None
        found: list[Finding] = []
        result = read_tables(text.split("\n"), 1, found)
        self.findings += [replace(f, where=str(path)) for f in found]
        return result

    def read(
        self, path: Path, head: type[T] | None, kinds: Mapping[str, type[Any]]
    ) -> tuple[T | None, list[tuple[str, Table, Any]]]:
        """Read a file's head and its ``[[tables]]``."""
        found = self.tables(path)
        if found is None:
            return None, []
        head_table = next((x for x in found if not x.name), Table("", many=False, line=1))
        self.heads[path] = head_table
        bound = None if head is None else bind(head, head_table, self.findings, str(path))
        if head is None:
            self.headless(path, head_table)
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

    def headless(self, path: Path, head: Table) -> None:
        """Refuse keys before any table in a file that has no head."""
        if head.lines:
            key = next(iter(head.lines))
            self.find(
                path,
                head.line_of(key),
                "unknown-key",
                f"`{key}` stands before any table",
                "move it into a table",
            )

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

    def instrument(
        self, path: Path, table: Table, row: InstrumentTable, accord: Accord
    ) -> Instrument | None:
        """Return an instrument of an accord, or None after adding findings."""
        for operation in row.operations:
            for day in (operation.until, operation.on):
                if day is not None:
                    _ = self.made(path, table, _end_of_day, day, accord.zone)
        made: Instrument | None = self.made(
            path, table, row.instrument, accord.id, accord.zone, str(path)
        )
        return made


def _stands(path: Path) -> bool:
    """Say whether anything stands at a path, be it a link that leads nowhere."""
    return path.is_symlink() or path.exists()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        InvalidInput: there is no such file, it is too large, or it is not UTF-8.
    """
    try:
        return _decoded(read_bytes(path))
    except UnicodeDecodeError:
        raise InvalidInput(
            f"`{path}` is not UTF-8", hint="save it as UTF-8", code="not-utf-8"
        ) from None


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InvalidInput: there is no such file, or it is too large to be one of ours.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)  # no more, whatever its size is said to be
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such file"
        raise InvalidInput(
            f"`{path}` cannot be read: {why.lower()}", hint="check the path", code="no-file"
        ) from None
    if len(raw) > FILE_BYTES_MAX:
        raise InvalidInput(
            f"`{path}` has more than {FILE_BYTES_MAX:,} bytes",
            hint="files of a world are shorter; keep annexes apart",
            code="file-too-large",
        )
    return raw


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8-sig").replace("\r\n", "\n")


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
    if not _is_file(head_path):
        raise InvalidInput(
            f"`{root}` has no `world.toml`",
            hint="give the folder of a world, such as `worlds/gsomia`",
            code="no-world",
        )
    head, rows = reader.read(head_path, t.WorldHead, {"party": t.PartyTable})
    if head is not None and head.format != FORMAT:
        reader.find(
            head_path,
            reader.line(head_path, "format"),
            "bad-format",
            f"`{head.format}` is not a format of worlds",
            f'write `format = "{FORMAT}"`',
        )
        return None, sorted(set(reader.findings))
    if head is not None:
        _plain_words(reader, head_path, head)
    zone = UTC_ZONE if head is None else head.zone  # the rest is read all the same
    parties = {row.id: row.value() for _, _, row in rows}
    accords = _accords(reader)
    by_id = {accord.id: accord for _, accord in accords}
    policies = dict(_policies(reader, parties))
    instruments = tuple(_instruments(reader, by_id))
    readings = tuple(_readings(reader, by_id, zone))
    kinds = {
        "hold": t.HoldTable,
        "authority": t.AuthorityTable,
        "measure": t.MeasureTable,
        "position": t.PositionTable,
        "condition": t.ConditionTable,
    }
    said = {
        name: tuple(_rows(reader, plural, name, kind, zone))
        for (name, kind), plural in zip(kinds.items(), FILES[2:], strict=True)
    }
    amendments = _amendments(reader, list(by_id.values()))
    items = dict(_items(reader))
    _strangers(reader, parties, accords)
    order = _ordered(reader, head_path, None if head is None else head.order, accords)
    if head is None or any(f.severity is Severity.ERROR for f in reader.findings):
        return None, sorted(set(reader.findings))
    world = World(
        id=head.id,
        title=head.title,
        parties=parties,
        policies=policies,
        accords=order,
        instruments=instruments,
        readings=readings,
        holds=said["hold"],
        authorities=said["authority"],
        authorities_on=head.authorities,
        measures=said["measure"],
        positions=said["position"],
        conditions=said["condition"],
        categories=frozenset(head.categories),
        purposes=frozenset(head.purposes),
        kinds=frozenset(head.kinds),
        channels=frozenset(head.channels),
        amendments=amendments,
        items=items,
    )
    wrong = misspelt(world)
    return (None if wrong else world), sorted({*reader.findings, *wrong})


def _plain_words(reader: FileReader, path: Path, head: t.WorldHead) -> None:
    """Refuse words that look like others: letters of another script, odd spaces."""
    for key in ("categories", "purposes", "kinds", "channels"):
        for word in getattr(head, key):
            if not _WORD.fullmatch(word):
                reader.find(
                    path,
                    reader.line(path, key),
                    "bad-word",
                    f"`{word}` in `{key}` is not written in plain letters",
                    "use a to z, digits, and `-` or `.` between them",
                )


def _accords(reader: FileReader) -> list[tuple[Path, Accord]]:
    kept: list[tuple[Path, Accord]] = []
    seen: dict[str, Path] = {}
    for path in reader.files("accords", ".accord.md"):
        raw = reader.bytes(path)
        accord, found = (None, []) if raw is None else read_accord(raw, str(path))
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
        wrong = [f for f in check(accord, str(path)) if f.severity is Severity.ERROR]
        reader.findings += wrong
        kept.append((path, accord))
    return kept


def _ordered(
    reader: FileReader,
    path: Path,
    order: tuple[str, ...] | None,
    accords: list[tuple[Path, Accord]],
) -> tuple[Accord, ...]:
    """Return the accords in their order; each is named once."""
    by_id = {accord.id: accord for _, accord in accords}
    if order is None:
        return ()
    if sorted(order) != sorted({*by_id, *(name for name in reader.unread if name)}):
        listed = ", ".join(sorted(by_id)) or "none"
        reader.find(
            path,
            reader.line(path, "order"),
            "bad-order",
            "`order` does not name each accord of the world once",
            f"the accords read: {listed}",
        )
    return tuple(by_id[name] for name in dict.fromkeys(order) if name in by_id)


def _policies(
    reader: FileReader, parties: Mapping[str, object]
) -> Iterator[tuple[str, Policy]]:
    seen: dict[str, Path] = {}
    for path in reader.files("policies", ".toml"):
        head, rows = reader.read(path, t.PolicyHead, {"level": t.LevelTable})
        levels = _levels(reader, path, rows)
        if head is None:
            continue
        if head.format != POLICY_FORMAT:
            reader.find(
                path,
                reader.line(path, "format"),
                "bad-format",
                f"`{head.format}` is not a format of policies",
                f'write `format = "{POLICY_FORMAT}"`',
            )
        if head.party in seen:
            reader.find(
                path,
                reader.line(path, "party"),
                "id-twice",
                f"there is a policy of `{head.party}` in `{seen[head.party]}` as well",
                "a party has one policy; put its levels there",
            )
        if head.party not in parties:
            reader.find(
                path,
                reader.line(path, "party"),
                "no-party",
                f"the policy is of `{head.party}`, which is no party here",
                "add a `[[party]]` to `world.toml`",
            )
        _ = seen.setdefault(head.party, path)
        yield head.party, Policy(party=head.party, rungs=levels, source=head.source)


def _levels(
    reader: FileReader, path: Path, rows: list[tuple[str, Table, Any]]
) -> dict[str, Rung]:
    """Return a policy's levels; they form a partial order."""
    rungs: dict[str, Rung] = {}
    for _, table, row in rows:
        if row.name in rungs:
            reader.find(
                path,
                table.line_of("name"),
                "id-twice",
                f"two `[[level]]` bear the name `{row.name}`",
                "a level stands once",
            )
        marks = {word.in_: word.is_ for word in row.marks}
        rungs[row.name] = Rung(name=row.name, above=row.above, marks=marks)
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
        if row.name in _below(rungs, row.name):
            reader.find(
                path,
                table.line_of("above"),
                "level-circle",
                f"`{row.name}` stands above itself",
                "levels form an order; take one `above` out of the circle",
            )
    return rungs


def _below(rungs: Mapping[str, Rung], name: str) -> set[str]:
    """Return every level below one, however far."""
    found: set[str] = set()
    waiting = list(rungs[name].above)
    while waiting:
        below = waiting.pop()
        if below in rungs and below not in found:
            found.add(below)
            waiting.extend(rungs[below].above)
    return found


def _instruments(reader: FileReader, accords: Mapping[str, Accord]) -> Iterator[Instrument]:
    for path in reader.files("instruments", ".toml"):
        yield from _instruments_in(reader, path, accords)


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


def _end_of_day(text: str, zone: Zone) -> int:
    """Return the end of a day that an operation names; the clock counts up to it."""
    return zone.start_of(parse_day(text) + timedelta(days=1))


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


def _readings(
    reader: FileReader, accords: Mapping[str, Accord], zone: Zone
) -> Iterator[Reading]:
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


def _rows(
    reader: FileReader, name: str, table_name: str, kind: type[Any], zone: Zone
) -> Iterator[Any]:
    for path in reader.optional(name):
        _, rows = reader.read(path, None, {table_name: kind})
        for _, table, row in rows:
            value = reader.made(path, table, row.value, zone)
            if value is not None:
                yield value


def _amendments(reader: FileReader, accords: list[Accord]) -> dict[str, bytes]:
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


def _items(reader: FileReader) -> Iterator[tuple[str, Item]]:
    for path in reader.files("items", ".toml"):
        for item in _items_in(reader, path):
            yield item.id, item


def _items_in(reader: FileReader, path: Path) -> Iterator[Item]:
    found = reader.tables(path)
    if found is None:
        return
    several = [table for table in found if table.name == "item" and table.many]
    head = next((x for x in found if not x.name), Table("", many=False, line=1))
    if several:
        reader.headless(path, head)
    for table in found:
        if table.name and (table.name != "item" or not table.many):
            reader.find(
                path,
                table.line,
                "unknown-table",
                f"`[{table.name}]` does not belong in a file of items",
                "its tables are `[[item]]`",
            )
    for table in several or [head]:
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
        raise Unreadable(sorted(set(reader.findings)))
    return items


def _strangers(
    reader: FileReader, parties: Mapping[str, object], accords: list[tuple[Path, Accord]]
) -> None:
    """Check what only the files together show: who is a party, and which files are ours."""
    head = reader.root / "world.toml"
    if len(parties) < 2:
        reader.find(
            head,
            0,
            "empty-list",
            "the world has fewer than two parties",
            "add a `[[party]]` for each",
        )
    for path, accord in accords:
        for party in accord.parties:
            if party not in parties:
                reader.find(
                    path,
                    accord.document.front.line_of("parties"),
                    "no-party",
                    f"accord `{accord.id}` names the party `{party}`, which is none here",
                    "add a `[[party]]` to `world.toml`",
                )
    for path in _unread(reader.root):
        near = get_close_matches(path.name, FILES, n=1)
        reader.find(
            path,
            0,
            "unknown-file",
            f"`{path.name}` is no file of a world, so nobody would read it",
            f"did you mean `{near[0]}`?" if near else "move it out of the folder",
        )


READ = (
    *FILES,
    "policies/*.toml",
    "accords/*.accord.md",
    "accords/*.amendment.md",
    "accords/*.tests.toml",
    "instruments/*.toml",
    "items/*.toml",
)
BESIDE = ("README.md", "*.csv", "*.txt", "*.pdf", "*.html", "*.ics")  # for people and tools


def _fits(place: Path, pattern: str) -> bool:
    """Say whether a path has a pattern's folders, and a name that fits."""
    folder, _, name = pattern.rpartition("/")
    here = place.parent.as_posix()
    return here == (folder or ".") and fnmatchcase(place.name, name)


def _unread(root: Path) -> Iterator[Path]:
    """Yield the files that nothing would read: a misspelt name must not pass for none."""
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.is_dir() or any(part.startswith(".") for part in place.parts):
            continue  # an editor's own, and what a version control keeps
        read = any(_fits(place, one) for one in READ)
        if not read and not any(place.match(one) for one in BESIDE):
            yield path
