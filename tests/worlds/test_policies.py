"""Policies and groups as files: what they spell, and every way to spell them wrong."""

import pytest

from comity.accords.times import UTC_ZONE, parse_instant
from comity.labels import Audience, Caveat, TagType, tlp
from comity.worlds import load_world
from worlds.small import HEAD, ITEMS, NORTH, change, refused, small

TAGS = """
[[tag_set]]
name = "spread"
type = "restrictive"
at_most = 1

[[tag]]
set = "spread"
name = "ORCON"
caveat = "orcon"
holders = "circle"
levels = ["RESTRICTED"]
obsolete = "2030-01-01"

[[tag]]
set = "spread"
name = "PORT"
not_with = ["spread/ORCON"]
needs = ["spread/ORCON"]
"""
GROUPS = """
[[group]]
id = "circle"
title = "the circle"
clients_of = "north"
members = [{ party = "south", since = "2020-01-01", before = "2021-01-01", removed = true, source = "letter 7" }]
"""
LIGHTS = """format = "comity-policy/1"
id = "lights"
source = "FIRST"
standard = "tlp-2.0"
community = "circle"
"""


def put(root, name, text):
    path = root / name
    before = path.read_text("utf-8") if path.exists() else ""
    _ = path.write_text(before + text, "utf-8", newline="\n")


def full(folder):
    root = small(folder)
    put(root, NORTH, TAGS)
    put(root, "groups.toml", GROUPS.lstrip())
    put(root, "policies/lights.toml", LIGHTS)
    _ = change(root, HEAD, 'id = "south"', 'id = "south"\npolicy = "lights"')
    (root / "policies" / "south.toml").unlink()
    accord = "accords/small.accord.md"
    text = (root / accord).read_text("utf-8")
    rows = text[text.index("[[equivalence]]") :]
    rows = rows[: rows.index("```")]
    common = '[[common_policy]]\ncites = "{}"\npolicy = "lights"\nlevels = ["GREEN"]\n'
    cites = rows.split('cites = "')[1].split('"')[0]
    _ = (root / accord).write_text(
        text.replace(rows, common.format(cites)), "utf-8", newline="\n"
    )
    (root / "accords" / "small.tests.toml").unlink()
    return root


def when(text):
    return parse_instant(text, UTC_ZONE)


def test_a_policy_and_a_group_are_read_as_spelt(tmp_path):
    world = load_world(full(tmp_path))
    spread = world.policies["north"].tag_sets["spread"]
    assert (spread.type_, spread.at_most, spread.required) == (
        TagType.RESTRICTIVE,
        1,
        False,
    )
    orcon = spread.tags["ORCON"]
    assert (orcon.caveat, orcon.holders, orcon.levels) == (
        Caveat.ORCON,
        "circle",
        ("RESTRICTED",),
    )
    assert orcon.obsolete == when("2030-01-01T00:00:00Z")
    assert spread.tags["PORT"].needs == spread.tags["PORT"].not_with == ("spread/ORCON",)
    circle = world.groups["circle"]
    assert circle.clients_of == "north"
    out = when("2021-01-01T00:00:00Z")
    assert circle.put_out("south", out) == out
    assert circle.put_out("south", when("2020-12-31T23:59:59Z")) is None


def test_a_party_marks_by_the_policy_that_it_names(tmp_path):
    world = load_world(full(tmp_path))
    assert world.policy_of("south") == world.policies["lights"] == tlp("lights", "circle")
    assert world.policy_of("north") == world.policies["north"]
    assert world.policy_of("nobody") is None
    assert world.policies["lights"].rungs["RED"].audience is Audience.NAMED


def test_a_membership_that_began_at_an_uncertain_time_counts_from_the_latest(tmp_path):
    root = full(tmp_path)
    _ = change(
        root,
        "groups.toml",
        'since = "2020-01-01"',
        'since = "2020-01-01T00:00:00Z/2020-02-01T00:00:00Z"',
    )
    circle = load_world(root).groups["circle"]
    assert not circle.has("south", when("2020-01-31T00:00:00Z"))
    assert circle.has("south", when("2020-02-01T00:00:00Z"))


