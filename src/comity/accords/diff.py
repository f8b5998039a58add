"""How do two versions of an accord differ, article by article, in words and in rules?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import unified_diff

from comity.accords import clauses as c
from comity.accords.accord import Accord
from comity.accords.text import Article, Citation
from comity.accords.times import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDiff:
    """One article that differs; ``front matter`` and ``preamble`` stand for what is before.

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
    heads = tuple(_unified(_head(old), _head(new)))
    found: list[ArticleDiff] = []
    if heads:
        found.append(
            ArticleDiff(number="front matter", title="", words=heads, removed=(), added=())
        )
    numbers = dict.fromkeys(
        article.number for accord in (old, new) for article in accord.document.articles
    )
    for number in numbers:
        before, after = (a.document.article(number) for a in (old, new))
        words = tuple(_unified(_lines(before), _lines(after)))
        one, other = (list(_rules(accord, number)) for accord in (old, new))
        moved = one != other and sorted(one) == sorted(other)  # only their order differs
        title = (after or before or Article("", "", 0)).title if number else ""
        if words or one != other:
            found.append(
                ArticleDiff(
                    number=number or "preamble",
                    title=title,
                    words=words,
                    removed=tuple(rule for rule in one if rule not in other or moved),
                    added=tuple(rule for rule in other if rule not in one or moved),
                )
            )
    return tuple(found)


def _unified(old: list[str], new: list[str]) -> Iterator[str]:
    return unified_diff(old, new, "old", "new", lineterm="", n=1)


def _head(accord: Accord) -> list[str]:
    """Return the title and the front matter, one key a line."""
    said = [
        f"{spec.name} = {_say(getattr(accord.front, spec.name))}"
        for spec in fields(accord.front)
    ]
    return [accord.title, *said]


def _lines(article: Article | None) -> list[str]:
    if article is None:
        return []
    found = [f"{article.word} {article.title}".strip()] if article.number else []
    for place, language in enumerate(article.prose):
        if place:
            found.append(f"### {language}")
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
        f"{spec.name.rstrip('_')} = {_say(value)}"
        for spec in fields(clause)
        if spec.name not in skipped
        and (value := getattr(clause, spec.name)) not in (None, ())
        and (value is not False or spec.default is not False)
    ]
    return f"{c.NAMES[type(clause)]} [{clause.cites}]: {', '.join(said) or 'yes'}"


def _say(value: object) -> str:
    if isinstance(value, tuple):
        parts = [_say(part) for part in value]  # "a, b" is told apart from "a", "b"
        return ", ".join(f"“{part}”" if "," in part else part for part in parts) or "none"
    if isinstance(value, c.Length):
        return f"{value.for_}, {value.count}, to {value.to}"
    if isinstance(value, c.Renewal):
        return f"{value.for_}, {value.count}, by {value.by}"
    if isinstance(value, c.PointRef):
        return f"open point {value.open_point}"
    if isinstance(value, c.When):
        return say_when(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Zone):
        return value.name
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
        text += f", or another day that {when.set_by} sets as `{when.about}`"
    return text
