import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.texts import GOOD, changed, errors, findings, line_of, loaded, places
from comity.accords import check, load_accord, read_accord
from comity.accords import clauses as c
from comity.accords.accord import RULES_MAX, Existence, Law
from comity.errors import ComityError, Severity, Unreadable
from make import GSOMIA

FENCE = "\n```toml comity\n"


def with_rule(rule, after="1", *, text=GOOD):
    """Put a rule into the block of an article."""
    opened = text.index(FENCE, text.index(f"## Article {after}.")) + len(FENCE)
    return text[:opened] + rule.strip() + "\n\n" + text[opened:]


# -- what loads ----------------------------------------------------------------------------


def test_an_accord_has_what_its_file_says():
    accord = loaded()
    assert (accord.id, accord.title) == ("a-b", "Agreement between A and B")
    assert (accord.parties, accord.zone.name) == (("a", "b"), "Asia/Tokyo")
    assert (accord.front.law, accord.front.existence) == (Law.VCLT, Existence.PUBLIC)
    assert [c.NAMES[type(rule)] for rule in accord.clauses] == [
        "scope", "purpose", "entry", "term", "exit", "third_party",
    ]  # fmt: skip
    assert [rule.cites for rule in accord.clauses] == [
        "1(1)", "1(2)(a)", "2(1)", "2(2)", "2(4)", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted(GSOMIA.glob("accords/*.accord.md")), ids=lambda p: p.stem
)
def test_every_accord_of_the_world_loads(path):
    accord, found = read_accord(path.read_bytes(), str(path))
    assert (accord is not None, found) == (True, [])
    assert errors(check(accord)) == []


def test_every_rule_remembers_its_line():
    assert [rule.line for rule in loaded().clauses] == [
        line_of(head)
        for head in (
            "[scope]",
            "[purpose]",
            "[entry]",
            "[term]",
            "[[exit]]",
            "[third_party]",
        )
    ]


def test_equal_bytes_are_equal_accords_and_other_bytes_are_others():
    one, same = loaded(), loaded()
    other = loaded(changed(("share reports", "share all reports")))
    assert (one == same, hash(one) == hash(same)) == (True, True)
    assert one != other
    assert one != GOOD


def test_an_accord_may_be_asked_without_some_rules():
    accord = loaded()
    scope = accord.one(c.Scope)
    bare = accord.without([scope])
    assert bare.one(c.Scope) is None
    assert bare != accord
    assert accord.one(c.Scope) is scope
    assert bare.document is accord.document


def test_a_place_is_said_as_the_text_calls_it():
    accord = loaded(changed(("## Article 3. Third parties", "## Section 3. Third parties")))
    assert accord.place("2(4)") == "article 2(4) (Entry into force and end)"
    assert accord.place("3") == "section 3 (Third parties)"
    assert accord.place("9(1)") == "9(1)"
    assert accord.place("no place") == "no place"


def test_an_accord_without_a_title_is_called_by_its_id():
    assert loaded(changed(("# Agreement between A and B\n\n", ""))).title == "a-b"


def test_load_raises_with_every_finding():
    text = changed(("Asia/Tokyo", "Asia/Nowhere"), ("each originator", "nobody"))
    with pytest.raises(Unreadable) as refused:
        load_accord(text.encode(), "x.accord.md")
    assert places(refused.value.findings) == [
        (6, "bad-zone"),
        (line_of("consent ="), "unknown-word"),
    ]
    assert refused.value.message.startswith("x.accord.md:6: error:")
    assert refused.value.message.endswith("(and 1 more)")


# -- front matter --------------------------------------------------------------------------

FRONT = [
    ('format = "comity-accord/1"', 'format = "comity-accord/2"', "newer-format"),
    ('format = "comity-accord/1"', 'format = "comity-accord/10"', "newer-format"),
    ('format = "comity-accord/1"', 'format = "comity-accord/0"', "bad-format"),
    ('format = "comity-accord/1"', 'format = "comity-accord/one"', "bad-format"),
    ('format = "comity-accord/1"', 'format = "comity-world/1"', "bad-format"),
    ('format = "comity-accord/1"', "format = 1", "wrong-kind"),
    ('id = "a-b"', 'id = ""', "empty-value"),
    ('id = "a-b"', 'idd = "a-b"', "unknown-key"),
    ('languages = ["en", "ja"]', "languages = []", "empty-list"),
    ('authentic = ["en", "ja"]', "authentic = []", "empty-list"),
    ('authentic = ["en", "ja"]', 'authentic = ["en", "ko"]', "unknown-language"),
    ('zone = "Asia/Tokyo"', 'zone = "Tokyo"', "bad-zone"),
    ('zone = "Asia/Tokyo"', 'zone = "UTC+9"', "bad-zone"),
    ('law = "vclt"', 'law = "roman"', "unknown-word"),
    ('parties = ["a", "b"]', 'parties = ["a"]', "empty-list"),
    ('parties = ["a", "b"]', "parties = []", "empty-list"),
    ('parties = ["a", "b"]', 'parties = ["a", "a"]', "empty-list"),
    ('parties = ["a", "b"]', 'parties = "a, b"', "wrong-kind"),
    ('parties = ["a", "b"]', 'parties = ["a", "b"]\nopen = "yes"', "wrong-kind"),
    ('parties = ["a", "b"]', 'parties = ["a", "b"]\nexistence = "secret"', "unknown-word"),
]


