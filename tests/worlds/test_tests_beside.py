import pytest

from comity.accords import Instant, load_accord
from comity.accords import clauses as c
from comity.errors import Severity, Unreadable
from comity.release.rows import Proposed, propose, run, unproven
from comity.worlds import load_rows, other_version, proposed_text, rows_path
from worlds.small import ACCORD, TESTS, change, line_in, small


@pytest.fixture
def root(tmp_path):
    return small(tmp_path)


@pytest.fixture
def accord(root):
    return load_accord((root / ACCORD).read_bytes())


def refused(root, accord):
    with pytest.raises(Unreadable) as error:
        _ = load_rows(root / TESTS, accord)
    assert all(f.where == str(root / TESTS) for f in error.value.findings)
    return [(f.line, f.code) for f in error.value.findings]


def test_the_tests_of_an_accord_stand_beside_it(root):
    assert rows_path(root / ACCORD) == root / TESTS


def test_an_accord_may_have_no_tests(root, accord):
    (root / TESTS).unlink()
    assert load_rows(root / TESTS, accord) is None


@pytest.mark.parametrize("how", ["folder", "loop", "nowhere"])
def test_tests_that_are_there_and_cannot_be_read_are_never_taken_for_none(
    root, accord, how
):
    path = root / TESTS
    path.unlink()
    match how:
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path)
        case "nowhere":
            path.symlink_to(root / "nowhere")
    assert refused(root, accord) == [(0, "no-file")]


def test_every_row_is_read_with_its_line(root, accord):
    rows = load_rows(root / TESTS, accord)
    assert [row.name for row in rows.rows][:2] == [
        "signed: in force", "a second before the signature",
    ]  # fmt: skip
    lines = (root / TESTS).read_text("utf-8").split("\n")
    assert all(lines[row.line - 1] == "[[row]]" for row in rows.rows)
    assert [i.id for i in rows.instruments] == ["signed", "notice"]
    assert rows.rows[-1].without == ("notice",)


CASES = {
    "no digest": ('about = "', 'abuot = "', 'abuot = "', "unknown-key"),
    "no such instant": ('at = "2026-01-15T09:00:00Z"', 'at = "soon"', "name = ", "bad-instant"),
    "no such item": ('item = "report"', 'item = "letter"', 'item = "letter"', "no-item"),
    "no such act": ('without = ["notice"]', 'without = ["note"]', "without =", "no-instrument"),
    "an unknown key": ("without =", "whithout =", "whithout =", "unknown-key"),
    "an empty answer": ('answer = "not_yet"', 'answer = ""', 'answer = ""', "empty-value"),
    "an item of another format": ('id = "report"', 'id = "report"\nformat = "x"', None,
                                  "bad-format"),
    "an act until no day": ('notice = "n1"', 'notice = "n1", until = "never"', None, "bad-date"),
    "an act without a source": ('supposed = "for the tests"\n', "", None, "no-source"),
    "a table of no tests": ("[[row]]", "[[line]]", "[[line]]", "unknown-table"),
    "a row that stands once": ("[[row]]", "[row]", "[row]", "unknown-table"),
    "two acts of one id": ('id = "notice"', 'id = "signed"', None, "id-twice"),
    "two items of one id": ('id = "from-south"', 'id = "report"', None, "id-twice"),
    "a byte that is no text": ("name = ", "name = \x00", "\x00", "control"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_tests_that_are_wrong_are_refused_with_their_line(root, accord, case):
    old, new, needle, code = CASES[case]
    _ = change(root, TESTS, old, new)
    found = refused(root, accord)
    assert code in {c for _, c in found}
    if needle is not None:
        line = line_in(root, TESTS, needle)
        assert (line - (1 if needle == "name = " else 0), code) in found


@pytest.mark.parametrize("key", ["item", "from", "to"])
def test_half_a_release_is_refused_rather_than_asked_as_a_standing(root, accord, key):
    line = next(
        line for line in (root / TESTS).read_text("utf-8").split("\n")[40:]
        if line.startswith(f"{key} = ")
    )  # fmt: skip
    text = (root / TESTS).read_text("utf-8")
    head, tail = text.split('name = "the last second"')
    _ = (root / TESTS).write_text(
        head + 'name = "the last second"' + tail.replace(line + "\n", "", 1), "utf-8"
    )
    assert [code for _, code in refused(root, accord)] == ["bad-row"]


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        ('{ point = "suspended-notice", is = "dormant" }', None),
        ('{ point = "suspended-notice", is = "asleep" }', "no-reading"),
        ('{ point = "anchor", is = "dormant" }', "no-open-point"),
        ('{ point = "suspended-notice" }', "missing-key"),
    ],
)
def test_a_reading_that_a_row_follows_is_one_that_the_text_knows(
    root, accord, reading, code
):
    _ = change(root, TESTS, "without =", f"readings = [{reading}]\nwithout =")
    if code is None:
        assert load_rows(root / TESTS, accord).rows[-1].readings
    else:
        assert [code for _, code in refused(root, accord)] == [code]


