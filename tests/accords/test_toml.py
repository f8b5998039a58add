import string
import time
import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.accords.toml import LINE_MAX, NESTING_MAX, Table, read_tables
from make import GSOMIA


def read(text, first=1):
    found = []
    return read_tables(text.split("\n"), first, found), found


def places(text):
    return [(f.line, f.code) for f in read(text)[1]]


def whole(tables):
    """Put tables together as the standard library would."""
    made = {}
    for table in tables:
        if not table.name:
            made |= table.values
        elif table.many:
            made.setdefault(table.name, []).append(table.values)
        else:
            made[table.name] = table.values
    return made


# -- agreement with the standard library ---------------------------------------------------

NAMES = st.text(string.ascii_letters + "_-" + string.digits, min_size=1, max_size=8).map(
    lambda name: "k" + name
)
STRINGS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z", "Mn")) | st.just(" "),
    max_size=12,
)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
TABLES = st.lists(
    st.tuples(NAMES, st.booleans(), st.dictionaries(NAMES, VALUES)), max_size=4
)


def written(value):
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case dict():
            pairs = (f"{key} = {written(inner)}" for key, inner in value.items())
            return "{ " + ", ".join(pairs) + " }"


def depth(value):
    if isinstance(value, (list, dict)):
        parts = value if isinstance(value, list) else value.values()
        return 1 + max(map(depth, parts), default=0)
    return 0


def keep_apart(tables):
    """Leave out tables whose names TOML does not let stand together."""
    kinds, kept = {}, []
    for name, many, values in tables:
        if name not in kinds or (many and kinds[name]):
            kinds.setdefault(name, many)
            kept.append((name, many, values))
    return kept


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES), TABLES.map(keep_apart))
def test_what_is_printed_is_read_as_it_was_and_as_the_standard_library_reads_it(
    root, tables
):
    lines = [f"{key} = {written(value)}" for key, value in root.items()]
    taken = set(root)
    for name, many, values in tables:
        if name in taken:
            continue
        lines.append(f"[[{name}]]" if many else f"[{name}]")
        lines += [f"{key} = {written(value)}" for key, value in values.items()]
    text = "\n".join(lines)
    found_tables, found = read(text)
    values = [*root.values(), *(v for _, _, vs in tables for v in vs.values())]
    if all(depth(value) <= NESTING_MAX for value in values):
        assert found == []
        assert whole(found_tables) == tomllib.loads(text)
    else:
        assert {f.code for f in found} <= {"nested-too-deep"}


LINES = st.lists(
    st.sampled_from(
        ["a = 1", "b = true", 'c = "x"', "d = []", "e = {}", "[t]", "[[t]]", "[u]", "[[u]]",
         "[a]", "[[a]]", "# note", "#\x01", "", " ", "\t", "\u00a0", "  a = 2  ", "f = [1, 2,]",
         'g = "#"', "g = '#'  # x", 'h = "[[["', "i = '{{{'", "j = { a = 1 } # }", "[t] # x",
         "[ t ]", "[t.u]", "k.l = 1", '"m" = 1', "n = 1.0", "o = 2019-01-01", "p = 0x1F",
         "q = 1_000", "r = 07:00:00", 's = """x"""', "t = ''", 'v = "\\u0041"', 'w = "\\u0000"',
         "x = 9007199254740992", "y = [[[[[[1]]]]]]", "z = [[[[[[[1]]]]]]]", "a=1", "a =1", "=1",
         "[t]]", "[[t]", "a", "a = ", "a = [", "]", '"""', "a = 'x", 'a = "\\', "\u3000a = 1",
         'aa = "\x00"', "bb = nan", "cc = { a.b = 1 }", 'dd = { "a" = 1 }', "ee = {a=1,a=2}",
         "ff = '\u202e'", "[t]\u00a0", "gg = \u00a01", "hh = 1\r", "ii = 'x' 'y'"]
    ),
    max_size=9,
)  # fmt: skip


