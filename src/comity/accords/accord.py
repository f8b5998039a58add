"""The accord: an identity, its parties, its clauses, and the words they came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar, cast

from comity.accords import clauses as c
from comity.accords.binding import bind
from comity.accords.text import Article, Citation, Document, read_document
from comity.accords.times import Zone
from comity.accords.toml import Table
from comity.errors import Finding, Severity, Unreadable

FORMAT = "comity-accord/1"
AMENDMENT_FORMAT = "comity-amendment/1"
RULES_MAX = (
    2000  # the richest agreement here has some thirty; checks compare rule with rule
)

C = TypeVar("C", bound=c.Clause)


class Law(StrEnum):
    """What governs an accord beside its own words."""

    VCLT = "vclt"
    """The Vienna Convention on the Law of Treaties: written treaties between States."""
    CONTRACT = "contract"
    """A contract, under the law it names."""
    POLITICAL = "political"
    """A political arrangement: no legal bond, and no default rule."""
    STATUTE = "statute"
    """A legislature's act, to which accords may be tied; it permits nothing by itself."""


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
        base: the digest of the accord's bytes that it amends, or of the amendment that it
            builds on; a list where it builds on several.
        languages, authentic: as in an accord.
    """

    format: str
    id: str
    base: str | tuple[str, ...]
    languages: tuple[str, ...]
    authentic: tuple[str, ...]

    @property
    def bases(self) -> tuple[str, ...]:
        """The digests that it builds on."""
        return (self.base,) if isinstance(self.base, str) else self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An amendment as read from its file; `amend` makes it part of an accord."""

    digest: str
    front: AmendmentFront
    document: Document
    clauses: tuple[c.Clause, ...]

    @property
    def articles(self) -> frozenset[str]:
        """The articles whose words and rules it replaces."""
        return frozenset(a.number for a in self.document.articles if a.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accord:
    """An agreement as read from its file; equal bytes are equal accords.

    Attributes:
        digest: the version's identity, over the file's bytes.
        clauses: in the file's order.
        amendments: those applied, in order. A rule that is not theirs has no line then:
            lines are those of the last amendment's file.
        where: the file it was read from; empty where a text has none.
    """

    id: str
    digest: str
    title: str
    front: Front
    document: Document
    clauses: tuple[c.Clause, ...]
    amendments: tuple[Amendment, ...] = ()
    where: str = ""
    _by_kind: dict[type[c.Clause], tuple[c.Clause, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __hash__(self) -> int:
        """Hash by identity of the version and the number of its rules."""
        return hash((self.digest, self.amended_by, len(self.clauses)))

    def __eq__(self, other: object) -> bool:
        """Compare the bytes' digests, those of the amendments, and the clauses."""
        if not isinstance(other, Accord):
            return NotImplemented
        mine = (self.digest, self.amended_by, self.clauses)
        return mine == (other.digest, other.amended_by, other.clauses)

    @property
    def amended_by(self) -> tuple[str, ...]:
        """The digests of the amendments applied, in order."""
        return tuple(amendment.digest for amendment in self.amendments)

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
        found = self._by_kind.get(kind)
        if found is None:
            found = tuple(clause for clause in self.clauses if isinstance(clause, kind))
            self._by_kind[kind] = found
        return cast("tuple[C, ...]", found)

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
        return self.document.place(cites)


def read_accord(raw: bytes, where: str = "") -> tuple[Accord | None, list[Finding]]:
    """Read an accord's bytes.

    Returns:
        The accord, or None where an error kept it from loading; and every finding, with
        its line, errors and warnings alike.
    """
    document = read_document(raw)
    findings = document.findings
    front: Front | None = None
    clauses: list[c.Clause] = []
    if document.articles:
        front = _front(document, findings)
        if not any(
            f.code == "newer-format" for f in findings
        ):  # its rules may be newer too
            clauses = _clauses(document, findings)
    located = sorted(_at(findings, where))
    if front is None or any(f.severity is Severity.ERROR for f in located):
        return None, located
    accord = Accord(
        id=front.id,
        digest=document.digest,
        title=document.title or front.id,
        front=front,
        document=document,
        clauses=tuple(clauses),
        where=where,
    )
    return accord, located


def load_accord(raw: bytes, where: str = "") -> Accord:
    """Read an accord's bytes or raise.

    Raises:
        Unreadable: with every finding.
    """
    accord, findings = read_accord(raw, where)
    if accord is None:
        raise Unreadable(findings)
    return accord


def _at(findings: Sequence[Finding], where: str) -> list[Finding]:
    return [replace(f, where=f.where or where) for f in dict.fromkeys(findings)]


def _front(document: Document, findings: list[Finding]) -> Front | None:
    """Return the front matter, or None where it is missing or not to be understood."""
    table = document.front
    if not table.lines and any(f.code == "no-front-matter" for f in findings):
        return None
    given = table.values.get("format")
    newer = re.fullmatch(
        r"comity-accord/([0-9]{1,9})", given if isinstance(given, str) else ""
    )
    if newer is not None and int(newer[1]) > int(FORMAT.rpartition("/")[2]):
        findings.append(
            Finding(
                line=table.line_of("format"),
                code="newer-format",
                message=f"the file's format is `{given}`; this version knows `{FORMAT}`",
                hint="read it with a newer Comity; until then it permits nothing",
            )
        )
        return None
    if given == AMENDMENT_FORMAT:
        findings.append(
            Finding(
                line=table.line_of("format"),
                code="bad-format",
                message="the file is an amendment, no accord",
                hint="check the folder of its world: it is tried there on what it amends",
            )
        )
        return None
    front = bind(Front, table, findings)
    _format(table, FORMAT, "accords", findings)
    _languages(table, findings)
    parties = table.values.get("parties")
    if isinstance(parties, list) and len({str(party) for party in parties}) < 2:
        findings.append(_too_few(table, "parties"))
    return front


def _format(table: Table, wanted: str, what: str, findings: list[Finding]) -> None:
    given = table.values.get("format")
    if isinstance(given, str) and given.strip() and given != wanted:
        findings.append(
            Finding(
                line=table.line_of("format"),
                code="bad-format",
                message=f"`{given}` is not a format of {what}",
                hint=f'write `format = "{wanted}"`',
            )
        )


def _languages(table: Table, findings: list[Finding]) -> None:
    known, authentic = table.values.get("languages"), table.values.get("authentic")
    findings += [
        _too_few(table, key)
        for key, said in (("languages", known), ("authentic", authentic))
        if said == []
    ]
    if isinstance(known, list) and isinstance(authentic, list):
        findings += [
            Finding(
                line=table.line_of("authentic"),
                code="unknown-language",
                message=f"authentic language `{language}` is not among `languages`",
                hint="add it to `languages`",
            )
            for language in authentic
            if language not in known
        ]


def _too_few(table: Table, key: str) -> Finding:
    return Finding(
        line=table.line_of(key),
        code="empty-list",
        message=f"the front matter's `{key}` names too few",
        hint="an accord has at least two parties and one authentic language",
    )


def _clauses(document: Document, findings: list[Finding]) -> list[c.Clause]:
    """Return the rules that bind and cite what stands there; the rest is in the findings."""
    kept: list[c.Clause] = []
    numbers = {article.number for article in document.articles}
    tables = [
        (article, table)
        for article in document.articles
        for block in article.blocks
        for table in block.tables
    ]
    if len(tables) > RULES_MAX:
        findings.append(
            Finding(
                line=tables[RULES_MAX][1].line,
                code="too-many-rules",
                message=f"the file has {len(tables)} rules",
                hint=f"an accord has at most {RULES_MAX}; rules from there on are not read",
            )
        )
    for article, table in tables[:RULES_MAX]:
        kind = _kind(table, findings)
        if kind is None:
            continue
        clause = bind(kind, table, findings)
        right = _cited(document, numbers, table, article, findings)
        if clause is not None and right:
            kept.append(clause)
    said_already = {f.line for f in findings if f.code == "table-twice"}
    single = [table for _, table in tables if not table.many]
    _twice([(t.name, t.line) for t in single if t.line not in said_already], findings)
    return kept


def _kind(table: Table, findings: list[Finding]) -> type[c.Clause] | None:
    expected = c.MANY if table.many else c.SINGLE
    if table.name in expected:
        return expected[table.name]
    other = c.SINGLE if table.many else c.MANY
    shape = "[[{}]]" if table.many else "[{}]"
    right = "[{}]" if table.many else "[[{}]]"
    message = f"`{shape.format(table.name)}` is not a rule of an accord"
    hint = "the tables are " + ", ".join(f"`{n}`" for n in (*c.SINGLE, *c.MANY))
    if table.name in other:
        hint = f"write `{right.format(table.name)}`"
    if not table.name:
        message = "a key stands before any table of its block"
    findings.append(
        Finding(line=table.line, code="unknown-table", message=message, hint=hint)
    )
    return None


def _cited(
    document: Document,
    numbers: set[str],
    table: Table,
    article: Article,
    findings: list[Finding],
) -> bool:
    """Say whether a rule cites words of the article it stands under, or add a finding."""

    def find(code: str, message: str, hint: str) -> bool:
        findings.append(Finding(line=line, code=code, message=message, hint=hint))
        return False

    cites, line = table.values.get("cites"), table.line_of("cites")
    if not isinstance(cites, str) or not cites.strip():
        return False  # found already, when it was bound
    citation = Citation.parse(cites)
    number = article.number
    if citation is None or citation.article not in numbers:
        return find(
            "cites-nothing",
            f"the rule cites `{cites}`, which is no place in this text",
            "cite the article and paragraph as printed: `21(3)`",
        )
    if citation.article != number:
        return find(
            "cites-elsewhere",
            f"the rule cites `{cites}` but stands under article `{number or 'none'}`",
            "move the block under the article that it was read from",
        )
    for language in document_languages(document):
        lines = citation.lines_in(article, language)
        if lines is None:
            return find(
                "cites-nothing",
                f"no line of article `{number}` begins with the label that"
                f" `{cites}` cites (in `{language}`)",
                "a paragraph's line begins with its label: `3.` or `(a)`",
            )
        if not lines:
            return find(
                "cites-nothing",
                f"article `{number}` has no words in `{language}`, which is authentic",
                f"write them under `### {language}`; a rule without words does not load",
            )
    return True


def document_languages(document: Document) -> list[str]:
    """Return the authentic languages that the front matter names."""
    named = document.front.values.get("authentic")
    if not isinstance(named, list):
        return []
    return [item for item in named if isinstance(item, str)]


def _twice(said: Iterable[tuple[str, int]], findings: list[Finding]) -> None:
    """Find tables that stand once and are said again, from their names and lines."""
    seen: dict[str, int] = {}
    for name, line in said:
        if name not in c.SINGLE:
            continue
        if name in seen:
            first = f"on line {seen[name]}" if seen[name] else "in an article that stays"
            findings.append(
                Finding(
                    line=line,
                    code="rule-twice",
                    message=f"`[{name}]` stands twice in this accord",
                    hint=f"it stands first {first}; exceptions are `[[exception]]`",
                )
            )
        _ = seen.setdefault(name, line)


def read_amendment(raw: bytes, where: str = "") -> tuple[Amendment | None, list[Finding]]:
    """Read an amendment's bytes: a file of its own, whole articles with their rules.

    Returns:
        The amendment, or None where an error kept it from loading; and every finding.
    """
    document = read_document(raw)
    findings = document.findings
    front: AmendmentFront | None = None
    clauses: list[c.Clause] = []
    table = document.front
    if document.articles:
        if table.lines or not any(f.code == "no-front-matter" for f in findings):
            front = bind(AmendmentFront, table, findings)
        _format(table, AMENDMENT_FORMAT, "amendments", findings)
        _languages(table, findings)
        clauses = _clauses(document, findings)
        if table.values.get("base") == []:
            findings.append(_other_base(table, "it names none"))
        if len(document.articles) == 1:
            findings.append(
                Finding(
                    code="empty-list",
                    message="the amendment has no article, so it changes nothing",
                    hint="write the articles that it replaces, whole",
                )
            )
    located = sorted(_at(findings, where))
    if front is None or any(f.severity is Severity.ERROR for f in located):
        return None, located
    amendment = Amendment(
        digest=document.digest, front=front, document=document, clauses=tuple(clauses)
    )
    return amendment, located


def _other_base(table: Table, hint: str) -> Finding:
    return Finding(
        line=table.line_of("base"),
        code="other-base",
        message="the amendment is made for another version of the text",
        hint=hint,
    )


def amend(accord: Accord, raw: bytes, where: str = "") -> Accord:
    """Return the accord with whole articles replaced by an amendment's.

    An amendment that is part of the version already changes nothing. Two from one base
    that touch one article conflict, unless the later one names the earlier as its base.

    Raises:
        Unreadable: the amendment cannot be read, its base is another version, it
            conflicts with an earlier one, or the rules no longer go together.
    """
    amendment, findings = read_amendment(raw, where)
    if amendment is None:
        raise Unreadable(findings)
    if amendment.digest in accord.amended_by:
        return accord
    wrong = [*_foreign(accord, amendment), *_conflicts(accord, amendment)]
    document = replace_articles(accord.document, amendment.document)
    kept = [
        replace(clause, line=0)
        for clause in accord.clauses
        if (found := Citation.parse(clause.cites)) is None
        or found.article not in amendment.articles
    ]
    places = {article.number: place for place, article in enumerate(document.articles)}

    def place(clause: c.Clause) -> int:
        found = Citation.parse(clause.cites)
        return -1 if found is None else places.get(found.article, -1)

    clauses = [*kept, *amendment.clauses]
    _twice([(c.NAMES[type(clause)], clause.line) for clause in clauses], wrong)
    if wrong:
        raise Unreadable(sorted(_at(wrong, where)))
    return replace(
        accord,
        clauses=tuple(sorted(clauses, key=place)),
        document=document,
        amendments=(*accord.amendments, amendment),
    )


def _foreign(accord: Accord, amendment: Amendment) -> Iterator[Finding]:
    """Say where an amendment is not one of this accord's version."""
    table = amendment.document.front
    known = {accord.digest, *accord.amended_by}
    if not set(amendment.front.bases) <= known:
        applied = "".join(f", amended by {digest}" for digest in accord.amended_by)
        yield _other_base(table, f"`{accord.id}` has the digest {accord.digest}{applied}")
    if amendment.front.authentic != accord.front.authentic:
        listed = ", ".join(f'"{language}"' for language in accord.front.authentic)
        yield Finding(
            line=table.line_of("authentic"),
            code="unknown-language",
            message="the amendment's authentic languages are not those of the accord",
            hint=f"write `authentic = [{listed}]`",
        )


def _conflicts(accord: Accord, amendment: Amendment) -> Iterator[Finding]:
    """Say which earlier amendments touch its articles and are not among what it builds on."""
    earlier = {one.digest: one for one in accord.amendments}
    built_on: set[str] = set()
    waiting = list(amendment.front.bases)
    while waiting:
        digest = waiting.pop()
        if digest in earlier and digest not in built_on:
            built_on.add(digest)
            waiting += earlier[digest].front.bases
    for one in accord.amendments:
        if one.digest in built_on:
            continue
        for article in amendment.document.articles:
            if article.number in one.articles:
                yield Finding(
                    line=article.line,
                    code="conflicting-amendments",
                    message=f"article `{article.number}` was changed by the amendment"
                    f" `{one.front.id}` too, and neither builds on the other",
                    hint="where this one was written with that one before it, name it as"
                    f' its base: `base = "{one.digest}"`, in a list if there are several',
                )


def replace_articles(base: Document, amendment: Document) -> Document:
    """Return the base document with the amendment's articles in place of its own."""
    new = {article.number: article for article in amendment.articles if article.number}
    articles = [new.pop(article.number, article) for article in base.articles]
    return Document(base.raw, base.front, base.title, [*articles, *new.values()])
