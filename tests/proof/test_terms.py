"""The solver's terms answer as `decide` does, request by request."""

import random
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from comity.labels import Level, Mark
from comity.proof.asked import ask
from comity.proof.labelled import Labels
from comity.proof.spans import spans_of
from comity.proof.terms import Terms
from comity.release import Permit, decide
from comity.worlds import load_world
from oracle.boundary import BESIDE, prepare
from oracle.compare import CASES, WORLDS
from proof.spelt import Compiled, Unspelt, at_boundaries, values
from release import worlds_at_random as random_worlds


def differing(case, folder: Path):
    """Return a world of the oracle, with items that differ from its own in one thing or two."""
    source = WORLDS / case.world if (WORLDS / case.world).exists() else BESIDE / case.world
    prepare(source, folder, case.beside, case.without)
    return load_world(folder)


def differences(world, pair, requests):
    """Return how many were asked and permitted, and those that the terms answer otherwise."""
    spans, asked = spans_of(world, pair), ask(world, pair)
    terms = Compiled(Terms(labels=Labels(world=world, asked=asked, spans=spans)).permits())
    domain = Compiled(asked.domain(world, spans))
    many, permits, wrong = 0, 0, []
    for request in requests(spans):
        try:
            found = values(request, asked, world)
        except Unspelt:
            continue
        assert domain(found), request
        permitted = isinstance(decide(request, world), Permit)
        many, permits = many + 1, permits + permitted
        if terms(found) is not permitted:
            wrong.append(request)
    return many, permits, wrong


SOME = [
    case
    for case in CASES
    if case.name in {"gsomia, revived", "isac", "labels", "gsomia, crowded"}
]


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.name)
def test_the_terms_are_what_decide_answers_at_every_boundary(case, tmp_path):
    world = differing(case, tmp_path / "world")
    dice = random.Random(case.name)  # noqa: S311  the same in every run
    pairs = [pair for pair in permutations(world.parties, 2) if world.between(*pair)]
    many, permits = 0, 0
    for pair in dice.sample(pairs, min(len(pairs), 4)):
        asked, permitted, wrong = differences(
            world,
            pair,
            lambda spans, of=pair: at_boundaries(world, spans, of, 90, dice),
        )
        assert wrong == []
        many, permits = many + asked, permits + permitted
    assert many > 200
    assert many / 10 < permits < many * 0.9


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
@given(random_worlds.worlds())
def test_and_in_worlds_at_random(world):
    asked_of = {}
    for day in random_worlds.DAYS[::2]:
        when = random_worlds.at(f"{day}T00:00:00")
        for request in list(random_worlds.every_request([world], when))[::7]:
            asked_of.setdefault((request.sender, request.recipient), []).append(request)
    for pair, requests in asked_of.items():
        if world.between(*pair):
            _, _, wrong = differences(world, pair, lambda _, found=requests: found)
            assert wrong == []


@cache
def labels_world():
    return load_world(BESIDE / "labels")


def test_a_stretch_of_time_ends_wherever_a_standing_does():
    world = labels_world()
    for pair in permutations(world.parties, 2):
        spans = spans_of(world, pair)
        for accord in world.between(*pair):
            clock = world.clock(accord.id)
            for start, before in spans:
                for side in pair:
                    first = clock.between(start, pair, party=side).status
                    last = clock.between(before - 1, pair, party=side).status
                    assert first is last


def test_marks_and_levels_are_asked_as_the_world_has_them():
    world = labels_world()
    asked = ask(world, next(pair for pair in permutations(world.parties, 2)))
    levels = {Level(p.id, name) for p in world.policies.values() for name in p.rungs}
    assert levels <= set(asked.item.level.options)
    marks = {
        Mark(policy.id, name, value)
        for policy in world.policies.values()
        for name, tag_set in policy.tag_sets.items()
        for value in tag_set.tags
    }
    assert set(asked.item.marks) == marks
