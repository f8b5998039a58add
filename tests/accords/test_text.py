import hashlib
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.texts import GOOD, changed, findings, line_of, loaded, places
from comity.accords import check, read_accord
from comity.accords.text import (
    FILE_BYTES_MAX,
    Citation,
    canonical,
    digest,
    is_plain,
    read_document,
    words_digest,
)
from comity.accords.toml import unseen
from make import GSOMIA

FILES = sorted(GSOMIA.glob("accords/*.accord.md"))
LAST = GOOD.count("\n")  # the number of the last line

# -- identity ------------------------------------------------------------------------------

WORDS = st.text(
    st.sampled_from("abcdefg ,;.()0123456789'\"%/éü漢字국문Ж—…*_|+=-#>&<[]`~\\$"),
    max_size=30,
)
PIECES = st.sampled_from(
    ["\t", "\r\n", "\r", " \n", "\n\n\n", "\ufeff", "\u202e", "\u200b", "\uf981", "e\u0301",
     "\x00", "\x1f", "\u0085", "\u2028", "\u3000", "\u00a0", "\x0c", "٣", "```", "+++\n",
     "## Article 1. X\n", "### ja\n", "# T\n", "x = 1\n", "```toml comity\n", "\x1c", "\x0b"]
)  # fmt: skip
ROUGH = st.lists(WORDS | PIECES, max_size=25).map("".join)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_accord_of_the_world_prints_back_as_its_bytes(path):
    raw = path.read_bytes()
    assert str(read_document(raw)).encode() == raw
    assert canonical(raw) == (raw, [])


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8), st.lists(WORDS, max_size=8), WORDS)
def test_print_is_the_inverse_of_parse_on_any_file_that_loads(preamble, words, title):
    text = changed(
        ("Agreed in two languages.", "\n".join(preamble) or "-"),
        ("(1) The Parties share reports on incidents.", "\n".join(["(1)", *words])),
        ("Article 3. Third parties", f"Article 3. {title}"),
    )
    raw = text.encode()
    accord, found = read_accord(raw)
    assert (accord is None) is bool(found)
    if accord is not None:
        assert str(accord.document).encode() == raw
        assert canonical(raw) == (raw, [])
        kept = [line for _, line in accord.document.article("1").prose["en"]]
        assert kept[1 : len(words) + 2] == ["(1)", *words]


@settings(deadline=None)
@given(ROUGH)
def test_canonical_form_is_idempotent(text):
    once, _ = canonical(text.encode())
    assert canonical(once)[0] == once


@settings(deadline=None)
@given(ROUGH)
def test_canonical_form_changes_no_word(text):
    mended, _ = canonical(text.encode())
    assert mended.decode().split() == text.lstrip("\ufeff").split()


@settings(deadline=None)
@given(ROUGH)
def test_canonical_form_normalises_no_character(text):
    mended = canonical(text.encode())[0].decode()
    assert set(mended) <= set(text) | {" ", "\n"}


@settings(deadline=None)
@given(ROUGH)
def test_what_canonical_form_cannot_mend_is_said(text):
    mended, found = canonical(text.encode())
    assert found == read_document(mended).findings


def test_canonical_form_mends_what_it_may():
    rough = "\ufeff" + GOOD.replace("\n", "\r\n").replace("    (a)", "\t(a)") + "\r\n \r\n"
    mended, found = canonical(rough.encode())
    assert (mended.decode(), found) == (GOOD, [])


def test_what_cannot_be_decoded_is_given_back_as_it_came():
    for raw in (b"\xff\r\n", b"x" * (FILE_BYTES_MAX + 1)):
        mended, found = canonical(raw)
        assert mended == raw
        assert [f.code for f in found] in (["not-utf-8"], ["file-too-large"])


def test_the_identity_is_the_sha_256_of_the_bytes():
    raw = GOOD.encode()
    assert loaded().digest == "sha256:" + hashlib.sha256(raw).hexdigest()


