import os
import shutil
import time
from pathlib import Path

import pytest

from accords.texts import GOOD
from comity.accords import load_accord
from comity.accords.text import FILE_BYTES_MAX, digest
from comity.errors import InvalidInput, Severity, Unreadable
from comity.release.worldchecks import check_world
from comity.worlds import (
    load_items,
    load_world,
    read_bytes,
    read_instruments,
    read_text,
    read_world,
    write_skeleton,
)
from comity.worlds.ours import FILES
from make import GSOMIA
from worlds.small import (
    ACCORD,
    ACTS,
    HEAD,
    ITEMS,
    NORTH,
    change,
    line_in,
    refused,
    said,
    small,
)

KNOWN = 'source = "a paper"\n'


@pytest.fixture
def root(tmp_path):
    return small(tmp_path)


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    _ = path.write_text(text, "utf-8", newline="\n")
    return path


# -- what loads ----------------------------------------------------------------------------


def test_the_worked_example_loads_without_an_error():
    world, found = read_world(GSOMIA)
    assert world is not None
    assert [f for f in found if f.severity is Severity.ERROR] == []
    assert world.accords[0].id == "jp-rok-gsomia"
    assert set(world.policies) == set(world.parties) == {"jp", "kr", "us"}


def test_the_skeleton_loads_without_a_finding(root):
    world, found = read_world(root)
    assert found == []
    assert check_world(world) == []
    assert (world.id, list(world.parties), list(world.items)) == (
        "small", ["north", "south"], ["sample"],
    )  # fmt: skip


def test_a_world_reads_the_same_wherever_it_stands_and_in_whatever_order_files_come(
    root, tmp_path
):
    other = shutil.copytree(root, tmp_path / "elsewhere" / "copy")
    one, two = load_world(root), load_world(other)
    assert one.accords == two.accords
    assert [i.id for i in one.instruments] == [i.id for i in two.instruments]


def test_line_ends_and_a_byte_order_mark_do_not_matter_in_a_file_of_a_world(root):
    path = root / ACTS
    raw = path.read_bytes()
    _ = path.write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    assert load_world(root).instruments


def test_a_hidden_file_of_an_editor_is_no_part_of_a_world(root):
    _ = put(root, "policies/.#north.toml", "nonsense")
    _ = put(root, ".holds.toml", "nonsense")
    _ = put(root, "items/README.md", "nonsense")
    assert load_world(root)


def test_a_world_may_have_neither_acts_nor_items(root):
    shutil.rmtree(root / "instruments")
    shutil.rmtree(root / "items")
    assert load_world(root).instruments == ()


# -- files that are there and cannot be read -----------------------------------------------

READ = [HEAD, NORTH, ACTS, ITEMS, ACCORD, *FILES[1:], "accords/x.amendment.md"]


def test_a_folder_without_a_world_says_what_to_give(tmp_path):
    for path in (
        tmp_path,
        tmp_path / "nowhere",
        tmp_path / ("x" * 5000),
        tmp_path / "a\0b",
    ):
        with pytest.raises(InvalidInput) as error:
            _ = load_world(path)
        assert error.value.code == "no-world"
        assert error.value.hint


@pytest.mark.parametrize("name", READ)
def test_a_folder_where_a_file_should_be_is_said_and_never_taken_for_no_file(root, name):
    path = root / name
    path.unlink(missing_ok=True)
    path.mkdir()
    if name == HEAD:
        with pytest.raises(InvalidInput):
            _ = load_world(root)
        return
    assert (name, 0, "no-file") in said(refused(root), root)


@pytest.mark.parametrize("name", READ[1:])
def test_a_link_that_leads_nowhere_is_said_and_never_taken_for_no_file(root, name):
    """A hold that nobody can read must not be a hold that nobody has."""
    path = root / name
    path.unlink(missing_ok=True)
    path.symlink_to(root / "nowhere.toml")
    assert (name, 0, "no-file") in said(refused(root), root)


@pytest.mark.parametrize("name", READ[1:])
def test_a_link_that_leads_to_itself_is_said(root, name):
    path = root / name
    path.unlink(missing_ok=True)
    path.symlink_to(path)
    assert (name, 0, "no-file") in said(refused(root), root)