def test_every_fault_of_a_file_of_tests_is_found_at_once(root, accord):
    _ = change(root, TESTS, 'item = "report"', 'item = "letter"')
    _ = change(root, TESTS, 'without = ["notice"]', 'without = ["note"]')
    _ = change(root, TESTS, 'answer = "not_yet"', "answer = 1")
    _ = change(root, TESTS, 'at = "2026-01-15T09:00:00Z"', 'at = "2026-02-30T09:00:00Z"')
    assert {code for _, code in refused(root, accord)} == {
        "no-item", "no-instrument", "wrong-kind", "no-such-day",
    }  # fmt: skip


def test_tests_written_for_other_bytes_are_said_to_be(root, accord):
    rows = load_rows(root / TESTS, accord)
    assert other_version(rows, accord, root / TESTS) is None
    text = change(root, ACCORD, "share information", "share some information")
    found = other_version(rows, load_accord(text.encode()), root / TESTS)
    assert (found.code, found.severity) == ("tests-of-another-version", Severity.WARNING)
    assert load_accord(text.encode()).digest in found.hint


def test_proposed_rows_can_be_read_back_as_tests(root, accord):
    rows = load_rows(root / TESTS, accord)
    found = propose(accord, rows.instruments)
    kept = (root / TESTS).read_text("utf-8").split("[[row]]")[0]
    _ = (root / TESTS).write_text(kept + proposed_text(found, accord), "utf-8")
    again = load_rows(root / TESTS, accord)
    assert [(r.at, r.answer) for r in again.rows] == [(p.at, p.answer) for p in found]


@pytest.mark.parametrize(
    "name", ['a "quoted" name', "back\\slash", "é 漢", "it's", "[x] = {}"]
)
def test_whatever_stands_in_a_proposed_row_is_written_so_that_it_is_read_back(
    root, accord, name
):
    row = Proposed(name=name, at=Instant(0), answer=f"in {name}")
    head = f'about = "{accord.digest}"\n'
    _ = (root / TESTS).write_text(head + proposed_text((row,), accord), "utf-8")
    (again,) = load_rows(root / TESTS, accord).rows
    assert (again.name, again.answer) == (name, f"in {name}")


def tied(root):
    """Tie the accord to another of the folder, and let the rows name it."""
    text = (root / ACCORD).read_text("utf-8")
    other = text.replace('id = "small"', 'id = "main"')
    _ = (root / "accords" / "main.accord.md").write_text(other, "utf-8")
    rule = '[[tied]]\ncites = "1(1)"\nto = "main"\nhow = "start and end"\n\n[scope]'
    _ = change(root, ACCORD, "[scope]", rule)
    return load_accord((root / ACCORD).read_bytes())


SIGNING = """
[[instrument]]
id = "main-notes"
accord = "main"
by = ["north", "south"]
dated = "2026-01-15T09:00:00Z"
operations = [{ do = "sign" }]
supposed = "for the tests"
"""


def test_the_rows_of_what_is_tied_ask_the_other_accord_beside_it(root):
    accord = tied(root)
    head = (root / TESTS).read_text("utf-8").split("[[item]]")[0]
    row = '[[row]]\nname = "n"\nat = "2026-03-01T00:00:00Z"\nanswer = "in_force"\n'
    _ = (root / TESTS).write_text(head + row, "utf-8")
    (alone,) = run(load_rows(root / TESTS, accord), accord)
    assert alone.answer == "unsettled"
    text = 'beside = ["main"]\n' + head + SIGNING + row
    _ = (root / TESTS).write_text(text, "utf-8")
    rows = load_rows(root / TESTS, accord)
    assert run(rows, accord) == ()
    assert [rule for rule in unproven(rows, accord) if rule.cites == "1(1)"]
    missing = row.replace(
        'answer = "in_force"', 'answer = "signed"\nwithout = ["main-notes"]'
    )
    _ = (root / TESTS).write_text(text.replace(row, missing), "utf-8")
    rows = load_rows(root / TESTS, accord)
    assert run(rows, accord) == ()
    assert not any(isinstance(rule, c.Tied) for rule in unproven(rows, accord))


@pytest.mark.parametrize(
    ("beside", "code"),
    [
        ("", "no-accord"),
        ('beside = ["nowhere"]\n', "no-file"),
        ('beside = ["small"]\n', "id-twice"),
    ],
)
def test_an_instrument_is_about_the_accord_or_one_beside_it(root, accord, beside, code):
    text = (root / TESTS).read_text("utf-8")
    _ = (root / TESTS).write_text(beside + text + SIGNING, "utf-8")
    with pytest.raises(Unreadable) as caught:
        _ = load_rows(root / TESTS, accord)
    assert code in {f.code for f in caught.value.findings}


def test_a_row_may_ask_between_two_and_for_the_text(root, accord):
    head = (root / TESTS).read_text("utf-8").split("[[row]]")[0]
    row = '[[row]]\nname = "n"\nat = "2026-03-01T00:00:00Z"\nanswer = "in_force; as agreed first"\nbetween = ["north", "south"]\ntext = true\n'
    _ = (root / TESTS).write_text(head + row, "utf-8")
    assert [f.answer for f in run(load_rows(root / TESTS, accord), accord)] == []
    for wrong in (
        row.replace(', "south"', ""),
        row + 'item = "report"\nfrom = "north"\nto = "south"\n',
    ):
        _ = (root / TESTS).write_text(head + wrong, "utf-8")
        assert [code for _, code in refused(root, accord)] == ["bad-row"]


