import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.texts import GOOD, changed, findings, line_of, loaded, places
from comity.accords import check
from comity.accords import clauses as c
from comity.accords.accord import amend, read_amendment
from comity.accords.confirm import confirm
from comity.accords.text import digest
from comity.errors import Unreadable

FENCE = "```toml comity\n"
PARTY = '[third_party]\ncites = "3"\nconsent = "never"\n'
TERM = (
    '[[exit]]\ncites = "2(4)"\nlength = { for = "P1Y", count = "anniversary" }\n\n'
    '[entry]\ncites = "2(1)"\nwhen = { from = ["sign:dated"], of = "every party" }\n\n'
    '[term]\ncites = "2(2)"\nindefinite = true\n'
)
ENGLISH = "1. It enters into force on signature.\n2. It has no end.\n4. A year's notice ends it.\n"
JAPANESE = "1. 署名の時に効力を生ずる。\n2. 期間の定めなし。\n4. 一年の予告。\n"


def article(number, english, japanese, rules="", title="New"):
    block = f"\n{FENCE}{rules}```\n" if rules else ""
    return f"## Article {number}. {title}\n\n{english}\n\n### ja\n\n{japanese}\n{block}\n"


THIRD = article("3", "Nothing goes on at all.", "第三者に提供してはならない。", PARTY)
SECOND = article("2", ENGLISH.strip(), JAPANESE.strip(), TERM)
FOURTH = article("4", "Each Party bears its own costs.", "費用は各自負担とする。")


def amendment(*articles, base=None, name="am", front="", authentic='["en", "ja"]'):
    """Return an amendment's bytes; without a base it is made for the accord itself."""
    bases = [loaded().digest] if base is None else [base] if isinstance(base, str) else base
    listed = ", ".join(f'"{one}"' for one in bases)
    text = f"""+++
format = "comity-amendment/1"
id = "{name}"
base = {listed if len(bases) == 1 else f"[{listed}]"}
languages = ["en", "ja"]
authentic = {authentic}
{front}+++

# Amendment

{"".join(articles)}"""
    return (text.rstrip("\n") + "\n").encode()


def refused(accord, raw, where=""):
    with pytest.raises(Unreadable) as error:
        _ = amend(accord, raw, where)
    return error.value.findings


def line_in(raw, needle):
    return line_of(needle, raw.decode())


# -- what an amendment does ----------------------------------------------------------------


def test_the_words_and_rules_of_whole_articles_are_replaced_and_the_rest_stays():
    before, raw = loaded(), amendment(THIRD)
    after = amend(before, raw)
    assert after.document.article("3").words("en") == "Nothing goes on at all."
    assert after.document.article("3").words("ja") == "第三者に提供してはならない。"
    assert after.one(c.ThirdParty).consent is c.Consent.NEVER
    for number in ("1", "2"):
        assert after.document.article(number) is before.document.article(number)
    assert after.one(c.Scope).categories == before.one(c.Scope).categories
    assert (after.id, after.digest, after.front) == (before.id, before.digest, before.front)


def test_the_accord_that_is_amended_does_not_change():
    before = loaded()
    kept = (before.clauses, before.document.text_digest)
    _ = amend(before, amendment(THIRD))
    assert (before.clauses, before.document.text_digest) == kept


def test_a_version_is_the_base_and_the_amendments_in_order():
    one, other = amendment(THIRD), amendment(FOURTH, name="other")
    after = amend(amend(loaded(), one), other)
    assert (after.digest, after.amended_by) == (
        loaded().digest,
        (digest(one), digest(other)),
    )
    assert [a.front.id for a in after.amendments] == ["am", "other"]


def test_an_amended_accord_is_another_even_where_no_rule_changed():
    after = amend(loaded(), amendment(FOURTH))
    assert [r.cites for r in after.clauses] == [r.cites for r in loaded().clauses]
    assert after != loaded()
    assert after == amend(loaded(), amendment(FOURTH))
    assert hash(after) == hash(amend(loaded(), amendment(FOURTH)))


