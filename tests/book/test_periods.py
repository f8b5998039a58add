import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.accords.times import Period
from comity.book import periods
from comity.book.entry import By, Ending, Notice, Renews
from comity.errors import InvalidInput

LENGTHS = {
    "3 months": "P3M",
    "3 Months.": "P3M",
    "90 days": "P90D",
    "90 calendar days": "P90D",
    "90d": "P90D",
    "18 mos": "P18M",
    "1 year and 6 months": "P1Y6M",
    "1 yr, 6 mo": "P1Y6M",
    "six months": "P6M",
    "three (3) months": "P3M",
    "30 (thirty) days": "P30D",
    "6-month": "P6M",
    "2 weeks": "P2W",
    "half a year": "P6M",
    "1 Jahr": "P1Y",
    "drei Monate": "P3M",
    "6 mois": "P6M",
    "un an": "P1Y",
    "3か月": "P3M",
    "３ヶ月": "P3M",
    "1年間": "P1Y",
    "90日": "P90D",
    "半年": "P6M",
    "3개월": "P3M",
    "1년 6개월": "P1Y6M",
    "30일": "P30D",
    "P3M": "P3M",
    "p1y": "P1Y",
}
NO_LENGTHS = [
    "30 business days",
    "30 working days",
    "30 Werktage",
    "30営業日",
    "about 3 months",
    "3 to 6 months",
    "2 months or 60 days",
    "12",
    "soon",
    "three (4) months",
    "0 days",
    "1 month 2 months",
    "month",
    "year",
    "3 months to the end of the quarter",
    "3月",
    "PT24H",
    "3 days months",
]


@pytest.mark.parametrize("text", LENGTHS)
def test_a_length_is_read_as_people_write_it(text):
    found = periods.period(text)
    assert (found.months, found.days) == (
        Period.parse(LENGTHS[text]).months,
        Period.parse(LENGTHS[text]).days,
    )


@pytest.mark.parametrize("text", NO_LENGTHS)
def test_what_is_not_understood_whole_is_not_read(text):
    with pytest.raises(InvalidInput) as refused:
        _ = periods.period(text)
    assert refused.value.code == "bad-period"
    assert f"`{text}`" in refused.value.message


@pytest.mark.parametrize(
    ("text", "by", "length"),
    [
        ("auto-renews yearly", By.SILENCE, "P1Y"),
        ("Automatically renewed for successive one-year periods", By.SILENCE, "P1Y"),
        ("auto-renews for 2 years", By.SILENCE, "P2Y"),
        ("every 6 months", By.SILENCE, "P6M"),
        ("each year", By.SILENCE, "P1Y"),
        ("1 year", By.SILENCE, "P1Y"),
        ("verlängert sich jeweils um ein Jahr", By.SILENCE, "P1Y"),
        ("reconduction tacite annuelle", By.SILENCE, "P1Y"),
        ("1年ごとに自動更新", By.SILENCE, "P1Y"),
        ("自動更新（1年）", By.SILENCE, "P1Y"),
        ("1년마다 자동연장", By.SILENCE, "P1Y"),
        ("매년 자동갱신", By.SILENCE, "P1Y"),
        ("none", By.NOTHING, None),
        ("No automatic renewal", By.NOTHING, None),
        ("なし", By.NOTHING, None),
        ("없음", By.NOTHING, None),
        ("by agreement", By.AGREEMENT, None),
        ("1 year by mutual agreement", By.AGREEMENT, "P1Y"),
        ("合意により1年", By.AGREEMENT, "P1Y"),
    ],
)
def test_a_renewal_is_read_as_people_write_it(text, by, length):
    found = periods.renewal(text)
    assert (found.by, None if found.for_ is None else found.for_.text) == (by, length)


@pytest.mark.parametrize("text", ["yes", "automatic", "auto-renews", "自動更新", "있음"])
def test_a_renewal_that_does_not_say_for_how_long_is_not_read(text):
    with pytest.raises(InvalidInput, match="not for how long"):
        _ = periods.renewal(text)


@pytest.mark.parametrize(
    "text",
    ["maybe", "not for 1 year", "1 year unless terminated", "no, 1 year", "see contract"],
)
def test_a_renewal_with_a_word_that_may_change_its_meaning_is_not_read(text):
    with pytest.raises(InvalidInput) as refused:
        _ = periods.renewal(text)
    assert refused.value.code == "bad-renewal"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3 months", "P3M"),
        ("at least three (3) months prior written notice", "P3M in writing"),
        ("90 days before the end of the term", "P90D to the end of the period"),
        ("3 Monate zum Ende der Laufzeit", "P3M to the end of the period"),
        ("6 mois avant l'échéance", "P6M to the end of the period"),
        ("30 days at any time", "P30D at any time"),
        ("jederzeit, 30 Tage", "P30D at any time"),
        (
            "期間満了の3か月前までに書面による通知",
            "P3M in writing to the end of the period",
        ),
        ("만료 3개월 전 서면통지", "P3M in writing to the end of the period"),
        ("none", "none"),
    ],
)
def test_a_notice_is_read_as_people_write_it(text, written):
    assert str(periods.notice(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "3 months to the end of the quarter",
        "3 months to the end of a month",
        "30 days after breach",
        "3 months at any time to the end of the term",
        "no notice",
        "3 months for us, 6 for them",
        "soon",
        "60 business days",
    ],
)
def test_a_notice_with_a_word_that_may_change_its_meaning_is_not_read(text):
    with pytest.raises(InvalidInput) as refused:
        _ = periods.notice(text)
    assert refused.value.code == "bad-notice"


@pytest.mark.parametrize("blank", ["", " ", "-", "–", "n/a", "N/A", "未定", "?"])
def test_a_sign_for_nothing_says_nothing(blank):
    assert periods.renewal(blank) is None
    assert periods.notice(blank) is None


def test_a_number_alone_is_a_length_only_where_the_heading_has_its_unit():
    assert periods.notice("90", "D").for_.text == "P90D"
    assert periods.period("3", "M").text == "P3M"
    for how in (periods.notice, periods.period, periods.renewal):
        with pytest.raises(InvalidInput):
            _ = how("90")


lengths = st.builds(
    lambda n, unit: Period.parse(f"P{n}{unit}"), st.integers(1, 999), st.sampled_from("YMD")
)


@given(
    st.one_of(
        st.just(Renews(by=By.NOTHING)),
        st.just(Renews(by=By.AGREEMENT)),
        st.builds(Renews, by=st.just(By.AGREEMENT), for_=lengths),
        st.builds(Renews, by=st.just(By.SILENCE), for_=lengths),
    )
)
def test_a_renewal_reads_back_as_the_book_writes_it(renews):
    assert periods.renewal(str(renews)) == renews


@given(
    st.one_of(
        st.just(Notice(for_=None)),
        st.builds(
            Notice, for_=lengths, ending=st.sampled_from(Ending), written=st.booleans()
        ),
    )
)
def test_a_notice_reads_back_as_the_book_writes_it(notice):
    assert periods.notice(str(notice)) == notice


@given(lengths, st.text(alphabet="abcdefghij äöü月", min_size=2, max_size=8))
def test_a_length_with_a_stray_word_is_read_as_nothing_else(length, word):
    text = f"{length.days or length.months} days {word}"
    try:
        found = periods.period(text)
    except InvalidInput:
        return
    assert word.strip() in ("", "d") or found.days == int(text.split(maxsplit=1)[0]), text
