import pytest

from accords.texts import GOOD, changed, line_of, loaded, places
from comity.accords import ALWAYS, check
from comity.accords import checks as k
from comity.accords.confirm import confirm
from comity.errors import Severity
from make import GSOMIA

EQUIVALENCE = """[[equivalence]]
cites = "1(1)"
from = "a:LOW"
to = ["b:LOW"]

"""
COMMON = '[[common_policy]]\ncites = "1(1)"\npolicy = "tlp"\nlevels = ["AMBER"]\n'
DATED = EQUIVALENCE.strip() + '\nsince = "2020-01-01"\nbefore = "{}"\n'
CALENDAR = changed(
    ('when = { from = ["sign:dated"], of = "every party" }', 'when = { on = "2020-01-15" }')
)
POINT = """[[open_point]]
cites = "2(4)"
id = "anchor"
question = "ninety days before what?"
readings = ["end of period", "after the length"]
default = "end of period"

"""


def rule(text, *, under="1", within=GOOD):
    """Put rules at the head of an article's block."""
    place = within.index("```toml comity\n", within.index(f"## Article {under}."))
    opened = place + len("```toml comity\n")
    return within[:opened] + text.strip() + "\n\n" + within[opened:]


def exempt(answer, line="", *, to="scope"):
    return f'[[exception]]\ncites = "1(1)"\nto = "{to}"\nanswer = "{answer}"\n{line}\n'


def gate(name, table="gate"):
    body = {
        "gate": 'needs = "x"\nwho = "each"',
        "duty": 'what = "x"\nwho = "each"\narises = "on release"',
        "actor": 'is = "x"\nmay = ["set_date"]',
        "open_point": 'question = "x"\nreadings = ["dormant"]\ndefault = "dormant"',
    }[table]
    return f'[[{table}]]\ncites = "1(1)"\nid = "{name}"\n{body}\n\n'


def duty(said):
    head = '[[duty]]\ncites = "1(1)"\nid = "d"\nwhat = "x"\nwho = "each"\n'
    return rule(head + said)


SURVIVES = '[survival]\ncites = "1(1)"\nprotect = "always"\n'
TERM = """initial = { for = "P1Y", count = "anniversary" }
renewal = { for = "P1Y", count = "anniversary", by = "silence" }"""
RENEWAL = 'renewal = { for = "P1Y", count = "anniversary", by = "silence" }'
TO_POINT = '[[exit]]\ncites = "2(4)"\ntakes_effect = { open_point = "anchor" }'
LENGTH = 'length = { for = "P6M", count = "anniversary" }'
EXIT = f'[[exit]]\ncites = "2(4)"\n{LENGTH}\n'

# check: (file with the fault, needle of its line, code), ... ; then files without it
VETO = """
[provisional]
cites = "1(1)"
when = { from = ["declare_provisional:dated"], unless = "object:dated by congress" }

[[actor]]
cites = "1(1)"
id = "congress"
is = "a legislature"
may = ["object"]
"""
SET_BY = """
[provisional]
cites = "1(1)"
when = { on = "2020-01-01", set_by = "board", about = "x" }

[[actor]]
cites = "1(1)"
id = "board"
is = "a joint body"
may = ["set_date"]
"""
PART = """
[[suspension]]
cites = "1(1)"
who = "board"
part = true

[[actor]]
cites = "1(1)"
id = "board"
is = "a committee"
may = ["suspend"]
"""
TIED = '[[tied]]\ncites = "1(1)"\nto = "tca"\nhow = "start and end"'
SENDING = '[[tied]]\ncites = "1(1)"\nto = "act"\nhow = "sending"\nwho = ["b"]'

JOINING = """[joining]
cites = "1(1)"
when = { from = ["sign:dated"] }
admitted_by = "committee"

"""
COMMITTEE = '[[actor]]\ncites = "1(1)"\nid = "committee"\nis = "x"\nmay = ["{}"]\n'

