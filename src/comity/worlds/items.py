"""The files of items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from comity.accords.binding import bind
from comity.accords.times import UTC_ZONE, Zone
from comity.accords.toml import Table
from comity.errors import Unreadable
from comity.labels import Item
from comity.worlds import tables as t
from comity.worlds.reader import FileReader


def read_items(reader: FileReader, zone: Zone) -> Iterator[tuple[str, Item]]:
    """Yield the items of a world by id."""
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