def test_an_article_without_rules_takes_the_rules_of_the_one_it_replaces_away():
    bare = article("3", "Whatever.", "何でも。")
    assert amend(loaded(), amendment(bare)).one(c.ThirdParty) is None


def test_a_new_article_is_added_with_its_rules():
    rule = '[channel]\ncites = "4"\nallowed = ["any"]\n'
    after = amend(
        loaded(), amendment(article("4", "By any way.", "方法を問わない。", rule))
    )
    assert after.one(c.Channel).allowed == ("any",)
    assert [a.number for a in after.document.articles] == ["", "1", "2", "3", "4"]


def test_rules_stand_in_the_order_of_the_articles_whichever_file_they_are_from():
    """The first exit that fits is the one that is used: the order is part of the meaning."""
    after = amend(loaded(), amendment(SECOND))
    order = [rule.cites.split("(")[0] for rule in after.clauses]
    assert order == sorted(order)
    assert after.one(c.Term).indefinite


def test_the_lines_of_a_version_are_those_of_the_amendment_and_other_rules_have_none():
    raw = amendment(THIRD)
    after = amend(loaded(), raw)
    assert after.one(c.ThirdParty).line == line_in(raw, "[third_party]")
    assert {rule.line for rule in after.clauses if not rule.cites.startswith("3")} == {0}


def test_an_amendment_that_is_there_already_changes_nothing_when_it_comes_again():
    once = amend(loaded(), amendment(THIRD))
    assert amend(once, amendment(THIRD)) is once


# -- what it has to be ---------------------------------------------------------------------


def test_an_amendment_of_another_version_is_refused_with_the_digest_of_this_one():
    raw = amendment(THIRD, base="sha256:" + "0" * 64)
    found = refused(loaded(), raw, "x.amendment.md")
    assert places(found) == [(line_in(raw, "base"), "other-base")]
    assert loaded().digest in found[0].hint
    assert found[0].where == "x.amendment.md"


def test_a_changed_accord_is_another_base():
    other = loaded(changed(("share reports", "share all reports")))
    assert places(refused(other, amendment(THIRD))) == [(4, "other-base")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"comity-amendment/1", b"comity-amendment/2", "bad-format"),
        (b"comity-amendment/1", b"comity-accord/1", "bad-format"),
        (b'id = "am"', b'idd = "am"', "unknown-key"),
        (b'authentic = ["en", "ja"]', b'authentic = ["en"]', "unknown-language"),
        (b'authentic = ["en", "ja"]', b'authentic = ["ja", "en"]', "unknown-language"),
        (b'authentic = ["en", "ja"]', b"authentic = []", "empty-list"),
        (b'languages = ["en", "ja"]', b'languages = ["en"]', "unknown-language"),
        (b'cites = "3"', b'cites = "3(1)"', "cites-nothing"),
        (b'cites = "3"', b'cites = "2(1)"', "cites-nothing"),
        (b'consent = "never"', b'consent = "perhaps"', "unknown-word"),
        (b"[third_party]", b"[third_parties]", "unknown-table"),
        (b"Nothing goes on at all.", b"Nothing goes on at all. ", "trailing-space"),
        (b"```\n", b"", "unclosed-fence"),
        (b"+++\n\n# Am", b"\n# Am", "no-front-matter"),
        (b"+++\nformat", b"format", "no-front-matter"),
    ],
)
def test_an_amendment_that_is_wrong_is_refused_whole(old, new, code):
    raw = amendment(THIRD)
    assert old in raw
    found = refused(loaded(), raw.replace(old, new, 1))
    assert code in {f.code for f in found}
    assert all(f.line for f in found)


def test_an_amendment_read_as_an_accord_is_one_finding_that_says_what_it_is():
    (found,) = findings(amendment(THIRD))
    assert (found.line, found.code) == (2, "bad-format")
    assert found.message == "the file is an amendment, no accord"


def test_an_amendment_is_in_the_accords_authentic_languages():
    found = refused(loaded(), amendment(THIRD, authentic='["en"]'))
    assert found[0].hint == 'write `authentic = ["en", "ja"]`'


