import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.texts import GOOD, changed, loaded
from comity.accords import check, read_accord
from comity.accords.confirm import NAME_MAX, confirm
from comity.accords.text import is_plain, words_digest
from comity.errors import InvalidInput, Unreadable
from make import GSOMIA

OFFICER = "An Officer"
WORDS_LIKE_A_RULE = changed(
    (
        "Agreed in two languages.",
        'cites = "1(1)"\nread = "sha256:00"\n[scope]\nread_by = "nobody"',
    )
)


def confirmed(place, text=GOOD, by=OFFICER):
    raw, count = confirm(text.encode(), place, by)
    return raw.decode(), count


def added(before, after):
    """Return the lines put in, where nothing else changed."""
    old, new, found = before.split("\n"), after.split("\n"), []
    for line in new:
        if old and line == old[0]:
            del old[0]
        else:
            found.append(line)
    assert old == []
    return found


def test_confirming_writes_the_digest_of_the_words_and_who_read_them():
    text, count = confirmed("1(1)")
    digest = words_digest(loaded().document, "1(1)")
    assert (count, added(GOOD, text)) == (
        1,
        [f'read = "{digest}"', f'read_by = "{OFFICER}"'],
    )
    rule = loaded(text).clauses[0]
    assert (rule.read, rule.read_by) == (digest, OFFICER)


@pytest.mark.parametrize(
    ("place", "count"),
    [("1", 2), ("1(1)", 1), ("1(2)", 1), ("1(2)(a)", 1), ("2", 3), ("2(4)", 1), ("3", 1)],
)
def test_a_place_has_the_rules_of_all_that_stands_under_it(place, count):
    text, found = confirmed(place)
    assert found == count
    assert len(added(GOOD, text)) == 2 * count


@pytest.mark.parametrize("place", ["1(3)", "1(1)(a)", "1(2)(b)", "9", "2(3)"])
def test_a_place_without_a_rule_confirms_nothing_and_says_so(place):
    with pytest.raises(InvalidInput) as refused:
        _ = confirmed(place)
    assert refused.value.code == "cites-nothing"
    assert refused.value.hint


@pytest.mark.parametrize("place", ["", "x", "1.1", "1(", "article 1", "(1)"])
def test_what_is_no_place_is_refused(place):
    with pytest.raises(InvalidInput) as refused:
        _ = confirmed(place)
    assert refused.value.code == "cites-nothing"


@pytest.mark.parametrize("place", ["1", "1(2)", "2", "3"])
def test_to_confirm_twice_is_to_confirm_once(place):
    once, count = confirmed(place)
    assert confirmed(place, once) == (once, count)


def test_who_confirms_later_takes_the_place_of_who_did_before():
    once, _ = confirmed("1")
    again, _ = confirmed("1", once, by="Another")
    assert again == once.replace(OFFICER, "Another")


def test_confirming_changes_no_other_rule():
    one, _ = confirmed("1(1)")
    both, _ = confirmed("2", one)
    assert loaded(both).clauses[0] == loaded(one).clauses[0]


def test_confirming_refreshes_what_was_stale_and_nothing_else():
    once, _ = confirmed("1")
    stale = changed(("share reports on", "share all reports on"), text=once)
    fresh, _ = confirmed("1(1)", stale)
    lines = list(zip(stale.split("\n"), fresh.split("\n"), strict=True))
    different = [(old, new) for old, new in lines if old != new]
    assert len(different) == 1
    assert different[0][0].startswith('read = "sha256:')
    assert {f.code for f in check(loaded(fresh))} & {"stale-rule"} == set()


