"""Places told by a digest are found again in a reader's copy, however it was laid out."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.talks import Passage
from comity.talks.phrases import (
    Found,
    blocks,
    check_phrase,
    locate,
    normal,
    paragraphs,
    phrase_digest,
    recognise,
)
from make import gsomia

# Invented for these tests.
TEXT = """The two river boards met on Tuesday for an hour and came no nearer.
The northern side “hopes that the old ferry may go on”, its envoy said, and
would not say for how long.

A second meeting is planned for the spring, if the ice lets the boats through.
"""


def place(account, point, paragraph, phrase):
    return Passage(
        point=point,
        account=account,
        says="x",
        paragraph=paragraph,
        words=len(normal(phrase).split(" ")),
        phrase=phrase_digest(phrase),
    )


def hashed(text):
    return "sha256:" + sha256(text.encode()).hexdigest()


def found_in(text, phrase, paragraph=1):
    (result,) = locate(text, [place("A", 1, paragraph, phrase)])
    return result


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  The\u00a0“Ferry”\t goes ", 'the "ferry" goes'),
        ("it’s ‘so’", "it's 'so'"),
        ("ﬁfty ＫＭ №", "fifty km no"),
        ("a\u3000b\n\nc", "a b c"),
        ("ÉTÉ", "été"),
        ("", ""),
    ],
)
def test_a_text_is_folded_in_the_four_stated_steps(raw, expected):
    assert normal(raw) == expected


@given(st.text())
def test_a_word_is_what_stands_between_single_spaces(text):
    once = normal(text)
    assert "  " not in once
    assert once == once.strip()


def test_the_digest_is_that_of_the_folded_phrase_without_punctuation_at_its_ends():
    assert phrase_digest("“Old ferry, may go on”,") == hashed("old ferry, may go on")
    assert phrase_digest("old FERRY, may  go on") == hashed("old ferry, may go on")
    assert phrase_digest("old ferry may go on") != hashed("old ferry, may go on")


def test_a_phrase_is_found_in_its_paragraph_with_its_line():
    one = found_in(TEXT, "came no nearer")
    assert (one.found, one.paragraph, one.line) == (Found.LOCATED, 1, 1)
    other = found_in(TEXT, "planned for the spring", 4)
    assert (other.found, other.paragraph, other.line) == (Found.LOCATED, 4, 5)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("“", '"').replace("”", '"'),
        TEXT.upper(),
        TEXT.replace("old ferry", "old\u00a0 ferry"),
        TEXT.replace("ferry", "ﬀerry".replace("ﬀ", "f")),
        TEXT.replace("\n", "\n\n"),
        TEXT.replace("go on”,", "go on” ,"),
    ],
)
def test_quotes_case_white_space_and_compatible_characters_do_not_matter(text):
    assert found_in(text, "the old ferry may go on", 2).found is Found.LOCATED


def test_the_folding_is_the_one_by_which_the_accounts_of_bangkok_were_hashed():
    third = [p for p in gsomia().readouts.passages if p.point == 3]
    assert {p.phrase for p in third} == {phrase_digest("  JEONG Kyeong-doo, ")}


def test_a_window_is_tried_as_it_is_and_without_its_punctuation():
    comma = Passage(
        point=1, account="A", says="x", paragraph=2, words=2, phrase=hashed('on", its')
    )
    bare = Passage(
        point=1, account="A", says="x", paragraph=2, words=3, phrase=hashed("may go on")
    )
    both = Passage(
        point=1, account="A", says="x", paragraph=2, words=3, phrase=hashed('may go on",')
    )
    assert [p.found for p in locate(TEXT, [comma, bare, both])] == [Found.LOCATED] * 3


def test_a_phrase_over_a_line_end_of_a_wrapped_copy_is_found_in_its_block():
    wrapped = (
        "Head\n\nThe two river boards met on\nTuesday for an hour.\n\nThe end of it\nall.\n"
    )
    assert [part.number for part in blocks(wrapped)] == [1, 2, 3]
    one = found_in(wrapped, "met on tuesday", 2)
    assert (one.found, one.paragraph, one.line) == (Found.LOCATED, 2, 3)
    lost = found_in("a b\nc d\n", "b c", 1)  # no empty line tells where a paragraph ends
    assert lost.found is Found.LOCATED
    assert [part.number for part in paragraphs("a\n\n \nb")] == [1, 2]


def test_a_phrase_in_another_paragraph_is_located_and_told_as_moved():
    one = found_in("Share this page\n\n" + TEXT, "came no nearer")
    assert (one.found, one.paragraph, one.line) == (Found.MOVED, 2, 3)


def test_of_several_places_the_one_in_the_stated_paragraph_counts_else_the_nearest():
    text = "one two\nx y\none two\nx y\nz\none two\n"
    assert found_in(text, "one two", 3).line == 3
    assert found_in(text, "one two", 5).line == 6
    assert found_in(text, "x y", 1).line == 2


def test_a_place_within_one_paragraph_counts_before_one_that_runs_over_an_end():
    over = "They met on the old\n\nferry today.\n\nNobody spoke.\n\n"
    within = "The rest is silence.\n\nThey met on the old ferry.\n"
    found = found_in(over + within, "on the old ferry", paragraph=2)
    assert (found.found, found.paragraph) == (Found.MOVED, 5)


def test_a_paragraph_that_was_altered_is_not_found():
    one = found_in(TEXT.replace("no nearer", "somewhat nearer"), "came no nearer")
    assert (one.found, one.paragraph, one.line) == (Found.MISSING, None, None)


@pytest.mark.parametrize("text", ["", "\n\n", "word", "…"])
def test_nothing_is_found_where_nothing_is(text):
    assert found_in(text, "came no nearer").found is Found.MISSING


WORDS = st.lists(
    st.sampled_from(["north", "ferry,", "“ice”", "Ferry", "a.", "b"]),
    min_size=2,
    max_size=9,
)


@given(st.lists(WORDS, min_size=1, max_size=5), st.data())
def test_a_phrase_taken_from_a_paragraph_is_located_there(parts, data):
    text = "\n".join(" ".join(part) for part in parts)
    number = data.draw(st.integers(1, len(parts)))
    part = parts[number - 1]
    start = data.draw(st.integers(0, len(part) - 2))
    phrase = " ".join(
        part[start : start + data.draw(st.integers(2, min(4, len(part) - start)))]
    )
    length = len(normal(phrase).split(" "))
    passage = Passage(
        point=1, account="A", says="x", paragraph=number, words=length,
        phrase=phrase_digest(phrase),
    )  # fmt: skip
    (one,) = locate(text, [passage])
    assert (one.found, one.paragraph) == (Found.LOCATED, number)


# -- which text is which account -------------------------------------------------------------

OTHER = """The boards parted in good humour after a short talk by the water.
Nobody spoke of the old ferry, which the southern side wants gone by May.
"""
PLACES = {
    "A": (place("A", 1, 1, "came no nearer"), place("A", 2, 4, "planned for the spring"),
          place("A", 3, 2, "the old ferry")),
    "B": (place("B", 1, 1, "parted in good humour"), place("B", 2, 2, "gone by may"),
          place("B", 3, 2, "the old ferry")),
}  # fmt: skip


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("B.txt", "A.txt")])
def test_a_text_is_known_by_what_stands_in_it_and_never_by_its_name(names):
    found = recognise(dict(zip(names, (TEXT, OTHER), strict=True)), PLACES)
    assert [(c.account, c.file, c.count(Found.LOCATED)) for c in found] == [
        ("A", names[0], 3),
        ("B", names[1], 3),
    ]


def test_one_phrase_that_two_accounts_share_does_not_make_a_text_the_other_account():
    one, other = recognise({"only": TEXT}, PLACES)
    assert (one.file, other.file) == ("only", None)
    assert other.count(Found.MISSING) == 3


def test_a_text_is_one_account_s_alone_also_where_half_of_another_stands_in_it():
    half = {**PLACES, "B": PLACES["B"][1:]}
    one, other = recognise({"only": TEXT}, half)
    assert (one.file, other.file) == ("only", None)


def test_a_stranger_s_text_is_no_account():
    found = recognise({"x": "Something of the old ferry, and of nothing else.\n"}, PLACES)
    assert [copy.file for copy in found] == [None, None]


def test_of_two_copies_the_one_with_more_places_in_their_paragraph_is_taken():
    copies = {"furnished": "Menu\nHome\n" + TEXT, "plain": TEXT, "torn": TEXT[:100]}
    assert recognise(copies, PLACES)[0].file == "plain"


@pytest.mark.parametrize(
    ("words", "phrase"),
    [
        (3, "sha256:abc"),
        (3, "0" * 64),
        (3, "sha256:" + "G" * 64),
        (3, "sha256:" + "A" * 64),
        (1, hashed("x")),
        (13, hashed("x")),
    ],
)
def test_what_is_no_digest_of_a_short_phrase_is_refused(words, phrase):
    with pytest.raises(InvalidInput) as error:
        check_phrase(words, phrase)
    assert error.value.code == "bad-digest"
