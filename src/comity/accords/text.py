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
from html.entities import html5
from typing import TypeAlias

from comity.accords.toml import Table, read_tables, unseen
from comity.errors import Finding, Severity

FILE_BYTES_MAX = 2 * 1024 * 1024  # the longest treaties have some hundred thousand words
FENCE = "```toml comity"
FRONT = "+++"
BYTE_ORDER_MARK = "\ufeff"

MEND = "`comity format FILE` mends this"

_HEADING = re.compile(r"(#{1,6}) (\S.*)")
_LIKE_HEADING = re.compile(r"[\s>*+-]*(?:\d+[.)]\s+)?#{1,6}(?:\s|$)")
_ARTICLE = re.compile(
    r"## (Article|Paragraph|Section|Clause) ([1-9]\d*[A-Za-z]*)\.(?: (.*))?"
)
_LANGUAGE = re.compile(r"### ([a-z]{2,3})")
_FRONT_LINE = re.compile(r"\s*(?:$|#(?!#)|\[|[A-Za-z_][A-Za-z0-9_-]*\s*=)")
_LABEL = re.compile(r"\s*(?:\((\d{1,4}[a-z]*|[a-z]{1,7})\)|(\d{1,4}[a-z]*)(\.))(?:\s|$)")
_CITE = re.compile(r"(\d+[A-Za-z]*)((?:\((?:\d{1,4}[a-z]*|[a-z]{1,7})\))*)", re.ASCII)
_SETEXT = re.compile(r"[\s>]*(=+|-+)\s*")
_HTML = re.compile(r"<[A-Za-z!/?]|&#\d+;|&#[xX][0-9A-Fa-f]+;")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*;)")
_LINK = re.compile(r"\](?:\s*:|[(\[])")
_ROMAN = {
    ten + one: 10 * tens + ones
    for tens, ten in enumerate(("", "x", "xx", "xxx"))
    for ones, one in enumerate(("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    if ten or one
}


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
    _passages: dict[str, Passages] = field(default_factory=dict, repr=False, compare=False)

    def words(self, language: str | None = None) -> str:
        """Return the article's own words in a language, or in the file's first one."""
        key = language if language is not None else next(iter(self.prose), "")
        return "\n".join(line for _, line in self.prose.get(key, [])).strip("\n")

    def passage(
        self, labels: tuple[str, ...], language: str
    ) -> list[tuple[int, str]] | None:
        """Return the lines under a path of labels; None where no line bears the last one.

        Blank lines are left out. The empty path has every line.
        """
        if language not in self._passages:
            self._passages[language] = _outline(self.prose.get(language, []))
        return self._passages[language].get(labels)


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
        kept = [f"# {self.title}"]
        for article in self.articles:
            heading = f"{article.word} {article.number}. {article.title}"
            kept.append(f"## {heading.strip()}")  # no line of prose begins so
            for language in article.prose:
                kept += [f"### {language}", article.words(language)]
        return digest("\n".join(kept).encode())

    def article(self, number: str) -> Article | None:
        """Return the article of that number."""
        return next((a for a in self.articles if a.number == number), None)

    def place(self, cites: str) -> str:
        """Return a citation as one says it: ``article 21(3) (Duration)``."""
        citation = Citation.parse(cites)
        article = None if citation is None else self.article(citation.article)
        if article is None:
            return cites
        title = f" ({article.title})" if article.title else ""
        return f"{article.word} {cites}{title}"

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
    # What is no structure because of a stray character would be a second finding for it.
    lines = [line.rstrip() for line in text.removeprefix(BYTE_ORDER_MARK).split("\n")]
    if lines[-1] == "":
        _ = lines.pop()
    _Splitter(document, language).split(lines)
    document.findings[:] = dict.fromkeys(document.findings)
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

    if text.startswith(BYTE_ORDER_MARK):
        find(1, "zero-width", "the file begins with a byte order mark", MEND)
    lines = text.removeprefix(BYTE_ORDER_MARK).split("\n")
    if lines[-1]:
        find(len(lines), "no-final-newline", "the last line has no end", MEND)
    elif len(lines) > 1 and not lines[-2].strip():
        last = next(
            (n for n, line in enumerate(reversed(lines)) if line.strip()), len(lines)
        )
        first = len(lines) - last + 1
        find(first, "trailing-space", "the file ends in empty lines", MEND)
    for number, line in enumerate(lines, start=1):
        for code, message, hint in _line_problems(line):
            find(number, code, message, hint)


def _line_problems(line: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if line.endswith("\r"):
        found.append(("control", "the line ends in CR LF", MEND))
        line = line[:-1]
    if line != line.rstrip():
        found.append(("trailing-space", "the line ends in white space", MEND))
    if line.isascii() and line.isprintable():
        return found
    if not unicodedata.is_normalized("NFC", line):
        hint = "type the words again as they are meant: normalising would change characters"
        found.append(("not-nfc", "the line is not in Unicode NFC", hint))
    if "\t" in line:
        found.append(("tab", "the line has a tab", MEND))
    found += [
        ("digit", f"the line has the digit U+{ord(char):04X}", "write digits as 0 to 9")
        for char in sorted(set(line))
        if unicodedata.category(char) == "Nd" and not char.isascii()
    ]
    return found + unseen(line)


def is_plain(words: str) -> bool:
    """Say whether words could stand in a line of a file in canonical form."""
    return "\n" not in words and not _line_problems(words)


def is_prose(words: str) -> bool:
    """Say whether words could stand in a line of prose, after others, and mean themselves."""
    return is_plain(words) and not _structure_problems(words)


class Unread(Document):
    """A document whose bytes are known to be right, read when somebody first asks for more."""

    __slots__ = ()

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> object:
        """Read the bytes; called only for what is not there yet."""
        if name not in Document.__slots__:
            raise AttributeError(name)
        read = read_document(self.raw)
        self.front, self.title = read.front, read.title
        self.articles, self.findings = read.articles, read.findings
        return getattr(self, name)


class _Splitter:
    """Splits lines into front matter, articles, prose and blocks, in one pass."""

    def __init__(self, document: Document, language: str) -> None:
        self._document = document
        self._language = language
        self._first_language = language
        self._article = Article("", "preamble", 1)
        self._numbers: set[str] = set()

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
        """Read the front matter; return the index of the first line after it."""
        if not lines or lines[0] != FRONT:
            self._find(
                1,
                "no-front-matter",
                f"the file does not begin with a `{FRONT}` line",
                f"put format, id, languages and zone between two `{FRONT}` lines; of a world"
                " give the folder",
            )
            return 0
        closed = lines.index(FRONT, 1) if FRONT in lines[1:] else None
        stop = closed
        if stop is None:
            self._find(
                1,
                "no-front-matter",
                f"the front matter is not closed by a `{FRONT}` line",
                f"close it with `{FRONT}`",
            )
            stop = next(
                (n for n in range(1, len(lines)) if not _FRONT_LINE.match(lines[n])),
                len(lines),
            )
        for table in read_tables(lines[1:stop], 2, self._document.findings):
            if table.name:
                self._find(
                    table.line,
                    "bad-front-matter",
                    f"the front matter has a table `[{table.name}]`",
                    "put rules in a block under their article",
                )
            else:
                self._document.front = table
        return stop if closed is None else stop + 1

    def _block(self, lines: list[str], start: int) -> int:
        """Read a fence; return the index of its last line."""
        ours = lines[start] == FENCE
        if not ours:
            self._find(
                start + 1,
                "foreign-fence",
                f"`{lines[start][:40]}` opens a fence that is not `toml comity`",
                f"write the words as plain text, or open a rule block with `{FENCE}`",
            )
        stop = next(
            (
                number
                for number in range(start + 1, len(lines))
                if lines[number] in ("```", FENCE) or _ARTICLE.fullmatch(lines[number])
            ),
            len(lines),
        )
        closed = stop < len(lines) and lines[stop] == "```"
        if not closed:
            self._find(
                start + 1,
                "unclosed-fence",
                "the fence that opens here is not closed before the next one or the next"
                " article",
                "close it with a line of three backticks",
            )
        if ours:
            tables = read_tables(
                lines[start + 1 : stop], start + 2, self._document.findings
            )
            self._article.blocks.append(Block(start + 1, tables))
        return stop if closed else stop - 1

    def _line(self, line: str, number: int) -> None:
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            self._heading(line, heading[1], heading[2], number)
            return
        if _LIKE_HEADING.match(line):
            self._bad_heading(line, number)
        for code, message, hint in _structure_problems(line):
            self._find(number, code, message, hint)
        prose = self._article.prose.setdefault(self._language, [])
        prose.append((number, line))

    def _heading(self, line: str, marks: str, title: str, number: int) -> None:
        language = _LANGUAGE.fullmatch(line)
        article = _ARTICLE.fullmatch(line)
        for code, message, hint in _structure_problems(title):
            self._find(number, code, message, hint)
        if language is not None:
            self._language = language[1]
            known = self._document.front.values.get("languages")
            if isinstance(known, list) and language[1] not in known:
                self._find(
                    number,
                    "unknown-language",
                    f"`{language[1]}` is not among the front matter's `languages`",
                    "add it there, or mend the heading",
                )
        elif article is not None:
            self._language = self._first_language
            if article[2].lower() in self._numbers:
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
            self._numbers.add(article[2].lower())
        elif marks == "#" and not self._document.title:
            self._document.title = title
        else:
            self._bad_heading(line, number)

    def _bad_heading(self, line: str, number: int) -> None:
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
    if _HTML.search(line) or any(name in html5 for name in _ENTITY.findall(line)):
        found.append(("raw-html", "the line has what Markdown takes for HTML", plain))
    if _LINK.search(line):
        found.append(("link", "the line has a Markdown link or image", plain))
    if _SETEXT.fullmatch(line):
        found.append(("setext", "the line underlines the one above as a heading", plain))
    if "```" in line or "~~~" in line:
        found.append(("foreign-fence", "the line opens a fence", plain))
    return found


def canonical(raw: bytes) -> tuple[bytes, list[Finding]]:
    """Return the bytes in canonical form as far as that changes no word.

    Line ends become LF, a byte order mark goes, tabs become spaces, trailing white space
    goes, the file ends with one line end. Characters are never normalised: what stays
    wrong is in the findings.
    """
    findings: list[Finding] = []
    text = _decode(raw, findings)
    if text is None:
        return raw, findings
    text = text.lstrip(BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.expandtabs(4).rstrip() for line in text.split("\n")]
    result = ("\n".join(lines).rstrip("\n") + "\n").encode()
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
        return article.passage(self.labels, language)


Passages: TypeAlias = dict[tuple[str, ...], list[tuple[int, str]]]


def _outline(lines: list[tuple[int, str]]) -> Passages:
    """Return the lines of an article under each path of labels.

    The kinds of label are told apart by how they go on: after ``(a)``, ``(i)`` opens a
    list of its own; after ``(h)`` it is the next letter.
    """
    found: Passages = {(): []}
    levels: list[tuple[str, int, str]] = []  # kind, place in its row, label
    for number, line in lines:
        if not line.strip():
            continue
        label = _LABEL.match(line)
        kinds = [] if label is None else _kinds(label[1] or label[2], dotted=bool(label[3]))
        if label is not None and kinds:
            depth, kind, place = _level(kinds, levels)
            levels[depth:] = [(kind, place, label[1] or label[2])]
        path = tuple(name for _, _, name in levels)
        for depth in range(len(path) + 1):
            found.setdefault(path[:depth], []).append((number, line))
    return found


def _kinds(label: str, *, dotted: bool) -> list[tuple[str, int]]:
    """Return the rows in which a label may stand, with its place; none for a mere word."""
    digits = re.match(r"\d+", label)
    if digits is not None:
        return [("1." if dotted else "(1)", int(digits[0]))]
    kinds: list[tuple[str, int]] = []
    if len(label) == 1:
        kinds.append(("(a)", ord(label) - ord("a") + 1))
    if label in _ROMAN:
        kinds.append(("(i)", _ROMAN[label]))
    if len(label) > 1 and len(set(label)) == 1:
        kinds.append((f"({'a' * len(label)})", ord(label[0]) - ord("a") + 1))
    return kinds


def _level(
    kinds: list[tuple[str, int]], levels: list[tuple[str, int, str]]
) -> tuple[int, str, int]:
    """Return the depth at which a label stands, its kind and its place there."""
    depths = range(len(levels) - 1, -1, -1)
    for depth in depths:
        for kind, place in kinds:
            if levels[depth][:2] == (kind, place - 1):
                return depth, kind, place
    known = {kind for kind, _, _ in levels}
    for kind, place in kinds:
        if place == 1 and kind not in known:
            return len(levels), kind, place
    for depth in depths:  # a number left out, as where a paragraph was repealed
        for kind, place in kinds:
            if levels[depth][0] == kind:
                return depth, kind, place
    return len(levels), *kinds[0]


def words_digest(document: Document, cites: str) -> str | None:
    """Return the digest of the cited words over all authentic languages.

    None when the citation matches no line in one of them. A translation that is not
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
        if not lines:
            return None
        kept.append(f"### {language}")  # no line of prose begins so
        kept.extend(line for _, line in lines)
    return digest("\n".join(kept).encode())


def warning(line: int, code: str, message: str, hint: str) -> Finding:
    """Return a finding that does not keep the file from loading."""
    return Finding(
        line=line, code=code, severity=Severity.WARNING, message=message, hint=hint
    )
