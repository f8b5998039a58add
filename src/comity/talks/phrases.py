"""Places in a text, told by the digest of a short phrase; and how they are found again.

A phrase is normalised before it is hashed: Unicode NFKC, curly quotes made straight, lower
case, white space folded to one space. A window of so many words slides over a paragraph;
its digest is compared as it is, and without the punctuation at its ends. A reader who has
the text finds every place, and nobody else learns a word of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from comity.errors import InvalidInput
from comity.talks.readouts import Passage

PHRASE_WORDS_MIN = 2  # one word alone is soon guessed, and stands everywhere
PHRASE_WORDS_MAX = 12  # a longer one would be a quotation
EDGES = ".,;:()'\""
TEXT_CHARS_MAX = 200_000  # one account; what is longer is an archive
RECOGNISED = 0.5  # of an account's passages: below that a text is not taken for it

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"'))
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def normal(text: str) -> str:
    """Return a text as phrases are hashed."""
    straight = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return " ".join(straight.lower().split())


def phrase_digest(phrase: str) -> str:
    """Return the digest of a phrase, without the punctuation at its ends."""
    return _digest(normal(phrase).strip(EDGES))


def check_digest(text: str) -> None:
    """Refuse what is no digest as files have it.

    Raises:
        InvalidInput: it is no SHA-256.
    """
    if not _DIGEST.fullmatch(text):
        raise InvalidInput(
            f"`{text[:80]}` is no digest",
            hint="write `sha256:` and 64 digits 0 to 9 and a to f",
            code="bad-digest",
        )


def check_phrase(words: int, phrase: str) -> None:
    """Refuse what is no digest of a short phrase.

    Raises:
        InvalidInput: it is no SHA-256, or of one word or too many.
    """
    check_digest(phrase)
    if not PHRASE_WORDS_MIN <= words <= PHRASE_WORDS_MAX:
        raise InvalidInput(
            f"a phrase of {words} words is not a short phrase",
            hint=f"take {PHRASE_WORDS_MIN} to {PHRASE_WORDS_MAX} words",
            code="bad-digest",
        )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a text: its number from 1, its first line, and its words.

    Attributes:
        lines: the line on which each word stands.
    """

    number: int
    words: tuple[str, ...]
    lines: tuple[int, ...]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Return the non-empty lines of a text as paragraphs."""
    kept = [(n, normal(line)) for n, line in enumerate(text.split("\n"), 1)]
    return _numbered([[(n, line)] for n, line in kept if line])


def blocks(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a text whose lines are wrapped: empty lines part them."""
    found: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        words = normal(line)
        if words:
            found[-1].append((number, words))
        elif found[-1]:
            found.append([])
    return _numbered([block for block in found if block])


def _numbered(parts: Iterable[list[tuple[int, str]]]) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(
            number,
            tuple(word for _, line in part for word in line.split(" ")),
            tuple(at for at, line in part for _ in line.split(" ")),
        )
        for number, part in enumerate(parts, 1)
    )


