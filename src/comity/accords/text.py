"""The canonical file form: an accord's text as opaque lines, articles and rule blocks.

Only ``#`` headings and ```` ```toml comity ```` fences that begin in the first column are
structure. All other lines are the agreement's own words and are kept, printed and hashed
as they stand, with their own numbers: what you see is what you sign. The identity of a
version is the SHA-256 of the file's bytes. See ``docs/formats/accord.md``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from comity.accords.toml import Table, read_tables
from comity.errors import Finding, Severity

FILE_BYTES_MAX = 2 * 1024 * 1024  # the longest treaties have some hundred thousand words
FENCE = "```toml comity"
FRONT = "+++"

_HEADING = re.compile(r"(#{1,6}) (\S.*)")
_ARTICLE = re.compile(r"## (Article|Paragraph|Section|Clause) (\d+[A-Za-z]*)\.(?: (.*))?")
_LANGUAGE = re.compile(r"### ([a-z]{2,3})")
_LABEL = re.compile(r"\s*(?:\((\d+|[a-z]{1,4})\)|(\d+)\.)(?:\s|$)")
_CITE = re.compile(r"(\d+[A-Za-z]*)((?:\((?:\d+|[a-z]{1,4})\))*)")
_SETEXT = re.compile(r"(=+|-+)\s*")
_HTML = re.compile(r"<[A-Za-z!/?]")
_LINK = re.compile(r"\]\(|\]\[|^\s*\[[^\]]+\]:")
_BIDI = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_ZERO_WIDTH = frozenset("\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff")


@dataclass(slots=True)
class Block:
    """One fenced ``toml comity`` block under an article."""

    line: int
    tables: list[Table]


@dataclass(slots=True)
class Article:
    """An article as people read it, and the blocks of rules under it.

    Attributes:
        number: as printed, ``"21"`` or ``"3bis"``; empty for the preamble.
        title: the rest of the heading.
        line: the heading's line.
        word: what the text calls it: ``article``, ``paragraph``, ``section``, ``clause``.
        prose: (line number, line) of the words, by language; the file's first language
            comes first.
        blocks: the rules read from those words.
    """

    number: str
    title: str
    line: int
    word: str = "article"
    prose: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def words(self, language: str | None = None) -> str:
        """Return the article's own words in a language, or in the file's first one."""
        key = language if language is not None else next(iter(self.prose), "")
        return "\n".join(line for _, line in self.prose.get(key, [])).strip("\n")


@dataclass(slots=True)
class Document:
    """A file in canonical form, read.

    Attributes:
        raw: the bytes as they came.
        front: the front matter's keys.
        title: the first-level heading.
        articles: the preamble (number ``""``) first, then in the file's order.
        findings: all that is wrong so far, with lines.
    """

    raw: bytes
    front: Table
    title: str = ""
    articles: list[Article] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return the version's identity: ``sha256:`` and the digest of the bytes."""
        return digest(self.raw)

    @property
    def text_digest(self) -> str:
        """Return the digest of the words alone, without rules and front matter."""
        kept = [self.title]
        for article in self.articles:
            kept.append(f"{article.number} {article.title}".strip())
            for language in article.prose:
                kept.append(article.words(language))
        return digest("\n".join(kept).encode())

    def article(self, number: str) -> Article | None:
        """Return the article of that number."""
        return next((a for a in self.articles if a.number == number), None)

    def __str__(self) -> str:
        """Print the document: the very text that was read."""
        return self.raw.decode()


