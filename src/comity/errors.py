"""Every error that Comity raises on purpose, and what a finding looks like.

The tree::

    ComityError            something a person can mend; the message says how
    ├── InvalidInput       what was given cannot be read (exit 3)
    │   └── Unreadable     a file with findings: every problem at once, with its line
    ├── NotKnown           a name that nothing here bears (exit 3)
    └── NotAtHand          what is needed is not installed here (exit 4)

A message is one sentence: what, where, and what the user wrote in backticks. The hint
says what to do next.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


def printable(text: str) -> str:
    """Return the text with control characters shown, so that no file moves a terminal."""
    return "".join(
        char
        if char == "\n" or not unicodedata.category(char).startswith("C")
        else _shown(char)
        for char in text
    )


def _shown(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is wrong in a file, with its line and the way out.

    Attributes:
        where: the file as the user named it; empty while a text has no file.
        line: 1-based line; 0 when the finding is about the file as a whole.
        code: stable kebab-case name, with a heading in ``docs/reference.md``.
        severity: an error keeps the file from loading; a warning does not.
        message: one sentence, no capital, no full stop.
        hint: what to do next.
    """

    where: str = ""
    line: int = 0
    code: str
    severity: Severity = Severity.ERROR
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Print the finding as one or two lines, as the command line shows it."""
        place = f"{self.where or 'text'}:{self.line}" if self.line else self.where
        head = f"{place}: " if place else ""
        text = f"{head}{self.severity}: {self.message} [{self.code}]"
        return printable(f"{text}\n  hint: {self.hint}" if self.hint else text)


class ComityError(Exception):
    """Something a person can mend."""

    def __init__(self, message: str, *, hint: str = "", code: str = "failure") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


class InvalidInput(ComityError):
    """What was given cannot be read, or does not say enough."""

    def __init__(
        self, message: str, *, hint: str = "", code: str = "invalid-input"
    ) -> None:
        super().__init__(message, hint=hint, code=code)


class NotKnown(ComityError):
    """A name that nothing here bears."""

    def __init__(self, message: str, *, hint: str = "", code: str = "not-known") -> None:
        super().__init__(message, hint=hint, code=code)


class NotAtHand(ComityError):
    """What a command needs is not installed here."""


class Unreadable(InvalidInput):
    """A file or a world with errors; ``findings`` has every one of them."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [f for f in self.findings if f.severity is Severity.ERROR]
        first = str(errors[0]) if errors else "no finding"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{first}{more}", code="unreadable")
