"""Lists as files have them: CSV of several kinds, and workbooks."""

import sys
from datetime import date, datetime

import pytest
import xlsxwriter

from book.lists import US, save
from comity.book.dates import EPOCH, EPOCH_1904
from comity.book.reading import read_rows
from comity.book.sheet import read_sheet
from comity.errors import InvalidInput, NotAtHand

ROW = {"Partner": "Acme", "Start": "2024-03-01", "End": "indefinite"}


def refused(path, **options):
    with pytest.raises(InvalidInput) as error:
        _ = read_sheet(path, **options)
    return error.value.code


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_mark_between_cells_is_the_one_that_makes_known_headings(tmp_path, mark):
    path = tmp_path / "list.csv"
    _ = path.write_text(f"Partner{mark}Start{mark}End\nA, B{mark}2024{mark}x\n".replace(
        "A, B", '"A, B"'), encoding="utf-8")  # fmt: skip
    found = read_sheet(path)
    assert found.headings == ("Partner", "Start", "End")
    assert found.rows == ((2, ("A, B", "2024", "x")),)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path):
    path = tmp_path / "list.csv"
    _ = path.write_text(
        'Agreements of 2024\n\nPartner,Start\n"A\nB",x\n\nC,y\n', encoding="utf-8"
    )
    found = read_sheet(path)
    assert found.heading == 3
    assert [number for number, _ in found.rows] == [4, 6]


def test_another_encoding_is_said_and_never_guessed(tmp_path):
    path = tmp_path / "list.csv"
    _ = path.write_bytes("상대방,시작일\n한전,2024. 3. 1.\n".encode("cp949"))
    assert refused(path) == "not-utf-8"
    assert read_sheet(path, encoding="cp949").headings == ("상대방", "시작일")
    assert refused(path, encoding="no-such") == "no-encoding"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no-rows"),
        ("Partner,Start\n", "no-rows"),
        ("only one cell\n\n", "no-rows"),
        ('Partner,Start\n"A,2024\n', "not-csv"),
    ],
)
def test_a_file_without_a_list_is_refused(tmp_path, text, code):
    path = tmp_path / "list.csv"
    _ = path.write_text(text, encoding="utf-8")
    assert refused(path) == code


def test_a_file_that_is_not_there_and_a_sheet_of_csv_are_refused(tmp_path):
    assert refused(tmp_path / "none.csv") == "no-file"
    assert refused(tmp_path) == "no-file"
    assert refused(save(tmp_path, ROW), sheet="Sheet1") == "no-sheet"


# -- workbooks -----------------------------------------------------------------------------


def workbook(path, sheets, **options):
    with xlsxwriter.Workbook(str(path), options) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        at = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
                        _ = sheet.write_datetime(number, place, at, day)
                    else:
                        _ = sheet.write(number, place, cell)
    return path


HEAD = ["Partner", "Start", "End", "Notice (days)", "Review"]


def test_days_numbers_and_serial_dates_of_a_workbook_are_read_as_such(tmp_path):
    rows = [HEAD, ["Acme", date(2024, 4, 3), "indefinite", 90, 45352]]
    sheet = read_sheet(workbook(tmp_path / "list.xlsx", {"Agreements": rows}))
    assert sheet.epoch == EPOCH
    [entry] = read_rows(sheet, US).entries.values()
    assert (entry.start, entry.review) == (date(2024, 4, 3), date(2024, 3, 1))
    assert str(entry.notice) == "P90D"


def test_a_workbook_of_the_1904_system_counts_its_own_days(tmp_path):
    rows = [HEAD, ["Acme", date(2024, 4, 3), "indefinite", 90, 45352 - 1462]]
    sheet = read_sheet(workbook(tmp_path / "list.xlsx", {"A": rows}, date_1904=True))
    assert sheet.epoch == EPOCH_1904
    [entry] = read_rows(sheet, US).entries.values()
    assert (entry.start, entry.review) == (date(2024, 4, 3), date(2024, 3, 1))


def test_of_several_sheets_with_rows_one_is_named(tmp_path):
    rows = [HEAD, ["Acme", date(2024, 4, 3), "indefinite", 90, ""]]
    path = workbook(
        tmp_path / "list.xlsx", {"Old": rows, "New": [*rows, *rows[1:]], "Empty": []}
    )
    assert refused(path) == "no-sheet"
    assert refused(path, sheet="Nwe") == "no-sheet"
    assert len(read_sheet(path, sheet="New").rows) == 2
    one = workbook(tmp_path / "one.xlsx", {"Empty": [], "List": rows})
    assert len(read_sheet(one).rows) == 1


def test_a_file_that_only_looks_like_a_workbook_is_refused(tmp_path):
    path = tmp_path / "list.xlsx"
    _ = path.write_bytes(b"PK\x03\x04 and no more")
    assert refused(path) == "not-a-workbook"


def test_without_the_extra_a_workbook_says_what_to_install(tmp_path, monkeypatch):
    path = workbook(tmp_path / "list.xlsx", {"A": [HEAD]})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(NotAtHand, match="python-calamine") as error:
        _ = read_sheet(path)
    assert "comity[sheet]" in error.value.hint
