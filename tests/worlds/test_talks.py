"""The files of what is said: what loads, and what keeps a world from loading, with its line."""

from pathlib import Path

import pytest

from comity.errors import Severity
from comity.release.worldchecks import check_world
from comity.talks import Progress
from comity.talks.draft import Names, draft
from comity.talks.phrases import phrase_digest
from comity.worlds import load_world, read_world
from comity.worlds.talks import TALKS
from worlds.small import refused, said, small

HASH = phrase_digest("in the long hall")

SPEAKERS = """[[speaker]]
id = "bel"
name = "Ana Bel"
by = "north"
capacity = "head of the board"
level = "official"
since = "2031-01-01"
before = "2032-01-01"
source = "t"
"""
FORUMS = """[[forum]]
id = "rivers"
name = "Rivers"
members = [{ name = "North", party = "north" }, { name = "South", party = "south", since = "2031-01-01" }]
includes = ["lakes"]
source = "t"

[[forum]]
id = "lakes"
name = "Lakes"
members = []
recalled = true
"""
READOUTS = f"""[[meeting]]
id = "hall"
title = "The boards"
place = "Riverton"
zone = "Etc/UTC"
on = "2031-03-09"
who = ["north", "south"]
forum = "rivers"
accord = "small"
speakers = ["bel"]

[[account]]
id = "A"
meeting = "hall"
side = "north"
by = "a paper"
kind = "press report"
dated = "2031-03-09"
weekday = "Sunday"
source = "t"
paragraphs = 4

[[account]]
id = "B"
meeting = "hall"
side = "south"
by = "another paper"
kind = "official readout"
dated = "2031-03-10T09:00Z"
source = "t"

[[point]]
number = 1
meeting = "hall"
matter = "the place"
relation = "both"

[[point]]
number = 2
meeting = "hall"
matter = "the end"
relation = "one only"

[[passage]]
point = 1
account = "A"
says = "in the hall"
paragraph = 1
words = 4
phrase = "{HASH}"
facts = [{{ of = "place", is = "the hall" }}]
speaker = "bel"

[[passage]]
point = 1
account = "B"
says = "in the hall"
paragraph = 7
words = 4
phrase = "{HASH}"
facts = [{{ of = "place", is = "the hall" }}]

[[passage]]
point = 2
account = "A"
says = "it ends at midnight"
paragraph = 4
words = 4
phrase = "{HASH}"
facts = [{{ of = "end", time = "midnight on 2031-03-15", means = "2031-03-16T00:00:00Z", why = "the boats ran on the 15th" }}]
"""
MEASURES = """[[measure]]
id = "toll"
by = "north"
what = "the toll"
states = [{ since = "2031-01-01", is = "on", source = "t" }, { since = "2031-06-01", is = "off", recalled = true }]
"""
UNDERTAKINGS = """[[undertaking]]
id = "no-toll"
by = ["north"]
to = ["south"]
says = "the toll goes"
does = "toll:off"
due = "2031-07-01"
speaker = "bel"
after = ["a paper"]
steps = [{ since = "2031-03-09", is = "asked", source = "t" }, { since = "2031-03-10", is = "given", source = "t" }]
"""
STATEMENTS = f"""[[statement]]
id = "joint"
title = "Joint statement"
by = ["north", "south"]
says = "the ferry matters"
signed = [{{ by = "south", since = "2031-03-10" }}, {{ by = "north", since = "2031-03-09" }}]
text = "{HASH}"
meeting = "hall"
source = "t"
"""
POSITIONS = """[[position]]
id = "first"
by = "north"
says = "no toll"
since = "2031-03-01"
speaker = "bel"
source = "t"

[[position]]
id = "second"
by = "north"
says = "half a toll"
since = "2031-03-05"
known = "2031-03-06"
will_not = "toll:off"
revises = "first"
after = ["a paper", "an envoy"]
source = "t"
"""
CONDITIONS = """[[condition]]
id = "toll-first"
by = "south"
accord = "small"
does = "suspend_notice"
waits_for = "toll:off"
says = "no notice while there is a toll"
since = "2031-03-01"
source = "t"
"""
GOOD = {
    "speakers.toml": SPEAKERS,
    "forums.toml": FORUMS,
    "readouts.toml": READOUTS,
    "measures.toml": MEASURES,
    "undertakings.toml": UNDERTAKINGS,
    "statements.toml": STATEMENTS,
    "positions.toml": POSITIONS,
    "conditions.toml": CONDITIONS,
}


