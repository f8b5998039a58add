"""From a value's type to its JSON, its JSON Schema, and back.

The values of the own side (`comity.exchange.desk`) are frozen dataclasses of strings,
whole numbers, booleans, bytes, tuples and each other. What a client writes, what the node
reads and what `/openapi.json` promises are all made from those types here, so they cannot
differ.
"""

from __future__ import annotations

import base64
import binascii
import types
from collections.abc import Callable, Hashable
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from comity.errors import InvalidInput

T = TypeVar("T")

JsonSchema = dict[str, Any]

_NAMES: dict[type, JsonSchema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "contentEncoding": "base64"},
}


def to_json(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a value of `comity.exchange.desk` as what `json.dumps` writes."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in _fields(type(value))}
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def from_json(kind: type[T], body: object) -> T:
    """Return the value of a type that a JSON value spells.

    Raises:
        InvalidInput: a key too many or too few, or a value of another type; it says where.
    """
    try:
        return cast("T", _reader(cast("Hashable", kind))(body))
    except _Wrong as error:
        where = "".join(error.way).removeprefix(".") or "the body"
        raise InvalidInput(
            f"`{where}` {error.what}",
            hint="`/openapi.json` of the node says what each request holds",
            code="bad-json",
        ) from None


def schema(kind: type) -> JsonSchema:
    """Return the JSON Schema (draft 2020-12) of a type, with ``$ref`` for its parts."""
    if is_dataclass(kind):
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    return _of(kind)


def definitions(kinds: tuple[type, ...]) -> dict[str, JsonSchema]:
    """Return the schemas of dataclasses and of every one that they hold, by name."""
    found: dict[str, JsonSchema] = {}
    waiting = [kind for kind in kinds if is_dataclass(kind)]
    while waiting:
        kind = waiting.pop()
        if kind.__name__ in found:
            continue
        hints = _hints(kind)
        found[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").partition("\n")[0],
            "properties": {f.name: _of(hints[f.name]) for f in _fields(kind)},
            "required": [f.name for f in _fields(kind) if _needed(f)],
            "additionalProperties": False,
        }
        for hint in hints.values():
            waiting.extend(_parts(hint))
    return dict(sorted(found.items()))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _parts(hint: object) -> list[type]:
    if isinstance(hint, type) and is_dataclass(hint):
        return [hint]
    return [part for inner in get_args(hint) for part in _parts(inner)]


def _of(hint: Any) -> JsonSchema:  # noqa: ANN401 - it reads types at run time
    if hint is types.NoneType:
        return {"type": "null"}
    if hint in _NAMES:
        return dict(_NAMES[hint])
    if is_dataclass(hint):
        return schema(cast("type", hint))
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of(get_args(hint)[0])}
    return {"anyOf": [_of(one) for one in get_args(hint)]}


class _Wrong(Exception):
    """What is wrong with a part; the way to it is told as it passes outwards."""

    def __init__(self, what: str, *way: str) -> None:
        super().__init__(what)
        self.what = what
        self.way = list(way)


Reader = Callable[[Any], Any]


@cache
def _reader(hint: Any) -> Reader:  # noqa: ANN401 - it reads types at run time
    """Return the function that reads values of a type; made once for each type."""
    if get_origin(hint) in (Union, types.UnionType):
        return _reader_of_any(get_args(hint))
    if get_origin(hint) is Literal:
        return _reader_of_words(get_args(hint))
    if get_origin(hint) is tuple:
        return _reader_of_list(_reader(get_args(hint)[0]))
    if is_dataclass(hint):
        return _reader_of_object(cast("type", hint))
    return _bytes if hint is bytes else _reader_of_plain(hint)


def _reader_of_plain(kind: type) -> Reader:
    name = _NAMES[kind]["type"]

    def read(body: object) -> object:
        if type(body) is not kind:
            raise _Wrong(f"is no {name}")
        return body

    return read


def _reader_of_words(words: tuple[Any, ...]) -> Reader:
    said = ", ".join(f"`{word}`" for word in words)

    def read(body: object) -> object:
        if not isinstance(body, str) or body not in words:
            raise _Wrong(f"is none of {said}")
        return body

    return read


def _reader_of_any(hints: tuple[Any, ...]) -> Reader:
    """Return a reader of a value that may be null; other choices are not spelt."""
    (kind,) = (hint for hint in hints if hint is not types.NoneType)
    inner = _reader(kind)
    return lambda body: None if body is None else inner(body)


def _reader_of_list(inner: Reader) -> Reader:
    def read(body: object) -> object:
        if not isinstance(body, list):
            raise _Wrong("is no list")
        found = []
        for place, one in enumerate(body):
            try:
                found.append(inner(one))
            except _Wrong as error:
                error.way.insert(0, f"[{place}]")
                raise
        return tuple(found)

    return read


def _reader_of_object(kind: type) -> Reader:
    inner = {name: _reader(hint) for name, hint in _hints(kind).items()}
    needed = frozenset(field.name for field in _fields(kind) if _needed(field))

    def read(body: object) -> object:
        if not isinstance(body, dict):
            raise _Wrong("is no object")
        for key in needed:
            if key not in body:
                raise _Wrong("is missing", f".{key}")
        found = {}
        for key, value in body.items():
            if key not in inner:
                raise _Wrong("is no key that is known here", f".{key}")
            try:
                found[key] = inner[key](value)
            except _Wrong as error:
                error.way.insert(0, f".{key}")
                raise
        return kind(**found)

    return read


def _bytes(body: object) -> bytes:
    if not isinstance(body, str):
        raise _Wrong("is no base64 string")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _Wrong("is no base64 with padding (RFC 4648 section 4)") from error