@settings(deadline=None)
@given(LINES)
@example(["[t]", "[[t]]"])
@example(["[[t]]", "[t]"])
@example(["a = 1", "[a]"])
@example(["#\x01"])
@example(["\u00a0"])
def test_a_block_without_findings_is_one_that_the_standard_library_reads_the_same(lines):
    text = "\n".join(lines)
    tables, found = read(text)
    if not found:
        assert whole(tables) == tomllib.loads(text)


@pytest.mark.parametrize(
    "path", sorted(GSOMIA.rglob("*.toml")), ids=lambda p: str(p.relative_to(GSOMIA))
)
def test_every_file_of_the_world_is_read_as_the_standard_library_reads_it(path):
    text = path.read_text("utf-8")
    tables, found = read(text)
    assert found == []
    assert whole(tables) == tomllib.loads(text)


# -- lines ---------------------------------------------------------------------------------


@settings(deadline=None)
@given(LINES, st.integers(1, 1000))
def test_the_line_of_every_value_is_the_line_on_which_its_key_stands(lines, first):
    tables, _ = read("\n".join(lines), first)
    for table in tables:
        for key, line in table.lines.items():
            assert lines[line - first].strip(" \t").startswith(key)
        if table.name:
            assert lines[table.line - first].startswith(
                ("[" + table.name, "[[" + table.name)
            )


@settings(deadline=None)
@given(LINES, st.integers(1, 1000))
def test_every_finding_stands_on_a_line_that_is_there(lines, first):
    _, found = read("\n".join(lines), first)
    assert all(first <= f.line < first + len(lines) for f in found)


def test_a_key_that_is_missing_has_the_line_of_its_table():
    table = read("a = 1\n\n[t]\nb = 2")[0][1]
    assert (table.line_of("b"), table.line_of("c")) == (4, 3)


def test_the_first_table_is_the_unnamed_one_where_it_has_a_key():
    assert [t.name for t in read("a = 1\n[t]")[0]] == ["", "t"]
    assert [t.name for t in read("# note\n[t]")[0]] == ["t"]
    assert read("")[0] == []


# -- what is refused -----------------------------------------------------------------------

