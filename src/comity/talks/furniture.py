"""What on a page is no part of its text: controls, addresses, headings, running heads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from comity.talks.phrases import Paragraph

HEADING_WORDS_MAX = 12  # a longer line without a full stop is a sentence cut short

_CONTROLS = frozenset(
    [
        "share",
        "print",
        "email",
        "e-mail",
        "tweet",
        "facebook",
        "twitter",
        "line",
        "kakaotalk",
        "subscribe",
        "sign",
        "in",
        "log",
        "login",
        "out",
        "register",
        "advertisement",
        "ad",
        "sponsored",
        "related",
        "articles",
        "stories",
        "read",
        "more",
        "most",
        "popular",
        "comments",
        "comment",
        "home",
        "menu",
        "next",
        "previous",
        "prev",
        "back",
        "top",
        "to",
        "page",
        "link",
        "copied",
        "copy",
        "close",
        "search",
        "font",
        "size",
        "font-size",
        "save",
        "list",
        "a",
        "news",
        "the",
    ]
)
_ADDRESS = re.compile(r"https?://|www\.|\S+@\S+\.\S+")
_RIGHTS = re.compile(r"©|\(c\) |copyright\b|.*\ball rights reserved\b")
_PAGE = re.compile(r"(?:page )?\d+(?: ?(?:/|of) ?\d+)?")
_STAMP = re.compile(
    r"(?:(?:posted|updated|published|input|last updated|date)\b.*\d{4}.*"
    r"|[\d\s.,:/+-]+(?:am|pm|a\.m\.|p\.m\.)?(?: [a-z]{2,4})?)"
)
_BYLINE = re.compile(
    r"(?:by|reported by|written by|reporter) .+|.+ (?:reporter|correspondent)"
)
_CREDIT = re.compile(r"[\[(]?(?:photo|file photo|image|source|courtesy)\b.*")


_EDGES = "".join(sorted({*".,;:()'[]|·>») ", '"'}))


def furniture(parts: Sequence[Paragraph]) -> dict[int, str]:
    """Return which paragraphs are no part of the text, by number, each with why."""
    texts = {part.number: " ".join(part.words) for part in parts}
    times = Counter(texts.values())
    found = {}
    for number, text in texts.items():
        why = "it stands several times" if times[text] > 1 else _why(text)
        if why is not None:
            found[number] = why
    return found


def _why(text: str) -> str | None:
    words = [word.strip(_EDGES) for word in text.split(" ")]
    short = len(words) <= HEADING_WORDS_MAX
    whys = (
        ("it is about copyright", bool(_RIGHTS.match(text))),
        ("it has no words", not any(char.isalpha() for char in text)),
        ("it is an address", bool(short and _ADDRESS.search(text))),
        ("it is a control of the page", all(w in _CONTROLS for w in words if w)),
        ("it is a page number", bool(_PAGE.fullmatch(text))),
        ("it is a date alone", bool(short and _STAMP.fullmatch(text))),
        (
            "it says who wrote it",
            bool(short and _BYLINE.fullmatch(text) and text[-1] != "."),
        ),
        ("it says where a picture is from", bool(short and _CREDIT.fullmatch(text))),
        ("it is a heading or a caption", short and text[-1] not in ".!?\"')"),
    )
    return next((why for why, so in whys if so), None)
