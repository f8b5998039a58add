"""Markings are made from the label, in the reader's language."""

import pytest

from comity.labels import Level, level_mark, marking, received, tlp
from comity.labels.marking import languages
from labels.makers import NORTH, label
from make import gsomia

WORLD = gsomia()
NAMES = {party.id: party.names for party in WORLD.parties.values()}
KR, JP = WORLD.policies["kr"], WORLD.policies["jp"]
GOKUHI, TOKUTEI = Level("jp", "gokuhi"), Level("jp", "tokutei-himitsu")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "大韓民国 / 極秘"),
        ("en", "Republic of Korea / Gokuhi"),
        ("ko", "대한민국 / 極秘"),
        ("fr", "Republic of Korea / 極秘"),
    ],
)
def test_what_is_received_bears_the_originators_name_and_ones_own_level(language, words):
    assert received([GOKUHI], JP, language, owners=["kr"], names=NAMES) == words


def test_a_choice_that_is_open_is_shown_as_one():
    both = received([GOKUHI, TOKUTEI], JP, "ja", owners=["kr"], names=NAMES)
    assert both == "大韓民国 / 極秘 又は 特定秘密"


def test_japans_item_in_seoul_is_marked_in_korean():
    level = Level("kr", "II")
    assert (
        received([level], KR, "ko", owners=["jp"], names=NAMES) == "일본국 / 군사II급비밀"
    )


def test_a_level_without_a_marking_has_its_name():
    assert level_mark(Level("kr", "I"), KR, "ko") == "I"
    assert level_mark(Level("xx", "I"), None, "ko") == "I"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (label("LOW"), "LOW"),
        (label("LOW", lists=[]), "LOW // REL TO NOBODY"),
        (
            label("LOW", lists=["us", "jp", "kr"]),
            "LOW // REL TO Republic of Korea, Japan, United States",
        ),
        (
            label("LOW", handling=["A", "B"], releasable=[]),
            "LOW // A/B // releasable: NOBODY",
        ),
    ],
)
def test_a_marking_says_the_level_then_the_tags_then_the_owner_first(made, words):
    assert marking(made, NORTH, "en", owners=["kr"], names=NAMES) == words


def test_the_traffic_light_is_never_translated():
    policy = tlp("tlp", "all")
    for language in ("en", "ja", "ko"):
        assert (
            level_mark(Level("tlp", "AMBER+STRICT"), policy, language) == "TLP:AMBER+STRICT"
        )


def test_the_languages_are_those_that_have_words():
    assert languages([KR], NAMES) == ("ko", "en", "ja")
