import pytest

from accords.texts import GOOD, changed, loaded
from comity.accords import clauses as c
from comity.accords.accord import amend
from comity.accords.confirm import confirm
from comity.accords.diff import diff, say_clause, say_when
from comity.accords.times import Count, Period, parse_day
from make import GSOMIA


def differs(*pairs):
    return diff(loaded(), loaded(changed(*pairs)))


def test_an_accord_does_not_differ_from_itself():
    assert diff(loaded(), loaded()) == ()


def test_a_changed_word_is_shown_under_its_article_with_the_line_around_it():
    (found,) = differs(("(b) for research.", "(b) for study."))
    assert (found.number, found.title) == ("1", "Scope")
    assert [line for line in found.words if line[0] in "+-"][2:] == [
        "-    (b) for research.",
        "+    (b) for study.",
    ]
    assert (found.removed, found.added) == ((), ())


def test_a_changed_word_in_another_language_is_shown_as_well():
    (found,) = differs(("(b) 研究", "(b) 学術"))
    assert found.number == "1"


def test_words_moved_to_another_language_differ():
    apart, together = (
        loaded(f"{GOOD}\n## Article 4. Costs\n\nEach its own.\n{between}各自負担\n")
        for between in ("\n### ja\n\n", "")
    )
    (found,) = diff(apart, together)
    assert found.number == "4"
    assert "-### ja" in found.words


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ('allowed = ["defence"]', 'allowed = ["any"]', ("purpose [1(2)(a)]: allowed = defence, as_given = true",),
         ("purpose [1(2)(a)]: allowed = any, as_given = true",)),
        ('allowed = ["defence"]', 'allowed = ["defence"]\nas_given = false',
         ("purpose [1(2)(a)]: allowed = defence, as_given = true",),
         ("purpose [1(2)(a)]: allowed = defence, as_given = false",)),
        ('"P6M"', '"P90D"',
         ("exit [2(4)]: who = either, length = P6M, anniversary, to first day out,"
          " takes_effect = end of period, late = next period, ends = accord",),
         ("exit [2(4)]: who = either, length = P90D, anniversary, to first day out,"
          " takes_effect = end of period, late = next period, ends = accord",)),
    ],
)  # fmt: skip
def test_a_changed_rule_is_said_before_and_after(old, new, removed, added):
    (found,) = differs((old, new))
    assert (found.words, found.removed, found.added) == ((), removed, added)


@pytest.mark.parametrize("value", ["true", "false"])
def test_whether_a_notice_may_be_taken_back_is_never_left_out_of_a_difference(value):
    """None leaves it to the law, and false forbids it: they are not the same."""
    line = 'length = { for = "P6M", count = "anniversary" }'
    (found,) = differs((line, f"{line}\nrevocable = {value}"))
    assert found.added[0].endswith(f"revocable = {value}")
    assert "revocable" not in found.removed[0]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('zone = "Asia/Tokyo"', 'zone = "Asia/Seoul"', "+zone = Asia/Seoul"),
        ('law = "vclt"', 'law = "political"', "+law = political"),
        ('parties = ["a", "b"]', 'parties = ["a", "b", "c"]', "+parties = a, b, c"),
        ('parties = ["a", "b"]', 'parties = ["a", "b"]\nopen = true', "+open = true"),
        ("# Agreement between", "# Arrangement between", "+Arrangement between A and B"),
        ('authentic = ["en", "ja"]', 'authentic = ["ja", "en"]', "+authentic = ja, en"),
    ],
)
def test_what_the_front_matter_says_differs_too(old, new, line):
    (found,) = differs((old, new))
    assert found.number == "front matter"
    assert line in found.words


def test_an_article_that_is_new_and_one_that_is_gone_are_shown_whole():
    more = loaded(GOOD + "\n## Article 4. Costs\n\nEach Party bears its own.\n")
    (came,) = diff(loaded(), more)
    (went,) = diff(more, loaded())
    assert (came.number, came.title) == (went.number, went.title) == ("4", "Costs")
    assert "+Each Party bears its own." in came.words
    assert "-Each Party bears its own." in went.words


