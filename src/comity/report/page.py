"""Pages that a person can keep: an accord for signature, and a report. No network, no script."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from comity.accords.accord import Accord
from comity.accords.diff import say_clause
from comity.release.rows import ArticleKept, rules_of
from comity.report.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report: words, a note, a drawing, a table, listings; any may be missing."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    note: str = ""
    line: Timeline | None = None
    caption: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    listings: tuple[str, ...] = ()

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column has whole numbers alone; they stand to the right."""
        return tuple(
            bool(self.rows) and all(row[place].isdecimal() for row in self.rows)
            for place in range(len(self.columns))
        )


def _environment() -> Environment:
    """Return the template environment: everything is escaped, nothing may be missing."""
    return Environment(
        loader=PackageLoader("comity.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def accord_page(accord: Accord, kept: tuple[ArticleKept, ...]) -> str:
    """Return an accord's words on one side and its rules on the other, for signature."""
    by_number = {article.number: article for article in kept}
    articles = [
        {
            "number": article.number,
            "title": article.title,
            "words": [(language, article.words(language)) for language in article.prose],
            "rules": [
                (say_clause(rule), rule.read_by or "")
                for rule in rules_of(accord, article.number)
            ],
            "kept": str(by_number[article.number].kept)
            if article.number in by_number
            else "",
        }
        for article in accord.document.articles
        if article.number or article.words()
    ]
    template = _environment().get_template("accord.html")
    return template.render(accord=accord, articles=articles)


def report_page(title: str, lead: str, sections: tuple[Section, ...], footer: str) -> str:
    """Return a report as one self-contained page."""
    template = _environment().get_template("report.html")
    return template.render(title=title, lead=lead, sections=sections, footer=footer)