@pytest.fixture
def root(tmp_path):
    folder = small(tmp_path)
    for name, text in GOOD.items():
        _ = (folder / name).write_text(text, "utf-8")
    return folder


def test_every_file_of_what_is_said_loads_without_a_finding(root):
    world, found = read_world(root)
    assert found == []
    assert check_world(world) == []
    assert set(GOOD) == set(TALKS)
    assert [s.by for s in world.statements[0].signed] == [
        "north",
        "south",
    ]  # in order of time
    assert [step.is_ for step in world.undertakings[0].steps] == [
        Progress.ASKED,
        Progress.GIVEN,
    ]
    assert world.positions[1].after == ("a paper", "an envoy")
    assert world.readouts.accounts[1].zone.name == "Etc/UTC"


def test_every_value_knows_the_file_and_the_line_it_stands_on(root):
    world = load_world(root)
    said_ = world.readouts
    values = [
        *world.speakers, *world.forums, *world.measures, *world.undertakings, *world.statements,
        *world.positions, *world.conditions, *said_.meetings, *said_.accounts, *said_.points,
        *said_.passages,
    ]  # fmt: skip
    for value in values:
        line = Path(value.where).read_text("utf-8").split("\n")[value.line - 1]
        assert line == f"[[{type(value).__name__.lower()}]]"


def test_facts_are_counted_by_how_they_are_known(root):
    counted = load_world(root).facts()
    assert (counted["sourced"], counted["recalled"]) == (7, 1)


def test_a_draft_as_it_was_proposed_keeps_a_world_from_loading_table_by_table(root):
    text = "RIVERTON, 2031-03-09 -- The boards met for an hour. \nThey part on Friday.\n"
    made = draft(text, names=Names()).toml()
    _ = (root / "readouts.toml").write_text(made, "utf-8")
    lines = made.split("\n")
    found = said(refused(root), root)
    marked = [n for n, line in enumerate(lines, 1) if line == "proposed = true"]
    assert [(f, n) for f, n, code in found if code == "still-proposed"] == [
        ("readouts.toml", n) for n in marked
    ]
    # Taking the mark out alone is not enough: somebody has to have written something.
    _ = (root / "readouts.toml").write_text(made.replace("proposed = true\n", ""), "utf-8")
    codes = {code for _, _, code in said(refused(root), root)}
    assert "no-words" in codes
    assert "still-proposed" not in codes


def test_a_draft_that_a_person_has_been_over_loads(root):
    text = "RIVERTON, 2031-03-09 -- The boards met for an hour.\nThey part on Friday.\n"
    made = (
        draft(text)
        .toml()
        .replace("proposed = true\n", "")
        .replace("who = []", 'who = ["north"]')
    )
    made = made.replace('side = "…"', 'side = "north"').replace("…", "in our words")
    _ = (root / "readouts.toml").write_text(made, "utf-8")
    _ = (root / "statements.toml").unlink()
    world, found = read_world(root)
    assert found == []
    assert len(world.readouts.passages) == 2


def test_a_table_marked_as_not_proposed_loads(root):
    path = root / "readouts.toml"
    _ = path.write_text(
        READOUTS.replace("number = 1\n", "number = 1\nproposed = false\n"), "utf-8"
    )
    assert read_world(root)[1] == []