def test_an_article_that_lost_its_title_or_its_word_differs():
    assert differs(("## Article 3. Third parties", "## Article 3. Others"))
    assert differs(("## Article 3.", "## Section 3."))


def test_the_preamble_differs_under_its_own_name():
    (found,) = differs(("Agreed in two", "Agreed in both"))
    assert (found.number, found.title) == ("preamble", "")


def test_to_confirm_a_rule_changes_neither_words_nor_rules():
    raw, _ = confirm(GOOD.encode(), "1", "An Officer")
    assert diff(loaded(), loaded(raw.decode())) == ()


def test_an_amended_version_differs_where_it_was_amended():
    text = f"""+++
format = "comity-amendment/1"
id = "am"
base = "{loaded().digest}"
languages = ["en", "ja"]
authentic = ["en", "ja"]
+++

## Article 3. Third parties

Nothing at all.

### ja

なし。
"""
    (found,) = diff(loaded(), amend(loaded(), text.encode()))
    assert found.number == "3"
    assert found.removed == ("third_party [3]: consent = each originator",)


def test_what_came_from_one_side_went_from_the_other():
    paths = sorted(GSOMIA.glob("accords/*.accord.md"))
    texts = [loaded(path.read_text("utf-8")) for path in paths]
    for one in texts:
        for other in texts:
            there = {d.number: d for d in diff(one, other)}
            back = {d.number: d for d in diff(other, one)}
            assert set(there) == set(back)
            assert all(there[n].removed == back[n].added for n in there)
            assert (there == {}) is (one is other)


# -- rules in words ------------------------------------------------------------------------


def trigger(text):
    return c.Trigger.parse(text)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (c.When(on=parse_day("2020-01-15")), "on 2020-01-15"),
        (c.When(from_=(trigger("entry"),)), "from entry of every party"),
        (
            c.When(
                from_=(trigger("sign:dated"), trigger("deposit:received")),
                of=c.Of.ANY_PARTY,
                pick=c.Pick.EARLIEST,
                then=(c.Step.parse("P1M"), c.Step.parse("first of next month")),
                count=Count.CIVIL,
            ),
            "from the earliest of sign:dated, deposit:received of any party, then P1M, then"
            " first of next month (civil)",
        ),
        (
            c.When(
                latest=(
                    c.When(on=parse_day("2020-01-15")),
                    c.When(from_=(trigger("entry"),)),
                )
            ),
            "the latest of (on 2020-01-15; from entry of every party)",
        ),
        (
            c.When(
                earliest=(c.When(on=parse_day("2020-01-15")),),
                set_by="board",
                about="start",
            ),
            "the earliest of (on 2020-01-15), or another day that board sets as `start`",
        ),
        (
            c.When(on=parse_day("2020-01-15"), if_=trigger("sign:dated")),
            "if sign:dated: on 2020-01-15",
        ),
        (
            c.When(
                on=parse_day("2020-01-15"),
                if_=trigger("sign:dated"),
                else_=c.When(on=parse_day("2021-01-15")),
            ),
            "if sign:dated: on 2020-01-15; otherwise on 2021-01-15",
        ),
    ],
)
def test_when_is_said_in_words(when, said):
    assert say_when(when) == said


def test_a_rule_is_said_in_one_line():
    point = c.PointRef(open_point="anchor")
    length = c.Length(for_=Period.parse("P90D"), count=Count.CLEAR_DAYS)
    rule = c.Exit(cites="21(3)", length=length, takes_effect=point, who="a")
    assert say_clause(rule) == (
        "exit [21(3)]: who = a, length = P90D, clear days, to first day out,"
        " takes_effect = open point anchor, late = next period, ends = accord"
    )
    assert say_clause(c.Amendment(cites="1")) == "amendment [1]: by = every party"
    assert say_clause(c.Term(cites="2", indefinite=True)) == "term [2]: indefinite = true"


def test_one_word_with_a_comma_is_told_from_two_words():
    one = c.Channel(cites="1", allowed=("bag, mail",))
    other = c.Channel(cites="1", allowed=("bag", "mail"))
    assert say_clause(one) != say_clause(other)