@pytest.mark.parametrize("name", READ[1:])
def test_a_pipe_where_a_file_should_be_is_said_and_nobody_waits_for_it(root, name):
    path = root / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert (name, 0, "no-file") in said(refused(root), root)


@pytest.mark.parametrize("folder", ["accords", "policies", "instruments", "items"])
@pytest.mark.parametrize("how", ["file", "loop", "nowhere"])
def test_something_else_where_a_folder_should_be_is_said(root, folder, how):
    path = root / folder
    shutil.rmtree(path)
    match how:
        case "file":
            _ = path.write_text("x")
        case "loop":
            path.symlink_to(path)
        case "nowhere":
            path.symlink_to(root / "nowhere")
    assert (folder, 0, "no-file") in said(refused(root), root)


@pytest.mark.parametrize("name", READ)
def test_a_byte_that_is_not_utf_8_is_said_with_its_line(root, name):
    path = root / name
    before = path.read_bytes() if path.exists() else b""
    _ = path.write_bytes(before + b'\n\nx = "\xff"\n')
    line = before.count(b"\n") + 3
    assert (name, line, "not-utf-8") in said(refused(root), root)


@pytest.mark.parametrize("name", READ)
def test_a_file_of_ten_megabytes_is_said_and_not_read(root, name):
    path = root / name
    before = path.read_bytes() if path.exists() else b""
    _ = path.write_bytes(before + b"# x\n" * 2_600_000)
    began = time.perf_counter()
    found = said(refused(root), root)
    assert (name, 0, "file-too-large") in found
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("name", [n for n in READ if n.endswith(".toml")])
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nonsense", "bad-line"),
        ("x = 1.5", "bad-value"),
        ("x = 2019-11-22", "bad-value"),
        ("[x.y]", "bad-table"),
        ("[nobody]", "unknown-table"),
        ("[[nobody]]", "unknown-table"),
        ("# \x00", "control"),
        ('x = "\u202e"', "bidi-control"),
        ('x = "\u200b"', "zero-width"),
        ("# " + "x" * 5000, "line-too-long"),
    ],
)
def test_a_line_that_is_wrong_in_any_file_is_said_at_its_line(root, name, line, code):
    path = root / name
    before = path.read_text("utf-8") if path.exists() else ""
    _ = put(root, name, before + f"\n{line}\n")
    assert (name, before.count("\n") + 2, code) in said(refused(root), root)


def test_every_file_that_is_wrong_is_reported_at_once(root):
    for name in READ[1:]:
        path = root / name
        before = path.read_text("utf-8") if path.exists() else ""
        _ = put(root, name, before + "\n[[nobody]]\n")
    _ = change(root, HEAD, 'zone = "Etc/UTC"', 'zone = "Etc/Nowhere"')
    files = {name for name, _, _ in said(refused(root), root)}
    assert files >= set(READ) - {ACCORD}


def test_a_file_that_nobody_would_read_is_said_with_the_one_that_was_meant(root):
    hold = '[[hold]]\nid = "h"\nby = "north"\ntowards = ["any"]\naccords = ["any"]\n'
    _ = put(root, "hold.toml", hold)
    found = refused(root)
    assert said(found, root) == [("hold.toml", 0, "unknown-file")]
    assert found[0].hint == "did you mean `holds.toml`?"


def test_reading_bytes_stops_at_the_limit_whatever_the_size_is_said_to_be():
    with pytest.raises(InvalidInput) as error:
        _ = read_bytes(Path("/dev/zero"))
    assert error.value.code == "file-too-large"


def test_reading_what_is_not_there_says_so(tmp_path):
    for path in (
        tmp_path / "nothing",
        tmp_path,
        tmp_path / "a\0b",
        tmp_path / ("x" * 5000),
    ):
        with pytest.raises(InvalidInput) as error:
            _ = read_bytes(path)
        assert error.value.code == "no-file"
    path = put(tmp_path, "x", "é")
    assert read_text(path) == "é"
    _ = path.write_bytes(b"\xe9")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        _ = read_text(path)
    _ = path.write_bytes(b"x" * FILE_BYTES_MAX)
    assert len(read_bytes(path)) == FILE_BYTES_MAX


