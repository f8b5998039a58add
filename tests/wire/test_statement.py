"""A statement says everything of an item, and reads back as the same item or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import make
from comity.errors import InvalidInput
from comity.labels import Item, Label, Level, Successor, Tagged
from comity.signed import text
from comity.wire.statement import STATEMENT_BYTES_MAX, read_statement, statement_of
from comity.worlds import load_world
from wire import made

CONTENT = text.digest_of(b"anything")
WORLDS = ("gsomia", "isac", "variety")

names = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
words = st.text(
    st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(str.strip)
times = st.integers(-5_000_000_000, 5_000_000_000)
levels = st.builds(Level, names, words)
labels = st.builds(
    Label,
    level=levels,
    categories=st.lists(words, max_size=3).map(tuple),
    release_to=st.none() | st.lists(words, max_size=3).map(tuple),
    display_to=st.lists(words, max_size=3).map(tuple),
    tags=st.lists(
        st.builds(Tagged, set_=words, values=st.lists(words, max_size=3).map(tuple)),
        max_size=3,
    ).map(tuple),
    review=st.none() | times,
    successor=st.none()
    | st.builds(Successor, at=times, level=levels, earliest=st.none() | times),
    compilation=st.text(st.characters(exclude_categories=("Cs",)), max_size=20).filter(
        lambda s: "\0" not in s
    ),
)
items = st.builds(
    Item,
    id=words,
    title=words,
    originators=st.lists(words, min_size=1, max_size=3, unique=True).map(tuple),
    label=labels,
    kind=words,
    purpose=words,
    channel=words,
    made=st.none() | times,
    synthetic=st.booleans(),
    made_from=st.lists(words, max_size=3).map(tuple),
    where=st.just(""),
    line=st.just(0),
)


def state(item, **more):
    return statement_of(
        item, **{"by": item.originators[0], "content": CONTENT, "at": made.NOW, **more}
    )


@given(items)
def test_every_item_reads_back_as_itself(item):
    found = read_statement(state(item))
    assert found.item == item
    assert (found.by, found.content, found.at) == (
        item.originators[0],
        CONTENT,
        made.NOW,
    )


@pytest.mark.parametrize("name", WORLDS)
def test_every_item_of_the_worlds_reads_back_as_itself(name):
    world = load_world(make.ROOT / "worlds" / name)
    stated = [item for item in world.items.values() if item.originators]
    assert all(read_statement(state(item)).item == item for item in stated)
    assert len(stated) == len(world.items)


@given(items, items)
def test_two_items_never_have_one_statement(one, other):
    assert (state(one) == state(other)) == (one == other)


def test_an_empty_list_of_recipients_is_not_one_that_is_missing():
    empty = make.item(release_to=())
    absent = make.item(release_to=None)
    assert read_statement(state(empty)).item.label.release_to == ()
    assert read_statement(state(absent)).item.label.release_to is None


def test_only_an_originator_states():
    with pytest.raises(InvalidInput) as refused:
        state(make.item(), by="b")
    assert refused.value.code == "not-originator"


def test_an_item_whose_originators_nobody_recorded_has_no_statement():
    with pytest.raises(InvalidInput):
        statement_of(make.item(originators=()), by="a", content=CONTENT, at=made.NOW)


def test_a_statement_signed_by_another_than_an_originator_is_not_read():
    with pytest.raises(InvalidInput) as refused:
        read_statement(changed(by="b"))
    assert refused.value.code == "not-originator"


def changed(**keys):
    value = json.loads(state(make.item()))
    label = keys.pop("label_", None)
    value.update(keys)
    if label:
        value["label"].update(label)
    return text.write(value)


def test_a_key_that_is_not_known_is_kept_and_not_acted_on():
    raw = changed(later="whatever")
    found = read_statement(raw)
    assert found.item == make.item()
    assert found.raw == raw


def test_no_key_may_be_missing():
    value = json.loads(state(make.item()))
    for key in value:
        less = {k: v for k, v in value.items() if k != key}
        with pytest.raises(InvalidInput):
            read_statement(text.write(less))
    for key in value["label"]:
        label = {k: v for k, v in value["label"].items() if k != key}
        with pytest.raises(InvalidInput):
            read_statement(text.write({**value, "label": label}))


@pytest.mark.parametrize(
    "keys",
    [
        {"format": "comity-item/2"},
        {"item": ""},
        {"item": 7},
        {"item": "two\nlines"},
        {"originators": []},
        {"originators": "a"},
        {"originators": ["a", 1]},
        {"synthetic": 0},
        {"made": "2019-11-22"},
        {"made": 0},
        {"content": "sha256:00"},
        {"content": CONTENT.upper()},
        {"at": None},
        {"label": []},
        {"label_": {"level": "LOW"}},
        {"label_": {"level": "a:"}},
        {"label_": {"tags": [{"set": "x"}]}},
        {"label_": {"tags": {"x": []}}},
        {"label_": {"release_to": "a"}},
        {"label_": {"successor": {"at": "2030-01-01T00:00:00Z"}}},
        {"title": "x" * STATEMENT_BYTES_MAX},
    ],
    ids=str,
)
def test_what_is_not_as_it_has_to_be_is_refused(keys):
    with pytest.raises(InvalidInput):
        read_statement(changed(**keys))


@pytest.mark.parametrize(
    "item",
    [
        replace(make.item(), kind=""),
        replace(make.item(), made=10**12),
        replace(make.item(), title="a\0b"),
        replace(make.item(), title="\ud800"),
        replace(make.item(), made_from=("x",) * 5000),
    ],
    ids=["no kind", "no such year", "a NUL", "half a pair", "too many parts"],
)
def test_what_could_not_be_read_is_not_written(item):
    with pytest.raises(InvalidInput):
        state(item)
