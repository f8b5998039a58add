"""What is said is shown as it is known, and no decision looks at it."""

import re
from dataclasses import replace

import pytest

from comity.accords import Clock, parse_instant
from comity.release import Request, beside, clock_says, decide
from comity.talks import Position, Signature, Statement
from make import ACCORD, ROOT, at, gsomia

RELEASE = ROOT / "src" / "comity" / "release"
MAY_NAME_TALKS = {"world.py", "waits.py", "beside.py", "talkchecks.py"}


def kst(text):
    return parse_instant(text + "+09:00")


def test_no_file_that_decides_names_what_is_said():
    named = {
        path.name
        for path in RELEASE.glob("*.py")
        if re.search(r"comity\.talks\b", path.read_text(encoding="utf-8"))
    }
    assert named == MAY_NAME_TALKS
    for name in ("decide.py", "examine.py", "request.py", "explain.py", "route.py"):
        text = (RELEASE / name).read_text(encoding="utf-8")
        words = r"\.(positions|conditions|measures|undertakings|statements|readouts)\b"
        assert set(re.findall(words, text)) <= (
            {"conditions"} if name == "decide.py" else set()
        )


@pytest.mark.parametrize("when", ["2019-11-22T17:59:59", "2019-11-23T00:00:00"])
def test_a_world_in_which_nothing_was_said_decides_the_same(when):
    world = gsomia()
    silent = replace(
        world, positions=(), conditions=(), measures=(), undertakings=(), statements=()
    )
    for item in world.items.values():
        for sender, recipient in (("kr", "jp"), ("jp", "kr")):
            request = Request(item=item, sender=sender, recipient=recipient, at=kst(when))
            assert type(decide(request, world)) is type(decide(request, silent))
    here, there = (Clock(w.accord(ACCORD), w.instruments) for w in (world, silent))
    assert here.standing(kst(when)) == there.standing(kst(when))


def test_nothing_is_shown_before_it_is_known():
    world = gsomia()
    early = beside(world, ACCORD, kst("2015-01-01T00:00:00"))
    assert (early.positions, early.conditions, early.measures) == ((), (), ())
    assert (early.undertakings, early.statements) == ((), ())
    eve = beside(world, ACCORD, kst("2019-11-21T12:00:00"))
    assert [p.id for p in eve.positions] == [
        "kr-moon-esper",
        "jp-keeps-controls",
        "jp-asks-to-retract",
        "kr-unavoidable",
    ]
    assert {u.undertaking.id: str(u.progress) for u in eve.undertakings} == {
        "kr-think-again": "declined",
        "kr-efforts-on-cooperation": "given",
        "defence-communication": "given",
    }
    assert [s.id for s in eve.statements] == ["trilateral-2019-11-17"]


def test_a_position_that_was_revised_no_longer_closes_a_circle():
    world = gsomia()
    softer = Position(
        id="softer",
        by="jp",
        says="the controls may go",
        since=kst("2019-11-20T00:00:00"),
        known=kst("2019-11-20T00:00:00"),
        revises="jp-keeps-controls",
    )
    revised = replace(world, positions=(*world.positions, softer))
    when = kst("2019-11-21T12:00:00")
    assert beside(world, ACCORD, when).conditions[0].refused_by is not None
    assert beside(revised, ACCORD, when).conditions[0].refused_by is None
    assert beside(revised, ACCORD, kst("2019-11-19T12:00:00")).conditions[0].refused_by


def test_a_statement_is_shown_from_its_first_signature_on():
    one = Statement(
        id="s",
        title="x",
        by=("jp", "kr"),
        says="x",
        signed=(Signature(since=at("2019-01-02"), by="jp"),),
    )
    world = replace(gsomia(), statements=(one,))
    assert beside(world, ACCORD, at("2019-01-01")).statements == ()
    assert beside(world, ACCORD, at("2019-01-02")).statements == (one,)


def test_the_clock_says_when_it_would_end_as_far_as_was_done_by_then():
    world = gsomia()
    assert clock_says(world, ACCORD, kst("2019-11-18T16:30:00")) == kst(
        "2019-11-23T00:00:00"
    )
    # On the evening of the 22nd the notice was suspended, and no end was fixed any more.
    assert clock_says(world, ACCORD, kst("2019-11-22T18:00:00")) is None
