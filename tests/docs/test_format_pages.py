"""The pages on formats say what the code reads: every table, key and word, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date

import pytest

from comity.accords import check, load_accord, read_accord
from comity.accords.accord import AmendmentFront, Front, amend
from comity.accords.binding import _required, _specs, nested
from comity.accords.clauses import MANY, SINGLE, Clause, Length, PointRef, Renewal, When
from comity.accords.instruments import (
    MOMENT,
    InstrumentTable,
    Op,
    Operation,
    SideTime,
    Stage,
    TimesByParty,
)
from comity.accords.times import UTC_ZONE, Count
from comity.alone.events import Event, Outcome
from comity.book.dates import day_of
from comity.book.entry import COLUMNS
from comity.book.folder import BookHead, ColumnTable, read_settings
from comity.book.periods import period
from comity.labels import Audience, Caveat, TagType
from comity.release.rows import run
from comity.release.scenario import _QUESTIONS, parse_scenario, tell
from comity.release.worldchecks import check_world
from comity.talks.readouts import AccountKind, Relation
from comity.talks.said import Progress, Rank
from comity.talks.wording import meanings
from comity.worlds import load_rows, load_world, read_world, readouttables, talktables
from comity.worlds import policies as p
from comity.worlds import rows as tests_tables
from comity.worlds import tables as t
from comity.worlds.talks import READOUTS, TALKS
from docs import pages

ACCORD, INSTRUMENT, WORLD, POLICY, TESTS, SCENARIO, MEASURE, READOUT, BOOK = (
    pages.text_of(pages.FORMATS / f"{name}.md")
    for name in (
        "accord",
        "instrument",
        "world",
        "policy",
        "tests",
        "scenario",
        "measure",
        "readout",
        "book",
    )
)
COMMON = {spec.name for spec in fields(Clause)} - {"line"}
NESTED = {"length": Length, "renewal": Renewal, "open point": PointRef, "when": When}
REFUSED = "does not load"


def keys_of(kind):
    return {key: _required(spec) for key, (spec, _) in _specs(kind).items()}


def documented(page, table):
    """Return a page's keys of a table, and whether leaving each out is refused."""
    return {key: cells[1] == REFUSED for key, cells in pages.keys(page)[table].items()}


# -- the accord ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", [*SINGLE, *MANY])
def test_every_rule_and_key_of_an_accord_is_on_its_page(table):
    kind = {**SINGLE, **MANY}[table]
    wanted = {k: must for k, must in keys_of(kind).items() if k not in COMMON}
    assert documented(ACCORD, table) == wanted


@pytest.mark.parametrize("table", NESTED)
def test_every_inline_table_of_an_accord_is_on_its_page(table):
    assert documented(ACCORD, table) == keys_of(NESTED[table])


def test_no_inline_table_is_missing():
    inner = {
        kind for clause in (*SINGLE.values(), *MANY.values()) for kind in nested(clause)
    }
    assert inner == set(NESTED.values())


def test_the_page_writes_a_table_that_stands_once_in_one_bracket_and_a_list_in_two():
    first = {cells[0].strip("`") for cells in pages.rows(ACCORD) if len(cells) == 4}
    wanted = {f"[{name}]" for name in SINGLE} | {f"[[{name}]]" for name in MANY}
    assert wanted <= first


def test_what_every_rule_has_is_on_the_page():
    three = {cells[0].strip("`"): cells for cells in pages.rows(ACCORD) if len(cells) == 3}
    assert set(three) >= COMMON


@pytest.mark.parametrize("front", [Front, AmendmentFront])
def test_the_front_matter_is_on_the_page(front):
    first = {cells[0].strip("`") for cells in pages.rows(ACCORD)}
    assert set(keys_of(front)) <= first


def test_every_word_that_a_rule_may_use_is_on_the_page():
    said = pages.words(ACCORD)
    for clause in (*SINGLE.values(), *MANY.values(), Length, Renewal, When, Front):
        for _, annotation in _specs(clause).values():
            for kind in (annotation, *getattr(annotation, "__args__", ())):
                if hasattr(kind, "__members__") and kind is not Op:
                    assert {str(word) for word in kind} <= said