@settings(deadline=None)
@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(0, 255))
def test_another_byte_is_another_version(place, byte):
    raw = GOOD.encode()
    other = raw[:place] + bytes([byte]) + raw[place + 1 :]
    assert (read_document(other).digest == read_document(raw).digest) is (other == raw)


def test_the_digest_of_the_words_alone_leaves_out_rules_and_front_matter():
    words = loaded().document.text_digest
    ruled = changed(('allowed = ["defence"]', 'allowed = ["research"]'))
    assert loaded(ruled).document.text_digest == words
    assert loaded(changed(("Asia/Tokyo", "Asia/Seoul"))).document.text_digest == words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("share reports", "share all reports"),
        ("報告を共有", "報告書を共有"),
        ("Article 3. Third parties", "Article 3. Others"),
        ("## Article 3. Third parties\n", "## Section 3. Third parties\n"),
        ("# Agreement between A and B", "# Arrangement between A and B"),
        ("Agreed in two", "Agreed in both"),
    ],
)
def test_the_digest_of_the_words_alone_has_every_word(old, new):
    assert loaded(changed((old, new))).document.text_digest != loaded().document.text_digest


def test_a_heading_turned_into_words_has_another_digest():
    flat = changed(("### ja\n\n1. この", "ja\n\n1. この"))
    assert read_document(flat.encode()).text_digest != loaded().document.text_digest


# -- characters ----------------------------------------------------------------------------


def test_the_compatibility_ideograph_for_woman_is_refused_and_never_replaced():
    """NFC turns U+F981 into U+5973: another code point, perhaps another name."""
    text = changed(("Agreed in two", "Agreed by \uf981 in two"))
    found = findings(text)
    assert places(found) == [(line_of("Agreed"), "not-nfc")]
    assert "\uf981" in canonical(text.encode())[0].decode()
    assert "\u5973" not in canonical(text.encode())[0].decode()


def test_decomposed_letters_are_refused_and_the_same_letters_composed_are_not():
    decomposed = changed(("Agreed in two", "Agre\u0301ed in two"))
    assert places(findings(decomposed)) == [(line_of("Agreed"), "not-nfc")]
    assert loaded(unicodedata.normalize("NFC", decomposed))


HIDDEN = [
    *(("bidi-control", c) for c in "\u061c\u200e\u200f\u202a\u202e\u2066\u2069"),
    *(("zero-width", c) for c in "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2060\u2064"),
    *(("zero-width", c) for c in "\u3164\ufe0f\ufeff\uffa0\ufffb\U000e0041\U000e0100"),
    *(("control", c) for c in "\x00\x07\x1b\x1f\x7f\x80\x9f\u2028\u2029\ue000\uffff\u0378"),
    *(("digit", c) for c in "٣३３𝟗"),
]


@pytest.mark.parametrize(
    ("code", "char"), HIDDEN, ids=lambda x: x if len(x) > 1 else ascii(x)
)
@pytest.mark.parametrize("needle", ["share", "defence", "Third", "in two", "a-b"])
def test_a_character_that_cannot_be_seen_is_refused_wherever_it_stands(code, char, needle):
    text = changed((needle, needle[:2] + char + needle[2:]))
    found = findings(text)
    assert (line_of(needle), code) in places(found)
    assert any(f"U+{ord(char):04X}" in f.message for f in found)


@pytest.mark.parametrize(
    ("code", "char"), HIDDEN, ids=lambda x: x if len(x) > 1 else ascii(x)
)
def test_in_prose_it_is_the_only_finding(code, char):
    text = changed(("in two", f"in{char}two"))
    assert places(findings(text)) == [(line_of("Agreed"), code)]


def test_what_is_seen_is_not_refused():
    for char in "漢か국Ж§№…—“”·×€½①":
        assert loaded(changed(("in two", f"in {char} two"))), char
        assert unseen(char) == []


