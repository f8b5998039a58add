"""The schema and the reader agree: checked with a validator of a screen, written here."""

import re
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accords.texts import GOOD, loaded
from comity.accords import clauses as c
from comity.accords.accord import Front
from comity.accords.binding import bind
from comity.accords.schema import accord_schema
from comity.accords.text import read_document
from comity.accords.toml import Table
from make import GSOMIA

SCHEMA = accord_schema()
DEFS = SCHEMA["$defs"]
TABLES = {**c.SINGLE, **c.MANY}
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "pattern",
         "anyOf", "$ref", "description", "$schema", "title", "$defs"}  # fmt: skip


def faults(schema, value, at="$"):
    """Return what a value has against a schema, for the keywords that ours uses."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return faults(DEFS[schema["$ref"].removeprefix("#/$defs/")], value, at)
    if "anyOf" in schema:
        tries = [faults(one, value, at) for one in schema["anyOf"]]
        return [] if [] in tries else tries[0]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of the words"]
    if "type" in schema:
        right = isinstance(value, KINDS[schema["type"]])
        if not right or (isinstance(value, bool) and schema["type"] == "integer"):
            return [f"{at}: {value!r} is no {schema['type']}"]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return [f"{at}: {value!r} does not match"]
    if isinstance(value, list):
        parts = (faults(schema["items"], v, f"{at}[{n}]") for n, v in enumerate(value))
        return [fault for part in parts for fault in part]
    return keys_at_fault(schema, value, at) if isinstance(value, dict) else []


def keys_at_fault(schema, value, at):
    found = [f"{at}: no {key}" for key in schema.get("required", ()) if key not in value]
    for key, inner in value.items():
        if key in schema["properties"]:
            found += faults(schema["properties"][key], inner, f"{at}.{key}")
        elif schema["additionalProperties"] is False:
            found.append(f"{at}: {key} is no key")
    return found


def binds(name, values):
    found = []
    table = Table(name, many=name in c.MANY, line=1, values=values)
    return bind(TABLES[name], table, found) is not None


def as_block(table):
    return {table.name: [table.values] if table.many else table.values}


def all_tables():
    texts = [
        GOOD.encode(),
        *(p.read_bytes() for p in sorted(GSOMIA.glob("accords/*.accord.md"))),
    ]
    for raw in texts:
        for article in read_document(raw).articles:
            for block in article.blocks:
                yield from block.tables


RULES = list(all_tables())


# -- both ways -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", RULES, ids=[f"{n}-{t.name}" for n, t in enumerate(RULES)])
def test_every_rule_of_the_world_is_valid(table):
    assert faults(SCHEMA, as_block(table)) == []
    assert binds(table.name, table.values)


@pytest.mark.parametrize(
    "path", sorted(GSOMIA.glob("accords/*.accord.md")), ids=lambda p: p.stem
)
def test_the_front_matter_of_every_accord_is_valid(path):
    assert faults(DEFS["Front"], read_document(path.read_bytes()).front.values) == []


def test_every_rule_of_an_accord_has_a_table_in_the_schema_and_no_other_does():
    assert set(SCHEMA["properties"]) == set(TABLES)
    for name, kind in TABLES.items():
        part = SCHEMA["properties"][name]
        single = {"$ref": f"#/$defs/{kind.__name__}"}
        assert part == (single if name in c.SINGLE else {"type": "array", "items": single})


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_keys_of_a_rule_are_the_fields_of_its_type(name):
    kind = TABLES[name]
    part = DEFS[kind.__name__]
    spelt = {spec.name.rstrip("_") for spec in fields(kind)} - {"line"}
    assert set(part["properties"]) == spelt
    assert part["additionalProperties"] is False
    assert "cites" in part["required"]


@pytest.mark.parametrize("table", RULES, ids=[f"{n}-{t.name}" for n, t in enumerate(RULES)])
def test_a_key_left_out_is_refused_by_both_or_by_neither(table):
    """What a type refuses of itself, such as a term that says nothing, is beyond a schema."""
    for key in table.values:
        rest = {k: v for k, v in table.values.items() if k != key}
        valid = faults(DEFS[TABLES[table.name].__name__], rest) == []
        if table.name != "term":
            assert valid is binds(table.name, rest), key


@pytest.mark.parametrize("table", RULES, ids=[f"{n}-{t.name}" for n, t in enumerate(RULES)])
def test_a_key_that_is_unknown_is_refused_by_both(table):
    more = {**table.values, "remark": "x"}
    assert faults(SCHEMA, {table.name: [more] if table.many else more})
    assert not binds(table.name, more)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_name_of_python_or_of_the_reader_is_no_key_in_either(name):
    base = next((t.values for t in RULES if t.name == name), {"cites": "1"})
    for key in ("line", "where", "from_", "is_"):
        more = {**base, key: "x"}
        assert any(key in fault for fault in faults(DEFS[TABLES[name].__name__], more))
        assert not binds(name, more)


def test_an_unknown_table_is_refused():
    assert faults(SCHEMA, {"secrecy": {"cites": "1"}}) == ["$: secrecy is no key"]


# -- values at random ----------------------------------------------------------------------

ANY_VALUE = st.recursive(
    st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(
        ["", " ", "x", "P1Y", "PT1H", "P", "2020-01-31", "2020-13-01", "a:LOW", "a:", "entry",
         "sign:dated", "sign", "either", "always", "end of period", "recipient", "silence",
         "civil", "clear days", "first day out", "each originator", "on release", "permit",
         "scope", "give_notice", "first of next month", "every party"]
    ),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["for", "count", "to", "by", "open_point", "from", "on", "then", "if"]),
        inner,
        max_size=3,
    ),
    max_leaves=4,
)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_what_the_reader_takes_the_schema_takes(name, data):
    """An editor never underlines what loads; the reader knows more, such as real days."""
    keys = sorted(DEFS[TABLES[name].__name__]["properties"])
    values = data.draw(st.dictionaries(st.sampled_from(keys), ANY_VALUE))
    values.setdefault("cites", "1")
    if binds(name, values):
        assert faults(DEFS[TABLES[name].__name__], values) == []


@settings(deadline=None)
@given(st.data())
def test_one_value_changed_in_a_rule_of_the_world_is_never_taken_by_the_reader_alone(data):
    table = data.draw(st.sampled_from(RULES))
    key = data.draw(st.sampled_from(sorted(table.values)))
    values = {**table.values, key: data.draw(ANY_VALUE)}
    found = faults(DEFS[TABLES[table.name].__name__], values)
    assert not (binds(table.name, values) and found)


WORDS = [
    (name, key)
    for name, kind in sorted(TABLES.items())
    for key, part in DEFS[kind.__name__]["properties"].items()
    if "enum" in part
]


@pytest.mark.parametrize(("name", "key"), WORDS)
def test_a_word_is_known_to_both_or_to_neither(name, key):
    base = next((t.values for t in RULES if t.name == name), None)
    part = DEFS[TABLES[name].__name__]["properties"][key]
    for word in [*part["enum"], "xyzzy"]:
        values = {**(base or {"cites": "1"}), key: word}
        found = []
        table = Table(name, many=name in c.MANY, line=1, values=values)
        _ = bind(TABLES[name], table, found)
        refused = any(f.code == "unknown-word" for f in found)
        assert refused is bool(faults(part, word)) is (word == "xyzzy")


# -- the whole -----------------------------------------------------------------------------


def references(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.removeprefix("#/$defs/")
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def test_every_reference_leads_somewhere():
    assert set(references(SCHEMA)) <= set(DEFS)


def test_every_definition_says_in_a_sentence_what_it_is():
    assert all(part["description"].endswith((".", ":", "``.")) for part in DEFS.values()), [
        name for name, part in DEFS.items() if not part["description"].endswith(".")
    ]


def test_the_schema_of_the_front_matter_is_there_for_editors():
    spelt = {spec.name for spec in fields(Front)}
    assert set(DEFS["Front"]["properties"]) == spelt
    assert faults(DEFS["Front"], loaded().document.front.values) == []
    assert faults(DEFS["Front"], {**loaded().document.front.values, "secret": True})