def test_words_that_look_like_a_rule_stay_as_they_are():
    text, count = confirmed("1(1)", WORDS_LIKE_A_RULE)
    assert count == 1
    assert 'cites = "1(1)"\nread = "sha256:00"\n[scope]\nread_by = "nobody"' in text
    assert (
        loaded(text).document.text_digest == loaded(WORDS_LIKE_A_RULE).document.text_digest
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('cites = "1(1)"', "cites = '1(1)'"),
        ('cites = "1(1)"', 'cites="1(1)"   # here'),
        ('cites = "1(1)"', '  cites  =  "1(1)"'),
        ('cites = "1(1)"\n', 'read = "x"\nread_by = "y"\ncites = "1(1)"\n'),
        ('cites = "1(1)"\n', 'read_by = "y"\ncites = "1(1)"\nread = "x"\n'),
        ("[scope]\n", "  [scope]  # what may cross\n"),
        ("[scope]\n", "# [purpose]\n[scope]\n# cites\n"),
        ('categories = ["incidents"]', "categories = [\"cites = '1(1)'\"]"),
    ],
)
def test_however_a_rule_is_spelt_it_is_confirmed_once(old, new):
    text, count = confirmed("1(1)", changed((old, new)))
    assert count == 1
    accord = loaded(text)
    assert accord.clauses[0].read == words_digest(accord.document, "1(1)")
    assert accord.clauses[0].read_by == OFFICER
    assert accord.clauses[1].read is None
    assert confirmed("1(1)", text) == (text, 1)


def test_confirming_makes_another_version_and_the_same_words():
    text, _ = confirmed("1")
    assert loaded(text).digest != loaded().digest
    assert loaded(text).document.text_digest == loaded().document.text_digest


@pytest.mark.parametrize(
    "by",
    ["", " ", "\t", 'A "B"', "A \\ B", "A\nB", "A\x00B", "A\u202eB", "A\u200bB", "Jose\u0301",
     "\uf981", "Officer ٣", "A\tB", "A ", "x" * (NAME_MAX + 1), "A\x1b[31m", "A\u2028B"],
    ids=ascii,
)  # fmt: skip
def test_a_name_that_the_file_could_not_bear_is_refused(by):
    with pytest.raises(InvalidInput) as refused:
        _ = confirmed("1", by=by)
    assert refused.value.code == "bad-name"
    assert refused.value.hint


@pytest.mark.parametrize(
    "by", ["Ö. Æsir", "山田 太郎", "홍길동", "O'Neill", "J. (2)", "x" * NAME_MAX]
)
def test_a_name_is_written_as_it_is(by):
    text, _ = confirmed("1(1)", by=by)
    assert loaded(text).clauses[0].read_by == by


@settings(deadline=None)
@given(st.text(max_size=20))
def test_a_name_is_taken_exactly_where_the_file_can_bear_it_and_then_has_it(by):
    bearable = is_plain(by) and bool(by.strip()) and not set(by) & set('"\\')
    try:
        text, _ = confirmed("1(1)", by=by)
    except InvalidInput:
        assert not bearable
    else:
        assert bearable
        assert loaded(text).clauses[0].read_by == by


@pytest.mark.parametrize(
    "text", ["", GOOD[:-1], GOOD.replace("\n", "\r\n"), changed(("share", "share\u200b"))]
)
def test_a_file_that_is_not_in_canonical_form_is_not_confirmed(text):
    with pytest.raises(Unreadable) as refused:
        _ = confirm(text.encode(), "1", OFFICER, "x.md")
    assert {f.where for f in refused.value.findings} == {"x.md"}


@pytest.mark.parametrize(
    "path", sorted(GSOMIA.glob("accords/*.accord.md")), ids=lambda p: p.stem
)
def test_every_rule_of_every_accord_of_the_world_can_be_confirmed(path):
    raw = path.read_bytes()
    accord, _ = read_accord(raw)
    for number in dict.fromkeys(rule.cites.split("(")[0] for rule in accord.clauses):
        raw, _ = confirm(raw, number, OFFICER)
    again, found = read_accord(raw)
    assert found == []
    assert len(again.clauses) == len(accord.clauses)
    assert {f.code for f in check(again)} & {"unread-rule", "stale-rule"} == set()
