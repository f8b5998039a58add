"""Write down that a person has read an article's words and the rules beside them."""

from __future__ import annotations

from dataclasses import replace

from comity.accords.text import Citation, Document, is_plain, read_document, words_digest
from comity.accords.toml import Table
from comity.errors import InvalidInput, Unreadable

NAME_MAX = 120  # characters of a reader's name
_KEYS = ("read", "read_by")


def confirm(raw: bytes, place: str, by: str, where: str = "") -> tuple[bytes, int]:
    """Return the file's bytes with the rules of a place confirmed, and how many.

    Each rule under the article, or the paragraph where ``place`` names one, gets ``read``,
    the digest of the words it cites in every authentic language, and ``read_by``. Nothing
    else changes; nothing but this writes those keys.

    Raises:
        InvalidInput: no such place, no rule there, or a name that cannot be written.
        Unreadable: the file is not in canonical form.
    """
    wanted = Citation.parse(place)
    if wanted is None:
        raise InvalidInput(
            f"`{place}` is no article or paragraph",
            hint="write `21` or `21(3)`",
            code="cites-nothing",
        )
    if not _is_name(by):
        raise InvalidInput(
            "the name cannot be written in the file",
            hint=f"write it in at most {NAME_MAX} visible characters, without quotes",
            code="bad-name",
        )
    document = read_document(raw)
    if document.findings:
        raise Unreadable([replace(f, where=where) for f in document.findings])
    written: dict[int, list[str]] = {}  # by the line of `cites` that they follow
    gone: set[int] = set()
    for table in _tables(document):
        cites = table.values.get("cites")
        digest = words_digest(document, cites) if isinstance(cites, str) else None
        if digest is None or not _under(Citation.parse(str(cites)), wanted):
            continue
        written[table.lines["cites"]] = [f'read = "{digest}"', f'read_by = "{by}"']
        gone |= {table.lines[key] for key in _KEYS if key in table.lines}
    if not written:
        raise InvalidInput(
            f"no rule cites `{place}`",
            hint="`comity show FILE` lists the articles that have rules",
            code="cites-nothing",
        )
    kept: list[str] = []
    for number, line in enumerate(raw.decode().split("\n"), start=1):
        if number not in gone:
            kept.append(line)
        kept += written.get(number, [])
    return "\n".join(kept).encode(), len(written)


def _is_name(by: str) -> bool:
    return (
        bool(by.strip())
        and len(by) <= NAME_MAX
        and is_plain(by)
        and not any(char in by for char in '"\\')
    )


def _tables(document: Document) -> list[Table]:
    return [
        table
        for article in document.articles
        for block in article.blocks
        for table in block.tables
    ]


def _under(cited: Citation | None, wanted: Citation) -> bool:
    return (
        cited is not None
        and cited.article == wanted.article
        and cited.labels[: len(wanted.labels)] == wanted.labels
    )