@pytest.mark.parametrize(("old", "new", "code"), FRONT, ids=[new for _, new, _ in FRONT])
def test_front_matter_that_is_wrong_keeps_the_file_from_loading(old, new, code):
    text = changed((old, new))
    line = line_of(new.split("\n")[-1], text)
    assert (line, code) in places(findings(text))


@pytest.mark.parametrize(
    "key", ["format", "id", "languages", "authentic", "zone", "law", "parties"]
)
def test_a_key_that_the_front_matter_lacks_is_named(key):
    line = next(line for line in GOOD.split("\n") if line.startswith(key))
    found = findings(changed((line + "\n", "")))
    assert (2, "missing-key") in places(found)
    assert any(f"does not say `{key}`" in f.message for f in found)


def test_a_newer_format_is_one_finding_whatever_else_it_says():
    """Its rules may be of a kind that this version does not know: none is guessed at."""
    text = changed(
        ("comity-accord/1", "comity-accord/2"),
        ('law = "vclt"', 'law = "vclt"\nseals = ["x"]'),
        ("[scope]", "[compass]"),
    )
    found = findings(text)
    assert places(found) == [(2, "newer-format")]
    assert "permits nothing" in found[0].hint


def test_a_newer_format_loads_into_nothing_so_nothing_can_permit():
    accord, _ = read_accord(changed(("comity-accord/1", "comity-accord/2")).encode())
    assert accord is None


def test_every_fault_of_the_front_matter_is_found_at_once():
    text = changed(
        ('format = "comity-accord/1"', 'format = "comity-accord/x"'),
        ('authentic = ["en", "ja"]', 'authentic = ["en", "ko"]'),
        ('law = "vclt"', 'law = "roman"'),
        ('parties = ["a", "b"]', 'parties = ["a"]'),
    )
    assert places(findings(text))[:4] == [
        (2, "bad-format"), (5, "unknown-language"), (7, "unknown-word"), (8, "empty-list"),
    ]  # fmt: skip


# -- rules ---------------------------------------------------------------------------------


def test_a_rule_without_an_article_does_not_load():
    text = changed(('cites = "3"\n', ""))
    found = findings(text)
    assert places(found) == [(line_of("[third_party]", text), "missing-key")]


def test_a_rule_before_the_first_article_does_not_load():
    rule = '```toml comity\n[channel]\ncites = "1"\nallowed = ["any"]\n```\n\n'
    text = changed(("## Article 1.", rule + "## Article 1."))
    found = findings(text)
    assert places(found) == [(line_of("[channel]", text) + 1, "cites-elsewhere")]
    assert "under article `none`" in found[0].message


@pytest.mark.parametrize(
    ("cites", "code"),
    [
        ("1(9)", "cites-nothing"),
        ("1(2)(z)", "cites-nothing"),
        ("1(a)", "cites-nothing"),
        ("9", "cites-nothing"),
        ("Article 1", "cites-nothing"),
        ("1.1", "cites-nothing"),
        ("1(1", "cites-nothing"),
        ("", "empty-value"),
        ("2(1)", "cites-elsewhere"),
        ("3", "cites-elsewhere"),
    ],
)
def test_a_citation_of_what_is_not_in_its_article_is_found_at_its_line(cites, code):
    text = changed(('cites = "1(1)"', f'cites = "{cites}"'))
    assert places(findings(text)) == [(line_of(f'cites = "{cites}"', text), code)]


def test_a_label_has_to_stand_in_every_authentic_language():
    text = changed(("4. いずれ", "三　いずれ"))
    found = findings(text)
    assert places(found) == [(line_of('"2(4)"'), "cites-nothing")]
    assert "in `ja`" in found[0].message
    lax = changed(('authentic = ["en", "ja"]', 'authentic = ["en"]'), text=text)
    assert loaded(lax)


def test_a_rule_of_an_article_without_words_in_an_authentic_language_does_not_load():
    text = changed(
        ("### ja\n\n提供国の書面による同意なしに、第三者に提供してはならない。\n\n", "")
    )
    found = findings(text)
    assert places(found) == [(line_of('cites = "3"', text), "cites-nothing")]
    assert "`ja`" in found[0].message


def test_a_rule_of_an_article_without_any_words_does_not_load():
    words = GOOD[
        GOOD.index("Nothing goes on") : GOOD.index("```toml comity\n[third_party]")
    ]
    text = changed((words, ""))
    assert places(findings(text)) == [(line_of('cites = "3"', text), "cites-nothing")]


def test_an_article_without_rules_may_be_in_one_language_alone():
    assert loaded(GOOD + "\n## Article 4. Costs\n\nEach Party bears its own.\n")


