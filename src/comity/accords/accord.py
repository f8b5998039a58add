"""The accord: an identity, its parties, its clauses, and the words they came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from comity.accords import clauses as c
from comity.accords.binding import bind
from comity.accords.text import Citation, Document, read_document
from comity.accords.times import Zone
from comity.accords.toml import Table
from comity.errors import Finding, Severity, Unreadable

FORMAT = "comity-accord/1"
AMENDMENT_FORMAT = "comity-amendment/1"

C = TypeVar("C", bound=c.Clause)


class Law(StrEnum):
    """What governs an accord beside its own words."""

    VCLT = "vclt"
    """The Vienna Convention on the Law of Treaties: written treaties between States."""
    CONTRACT = "contract"
    """A contract, under the law it names."""
    POLITICAL = "political"
    """A political arrangement: no legal bond, and no default rule."""


class Existence(StrEnum):
    """Whether it may be known that the accord exists."""

    PUBLIC = "public"
    CLASSIFIED = "classified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The front matter: what the file is, before any article.

    Attributes:
        format: ``comity-accord/1``.
        id: opaque, survives amendment.
        languages: of the text; the first is that of the words before any ``###``.
        authentic: the languages whose words bind.
        zone: the place whose days are counted.
        law: what governs beside the words.
        parties: by id, as the world names them.
        open: whether others may join by the ``[joining]`` rule.
        existence: ``classified`` keeps every trace of it out of others' answers.
        profile: the cryptographic profile of the exchange; None where nothing is sealed.
    """

    format: str
    id: str
    languages: tuple[str, ...]
    authentic: tuple[str, ...]
    zone: Zone
    law: Law
    parties: tuple[str, ...]
    open: bool = False
    existence: Existence = Existence.PUBLIC
    profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentFront:
    """The front matter of an amendment: whole articles that replace those of a base.

    Attributes:
        format: ``comity-amendment/1``.
        id: of the amendment.
        base: the digest of the accord's bytes that it amends.
        languages, authentic: as in an accord.
    """

    format: str
    id: str
    base: str
    languages: tuple[str, ...]
    authentic: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accord:
    """An agreement as read from its file; equal bytes are equal accords.

    Attributes:
        digest: the version's identity, over the file's bytes.
        clauses: in the file's order.
        amended_by: the digests of the amendments applied, in order.
    """

    id: str
    digest: str
    title: str
    front: Front
    document: Document
    clauses: tuple[c.Clause, ...]
    amended_by: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Hash by identity of the version and the rules in force."""
        return hash((self.digest, self.amended_by, len(self.clauses)))

    def __eq__(self, other: object) -> bool:
        """Compare the bytes' digests and the clauses."""
        if not isinstance(other, Accord):
            return NotImplemented
        return (self.digest, self.clauses) == (other.digest, other.clauses)

    @property
    def zone(self) -> Zone:
        """The place whose days are counted."""
        return self.front.zone

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties named in the front matter; joiners come by their acts."""
        return self.front.parties

    def all(self, kind: type[C]) -> tuple[C, ...]:
        """Return the clauses of a kind, in the file's order."""
        return tuple(clause for clause in self.clauses if isinstance(clause, kind))

    def one(self, kind: type[C]) -> C | None:
        """Return the clause of a kind that stands once, or None."""
        return next(iter(self.all(kind)), None)

    def open_point(self, point: str) -> c.OpenPoint | None:
        """Return the open point of that id."""
        return next((p for p in self.all(c.OpenPoint) if p.id == point), None)

    def without(self, dropped: Sequence[c.Clause]) -> Accord:
        """Return the accord as it were without some rules; its words stay."""
        kept = tuple(clause for clause in self.clauses if clause not in dropped)
        return replace(self, clauses=kept)

    def place(self, cites: str) -> str:
        """Return a citation as one says it: ``article 21(3) (Duration)``."""
        citation = Citation.parse(cites)
        article = None if citation is None else self.document.article(citation.article)
        if article is None:
            return cites
        title = f" ({article.title})" if article.title else ""
        return f"{article.word} {cites}{title}"


