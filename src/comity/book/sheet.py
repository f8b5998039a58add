"""A list of agreements as its file has it: CSV, or a workbook where `comity[sheet]` is installed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from comity.book.dates import EPOCH, EPOCH_1904, Cell
from comity.book.headings import column_of
from comity.errors import InvalidInput, NotAtHand

SHEET_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 100_000
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_CSV_FIELD_MAX = 131_072


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A list: its headings, and its rows with the number that a person sees beside each.

    Attributes:
        where: the file as the user named it.
        heading: the number of the row of headings.
        epoch: day 0 of its serial dates.
    """

    where: str
    heading: int
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    epoch: date = EPOCH


def read_sheet(path: Path, *, sheet: str | None = None, encoding: str = "utf-8") -> Sheet:
    """Read a list of agreements.

    Args:
        path: ``.csv`` (or ``.tsv``, ``.txt``), or a workbook.
        sheet: the name of a workbook's sheet; needed where several have rows.
        encoding: of a CSV file.

    Raises:
        InvalidInput: no such file, no rows, several sheets, an encoding that is not its own.
        NotAtHand: a workbook, and `comity[sheet]` is not installed.
    """
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= SHEET_BYTES_MAX else b""
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "no such file").lower()
        raise InvalidInput(
            f"`{path}` cannot be read: {why}", hint="check the path", code="no-file"
        ) from None
    if size > SHEET_BYTES_MAX:
        raise InvalidInput(
            f"`{path}` has {size:,} bytes",
            hint=f"a list has at most {SHEET_BYTES_MAX:,}; save it without its pictures",
            code="file-too-large",
        )
    if path.suffix.lower() in WORKBOOKS:
        return _of_cells(str(path), _workbook(path, raw, sheet), _epoch(raw))
    if sheet is not None:
        raise InvalidInput(
            f"`{path}` has no sheets, so none is called `{sheet}`",
            hint="take `--sheet` away",
            code="no-sheet",
        )
    return _of_cells(str(path), _csv(path, raw, encoding), EPOCH)


def _of_cells(where: str, rows: Iterable[Sequence[Cell]], epoch: date) -> Sheet:
    """Return the sheet: the first row with two words or more has the headings."""
    kept = [
        (number, tuple(row))
        for number, row in enumerate(rows, start=1)
        if any(cell != "" for cell in row)
    ]
    place = next(
        (n for n, (_, row) in enumerate(kept) if sum(cell != "" for cell in row) > 1), None
    )
    if place is None or len(kept) == place + 1:
        raise InvalidInput(
            f"`{where}` has no row below a row of headings",
            hint="its first row names the columns: partner, start, end, renewal, notice …",
            code="no-rows",
        )
    if len(kept) > ROWS_MAX:
        raise InvalidInput(
            f"`{where}` has {len(kept):,} rows",
            hint=f"a book has at most {ROWS_MAX:,} agreements",
            code="file-too-large",
        )
    heading, names = kept[place]
    return Sheet(
        where=where,
        heading=heading,
        headings=tuple(" ".join(str(name).split()) for name in names),
        rows=tuple(kept[place + 1 :]),
        epoch=epoch,
    )


def _csv(path: Path, raw: bytes, encoding: str) -> list[list[str]]:
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except LookupError:
        raise InvalidInput(
            f"`{encoding}` is no encoding that is known",
            hint="such as `cp949`, `shift_jis`, `cp1252`",
            code="no-encoding",
        ) from None
    except UnicodeError:
        raise InvalidInput(
            f"`{path}` is not {encoding}",
            hint="save it as *CSV UTF-8*, or say `--encoding` (`cp949`, `shift_jis`, `cp1252`)",
            code="not-utf-8",
        ) from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(
        ",;\t",
        key=lambda m: (
            sum(column_of(h) is not None for h in first.split(m)),
            first.count(m),
        ),
    )
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise InvalidInput(
            f"`{path}` is not CSV: {error}",
            hint="a cell with a quotation mark or a line end stands in quotation marks",
            code="not-csv",
        ) from None
    return [[cell.strip() for cell in row] for row in rows]


def _workbook(path: Path, raw: bytes, sheet: str | None) -> list[list[Cell]]:
    try:
        import python_calamine as calamine  # noqa: PLC0415  only a workbook needs it
    except ImportError:
        raise NotAtHand(
            "reading a workbook needs `python-calamine`, which is not installed",
            hint='install it with `pip install "comity[sheet]"`, or save the sheet as CSV',
            code="no-calamine",
        ) from None
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        found = {
            name: [
                [_cell(value) for value in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise InvalidInput(
            f"`{path}` is no workbook that can be read: {error}",
            hint="open it and save it as `.xlsx` again, without a password",
            code="not-a-workbook",
        ) from None
    if sheet is not None and sheet not in found:
        raise InvalidInput(
            f"`{path}` has no sheet `{sheet}`",
            hint="its sheets: " + ", ".join(f"`{name}`" for name in found),
            code="no-sheet",
        )
    filled = [name for name, rows in found.items() if any(any(row) for row in rows)]
    if sheet is None and len(filled) > 1:
        raise InvalidInput(
            f"`{path}` has {len(filled)} sheets with rows",
            hint="say which with `--sheet`: " + ", ".join(f"`{name}`" for name in filled),
            code="no-sheet",
        )
    return found[sheet or (filled or list(found))[0]]


def _cell(value: object) -> Cell:
    """Return a workbook's cell: days as days, numbers as numbers, the rest as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return float(value)
    return value if isinstance(value, date) else str(value).strip()


_IN_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']")


def _epoch(raw: bytes) -> date:
    """Return day 0 of a workbook's serial dates, as the workbook says."""
    try:
        with (
            zipfile.ZipFile(io.BytesIO(raw)) as parts,
            parts.open("xl/workbook.xml") as part,
        ):
            head = part.read(_CSV_FIELD_MAX)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        return EPOCH
    return EPOCH_1904 if _IN_1904.search(head) else EPOCH