CASES = {
    k.rules_are_fresh: (
        [
            (GOOD, "[scope]", "unread-rule"),
            (
                rule('[channel]\ncites = "1(1)"\nread = "sha256:00"\nallowed = ["any"]'),
                "[channel]",
                "stale-rule",
            ),
        ],
        [],
    ),
    k.confirmations_are_digests: (
        [
            (
                rule('[channel]\ncites = "1(1)"\nread = "sha256:00"\nallowed = ["any"]'),
                "[channel]",
                "nobody-read",
            )
        ],
        [
            GOOD,
            rule('[channel]\ncites = "1(1)"\nread = "x"\nread_by = "y"\nallowed = ["any"]'),
        ],
    ),
    k.ids_are_their_own: (
        [
            (rule(gate("g", table) + "# the other\n" + gate("g", table)), "# the other", "id-twice")
            for table in ("gate", "duty", "actor", "open_point")
        ],
        [
            GOOD,
            rule(gate("g") + gate("h")),
            rule(gate("g") + gate("g", "duty") + gate("g", "actor")),
        ],
    ),
    k.what_a_release_needs_is_stated: (
        [(GOOD, None, "not-stated")],
        [rule(EQUIVALENCE)],
    ),
    k.term_and_exit_are_stated: (
        [
            (changed((EXIT, "")), None, "not-stated"),
            (changed((f'[term]\ncites = "2(2)"\n{TERM}\n\n', "")), None, "not-stated"),
        ],
        [GOOD],
    ),
    k.names_are_parties: (
        [
            (changed((LENGTH, LENGTH + '\nwho = "c"')), "[[exit]]", "no-party"),
            (rule('[[suspension]]\ncites = "1(1)"\nwho = "c"'), "[[suspension]]", "no-party"),
            (rule(EQUIVALENCE.replace("b:LOW", "c:LOW")), "[[equivalence]]", "no-party"),
            (rule(EQUIVALENCE.replace("a:LOW", "c:LOW")), "[[equivalence]]", "no-party"),
            (changed(('"a to b", "b to a"', '"a to c"')), "[scope]", "bad-direction"),
            (changed(('"a to b", "b to a"', '"a"')), "[scope]", "bad-direction"),
            (changed(('"a to b", "b to a"', '"a  to b"')), "[scope]", "bad-direction"),
            (changed(('"a to b", "b to a"', '"a to b to a"')), "[scope]", "bad-direction"),
        ],
        [
            GOOD,
            rule(EQUIVALENCE),
            changed(('"a to b", "b to a"', '"any"')),
            changed((LENGTH, LENGTH + '\nwho = "either"')),
            changed((LENGTH, LENGTH + '\nwho = "a"')),
            rule(gate("board", "actor"), within=changed((LENGTH, LENGTH + '\nwho = "board"'))),
            changed(
                (LENGTH, LENGTH + '\nwho = "c"'),
                ('parties = ["a", "b"]', 'parties = ["a", "b"]\nopen = true'),
            ),
        ],
    ),
    k.rows_are_not_lists_of_nothing: (
        [
            (changed(('["incidents"]', "[]")), "[scope]", "dead-clause"),
            (changed(('["document"]', "[]")), "[scope]", "dead-clause"),
            (changed(('["a to b", "b to a"]', "[]")), "[scope]", "dead-clause"),
            (changed(('["defence"]', "[]")), "[purpose]", "dead-clause"),
            (rule('[channel]\ncites = "1(1)"\nallowed = []'), "[channel]", "dead-clause"),
            (rule(EQUIVALENCE.replace('["b:LOW"]', "[]")), "[[equivalence]]", "dead-clause"),
        ],
        [GOOD, rule(EQUIVALENCE), rule('[channel]\ncites = "1(1)"\nallowed = ["any"]')],
    ),
    k.tables_lead_somewhere: (
        [
            (rule(COMMON.replace('["AMBER"]', "[]")), "[[common_policy]]", "dead-clause"),
            (
                rule(DATED.format("2020-01-01")),
                "[[equivalence]]",
                "dead-clause",
            ),
        ],
        [
            GOOD,
            rule(COMMON),
            rule(DATED.format("2020-01-02")),
        ],
    ),
    k.equivalence_is_unambiguous: (
        [
            (
                rule(EQUIVALENCE.replace('["b:LOW"]', '["b:LOW", "b:MID"]')),
                "[[equivalence]]",
                "ambiguous-row",
            ),
            (
                rule(EQUIVALENCE + "# again\n" + EQUIVALENCE.replace("b:LOW", "b:MID")),
                "# again",
                "ambiguous-row",
            ),
            (
                rule(EQUIVALENCE + "# again\n" + EQUIVALENCE),
                "# again",
                "ambiguous-row",
            ),
            (
                rule(EQUIVALENCE.strip() + '\nrelation = "none"'),
                "[[equivalence]]",
                "ambiguous-row",
            ),
        ],
        [
            rule(DATED.format("2021-01-01") + DATED.replace("2020", "2021").replace("b:LOW", "b:MID").format("2022-01-01")),
            rule(EQUIVALENCE.replace('["b:LOW"]', '[]\nrelation = "none"')),
            rule(EQUIVALENCE + EQUIVALENCE.replace("a:LOW", "a:MID")),
            rule(EQUIVALENCE.replace('["b:LOW"]', '["b:LOW", "b:MID"]\nchoose = "recipient"')),
            rule(EQUIVALENCE.replace('["b:LOW"]', '["b:LOW", "a:MID"]')),
        ],
    ),
    k.exceptions_agree: (
        [
            (rule(exempt("permit")), "[[exception]]", "exception-to-everything"),
            (
                rule(
                    exempt("permit", 'categories = ["incidents"]')
                    + "# the other\n"
                    + exempt("deny", 'recipients = ["b"]')
                ),
                "# the other",
                "conflicting-exceptions",
            ),
        ],
        [
            GOOD,
            rule(
                exempt("permit", 'categories = ["incidents"]')
                + exempt("permit", 'recipients = ["b"]')
            ),
            rule(
                exempt("permit", 'categories = ["incidents"]')
                + exempt("deny", 'categories = ["other"]')
            ),
            rule(
                exempt("permit", 'categories = ["incidents"]')
                + exempt("deny", 'categories = ["incidents"]', to="purpose")
            ),
        ],
    ),
    k.open_points_are_whole: (
        [
            (rule(TO_POINT, under="2"), "[[exit]]", "no-open-point"),
            (rule(POINT, under="2"), "[[open_point]]", "dead-clause"),
            (
                rule(
                    POINT.replace('default = "end of period"', 'default = "never"') + TO_POINT,
                    under="2",
                ),
                "[[open_point]]",
                "bad-default",
            ),
            (
                rule(POINT.replace('"after the length"', '"in the end"') + TO_POINT, under="2"),
                "[[open_point]]",
                "no-reading",
            ),
            (
                rule(gate("suspended-notice", "open_point").replace("dormant", "asleep")),
                "[[open_point]]",
                "no-reading",
            ),
        ],
        [
            GOOD,
            rule(POINT + TO_POINT, under="2"),
            rule(gate("suspended-notice", "open_point")),
        ],
    ),
    k.exits_can_be_used: (
        [
            (
                changed(
                    ('initial = { for = "P1Y", count = "anniversary" }', "indefinite = true"),
                    (
                        'renewal = { for = "P1Y", count = "anniversary", by = "silence" }\n',
                        "",
                    ),
                ),
                "[[exit]]",
                "dead-clause",
            ),
            (changed((LENGTH, 'takes_effect = "after the length"')), "[[exit]]", "no-length"),
            (rule(POINT + TO_POINT, under="2"), "[[exit]]", "no-length"),
        ],
        [
            GOOD,
            changed((LENGTH, LENGTH + '\ntakes_effect = "after the length"')),
            changed((LENGTH, 'takes_effect = "at once"')),
        ],
    ),
    k.days_exist: (
        [
            (changed(("2020-01-15", "2020-01-31"), ('"P1Y"', '"P1M"'), ('"P1Y"', '"P1M"'),
                     text=CALENDAR), "[term]", "no-such-day"),
            (changed(("2020-01-15", "2020-02-29"), text=CALENDAR), "[term]", "no-such-day"),
        ],
        [
            GOOD,
            CALENDAR,
            changed(("2020-01-15", "2399-12-31"), text=CALENDAR),
            changed(("2020-01-15", "2020-02-29"), (TERM, "indefinite = true"), text=CALENDAR),
            changed(("2020-01-15", "2020-02-29"), ('"P1Y"', '"P9999Y"'), text=CALENDAR),
            changed(("2020-01-15", "2020-02-29"), ('"P1Y"', '"P4Y"'), (RENEWAL, ""),
                    text=CALENDAR),
        ],
    ),
    k.term_is_not_over_before_it_begins: (
        [
            (changed((TERM, 'until = "2020-01-14"'), text=CALENDAR), "[term]", "dead-clause"),
            (changed((TERM, 'before = "2020-01-15"'), text=CALENDAR), "[term]", "dead-clause"),
        ],
        [
            GOOD,
            CALENDAR,
            changed((TERM, 'until = "2020-01-15"'), text=CALENDAR),
            changed((TERM, 'before = "2020-01-16"'), text=CALENDAR),
        ],
    ),
    k.duties_can_be_kept: (
        [
            (duty('arises = "after the end"'), "[[duty]]", "no-survival"),
            (duty('arises = "on loss"\ndischarge = []'), "[[duty]]", "no-discharge"),
            (duty('arises = "on loss"\ndischarge = ["report", "protest"]'), "[[duty]]",
             "no-discharge"),
            (duty('arises = "on release"\ndischarge = ["report_loss"]'), "[[duty]]",
             "no-discharge"),
            (duty('arises = "on release"\nlasting = true\nwithin = "at once"'), "[[duty]]",
             "dead-clause"),
            (duty('arises = "on request"\nchoice = "sender"\ndischarge = ["return"]'),
             "[[duty]]", "dead-clause"),
        ],
        [
            GOOD,
            rule(SURVIVES, within=duty('arises = "after the end"')),
            duty('arises = "on loss"\ndischarge = ["report_loss"]'),
            duty('arises = "on release"\nlasting = true'),
            duty('arises = "on request"\nchoice = "sender"\n'
                 'discharge = ["return", "certify_destruction"]'),
        ],
    ),
    k.survival_is_whole: (
        [
            (rule(SURVIVES + 'onward = "as 2(1)"'), "[survival]", "no-third-party-rule"),
            (rule(SURVIVES + 'counted_from = "receipt"'), "[survival]", "dead-clause"),
        ],
        [
            GOOD,
            rule(SURVIVES + 'onward = "never"'),
            rule(SURVIVES + 'onward = "as 3"'),
            rule(SURVIVES.replace('"always"', '{ for = "P20Y", count = "anniversary" }')
                 + 'counted_from = "receipt"'),
        ],
    ),
    k.who_admits_may_sign: (
        [
            (rule(JOINING), "[joining]", "no-party"),
            (rule(JOINING + COMMITTEE.format("set_date")), "[joining]", "no-party"),
            (rule(JOINING.replace('"committee"', '"a"')), "[joining]", "no-party"),
        ],
        [GOOD, rule(JOINING + COMMITTEE.format("sign")), rule(JOINING.replace("admitted", "#"))],
    ),
    k.links_lead_elsewhere: (
        [
            (rule('[[supersedes]]\ncites = "1(1)"\naccord = "a-b"'), "[[supersedes]]", "circle"),
            (rule(TIED.replace('"tca"', '"a-b"')), "[[tied]]", "circle"),
            (rule(SENDING.replace('"b"', '"z"')), "[[tied]]", "no-party"),
        ],
        [GOOD, rule(TIED), rule(SENDING), rule('[[supersedes]]\ncites = "1(1)"\naccord = "old"')],
    ),
    k.acts_are_by_those_who_may: (
        [
            (rule(VETO.replace("congress", "congres", 1)), "[provisional]", "no-party"),
            (rule(VETO.replace('"object"', '"set_date"')), "[provisional]", "dead-clause"),
            (rule(SET_BY.replace('"set_date"', '"object"')), "[provisional]", "dead-clause"),
            (rule(SET_BY.replace('"board"', '"bord"', 1)), "[provisional]", "no-party"),
        ],
        [GOOD, rule(VETO), rule(SET_BY), rule(VETO.replace("by congress", "by b", 1))],
    ),
    k.parts_are_ended_by_actors: (
        [
            (rule(PART.replace('who = "board"', 'who = "a"')), "[[suspension]]", "dead-clause"),
            (rule(PART.replace('who = "board"\n', "")), "[[suspension]]", "dead-clause"),
        ],
        [GOOD, rule(PART), rule(PART.replace("part = true\n", ""))],
    ),
}  # fmt: skip

