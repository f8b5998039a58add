"""Write down that a person has read an article's words and the rules beside them."""

from __future__ import annotations

import re

from comity.accords.text import Citation, read_document, words_digest
from comity.errors import InvalidInput, Unreadable

_KEY = re.compile(r"\s*(read|read_by)\s*=")
_CITES = re.compile(r'\s*cites\s*=\s*"([^"]+)"')
_NAME = re.compile(r"[^\"\\\x00-\x1f]{1,120}")


def confirm(raw: bytes, place: str, by: str) -> tuple[bytes, int]:
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
    if not _NAME.fullmatch(by):
        raise InvalidInput("the name cannot be written in the file", code="bad-name")
    document = read_document(raw)
    if document.findings:
        raise Unreadable(document.findings)
    lines = raw.decode().split("\n")
    kept: list[str] = []
    count = 0
    inside = False
    for line in lines:
        cited = _CITES.match(line)
        if line.startswith("[") or line.startswith("```"):
            inside = False
        if cited is not None and _under(Citation.parse(cited[1]), wanted):
            digest = words_digest(document, cited[1])
            if digest is not None:
                kept += [line, f'read = "{digest}"', f'read_by = "{by}"']
                inside = True
                count += 1
                continue
        if inside and _KEY.match(line):
            continue
        kept.append(line)
    if count == 0:
        raise InvalidInput(
            f"no rule cites `{place}`",
            hint="`comity show FILE` lists the articles that have rules",
            code="cites-nothing",
        )
    return "\n".join(kept).encode(), count


def _under(cited: Citation | None, wanted: Citation) -> bool:
    return (
        cited is not None
        and cited.article == wanted.article
        and cited.labels[: len(wanted.labels)] == wanted.labels
    )
