"""What every rule has, and the questions that a text leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ANY = "any"  # the word by which a list admits everything; an empty list admits nothing


class Side(StrEnum):
    """Who has to meet a gate, or bears a duty."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRef:
    """A question that the text leaves open, by the id of its ``[[open_point]]``."""

    open_point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What every rule has.

    Attributes:
        cites: the place in the text, ``"21(3)"``; its label stands in a line there.
        read: the digest of the words that the rule was read from, in all authentic
            languages; only ``comity confirm`` writes it.
        read_by: who read them.
        line: in the file.
    """

    cites: str
    read: str | None = None
    read_by: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint(Clause):
    """A question the text leaves open, with its possible readings.

    Attributes:
        id: by which readings answer it.
        question: in words.
        readings: the possible ones, as the clause that refers to it knows them.
        default: what is followed until a party says.
    """

    id: str
    question: str
    readings: tuple[str, ...]
    default: str
