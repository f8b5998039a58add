from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords.binding import bind, nested, schema_of
from comity.accords.clauses import (
    MANY,
    SINGLE,
    Length,
    PointRef,
    Renewal,
    Survival,
    Term,
    Trigger,
    When,
)
from comity.accords.times import Count, Period, Zone
from comity.accords.toml import Table, read_tables
from comity.errors import InvalidInput


class Word(StrEnum):
    NEAR = "near by"
    FAR = "far off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    for_: Period
    word: Word = Word.NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    count: int = 0
    sure: bool = False
    day: date | None = None
    zone: Zone | None = None
    words: tuple[Word, ...] = ()
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    either: Word | Period = Word.NEAR
    listed: str | tuple[str, ...] = ""
    from_: str | None = None
    line: int = 0

    def __post_init__(self):
        if self.name == "wrong":
            raise InvalidInput("this is wrong", hint="write another", code="bad-name")


def read(text, kind=Outer, first=1):
    found = []
    tables = read_tables(text.split("\n"), first, found)
    assert found == []
    return bind(kind, tables[0], found, "file.toml"), found


def only(text, kind=Outer):
    value, found = read(text, kind)
    assert value is None
    assert len(found) == 1, found
    assert found[0].where == "file.toml"
    return found[0]


# -- what binds ----------------------------------------------------------------------------


def test_every_kind_of_value_becomes_what_its_type_says():
    value, found = read(
        """[[outer]]
name = "x"
count = 7
sure = true
day = "2016-11-23"
zone = "Asia/Seoul"
words = ["near by", "far off"]
inner = { for = "P1Y", word = "far off" }
inners = [{ for = "P1M" }, { for = "P90D" }]
either = "P30Y"
listed = ["a", "b"]
from = "there"
""",
        first=1,
    )
    assert found == []
    assert value == Outer(
        name="x",
        count=7,
        sure=True,
        day=date(2016, 11, 23),
        zone=Zone("Asia/Seoul"),
        words=(Word.NEAR, Word.FAR),
        inner=Inner(for_=Period("P1Y", 12, 0), word=Word.FAR),
        inners=(Inner(for_=Period("P1M", 1, 0)), Inner(for_=Period("P90D", 0, 90))),
        either=Period("P30Y", 360, 0),
        listed=("a", "b"),
        from_="there",
        line=1,
    )


def test_a_value_remembers_the_line_of_its_table():
    assert read('\n\n[outer]\nname = "x"')[0].line == 3


def test_what_may_be_one_or_several_may_be_written_either_way():
    assert read('name = "x"\nlisted = "a"')[0].listed == "a"
    assert read('name = "x"\nlisted = ["a"]')[0].listed == ("a",)


def test_protection_may_last_for_a_period_or_by_a_word():
    survival = 'cites = "1"\nprotect = {}'
    years = '{ for = "P30Y", count = "anniversary" }'
    kept = read(survival.format(years), Survival)[0].protect
    assert (kept.for_, kept.count) == (Period("P30Y", 360, 0), Count.ANNIVERSARY)
    assert read(survival.format('"always"'), Survival)[0].protect == "always"
    assert only(survival.format('"alwys"'), Survival).code == "unknown-word"


def test_protection_for_a_period_says_how_it_is_counted():
    uncounted = 'cites = "1"\nprotect = { for = "P30Y" }'
    assert only(uncounted, Survival).code == "missing-key"
    assert only('cites = "1"\nprotect = "P30Y"', Survival).code == "unknown-word"


# -- what does not -------------------------------------------------------------------------


def test_an_unknown_key_is_named_with_the_one_that_was_meant():
    found = only('name = "x"\nsuer = true')
    assert (found.line, found.code) == (2, "unknown-key")
    assert found.hint == "did you mean `sure`?"


def test_an_unknown_key_that_is_like_none_has_the_list():
    found = only('name = "x"\nqqqq = true')
    assert "`name`, `count`, `sure`" in found.hint
    assert "`from`" in found.hint


def test_the_python_name_of_a_key_is_no_key():
    assert only('name = "x"\nfrom_ = "y"').code == "unknown-key"
    assert only('name = "x"\nline = 3').code == "unknown-key"