def read_accord(raw: bytes, where: str = "") -> tuple[Accord | None, list[Finding]]:
    """Read an accord's bytes.

    Returns:
        The accord, or None where an error kept it from loading; and every finding, with
        its line, errors and warnings alike.
    """
    document = read_document(raw)
    findings = document.findings
    front = _front(document, findings)
    clauses = list(_clauses(document, findings))
    if front is not None:
        _twice(clauses, findings)
    located = [_at(finding, where) for finding in findings]
    errors = [f for f in located if f.severity is Severity.ERROR]
    if front is None or errors:
        return None, sorted(located)
    accord = Accord(
        id=front.id,
        digest=document.digest,
        title=document.title or front.id,
        front=front,
        document=document,
        clauses=tuple(clauses),
    )
    return accord, sorted(located)


def load_accord(raw: bytes, where: str = "") -> Accord:
    """Read an accord's bytes or raise.

    Raises:
        Unreadable: with every finding.
    """
    accord, findings = read_accord(raw, where)
    if accord is None:
        raise Unreadable(findings)
    return accord


def _at(finding: Finding, where: str) -> Finding:
    return replace(finding, where=where) if where and not finding.where else finding


def _front(document: Document, findings: list[Finding]) -> Front | None:
    given = document.front.values.get("format")
    if isinstance(given, str) and given != FORMAT and given.startswith("comity-accord/"):
        findings.append(
            Finding(
                line=document.front.line_of("format"),
                code="newer-format",
                message=f"the file's format is `{given}`; this version knows `{FORMAT}`",
                hint="read it with a newer Comity; until then it permits nothing",
            )
        )
        return None
    front = bind(Front, document.front, findings)
    if front is None:
        return None
    if front.format != FORMAT:
        findings.append(
            Finding(
                line=document.front.line_of("format"),
                code="bad-format",
                message=f"`{front.format}` is not a format of accords",
                hint=f'write `format = "{FORMAT}"`',
            )
        )
        return None
    for language in front.authentic:
        if language not in front.languages:
            findings.append(
                Finding(
                    line=document.front.line_of("authentic"),
                    code="unknown-language",
                    message=f"authentic language `{language}` is not among `languages`",
                    hint="add it to `languages`",
                )
            )
    needed = {
        "parties": len(set(front.parties)) >= 2,
        "authentic": bool(front.authentic),
        "languages": bool(front.languages),
    }
    for key, enough in needed.items():
        if not enough:
            findings.append(
                Finding(
                    line=document.front.line_of(key),
                    code="empty-list",
                    message=f"the front matter's `{key}` names too few",
                    hint="an accord has at least two parties and one authentic language",
                )
            )
    return front


def _clauses(document: Document, findings: list[Finding]) -> Iterator[c.Clause]:
    for article in document.articles:
        for block in article.blocks:
            for table in block.tables:
                kind = _kind(table, findings)
                if kind is None:
                    continue
                clause = bind(kind, table, findings)
                if clause is not None and _cited(
                    document, clause, article.number, findings
                ):
                    yield clause


def _kind(table: Table, findings: list[Finding]) -> type[c.Clause] | None:
    expected = c.MANY if table.many else c.SINGLE
    if table.name in expected:
        return expected[table.name]
    other = c.SINGLE if table.many else c.MANY
    shape = "[[{}]]" if table.many else "[{}]"
    right = "[{}]" if table.many else "[[{}]]"
    if table.name in other:
        hint = f"write `{right.format(table.name)}`"
    else:
        hint = "the tables are " + ", ".join(f"`{n}`" for n in (*c.SINGLE, *c.MANY))
    findings.append(
        Finding(
            line=table.line,
            code="unknown-table",
            message=f"`{shape.format(table.name)}` is not a rule of an accord",
            hint=hint,
        )
    )
    return None


