from dataclasses import replace

import pytest

from comity.accords import Op, Operation, load_accord
from comity.release.rows import Kept, Row, Rows, kept, propose, run, unproven
from comity.worlds import load_rows, rows_path
from make import GSOMIA, RELEASE, SIGNED, accord, act, at, item, signed

ACCORDS = sorted(GSOMIA.glob("accords/*.accord.md"))


def loaded(path):
    text = load_accord(path.read_bytes())
    return text, load_rows(rows_path(path), text)


@pytest.mark.parametrize("path", ACCORDS, ids=lambda p: p.stem)
def test_every_row_of_every_accord_answers_as_it_says(path):
    text, rows = loaded(path)
    assert rows is not None
    assert run(rows, text) == ()


@pytest.mark.parametrize("path", ACCORDS, ids=lambda p: p.stem)
def test_the_tests_name_the_very_version_beside_them(path):
    text, rows = loaded(path)
    assert rows.about == text.digest


@pytest.mark.parametrize("path", ACCORDS, ids=lambda p: p.stem)
def test_no_rule_that_a_decision_uses_is_missed_by_every_row(path):
    text, rows = loaded(path)
    assert [clause.cites for clause in unproven(rows, text)] == []


def test_the_agreement_of_2016_is_kept_as_the_docs_say():
    found = {
        a.number: a.kept
        for a in kept(*reversed(loaded(GSOMIA / "accords/jp-rok-gsomia.accord.md")))
    }
    assert len(found) == 21
    assert {n for n, how in found.items() if how is Kept.ENFORCED} == {
        "2",
        "4",
        "6",
        "7",
        "9",
        "21",
    }
    assert {n for n, how in found.items() if how is Kept.EVIDENCED} == {
        "3",
        "12",
        "13",
        "17",
    }


def rows(*answers):
    return Rows(
        about="",
        instruments=(signed(),),
        rows=tuple(
            Row(
                name=f"r{i}",
                at=at(when),
                answer=a,
                item=x,
                sender="a",
                recipient="b",
                readings={},
            )
            for i, (when, x, a) in enumerate(answers)
        ),
    )


def test_an_article_is_enforced_only_if_removing_its_rules_turns_a_row():
    text = accord()
    proving = rows(("2020-02-01", item(), "permit b:LOW"))
    idle = rows(("2019-01-01", None, "not_yet"))
    assert kept(proving, text)[0].kept is Kept.ENFORCED
    assert kept(proving, text)[0].rows == ("r0",)
    assert kept(idle, text)[0].kept is Kept.RECORDED
    assert kept(None, text)[0].kept is Kept.RECORDED


def test_a_rule_that_no_row_would_miss_is_named():
    channel = '\n[channel]\ncites = "1"\nallowed = ["mail"]\n'
    text = accord(SIGNED + RELEASE + channel)
    blind = rows(("2020-02-01", item(), "permit b:LOW"))
    seeing = rows(
        ("2020-02-01", item(), "permit b:LOW"),
        ("2020-02-01", item(channel="fax"), "deny channel_not_admitted 1"),
    )
    assert "Channel" in {type(c).__name__ for c in unproven(blind, text)}
    assert "Channel" not in {type(c).__name__ for c in unproven(seeing, text)}


def test_a_wrong_answer_is_found_with_what_came_instead():
    wrong = rows(("2020-02-01", item(), "deny ended 1"))
    assert [(f.row.name, f.answer) for f in run(wrong, accord())] == [
        ("r0", "permit b:LOW")
    ]


def test_a_row_that_cannot_be_asked_fails_and_does_not_crash():
    broken = rows(("2020-02-01", item(), "permit b:LOW"))
    broken = replace(broken, rows=(replace(broken.rows[0], readings={"nothing": "x"}),))
    assert run(broken, accord())[0].answer.startswith("error")


def test_boundary_rows_are_proposed_a_second_before_each_cut_and_on_it():
    term = '\n[term]\ncites = "1"\nuntil = "2020-06-30"\n'
    proposed = {p.at: p.answer for p in propose(accord(SIGNED + term), [signed()])}
    assert proposed[at("2019-12-31T23:59:59")] == "not_yet"
    assert proposed[at("2020-01-01")] == "in_force"
    assert proposed[at("2020-06-30T23:59:59")] == "in_force"
    assert proposed[at("2020-07-01")] == "ended"


def test_an_article_whose_rules_only_a_row_about_duties_would_miss_is_evidenced():
    duty = (
        '\n[[duty]]\ncites = "1"\nid = "d"\nwhat = "x"\nwho = "recipient"\n'
        'arises = "on release"\nlasting = true\n'
    )
    text = accord(SIGNED + RELEASE + duty)
    asked = Row(name="d", at=at("2020-02-01"), answer="", duties="b", readings={})
    gave = act("g", "a", "2020-01-10", Operation(do=Op.RELEASE, item="x", to="b"))
    only = Rows(about="", instruments=(signed(), gave), rows=(asked,))
    assert kept(only, text)[0].kept is Kept.EVIDENCED
    assert kept(only, text)[0].rows == ("d",)


@pytest.mark.parametrize(
    ("term", "named"), [("indefinite = true", False), ('until = "2030-01-01"', True)]
)
def test_a_term_that_no_row_would_miss_is_named_if_it_limits_anything(term, named):
    text = accord(SIGNED + RELEASE + f'\n[term]\ncites = "1"\n{term}\n')
    blind = rows(("2020-02-01", item(), "permit b:LOW"))
    assert ("Term" in {type(c).__name__ for c in unproven(blind, text)}) is named
