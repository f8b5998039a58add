"""`comity book` and `comity deadlines` of a book, as a person runs them."""

import csv
import io
import json

import pytest

from book.lists import ACME, NORTH, SOUTH, save
from make import GSOMIA

US = ["--us", "Our Agency", "--zone", "Europe/Vienna"]
AT = ["--at", "2025-11-10T09:00"]
NAME = "acme-ltd-support"


@pytest.fixture
def book(run, tmp_path):
    _ = (tmp_path / "acme.pdf").write_bytes(b"the agreement")
    path = save(tmp_path, {**ACME, "File": "acme.pdf"}, NORTH, SOUTH)
    assert run("book", "import", path, "--into", tmp_path / "book", *US)[0] == 0
    return tmp_path / "book"


def test_an_import_says_what_it_did_and_fails_where_a_row_was_not_read(run, tmp_path):
    path = save(tmp_path, ACME, {**NORTH, "Notice": "soon"})
    code, out, err = run("book", "import", path, "--into", tmp_path / "book", *US)
    assert code == 3
    assert out.splitlines()[:2] == ["new: 1", f"  {NAME}"]
    assert f"not read: 1; they are in {tmp_path / 'book' / 'not-read.csv'}" in out
    assert f"{path}:3: error: in `notice`: `soon`" in err


def test_an_import_that_has_to_ask_writes_nothing(run, tmp_path):
    path = save(tmp_path, {**ACME, "Start": "01/03/2024"})
    words = ["book", "import", path, "--into", tmp_path / "book", *US]
    code, out, err = run(*words)
    assert (code, out) == (3, "")
    assert "nothing was written" in err
    assert "[dates-asked]" in err
    assert not (tmp_path / "book").exists()
    assert run(*words, "--dates", "day-first")[0] == 0
    assert 'dates = "day-first"' in (tmp_path / "book" / "book.toml").read_text("utf-8")
    assert run(*words)[0] == 0  # the book keeps the answer


def test_a_dry_run_writes_nothing(run, tmp_path):
    words = ["book", "import", save(tmp_path, ACME), "--into", tmp_path / "book", *US]
    code, out, _ = run(*words, "--dry-run")
    assert code == 0
    assert out.startswith("nothing is written; it would be:\nnew: 1\n")
    assert not (tmp_path / "book").exists()


def test_a_second_import_says_what_changed(run, book, tmp_path):
    path = save(tmp_path, {**ACME, "File": "acme.pdf", "Notice": "6 months"}, NORTH)
    code, out, _ = run("book", "import", path, "--into", book)
    assert code == 0
    assert f"changed: 1\n  {NAME}: notice P3M → P6M\n" in out
    assert "as before: 1" in out
    assert "left as they are: 1\n  rathaus-sud-incidents" in out
    done = json.loads(run("book", "import", path, "--into", book, "--json")[1])
    assert (done["same"], done["missing"]) == (2, ["rathaus-sud-incidents"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "no-us"),
        (["--us", "A"], "no-us"),
        ([*US, "--column", "Partner"], "no-column"),
        ([*US, "--column", "Partner=price"], "no-column"),
        (["--us", "A", "--zone", "Vienna"], "bad-zone"),
        ([*US, "--encoding", "none"], "no-encoding"),
        ([*US, "--sheet", "x"], "no-sheet"),
        ([*US, "--dates", "guess"], "usage"),
        ([*US, "--law", "statute"], "usage"),
    ],
)
def test_an_import_that_cannot_begin_says_why(run, tmp_path, words, code):
    path = save(tmp_path, ACME)
    got, _, err = run("book", "import", path, "--into", tmp_path / "book", *words)
    assert got == 3
    assert f"[{code}]" in err
    assert not (tmp_path / "book").exists()


def test_a_folder_of_something_else_and_a_book_of_others_are_left_alone(
    run, book, tmp_path
):
    path = save(tmp_path, ACME)
    _ = (tmp_path / "other").mkdir()
    _ = (tmp_path / "other" / "x").write_text("x", encoding="utf-8")
    assert "[exists]" in run("book", "import", path, "--into", tmp_path / "other", *US)[2]
    words = ["book", "import", path, "--into", book]
    assert "[other-book]" in run(*words, "--zone", "Asia/Seoul")[2]
    assert "[other-book]" in run(*words, "--us", "Others")[2]


def test_a_check_finds_a_document_that_changed(run, book, tmp_path):
    assert run("book", "check", book, *AT)[:2] == (
        0,
        "agreements: 3; errors: 0; warnings: 0\n",
    )
    _ = (tmp_path / "acme.pdf").write_bytes(b"another")
    code, out, err = run("book", "check", book, *AT)
    assert (code, out) == (3, "agreements: 3; errors: 1; warnings: 0\n")
    assert "is not the one that was attached" in err
    code, out, _ = run("book", "attach", book, NAME, tmp_path / "acme.pdf")
    assert code == 0
    assert "before: sha256:" in out
    assert run("book", "check", book, *AT)[0] == 0


def test_a_check_says_what_keeps_the_world_from_loading(run, book):
    _ = (book / "holds.toml").write_text("nonsense\n", encoding="utf-8")
    code, _, err = run("book", "check", book, *AT)
    assert code == 3
    assert "[bad-line]" in err
    found = json.loads(run("book", "check", book, *AT, "--json")[1])
    assert [one["code"] for one in found] == ["bad-line"]


def test_an_export_imports_again_as_the_same_book(run, book, tmp_path):
    _, out, _ = run("book", "export", book)
    assert [row["id"] for row in csv.DictReader(io.StringIO(out))] == [
        NAME, "rathaus-sud-incidents", "university-of-the-north-research-data",
    ]  # fmt: skip
    path = tmp_path / "export.csv"
    _ = path.write_text(out, encoding="utf-8")
    code, said, _ = run("book", "import", path, "--into", book)
    assert (code, said) == (0, "as before: 3\n")