FAULTS = [
    pytest.param(one, *case, id=f"{one.__name__}-{place}")
    for one, (faults, _) in CASES.items()
    for place, case in enumerate(faults)
]
SOUND = [
    pytest.param(one, text, id=f"{one.__name__}-{place}")
    for one, (_, sound) in CASES.items()
    for place, text in enumerate(sound)
]


def read_by_somebody(text=GOOD):
    raw = text.encode()
    for number in "123":
        raw, _ = confirm(raw, number, "An Officer")
    return raw.decode()


@pytest.mark.parametrize("one", ALWAYS, ids=lambda one: one.__name__)
def test_every_check_has_a_file_with_its_fault_and_one_without(one):
    faults, sound = CASES[one]
    assert faults
    assert sound or one is k.rules_are_fresh


@pytest.mark.parametrize("one", ALWAYS, ids=lambda one: one.__name__)
def test_every_check_says_its_one_sentence(one):
    assert one.__doc__.strip().endswith(".")


@pytest.mark.parametrize(("one", "text", "needle", "code"), FAULTS)
def test_a_check_finds_its_fault_at_its_line(one, text, needle, code):
    found = list(one(loaded(text)))
    line = 0 if needle is None else line_of(needle, text)
    if needle is not None and needle.startswith("#"):
        line += 1  # the heading below the comment
    assert (line, code) in places(found)
    assert all(f.message and f.hint for f in found)