BROKEN = {
    # readouts: what names what
    "a passage of an unknown account": ("readouts.toml", 'account = "B"\nsays', 'account = "C"\nsays', "[[passage]]", 2, "no-account"),
    "a passage of an unknown point": ("readouts.toml", "point = 2", "point = 3", "[[passage]]", 3, "no-point"),
    "an account of an unknown meeting": ("readouts.toml", 'id = "B"\nmeeting = "hall"', 'id = "B"\nmeeting = "barn"', "[[account]]", 2, "no-meeting"),
    "a point of an unknown meeting": ("readouts.toml", 'number = 2\nmeeting = "hall"', 'number = 2\nmeeting = "barn"', "[[point]]", 2, "no-meeting"),
    "two points of one number": ("readouts.toml", "number = 2", "number = 1", "[[point]]", 2, "id-twice"),
    "a point that nobody tells of": ("readouts.toml", "number = 2", "number = 9", "[[point]]", 2, "untold"),
    "two accounts of one id": ("readouts.toml", 'id = "B"', 'id = "A"', 'id = "A"', 2, "id-twice"),
    "two meetings of one id": ("readouts.toml", "[[account]]", READOUTS.split("\n\n", maxsplit=1)[0] + "\n\n[[account]]", 'id = "hall"', 2, "id-twice"),
    "a paragraph that the account does not have": ("readouts.toml", "paragraph = 4", "paragraph = 5", "[[passage]]", 3, "no-paragraph"),
    "a paragraph nought": ("readouts.toml", "paragraph = 7", "paragraph = 0", "[[passage]]", 2, "no-paragraph"),
    # digests
    "a hash that is none": ("readouts.toml", f'phrase = "{HASH}"\nfacts = [{{ of = "place", is = "the hall" }}]\nspeaker', 'phrase = "sha256:12"\nspeaker', "[[passage]]", 1, "bad-digest"),
    "a hash without its name": ("readouts.toml", HASH, HASH.removeprefix("sha256:"), "[[passage]]", 1, "bad-digest"),
    "a phrase of one word": ("readouts.toml", "words = 4", "words = 1", "[[passage]]", 1, "bad-digest"),
    "a phrase that is a quotation": ("readouts.toml", "words = 4", "words = 40", "[[passage]]", 1, "bad-digest"),
    # dates
    "a meeting without a date": ("readouts.toml", 'on = "2031-03-09"\n', "", "[[meeting]]", 1, "missing-key"),
    "a meeting on a day that is none": ("readouts.toml", "2031-03-09", "2031-02-30", "on =", 1, "no-such-day"),
    "a meeting nowhere": ("readouts.toml", "Etc/UTC", "Etc/Nowhere", "zone =", 1, "bad-zone"),
    "an account without a date": ("readouts.toml", 'dated = "2031-03-09"\n', "", "[[account]]", 1, "missing-key"),
    "an account dated never": ("readouts.toml", 'dated = "2031-03-09"', 'dated = "soon"', "[[account]]", 1, "bad-instant"),
    "a dateline on another weekday": ("readouts.toml", '"Sunday"', '"Monday"', "[[account]]", 1, "other-weekday"),
    "a dateline on no weekday": ("readouts.toml", '"Sunday"', '"Someday"', "[[account]]", 1, "unknown-word"),
    # facts and relations
    "a relation that the accounts contradict": ("readouts.toml", 'relation = "both"', 'relation = "at odds"', "[[point]]", 1, "relation-contradicted"),
    "a relation of both that one tells": ("readouts.toml", 'relation = "one only"', 'relation = "both"', "[[point]]", 2, "relation-contradicted"),
    "a relation of one that two tell, and nothing to compare": ("readouts.toml", f'{HASH}"\nfacts = [{{ of = "place", is = "the hall" }}]\n\n', f'{HASH}"\n\n', "[[point]]", 1, None),
    "a relation that nobody knows": ("readouts.toml", '"both"', '"alike"', "relation =", 1, "unknown-word"),
    "accounts that contradict what is stated": ("readouts.toml", 'is = "the hall" }]\nspeaker', 'is = "the barn" }]\nspeaker', "[[point]]", 1, "relation-contradicted"),
    "a time that means what it cannot": ("readouts.toml", "2031-03-16T00:00:00Z", "2031-03-15T12:00:00Z", "[[passage]]", 3, "not-a-meaning"),
    "a time that is none": ("readouts.toml", "midnight on 2031-03-15", "midnight of the 15th", "[[passage]]", 3, "bad-instant"),
    "a time settled without a why": ("readouts.toml", ', why = "the boats ran on the 15th"', "", "[[passage]]", 3, "bad-fact"),
    "a why of nothing": ("readouts.toml", 'is = "the hall" }]\nspeaker', 'is = "the hall", why = "x" }]\nspeaker', "[[passage]]", 1, "bad-fact"),
    "words that are settled": ("readouts.toml", 'is = "the hall" }]\nspeaker', 'is = "the hall", means = "2031-03-16T00:00:00Z", why = "x" }]\nspeaker', "[[passage]]", 1, "bad-fact"),
    "a fact that says nothing": ("readouts.toml", '{ of = "place", is = "the hall" }]\nspeaker', '{ of = "place" }]\nspeaker', "[[passage]]", 1, "bad-fact"),
    "a fact that says two things": ("readouts.toml", 'is = "the hall" }]\nspeaker', 'is = "the hall", time = "2031-03-09" }]\nspeaker', "[[passage]]", 1, "bad-fact"),
    "two facts of one matter": ("readouts.toml", 'is = "the hall" }]\nspeaker', 'is = "the hall" }, { of = "place", is = "a barn" }]\nspeaker', "[[passage]]", 1, "id-twice"),
    "a passage without words": ("readouts.toml", "it ends at midnight", "…", "[[passage]]", 3, "no-words"),
    "a point without words": ("readouts.toml", "the place", "?", "[[point]]", 1, "no-words"),
    "a proposal in the midst": ("readouts.toml", "number = 2\n", "number = 2\nproposed = true\n", "proposed", 1, "still-proposed"),
    # revisions
    "a revision of nothing": ("readouts.toml", 'id = "B"\n', 'id = "B"\nrevises = "C"\n', "[[account]]", 2, "no-account"),
    "a revision of a later account": ("readouts.toml", 'id = "A"\n', 'id = "A"\nrevises = "B"\n', "[[account]]", 1, "bad-revision"),
    "a position that revises nothing": ("positions.toml", 'revises = "first"', 'revises = "none"', "[[position]]", 2, "no-position"),
    "a position that revises a later one": ("positions.toml", "2031-03-05", "2031-02-05", "[[position]]", 2, "bad-revision"),
    "a position that revises another party's": ("positions.toml", 'by = "north"\nsays = "half', 'by = "south"\nsays = "half', "[[position]]", 2, "bad-revision"),
    # who
    "a meeting of a stranger": ("readouts.toml", '["north", "south"]', '["north", "west"]', "[[meeting]]", 1, "no-party"),
    "an account from nobody's side": ("readouts.toml", 'side = "south"', 'side = "west"', "[[account]]", 2, "no-party"),
    "a meeting of an unknown forum": ("readouts.toml", 'forum = "rivers"', 'forum = "seas"', "[[meeting]]", 1, "no-forum"),
    "a meeting about an unknown accord": ("readouts.toml", 'accord = "small"', 'accord = "large"', "[[meeting]]", 1, "no-accord"),
    "a meeting of an unknown speaker": ("readouts.toml", 'speakers = ["bel"]', 'speakers = ["bell"]', "[[meeting]]", 1, "no-speaker"),
    "a passage of an unknown speaker": ("readouts.toml", 'speaker = "bel"', 'speaker = "bell"', "[[passage]]", 1, "no-speaker"),
    "a speaker out of office": ("speakers.toml", 'before = "2032-01-01"', 'before = "2031-02-01"', None, 0, "no-speaker"),
    "a speaker of nobody": ("speakers.toml", 'by = "north"', 'by = "west"', "[[speaker]]", 1, "no-party"),
    "a speaker at no level": ("speakers.toml", '"official"', '"king"', "level =", 1, "unknown-word"),
    "a speaker without a source": ("speakers.toml", 'source = "t"\n', "", "[[speaker]]", 1, "no-source"),
    "a forum with a member of no world": ("forums.toml", 'party = "north"', 'party = "west"', "[[forum]]", 1, "no-party"),
    "a forum that includes nothing": ("forums.toml", '["lakes"]', '["seas"]', "[[forum]]", 1, "no-forum"),
    "a forum both recalled and sourced": ("forums.toml", "recalled = true", 'recalled = true\nsource = "t"', "[[forum]]", 2, "no-source"),
    # undertakings and statements
    "an undertaking of nobody": ("undertakings.toml", 'by = ["north"]', "by = []", "[[undertaking]]", 1, "empty-list"),
    "an undertaking of a stranger": ("undertakings.toml", 'to = ["south"]', 'to = ["west"]', "[[undertaking]]", 1, "no-party"),
    "an undertaking of which nothing became": ("undertakings.toml", 'steps = [{ since = "2031-03-09", is = "asked", source = "t" }, { since = "2031-03-10", is = "given", source = "t" }]', "steps = []", "[[undertaking]]", 1, "empty-list"),
    "an undertaking that is kept before it is given": ("undertakings.toml", '"given"', '"kept"', "[[undertaking]]", 1, "misplaced-step"),
    "an undertaking that begins with a refusal": ("undertakings.toml", '"asked"', '"declined"', "[[undertaking]]", 1, "misplaced-step"),
    "steps out of order": ("undertakings.toml", "2031-03-09", "2031-03-11", "[[undertaking]]", 1, "misplaced-step"),
    "a step that nobody knows": ("undertakings.toml", '"asked"', '"mooted"', "steps =", 1, "unknown-word"),
    "a step without a source": ("undertakings.toml", 'is = "asked", source = "t"', 'is = "asked"', "[[undertaking]]", 1, "no-source"),
    "an undertaking about nothing": ("undertakings.toml", "toll:off", "tax:off", "[[undertaking]]", 1, "no-measure"),
    "a statement of one": ("statements.toml", 'by = ["north", "south"]', 'by = ["south"]', "[[statement]]", 1, "bad-signature"),
    "a statement that a stranger signs": ("statements.toml", '{ by = "north"', '{ by = "west"', "[[statement]]", 1, "bad-signature"),
    "a statement of a stranger": ("statements.toml", 'by = ["north", "south"]', 'by = ["north", "south", "west"]', "[[statement]]", 1, "no-party"),
    "a statement of an unknown meeting": ("statements.toml", '"hall"', '"barn"', "[[statement]]", 1, "no-meeting"),
    "a statement whose text is no digest": ("statements.toml", HASH, "sha256:0", "[[statement]]", 1, "bad-digest"),
    # what was there before
    "a position of a stranger": ("positions.toml", 'by = "north"\nsays = "no', 'by = "west"\nsays = "no', "[[position]]", 1, "no-party"),
    "a position that refuses nothing": ("positions.toml", "toll:off", "tax:off", "[[position]]", 2, "no-measure"),
    "a condition about no accord": ("conditions.toml", '"small"', '"large"', "[[condition]]", 1, "no-accord"),
    "a condition that waits for nothing": ("conditions.toml", 'waits_for = "toll:off"', 'waits_for = "tax:off"', "[[condition]]", 1, "no-measure"),
    "a condition about no operation": ("conditions.toml", "suspend_notice", "dance", "[[condition]]", 1, "no-measure"),
    "a measure of a stranger": ("measures.toml", 'by = "north"', 'by = "west"', "[[measure]]", 1, "no-party"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_in_what_is_said_is_refused_with_its_file_and_line(root, case):
    name, old, new, needle, nth, code = BROKEN[case]
    text = GOOD[name]
    assert old in text, case
    changed = text.replace(old, new, 1)
    _ = (root / name).write_text(changed, "utf-8")
    if code is None:
        assert read_world(root)[1] == []
        return
    found = said(refused(root), root)
    if needle is None:
        assert code in {c for _, _, c in found}
        return
    lines = [n for n, line in enumerate(changed.split("\n"), 1) if needle in line]
    assert (name, lines[nth - 1], code) in found, found


def test_a_passage_of_an_account_that_cannot_be_read_is_not_blamed_for_that(root):
    text = READOUTS.replace('dated = "2031-03-09"', 'dated = "soon"')
    _ = (root / "readouts.toml").write_text(
        text.replace("number = 2", "number = 1"), "utf-8"
    )
    found = said(refused(root), root)
    assert {code for _, _, code in found} == {"bad-instant", "id-twice"}


def test_one_who_meets_and_was_no_member_is_a_guest_and_the_world_loads(root):
    path = root / "forums.toml"
    _ = path.write_text(FORUMS.replace("2031-01-01", "2031-03-10"), "utf-8")
    (finding,) = check_world(load_world(root))
    assert (finding.code, finding.severity) == ("guest", Severity.WARNING)
    assert "`south`" in finding.message