# -- what is wrong in a file ---------------------------------------------------------------

ACT = """
[[instrument]]
id = "second"
by = ["north"]
received = "2026-02-01T00:00:00Z"
operations = [{ do = "protest" }]
source = "a paper"
"""
READING = (
    '[[reading]]\nparty = "north"\naccord = "small"\nopen_point = "suspended-notice"\n'
)
HELD = READING + 'reading = "dormant"\nsince = "2026-02-01"\n'
HOLD = """[[hold]]
id = "h"
by = "north"
towards = ["any"]
accords = ["any"]
categories = ["any"]
ground = "a court"
since = "2026-02-01"
"""
AUTHORITY = """[[authority]]
id = "w"
by = "north"
signed_by = ["one", "other"]
to = ["south"]
purposes = ["research"]
since = "2026-02-01"
before = "2026-03-01"
"""
STATE = 'states = [{ since = "2026-02-01", is = "on", source = "a paper" }]'
MEASURE = f'[[measure]]\nid = "m"\nby = "north"\nwhat = "a tax"\n{STATE}\n'
POSITION = '[[position]]\nid = "p"\nby = "north"\nsays = "x"\nsince = "2026-02-01"\n'
CONDITION = (
    '[[condition]]\nid = "k"\nby = "north"\naccord = "small"\ndoes = "suspend_notice"\n'
    'waits_for = "m:off"\nsays = "x"\nsince = "2026-02-01"\n'
)


def test_each_table_of_each_file_loads_when_it_is_right(root):
    for name, text in (
        ("readings.toml", HELD + KNOWN),
        ("holds.toml", HOLD),
        ("authorities.toml", AUTHORITY),
        ("measures.toml", MEASURE),
        ("positions.toml", POSITION + KNOWN),
        ("conditions.toml", CONDITION + KNOWN),
    ):
        _ = put(root, name, text)
    _ = put(root, "instruments/more.toml", 'accord = "small"\n' + ACT)
    world = load_world(root)
    assert len(world.readings) == len(world.holds) == len(world.authorities) == 1
    assert len(world.measures) == len(world.positions) == len(world.conditions) == 1
    assert [i.id for i in world.instruments] == ["second", "signature"]