def test_a_missing_key_is_said_at_the_table():
    found = only("\n[outer]\nsure = true")
    assert (found.line, found.code) == (2, "missing-key")
    assert "`name`" in found.message


def test_a_key_that_could_not_be_read_is_not_missing_as_well():
    found = []
    table = read_tables(["name = 1.5", 'from = "x"'], 1, found)[0]
    assert [f.code for f in found] == ["bad-value"]
    assert bind(Outer, table, found) is None
    assert [f.code for f in found] == ["bad-value"]


def test_a_value_whose_optional_key_could_not_be_read_does_not_load():
    """Left out it would mean the default, which nobody wrote."""
    found = []
    table = read_tables(['name = "x"', "sure = yes"], 1, found)[0]
    assert bind(Outer, table, found) is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('count = "7"', "`count` wants a number and has a string"),
        ("count = true", "`count` wants a number and has true or false"),
        ("count = []", "`count` wants a number and has a list"),
        ("sure = 1", "`sure` wants true or false and has a number"),
        ("sure = 0", "`sure` wants true or false and has a number"),
        ('sure = "true"', "`sure` wants true or false and has a string"),
        ("day = 2016", "`day` wants a string and has a number"),
        ("zone = {}", "`zone` wants a string and has an inline table"),
        ('words = "near by"', "`words` wants a list and has a string"),
        ("words = [true]", "`words` wants a string and has true or false"),
        ("words = [[]]", "`words` wants a string and has a list"),
        ('inner = "P1Y"', "`inner` wants an inline table and has a string"),
        ("inner = []", "`inner` wants an inline table and has a list"),
        ("inners = {}", "`inners` wants a list and has an inline table"),
        ('inners = ["P1Y"]', "`inners` wants an inline table and has a string"),
        ("either = true", "`either` wants a string and has true or false"),
        ("listed = 1", "`listed` wants a string and has a number"),
        ("from = {}", "`from` wants a string and has an inline table"),
    ],
)
def test_a_value_of_another_kind_is_named_with_what_is_wanted(line, says):
    found = only(f'name = "x"\n{line}')
    assert (found.line, found.code, found.message) == (2, "wrong-kind", says)


@settings(deadline=None)
@given(st.booleans() | st.integers(-5, 5))
def test_true_is_never_a_number_and_one_is_never_true(value):
    written = str(value).lower()
    number, truth = (read(f'name = "x"\n{key} = {written}')[0] for key in ("count", "sure"))
    assert (number is None) is isinstance(value, bool)
    assert (truth is None) is not isinstance(value, bool)


@pytest.mark.parametrize("text", ["", " ", "   "])
@pytest.mark.parametrize("key", ["name", "from"])
def test_an_empty_string_says_nothing_and_is_refused(key, text):
    found = read(f'name = "x"\n{key} = "{text}"' if key == "from" else f'name = "{text}"')[
        1
    ]
    assert [f.code for f in found] == ["empty-value"]


def test_an_empty_string_in_a_list_is_refused():
    assert only('name = "x"\nlisted = ["a", ""]').code == "empty-value"


def test_an_unknown_word_is_named_with_the_one_that_was_meant():
    found = only('name = "x"\nwords = ["near by", "farr off"]')
    assert (found.line, found.code) == (2, "unknown-word")
    assert found.hint == "did you mean `far off`?"


def test_an_unknown_word_that_is_like_none_has_the_list():
    assert (
        only('name = "x"\nwords = ["xyzzy"]').hint == "the words are `near by`, `far off`"
    )


