"""The words of a made-up world, and dice that draw from them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from comity.accords import Instant

T = TypeVar("T")

LEVELS = ("RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET")
CATEGORIES = tuple(f"c{number:02}" for number in range(64))
PURPOSES = tuple(f"purpose-{number:02}" for number in range(12))
KINDS = ("document", "electronic", "oral", "sample")
CHANNELS = ("bag", "line", "mail", "person")
ZONES = ("Etc/UTC", "Europe/Vienna", "Asia/Tokyo", "America/New_York")
FIRST, LAST = date(2004, 1, 1), date(2028, 1, 1)


class Dice:
    """Draws that a seed repeats."""

    def __init__(self, *seed: object) -> None:
        self._random = random.Random("/".join(map(str, seed)))

    def chance(self, share: float) -> bool:
        """Say yes in that share of all cases."""
        return self._random.random() < share

    def one(self, words: Sequence[T]) -> T:
        """Return one of some words."""
        return words[int(self._random.random() * len(words))]

    def number(self, least: int, most: int) -> int:
        """Return a number, both ends included."""
        return least + int(self._random.random() * (most - least + 1))

    def weighted(self, words: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of some words, the heavier ones more often."""
        return self._random.choices(words, weights)[0]

    def some(self, words: Sequence[T], least: int, most: int) -> tuple[T, ...]:
        """Return different words of some, in their order."""
        places = self._random.sample(
            range(len(words)), self.number(least, min(most, len(words)))
        )
        return tuple(words[place] for place in sorted(places))

    def day(self, first: date, last: date) -> date:
        """Return a day, both ends included."""
        return first + timedelta(days=self.number(0, max(0, (last - first).days)))

    def moment(self, first: date, last: date) -> Instant:
        """Return a second of a day, in UTC."""
        return Instant(start(self.day(first, last)) + self.number(0, 86_399))


def start(day: date) -> Instant:
    """Return the first second of a day in UTC."""
    return Instant(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))


def listed(words: Sequence[str]) -> str:
    """Return words as a list of TOML."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