@pytest.mark.parametrize(("one", "text"), SOUND)
def test_a_check_finds_nothing_where_nothing_is_wrong(one, text):
    assert list(one(loaded(text))) == []


def test_all_findings_of_all_checks_come_at_once_in_the_order_of_the_file():
    text = rule(
        EQUIVALENCE.replace("b:LOW", "c:LOW") + exempt("permit"),
        within=changed((LENGTH, 'who = "c"'), ('["defence"]', "[]")),
    )
    found = [f for f in check(loaded(text), "x.md") if f.code != "unread-rule"]
    assert [f.line for f in found] == sorted(f.line for f in found)
    assert {f.where for f in found} == {"x.md"}
    assert {f.code for f in found} == {"no-party", "exception-to-everything", "dead-clause"}


def test_an_accord_whose_rules_somebody_read_and_whose_rows_are_said_has_no_finding():
    text = read_by_somebody(rule(EQUIVALENCE))
    assert check(loaded(text)) == []


def test_an_accord_that_gives_no_exit_names_what_its_law_gives():
    text = changed((EXIT, ""))
    treaty, contract = (
        next(f for f in check(loaded(t)) if "gets out" in f.message)
        for t in (text, changed(('law = "vclt"', 'law = "contract"'), text=text))
    )
    assert "VCLT 56" in treaty.message
    assert "its own words open none" in contract.message