def test_an_amended_rule_cites_words_of_the_amendment_and_not_of_the_base():
    """Article 3 of the base has no paragraphs; that of the amendment has to have the words."""
    rule = PARTY.replace('"3"', '"2(2)"')
    raw = amendment(article("3", "Nothing.", "なし。", rule))
    assert places(refused(loaded(), raw)) == [(line_in(raw, "cites"), "cites-nothing")]


def test_an_amendment_without_an_article_changes_nothing_and_is_refused():
    assert [f.code for f in refused(loaded(), amendment())] == ["empty-list"]


def test_an_amendment_without_a_base_is_refused():
    raw = amendment(THIRD, base=[])
    assert "other-base" in {f.code for f in refused(loaded(), raw)}


def test_a_rule_that_stands_once_is_not_put_in_beside_that_of_an_article_that_stays():
    rule = '[third_party]\ncites = "4"\nconsent = "never"\n'
    raw = amendment(article("4", "Nothing at all.", "なし。", rule))
    found = refused(loaded(), raw)
    assert places(found) == [(line_in(raw, "[third_party]"), "rule-twice")]
    assert "in an article that stays" in found[0].hint


def test_a_rule_that_stands_once_may_move_with_the_articles_it_is_replaced_in():
    rule = '[third_party]\ncites = "4"\nconsent = "never"\n'
    gone = article("3", "Void.", "削除。")
    after = amend(loaded(), amendment(gone, article("4", "None.", "なし。", rule)))
    assert after.one(c.ThirdParty).cites == "4"


@pytest.mark.parametrize("raw", [b"", b"\xff", b"+++\n", b"x" * 3_000_000, GOOD.encode()])
def test_what_is_no_amendment_is_refused_with_findings(raw):
    assert refused(loaded(), raw)
    assert read_amendment(raw)[0] is None


# -- several amendments --------------------------------------------------------------------

AGAIN = article("3", "Everything goes on.", "自由。", PARTY.replace("never", "not needed"))


def test_two_amendments_of_one_base_go_together_where_they_touch_other_articles():
    first, second = amendment(THIRD), amendment(SECOND, name="second")
    one = amend(amend(loaded(), first), second)
    other = amend(amend(loaded(), second), first)
    assert one.document.text_digest == other.document.text_digest
    assert [r.cites for r in one.clauses] == [r.cites for r in other.clauses]


def test_two_amendments_of_one_base_that_touch_one_article_conflict():
    once = amend(loaded(), amendment(THIRD))
    raw = amendment(FOURTH, AGAIN, name="second")
    found = refused(once, raw)
    assert places(found) == [(line_in(raw, "## Article 3."), "conflicting-amendments")]
    assert "`am`" in found[0].message
    assert digest(amendment(THIRD)) in found[0].hint


def test_the_later_one_stands_where_it_names_the_earlier_as_its_base():
    first = amendment(THIRD)
    after = amend(amend(loaded(), first), amendment(AGAIN, base=digest(first)))
    assert after.one(c.ThirdParty).consent is c.Consent.NOT_NEEDED
    assert len(after.amended_by) == 2


def test_an_amendment_that_builds_on_one_that_is_not_there_is_refused():
    first = amendment(THIRD)
    raw = amendment(AGAIN, base=digest(first))
    assert places(refused(loaded(), raw)) == [(4, "other-base")]


def test_naming_one_earlier_amendment_does_not_name_another():
    """The third was written after the second, and its authors need not have seen the first."""
    first, second = amendment(THIRD), amendment(FOURTH, name="second")
    both = amend(amend(loaded(), first), second)
    third = amendment(AGAIN, base=digest(second), name="third")
    assert [f.code for f in refused(both, third)] == ["conflicting-amendments"]


def test_an_amendment_may_build_on_several():
    first, second = amendment(THIRD), amendment(FOURTH, name="second")
    both = amend(amend(loaded(), first), second)
    more = article("4", "Costs are shared.", "費用は分担する。")
    third = amendment(AGAIN, more, base=[digest(first), digest(second)], name="third")
    after = amend(both, third)
    assert after.document.article("4").words("en") == "Costs are shared."
    assert after.one(c.ThirdParty).consent is c.Consent.NOT_NEEDED


