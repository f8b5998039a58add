"""Points are proposed from a text, and nothing is decided. The texts are invented here."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords.toml import read_tables
from comity.errors import InvalidInput
from comity.talks import Passage
from comity.talks.draft import UNWRITTEN, Names, draft
from comity.talks.furniture import furniture
from comity.talks.phrases import TEXT_CHARS_MAX, Found, locate, paragraphs

TEXT = """The Weekly Ferryman
Boards meet again over the old crossing
By A. Writer
Posted : 2031-03-09 16:30
Share
RIVERTON, Sunday, March 9, 2031 -- Ana Bel and Joao Pirez met for an hour, and neither moved.
The old ferry ends at midnight on Mar. 15, the board of Riverton has said since Friday.
Photo: the landing stage in winter.
Annna Bell told reporters that the boats go until Saturday, or until the ice breaks.
They meet next Tuesday at 12 p.m. on March 18 in the hall, and part by 20 March 2031.
"We have nothing to add," said Bel Ana at midnight.
www.ferryman.example/boards
Share
(c) The Weekly Ferryman. All rights reserved.
3 / 4
"""
NAMES = Names({"Ana Bel": ("A. Bel",), "Joao Pires": (), "Riverton": ("Rivertown",)})
WHY = {
    1: "it is a heading or a caption",
    2: "it is a heading or a caption",
    3: "it says who wrote it",
    4: "it is a date alone",
    5: "it stands several times",
    8: "it says where a picture is from",
    12: "it is an address",
    13: "it stands several times",
    14: "it is about copyright",
    15: "it has no words",
}
KEPT = [6, 7, 9, 10, 11]


@pytest.fixture(scope="module")
def made():
    return draft(TEXT, names=NAMES)


def times(made, line):
    return {t.written: t for p in made.proposed if p.line == line for t in p.times}


def test_page_furniture_is_left_out_and_every_line_says_why(made):
    assert dict(made.left_out) == WHY
    assert [one.paragraph for one in made.proposed] == KEPT
    assert set(WHY) | set(KEPT) == set(range(1, 16))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Read more", "it is a control of the page"),
        ("Facebook Twitter E-mail", "it is a control of the page"),
        ("page 3 of 4", "it is a page number"),
        ("12", "it has no words"),
        ("© 2031", "it is about copyright"),
        ("Copyright 2031 by the Ferryman", "it is about copyright"),
        ("writer@ferryman.example", "it is an address"),
        ("Updated : 2031.03.09 16:30", "it is a date alone"),
        ("11:03 a.m. KST", "it is a date alone"),
        ("Reported by B. Writer", "it says who wrote it"),
        ("[photo: the landing]", "it says where a picture is from"),
        ("– – –", "it has no words"),
    ],
)
def test_what_is_furniture_is_told_by_its_form(line, why):
    assert furniture(paragraphs(line)) == {1: why}


@pytest.mark.parametrize(
    "line",
    [
        "They met on Tuesday.",
        "“We have nothing to add.”",
        "The share of the north is larger.",
        "By the river they met, and by the river they parted.",
        "The copyright board met at www.ferryman.example for an hour, all the while it snowed on it.",
        "The envoys of both river boards sat down in the long hall and went on talking",
    ],
)
def test_a_sentence_is_no_furniture(line):
    assert furniture(paragraphs(line)) == {}


def test_the_dateline_gives_the_day_and_the_weekday_that_it_names(made):
    assert (made.dated, made.weekday) == (date(2031, 3, 9), "Sunday")
    assert len(made.notes()) == 1


@pytest.mark.parametrize(
    ("text", "dated", "expected"),
    [
        ("2031-03-10 08:00\nRIVERTON, March 9 (Reed) -- They met.\n", None, "2031-03-09"),
        ("2031-03-10 08:00\nRIVERTON, March 9 -- They met.\n", None, "2031-03-09"),
        ("2031-01-02 08:00\nRIVERTON, Dec. 31 – They met.\n", None, "2030-12-31"),
        ("RIVERTON, March 9 (Reed) -- They met.\n", date(2031, 4, 1), "2031-04-01"),
        ("2031-03-10 08:00\nThey met on March 9 - or so they say.\n", None, "2031-03-10"),
        ("2031-03-10 08:00\nThey met on March 9 in the hall.\n", None, "2031-03-10"),
    ],
)
def test_a_dateline_goes_before_the_date_of_the_page_and_a_given_day_before_both(
    text, dated, expected
):
    assert draft(text, dated=dated).dated.isoformat() == expected


def test_a_dateline_that_does_not_fall_on_its_weekday_is_said():
    text = "RIVERTON, Monday, March 9, 2031 -- They met for an hour and parted in peace.\n"
    assert draft(text).notes()[1] == (
        "the text is dated Monday, 2031-03-09, which was a Sunday: check the date before any"
        " weekday"
    )


def test_without_a_date_in_full_it_has_to_be_given():
    text = "RIVERTON, March 9 -- They met on Friday, and neither of the two has moved.\n"
    with pytest.raises(InvalidInput) as error:
        _ = draft(text)
    assert error.value.code == "no-dateline"
    found = draft(text, dated=date(2031, 3, 9))
    assert found.dated == date(2031, 3, 9)
    assert times(found, 1)["march 9"].wording == "2031-03-09"


def test_a_weekday_alone_may_be_the_last_or_the_coming_one(made):
    assert times(made, 7)["friday"].may_be == ("7 Mar 2031", "14 Mar 2031")
    assert times(made, 10)["next tuesday"].may_be == ("11 Mar 2031", "18 Mar 2031")


def test_midnight_on_a_day_is_flagged_with_both_instants(made):
    found = times(made, 7)["midnight on mar. 15"]
    assert found.wording == "midnight on 2031-03-15"
    assert found.may_be == (
        "00:00 on 15 Mar 2031 (24:00 on 14 Mar 2031)",
        "00:00 on 16 Mar 2031 (24:00 on 15 Mar 2031)",
    )


def test_twelve_pm_and_until_are_flagged_and_a_midnight_of_no_day_as_well(made):
    assert len(times(made, 10)["12 p.m. on march 18"].may_be) == 2
    assert times(made, 10)["by 20 march 2031"].wording == "until 2031-03-20"
    assert times(made, 9)["until saturday"].wording == "until Saturday"
    assert len(times(made, 9)["until saturday"].may_be) == 4
    bare = times(made, 11)["midnight"]
    assert (bare.wording, bare.may_be) == ("", ())


def test_a_date_without_a_year_is_the_one_nearest_to_the_dateline():
    text = (
        "RIVERTON, 2031-12-30 -- The ferry goes on until Jan. 2, as it has since Nov. 5.\n"
    )
    found = times(draft(text), 1)
    assert found["until jan. 2"].wording == "until 2032-01-02"
    assert found["nov. 5"].wording == "2031-11-05"


def test_names_and_their_misspellings_are_found(made):
    said = {(n.name, n.written, n.right) for p in made.proposed for n in p.names}
    assert said == {
        ("Ana Bel", "ana bel", True),
        ("Joao Pires", "joao pirez", False),
        ("Riverton", "riverton", True),
        ("Ana Bel", "annna bell", False),
        ("Ana Bel", "bel ana", False),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Japanese and Japan's ships", [("japan", True)]),
        ("Kono Tarou met Jung Kyeong-du", [("kono tarou", False), ("jung kyeong du", False)]),
        ("Jeong Kyeong doo spoke", [("jeong kyeong doo", True)]),
        ("Taro Kono spoke", [("taro kono", False)]),
        ("the jar of jam", []),
    ],
)  # fmt: skip
def test_a_name_is_compared_without_case_hyphen_or_possessive(text, expected):
    names = Names({"Japan": (), "Kono Taro": (), "Jeong Kyeong-doo": ()})
    line = f"On 2019-11-17 in the long hall by the river where boats land {text}.\n"
    found = draft(line, names=names).proposed[0].names
    assert sorted((n.written, n.right) for n in found) == sorted(expected)


def test_every_table_of_a_draft_is_marked_and_none_of_the_text_is_in_it(made):
    text = made.toml()
    findings = []
    tables = read_tables(text.split("\n"), 1, findings)
    assert findings == []
    assert [t.values["proposed"] for t in tables] == [True] * len(tables)
    assert [t.name for t in tables] == ["meeting", "account"] + ["point", "passage"] * len(
        KEPT
    )
    assert {t.values.get("says", UNWRITTEN) for t in tables} == {UNWRITTEN}
    for phrase in ("neither moved", "has said since", "told reporters", "nothing to add"):
        assert phrase in TEXT
        assert phrase not in text


def test_every_proposed_place_is_found_again_in_its_paragraph(made):
    places = locate(TEXT, as_passages(made))
    assert [p.found for p in places] == [Found.LOCATED] * len(KEPT)
    assert [p.line for p in places] == [one.line for one in made.proposed]


def test_paragraphs_that_begin_alike_get_phrases_of_their_own():
    text = "The boards of both sides met in the {} hall on the water.\n"
    made = draft("".join(text.format(h) for h in ("long", "old")), dated=date(2031, 3, 9))
    one, other = made.proposed
    assert one.unique
    assert other.unique
    assert one.phrase != other.phrase


def test_a_paragraph_with_no_phrase_of_its_own_says_so():
    text = "The boards met again in the hall on the water and parted there.\nThe boards met again.\n"
    made = draft(text.replace("again.", "again"), dated=date(2031, 3, 9))
    assert len(made.left_out) == 1
    made = draft(text, dated=date(2031, 3, 9))
    assert [one.unique for one in made.proposed] == [True, False]
    assert "its phrase stands elsewhere as well" in made.toml()


def as_passages(made):
    return [
        Passage(
            point=n, account="A", says="x", paragraph=one.paragraph, words=one.words,
            phrase=one.phrase,
        )
        for n, one in enumerate(made.proposed, 1)
    ]  # fmt: skip


WORD = st.sampled_from(
    [
        "north",
        "ferry,",
        "“ice”",
        "Friday",
        "midnight",
        "on",
        "Mar.",
        "15",
        "it’s",
        "a",
        "\u00a0",
    ]
)


@settings(deadline=None)
@given(st.lists(st.lists(WORD, max_size=9).map(" ".join), max_size=8))
def test_whatever_the_text_what_is_proposed_is_found_again_where_it_says(lines):
    text = "".join(f"{line}.\n" for line in lines)
    made = draft(text, dated=date(2031, 3, 9))
    passages = as_passages(made)
    assert len(made.proposed) + len(made.left_out) == made.paragraphs
    for one, place in zip(made.proposed, locate(text, passages), strict=True):
        if one.unique:
            assert place.found is Found.LOCATED
        assert place.found is not Found.MISSING


def test_a_wrapped_text_is_read_by_its_blocks():
    text = (
        "RIVERTON, March 9, 2031 -- The boards\nmet for an hour.\n\nThey parted at\nnoon.\n"
    )
    made = draft(text)
    assert [(one.paragraph, one.line) for one in made.proposed] == [(1, 1), (2, 4)]
    assert {p.found for p in locate(text, as_passages(made))} == {Found.LOCATED}


def test_a_control_character_of_a_text_is_shown_and_not_printed():
    text = "On 2031-03-09 the boards of both sides met \x1b[31mRiver\x1bton for an hour and left.\n"
    found = draft(text, names=Names({"River ton": (), "met river": ()})).toml()
    assert "\x1b" not in found


def test_an_archive_is_no_account():
    with pytest.raises(InvalidInput) as error:
        _ = draft("x" * (TEXT_CHARS_MAX + 1), dated=date(2031, 3, 9))
    assert error.value.code == "file-too-large"


def test_a_long_account_is_drafted_in_no_time():
    line = (
        "On the river the boards met again and again for an hour by the {} landing stage.\n"
    )
    text = "".join(line.format(n) for n in range(TEXT_CHARS_MAX // 85))
    made = draft(text, dated=date(2031, 3, 9), names=NAMES)
    assert len(made.proposed) > 2000