# -- stale ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ("share reports on", "share all reports on", ["[scope]"]),
        ("報告を共有", "報告書を共有", ["[scope]"]),
        ("(a) for defence;", "(a) for defence alone;", ["[purpose]"]),
        ("(a) 防衛", "(a) 国防", ["[purpose]"]),
        ("(b) for research.", "(b) for study.", []),
        ("(2) Reports are used", "(2) They are used", []),
        ("Agreed in two", "Agreed in both", []),
        ("## Article 1. Scope", "## Article 1. What it covers", []),
        ("Nothing goes on", "Little goes on", ["[third_party]"]),
        ("いずれの締約国", "各締約国", ["[[exit]]"]),
    ],
)
def test_a_rule_is_stale_exactly_where_words_that_it_cites_have_changed(old, new, stale):
    text = changed((old, new), text=read_by_somebody())
    found = [f for f in check(loaded(text)) if f.code == "stale-rule"]
    assert [f.line for f in found] == [line_of(heading, text) for heading in stale]
    assert all(f.severity is Severity.ERROR for f in found)


def test_a_sub_paragraph_that_changed_makes_the_rule_of_its_paragraph_stale():
    """A paragraph's words go on through (i) and (ii) under its (a)."""
    text = changed(('cites = "1(1)"', 'cites = "1(3)(a)"'))
    altered = changed(("(ii) by another;", "(ii) by anybody;"), text=read_by_somebody(text))
    assert [f.code for f in check(loaded(altered)) if f.line == line_of("[scope]")][
        0:1
    ] == ["stale-rule"]


def test_a_translation_that_is_not_authentic_makes_no_rule_stale():
    one = changed(('authentic = ["en", "ja"]', 'authentic = ["en"]'))
    text = changed(("報告を共有", "報告書を共有"), text=read_by_somebody(one))
    assert "stale-rule" not in {f.code for f in check(loaded(text))}


def test_confirming_refreshes_a_stale_rule():
    stale = changed(("share reports on", "share all reports on"), text=read_by_somebody())
    fresh, count = confirm(stale.encode(), "1(1)", "Another Officer")
    assert count == 1
    assert "stale-rule" not in {f.code for f in check(loaded(fresh.decode()))}


def test_a_rule_that_another_authentic_language_was_added_to_is_stale():
    one = changed(('authentic = ["en", "ja"]', 'authentic = ["en"]'))
    text = changed(
        ('authentic = ["en"]', 'authentic = ["en", "ja"]'), text=read_by_somebody(one)
    )
    found = [f.code for f in check(loaded(text))]
    assert found.count("stale-rule") == len(loaded().clauses)


@pytest.mark.parametrize(
    "path", sorted(GSOMIA.glob("accords/*.accord.md")), ids=lambda p: p.stem
)
def test_no_accord_of_the_world_has_an_error(path):
    found = check(loaded(path.read_text("utf-8")), str(path))
    assert [f for f in found if f.severity is Severity.ERROR] == []