SUPPOSED = 'supposed = "the skeleton'
BROKEN = {
    "the head without an id": (HEAD, 'id = "small"\n', "", "format", -1, "missing-key"),
    "another format": (HEAD, "comity-world/1", "comity-world/2", "format", 0, "bad-format"),
    "no such zone": (HEAD, '"Etc/UTC"', '"Mars"', "zone", 0, "bad-zone"),
    "a key of no world": (HEAD, "authorities = false", "authority = false", "authority =", 0,
                          "unknown-key"),
    "authorities is no word": (HEAD, "authorities = false", 'authorities = "no"',
                               "authorities =", 0, "wrong-kind"),
    "an order of nothing": (HEAD, 'order = ["small"]', "order = []", "order", 0, "bad-order"),
    "an unknown accord in the order": (HEAD, 'order = ["small"]', 'order = ["small", "large"]',
                                       "order", 0, "bad-order"),
    "an accord twice in the order": (HEAD, 'order = ["small"]', 'order = ["small", "small"]',
                                     "order", 0, "bad-order"),
    "a party without a name": (HEAD, 'name = "North Agency"\n', "", '[[party]]', 0, "missing-key"),
    "two parties of one id": (HEAD, 'id = "south"', 'id = "north"', 'id = "north"', 0, "id-twice"),
    "a party table that stands once": (HEAD, "[[party]]", "[party]", "[party]", 0,
                                       "unknown-table"),
    "a policy of another format": (NORTH, "comity-policy/1", "comity-policy/9", "format", 0,
                                   "bad-format"),
    "a policy of nobody": (NORTH, 'id = "north"', 'id = "west"', "id =", 0, "no-party"),
    "a policy without a source": (NORTH, 'source = "invented for the skeleton"\n', "", "format",
                                  -1, "missing-key"),
    "a second policy of one id": (NORTH, 'id = "north"', 'id = "south"', None, 0,
                                     "id-twice"),
    "a level twice": (NORTH, 'name = "CONFIDENTIAL"', 'name = "RESTRICTED"', 'name = "RESTRICTED"',
                      0, "id-twice"),
    "a level above none": (NORTH, 'above = ["RESTRICTED"]', 'above = ["SECRET"]', "above =", 0,
                           "unknown-level"),
    "a level above itself": (NORTH, 'above = ["RESTRICTED"]', 'above = ["CONFIDENTIAL"]',
                             "above =", 0, "level-circle"),
    "a level with an unknown key": (NORTH, 'above = ["RESTRICTED"]', 'below = ["RESTRICTED"]',
                                    "below =", 0, "unknown-key"),
    "acts of no accord": (ACTS, 'accord = "small"', 'accord = "large"', "[[instrument]]", 0,
                          "no-accord"),
    "acts without an accord": (ACTS, 'accord = "small"\n', "", None, 0, "missing-key"),
    "an act by nobody": (ACTS, 'by = ["north", "south"]', "by = []", "[[instrument]]", 0,
                         "empty-instrument"),
    "an act that does nothing": (ACTS, '[{ do = "sign" }]', "[]", "[[instrument]]", 0,
                                 "empty-instrument"),
    "an act that does what nobody can": (ACTS, 'do = "sign"', 'do = "sing"', "operations =", 0,
                                         "unknown-word"),
    "an act without a source": (ACTS, 'supposed = "the skeleton: put your own acts here"\n', "",
                                "[[instrument]]", 0, "no-source"),
    "an act with two sources": (ACTS, SUPPOSED, 'source = "x"\n' + SUPPOSED,
                                "[[instrument]]", 0, "no-source"),
    "an act recalled and sourced": (ACTS, SUPPOSED, "recalled = true\n" + SUPPOSED,
                                    "[[instrument]]", 0, "no-source"),
    "an act on a day that is none": (ACTS, '"2026-01-15T09:00:00Z"', '"2026-02-30"',
                                     "[[instrument]]", 0, "no-such-day"),
    "an act at no time": (ACTS, '"2026-01-15T09:00:00Z"', '"noon"', "[[instrument]]", 0,
                          "bad-instant"),
    "an act at an empty interval": (ACTS, '"2026-01-15T09:00:00Z"',
                                    '"2026-01-15T09:00Z/2026-01-15T09:00Z"', "[[instrument]]", 0,
                                    "bad-instant"),
    "an act until a day that is none": (ACTS, '{ do = "sign" }',
                                        '{ do = "sign", until = "2026-02-30" }',
                                        "[[instrument]]", 0, "no-such-day"),
    "an act on a named day that is none": (ACTS, '{ do = "sign" }', '{ do = "sign", on = "soon" }',
                                           "[[instrument]]", 0, "bad-date"),
    "an act in no year of ours": (ACTS, '"2026-01-15T09:00:00Z"', '"0001-01-01"',
                                  "[[instrument]]", 0, "bad-date"),
    "an item of no level": (ITEMS, 'level = "north:RESTRICTED"', 'level = "RESTRICTED"',
                            "level =", 0, "bad-level"),
    "an item without a kind": (ITEMS, 'kind = "document"\n', "", "[[item]]", 0, "missing-key"),
    "an item of another format": (ITEMS, 'id = "sample"', 'id = "sample"\nformat = "comity-item/2"',
                                  "[[item]]", 0, "bad-format"),
    "keys before the first item": (ITEMS, "[[item]]", 'id = "x"\n[[item]]', 'id = "x"', 0,
                                   "unknown-key"),
    "an item that is not listed": (ITEMS, "[[item]]", "[item]", "[item]", 0, "unknown-table"),
    "an accord of another format": (ACCORD, "comity-accord/1", "comity-accord/2", "format", 0,
                                    "newer-format"),
    "an accord of a stranger": (ACCORD, '["north", "south"]', '["north", "west"]', "parties =", 0,
                                "no-party"),
    "a rule that cites nothing": (ACCORD, 'cites = "3"', 'cites = "9"', 'cites = "9"', 0,
                                  "cites-nothing"),
    "a rule that a check refuses": (ACCORD, '"north to south"', '"north to west"', "[scope]", 0,
                                    "bad-direction"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_name_and_line(root, case):
    name, old, new, needle, offset, code = BROKEN[case]
    _ = change(root, name, old, new)
    found = said(refused(root), root)
    if needle is None:
        assert code in {c for _, _, c in found}
        return
    lines = (root / name).read_text("utf-8").split("\n")
    places = [n for n, line in enumerate(lines, start=1) if needle in line]
    expected = {(name, 1 if offset else place, code) for place in places}
    assert expected & set(found), found


NEW_FILES = {
    "a reading of no accord": ("readings.toml", HELD.replace("small", "large") + KNOWN, 1,
                               "no-accord"),
    "a reading of no point": ("readings.toml", HELD.replace("suspended-notice", "x") + KNOWN, 1,
                              "no-open-point"),
    "a reading nobody knows": ("readings.toml", HELD.replace("dormant", "asleep") + KNOWN, 1,
                               "no-reading"),
    "a reading without a source": ("readings.toml", HELD, 1, "no-source"),
    "a reading with two": ("readings.toml", HELD + KNOWN + "recalled = true\n", 1, "no-source"),
    "a reading since never": ("readings.toml", HELD.replace("2026-02-01", "never") + KNOWN, 1,
                              "bad-instant"),
    "a reading in a table that stands once": ("readings.toml", HELD.replace("[[reading]]",
                                              "[reading]") + KNOWN, 1, "unknown-table"),
    "a reading with a head": ("readings.toml", 'x = "y"\n' + HELD + KNOWN, 1, "unknown-key"),
    "a hold without a ground": ("holds.toml", HOLD.replace('ground = "a court"\n', ""), 1,
                                "missing-key"),
    "a hold since never": ("holds.toml", HOLD.replace("2026-02-01", "2026-13-01"), 1,
                           "no-such-day"),
    "a hold that is over before it begins": ("holds.toml", HOLD + 'before = "2026-01-01"\n', 1,
                                             "bad-instant"),
    "a hold that is over as it begins": ("holds.toml", HOLD + 'before = "2026-02-01"\n', 1,
                                         "bad-instant"),
    "a hold that covers nobody": (
        "holds.toml",
        HOLD.replace('towards = ["any"]', "towards = []"),
        1,
        "empty-list",
    ),
    "two holds of one id": ("holds.toml", HOLD + HOLD, 10, "id-twice"),
    "an authority of one person": ("authorities.toml", AUTHORITY.replace('"other"', '"one"'), 1,
                                   "one-signature"),
    "an authority of nobody": ("authorities.toml", AUTHORITY.replace('["one", "other"]', "[]"), 1,
                               "one-signature"),
    "an authority without an end": ("authorities.toml", AUTHORITY.replace(
                                    'before = "2026-03-01"\n', ""), 1, "missing-key"),
    "a measure with no source": ("measures.toml", MEASURE.replace(', source = "a paper"', ""), 1,
                                 "no-source"),
    "a measure both recalled and sourced": ("measures.toml", MEASURE.replace(
                                            ', source = "a paper"',
                                            ', source = "a paper", recalled = true'), 1,
                                            "no-source"),
    "a measure without a state's day": ("measures.toml", MEASURE.replace(
                                        'since = "2026-02-01", ', ""), 5, "missing-key"),
    "a position without a source": ("positions.toml", POSITION, 1, "no-source"),
    "a condition without a source": ("conditions.toml", CONDITION, 1, "no-source"),
    "a condition known from two": ("conditions.toml", CONDITION + KNOWN + "recalled = true\n", 1,
                                   "no-source"),
    "an act of an id that is taken": ("instruments/more.toml", 'accord = "small"\n'
                                      + ACT.replace("second", "signature"), None, "id-twice"),
    "an item of an id that is taken": ("items/more.toml", 'id = "sample"\ntitle = "x"\n'
                                       'level = "north:RESTRICTED"\ncategories = []\n'
                                       'kind = "x"\npurpose = "x"\nchannel = "x"\n', 1,
                                       "id-twice"),
    "an empty file of items": ("items/more.toml", "", 1, "missing-key"),
    "an empty policy": ("policies/west.toml", "", 1, "missing-key"),
    "an empty accord": ("accords/more.accord.md", "", 1, "no-front-matter"),
    "an empty amendment": ("accords/more.amendment.md", "", 1, "no-front-matter"),
}  # fmt: skip


@pytest.mark.parametrize("case", NEW_FILES)
def test_a_new_file_that_is_wrong_is_refused_with_its_name_and_line(root, case):
    name, text, line, code = NEW_FILES[case]
    _ = put(root, name, text)
    found = said(refused(root), root)
    if line is None:
        assert code in {c for _, _, c in found}
    else:
        assert (name, line, code) in found


def test_exactly_one_of_source_recalled_and_supposed_is_said(root):
    sayings = {
        "source": 'source = "x"',
        "recalled": "recalled = true",
        "supposed": 'supposed = "x"',
    }
    names = list(sayings)
    for bits in range(8):
        chosen = [names[n] for n in range(3) if bits >> n & 1]
        act = ACT.replace(
            'source = "a paper"\n', "".join(sayings[n] + "\n" for n in chosen)
        )
        _ = put(root, "instruments/more.toml", 'accord = "small"\n' + act)
        world, found = read_world(root)
        assert (world is not None) is (len(chosen) == 1), chosen
        assert {f.code for f in found} == (set() if len(chosen) == 1 else {"no-source"})


def test_a_world_has_two_parties(root):
    text = (root / HEAD).read_text("utf-8")
    _ = put(
        root,
        HEAD,
        text[: text.index("[[party]]")].replace('order = ["small"]', "order = []"),
    )
    for folder in ("accords", "policies", "instruments", "items"):
        shutil.rmtree(root / folder)
    assert said(refused(root), root) == [(HEAD, 0, "empty-list")]


def test_levels_that_stand_above_one_another_in_a_circle_are_each_said(root):
    _ = change(
        root, NORTH, 'name = "RESTRICTED"', 'name = "RESTRICTED"\nabove = ["CONFIDENTIAL"]'
    )
    found = said(refused(root), root)
    lines = [line_in(root, NORTH, "above =", nth) for nth in (1, 2)]
    assert found == [(NORTH, line, "level-circle") for line in lines]


def test_two_accords_of_one_id_are_said_at_the_second(root):
    text = (root / ACCORD).read_text("utf-8")
    _ = put(root, "accords/tiny.accord.md", text)
    assert ("accords/tiny.accord.md", 3, "id-twice") in said(refused(root), root)


def test_an_accord_that_does_not_load_brings_no_finding_of_what_hangs_on_it(root):
    _ = change(root, ACCORD, 'law = "contract"', 'law = "roman"')
    _ = put(root, "readings.toml", HELD + KNOWN)
    assert {f.code for f in refused(root)} == {"unknown-word"}


def test_the_order_of_a_world_is_that_of_its_head(root):
    other = (root / ACCORD).read_text("utf-8").replace('id = "small"', 'id = "tiny"')
    _ = put(root, "accords/a-tiny.accord.md", other)
    _ = change(root, HEAD, 'order = ["small"]', 'order = ["tiny", "small"]')
    assert [a.id for a in load_world(root).accords] == ["tiny", "small"]


def test_a_hold_stands_from_the_earliest_it_may_begin_to_the_latest_it_may_end(root):
    text = HOLD.replace('"2026-02-01"', '"2026-02-01T00:00Z/2026-02-03T00:00Z"')
    _ = put(root, "holds.toml", text + 'before = "2026-03-01T00:00Z/2026-03-02T00:00Z"\n')
    (hold,) = load_world(root).holds
    assert (hold.since, hold.before) == (1769904000, 1772409599)


# -- amendments ----------------------------------------------------------------------------


def amendment(base, number="3", words="Nothing at all.", rule="never", name="am"):
    listed = ", ".join(f'"{one}"' for one in base)
    return f"""+++
format = "comity-amendment/1"
id = "{name}"
base = [{listed}]
languages = ["en"]
authentic = ["en"]
+++

## Article {number}. New

{words}

```toml comity
[third_party]
cites = "{number}"
consent = "{rule}"
```
"""


@pytest.fixture
def accord(root):
    return load_accord((root / ACCORD).read_bytes())


def test_an_amendment_of_an_accord_of_the_world_is_kept_by_its_name(root, accord):
    text = amendment([accord.digest])
    _ = put(root, "accords/first.amendment.md", text)
    assert load_world(root).amendments == {"first": text.encode()}


def test_an_amendment_may_build_on_another_file_of_the_world(root, accord):
    first = put(root, "accords/z.amendment.md", amendment([accord.digest]))
    base = load_accord_digest(first)
    _ = put(
        root, "accords/a.amendment.md", amendment([base], rule="not needed", name="next")
    )
    assert set(load_world(root).amendments) == {"z", "a"}


def load_accord_digest(path):
    return digest(path.read_bytes())


def test_two_amendments_for_two_pairs_may_touch_one_article_in_one_world(root, accord):
    _ = put(root, "accords/a.amendment.md", amendment([accord.digest], name="a"))
    _ = put(
        root, "accords/b.amendment.md", amendment([accord.digest], name="b", words="Less.")
    )
    assert len(load_world(root).amendments) == 2


@pytest.mark.parametrize(
    ("old", "new", "needle", "code"),
    [
        ("sha256:", "sha512:", "base", "other-base"),
        ('cites = "3"', 'cites = "4"', "cites", "cites-nothing"),
        ('consent = "never"', 'consent = "no"', "consent", "unknown-word"),
        ("comity-amendment/1", "comity-amendment/2", "format", "bad-format"),
        ('authentic = ["en"]', 'authentic = ["fr"]', "authentic", "unknown-language"),
        ("## Article 3. New", "## Article 9. New", "## Article 9", None),
    ],
)
def test_an_amendment_that_is_wrong_is_refused_with_its_file_and_line(
    root, accord, old, new, needle, code
):
    name = "accords/first.amendment.md"
    _ = put(root, name, amendment([accord.digest]))
    _ = change(root, name, old, new)
    found = said(refused(root), root)
    if code is None:
        assert (name, line_in(root, name, "cites"), "cites-nothing") in found
    else:
        assert (name, line_in(root, name, needle), code) in found


def test_an_amendment_after_which_the_rules_no_longer_go_together_is_refused(root, accord):
    name = "accords/first.amendment.md"
    _ = put(root, name, amendment([accord.digest]))
    _ = change(root, name, "[third_party]\n", "[purpose]\n")
    _ = change(root, name, 'consent = "never"', 'allowed = ["any"]')
    assert (name, line_in(root, name, "[purpose]"), "rule-twice") in said(
        refused(root), root
    )


def test_a_tower_of_amendments_is_tried_in_no_time(root, accord):
    """Each names the two before it: the number of ways back doubles, the work does not."""
    digests = [accord.digest]
    for place in range(24):
        text = amendment(digests[-2:], name=f"n{place}", words=f"Words {place}.")
        path = put(root, f"accords/n{place:02}.amendment.md", text)
        digests.append(load_accord_digest(path))
    began = time.perf_counter()
    assert len(load_world(root).amendments) == 24
    assert time.perf_counter() - began < 8


# -- files beside a world ------------------------------------------------------------------


def test_acts_to_be_supposed_are_read_for_their_accord(root, tmp_path):
    path = put(tmp_path, "what-if.toml", 'accord = "small"\n' + ACT)
    (act,) = read_instruments(path, load_world(root))
    assert (act.id, act.accord, act.where, act.line) == ("second", "small", str(path), 3)


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('accord = "large"\n' + ACT, 3, "no-accord"),
        (ACT, 1, "missing-key"),
        ('accord = "small"\n' + ACT + ACT, 11, "id-twice"),
        ('accord = "small"\n' + ACT.replace("protest", "dance"), 7, "unknown-word"),
        ('accord = "small"\n[[item]]\n', 2, "unknown-table"),
    ],
)
def test_acts_to_be_supposed_that_are_wrong_are_refused(root, tmp_path, text, line, code):
    path = put(tmp_path, "what-if.toml", text)
    with pytest.raises(Unreadable) as error:
        _ = read_instruments(path, load_world(root))
    found = [(f.where, f.line, f.code) for f in error.value.findings]
    assert found == [(str(path), line, code)]


