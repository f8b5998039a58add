"""A world as a folder of plain files, read whole or refused with every finding.

::

    world.toml                 its head, and [[party]]
    policies/*.toml            levels, one file a party
    accords/*.accord.md        the agreements
    accords/*.amendment.md     amendments, whole articles
    instruments/*.toml         what was done, one file an accord
    groups.toml                parties by one name, each for its time
    readings.toml              parties' positions on open points
    holds.toml authorities.toml
    measures.toml positions.toml conditions.toml undertakings.toml statements.toml
    speakers.toml forums.toml readouts.toml      what is said beside the accords
    items/*.toml               items

A file that is there and cannot be read is a finding, never a file that is not there: a
hold that nobody could read must not be a hold that nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from graphlib import TopologicalSorter
from pathlib import Path

from comity.accords.accord import Accord, amend, read_accord, read_amendment
from comity.accords.binding import bind
from comity.accords.checks import check
from comity.accords.instruments import Instrument, InstrumentTable
from comity.accords.standing import Reading, check_reading
from comity.accords.text import digest, read_document
from comity.accords.times import UTC_ZONE, Span, Zone
from comity.accords.toml import Table
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.labels import Item
from comity.release.world import World
from comity.release.worldchecks import misspelt
from comity.worlds import tables as t
from comity.worlds.policies import read_groups, read_policies
from comity.worlds.reader import FileReader, is_file, is_folder
from comity.worlds.talks import TALKS, read_talks

FORMAT = "comity-world/1"
_WORD = re.compile(r"[A-Za-z0-9]+(?:[-._ ][A-Za-z0-9]+)*", re.ASCII)
A_DAY = 25 * 3_600  # seconds; the longest that a zone's clocks make of one
FILES = (
    "world.toml",
    "groups.toml",
    "readings.toml",
    "holds.toml",
    "authorities.toml",
    *TALKS,
)


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
    if not is_file(head_path):
        there = is_folder(root)
        raise InvalidInput(
            f"`{root}` has no `world.toml`" if there else f"`{root}` is no folder here",
            hint="give the folder of a world, such as `worlds/gsomia`"
            + ("" if there else "; it comes before what is asked of it"),
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
    spelt = {row.id: row for _, _, row in rows}
    parties = {
        row.id: party
        for _, table, row in rows
        if (party := reader.made(head_path, table, row.value)) is not None
    }
    accords = _accords(reader)
    by_id = {accord.id: accord for _, accord in accords}
    policies = read_policies(reader, spelt, zone)
    groups = read_groups(reader, parties, policies, by_id, zone)
    instruments = tuple(_instruments(reader, by_id))
    readings = tuple(_readings(reader, by_id, zone))
    holds = tuple(v for _, _, v in reader.values("holds.toml", t.HOLDS, zone))
    written = tuple(v for _, _, v in reader.values("authorities.toml", t.AUTHORITIES, zone))
    talks = read_talks(reader, zone)
    amendments = _amendments(reader, list(by_id.values()))
    items = dict(_items(reader, zone))
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
        holds=holds,
        authorities=written,
        authorities_on=head.authorities,
        measures=talks.measures,
        positions=talks.positions,
        conditions=talks.conditions,
        undertakings=talks.undertakings,
        statements=talks.statements,
        speakers=talks.speakers,
        forums=talks.forums,
        readouts=talks.readouts,
        categories=frozenset(head.categories),
        purposes=frozenset(head.purposes),
        kinds=frozenset(head.kinds),
        channels=frozenset(head.channels),
        display_kinds=frozenset(head.display_kinds),
        groups=groups,
        zone=head.zone,
        amendments=amendments,
        items=items,
    )
    wrong = misspelt(world)
    return (None if wrong else world), sorted({*reader.findings, *wrong})


def _plain_words(reader: FileReader, path: Path, head: t.WorldHead) -> None:
    """Refuse words that look like others: letters of another script, odd spaces."""
    for key in ("categories", "purposes", "kinds", "channels", "display_kinds"):
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


def _items(reader: FileReader, zone: Zone) -> Iterator[tuple[str, Item]]:
    for path in reader.files("items", ".toml"):
        for item in _items_in(reader, path, zone):
            yield item.id, item


def _items_in(reader: FileReader, path: Path, zone: Zone) -> Iterator[Item]:
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
        value = None if row is None else reader.made(path, table, row.value, zone)
        if value is not None and reader.own_id(path, table):
            yield replace(value, where=str(path), line=table.line)


def load_items(path: Path, zone: Zone = UTC_ZONE) -> tuple[Item, ...]:
    """Read a file of one item or of several ``[[item]]``; local times are ``zone``'s.

    Raises:
        Unreadable: with every finding.
        InvalidInput: there is no such file.
    """
    reader = FileReader(path.parent)
    items = tuple(_items_in(reader, path, zone))
    if reader.findings:
        raise Unreadable(sorted(set(reader.findings)))
    return items


def _strangers(
    reader: FileReader, parties: Mapping[str, object], accords: list[tuple[Path, Accord]]
) -> None:
    """Check what only the files together show: who is a party, and which files are ours."""
    head = reader.root / "world.toml"
    unread = reader.broken(head)  # a party may be there and not be read
    if len(parties) < 2 and not unread:
        reader.find(
            head,
            0,
            "empty-list",
            "the world has fewer than two parties",
            "add a `[[party]]` for each",
        )
    for path, accord in accords:
        for party in accord.parties:
            if party not in parties and not unread:
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