def test_a_calendar_of_a_book_has_reviews_on_their_day_and_owners(run, book):
    _, out, _ = run("book", "export", book, "--ics", *AT)
    assert "SUMMARY:review: Acme Ltd: Support" in out
    assert "DTSTART;VALUE=DATE:20260601" in out
    assert "CONTACT:M. Muster" in out
    assert out.count("BEGIN:VEVENT") == 3


def test_a_page_of_a_book_shows_what_lies_ahead_each_agreement_and_the_documents(
    run, book, tmp_path
):
    path = tmp_path / "book.html"
    assert run("book", "print", book, *AT, "--out", path)[0] == 0
    page = path.read_text("utf-8")
    for text in ("by 28 Nov 2025", "Rathaus Süd", "in force", "../acme.pdf", "M. Muster"):
        assert text in page
    assert "<script" not in page
    assert "http" not in page
    assert run("book", "print", book, *AT)[1] == page


# -- deadlines -----------------------------------------------------------------------------


def test_deadlines_of_a_book_have_reviews_and_owners(run, book):
    found = json.loads(run("deadlines", book, *AT, "--json")[1])
    assert [(one["kind"], one["owner"]) for one in found] == [
        ("last day for notice", "M. Muster"),
        ("renews by silence", "M. Muster"),
        ("review", "M. Muster"),
    ]
    assert found[2]["before"] == "2026-06-02T00:00:00+02:00"


def test_a_letter_says_what_lies_ahead_and_is_empty_where_nothing_does(run, book):
    code, out, _ = run("deadlines", book, *AT, "--within", "30d", "--mail", "--exit-code")
    assert code == 2
    assert out.splitlines()[:4] == [
        "Our Agency: book of agreements: 1 date within 30d of 10 Nov 2025",
        "",
        "by 28 Nov 2025: last day for notice",
        "  Acme Ltd: Support",
    ]
    assert "  owner: M. Muster" in out
    assert max(map(len, out.splitlines())) <= 72
    quiet = run("deadlines", book, *AT, "--within", "2w", "--mail", "--exit-code")
    assert quiet == (0, "", "")


def test_without_the_option_dates_ahead_are_no_failure(run, book):
    assert run("deadlines", book, *AT, "--within", "30d")[0] == 0
    assert run("deadlines", book, *AT, "--within", "30d", "--exit-code")[0] == 2


def test_a_short_period_is_the_long_one(run, book):
    for short, long in (("90d", "P90D"), ("2w", "P2W"), ("6m", "P6M"), ("1y", "P1Y")):
        words = ["deadlines", book, *AT, "--json", "--within"]
        assert run(*words, short) == run(*words, long)


def test_only_one_form_is_printed(run, book):
    assert "[invalid-input]" in run("deadlines", book, *AT, "--mail", "--ics")[2]


def test_a_review_of_an_agreement_whose_text_is_gone_is_still_said(run, book):
    (book / "accords" / f"{NAME}.accord.md").unlink()
    (book / "instruments" / f"{NAME}.toml").unlink()
    found = json.loads(run("deadlines", book, *AT, "--json")[1])
    assert [(one["kind"], one["accord"]) for one in found] == [("review", None)]
    assert NAME in found[0]["what"]
    assert run("book", "print", book, *AT)[0] == 0
    assert run("book", "check", book, *AT)[0] == 3


def test_an_entry_says_what_its_text_is_silent_on(run, book):
    code, out, _ = run("clock", book, NAME, *AT)
    assert code == 0
    assert "in force, since 00:00 CET on 1 Mar 2024" in out
    _, out, _ = run("ways", book, NAME, *AT)
    assert "give notice of termination" in out


# -- what is no book -----------------------------------------------------------------------

TAKES_BOOK = {
    "check": lambda root: ["book", "check", root],
    "attach": lambda root: ["book", "attach", root, NAME, root],
    "export": lambda root: ["book", "export", root],
    "print": lambda root: ["book", "print", root],
    "deadlines": lambda root: ["deadlines", root],
}


@pytest.mark.parametrize("command", TAKES_BOOK)
@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("book.csv", None, "no-book"),
        ("book.csv", b"\xff\xfe\x00", "not-utf-8"),
        ("book.csv", b"id,partner\n\x00", "no-start"),
        ("book.csv", b"", "no-rows"),
        ("book.csv", b'id,partner,start,end\n"x', "not-csv"),
        ("book.csv", b"id,partner,start,end\nx,A,soon,indefinite\n", "bad-date"),
        ("book.toml", b"nonsense\n", "bad-line"),
        ("book.toml", b"", "missing-key"),
    ],
)
def test_a_book_with_one_file_spoilt_is_refused_by_every_command(
    run, book, command, name, raw, code
):
    (book / name).unlink()
    if raw is not None:
        _ = (book / name).write_bytes(raw)
    got, out, err = run(*TAKES_BOOK[command](book))
    assert (got, out) == (3, "")
    assert f"[{code}]" in err
    assert name in err


@pytest.mark.parametrize("command", [name for name in TAKES_BOOK if name != "deadlines"])
def test_a_folder_that_is_no_book_is_refused_by_every_command(run, tmp_path, command):
    _ = (tmp_path / "file").write_text("x", encoding="utf-8")
    for place in (tmp_path, tmp_path / "nowhere", tmp_path / "file", GSOMIA):
        got, out, err = run(*TAKES_BOOK[command](place))
        assert (got, out) == (3, "")
        assert "[no-book]" in err
