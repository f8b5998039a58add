"""How do two versions of an accord differ, article by article, in words and in rules?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import unified_diff

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.text import Article, Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDiff:
    """One article that differs.

    Attributes:
        words: a unified diff of the lines, all languages.
        removed, added: rules, one line each.
    """

    number: str
    title: str
    words: tuple[str, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]


def diff(old: Accord, new: Accord) -> tuple[ArticleDiff, ...]:
    """Return the articles that differ; empty where words and rules are the same."""
    numbers = dict.fromkeys(
        article.number for accord in (old, new) for article in accord.document.articles
    )
    found: list[ArticleDiff] = []
    for number in numbers:
        before, after = (a.document.article(number) for a in (old, new))
        words = tuple(
            unified_diff(_lines(before), _lines(after), "old", "new", lineterm="", n=1)
        )
        one, other = (set(_rules(accord, number)) for accord in (old, new))
        title = (after or before or Article("", "", 0)).title
        if words or one != other:
            found.append(
                ArticleDiff(
                    number=number or "preamble",
                    title=title,
                    words=words,
                    removed=tuple(sorted(one - other)),
                    added=tuple(sorted(other - one)),
                )
            )
    return tuple(found)


def _lines(article: Article | None) -> list[str]:
    if article is None:
        return []
    found = [article.title]
    for language in article.prose:
        found += article.words(language).split("\n")
    return found


def _rules(accord: Accord, number: str) -> Iterator[str]:
    for clause in accord.clauses:
        cited = Citation.parse(clause.cites)
        if cited is not None and cited.article == number:
            yield say_clause(clause)


def say_clause(clause: c.Clause) -> str:
    """Return a rule as one line: its table's name and what its keys say."""
    skipped = {"cites", "read", "read_by", "line"}
    said = [
        f"{spec.name.rstrip('_')} = {_say(getattr(clause, spec.name))}"
        for spec in fields(clause)
        if spec.name not in skipped and getattr(clause, spec.name) not in (None, (), False)
    ]
    return f"{c.NAMES[type(clause)]} [{clause.cites}]: {', '.join(said) or 'yes'}"


def _say(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_say(part) for part in value)
    if isinstance(value, c.Length):
        return f"{value.for_}, {value.count}, to {value.to}"
    if isinstance(value, c.Renewal):
        return f"{value.for_}, {value.count}, by {value.by}"
    if isinstance(value, c.PointRef):
        return f"open point {value.open_point}"
    if isinstance(value, c.When):
        return say_when(value)
    return str(value)


def say_when(when: c.When) -> str:
    """Return a *when* expression in words."""
    if when.on is not None:
        text = f"on {when.on}"
    elif when.earliest or when.latest:
        word = "earliest" if when.earliest else "latest"
        text = f"the {word} of ({'; '.join(map(say_when, when.earliest or when.latest))})"
    else:
        triggers = ", ".join(map(str, when.from_))
        pick = f"the {when.pick} of " if len(when.from_) > 1 else ""
        text = f"from {pick}{triggers} of {when.of}"
        if when.then:
            text += f", then {', then '.join(map(str, when.then))} ({when.count})"
    if when.if_ is not None:
        text = f"if {when.if_}: {text}"
        if when.else_ is not None:
            text += f"; otherwise {say_when(when.else_)}"
    if when.set_by is not None:
        text += f", or another day set by {when.set_by}"
    return text