class Found(StrEnum):
    """Whether a passage's phrase stands in a text."""

    LOCATED = "located"
    """In the paragraph that the passage names."""
    MOVED = "moved"
    """In another paragraph, or over the end of one."""
    MISSING = "missing"
    """Nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a passage's phrase stands in a text.

    Attributes:
        paragraph, line: of its first word; None where it is missing.
    """

    passage: Passage
    found: Found
    paragraph: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    """A text's words, where each stands, and where each digest of a window begins."""

    words: tuple[str, ...]
    lines: tuple[int, ...]
    numbers: tuple[tuple[int, ...], ...]  # of each word's paragraph, by lines and by blocks
    starts: dict[int, dict[str, list[int]]]  # by length, then digest

    @classmethod
    def of(cls, text: str, lengths: Iterable[int]) -> _Text:
        parts = paragraphs(text)
        words = tuple(word for part in parts for word in part.words)
        starts: dict[int, dict[str, list[int]]] = {}
        for length in set(lengths):
            for start, digest in _windows(words, length):
                found = starts.setdefault(length, {})
                found.setdefault(digest, []).append(start)
        return cls(
            words,
            tuple(line for part in parts for line in part.lines),
            tuple(
                tuple(part.number for part in kind for _ in part.words)
                for kind in (parts, blocks(text))
            ),
            starts,
        )

    def place(self, passage: Passage, numbers: Sequence[int]) -> Place:
        """Return where a passage's phrase stands, with paragraphs numbered so."""
        starts = self.starts.get(passage.words, {}).get(passage.phrase, [])
        if not starts:
            return Place(passage=passage, found=Found.MISSING)
        whole = [s for s in starts if numbers[s] == numbers[s + passage.words - 1]]
        here = [s for s in whole if numbers[s] == passage.paragraph]
        start = min(
            here or whole or starts, key=lambda s: abs(numbers[s] - passage.paragraph)
        )
        return Place(
            passage=passage,
            found=Found.LOCATED if here else Found.MOVED,
            paragraph=numbers[start],
            line=self.lines[start],
        )

    def locate(self, passages: Sequence[Passage]) -> tuple[Place, ...]:
        tries = [tuple(self.place(p, n) for p in passages) for n in self.numbers]
        return max(tries, key=lambda found: sum(p.found is Found.LOCATED for p in found))


def locate(text: str, passages: Sequence[Passage]) -> tuple[Place, ...]:
    """Find every passage in a text.

    The text's paragraphs are its non-empty lines, or, where more of the passages then
    stand in the paragraph they name, its blocks of wrapped lines.
    """
    return _Text.of(text, (passage.words for passage in passages)).locate(passages)


def _windows(words: Sequence[str], length: int) -> Iterator[tuple[int, str]]:
    """Yield the digests of each window: as it is, and without punctuation at its ends."""
    for start in range(len(words) - length + 1):
        window = " ".join(words[start : start + length])
        yield start, _digest(window)
        bare = window.strip(EDGES)
        if bare != window:
            yield start, _digest(bare)


def _digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What was found of one account.

    Attributes:
        file: the text taken for it; None where none is at hand.
        places: every passage of the account, in order.
    """

    account: str
    file: str | None
    places: tuple[Place, ...]

    def count(self, found: Found) -> int:
        """Return how many of its passages were found so."""
        return sum(place.found is found for place in self.places)


def recognise(
    texts: Mapping[str, str], passages: Mapping[str, Sequence[Passage]]
) -> tuple[Copy, ...]:
    """Find which text is which account, by what stands in it and never by its name.

    The pair of a text and an account with the most passages found goes first; a text is
    one account's, and it has to have half of the account's passages.

    Args:
        texts: by the name of their file.
        passages: by account.
    """
    lengths = {passage.words for told in passages.values() for passage in told}
    read = {file: _Text.of(text, lengths) for file, text in texts.items()}
    tried = {
        (account, file): text.locate(told)
        for account, told in passages.items()
        for file, text in read.items()
        if told
    }
    score = {
        pair: sum(place.found is not Found.MISSING for place in places)
        for pair, places in tried.items()
    }
    exact = {
        pair: sum(place.found is Found.LOCATED for place in places)
        for pair, places in tried.items()
    }
    taken: dict[str, str] = {}
    for account, file in sorted(tried, key=lambda p: (-score[p], -exact[p], p)):
        enough = score[account, file] >= RECOGNISED * len(passages[account])
        if enough and account not in taken and file not in taken.values():
            taken[account] = file
    return tuple(
        Copy(
            account=account,
            file=taken.get(account),
            places=tried[account, taken[account]]
            if account in taken
            else tuple(Place(passage=p, found=Found.MISSING) for p in told),
        )
        for account, told in passages.items()
    )
