"""From a table of a file to a typed value, and from the types to a JSON Schema.

A value's type is a frozen dataclass; its fields are the keys that the table may have. A
Python name that ends in ``_`` drops it (``from_`` is ``from``). Unknown keys, missing
keys and wrong values become findings with their line; reading goes on.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from comity.accords.times import Period, Zone, parse_day
from comity.accords.toml import Table, Value
from comity.errors import Finding, InvalidInput

T = TypeVar("T")


def _some_time(text: str) -> Period:
    """Read a period that is not empty: a term of no days would renew for ever in one day."""
    period = Period.parse(text)
    if not (period.months or period.days):
        raise InvalidInput(
            f"`{text}` is no time at all",
            hint="write at least a day, `P1D`, or leave the key out",
            code="bad-period",
        )
    return period


PARSERS: dict[type, Callable[[str], Any]] = {
    Period: _some_time,
    Zone: Zone.parse,
    date: parse_day,
}
PATTERNS: dict[type, str] = {
    Period: r"^P(?=[0-9])([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?$",
    Zone: r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$",
    date: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
HIDDEN = {"line", "where"}  # set by the reader, never a key of a file


@dataclass(slots=True)
class _Context:
    where: str
    line: int
    key: str
    findings: list[Finding]

    def find(self, code: str, message: str, hint: str) -> None:
        self.findings.append(
            Finding(where=self.where, line=self.line, code=code, message=message, hint=hint)
        )


def register(kind: type, parse: Callable[[str], Any], pattern: str) -> None:
    """Teach the reader a type that is written as one string.

    ``parse`` raises `InvalidInput` on anything else.
    """
    PARSERS[kind] = parse
    PATTERNS[kind] = pattern


def bind(kind: type[T], table: Table, findings: list[Finding], where: str = "") -> T | None:
    """Return the value that a table spells, or None after adding findings.

    The dataclass gets the table's line as ``line`` where it has such a field.
    """
    context = _Context(where, table.line, table.name, findings)
    said = {*table.values, *table.lines}
    return _dataclass(kind, table.values, said, table.line_of, context)


def _dataclass(
    kind: type[T],
    values: Mapping[str, Value],
    said: Collection[str],
    line_of: Callable[[str], int],
    context: _Context,
) -> T | None:
    """Bind the values; a key in ``said`` is not missing, though it could not be read."""
    specs = _specs(typing.cast("type", kind))
    before = len(context.findings)
    known: dict[str, Any] = {}
    for key, value in values.items():
        inner = _Context(context.where, line_of(key), key, context.findings)
        if key not in specs:
            near = get_close_matches(key, specs, n=1)
            listed = ", ".join(f"`{name}`" for name in specs)
            hint = f"did you mean `{near[0]}`?" if near else f"the keys are {listed}"
            of = f" of `[{context.key}]`" if context.key else ""
            inner.find("unknown-key", f"`{key}` is not a key{of}", hint)
            continue
        spec, annotation = specs[key]
        bound = _value(annotation, value, inner)
        if bound is not None:
            known[spec.name] = bound
    for key, (spec, _) in specs.items():
        if key in said or not _required(spec):
            continue
        context.find(
            "missing-key",
            f"{f'`{context.key}`' if context.key else 'the file'} does not say `{key}`",
            f"add `{key} = …`; what is not said permits nothing",
        )
    if len(context.findings) > before or any(
        key in specs and key not in values for key in said
    ):
        return None
    if "line" in {spec.name for spec in fields(typing.cast("Any", kind))}:
        known["line"] = context.line
    try:
        return kind(**known)
    except InvalidInput as error:
        context.find(error.code, error.message, error.hint)
        return None


def _required(spec: Field[Any]) -> bool:
    return spec.default is MISSING and spec.default_factory is MISSING


@lru_cache(maxsize=256)
def _specs(kind: type) -> dict[str, tuple[Field[Any], Any]]:
    hints = typing.get_type_hints(kind)
    return {
        spec.name.rstrip("_"): (spec, hints[spec.name])
        for spec in fields(kind)
        if spec.name not in HIDDEN
    }


def _value(annotation: Any, value: Value, context: _Context) -> Any:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        return _union([a for a in arguments if a is not type(None)], value, context)
    if origin is tuple:
        return _tuple(arguments[0], value, context)
    if is_dataclass(annotation) and annotation not in PARSERS:
        if isinstance(value, dict):
            inner = _Context(context.where, context.line, context.key, context.findings)
            kind = typing.cast("type[Any]", annotation)
            return _dataclass(kind, value, value, lambda _: inner.line, inner)
        return _wrong("an inline table", value, context)
    if annotation in (bool, int):
        right = isinstance(value, bool) is (annotation is bool)
        if right and isinstance(value, annotation):
            return value
        return _wrong("true or false" if annotation is bool else "a number", value, context)
    if not isinstance(value, str):
        return _wrong("a string", value, context)
    return _string(annotation, value, context)


def _union(choices: list[Any], value: Value, context: _Context) -> Any:
    """Take the first member that the value has the shape of and that can read it."""
    fitting = [choice for choice in choices if _fits(choice, value)] or choices[:1]
    tries: list[list[Finding]] = []
    for choice in fitting:
        trial = _Context(context.where, context.line, context.key, [])
        bound = _value(choice, value, trial)
        if bound is not None:
            return bound
        tries.append(trial.findings)
    context.findings += tries[0]
    return None


def _fits(choice: Any, value: Value) -> bool:
    shape = typing.get_origin(choice) or choice
    wants_list = shape is tuple
    wants_table = is_dataclass(shape) and shape not in PARSERS
    return isinstance(value, list) is wants_list and isinstance(value, dict) is wants_table


def _tuple(item: Any, value: Value, context: _Context) -> tuple[Any, ...] | None:
    if not isinstance(value, list):
        _ = _wrong("a list", value, context)
        return None
    bound = [_value(item, part, context) for part in value]
    return None if None in bound else tuple(bound)


def _string(annotation: Any, value: str, context: _Context) -> Any:
    if annotation is str:
        if not value.strip():
            context.find(
                "empty-value",
                f"`{context.key}` is empty",
                "say it, or leave the key out",
            )
            return None
        return value
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        try:
            return annotation(value)
        except ValueError:
            words = [str(member) for member in annotation]
            near = get_close_matches(value, words, n=1)
            listed = ", ".join(f"`{word}`" for word in words)
            context.find(
                "unknown-word",
                f"`{context.key}` does not know the word `{value}`",
                f"did you mean `{near[0]}`?" if near else f"the words are {listed}",
            )
            return None
    parse = PARSERS[annotation]
    try:
        return parse(value)
    except InvalidInput as error:
        context.find(error.code, f"`{context.key}`: {error.message}", error.hint)
        return None


def _wrong(wanted: str, value: Value, context: _Context) -> Any:
    names = {str: "a string", bool: "true or false", int: "a number", list: "a list"}
    got = names.get(type(value), "an inline table")
    context.find(
        "wrong-kind",
        f"`{context.key}` wants {wanted} and has {got}",
        "change the value",
    )
    return None


def schema_of(kind: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a table, for editors."""
    specs = _specs(kind)
    doc = (kind.__doc__ or "").strip().split("\n")[0]
    return {
        "type": "object",
        "description": doc,
        "additionalProperties": False,
        "required": [key for key, (spec, _) in specs.items() if _required(spec)],
        "properties": {key: _schema(hint) for key, (_, hint) in specs.items()},
    }


def _schema(annotation: Any) -> dict[str, Any]:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (types.UnionType, typing.Union):
        kept = [_schema(a) for a in arguments if a is not type(None)]
        return kept[0] if len(kept) == 1 else {"anyOf": kept}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    if annotation in PARSERS:
        return {"type": "string", "pattern": PATTERNS[annotation]}
    if is_dataclass(annotation):
        name = typing.cast("type[Any]", annotation).__name__
        return {"$ref": f"#/$defs/{name}"}
    if annotation is bool:
        return {"type": "boolean"}
    if annotation is int:
        return {"type": "integer"}
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return {"enum": [str(member) for member in annotation]}
    return {"type": "string", "pattern": r"\S"}


def nested(kind: type) -> set[type]:
    """Return the dataclasses that a table's values may hold, however deep."""
    found: set[type] = set()
    waiting = [hint for _, hint in _specs(kind).values()]
    while waiting:
        hint = waiting.pop()
        waiting.extend(typing.get_args(hint))
        if is_dataclass(hint) and hint not in PARSERS and hint not in found:
            found.add(typing.cast("type", hint))
            waiting.extend(h for _, h in _specs(typing.cast("type", hint)).values())
    return found
