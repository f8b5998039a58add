"""A small accord as text, and small changes of it: for tests of the reader."""

from __future__ import annotations

from collections.abc import Sequence

from comity.accords import Accord, load_accord, read_accord
from comity.errors import Finding, Severity

GOOD = """\
+++
format = "comity-accord/1"
id = "a-b"
languages = ["en", "ja"]
authentic = ["en", "ja"]
zone = "Asia/Tokyo"
law = "vclt"
parties = ["a", "b"]
+++

# Agreement between A and B

Agreed in two languages.

## Article 1. Scope

(1) The Parties share reports on incidents.
(2) Reports are used
    (a) for defence;
    (b) for research.
(3) The text of a report may be
    (a) translated,
        (i) by the Receiving Party or
        (ii) by another;
    (b) shortened.

### ja

(1) 締約国は、事案に関する報告を共有する。
(2) 報告は次のために用いる。
    (a) 防衛
    (b) 研究
(3) 報告の本文は
    (a) 翻訳
        (i) 受領国による
        (ii) その他による
    (b) 要約 することができる。

```toml comity
[scope]
cites = "1(1)"
categories = ["incidents"]
kinds = ["document"]
directions = ["a to b", "b to a"]

[purpose]
cites = "1(2)(a)"
allowed = ["defence"]
```

## Article 2. Entry into force and end

1. This Agreement enters into force on signature.
2. It stays in force for one year and is extended each year.
4. Either Party ends it by notice of six months.

### ja

1. この協定は、署名の時に効力を生ずる。
2. この協定は、一年間効力を有し、毎年延長される。
4. いずれの締約国も、六箇月の予告により終了させることができる。

```toml comity
[entry]
cites = "2(1)"
when = { from = ["sign:dated"], of = "every party" }

[term]
cites = "2(2)"
initial = { for = "P1Y", count = "anniversary" }
renewal = { for = "P1Y", count = "anniversary", by = "silence" }

[[exit]]
cites = "2(4)"
length = { for = "P6M", count = "anniversary" }
```

## Article 3. Third parties

Nothing goes on to others without the written consent of the Party it comes from.

### ja

提供国の書面による同意なしに、第三者に提供してはならない。

```toml comity
[third_party]
cites = "3"
consent = "each originator"
```
"""


def line_of(needle: str, text: str = GOOD, *, nth: int = 1) -> int:
    """Return the 1-based line of the nth line that has the needle."""
    found = [n for n, line in enumerate(text.split("\n"), start=1) if needle in line]
    return found[nth - 1]


def changed(*pairs: tuple[str, str], text: str = GOOD) -> str:
    """Return the text with each first needle replaced; a needle that is not there fails."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def loaded(text: str = GOOD) -> Accord:
    """Return the accord."""
    return load_accord(text.encode())


def findings(text: str | bytes, where: str = "") -> list[Finding]:
    """Return every finding of a text that is to be refused."""
    raw = text.encode() if isinstance(text, str) else text
    accord, found = read_accord(raw, where)
    assert accord is None, "it loads"
    return found


def places(found: Sequence[Finding]) -> list[tuple[int, str]]:
    """Return the (line, code) of each finding, in order of line."""
    return sorted((f.line, f.code) for f in found)


def errors(found: Sequence[Finding]) -> list[tuple[int, str]]:
    """Return the (line, code) of each error."""
    return places([f for f in found if f.severity is Severity.ERROR])
