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
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from comity.accords.accord import Accord
from comity.accords.times import UTC_ZONE
from comity.errors import Finding, InvalidInput, Severity, Unreadable
from comity.release.world import World
from comity.release.worldchecks import misspelt
from comity.worlds import tables as t
from comity.worlds.items import read_items
from comity.worlds.known import NOTHING_KNOWN, Known
from comity.worlds.ours import FILES, unread
from comity.worlds.policies import read_groups, read_policies
from comity.worlds.reader import FileReader, is_file, is_folder
from comity.worlds.recorded import all_instruments, read_readings
from comity.worlds.talks import read_talks
from comity.worlds.texts import read_accords, read_amendments

FORMAT = "comity-world/1"
BY_ID = "by id"  # the order of the accords, where nobody lists them
_WORD = re.compile(r"[A-Za-z0-9]+(?:[-._ ][A-Za-z0-9]+)*", re.ASCII)


def load_world(root: Path, known: Known = NOTHING_KNOWN) -> World:
    """Read a world's folder.

    Args:
        root: the folder.
        known: files whose bytes somebody has read already.

    Raises:
        Unreadable: with every error in any of its files.
        InvalidInput: there is no ``world.toml``.
    """
    world, findings = read_world(root, known)
    if world is None:
        raise Unreadable(findings)
    return world


def read_world(
    root: Path, known: Known = NOTHING_KNOWN
) -> tuple[World | None, list[Finding]]:
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
    accords = read_accords(reader, known)
    by_id = {accord.id: accord for _, accord in accords}
    policies = read_policies(reader, spelt, zone)
    groups = read_groups(reader, parties, policies, by_id, zone)
    instruments = tuple(all_instruments(reader, by_id, known))
    readings = tuple(read_readings(reader, by_id, zone))
    holds = tuple(v for _, _, v in reader.values("holds.toml", t.HOLDS, zone))
    written = tuple(v for _, _, v in reader.values("authorities.toml", t.AUTHORITIES, zone))
    talks = read_talks(reader, zone)
    amendments = read_amendments(reader, list(by_id.values()))
    items = dict(read_items(reader, zone))
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


def _ordered(
    reader: FileReader,
    path: Path,
    order: str | tuple[str, ...] | None,
    accords: list[tuple[Path, Accord]],
) -> tuple[Accord, ...]:
    """Return the accords in their order; each is named once."""
    by_id = {accord.id: accord for _, accord in accords}
    if order is None:
        return ()
    if order == BY_ID:
        return tuple(by_id[name] for name in sorted(by_id))
    if isinstance(order, str):
        reader.find(
            path,
            reader.line(path, "order"),
            "bad-order",
            f"`{order}` is no order",
            f'list the accords, or write `order = "{BY_ID}"`',
        )
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


def _strangers(
    reader: FileReader, parties: Mapping[str, object], accords: list[tuple[Path, Accord]]
) -> None:
    """Check what only the files together show: who is a party, and which files are ours."""
    head = reader.root / "world.toml"
    broken = reader.broken(head)  # a party may be there and not be read
    if len(parties) < 2 and not broken:
        reader.find(
            head,
            0,
            "empty-list",
            "the world has fewer than two parties",
            "add a `[[party]]` for each",
        )
    for path, accord in accords:
        for party in accord.parties:
            if party not in parties and not broken:
                reader.find(
                    path,
                    accord.document.front.line_of("parties"),
                    "no-party",
                    f"accord `{accord.id}` names the party `{party}`, which is none here",
                    "add a `[[party]]` to `world.toml`",
                )
    for path in unread(reader.root):
        near = get_close_matches(path.name, FILES, n=1)
        reader.find(
            path,
            0,
            "unknown-file",
            f"`{path.name}` is no file of a world, so nobody would read it",
            f"did you mean `{near[0]}`?" if near else "move it out of the folder",
        )