@pytest.mark.parametrize(
    ("rough", "expected"),
    [
        ("\ufeff" + GOOD, [(1, "zero-width")]),
        (changed(("reports on", "reports\ton")), [(line_of("reports on"), "tab")]),
        (changed(("incidents.", "incidents. ")), [(line_of("share"), "trailing-space")]),
        (
            changed(("incidents.", "incidents.\u3000")),
            [(line_of("share"), "trailing-space")],
        ),
        (changed(("incidents.\n", "incidents.\r\n")), [(line_of("share"), "control")]),
        (GOOD[:-1], [(LAST, "no-final-newline")]),
        (GOOD + "\n", [(LAST + 1, "trailing-space")]),
        (GOOD + "\n\n\n", [(LAST + 1, "trailing-space")]),
        (GOOD.replace("\n", "\r\n"), [(n, "control") for n in range(1, LAST + 1)]),
    ],
    ids=[
        "bom",
        "tab",
        "space",
        "wide-space",
        "crlf",
        "no-end",
        "one-more",
        "more",
        "all-crlf",
    ],
)
def test_what_format_mends_is_said_once_where_it_stands(rough, expected):
    found = findings(rough)
    assert places(found) == expected
    assert all("comity format" in f.hint for f in found)
    assert canonical(rough.encode())[0].decode().split() == GOOD.split()


def test_a_lone_carriage_return_is_a_control_character():
    text = changed(("share reports", "share\rreports"))
    assert places(findings(text)) == [(line_of("share"), "control")]