def test_a_file_of_one_item_and_one_of_several_are_both_read(root, tmp_path):
    several = load_items(root / ITEMS)
    single = put(
        tmp_path, "one.toml", (root / ITEMS).read_text("utf-8").split("[[item]]\n")[1]
    )
    assert load_items(single) == several


@pytest.mark.parametrize("text", ["", "[item]\n", "nonsense", '[[item]]\nid = "x"\n'])
def test_a_file_of_no_item_is_refused(tmp_path, text):
    with pytest.raises(Unreadable) as error:
        _ = load_items(put(tmp_path, "x.toml", text))
    assert all(f.where.endswith("x.toml") for f in error.value.findings)


def test_items_and_acts_that_are_not_there_are_refused(root, tmp_path):
    for path in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(InvalidInput):
            _ = load_items(path)
        with pytest.raises(InvalidInput):
            _ = read_instruments(path, load_world(root))


def test_a_good_accord_of_strangers_is_no_good_accord_of_this_world(root):
    _ = put(root, "accords/a-b.accord.md", GOOD)
    _ = change(root, HEAD, 'order = ["small"]', 'order = ["small", "a-b"]')
    found = said(refused(root), root)
    assert found == [("accords/a-b.accord.md", 8, "no-party")] * 2


@pytest.mark.parametrize(
    "place",
    [
        "instruments/2026/n.toml",
        "policies/x/a.toml",
        "instrument/n.toml",
        "holds.tml",
        "HOLDS.TOML",
    ],
)
def test_a_file_in_the_wrong_place_is_not_passed_over(tmp_path, place):
    root = write_skeleton(tmp_path, "misplaced")
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    _ = path.write_text("garbage\n", encoding="utf-8")
    _, findings = read_world(root)
    assert "unknown-file" in {f.code for f in findings}