@pytest.mark.parametrize("word", ["Near by", "near  by", "NEAR", "near_by", "near by "])
def test_a_word_is_written_exactly(word):
    assert only(f'name = "x"\nwords = ["{word}"]').code == "unknown-word"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('day = "2016-02-30"', "no-such-day"),
        ('day = "23 November"', "bad-date"),
        ('zone = "Asia/Nowhere"', "bad-zone"),
        ('zone = "../../etc/passwd"', "bad-zone"),
        ('zone = "Asia"', "bad-zone"),
        ('inner = { for = "PT24H" }', "bad-period"),
        ('inner = { for = "1 year" }', "bad-period"),
        ('inner = { for = "P" }', "bad-period"),
        ('inner = { for = "P0D" }', "bad-period"),
        ('inner = { for = "P0Y0M0D" }', "bad-period"),
        ('inner = { for = "P-1Y" }', "bad-period"),
        ('inner = { for = "P1.5Y" }', "bad-period"),
        ('either = "P0D"', "unknown-word"),
        ("inner = {}", "missing-key"),
        ('inner = { for = "P1Y", wrod = "far off" }', "unknown-key"),
        ('inners = [{ for = "P1Y" }, { word = "far off" }]', "missing-key"),
    ],
)
def test_a_string_that_its_type_cannot_read_is_a_finding_at_its_line(line, code):
    found = only(f'name = "x"\n{line}')
    assert (found.line, found.code) == (2, code)
    assert found.hint


def test_what_a_value_refuses_of_itself_is_a_finding_at_its_table():
    found = only('\n[outer]\nsure = true\nname = "wrong"')
    assert (found.line, found.code, found.hint) == (2, "bad-name", "write another")


def test_every_fault_of_a_table_is_found_at_once():
    _, found = read('[outer]\nsuer = 1\ncount = "x"\nday = "?"\ninner = { wrod = 1 }')
    assert sorted((f.line, f.code) for f in found) == [
        (1, "missing-key"),
        (2, "unknown-key"),
        (3, "wrong-kind"),
        (4, "bad-date"),
        (5, "missing-key"),
        (5, "unknown-key"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("when = {}", "bad-when"),
        ('when = { on = "2020-01-01", from = ["entry"] }', "bad-when"),
        ('when = { on = "2020-01-01", then = ["P1M"] }', "bad-when"),
        ('when = { on = "2020-01-01", set_by = "x" }', "bad-when"),
        ('when = { from = ["sign"] }', "bad-trigger"),
        ('when = { from = ["sign:never"] }', "bad-trigger"),
        ('when = { from = ["signing:dated"] }', "bad-trigger"),
        ("when = { from = [] }", "bad-when"),
        ('when = { from = ["entry"], then = ["next month"] }', "bad-period"),
        ('when = { if = "entry", earliest = [{ on = "2020-02-30" }] }', "no-such-day"),
    ],
)
def test_a_when_that_says_nothing_or_two_things_does_not_load(line, code):
    found = only(f'cites = "1"\n{line}', SINGLE["entry"])
    assert (found.code, found.line) == (code, 2)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        'initial = { for = "P1Y", count = "civil" }\nindefinite = true',
        'until = "2020-01-01"\nbefore = "2020-01-01"',
        'renewal = { for = "P1Y", count = "civil", by = "silence" }\nindefinite = true',
    ],
)
def test_a_term_says_exactly_one_length(lines):
    assert only(f'[term]\ncites = "1"\n{lines}', Term).code == "bad-term"


# -- the schema ----------------------------------------------------------------------------


def test_the_schema_names_every_key_as_a_file_spells_it():
    schema = schema_of(Outer)
    assert schema["required"] == ["name"]
    assert set(schema["properties"]) == {
        spec.name.rstrip("_") for spec in fields(Outer) if spec.name != "line"
    }
    assert schema["additionalProperties"] is False


def test_the_values_within_values_are_found_however_deep():
    assert nested(SINGLE["entry"]) == {When}
    assert nested(Term) == {Length, Renewal}
    assert nested(MANY["exit"]) == {Length, When, PointRef}


def test_a_string_type_has_a_pattern_that_its_own_spellings_match():
    assert Trigger.parse("entry").op is None
    properties = schema_of(When)["properties"]
    assert properties["from"]["items"]["pattern"]
    assert properties["count"] == {"enum": [str(count) for count in Count]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaulted:
    names: tuple[str, ...] = field(default_factory=tuple)


def test_a_key_with_a_default_may_be_left_out():
    assert bind(Defaulted, Table("", many=False, line=1), []) == Defaulted()
    assert schema_of(Defaulted)["required"] == []