POLICY = "policies/lights.toml"
BROKEN = {
    "a set of no type": (
        NORTH,
        'type = "restrictive"',
        'type = "closed"',
        "type =",
        "unknown-word",
    ),
    "a caveat that is none": (
        NORTH,
        'caveat = "orcon"',
        'caveat = "secret"',
        "caveat =",
        "unknown-word",
    ),
    "a value of no set": (NORTH, 'set = "spread"', 'set = "spred"', "spred", "unknown-tag"),
    "a value twice": (
        NORTH,
        'name = "PORT"',
        'name = "ORCON"',
        'name = "ORCON"',
        "id-twice",
    ),
    "a value beside a level that is none": (
        NORTH,
        'levels = ["RES',
        'levels = ["RAS',
        "levels =",
        "unknown-level",
    ),
    "a value beside none": (
        NORTH,
        'not_with = ["spread/ORCON"]',
        'not_with = ["ORCON"]',
        "not_with",
        "unknown-tag",
    ),
    "a value that needs none": (
        NORTH,
        'needs = ["spread/ORCON"]',
        'needs = ["spread/X"]',
        "needs",
        "unknown-tag",
    ),
    "a day that is none": (NORTH, '"2030-01-01"', '"2030-02-30"', "[[tag]]", "no-such-day"),
    "a standard that is none": (POLICY, "tlp-2.0", "tlp-1.0", "standard =", "bad-standard"),
    "levels beside a standard": (
        POLICY,
        'community = "circle"',
        'community = "circle"\n\n[[level]]\nname = "X"',
        "standard =",
        "bad-standard",
    ),
    "a community that is none": (POLICY, '"circle"', '"ring"', None, "no-group"),
    "holders that are none": (
        NORTH,
        'holders = "circle"',
        'holders = "ring"',
        None,
        "no-group",
    ),
    "a policy that is none": (
        HEAD,
        'policy = "lights"',
        'policy = "lamps"',
        None,
        "no-policy",
    ),
    "an audience that is none": (
        NORTH,
        'name = "RESTRICTED"',
        'name = "RESTRICTED"\naudience = "some"',
        "audience",
        "unknown-word",
    ),
    "a member who is nobody": (
        "groups.toml",
        'party = "south"',
        'party = "soth"',
        "[[group]]",
        "no-party",
    ),
    "clients of nobody": ("groups.toml", '"north"', '"noth"', "[[group]]", "no-party"),
    "a membership without its source": (
        "groups.toml",
        ', source = "letter 7"',
        "",
        "[[group]]",
        "no-source",
    ),
    "a membership over before it begins": (
        "groups.toml",
        '"2021-01-01"',
        '"2019-01-01"',
        "[[group]]",
        "bad-instant",
    ),
    "a removal without its time": (
        "groups.toml",
        'before = "2021-01-01", ',
        "",
        "[[group]]",
        "bad-instant",
    ),
    "a group of no members and no accord": (
        "groups.toml",
        "members =",
        "# members =",
        "[[group]]",
        "bad-group",
    ),
    "a group of members and of an accord": (
        "groups.toml",
        "members =",
        'accord = "small"\nmembers =',
        "[[group]]",
        "bad-group",
    ),
    "a group of the parties of no accord": (
        "groups.toml",
        "members =",
        'accord = "smal"\n# members =',
        "accord =",
        "no-accord",
    ),
    "a group that bears a party's id": (
        "groups.toml",
        'id = "circle"',
        'id = "south"',
        "id =",
        "id-twice",
    ),
    "an item of an odd tag": (
        ITEMS,
        "channel =",
        'tags = [{ sets = "x", values = [] }]\nchannel =',
        "tags =",
        "unknown-key",
    ),
    "an item made on no day": (
        ITEMS,
        "channel =",
        'made = "2030-13-01"\nchannel =',
        "[[item]]",
        "no-such-day",
    ),
    "an item released to nobody known": (
        ITEMS,
        'release_to = ["',
        'release_to = ["ring", "',
        None,
        "unknown-word",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_misspelt_policy_group_or_label_keeps_the_world_from_loading(case, tmp_path):
    name, old, new, needle, code = BROKEN[case]
    root = full(tmp_path)
    _ = change(root, name, old, new)
    found = refused(root)
    codes = {finding.code for finding in found}
    assert code in codes, [f.message for f in found]
    if needle is not None:
        lines = (root / name).read_text("utf-8").split("\n")
        hits = {n for n, line in enumerate(lines, start=1) if needle in line}
        there = {f.line for f in found if f.code == code and f.where.endswith(name)}
        assert there & hits, (there, hits)


@pytest.mark.parametrize(
    "twin",
    [
        '[[level]]\nname = "R\u0415STRICTED"\n',
        '[[level]]\nname = "OPEN"\nmarks = [{ in = "en", is = "ONE" }]\n\n'
        '[[level]]\nname = "SHUT"\nmarks = [{ in = "en", is = "\u041eNE" }]\n',
    ],
)
def test_two_levels_that_look_alike_keep_a_world_from_loading(tmp_path, twin):
    root = small(tmp_path)
    put(root, NORTH, f"\n{twin}")
    assert "looks-alike" in {finding.code for finding in refused(root)}
