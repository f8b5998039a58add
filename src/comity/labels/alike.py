"""Which words look alike to a reader, whatever letters they are written with."""

from __future__ import annotations

import unicodedata

_LOOKS = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0455\u0458"
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
    "abekmhopctyxisjabezhikmnoptyx",
)
"""Cyrillic and Greek letters whose capitals are drawn as Latin ones are."""


def looks(text: str) -> str:
    """Return a form that two words share if a reader can hardly tell them apart."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LOOKS)
    return " ".join(folded.split())