def test_a_word_that_looks_like_another_is_refused(tmp_path):
    root = write_skeleton(tmp_path, "alike")
    path = root / "world.toml"
    text = path.read_text(encoding="utf-8").replace('"incidents"', '"in\u0441idents"')
    _ = path.write_text(text, encoding="utf-8")
    _, findings = read_world(root)
    assert "bad-word" in {f.code for f in findings}


# -- where it is, and nothing that only follows from it ------------------------------------


def test_a_word_of_an_item_that_nobody_defined_is_said_with_file_and_line(root):
    _ = change(root, ITEMS, '"incidents"', '"incident"')
    assert said(refused(root), root) == [
        (ITEMS, line_in(root, ITEMS, "[[item]]"), "unknown-word")
    ]


def test_a_party_that_cannot_be_read_is_not_said_to_be_missing_elsewhere(root):
    _ = change(root, HEAD, 'name = "North Agency"', 'nane = "North Agency"')
    assert {code for _, _, code in said(refused(root), root)} == {
        "missing-key",
        "unknown-key",
    }


@pytest.mark.parametrize(("name", "key"), [(NORTH, "marks"), (HEAD, "names")])
def test_two_words_in_one_language_are_refused(root, name, key):
    twice = '[{ in = "en", is = "ONE" }, { in = "en", is = "TWO" }]'
    if name == HEAD:
        _ = change(root, HEAD, 'seat = "North"', f'seat = "North"\nnames = {twice}')
    else:
        _ = change(
            root, NORTH, 'marks = [{ in = "en", is = "RESTRICTED" }]', f"marks = {twice}"
        )
    assert "language-twice" in {code for _, _, code in said(refused(root), root)}
    assert key in (root / name).read_text("utf-8")


def test_authorities_that_the_world_lets_not_count_are_a_warning(root):
    _ = put(
        root,
        "authorities.toml",
        '[[authority]]\nid = "a"\nby = "north"\nsigned_by = ["A", "B"]\nto = ["south"]\n'
        'purposes = ["research"]\ncategories = ["incidents"]\nlevels = ["north:RESTRICTED"]\n'
        'since = "2026-01-01"\nbefore = "2027-01-01"\n',
    )
    assert [f.code for f in check_world(load_world(root))] == ["authorities-off"]
    _ = change(root, HEAD, "authorities = false", "authorities = true")
    assert check_world(load_world(root)) == []
