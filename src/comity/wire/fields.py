"""The keys of one JSON object, each read as what it has to be.

Unknown keys are kept in the bytes and not acted on. A known key that is missing, or of
another kind, refuses the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.labels import Level, Mark
from comity.signed import text

WORD_CHARS_MAX = 1024  # of an id, a name or another word; a title may fill one
LIST_MAX = 4096  # entries of any list: parts of a derived item, recipients, lineage

_ID32 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Value = dict[str, Any]


def refuse(message: str, *, code: str = "bad-field", hint: str = "") -> NoReturn:
    """Raise what says that a document that came is not as it has to be."""
    raise InvalidInput(
        message, hint=hint or "ask its sender; nothing of it was acted on", code=code
    )


class Fields:
    """An object of a document, with the key that it stands under there."""

    __slots__ = ("_what", "_within", "body")

    def __init__(self, body: Value, what: str, within: str = "") -> None:
        self.body = body
        self._what = what
        self._within = within

    @property
    def what(self) -> str:
        """What the object is called in messages."""
        return f"`{self._within}` of {self._what}" if self._within else self._what

    @classmethod
    def of(cls, raw: bytes, form: str, what: str, *, limit: int) -> Fields:
        """Read a document of a format, and refuse one of another.

        Raises:
            InvalidInput: not strict JSON, too long, or of another format.
        """
        fields = cls(text.read(raw, limit=limit), what)
        if fields.body.get("format") != form:
            refuse(
                f"{what} is of the format `{fields.body.get('format')}`, and not `{form}`",
                code="bad-format",
                hint="a newer Comity may read it",
            )
        return fields

    def word(self, key: str) -> str:
        """Return a text of at least one character on one line."""
        value = self.body.get(key)
        if type(value) is not str or not value or len(value) > WORD_CHARS_MAX:
            self._wrong(key, "a text that is not empty and not too long")
        if not value.isprintable() and _CONTROL.search(value):
            self._wrong(key, "a text without control characters")
        return value

    def word_or_none(self, key: str) -> str | None:
        """Return a text, or None where the key says null."""
        return None if self._null(key) else self.word(key)

    def prose(self, key: str) -> str:
        """Return a text that may be empty and may have several lines."""
        value = self.body.get(key)
        if type(value) is not str:
            self._wrong(key, "a text")
        return value

    def words(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """Return a list of texts, in its order."""
        value = self.body.get(key)
        if type(value) is not list or not least <= len(value) <= LIST_MAX:
            self._wrong(key, f"a list of {least or 'no'} entries or more")
        for one in value:
            if type(one) is not str or not one:
                self._wrong(key, "a list of texts")
        return tuple(value)

    def words_or_none(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, or None where the key says null."""
        return None if self._null(key) else self.words(key)

    def choice(self, key: str, known: Iterable[str]) -> str:
        """Return one of some words; another is refused, never passed over."""
        value = self.body.get(key)
        if type(value) is not str or value not in known:
            self._wrong(key, f"one of {', '.join(sorted(known))}")
        return value

    def number(self, key: str, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        value = self.body.get(key)
        if type(value) is not int or not least <= value <= most:
            self._wrong(key, f"a whole number from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self.body.get(key)
        if type(value) is not bool:
            self._wrong(key, "true or false")
        return value

    def time(self, key: str) -> Instant:
        """Return an instant written in UTC."""
        value = self.body.get(key)
        if type(value) is not str:
            self._wrong(key, "a time")
        return instant(value)

    def time_or_none(self, key: str) -> Instant | None:
        """Return an instant, or None where the key says null."""
        return None if self._null(key) else self.time(key)

    def digest(self, key: str) -> str:
        """Return a digest as it is written: ``sha256:`` and 64 hex digits."""
        value = self.body.get(key)
        if type(value) is not str or not _DIGEST.fullmatch(value):
            self._wrong(key, "a digest")
        return value

    def digest_or_none(self, key: str) -> str | None:
        """Return a digest, or None where the key says null."""
        return None if self._null(key) else self.digest(key)

    def digests(self, key: str) -> tuple[str, ...]:
        """Return a list of digests."""
        found = self.words(key)
        for one in found:
            if not _DIGEST.fullmatch(one):
                self._wrong(key, "a list of digests")
        return found

    def id32(self, key: str) -> str:
        """Return an id of 16 bytes as 32 hex digits."""
        value = self.body.get(key)
        if type(value) is not str or not _ID32.fullmatch(value):
            self._wrong(key, "32 hex digits")
        return value

    def raw(self, key: str) -> bytes:
        """Return bytes written in base64."""
        return text.read_base64(self.body.get(key))

    def level(self, key: str) -> Level:
        """Return a level, as ``policy:level``."""
        return read_level(self.word(key))

    def levels(self, key: str) -> tuple[Level, ...]:
        """Return a list of levels."""
        return tuple(map(read_level, self.words(key)))

    def marks(self, key: str) -> tuple[Mark, ...]:
        """Return a list of tags, as ``policy:set/value``."""
        return tuple(map(read_mark, self.words(key)))

    def inner(self, key: str) -> Fields:
        """Return the object that a key holds."""
        value = self.body.get(key)
        if type(value) is not dict:
            self._wrong(key, "an object")
        return Fields(value, self._what, key)

    def inner_or_none(self, key: str) -> Fields | None:
        """Return the object that a key holds, or None where it says null."""
        return None if self._null(key) else self.inner(key)

    def inners(self, key: str, *, most: int = LIST_MAX) -> list[Fields]:
        """Return the objects of a list."""
        value = self.body.get(key)
        if type(value) is not list or len(value) > most:
            self._wrong(key, f"a list of at most {most} objects")
        if any(type(one) is not dict for one in value):
            self._wrong(key, "a list of objects")
        return [Fields(one, self._what, key) for one in value]

    def _null(self, key: str) -> bool:
        return key in self.body and self.body[key] is None

    def _wrong(self, key: str, wanted: str) -> NoReturn:
        if key not in self.body:
            refuse(f"{self.what} does not say `{key}`")
        refuse(f"`{key}` of {self.what} is not {wanted}")


@lru_cache(maxsize=4096)
def instant(written: str) -> Instant:
    """Return the instant of a time in UTC."""
    return Instant(text.read_time(written))


@lru_cache(maxsize=4096)
def written(at: Instant) -> str:
    """Return an instant as signed things have it."""
    return text.time_text(at)


@lru_cache(maxsize=1024)
def read_level(name: str) -> Level:
    """Return a level, as ``policy:level``."""
    return Level.parse(name)


@lru_cache(maxsize=1024)
def read_mark(name: str) -> Mark:
    """Return a tag, as ``policy:set/value``."""
    return Mark.parse(name)