def test_a_hold_in_the_tests_stands_in_every_row(root, accord):
    hold = """
[[hold]]
id = "pause"
by = "north"
towards = ["south"]
accords = ["any"]
categories = ["any"]
ground = "a pause without an act"
since = "2026-03-05"
before = "2026-03-11"
source = "a test"
"""
    head = (root / TESTS).read_text("utf-8").split("[[row]]")[0] + hold
    rows = ""
    for day, answer in (("04", "permit"), ("05", "deny"), ("10", "deny"), ("11", "permit")):
        said = "permit south:RISERVATO" if answer == "permit" else "deny held"
        rows += f'[[row]]\nname = "{day}"\nat = "2026-03-{day}T12:00:00Z"\nitem = "report"\nfrom = "north"\nto = "south"\nanswer = "{said}"\n'
        rows += f'[[row]]\nname = "{day} standing"\nat = "2026-03-{day}T12:00:00Z"\nanswer = "in_force"\n'
    _ = (root / TESTS).write_text(head + rows, "utf-8")
    assert [
        (f.row.name, f.answer) for f in run(load_rows(root / TESTS, accord), accord)
    ] == []


def test_a_row_may_ask_for_the_standing_of_an_accord_beside_it_and_of_no_other(root):
    accord = tied(root)
    head = 'beside = ["main"]\n' + (root / TESTS).read_text("utf-8").split("[[item]]")[0]
    row = '[[row]]\nname = "n"\nat = "2026-03-01T00:00:00Z"\nanswer = "in_force"\nof = "main"\n'
    _ = (root / TESTS).write_text(head + SIGNING + row, "utf-8")
    assert run(load_rows(root / TESTS, accord), accord) == ()
    _ = (root / TESTS).write_text(
        head + SIGNING + row.replace('"main"', '"other"'), "utf-8"
    )
    assert [code for _, code in refused(root, accord)] == ["no-accord"]


def test_a_row_about_a_release_is_about_this_accord_also_where_one_beside_it_would_permit(
    root,
):
    accord = tied(root)
    head = 'beside = ["main"]\n' + (root / TESTS).read_text("utf-8").split("[[row]]")[0]
    row = '[[row]]\nname = "n"\nat = "2026-03-01T00:00:00Z"\nitem = "report"\nfrom = "north"\nto = "south"\n'
    row += 'without = ["signed"]\nanswer = "deny not_yet_in_force 4(1)"\n'
    _ = (root / TESTS).write_text(head + SIGNING + row, "utf-8")
    assert [f.answer for f in run(load_rows(root / TESTS, accord), accord)] == []


SHARED = """
[[policy]]
id = "lights"
standard = "tlp-2.0"
community = "parties"

[[group]]
id = "parties"
title = "those for whom it is in force"
accord = "small"
"""


def shared(root, *, more=""):
    """Let both mark by one policy, whose community is the accord's own parties."""
    rule = '[[common_policy]]\ncites = "1(1)"\npolicy = "lights"\nlevels = ["GREEN"]\n\n[scope]'
    _ = change(root, ACCORD, "[scope]", rule)
    head = (root / TESTS).read_text("utf-8").split("[[row]]")[0]
    head = head.replace('"north:RESTRICTED"', '"lights:GREEN"')
    head = head.replace('release_to = ["south"]', 'made = "2026-02-01"')
    row = '[[row]]\nname = "n"\nat = "{}"\nitem = "report"\nfrom = "north"\nto = "south"\nanswer = "{}"\n'
    rows = row.format("2026-03-01T00:00:00Z", "permit lights:GREEN")
    _ = (root / TESTS).write_text(head + SHARED + more + rows, "utf-8")
    return load_accord((root / ACCORD).read_bytes())


def test_the_parties_of_the_rows_may_share_a_policy_whose_community_they_are(root):
    accord = shared(root)
    rows = load_rows(root / TESTS, accord)
    assert (rows.policy.id, rows.policy.community) == ("lights", "parties")
    assert run(rows, accord) == ()
    alone = accord.without(tuple(accord.all(c.CommonPolicy)))
    assert [f.answer for f in run(rows, alone)] == ["deny no_equivalent"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"tlp-2.0"', '"tlp-1.0"', "bad-standard"),
        ('accord = "small"', 'accord = "large"', "no-accord"),
        ('accord = "small"', 'accord = "small"\nmembers = []', "bad-group"),
        (
            "[[group]]",
            '[[policy]]\nid = "x"\nstandard = "tlp-2.0"\n\n[[group]]',
            "id-twice",
        ),
    ],
)
def test_what_is_wrong_with_a_shared_policy_or_a_group_is_found(root, old, new, code):
    accord = shared(root)
    _ = change(root, TESTS, old, new)
    assert [found for _, found in refused(root, accord)] == [code]