def test_every_counting_rule_has_an_example():
    firsts = {cells[0].strip("`") for cells in pages.rows(ACCORD)}
    assert {str(count) for count in Count} <= firsts


def test_the_example_accord_loads_and_only_waits_to_be_read():
    accord, findings = read_accord(pages.example_accord())
    assert findings == []
    assert {finding.code for finding in check(accord)} == {"unread-rule"}


def test_the_example_amendment_takes_the_place_of_whole_articles():
    accord = load_accord(pages.example_accord())
    amended = amend(accord, pages.example_amendment())
    assert [type(clause).__name__ for clause in amended.clauses].count("Equivalence") == 1
    assert "oral" in amended.one(SINGLE["scope"]).kinds
    assert amended.one(SINGLE["third_party"]) is None
    assert amended.one(SINGLE["term"]) is not None


# -- the instrument ------------------------------------------------------------------------


def test_every_key_of_an_instrument_is_on_its_page():
    found = {
        c[0].strip("`"): c[2] == REFUSED for c in pages.rows(INSTRUMENT) if len(c) == 3
    }
    wanted = keys_of(InstrumentTable)
    assert {key: must for key, must in found.items() if key in wanted} == wanted


def test_every_key_of_an_operation_is_on_its_page():
    found = {c[0].strip("`") for c in pages.rows(INSTRUMENT) if len(c) == 2}
    assert set(keys_of(Operation)) <= found


def test_the_times_by_party_are_on_the_page():
    assert documented(INSTRUMENT, "times by party") == keys_of(TimesByParty)
    assert documented(INSTRUMENT, "side's time") == keys_of(SideTime)


@pytest.mark.parametrize("op", Op)
def test_every_operation_is_on_the_page_with_the_stage_at_which_it_counts(op):
    found = {c[0].strip("`"): c for c in pages.rows(INSTRUMENT) if len(c) == 4}
    assert found[op][2] == MOMENT[op][0]


def test_every_stage_is_a_key_of_the_page():
    assert {str(stage) for stage in Stage} <= pages.words(INSTRUMENT)


# -- the world, the tests, the scenario ----------------------------------------------------


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("party", t.PartyTable),
        ("word", t.Word),
        ("item", t.ItemTable),
        ("tags", t.TaggedTable),
        ("successor", t.SuccessorTable),
        ("reading", t.ReadingTable),
        ("hold", t.HoldTable),
        ("authority", t.AuthorityTable),
    ],
)
def test_every_table_of_a_world_is_on_its_page(table, kind):
    assert documented(WORLD, table) == keys_of(kind)


@pytest.mark.parametrize(
    ("page", "table", "kind"),
    [
        *(
            (READOUT if name == READOUTS else MEASURE, table, kind)
            for name, kinds in TALKS.items()
            for table, kind in kinds.items()
        ),
        (MEASURE, "state", talktables.StateTable),
        (MEASURE, "step", talktables.StepTable),
        (MEASURE, "signature", talktables.SignatureTable),
        (MEASURE, "member", talktables.MemberTable),
        (READOUT, "fact", readouttables.FactTable),
    ],
)
def test_every_table_of_what_is_said_is_on_its_page(page, table, kind):
    assert documented(page, table) == keys_of(kind)


@pytest.mark.parametrize(
    ("page", "words"),
    [(MEASURE, Rank), (MEASURE, Progress), (READOUT, Relation), (READOUT, AccountKind)],
)
def test_every_word_of_what_is_said_is_on_its_page(page, words):
    assert {str(word) for word in words} <= pages.words(page)


def test_every_time_that_the_page_lists_may_mean_as_many_things_as_it_says():
    written = [cells for cells in pages.rows(READOUT) if len(cells) == 2]
    said = [(w.strip(" `"), cells[1]) for cells in written for w in cells[0].split(",")]
    dated = date(2030, 9, 23)
    for text, meaning in said:
        if text[:1].isdigit() or not re.search(r"2030|Friday", text):
            continue
        several = len(meanings(text, dated, UTC_ZONE)) > 1
        assert several is (" or " in meaning or text == "Friday"), text
    assert sum(bool(re.search(r"2030|Friday", text)) for text, _ in said) == 10


