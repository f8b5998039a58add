"""What decides nothing is found, with a request that shows it; what decides is let be."""

import builtins
from dataclasses import replace

from click.testing import CliRunner

from comity.accords import Op, Operation, load_accord
from comity.accords.times import Instant
from comity.cli.accord import check_command
from comity.proof import idle, idle_alone
from comity.release import Hold
from make import AFTER, RELEASE, ROOT, SIGNED, accord, act, gsomia, notice, signed, world

RULES = SIGNED + RELEASE + AFTER
CONSENT = Operation(
    do=Op.CONSENT,
    holder="a",
    to="b",
    categories=("k",),
    levels=("c:LOW",),
    purposes=("p",),
)
ROW = '[[equivalence]]\ncites = "1"\nfrom = "c:LOW"\nto = ["b:LOW"]\n'
OFTEN = '[purpose]\ncites = "1"\nallowed = ["any"]\nas_given = false'
PLAIN = RULES.replace('[purpose]\ncites = "1"\nallowed = ["any"]', OFTEN)


def found(rules=PLAIN, acts=(), **more):
    return list(idle(world([accord(rules)], [signed(), *acts], **more)))


def codes(findings):
    return [(one.code, one.line) for one in findings]


def test_where_everything_decides_nothing_is_found():
    assert found() == []


def test_a_word_beside_any_is_shadowed():
    rules = PLAIN.replace('kinds = ["any"]', 'kinds = ["any", "oral"]')
    (one,) = found(rules)
    assert one.code == "shadowed"
    assert "`oral` among the kinds" in one.message
    assert "`any`" in one.message


def test_a_word_that_nobody_may_use_is_dead():
    rules = PLAIN.replace('categories = ["any"]', 'categories = ["k", "l", "m", "zebra"]')
    (one,) = found(rules)
    assert one.code == "decides-nothing"
    assert "`zebra` among the categories" in one.message


def test_a_consent_that_lies_outside_the_standing_is_dead():
    late = act("late", "c", "2021-06-01", CONSENT)
    (one,) = found(PLAIN + ROW, [notice("2020-03-01"), late])
    assert one.code == "decides-nothing"
    assert "the consent `late` of `c`" in one.message
    assert "the accord has ended" in one.message


def test_a_consent_for_a_level_without_a_row_is_dead():
    given = act("given", "c", "2020-02-01", replace(CONSENT, levels=("c:HIGH",)))
    (one,) = found(PLAIN + ROW, [given])
    assert one.code == "decides-nothing"
    assert "no corresponding level" in one.message


def test_a_consent_that_another_takes_in_is_shadowed_and_the_other_named():
    wide = act("wide", "c", "2020-02-01", replace(CONSENT, categories=("k", "l")))
    narrow = act("narrow", "c", "2020-02-02", CONSENT)
    (one,) = found(PLAIN + ROW, [wide, narrow])
    assert one.code == "shadowed"
    assert "`narrow`" in one.message.partition(":")[0]
    assert "`wide`" in one.message


def test_a_hold_on_what_never_flows_is_dead():
    hold = Hold(
        id="h",
        by="a",
        towards=("c",),
        accords=("any",),
        categories=("any",),
        ground="a test",
        since=Instant(0),
    )
    (one,) = found(holds=(hold,))
    assert (one.where, one.code) == ("holds.toml", "decides-nothing")


def test_a_row_that_begins_after_the_term_is_dead_by_the_text_alone():
    rules = PLAIN.replace("indefinite = true", 'until = "2021-12-31"')
    rules += '[[equivalence]]\ncites = "1"\nfrom = "a:HIGH"\nto = ["b:LOW"]\n'
    within, after = rules + 'since = "2021-12-31"\n', rules + 'since = "2022-01-01"\n'
    assert list(idle_alone(accord(within))) == []
    (one,) = idle_alone(accord(after))
    assert one.code == "decides-nothing"
    assert "a:HIGH" in one.message
    assert "the term" in one.message


def test_an_exception_that_the_rule_makes_needless_is_dead_by_the_text_alone():
    exception = (
        '[[exception]]\ncites = "1"\nto = "scope"\nanswer = "permit"\ncategories = ["k"]\n'
    )
    (one,) = idle_alone(accord(PLAIN + exception))
    assert one.code in {"decides-nothing", "shadowed"}
    assert "exception" in one.message
    needed = PLAIN.replace('categories = ["any"]', 'categories = ["l"]') + exception
    assert list(idle_alone(accord(needed))) == []


def test_by_the_text_alone_as_given_asks_for_no_more_than_the_consent_of_each():
    raw = (ROOT / "worlds/gsomia/accords/jp-rok-gsomia.accord.md").read_bytes()
    (one,) = idle_alone(load_accord(raw))
    assert (one.code, one.line) == ("shadowed", 140)


def test_of_two_accords_that_say_the_same_each_is_shadowed():
    twins = [accord(PLAIN), accord(PLAIN, name="u")]
    findings = list(idle(world(twins, [signed(), signed(of="u")])))
    assert [one.code for one in findings] == ["shadowed", "shadowed"]
    assert "`t` permits nothing that other accords do not" in findings[0].message


def test_the_world_of_the_night_has_no_dead_rule():
    findings = list(idle(gsomia()))
    assert {one.code for one in findings} <= {"shadowed"}
    assert all(one.line and one.where for one in findings)


def test_without_the_solver_check_deep_says_what_to_install(monkeypatch):
    plain = builtins.__import__

    def none(name, *args, **more):
        if name.startswith("comity.proof"):
            raise ModuleNotFoundError("No module named 'z3'", name="z3")
        return plain(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", none)
    file = str(ROOT / "worlds/gsomia/accords/tisa-2014.accord.md")
    answer = CliRunner().invoke(check_command, ["--deep", file])
    assert "comity[proof]" in answer.exception.hint
