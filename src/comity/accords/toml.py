"""The part of TOML that accords and worlds are written in, with the line of every value.

One key a line, strings, booleans, integers, lists and inline tables, ``[table]`` and
``[[table]]`` headings, comments. No dotted or quoted keys, no multi-line values, no
floats, no TOML dates: days and periods are strings. No character that cannot be seen, nor
an escape that makes one. Reading goes on after an error, so that a person sees every
finding at once; what the standard library's ``tomllib`` makes of each line decides.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from comity.errors import Finding

Value: TypeAlias = "str | bool | int | list[Value] | dict[str, Value]"

LINE_MAX = 4000  # characters; a longer line is no longer read by anybody
NESTING_MAX = 6  # lists and inline tables within one value

_HEADING = re.compile(r"(\[\[?)([A-Za-z_][A-Za-z0-9_-]*)(\]\]?)[ \t]*(?:#.*)?")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)[ \t]*=")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|#.*")
_BY_NUMBER = re.compile(r'"(?:[^"\\]|\\[^uU])*\\[uU]')
_STRING = "\0"  # stands for each string in a line without its strings
_QUOTED_KEY = re.compile(f"{_STRING}[ \t]*=")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile(
    "[\u00ad\u034f\u115f\u1160\u2800\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)  # Unicode's Default_Ignorable_Code_Point, without those of _BIDI, and the annotations
_CONTROL = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def unseen(text: str) -> list[tuple[str, str, str]]:
    """Return what stands in a line and is not seen there, as (code, message, hint).

    A tab is white space and none of these. A character that this version's Unicode does
    not know counts as one: whether it is in canonical form cannot be told.
    """
    if text.isascii() and text.isprintable():
        return []
    found: list[tuple[str, str, str]] = []
    for char in sorted(set(text)):
        code = f"U+{ord(char):04X}"
        if _BIDI.match(char):
            found.append(
                (
                    "bidi-control",
                    f"the line has {code}, which turns text round",
                    "delete it",
                )
            )
        elif _ZERO_WIDTH.match(char):
            found.append(
                ("zero-width", f"the line has {code}, which cannot be seen", "delete it")
            )
        elif char != "\t" and unicodedata.category(char) in _CONTROL:
            found.append(
                ("control", f"the line has the control character {code}", "delete it")
            )
    return found


@dataclass(slots=True)
class Table:
    """One ``[name]`` or ``[[name]]`` table with its values and their lines.

    Attributes:
        name: the heading's name; empty for the keys before any heading.
        many: whether the heading was ``[[name]]``.
        line: the heading's line.
        values: by key.
        lines: the line of each key, also of one whose value cannot be read.
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
        self._headings: dict[str, bool] = {}
        self._root: frozenset[str] = frozenset()

    def read(self, lines: Sequence[str]) -> Iterator[Table]:
        table: Table | None = Table("", many=False, line=self._first)
        stray = Table("", many=False, line=self._first)  # keys under no good heading
        for number, line in enumerate(lines, start=self._first):
            text = line.strip(" \t")
            if not text or text.startswith("#"):
                _ = self._can_be_read(line, number)
            elif text.startswith("["):
                if table is not None and not table.name:
                    self._root = frozenset(table.lines)
                if table is not None and (table.name or table.lines):
                    yield table
                readable = self._can_be_read(line, number)
                table = self._heading(text, number) if readable else None
                stray = Table("", many=False, line=number)
            else:
                self._key(text, line, number, stray if table is None else table)
        if table is not None and (table.name or table.lines):
            yield table

    def _can_be_read(self, line: str, number: int) -> bool:
        if len(line) > LINE_MAX:
            self._find(
                number,
                "line-too-long",
                f"the line has {len(line)} characters",
                f"keep a line under {LINE_MAX} characters",
            )
            return False
        found = unseen(line)
        for code, message, hint in found:
            self._find(number, code, message, hint)
        return not any(code == "control" for code, _, _ in found)

    def _heading(self, text: str, number: int) -> Table | None:
        found = _HEADING.fullmatch(text)
        if found is None or len(found[1]) != len(found[3]):
            self._find(
                number,
                "bad-table",
                f"`{_short(text)}` is not a table heading",
                "write `[term]` for a table that stands once, `[[exit]]` for a list",
            )
            return None
        name, many = found[2], found[1] == "[["
        if name in self._root:
            self._find(
                number,
                "table-twice",
                f"`{name}` is a key before the first table and a table as well",
                "give one of them another name",
            )
        elif name in self._headings and not (many and self._headings[name]):
            self._find(
                number,
                "table-twice",
                f"the table `[{name}]` stands twice in one block",
                "put its keys under the first one",
            )
        _ = self._headings.setdefault(name, many)
        return Table(name, many=many, line=number)

    def _key(self, text: str, line: str, number: int, table: Table) -> None:
        readable = self._can_be_read(line, number)
        found = _KEY.match(text)
        if found is None and readable:
            self._find(
                number,
                "bad-line",
                f"`{_short(text)}` is neither a key, a table nor a comment",
                'write `key = "value"`, one a line',
            )
        if found is None:
            return
        key = found[1]
        if key in table.lines:
            self._find(
                number,
                "key-twice",
                f"the key `{key}` stands twice in one table",
                f"it stands first on line {table.lines[key]}",
            )
        _ = table.lines.setdefault(key, number)
        value = self._value(text, number, key) if readable else None
        if value is not None:
            _ = table.values.setdefault(key, value)

    def _value(self, text: str, number: int, key: str) -> Value | None:
        bare = _QUOTED.sub(_without, text)
        if _depth(bare) > NESTING_MAX:
            self._find(
                number,
                "nested-too-deep",
                f"the value of `{key}` is nested more than {NESTING_MAX} deep",
                "split it into tables",
            )
            return None
        try:
            parsed = tomllib.loads(text)
        except ValueError as error:
            reason = str(error).split(" (at")[0][:80].lower()
            self._find(
                number,
                "bad-value",
                f"the value of `{key}` cannot be read: {reason}",
                "strings in double quotes, lists in brackets, all on one line",
            )
            return None
        raw = parsed[key]
        why = _refused(raw, text) or _odd_spelling(bare)
        if why is None and any(_BY_NUMBER.match(s[0]) for s in _QUOTED.finditer(text)):
            why = "spells a character by its number", "write the character itself"
        if why is not None:
            message, hint = why
            self._find(number, "bad-value", f"the value of `{key}` {message}", hint)
            return None
        return _kept(raw)

    def _find(self, line: int, code: str, message: str, hint: str) -> None:
        self._findings.append(Finding(line=line, code=code, message=message, hint=hint))


