"""From rows to entries: everything that is wrong is said at once, and nothing is guessed."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from book.lists import ACME, NORTH, SOUTH, US, entries, read, said
from comity.book import DateOrder, EndDay
from comity.book.entry import COLUMNS, ID_MAX, slug
from comity.book.folder import table_text
from comity.book.headings import _KNOWN, _SPELT, column_of
from comity.book.reading import read_rows
from comity.book.sheet import read_sheet


def test_a_row_is_read_whole(tmp_path):
    found = read(tmp_path, ACME, NORTH, SOUTH)
    assert [(f.code, f.message) for f in found.findings] == []
    acme = found.entries["acme-ltd-support"]
    assert (acme.partners, acme.start, acme.end) == (
        ("Acme Ltd",),
        date(2024, 3, 1),
        date(2025, 2, 28),
    )
    assert (str(acme.initial), str(acme.renewal), str(acme.notice)) == ("P1Y", "P1Y", "P3M")
    assert found.entries["university-of-the-north-research-data"].indefinite
    assert found.lines["rathaus-sud-incidents"] == 4


# -- headings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Counterparty", "partner"),
        ("PARTNER ORGANISATION", "partner"),
        ("Vertragspartner", "partner"),
        ("相手方", "partner"),
        ("상대기관", "partner"),
        ("Date of signature", "signed"),
        ("Effective date", "start"),
        ("発効日", "start"),
        ("만료일", "end"),
        ("Expiry Date", "end"),
        ("自動更新", "renewal"),
        ("Kündigungsfrist", "notice"),
        ("해지통보", "notice"),
        ("Next review", "review"),
        ("담당자", "owner"),
        ("e-mail", "contact"),
        ("Contract No.", "id"),
        ("sha256", "sha256"),
    ],
)
def test_a_heading_is_known_in_several_spellings(heading, column):
    assert column_of(heading) == (column, "")


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Notice (days)", ("notice", "D")),
        ("notice_period_months", ("notice", "M")),
        ("Term in years", ("term", "Y")),
        ("契約期間（年）", ("term", "Y")),
        ("통지기간(일)", ("notice", "D")),
        ("End (months)", None),
        ("Value (EUR)", None),
    ],
)
def test_a_heading_may_name_the_unit_of_its_numbers(heading, found):
    assert column_of(heading) == found


def test_no_spelling_stands_for_two_columns():
    spelt = [(word, column) for column, words in _SPELT.items() for word in words.split()]
    assert {word: column for word, column in spelt if column_of(word) != (column, "")} == {}
    assert set(_SPELT) == set(COLUMNS)
    assert set(_KNOWN.values()) == set(COLUMNS)


def test_what_a_book_says_of_a_heading_comes_first():
    assert column_of("Partner", [("partner", "owner")]) == ("owner", "")


def test_a_column_that_nothing_knows_is_said_and_left_out(tmp_path):
    found = read(tmp_path, {**ACME, "Value": "100"})
    assert [(f.line, f.code, f.severity) for f in found.findings] == [
        (1, "unknown-column", "warning")
    ]
    named = replace(US, columns=(("Value", "ignore"),))
    assert read(tmp_path, {**ACME, "Value": "100"}, settings=named).findings == ()


def test_two_columns_of_one_meaning_and_a_list_without_partners_are_refused_as_a_whole(
    tmp_path,
):
    found = read(tmp_path, {**ACME, "Subject": "x"})
    assert said(found) == [(1, "column-twice")]
    assert found.asked
    named = replace(US, columns=(("Subject", "ignore"),))
    assert read(tmp_path, {**ACME, "Subject": "x"}, settings=named).entries
    without = {key: cell for key, cell in ACME.items() if key != "Partner"}
    assert said(read(tmp_path, without)) == [(1, "no-column")]


def test_a_number_under_a_unit_is_a_length(tmp_path):
    row = {**ACME, "Notice (days)": "90"}
    del row["Notice"]
    assert str(read(tmp_path, row).entries["acme-ltd-support"].notice) == "P90D"


# -- dates ---------------------------------------------------------------------------------

FIXED = {"Partner": "A", "End": "indefinite"}


def dated(*days):
    return [{**FIXED, "Partner": f"A{n}", "Start": day} for n, day in enumerate(days)]


def starts(found):
    return [entry.start.isoformat() for entry in found.entries.values()]


def test_one_date_that_can_only_be_read_in_one_order_decides_its_column(tmp_path):
    found = read(tmp_path, *dated("03/04/2024", "13/02/2024"))
    assert starts(found) == ["2024-04-03", "2024-02-13"]
    found = read(tmp_path, *dated("03/04/2024", "02/13/2024"))
    assert starts(found) == ["2024-03-04", "2024-02-13"]


def test_a_column_in_which_nothing_decides_is_asked_about_and_nothing_is_kept(tmp_path):
    rows = dated("03/04/2024", "2024-02-13", "05/06/2024")
    found = read(tmp_path, *rows)
    assert said(found) == [(2, "dates-asked")]
    assert "(2 such cells)" in found.findings[0].message
    assert found.asked
    answered = read(tmp_path, *rows, settings=replace(US, dates=DateOrder.MONTH_FIRST))
    assert starts(answered) == ["2024-03-04", "2024-02-13", "2024-05-06"]
    assert not answered.asked


def test_another_columns_dates_decide_nothing(tmp_path):
    rows = [{**row, "Review": "13/02/2024"} for row in dated("03/04/2024")]
    assert said(read(tmp_path, *rows)) == [(2, "dates-asked")]


def test_a_date_that_is_the_same_in_both_orders_needs_no_answer(tmp_path):
    assert starts(read(tmp_path, *dated("05/05/2024"))) == ["2024-05-05"]


def test_dates_that_contradict_one_another_are_errors_row_by_row(tmp_path):
    days = ["13/02/2024", "14/02/2024", "02/15/2024", "03/04/2024", "2024-01-01"]
    found = read(tmp_path, *dated(*days))
    assert said(found) == [(4, "dates-contradict"), (5, "dates-contradict")]
    assert starts(found) == ["2024-02-13", "2024-02-14", "2024-01-01"]
    assert found.unread == (4, 5)


def test_an_answer_that_a_date_contradicts_is_an_error_of_its_row(tmp_path):
    answered = replace(US, dates=DateOrder.DAY_FIRST)
    found = read(tmp_path, *dated("02/13/2024", "03/04/2024"), settings=answered)
    assert said(found) == [(2, "bad-date")]
    assert starts(found) == ["2024-04-03"]


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=1, max_size=6),
    st.sampled_from(DateOrder),
)
def test_days_are_read_in_the_order_they_were_written_or_not_at_all(
    tmp_path_factory, days, order
):
    first, second = ("%d", "%m") if order is DateOrder.DAY_FIRST else ("%m", "%d")
    rows = dated(*(day.strftime(f"{first}/{second}/%Y") for day in days))
    found = read(tmp_path_factory.mktemp("list"), *rows)
    right = [day.isoformat() for day in days]
    assert starts(found) == ([] if found.asked else right)


# -- the end -------------------------------------------------------------------------------


def test_an_end_on_the_day_of_the_start_is_asked_about(tmp_path):
    row = {**ACME, "End": "2025-03-01"}
    found = read(tmp_path, row)
    assert said(found) == [(2, "end-asked")]
    assert found.asked
    last = read(tmp_path, row, settings=replace(US, end=EndDay.LAST_DAY))
    out = read(tmp_path, row, settings=replace(US, end=EndDay.FIRST_DAY_OUT))
    assert last.entries["acme-ltd-support"].end == date(2025, 3, 1)
    assert out.entries["acme-ltd-support"].end == date(2025, 2, 28)
    assert str(out.entries["acme-ltd-support"].initial) == "P1Y"


def test_an_empty_end_is_no_end_only_where_somebody_says_so(tmp_path):
    row = {**NORTH, "End": ""}
    assert said(read(tmp_path, row)) == [(2, "no-end")]
    answered = replace(US, blank_end_is_indefinite=True)
    assert next(iter(read(tmp_path, row, settings=answered).entries.values())).indefinite
    renewed = {**row, "Renewal": "yearly"}
    assert said(read(tmp_path, renewed, settings=answered)) == [(2, "no-end")]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"Partner": ""}, ["no-partner"]),
        ({"Partner": "Our Agency"}, ["no-partner"]),
        ({"Partner": "B; B"}, ["no-partner"]),
        ({"Partner": "★★"}, ["bad-name"]),
        ({"Signed": "", "Start": ""}, ["no-start"]),
        ({"End": "2024-02-01"}, ["ends-before-start"]),
        ({"End": "soon"}, ["bad-date"]),
        ({"Term": "2 years"}, ["end-and-term"]),
        ({"End": "indefinite"}, ["end-and-term"]),
        ({"Renewal": "yes"}, ["bad-renewal"]),
        ({"Notice": "soon"}, ["bad-notice"]),
        ({"Purpose": "=1+1"}, ["formula"]),
        ({"Owner": "@SUM(A1)"}, ["formula"]),
        ({"Purpose": "<b>x</b>"}, ["not-plain"]),
        ({"Purpose": "a [link](x)"}, ["not-plain"]),
        ({"Partner": "Acme\u200b Ltd"}, ["not-plain"]),
        ({"Partner": "Cafe\u0301"}, ["not-plain"]),
        ({"Purpose": "x" * 501}, ["cell-too-long"]),
        ({"Notice": "soon", "Renewal": "yes", "Purpose": "=x"},
         ["bad-notice", "bad-renewal", "formula"]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_row_is_said_at_once_and_keeps_no_other_row_out(
    tmp_path, change, codes
):
    found = read(tmp_path, {**ACME, **change}, NORTH)
    assert said(found) == [(2, code) for code in sorted(codes)]
    assert list(found.entries) == ["university-of-the-north-research-data"]
    assert found.unread == (2,)
    assert all(f.hint for f in found.findings)


def test_a_telephone_number_is_no_formula(tmp_path):
    found = read(tmp_path, {**ACME, "Contact": "+43 1 234 56"})
    assert said(found) == []
    assert found.entries["acme-ltd-support"].contact == "+43 1 234 56"


def test_a_start_before_the_signature_is_warned_of_and_kept(tmp_path):
    found = read(tmp_path, {**ACME, "Signed": "2024-05-01"})
    assert [(f.code, f.severity) for f in found.findings] == [
        ("starts-before-signed", "warning")
    ]
    assert found.entries


def test_a_term_that_ends_on_a_day_that_does_not_exist_is_not_read(tmp_path):
    row = {"Partner": "A", "Start": "2024-01-31", "Term": "1 month"}
    assert said(read(tmp_path, row)) == [(2, "no-such-day")]


def test_two_rows_of_one_id_are_both_refused(tmp_path):
    found = read(tmp_path, ACME, {**ACME, "Notice": "6 months"}, NORTH)
    assert said(found) == [(2, "id-twice"), (3, "id-twice")]
    assert len(found.entries) == 1
    numbered = read(tmp_path, {**ACME, "No.": "2024/17"}, {**ACME, "No.": "2024/18"})
    assert list(numbered.entries) == ["2024-17", "2024-18"]


def test_a_name_in_two_spellings_is_one_party_and_is_said(tmp_path):
    found = read(tmp_path, ACME, {**SOUTH, "Partner": "ACME LTD."})
    assert [(f.code, f.severity) for f in found.findings] == [("name-twice", "warning")]


def test_several_partners_stand_on_lines_of_their_own_or_after_a_semicolon(tmp_path):
    found = read(tmp_path, {**ACME, "Partner": "Acme, Inc.\nBeta; Gamma"})
    assert next(iter(found.entries.values())).partners == ("Acme, Inc.", "Beta", "Gamma")


def test_a_list_in_korean_and_one_in_japanese_are_read(tmp_path):
    korean = {
        "상대기관": "한국전력",
        "목적": "위협정보",
        "체결일": "2024년 2월 15일",
        "시작일": "2024. 3. 1.",
        "종료일": "2025. 2. 28.",
        "자동연장": "1년마다 자동연장",
        "해지통보": "만료 3개월 전 서면통지",
        "담당자": "김민수",
    }
    japanese = {
        "相手方": "日本電力",
        "件名": "脅威情報",
        "締結日": "令和6年2月15日",
        "開始日": "2024年3月1日",
        "終了日": "2025年2月28日",
        "自動更新": "1年ごとに自動更新",
        "通知期間": "3か月前までに書面",
    }
    [one] = read(tmp_path, korean).entries.values()
    [other] = read(tmp_path, japanese).entries.values()
    for entry in (one, other):
        assert (entry.signed, entry.start) == (date(2024, 2, 15), date(2024, 3, 1))
        assert (str(entry.initial), str(entry.renewal)) == ("P1Y", "P1Y")
        assert entry.notice.written
    assert one.id == "한국전력-위협정보"


# -- the book's own table ------------------------------------------------------------------


@given(st.lists(entries(), max_size=5, unique_by=lambda entry: entry.id))
def test_a_books_table_reads_back_as_it_was(tmp_path_factory, found):
    path = tmp_path_factory.mktemp("book") / "book.csv"
    _ = path.write_text(table_text(found), encoding="utf-8")
    if not found:
        return
    read_back = read_rows(read_sheet(path), US.of_table())
    assert [f for f in read_back.findings if f.severity == "error"] == []
    assert list(read_back.entries.values()) == sorted(found, key=lambda entry: entry.id)


@given(st.text(max_size=80))
def test_an_id_made_from_a_name_makes_itself(text):
    assert slug(slug(text)) == slug(text)
    assert len(slug(text)) <= ID_MAX