def test_a_nested_place_is_cited_by_each_of_its_labels():
    text = changed(('cites = "1(1)"', 'cites = "1(3)(a)(ii)"'))
    assert loaded(text).clauses[0].cites == "1(3)(a)(ii)"


@pytest.mark.parametrize("name", sorted(c.SINGLE))
def test_a_table_that_stands_once_is_found_when_it_stands_twice(name):
    body = f'[{name}]\ncites = "3"\n'
    text = with_rule(body, "3")
    text += (
        f'\n## Article 4. More\n\nMore.\n\n### ja\n\nx\n{FENCE}[{name}]\ncites = "4"\n```\n'
    )
    found = [f for f in findings(text) if f.code == "rule-twice"]
    last = max(n for n, line in enumerate(text.split("\n"), 1) if line == f"[{name}]")
    assert found[-1].line == last
    first = min(n for n, line in enumerate(text.split("\n"), 1) if line == f"[{name}]")
    assert f"on line {first}" in found[-1].hint


def test_a_table_that_stands_twice_in_one_block_is_one_finding():
    text = with_rule('[third_party]\ncites = "3"\nconsent = "never"', "3")
    line = line_of("[third_party]", text, nth=2)
    assert places(findings(text)) == [(line, "table-twice")]


@pytest.mark.parametrize("name", sorted(c.MANY))
def test_a_table_that_forms_a_list_is_not_written_as_one(name):
    found = findings(with_rule(f'[{name}]\ncites = "1"'))
    assert [(f.code, f.hint) for f in found] == [("unknown-table", f"write `[[{name}]]`")]


@pytest.mark.parametrize("name", sorted(c.SINGLE))
def test_a_table_that_stands_once_is_not_written_as_a_list(name):
    found = findings(with_rule(f'[[{name}]]\ncites = "1"'))
    assert ("unknown-table", f"write `[{name}]`") in [(f.code, f.hint) for f in found]


def test_an_unknown_table_has_the_list_of_those_that_there_are():
    text = with_rule('[secrecy]\ncites = "1"')
    found = findings(text)
    assert places(found) == [(line_of("[secrecy]", text), "unknown-table")]
    assert all(f"`{name}`" in found[0].hint for name in (*c.SINGLE, *c.MANY))


def test_keys_of_a_block_before_any_table_belong_to_no_rule():
    text = with_rule('cites = "1"')
    line = line_of("```toml comity") + 1
    found = findings(text)
    assert places(found) == [(line, "unknown-table")]
    assert "before any table" in found[0].message


def test_more_rules_than_anybody_reads_are_refused_and_not_compared():
    rule = '[[equivalence]]\ncites = "1"\nfrom = "a:L"\nto = ["b:L"]\n'
    found = findings(with_rule(rule * (RULES_MAX + 5)))
    assert [f.code for f in found] == ["too-many-rules"]


def test_empty_lists_load_and_the_checks_say_that_they_admit_nothing():
    text = changed(
        ('categories = ["incidents"]', "categories = []"), ('["a to b", "b to a"]', "[]")
    )
    found = check(loaded(text))
    dead = [f for f in found if f.code == "dead-clause"]
    assert [(f.line, f.severity) for f in dead] == [
        (line_of("[scope]"), Severity.WARNING)
    ] * 2


def test_every_fault_of_the_rules_is_found_at_once():
    text = changed(
        ('cites = "1(1)"', 'cites = "1(7)"'),
        ('directions = ["a to b", "b to a"]', 'direction = ["a to b"]'),
        ('cites = "2(1)"', 'cites = "3"'),
        ("indefinite", "indefinite")
        if "indefinite" in GOOD
        else ("six months.", "six months."),
        ('count = "anniversary", by = "silence"', 'count = "aniversary", by = "silence"'),
        ('length = { for = "P6M", count = "anniversary" }', 'length = "P6M"'),
        ("[third_party]", "[third_parties]"),
    )
    assert places(findings(text)) == [
        (line_of("[scope]"), "missing-key"),
        (line_of('"1(7)"', text), "cites-nothing"),
        (line_of("direction =", text), "unknown-key"),
        (line_of("[entry]") + 1, "cites-elsewhere"),
        (line_of("renewal"), "unknown-word"),
        (line_of("length"), "wrong-kind"),
        (line_of("[third_parties]", text), "unknown-table"),
    ]


# -- anything at all -----------------------------------------------------------------------


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_reader_throw(raw):
    accord, found = read_accord(raw)
    assert accord is None
    assert found


@settings(deadline=None)
@given(st.data())
def test_a_file_with_a_line_lost_moved_or_doubled_loads_or_is_refused(data):
    lines = GOOD.split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["lost", "doubled", "moved"])):
        case "lost":
            del lines[place]
        case "doubled":
            lines.insert(place, lines[place])
        case "moved":
            lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(place))
    raw = "\n".join(lines).encode()
    accord, found = read_accord(raw)
    assert (accord is None) is any(f.severity is Severity.ERROR for f in found)
    if accord is not None:
        assert str(accord.document).encode() == raw
        try:
            check(accord)
        except ComityError:
            pytest.fail("a check threw")