@pytest.mark.parametrize(
    "raw", [b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", "é".encode("latin-1")]
)
def test_a_byte_that_is_not_utf_8_is_the_only_finding_and_has_its_line(raw):
    text = GOOD.encode().replace(b"Agreed in", b"Agreed " + raw + b" in")
    assert places(findings(text)) == [(line_of("Agreed"), "not-utf-8")]


def test_a_file_of_ten_megabytes_is_refused_at_once():
    raw = GOOD.encode() + b"words\n" * 2_000_000
    began = time.perf_counter()
    assert places(findings(raw)) == [(0, "file-too-large")]
    assert time.perf_counter() - began < 1


def test_the_largest_file_may_have_as_many_bytes_as_the_limit():
    room = FILE_BYTES_MAX - len(GOOD.encode())
    filled = changed(("Agreed in two", "x" * (room) + "Agreed in two"))
    assert loaded(filled).digest
    assert places(findings(filled + "x")) == [(0, "file-too-large")]


@pytest.mark.parametrize(
    "piece",
    [b"## Article 1. X\n", b"### ja\n", b"```\n", b"```toml comity\n", b"(1) x\n", b"(a)\n(i)\n",
     b"[[exit]]\n", b"[ ", b"<", b"\n", b"\x00", b"\xe2\x80\xae\n", b"> " * 50 + b"#\n"],
    ids=ascii,
)  # fmt: skip
def test_a_file_of_one_thing_over_and_over_is_read_in_seconds(piece):
    began = time.perf_counter()
    accord, found = read_accord(GOOD.encode() + piece * (400_000 // len(piece)))
    assert accord is not None or found
    assert time.perf_counter() - began < 8


# -- structure -----------------------------------------------------------------------------

OPAQUE = [
    ("raw-html", "<b>shall</b>"),
    ("raw-html", "a note <!-- hidden -->"),
    ("raw-html", "see <https://example.org>"),
    ("raw-html", "<?php"),
    ("raw-html", "20&nbsp;days"),
    ("raw-html", "20&#8203;days"),
    ("raw-html", "20&#x200b;days"),
    ("link", "see [the annex](annex.md)"),
    ("link", "![seal](seal.png)"),
    ("link", "see [the annex][1]"),
    ("link", "[1]: https://example.org"),
    ("link", "  [annex]: annex.md"),
    ("link", "> [annex]: annex.md"),
    ("setext", "===="),
    ("setext", "---"),
    ("setext", "-"),
    ("setext", "   ==="),
    ("setext", "> ---"),
    ("foreign-fence", "    ```"),
    ("foreign-fence", "- ```toml comity"),
    ("foreign-fence", "1. ```"),
    ("foreign-fence", "> ```"),
    ("foreign-fence", "~~~"),
    ("foreign-fence", "  ~~~ text"),
    ("bad-heading", "### English"),
    ("bad-heading", "## Article 4"),
    ("bad-heading", "## article 4. Small"),
    ("bad-heading", "##  Article 4. Two spaces"),
    ("bad-heading", " ## Article 4. Indented"),
    ("bad-heading", "   # Indented title"),
    ("bad-heading", "> ## Article 4. Quoted"),
    ("bad-heading", "- ## Article 4. Listed"),
    ("bad-heading", "1. # Numbered"),
    ("bad-heading", "##"),
    ("bad-heading", "###### Six"),
    ("bad-heading", "# Another title"),
    ("unknown-language", "### ko"),
    ("article-twice", "## Article 2. Again"),
]


@pytest.mark.parametrize(("code", "line"), OPAQUE, ids=[line for _, line in OPAQUE])
def test_what_a_markdown_reader_would_show_otherwise_is_refused(code, line):
    text = changed(("\n## Article 3.", f"\n{line}\n\n## Article 3."))
    assert places(findings(text)) == [(line_of("## Article 3."), code)]


@pytest.mark.parametrize(
    "line",
    ["x < y and y > z", "& c.", "R&D; and so on", "(a)(b)", "[sic]", "--- and ===", "#5", "a * b",
     "1. 2. 4.", "3bis. More", "| a | b |", "5 & 6;", "\\`", "``", "+++", "- - -", "***", "##5",
     "[a] [b]", "*", "    four spaces"],
)  # fmt: skip
def test_plain_words_are_opaque(line):
    accord = loaded(changed(("\n## Article 3.", f"\n{line}\n\n## Article 3.")))
    assert line in accord.document.article("2").words("ja").split("\n")


def test_the_numbers_of_the_text_are_kept_as_they_stand():
    """Markdown shows 1., 2., 4. as 1, 2, 3; here the lines are the agreement's own."""
    assert "\n4. Either Party" in loaded().document.article("2").words("en")


@pytest.mark.parametrize(
    "opening", ["```", "```toml", "```python", "```toml comity x", "````"]
)
def test_a_foreign_fence_is_refused_and_what_follows_is_still_read(opening):
    fence = f"{opening}\nx\n```\n"
    text = changed(
        ("\n## Article 3.", f"\n{fence}\n## Article 3."), ("each originator", "nobody")
    )
    expected = [
        (line_of("## Article 3.", text) - 4, "foreign-fence"),
        (line_of("consent =", text), "unknown-word"),
    ]
    assert places(findings(text)) == expected


def test_an_unclosed_fence_does_not_eat_the_next_article():
    text = changed(('allowed = ["defence"]\n```\n', 'allowed = ["defence"]\n'))
    found = findings(text)
    opened = line_of("```toml comity")
    assert places(found) == [(opened, "unclosed-fence")]
    assert [a.number for a in read_document(text.encode()).articles] == ["", "1", "2", "3"]


def test_an_unclosed_fence_hides_no_fault_of_its_rules():
    text = changed(
        ('allowed = ["defence"]\n```\n', "allowed = [1.5]\n"), ("each originator", "nobody")
    )
    assert places(findings(text)) == [
        (line_of("```toml comity"), "unclosed-fence"),
        (line_of("allowed"), "bad-value"),
        (line_of("consent =", text), "unknown-word"),
    ]


def test_a_fence_that_opens_inside_another_says_that_the_first_is_not_closed():
    rule = '\n```toml comity\n[channel]\ncites = "1(1)"\nallowed = ["any"]\n'
    text = changed(("\n```toml comity\n[scope]", rule + "\n```toml comity\n[scope]"))
    assert places(findings(text)) == [(line_of("```toml comity"), "unclosed-fence")]


def test_an_unclosed_fence_at_the_end_of_the_file_is_said_at_its_opening():
    text = changed(('"each originator"\n```\n', '"each originator"\n'))
    assert places(findings(text)) == [(line_of("```toml", nth=3), "unclosed-fence")]


# -- front matter --------------------------------------------------------------------------


def test_a_file_without_front_matter_has_one_finding_for_it():
    text = GOOD.split("+++\n\n", 1)[1]
    assert places(findings(text)) == [(1, "no-front-matter")]


def test_front_matter_that_is_not_closed_has_one_finding_for_it():
    text = changed(('parties = ["a", "b"]\n+++\n', 'parties = ["a", "b"]\n'))
    assert places(findings(text)) == [(1, "no-front-matter")]


def test_front_matter_that_is_not_closed_hides_no_other_fault():
    text = changed(
        ('parties = ["a", "b"]\n+++\n', 'parties = ["a"]\n'), ("each originator", "nobody")
    )
    assert places(findings(text)) == [
        (1, "no-front-matter"),
        (line_of("parties"), "empty-list"),
        (line_of("consent =", text), "unknown-word"),
    ]


@pytest.mark.parametrize(
    "text", ["", "\n", "x", "+++\n", "+++\n+++", "+++\n+++\n", "# T\n"]
)
def test_a_file_with_nothing_in_it_is_refused_with_findings(text):
    assert findings(text)


def test_a_table_in_the_front_matter_is_refused_at_its_line():
    text = changed(("\n+++\n\n#", '\n[term]\nx = "y"\n+++\n\n#'))
    assert places(findings(text)) == [(line_of("[term]", text), "bad-front-matter")]


# -- languages -----------------------------------------------------------------------------


def test_words_are_of_the_first_language_until_a_heading_names_another():
    article = loaded().document.article("3")
    assert article.words("en").startswith("Nothing goes on")
    assert article.words("ja").startswith("提供国")
    assert article.words() == article.words("en")
    assert article.words("ko") == ""


def test_each_article_begins_in_the_first_language_again():
    assert set(loaded().document.article("2").prose) == {"en", "ja"}


def test_the_order_of_languages_names_the_first():
    text = changed(('languages = ["en", "ja"]', 'languages = ["ja", "en"]'))
    text = text.replace("### ja", "### en")
    assert loaded(text).document.article("3").words("ja").startswith("Nothing")


# -- several faults ------------------------------------------------------------------------


def test_all_faults_of_a_file_are_reported_at_once_each_with_its_line():
    text = changed(
        ("Asia/Tokyo", "Asia/Nowhere"),
        ("in two languages", "in two\u200blanguages"),
        ("share reports", "share <b>reports</b>"),
        ("### ja", "### ko"),
        ('kinds = ["document"]', "kinds = [2019-01-01]"),
        ("## Article 3. Third", "## Article 2. Third"),
        ('"P1Y", count = "anniversary" }', '"PT1H", count = "anniversary" }'),
    )
    text = text[:-1]
    assert places(findings(text)) == [
        (6, "bad-zone"),
        (line_of("in two"), "zero-width"),
        (line_of("share"), "raw-html"),
        (line_of("### ja"), "unknown-language"),
        (line_of('"1(1)"'), "cites-nothing"),
        (line_of("kinds"), "bad-value"),
        (line_of('"1(2)(a)"'), "cites-nothing"),
        (line_of("initial"), "bad-period"),
        (line_of("## Article 3."), "article-twice"),
        (line_of('cites = "3"'), "cites-nothing"),
        (LAST, "no-final-newline"),
    ]


def test_findings_name_the_file_as_the_user_did():
    found = findings(changed(("each originator", "nobody")), where="x/y.accord.md")
    line = line_of("consent =")
    assert str(found[0]).startswith(f"x/y.accord.md:{line}: error: `consent`")


# -- citations -----------------------------------------------------------------------------


def cited(cites, language="en", article=None):
    document = loaded().document
    citation = Citation.parse(cites)
    chosen = document.article(citation.article) if article is None else article
    lines = citation.lines_in(chosen, language)
    return None if lines is None else [line.strip() for _, line in lines]


@pytest.mark.parametrize(
    ("cites", "first", "count"),
    [
        ("1", "(1) The Parties share reports on incidents.", 9),
        ("1(1)", "(1) The Parties share reports on incidents.", 1),
        ("1(2)", "(2) Reports are used", 3),
        ("1(2)(a)", "(a) for defence;", 1),
        ("1(2)(b)", "(b) for research.", 1),
        ("1(3)", "(3) The text of a report may be", 5),
        ("1(3)(a)", "(a) translated,", 3),
        ("1(3)(a)(i)", "(i) by the Receiving Party or", 1),
        ("1(3)(a)(ii)", "(ii) by another;", 1),
        ("1(3)(b)", "(b) shortened.", 1),
        ("2(4)", "4. Either Party ends it by notice of six months.", 1),
        ("3", "Nothing goes on to others without the written consent of the Party it comes"
              " from.", 1),
    ],
)  # fmt: skip
def test_a_citation_has_the_words_under_its_label_and_no_others(cites, first, count):
    lines = cited(cites)
    assert (lines[0], len(lines)) == (first, count)
    assert len(cited(cites, "ja")) == count


@pytest.mark.parametrize(
    "cites", ["1(4)", "1(a)", "1(2)(c)", "1(2)(i)", "1(3)(i)", "2(3)", "2(1)(a)", "3(1)"]
)
def test_a_label_that_no_line_bears_is_not_cited(cites):
    assert cited(cites) is None


@pytest.mark.parametrize(
    "text", ["", "()", "1()", "1(A)", "a", "(1)", "1 (1)", "1(1", "1.1", "١"]
)
def test_what_has_no_form_of_a_citation_is_none(text):
    assert Citation.parse(text) is None


def outline(*lines):
    text = changed(("Nothing goes on to others", "\n".join([*lines, ""])))
    text = changed(
        ("without the written consent of the Party it comes from.", ""), text=text
    )
    article = read_document(text.encode()).article("3")
    return {
        "".join(f"({label})" for label in path): [line.strip() for _, line in found]
        for path, found in (
            (path, article.passage(path, "en")) for path in sorted(paths_of(article))
        )
    }


def paths_of(article):
    assert article.passage((), "en") is not None
    return article._passages["en"]


def test_after_h_comes_the_letter_i_and_after_a_the_first_roman_number():
    letters = outline(*(f"({letter}) x" for letter in "abcdefghij"))
    assert letters["(i)"] == ["(i) x"]
    romans = outline("(a) x", "(i) y", "(ii) z", "(b) w")
    assert romans["(a)"] == ["(a) x", "(i) y", "(ii) z"]
    assert romans["(a)(ii)"] == ["(ii) z"]


def test_a_paragraph_that_was_repealed_leaves_a_gap_and_nothing_else():
    found = outline("(1) x", "(2) y", "(5) z", "more z", "(6) w")
    assert found["(5)"] == ["(5) z", "more z"]


def test_a_paragraph_put_in_later_has_its_own_label():
    found = outline("(3) x", "(3bis) y", "(4) z")
    assert found["(3)"] == ["(3) x"]
    assert found["(3bis)"] == ["(3bis) y"]
    assert Citation.parse("1(3bis)").labels == ("3bis",)


def test_a_word_in_brackets_is_no_label():
    found = outline("(1) x", "(sic) y", "(the) z", "(2) w")
    assert found["(1)"] == ["(1) x", "(sic) y", "(the) z"]


def test_numbers_with_a_dot_hold_numbers_in_brackets():
    found = outline("1. x", "(1) y", "(2) z", "2. w", "(1) v")
    assert found["(1)(2)"] == ["(2) z"]
    assert found["(2)(1)"] == ["(1) v"]


def test_the_words_before_the_first_label_belong_to_the_article_alone():
    found = outline("In this Agreement:", "(a) x", "(b) y")
    assert "In this Agreement:" in found[""]
    assert found["(a)"] == ["(a) x"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(
    ["(1) x", "(2) x", "1. x", "2. x", "(a) x", "(b) x", "(i) x", "(ii) x", "(aa) x", "words"]
), max_size=12))  # fmt: skip
def test_every_line_is_under_its_own_label_and_under_all_that_hold_it(lines):
    text = changed(("Nothing goes on to others", "\n".join(lines) or "-"))
    found = paths_of(read_document(text.encode()).article("3"))
    everything = found[()]
    for path, part in found.items():
        assert set(part) <= set(found[path[:-1]])
        assert set(part) <= set(everything)
        if path:
            assert any(path[-1] in line for _, line in part)


def test_the_digest_of_cited_words_covers_every_authentic_language():
    document = loaded().document
    one = words_digest(document, "1(1)")
    for old, new in (
        ("share reports", "share all reports"),
        ("報告を共有", "報告書を共有"),
    ):
        other = read_document(changed((old, new)).encode())
        assert words_digest(other, "1(1)") != one
        assert words_digest(other, "1(2)") == words_digest(document, "1(2)")


def test_a_translation_that_is_not_authentic_does_not_enter_the_digest():
    one = changed(('authentic = ["en", "ja"]', 'authentic = ["en"]'))
    other = changed(("報告を共有", "報告書を共有"), text=one)
    assert words_digest(loaded(one).document, "1(1)") == words_digest(
        loaded(other).document, "1(1)"
    )


def test_words_moved_from_one_language_to_the_other_have_another_digest():
    one = changed(("Nothing goes on", "x\nja\nNothing goes on"))
    other = changed(("### ja\n\n提供国", "### ja\n\nx\n提供国"))
    digests = {words_digest(loaded(text).document, "3") for text in (GOOD, one, other)}
    assert len(digests) == 3


def test_blank_lines_do_not_enter_the_digest_of_cited_words():
    spaced = changed(("(2) Reports are used\n", "(2) Reports are used\n\n"))
    assert words_digest(loaded(spaced).document, "1(2)") == words_digest(
        loaded().document, "1(2)"
    )


@pytest.mark.parametrize("cites", ["9", "1(9)", "nonsense", ""])
def test_words_that_are_not_there_have_no_digest(cites):
    assert words_digest(loaded().document, cites) is None


@settings(deadline=None)
@given(st.text())
def test_a_name_is_plain_exactly_where_a_line_may_have_it(name):
    document = read_document(changed(("Agreed in two", f"x{name}x")).encode())
    characters = {"control", "zero-width", "bidi-control", "tab", "digit", "not-nfc"}
    refused = any(f.code in characters for f in document.findings)
    assert is_plain(f"x{name}x") is not (refused or "\n" in name)


def test_the_good_text_has_no_finding_but_that_nobody_has_read_it():
    accord, found = read_accord(GOOD.encode())
    assert found == []
    assert {f.code for f in check(accord)} == {"unread-rule", "not-stated"}
    assert digest(GOOD.encode()) == accord.digest


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("## Article 2. All <script>", "raw-html"),
        ("## Article 2. [x](y)", "link"),
        ("## Article 02. All", "bad-heading"),
        ("# Another <b>", "raw-html"),
    ],
)
def test_a_heading_is_held_to_the_same_rules_as_a_line(heading, code):
    raw = (GSOMIA / "accords/jp-rok-gsomia.accord.md").read_text(encoding="utf-8")
    found = read_document((raw + "\n" + heading + "\n").encode()).findings
    assert code in {f.code for f in found}


@pytest.mark.parametrize("line", ["3. [All of it]: x", "- [All]: x", "x [y][z]", "b]: x"])
def test_a_link_that_a_reader_would_not_show_is_refused(line):
    raw = (GSOMIA / "accords/jp-rok-gsomia.accord.md").read_text(encoding="utf-8")
    found = read_document((raw + "\n" + line + "\n").encode()).findings
    assert "link" in {f.code for f in found}


def test_a_block_without_a_rule_ends_with_the_very_next_line():
    start = GOOD.index("```toml comity\n")
    stop = GOOD.index("```\n", start + 3)
    empty = f"{GOOD[:start]}```toml comity\n{GOOD[stop:]}"
    found = read_document(empty.encode()).findings
    assert [f.code for f in found] == []