def _without(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else _STRING


def _refused(raw: object, text: str) -> tuple[str, str] | None:
    """Say what in a value is not used here, and what to write instead."""
    if isinstance(raw, str):
        made = {message for _, message, _ in unseen(raw)} - {m for _, m, _ in unseen(text)}
        if made or ("\t" in raw and "\t" not in text):
            return (
                "has an escape for a character that cannot be seen",
                "write the characters themselves, on one line",
            )
        return None
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        if abs(raw) < 2**53:
            return None
        return "has a number of 2^53 or more", "no agreement counts so far"
    if isinstance(raw, (list, dict)):
        parts = raw if isinstance(raw, list) else list(raw.values())
        return next((why for p in parts if (why := _refused(p, text)) is not None), None)
    return (
        f"has a {type(raw).__name__}, which is not used here",
        'write days, times and periods as strings: `"2016-11-23"`, `"P90D"`',
    )


def _odd_spelling(bare: str) -> tuple[str, str] | None:
    """Say what a line without its strings has that TOML allows and the subset does not."""
    if _STRING * 2 in bare:
        return "is in triple quotes", "write it in double quotes, on one line"
    if _QUOTED_KEY.search(bare):
        return "has a quoted key", "write the key without quotes"
    if "    " in bare.strip():
        return "has a gap of four spaces or more", "one space between the parts of a value"
    if "." in bare:
        return "has a dotted key", "write an inline table: `a = { b = 1 }`"
    return None


def _kept(raw: object) -> Value:
    """Return a value that nothing was found against, as what it is."""
    if isinstance(raw, list):
        return [_kept(item) for item in raw]
    if isinstance(raw, dict):
        return {str(key): _kept(item) for key, item in raw.items()}
    if isinstance(raw, (str, bool, int)):
        return raw
    raise AssertionError(raw)


def _depth(bare: str) -> int:
    deepest = depth = 0
    for char in bare:
        if char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