def test_the_relations_of_the_page_are_those_that_are_computed(tmp_path):
    world = load_world(pages.example_world(tmp_path / "east-west"))
    found = world.readouts.compared("lake-2030")
    assert [one.computed for one in found] == [Relation.AMBIGUOUS, Relation.ONE]
    assert found[0].doubts[0].means in [span.start for span in found[0].doubts[0].may_be]


def test_the_head_of_a_world_is_on_its_page():
    assert documented(WORLD, "head") == keys_of(t.WorldHead)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("head", p.PolicyHead),
        ("level", p.LevelTable),
        ("tag_set", p.TagSetTable),
        ("tag", p.TagTable),
        ("group", p.GroupTable),
        ("member", p.MemberTable),
    ],
)
def test_every_table_of_a_policy_and_of_groups_is_on_their_page(table, kind):
    assert documented(POLICY, table) == keys_of(kind)


@pytest.mark.parametrize("kind", [TagType, Caveat, Audience])
def test_every_word_that_a_policy_may_use_is_on_its_page(kind):
    assert {str(word) for word in kind} <= pages.words(POLICY)


def test_every_table_of_the_tests_is_on_its_page():
    assert documented(TESTS, "head") == keys_of(tests_tables.RowsHead)
    assert documented(TESTS, "row") == keys_of(tests_tables.RowTable)
    assert documented(TESTS, "answer") == keys_of(tests_tables.ReadingAnswer)


def test_the_world_that_the_pages_show_loads_without_a_finding(tmp_path):
    world, findings = read_world(pages.example_world(tmp_path / "east-west"))
    assert findings == []
    assert check_world(world) == []


def test_the_rows_that_the_page_shows_are_answered_as_it_says(tmp_path):
    root = pages.example_world(tmp_path / "east-west")
    accord = load_accord(pages.example_accord())
    rows = load_rows(root / "accords" / "east-west.tests.toml", accord)
    assert rows.about == accord.digest
    assert run(rows, accord) == ()


def test_every_line_of_the_scenario_that_the_page_shows_comes_true(tmp_path):
    world = load_world(pages.example_world(tmp_path / "east-west"))
    story = next(f.body for f in pages.fences(SCENARIO) if f.info == "text")
    scenario, findings = parse_scenario(story)
    assert findings == []
    told = list(tell(scenario, world))
    assert [(one.step.line, one.answer) for one in told if not one.right] == []
    assert len(told) == 12


# -- the book ------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "kind"), [("head", BookHead), ("column", ColumnTable)])
def test_every_table_of_a_book_is_on_its_page(table, kind):
    assert documented(BOOK, table) == keys_of(kind)


def test_every_column_of_a_book_is_on_its_page_in_its_order():
    three = [cells[0].strip("`") for cells in pages.rows(BOOK) if len(cells) == 3]
    assert three == ["column", *COLUMNS]


def test_the_settings_that_the_page_shows_are_read(tmp_path):
    [body] = [f.body for f in pages.fences(BOOK) if f.info == "toml"]
    _ = (tmp_path / "book.toml").write_text(body, encoding="utf-8")
    assert read_settings(tmp_path).columns == (("Wert in EUR", "ignore"),)


def test_every_day_and_length_that_the_page_shows_is_read():
    _, _, days = BOOK.partition("**Days**")
    days, _, lengths = days.partition("**Lengths**")
    shown = [text for text in re.findall(r"`([^`]+)`", days) if text != "03/04/2024"]
    assert {day_of(text) for text in shown} == {date(2024, 3, 1)}
    for text in re.findall(r"`([^`]+)`", lengths.split("**")[0].partition("Words")[0]):
        assert period(text)


def test_every_question_of_a_scenario_is_on_its_page():
    first = {cells[0].strip("`").split()[0] for cells in pages.rows(SCENARIO)}
    assert set(_QUESTIONS) <= first


# -- the record ----------------------------------------------------------------------------

RECORD = pages.text_of(pages.FORMATS / "record.md")


def test_every_event_and_outcome_of_a_record_is_on_its_page():
    named = [c[0].strip("`") for c in pages.rows(RECORD) if len(c) == 3]
    assert named[1:] == [str(event) for event in Event]
    assert {str(outcome) for outcome in Outcome} <= pages.words(RECORD)
