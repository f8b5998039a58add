"""Strict JSON: one value has one form, and what was signed is kept as it came.

JSON readers disagree on duplicate keys, floats, large numbers, lone surrogates and byte
order marks; two that disagree on signed bytes are a way in. So there is one writer, and
`read` refuses whatever that writer would not have written. The format is
``docs/formats/signed.md``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from comity.errors import InvalidInput

T = TypeVar("T")

LIMIT = 1 << 20  # bytes; a head or a record is far smaller, and a body is not JSON
DEPTH_MAX = 32
INT_MAX = (1 << 53) - 1  # beyond it readers that keep numbers as doubles lose digits

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_SECONDS = (-11_676_096_000, 13_569_465_600)  # the years 1600 to 2399, as of any day read


def write(value: Mapping[str, Any]) -> bytes:
    """Return the one form of a value: sorted keys, no spaces, UTF-8.

    Raises:
        InvalidInput: a float, a number of 2^53 or more, a key that is no string, a NUL, a
            lone surrogate, or more than 32 levels.
    """
    _check(value, 1)
    try:
        raw = _dump(value)
    except UnicodeEncodeError:
        _refuse("json-surrogate", "a string has half of a surrogate pair")
    if b"\\u0000" in raw and _NUL.search(raw):
        _refuse("json-nul", "a string has a NUL")
    return raw


def read(raw: bytes, *, limit: int = LIMIT) -> dict[str, Any]:
    """Read an object that `write` wrote, and nothing else.

    Unknown keys are kept. ``read(raw)`` succeeds only if ``write(read(raw)) == raw``.

    Raises:
        InvalidInput: anything else; the code says what.
    """
    if len(raw) > limit:
        _refuse("json-too-large", f"{len(raw)} bytes, and at most {limit} are read")
    if raw.startswith(b"\xef\xbb\xbf"):
        _refuse("json-bom", "it begins with a byte order mark")
    try:
        value = _DECODER.decode(str(raw, "utf-8"))
        same = _dump(value) == raw
    except UnicodeDecodeError:
        _refuse("json-not-utf-8", "a byte is not UTF-8")
    except UnicodeEncodeError:
        _refuse("json-surrogate", "a string has half of a surrogate pair")
    except RecursionError:
        _refuse("json-too-deep", f"it is more than {DEPTH_MAX} levels deep")
    except json.JSONDecodeError as error:
        _refuse("not-json", f"no JSON at character {error.pos}: {error.msg.lower()}")
    if not isinstance(value, dict):
        _refuse("json-no-object", "it is no object")
    if raw.count(b"{") + raw.count(b"[") > DEPTH_MAX:
        _depth(value, 1)
    if not same:
        json.loads(str(raw, "utf-8"), object_pairs_hook=_once)
        _refuse(
            "json-form", "it is not in the one form: sorted keys, no spaces, as written"
        )
    if b"\\u0000" in raw and _NUL.search(raw):
        _refuse("json-nul", "a string has a NUL")
    return value


def digest_of(raw: bytes) -> str:
    """Return the SHA-256 of bytes as JSON has it: ``sha256:…``."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def digest_text(raw: bytes) -> str:
    """Return a digest that is at hand as bytes as JSON has it."""
    return f"sha256:{raw.hex()}"


def read_digest(text: object) -> bytes:
    """Return the 32 bytes of a digest.

    Raises:
        InvalidInput: not ``sha256:`` and 64 lower-case hex digits.
    """
    if not isinstance(text, str) or not _DIGEST.fullmatch(text):
        _refuse("no-digest", f"`{text}` is not a digest")
    return bytes.fromhex(text[7:])


def base64_of(raw: bytes) -> str:
    """Return bytes as JSON has them: standard base64 with its padding (RFC 4648, 4)."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def read_base64(text: object) -> bytes:
    """Return the bytes of a base64 text that `base64_of` wrote.

    Raises:
        InvalidInput: another alphabet, no padding, spaces, or bits left over.
    """
    raw = b""
    if isinstance(text, str):
        with suppress(ValueError):
            raw = base64.b64decode(text.encode("ascii"), validate=True)
    if base64_of(raw) != text:
        _refuse("bad-base64", "a value is not standard base64 with its padding")
    return raw


def time_text(seconds: int) -> str:
    """Return an instant as signed things have it: UTC, whole seconds, ``Z``.

    Raises:
        InvalidInput: outside the years 1600 to 2399.
    """
    if not _SECONDS[0] <= seconds < _SECONDS[1]:
        _refuse("bad-time", f"{seconds} lies outside the years 1600 to 2399")
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: object) -> int:
    """Return the UTC seconds of a time that `time_text` wrote.

    Raises:
        InvalidInput: another form, or no such instant.
    """
    seconds = None
    if isinstance(text, str) and _TIME.fullmatch(text):
        with suppress(ValueError):
            seconds = int(datetime.fromisoformat(text).timestamp())
    if seconds is None or time_text(seconds) != text:
        _refuse("bad-time", f"`{text}` is not a time: write `2019-11-22T09:00:00Z`")
    return seconds


def field(body: Mapping[str, Any], key: str, kind: type[T], what: str) -> T:
    """Return what a key has, of the kind that it must have.

    Raises:
        InvalidInput: it is missing, or of another kind; a boolean is no number.
    """
    value = body.get(key)
    if type(value) is not kind:
        _refuse(
            "bad-field",
            f"`{key}` of {what} is {'missing' if key not in body else 'of another kind'}",
        )
    return value


def _dump(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _check(value: object, depth: int) -> None:
    """Refuse what is no JSON of ours; what strings may not have shows in the bytes."""
    if isinstance(value, (dict, Mapping)):
        _shallow(depth)
        for key in value:
            if not isinstance(key, str):
                _refuse("json-key", f"the key `{key}` is no string")
        inners: Collection[object] = value.values()
    elif isinstance(value, (list, tuple)):
        _shallow(depth)
        inners = value
    else:
        if isinstance(value, int):
            if abs(value) > INT_MAX:
                _refuse("json-number", f"{value} is not below 2^53")
        elif not isinstance(value, str) and value is not None:
            kind = type(value).__name__
            _refuse("json-number", f"{kind} is neither text nor whole number")
        return
    for inner in inners:
        if type(inner) is not str and inner is not None:  # most are
            _check(inner, depth + 1)


def _shallow(depth: int) -> None:
    if depth > DEPTH_MAX:
        _refuse("json-too-deep", f"it is more than {DEPTH_MAX} levels deep")


def _depth(value: object, depth: int) -> None:
    _shallow(depth)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, (dict, list)):
                _depth(inner, depth + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("json-key-twice", "a key stands twice in one object")
    return found


def _int(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > INT_MAX:
        _refuse("json-number", "a number is not below 2^53")
    return int(digits)


def _float(_: str) -> NoReturn:
    _refuse("json-number", "a number is not whole")


def _refuse(code: str, message: str) -> NoReturn:
    raise InvalidInput(
        message, code=code, hint="see `docs/formats/signed.md` on strict JSON"
    )


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER = json.JSONDecoder(parse_float=_float, parse_int=_int, parse_constant=_float)