def test_what_an_amendment_builds_on_reaches_back_through_what_that_one_builds_on():
    first = amendment(THIRD)
    second = amendment(FOURTH, base=digest(first), name="second")
    third = amendment(AGAIN, base=digest(second), name="third")
    version = loaded()
    for raw in (first, second, third):
        version = amend(version, raw)
    assert version.one(c.ThirdParty).consent is c.Consent.NOT_NEEDED


def test_every_conflict_is_found_at_once():
    once = amend(loaded(), amendment(THIRD, FOURTH))
    raw = amendment(AGAIN, FOURTH, SECOND, name="second")
    assert places(refused(once, raw)) == [
        (line_in(raw, "## Article 3."), "conflicting-amendments"),
        (line_in(raw, "## Article 4."), "conflicting-amendments"),
    ]


@settings(deadline=None)
@given(st.lists(st.sets(st.sampled_from("345678"), min_size=1), min_size=1, max_size=4))
def test_amendments_of_one_base_go_together_exactly_where_no_article_is_touched_twice(
    touched,
):
    version, seen = loaded(), set()
    for place, numbers in enumerate(touched):
        parts = [article(n, f"Words {place}.", f"語{place}。") for n in sorted(numbers)]
        raw = amendment(*parts, name=f"n{place}")
        if numbers & seen:
            found = refused(version, raw)
            assert len(found) == len(numbers & seen)
            assert {f.code for f in found} == {"conflicting-amendments"}
        else:
            version = amend(version, raw)
            seen |= numbers


@settings(deadline=None)
@given(st.permutations("3456"))
def test_the_order_of_amendments_that_touch_other_articles_does_not_change_the_words(order):
    parts = {n: amendment(article(n, f"W {n}.", f"語{n}。"), name=f"n{n}") for n in "3456"}
    one, other = loaded(), loaded()
    for number in "3456":
        one = amend(one, parts[number])
    for number in order:
        other = amend(other, parts[number])
    words = [[v.document.article(n).words("en") for n in "3456"] for v in (one, other)]
    assert words[0] == words[1]


# -- stale rules ---------------------------------------------------------------------------


def test_a_rule_confirmed_in_the_amendment_is_fresh_in_the_version():
    confirmed, _ = confirm(amendment(THIRD), "3", "An Officer")
    version = amend(loaded(), confirmed)
    stale = {f.code for f in check(version) if f.line}
    assert "stale-rule" not in stale
    assert version.one(c.ThirdParty).read_by == "An Officer"


@pytest.mark.parametrize(
    ("old", "new"), [("Nothing goes on at all.", "Little goes on."), ("第三者", "他者")]
)
def test_a_rule_whose_amended_words_changed_after_it_was_read_is_stale(old, new):
    confirmed, _ = confirm(amendment(THIRD), "3", "An Officer")
    altered = confirmed.decode().replace(old, new).encode()
    found = [f for f in check(amend(loaded(), altered)) if f.code == "stale-rule"]
    assert [f.line for f in found] == [line_in(altered, "[third_party]")]


def test_a_rule_read_in_the_base_is_not_fresh_for_the_amended_words():
    confirmed, _ = confirm(GOOD.encode(), "3", "An Officer")
    base = loaded(confirmed.decode())
    read = base.one(c.ThirdParty).read
    rule = PARTY + f'read = "{read}"\nread_by = "An Officer"\n'
    raw = amendment(article("3", "Nothing.", "なし。", rule), base=base.digest)
    assert "stale-rule" in {f.code for f in check(amend(base, raw))}


def test_the_rules_of_articles_that_stay_are_as_fresh_as_before():
    confirmed = GOOD.encode()
    for number in "123":
        confirmed, _ = confirm(confirmed, number, "An Officer")
    base = loaded(confirmed.decode())
    version = amend(base, amendment(THIRD, base=base.digest))
    assert {f.code for f in check(version)} & {"stale-rule", "unread-rule"} == {
        "unread-rule"
    }
    unread = [f for f in check(version) if f.code == "unread-rule"]
    assert len(unread) == 1