REFUSED = [
    ("a = 1.5", "bad-value", "a float"),
    ("a = 1e3", "bad-value", "a float"),
    ("a = nan", "bad-value", "a float"),
    ("a = [1, 2.5]", "bad-value", "a float"),
    ("a = { b = 1.5 }", "bad-value", "a float"),
    ("a = 2019-11-22", "bad-value", "a date"),
    ("a = 18:00:00", "bad-value", "a time"),
    ("a = 2019-11-22T18:00:00+09:00", "bad-value", "a datetime"),
    ("a = [2019-11-22]", "bad-value", "a date"),
    ("a = 9007199254740992", "bad-value", "2^53"),
    ("a = -9007199254740992", "bad-value", "2^53"),
    ("a = [9007199254740992]", "bad-value", "2^53"),
    ("a = " + "9" * 3000, "bad-value", "2^53"),
    ('a = """x"""', "bad-value", "triple quotes"),
    ("a = '''x'''", "bad-value", "triple quotes"),
    ('a = ["""x"""]', "bad-value", "triple quotes"),
    ("a = { b.c = 1 }", "bad-value", "dotted key"),
    ('a = { "b" = 1 }', "bad-value", "quoted key"),
    ("a = { 'b c' = 1 }", "bad-value", "quoted key"),
    ('a = "x', "bad-value", "cannot be read"),
    ("a = x", "bad-value", "cannot be read"),
    ("a = ", "bad-value", "cannot be read"),
    ("a = 1 2", "bad-value", "cannot be read"),
    ("a = {b = 1, b = 2}", "bad-value", "cannot be read"),
    ('a = "\\ud800"', "bad-value", "cannot be read"),
    ('a = "x\\ny"', "bad-value", "an escape"),
    ('a = "x\\ty"', "bad-value", "an escape"),
    ('a = "\\u0000"', "bad-value", "an escape"),
    ('a = "\\u001b[31m"', "bad-value", "an escape"),
    ('a = "\\u202e"', "bad-value", "an escape"),
    ('a = ["\\u200b"]', "bad-value", "an escape"),
    ('a = { b = "\\uFEFF" }', "bad-value", "an escape"),
    ("a.b = 1", "bad-line", "neither a key"),
    ('"a" = 1', "bad-line", "neither a key"),
    ("1a = 1", "bad-line", "neither a key"),
    ("a: 1", "bad-line", "neither a key"),
    ("nonsense", "bad-line", "neither a key"),
    ("é = 1", "bad-line", "neither a key"),
    ("\u00a0a = 1", "bad-line", "neither a key"),
    ("[a.b]", "bad-table", "not a table heading"),
    ('["a"]', "bad-table", "not a table heading"),
    ("[ a ]", "bad-table", "not a table heading"),
    ("[a]]", "bad-table", "not a table heading"),
    ("[[a]", "bad-table", "not a table heading"),
    ("[a] b", "bad-table", "not a table heading"),
    ("[]", "bad-table", "not a table heading"),
    ("a = [[[[[[[1]]]]]]]", "nested-too-deep", "more than 6 deep"),
    ("a = {a={a={a={a={a={a={}}}}}}}", "nested-too-deep", "more than 6 deep"),
    ("a = " + "[" * 1000 + "]" * 1000, "nested-too-deep", "more than 6 deep"),
    ("a = " + "[" * 1000, "nested-too-deep", "more than 6 deep"),
    ("a = " + "{a=" * 1000, "nested-too-deep", "more than 6 deep"),
    ("a = " + "[" * 5000 + "]" * 5000, "line-too-long", "10004 characters"),
    ("a = \"" + "x" * LINE_MAX + "\"", "line-too-long", "characters"),
    ("# " + "x" * LINE_MAX, "line-too-long", "characters"),
    ("[" + "t" * LINE_MAX + "]", "line-too-long", "characters"),
    ("a = \x00", "control", "U+0000"),
    ('a = "\x00"', "control", "U+0000"),
    ("[t\x00]", "control", "U+0000"),
    ("# \x00", "control", "U+0000"),
    ("\x00", "control", "U+0000"),
    ("a = 1\r", "control", "U+000D"),
    ('a = "\u202e"', "bidi-control", "U+202E"),
    ('a = "\u200b"', "zero-width", "U+200B"),
]  # fmt: skip


REFUSED_IDS = [f"{place}-{code}" for place, (_, code, _) in enumerate(REFUSED)]


@pytest.mark.parametrize(("line", "code", "says"), REFUSED, ids=REFUSED_IDS)
def test_what_is_refused_is_one_finding_on_its_line_and_reading_goes_on(line, code, says):
    tables, found = read(f"before = 1\n{line}\nx = ?\n[last]\nafter = 1", first=10)
    assert [(f.line, f.code) for f in found] == [(11, code), (12, "bad-value")]
    assert says in found[0].message
    assert found[0].hint
    assert tables[-1] == Table(
        "last", many=False, line=13, values={"after": 1}, lines={"after": 14}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\na = 2", [(2, "key-twice")]),
        ("a = ?\na = 2", [(1, "bad-value"), (2, "key-twice")]),
        ("[t]\n[t]", [(2, "table-twice")]),
        ("[t]\n[[t]]", [(2, "table-twice")]),
        ("[[t]]\n[t]", [(2, "table-twice")]),
        ("[[t]]\n[[t]]", []),
        ("a = 1\n[a]", [(2, "table-twice")]),
        ("[t]\na = 1\n[u]\na = 1", []),
        ("a = [\n  1,\n]", [(1, "bad-value"), (2, "bad-line"), (3, "bad-table")]),
        ('a = """\nx\n"""', [(1, "bad-value"), (2, "bad-line"), (3, "bad-line")]),
    ],
)
def test_what_stands_twice_or_over_several_lines_is_found_at_its_line(text, expected):
    found = places(text)
    assert [line for line, _ in found] == [line for line, _ in expected]
    assert found[:1] == expected[:1]


