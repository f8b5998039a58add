"""The part of TOML that accords and worlds are written in, with the line of every value.

One key a line, strings, booleans, integers, lists and inline tables, ``[table]`` and
``[[table]]`` headings, comments. No dotted keys, no multi-line values, no floats, no
TOML dates: days and periods are strings. Reading goes on after an error, so that a
person sees every finding at once; what the standard library's ``tomllib`` makes of each
line decides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from comity.errors import Finding

Value: TypeAlias = "str | bool | int | list[Value] | dict[str, Value]"

LINE_MAX = 4000  # characters; a longer line is no longer read by anybody
NESTING_MAX = 6  # lists and inline tables within one value

_HEADING = re.compile(r"(\[\[?)([A-Za-z_][A-Za-z0-9_-]*)(\]\]?)\s*(?:#.*)?")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)\s*=")


@dataclass(slots=True)
class Table:
    """One ``[name]`` or ``[[name]]`` table with its values and their lines.

    Attributes:
        name: the heading's name; empty for the keys before any heading.
        many: whether the heading was ``[[name]]``.
        line: the heading's line.
        values: by key.
        lines: the line of each key.
    """

    name: str
    many: bool
    line: int
    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """Return the line of a key, or of the heading where the key is missing."""
        return self.lines.get(key, self.line)


def read_tables(
    lines: Sequence[str], first_line: int, findings: list[Finding]
) -> list[Table]:
    """Read lines of the subset; what is wrong is added to ``findings``.

    Args:
        lines: without their line ends.
        first_line: the number of ``lines[0]`` in its file.
        findings: every problem, with its line.

    Returns:
        The tables in order; the first is the unnamed one if it has any key.
    """
    return list(_Reader(first_line, findings).read(lines))


class _Reader:
    def __init__(self, first_line: int, findings: list[Finding]) -> None:
        self._first = first_line
        self._findings = findings
        self._single: set[str] = set()

    def read(self, lines: Sequence[str]) -> Iterator[Table]:
        table = Table("", many=False, line=self._first)
        for number, line in enumerate(lines, start=self._first):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if len(line) > LINE_MAX:
                self._find(
                    number,
                    "line-too-long",
                    f"the line has {len(line)} characters",
                    f"keep a line under {LINE_MAX} characters",
                )
            elif text.startswith("["):
                if table.values or table.name:
                    yield table
                table = self._heading(text, number)
            else:
                self._key(text, number, table)
        if table.values or table.name:
            yield table

    def _heading(self, text: str, number: int) -> Table:
        found = _HEADING.fullmatch(text)
        if found is None or len(found[1]) != len(found[3]):
            self._find(
                number,
                "bad-table",
                f"`{text}` is not a table heading",
                "write `[term]` for a table that stands once, `[[exit]]` for a list",
            )
            return Table("?", many=False, line=number)
        name, many = found[2], found[1] == "[["
        if not many and name in self._single:
            self._find(
                number,
                "table-twice",
                f"the table `[{name}]` stands twice in one block",
                "put its keys under the first one",
            )
        self._single.add(name)
        return Table(name, many=many, line=number)

    def _key(self, text: str, number: int, table: Table) -> None:
        found = _KEY.match(text)
        if found is None:
            self._find(
                number,
                "bad-line",
                f"`{_short(text)}` is neither a key, a table nor a comment",
                'write `key = "value"`, one a line',
            )
            return
        key = found[1]
        value = self._value(text, number, key)
        if value is None:
            return
        if key in table.values:
            self._find(
                number,
                "key-twice",
                f"the key `{key}` stands twice in one table",
                f"it stands first on line {table.lines[key]}",
            )
            return
        table.values[key] = value
        table.lines[key] = number

    def _value(self, text: str, number: int, key: str) -> Value | None:
        if _depth(text) > NESTING_MAX:
            self._find(
                number,
                "nested-too-deep",
                f"the value of `{key}` is nested more than {NESTING_MAX} deep",
                "split it into tables",
            )
            return None
        try:
            parsed = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            reason = str(error).split(" (at")[0][:80].lower()
            self._find(
                number,
                "bad-value",
                f"the value of `{key}` cannot be read: {reason}",
                "strings in double quotes, lists in brackets, all on one line",
            )
            return None
        raw = parsed.get(key)
        value = _allowed(raw)
        if value is None:
            self._find(
                number,
                "bad-value",
                f"the value of `{key}` is a {type(raw).__name__}, which is not used here",
                'write days, times and periods as strings: `"2016-11-23"`, `"P90D"`',
            )
        return value

    def _find(self, line: int, code: str, message: str, hint: str) -> None:
        self._findings.append(Finding(line=line, code=code, message=message, hint=hint))


def _allowed(raw: object) -> Value | None:
    if isinstance(raw, (str, bool)):
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) < 2**53 else None
    if isinstance(raw, list):
        items = [_allowed(item) for item in raw]
        kept = [item for item in items if item is not None]
        return kept if len(kept) == len(items) else None
    if isinstance(raw, dict):
        pairs = {str(key): _allowed(item) for key, item in raw.items()}
        known = {key: item for key, item in pairs.items() if item is not None}
        return known if len(known) == len(pairs) else None
    return None


def _depth(text: str) -> int:
    deepest = depth = 0
    quoted = False
    for place, char in enumerate(text):
        if char == '"' and (place == 0 or text[place - 1] != "\\"):
            quoted = not quoted
        elif not quoted and char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif not quoted and char in "]}":
            depth -= 1
    return deepest


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