def _cited(
    document: Document, clause: c.Clause, number: str, findings: list[Finding]
) -> bool:
    citation = Citation.parse(clause.cites)
    article = None if citation is None else document.article(citation.article)
    if citation is None or article is None:
        findings.append(
            Finding(
                line=clause.line,
                code="cites-nothing",
                message=f"the rule cites `{clause.cites}`, which is no place in this text",
                hint="cite the article and paragraph as printed: `21(3)`",
            )
        )
        return False
    if article.number != number:
        findings.append(
            Finding(
                line=clause.line,
                code="cites-elsewhere",
                message=f"the rule cites `{clause.cites}` but stands under article"
                f" `{number or 'none'}`",
                hint="move the block under the article that it was read from",
            )
        )
        return False
    for language in document_languages(document):
        if citation.lines_in(article, language) is None:
            findings.append(
                Finding(
                    line=clause.line,
                    code="cites-nothing",
                    message=f"no line of article `{number}` begins with the label that"
                    f" `{clause.cites}` cites (in `{language}`)",
                    hint="a paragraph's line begins with its label: `3.` or `(a)`",
                )
            )
            return False
    return True


def document_languages(document: Document) -> list[str]:
    """Return the authentic languages that the front matter names."""
    named = document.front.values.get("authentic")
    if not isinstance(named, list):
        return []
    return [item for item in named if isinstance(item, str)]


def _twice(clauses: Sequence[c.Clause], findings: list[Finding]) -> None:
    seen: dict[type[c.Clause], int] = {}
    for clause in clauses:
        kind = type(clause)
        if kind in c.SINGLE.values():
            if kind in seen:
                findings.append(
                    Finding(
                        line=clause.line,
                        code="rule-twice",
                        message=f"`[{c.NAMES[kind]}]` stands twice in this accord",
                        hint=f"it stands first on line {seen[kind]}; exceptions are"
                        " `[[exception]]`",
                    )
                )
            _ = seen.setdefault(kind, clause.line)


def amend(accord: Accord, raw: bytes, where: str = "") -> Accord:
    """Return the accord with whole articles replaced by an amendment's.

    Raises:
        Unreadable: the amendment cannot be read, or its base is another version.
    """
    document = read_document(raw)
    findings = document.findings
    front = bind(AmendmentFront, document.front, findings)
    if front is not None and front.base != accord.digest:
        findings.append(
            Finding(
                line=document.front.line_of("base"),
                code="other-base",
                message="the amendment is made for another version of the text",
                hint=f"`{accord.id}` has the digest {accord.digest}",
            )
        )
    if front is not None and front.format != AMENDMENT_FORMAT:
        findings.append(
            Finding(
                line=document.front.line_of("format"),
                code="bad-format",
                message=f"`{front.format}` is not a format of amendments",
                hint=f'write `format = "{AMENDMENT_FORMAT}"`',
            )
        )
    new = list(_clauses(document, findings))
    errors = [f for f in findings if f.severity is Severity.ERROR]
    if errors or front is None:
        raise Unreadable([_at(finding, where) for finding in findings])
    replaced = {article.number for article in document.articles if article.number}
    kept = [
        clause
        for clause in accord.clauses
        if (found := Citation.parse(clause.cites)) is None or found.article not in replaced
    ]
    merged = replace_articles(accord.document, document)
    result = replace(
        accord,
        clauses=(*kept, *new),
        document=merged,
        amended_by=(*accord.amended_by, document.digest),
    )
    _twice(result.clauses, findings)
    if findings:
        raise Unreadable([_at(finding, where) for finding in findings])
    return result


def replace_articles(base: Document, amendment: Document) -> Document:
    """Return the base document with the amendment's articles in place of its own."""
    new = {article.number: article for article in amendment.articles if article.number}
    articles = [new.pop(article.number, article) for article in base.articles]
    return Document(base.raw, base.front, base.title, [*articles, *new.values()])