def digest(raw: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal digest."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def read_document(raw: bytes, language: str = "en") -> Document:
    """Read a file's bytes; every problem is in ``findings``, none is thrown.

    Args:
        raw: the whole file.
        language: of the text before any ``###`` language heading, unless the front
            matter's ``languages`` names one.
    """
    document = Document(raw, Table("", many=False, line=1))
    text = _decode(raw, document.findings)
    if text is None:
        return document
    _check_characters(text, document.findings)
    lines = text.split("\n")
    if lines[-1] == "":
        _ = lines.pop()
    _Splitter(document, language).split(lines)
    return document


def _decode(raw: bytes, findings: list[Finding]) -> str | None:
    if len(raw) > FILE_BYTES_MAX:
        findings.append(
            Finding(
                code="file-too-large",
                message=f"the file has {len(raw):,} bytes",
                hint=f"an accord has at most {FILE_BYTES_MAX:,}; keep annexes apart",
            )
        )
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        findings.append(
            Finding(
                line=line,
                code="not-utf-8",
                message=f"byte {error.start} is not UTF-8",
                hint="save the file as UTF-8 without a byte order mark",
            )
        )
        return None


def _check_characters(text: str, findings: list[Finding]) -> None:
    """Refuse what is not in canonical form; nothing is normalised in silence."""

    def find(line: int, code: str, message: str, hint: str) -> None:
        findings.append(Finding(line=line, code=code, message=message, hint=hint))

    mend = "`comity format FILE` mends this"
    if not text.endswith("\n"):
        find(text.count("\n") + 1, "no-final-newline", "the last line has no end", mend)
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip():
            find(number, "trailing-space", "the line ends in white space", mend)
        for code, message, hint in _line_problems(line):
            find(number, code, message, hint)


def _line_problems(line: str) -> list[tuple[str, str, str]]:
    if line.isascii() and line.isprintable():
        return []
    found: list[tuple[str, str, str]] = []
    if not unicodedata.is_normalized("NFC", line):
        found.append(
            (
                "not-nfc",
                "the line is not in Unicode NFC",
                "type the words again as they are meant: normalising would change"
                " characters, so nothing here does it for you",
            )
        )
    for char in sorted(set(line)):
        code = f"U+{ord(char):04X}"
        if char == "\t":
            found.append(("tab", "the line has a tab", "`comity format FILE` mends this"))
        elif char in _BIDI:
            found.append(
                (
                    "bidi-control",
                    f"the line has {code}, which turns text round",
                    "delete it",
                )
            )
        elif char in _ZERO_WIDTH:
            found.append(
                (
                    "zero-width",
                    f"the line has {code}, which cannot be seen",
                    "delete it",
                )
            )
        elif unicodedata.category(char) in ("Cc", "Cs", "Co", "Zl", "Zp"):
            found.append(
                ("control", f"the line has the control character {code}", "delete it")
            )
        elif unicodedata.category(char) == "Nd" and not char.isascii():
            found.append(
                ("digit", f"the line has the digit {code}", "write digits as 0 to 9")
            )
    return found


class _Splitter:
    """Splits lines into front matter, articles, prose and blocks, in one pass."""

    def __init__(self, document: Document, language: str) -> None:
        self._document = document
        self._language = language
        self._first_language = language
        self._article = Article("", "preamble", 1)

    def split(self, lines: list[str]) -> None:
        start = self._front(lines)
        languages = self._document.front.values.get("languages")
        if isinstance(languages, list) and languages and isinstance(languages[0], str):
            self._first_language = self._language = languages[0]
        self._document.articles.append(self._article)
        number = start
        while number < len(lines):
            line = lines[number]
            if line.startswith(FENCE[:3]):
                number = self._block(lines, number)
            else:
                self._line(line, number + 1)
            number += 1

    def _front(self, lines: list[str]) -> int:
        if not lines or lines[0] != FRONT:
            self._find(
                1,
                "no-front-matter",
                f"the file does not begin with a `{FRONT}` line",
                f"put format, id, languages and zone between two `{FRONT}` lines",
            )
            return 0
        for number in range(1, len(lines)):
            if lines[number] == FRONT:
                tables = read_tables(lines[1:number], 2, self._document.findings)
                for table in tables:
                    if table.name:
                        self._find(
                            table.line,
                            "bad-front-matter",
                            f"the front matter has a table `[{table.name}]`",
                            "put rules in a block under their article",
                        )
                    else:
                        self._document.front = table
                return number + 1
        self._find(
            1,
            "no-front-matter",
            f"the front matter is not closed by a `{FRONT}` line",
            f"close it with `{FRONT}`",
        )
        return len(lines)

    def _block(self, lines: list[str], start: int) -> int:
        """Read a fence; return the index of its last line."""
        if lines[start].rstrip() != FENCE:
            self._find(
                start + 1,
                "foreign-fence",
                f"`{lines[start][:40]}` opens a fence that is not `toml comity`",
                "indent the words by four spaces, or write the rule block's fence",
            )
        for number in range(start + 1, len(lines)):
            if lines[number] == "```":
                if lines[start].rstrip() == FENCE:
                    body = lines[start + 1 : number]
                    tables = read_tables(body, start + 2, self._document.findings)
                    self._article.blocks.append(Block(start + 1, tables))
                return number
            if lines[number].startswith("## ") and _ARTICLE.fullmatch(lines[number]):
                break
        self._find(
            start + 1,
            "unclosed-fence",
            "the fence that opens here is not closed before the next article",
            "close it with a line of three backticks",
        )
        return start

    def _line(self, line: str, number: int) -> None:
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            self._heading(line, heading[1], heading[2], number)
            return
        for code, message, hint in _structure_problems(line):
            self._find(number, code, message, hint)
        prose = self._article.prose.setdefault(self._language, [])
        prose.append((number, line))

    def _heading(self, line: str, marks: str, title: str, number: int) -> None:
        language = _LANGUAGE.fullmatch(line)
        article = _ARTICLE.fullmatch(line)
        if language is not None:
            self._language = language[1]
            known = self._document.front.values.get("languages")
            if not isinstance(known, list) or language[1] not in known:
                self._find(
                    number,
                    "unknown-language",
                    f"`{language[1]}` is not among the front matter's `languages`",
                    "add it there, or mend the heading",
                )
        elif article is not None:
            self._language = self._first_language
            if self._document.article(article[2]) is not None:
                self._find(
                    number,
                    "article-twice",
                    f"article `{article[2]}` stands twice",
                    "number articles once",
                )
            self._article = Article(
                article[2], article[3] or "", number, article[1].lower()
            )
            self._document.articles.append(self._article)
        elif marks == "#" and not self._document.title:
            self._document.title = title
        else:
            self._find(
                number,
                "bad-heading",
                f"`{line[:60]}` is no title, article or language",
                "write `## Article 7. Personnel access`; one `#` title in a file",
            )

    def _find(self, line: int, code: str, message: str, hint: str) -> None:
        self._document.findings.append(
            Finding(line=line, code=code, message=message, hint=hint)
        )


def _structure_problems(line: str) -> list[tuple[str, str, str]]:
    """What a Markdown reader would show otherwise than it stands here."""
    plain = "the words are opaque lines here; write them as plain text"
    found: list[tuple[str, str, str]] = []
    if _HTML.search(line):
        found.append(("raw-html", "the line has what Markdown takes for HTML", plain))
    if _LINK.search(line):
        found.append(("link", "the line has a Markdown link or image", plain))
    if _SETEXT.fullmatch(line):
        found.append(("setext", "the line underlines the one above as a heading", plain))
    if line.lstrip().startswith(("```", "~~~")):
        found.append(("foreign-fence", "the line opens a fence", plain))
    return found


def canonical(raw: bytes) -> tuple[bytes, list[Finding]]:
    """Return the bytes in canonical form as far as that changes no word.

    Line ends become LF, a byte order mark goes, tabs become spaces, trailing white space
    goes, the file ends with one line end. Characters are never normalised: what stays
    wrong is in the findings.
    """
    text = _decode(raw.removeprefix(b"\xef\xbb\xbf"), findings := [])
    if text is None:
        return raw, findings
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = "\n".join(line.expandtabs(4).rstrip() for line in lines).rstrip("\n") + "\n"
    result = kept.encode()
    return result, read_document(result).findings


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in the text: ``21(3)``, ``4(1)(a)``, ``7``."""

    article: str
    labels: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Citation | None:
        """Read a citation; None when it has no such form."""
        found = _CITE.fullmatch(text)
        if found is None:
            return None
        return cls(found[1], tuple(re.findall(r"\(([^)]+)\)", found[2])))

    def lines_in(self, article: Article, language: str) -> list[tuple[int, str]] | None:
        """Return the lines cited, or None when a label stands in no line.

        A paragraph runs from the line that begins with its label, ``3.``, ``(3)`` or
        ``(a)``, to the line before the next label of its own or an outer kind.
        """
        lines = article.prose.get(language, [])
        for depth, label in enumerate(self.labels):
            start = _label_at(lines, label)
            if start is None:
                return None
            outer = self.labels[: depth + 1]
            stop = next(
                (
                    place
                    for place in range(start + 1, len(lines))
                    if _same_kind(_label(lines[place][1]), outer)
                ),
                len(lines),
            )
            lines = lines[start:stop]
        return [pair for pair in lines if pair[1].strip()]


def _label(line: str) -> str | None:
    found = _LABEL.match(line)
    return None if found is None else found[1] or found[2]


def _label_at(lines: list[tuple[int, str]], label: str) -> int | None:
    for place, (_, line) in enumerate(lines):
        if _label(line) == label:
            return place
    return None


def _same_kind(label: str | None, outer: tuple[str, ...]) -> bool:
    """A number ends a paragraph of numbers, a letter one of letters."""
    return label is not None and any(label.isdigit() == o.isdigit() for o in outer)


def words_digest(document: Document, cites: str) -> str | None:
    """Return the digest of the cited words over all authentic languages.

    None when the citation matches no line. The translation of an article that is not
    authentic does not enter: it may change without making a rule stale.
    """
    citation = Citation.parse(cites)
    article = None if citation is None else document.article(citation.article)
    if citation is None or article is None:
        return None
    authentic = document.front.values.get("authentic")
    languages = (
        [item for item in authentic if isinstance(item, str)]
        if isinstance(authentic, list)
        else list(article.prose)[:1]
    )
    kept: list[str] = []
    for language in languages:
        lines = citation.lines_in(article, language)
        if lines is None:
            return None
        kept.append(language)
        kept.extend(line for _, line in lines)
    return digest("\n".join(kept).encode())


def warning(line: int, code: str, message: str, hint: str) -> Finding:
    """Return a finding that does not keep the file from loading."""
    return Finding(
        line=line, code=code, severity=Severity.WARNING, message=message, hint=hint
    )
