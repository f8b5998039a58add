"""An accord as one printable page: the words on one side, the rules on the other."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from comity.accords.accord import Accord
from comity.accords.diff import say_clause
from comity.release.rows import ArticleKept, rules_of


def environment() -> Environment:
    """Return the template environment: everything is escaped, nothing may be missing."""
    return Environment(
        loader=PackageLoader("comity.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def accord_page(accord: Accord, kept: tuple[ArticleKept, ...]) -> str:
    """Return the page; it opens with no network and has no script."""
    by_number = {article.number: article for article in kept}
    articles = [
        {
            "number": article.number,
            "title": article.title,
            "words": [(language, article.words(language)) for language in article.prose],
            "rules": [say_clause(rule) for rule in rules_of(accord, article.number)],
            "kept": str(by_number[article.number].kept)
            if article.number in by_number
            else "",
        }
        for article in accord.document.articles
    ]
    return (
        environment().get_template("accord.html").render(accord=accord, articles=articles)
    )