def test_a_key_that_stands_twice_keeps_its_first_value():
    table = read("a = 1\na = 2")[0][0]
    assert (table.values, table.lines) == ({"a": 1}, {"a": 1})


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("[oh no]", "bad-table"),
        ("[t]]", "bad-table"),
        ("[t\x00]", "control"),
        ("[" + "t" * LINE_MAX + "]", "line-too-long"),
    ],
    ids=["spaces", "brackets", "control", "long"],
)
def test_the_keys_under_a_heading_that_is_none_belong_to_no_table(heading, code):
    tables, found = read(f"[t]\na = 1\n{heading}\na = 2\nb = ?\n[u]\na = 3")
    assert [(t.name, t.values) for t in tables] == [("t", {"a": 1}), ("u", {"a": 3})]
    assert [(f.line, f.code) for f in found] == [(3, code), (5, "bad-value")]


def test_a_key_whose_value_cannot_be_read_is_said_all_the_same():
    table = read("a = ?\nb = 1")[0][0]
    assert (table.values, table.lines) == ({"b": 1}, {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a = 0x1F", 31),
        ("a = 1_000", 1000),
        ("a = -7", -7),
        ("a = 9007199254740991", 9007199254740991),
        ("a = 'C:\\x'", "C:\\x"),
        ('a = "[[[[[[[["', "[[[[[[[["),
        ("a = '{{{{{{{{'", "{{{{{{{{"),
        ('a = "\\\\" # [[[[[[[[', "\\"),
        ('a = "\\"[[[[[[[["', '"[[[[[[[['),
        ('a = "x.y"', "x.y"),
        ("a = \"'''\"", "'''"),
        ('a = \'"""\'', '"""'),
        ('a = "é"', "é"),
        ('a = ["", ""]', ["", ""]),
        ("a = { b = 'c' }", {"b": "c"}),
        ("a = [[[[[[1]]]]]]", [[[[[[1]]]]]]),
        ("a = [] # 1.5", []),
        ("  a  =  true  ", True),
        ("\ta\t=\t1\t", 1),
    ],
)
def test_what_is_of_the_subset_is_read(line, value):
    tables, found = read(line)
    assert found == []
    assert tables[0].values == {"a": value}
    assert type(tables[0].values["a"]) is type(value)


@pytest.mark.parametrize(
    "text",
    ["a = 1\n" * 100_000, "x\n" * 100_000, "[t]\n" * 100_000, "a = " + "[" * 10_000_000,
     "\x00" * 10_000_000, "\n" * 1_000_000],
    ids=["keys", "words", "tables", "one-line", "nul", "blank"],
)  # fmt: skip
def test_megabytes_are_findings_in_seconds(text):
    began = time.perf_counter()
    assert read(text)[1] or not text.strip()
    assert time.perf_counter() - began < 8


@settings(deadline=None)
@given(st.text())
def test_no_text_at_all_makes_the_reader_throw(text):
    tables, found = read(text)
    assert all(f.message and f.hint and f.code for f in found)
    assert all(isinstance(table, Table) for table in tables)


@pytest.mark.parametrize(
    "line",
    [
        'a = "\\u0061ny"',
        "a = \"it's \\u0061ny it's\"",
        'a = "\\\\\\u0061ny"',
        'a = ["x", "\\U00000061"]',
        'a = ["b",    "any"]',
    ],
)
def test_what_reads_otherwise_than_it_stands_there_is_refused(line):
    _, found = read(line)
    assert [f.code for f in found] == ["bad-value"]


def test_a_backslash_in_a_literal_string_is_a_backslash():
    for line in (r"a = 'C:\users'", r'a = "C:\\users"', r"""a = "C:\\users's" # \u"""):
        tables, found = read(line)
        assert found == []
        assert tables[0].values["a"].startswith(r"C:\users")


@pytest.mark.parametrize(
    ("length", "shown"), [(60, "x" * 60), (61, "x" * 57 + "…"), (90, "x" * 57 + "…")]
)
def test_of_a_line_that_is_no_toml_sixty_characters_at_most_are_repeated(length, shown):
    _, found = read("x" * length)
    assert [f.message.split("`")[1] for f in found] == [shown]
