"""What `book check` finds, each once broken on purpose."""

from datetime import date
from pathlib import Path

import pytest

from book.lists import ACME, NORTH, made
from comity.book import attach, check_book, read_book
from comity.book.checks import ALWAYS
from comity.book.folder import TABLE
from comity.errors import InvalidInput, Unreadable

TODAY = date(2025, 1, 1)
NAME = "acme-ltd-support"


@pytest.fixture
def root(tmp_path):
    _ = (tmp_path / "acme.pdf").write_bytes(b"the agreement")
    return made(tmp_path, {**ACME, "File": "acme.pdf"}, NORTH)


def codes(root, today=TODAY):
    return [(f.code, str(f.severity)) for f in check_book(read_book(root), today)]


def test_a_book_as_it_was_imported_has_no_finding(root):
    assert codes(root) == []


def test_a_document_that_changed_by_one_byte_is_an_error(root):
    _ = (root.parent / "acme.pdf").write_bytes(b"the agreemenT")
    assert codes(root) == [("attachment-changed", "error")]


def test_a_document_that_is_gone_is_an_error(root):
    (root.parent / "acme.pdf").unlink()
    assert codes(root) == [("no-attachment", "error")]


def test_a_document_attached_anew_is_in_order(root):
    other = root.parent / "acme-2.pdf"
    _ = other.write_bytes(b"the new agreement")
    old, new = attach(read_book(root), NAME, other)
    assert old != new
    assert codes(root) == []
    assert Path(read_book(root).entries[NAME].file).name == "acme-2.pdf"


def test_a_document_without_a_digest_is_warned_of(root):
    table = root / TABLE
    digest = read_book(root).entries[NAME].sha256
    _ = table.write_text(table.read_text("utf-8").replace(digest, ""), encoding="utf-8")
    assert codes(root) == [("no-digest", "warning")]


@pytest.mark.parametrize("file", [f"accords/{NAME}.accord.md", f"instruments/{NAME}.toml"])
def test_a_file_of_an_entry_that_is_gone_is_an_error(root, file):
    (root / file).unlink()
    assert codes(root) == [("no-accord", "error")]


@pytest.mark.parametrize("file", [f"accords/{NAME}.accord.md", f"instruments/{NAME}.toml"])
def test_a_file_that_a_person_changed_is_warned_of(root, file):
    path = root / file
    _ = path.write_text(path.read_text("utf-8") + "# more\n", encoding="utf-8")
    assert codes(root) == [("changed-by-hand", "warning")]


def test_an_accord_that_the_table_does_not_list_is_warned_of(root):
    accord = (root / "accords" / f"{NAME}.accord.md").read_text("utf-8")
    _ = (root / "accords" / "other.accord.md").write_text(accord, encoding="utf-8")
    assert codes(root) == [("no-entry", "warning")]


def test_rows_that_were_not_read_are_warned_of(root):
    _ = (root / "not-read.csv").write_text("Partner\nX\n", encoding="utf-8")
    assert codes(root) == [("not-read", "warning")]


def test_a_review_is_past_on_the_day_after_it_was_due(root):
    assert codes(root, date(2026, 6, 1)) == []
    assert codes(root, date(2026, 6, 2)) == [("review-past", "warning")]


def test_a_document_of_no_agreement_and_no_document_are_refused(root):
    book = read_book(root)
    with pytest.raises(InvalidInput, match="no agreement"):
        _ = attach(book, "nobody", root.parent / "acme.pdf")
    with pytest.raises(InvalidInput, match="no such file"):
        _ = attach(book, NAME, root.parent / "none.pdf")


def test_a_table_that_was_spoilt_by_hand_is_said_row_by_row(root):
    table = root / TABLE
    text = table.read_text("utf-8").replace("P3M", "soon").replace("2023-04-03", "3.4.2023")
    _ = table.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        _ = read_book(root)
    assert {f.code for f in refused.value.findings} == {"bad-notice", "dates-asked"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("comity-book/1", "comity-book/9", "bad-format"),
        ('us = "Our Agency"', 'us = "—"', "bad-name"),
        ("Europe/Vienna", "Europe/Wien", "bad-zone"),
        ('law = "contract"', 'law = "habit"', "unknown-word"),
        ('law = "contract"', 'blank_end = "never"', "bad-word"),
        ('law = "contract"', 'dates = "guess"', "unknown-word"),
        ('law = "contract"\n', '[[column]]\nheading = "X"\nis = "price"\n', "no-column"),
        ('us = "Our Agency"\n', "", "missing-key"),
    ],
)
def test_settings_that_were_spoilt_by_hand_are_said(root, old, new, code):
    path = root / "book.toml"
    text = path.read_text("utf-8")
    assert old in text
    _ = path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Unreadable) as refused:
        _ = read_book(root)
    assert [f.code for f in refused.value.findings] == [code]


def test_every_check_is_in_the_list_and_says_what_it_asks():
    assert all(check.__doc__ for check in ALWAYS)
    assert len(set(ALWAYS)) == len(ALWAYS)
