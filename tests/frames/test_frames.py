"""What of a frame may go is what `decide` permits, row by row, in pandas and in Polars."""

import math
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.accords import parse_instant
from comity.compiled import Index
from comity.errors import InvalidInput, NotAtHand, NotKnown
from comity.frames import Marks, Same, keep, split
from comity.labels import Item, Label, Level
from comity.release import Denial, Request, decide
from comity.worlds import load_world
from make import ROOT

WORLD = load_world(ROOT / "worlds" / "isac")
INDEX = Index(WORLD)
AT = parse_instant("2025-06-20T12:00:00Z")
FLOW = {"sender": "vendor", "recipient": "grid", "at": AT}
MARKS = Marks(
    level="label",
    originators="from",
    categories="about",
    kind=Same("document"),
    purpose="purpose",
    channel=Same("platform"),
    release_to="list",
)
GOOD = {
    "label": "tlp:GREEN",
    "from": ["vendor"],
    "about": ["indicators"],
    "purpose": "network-defence",
    "list": ["grid"],
}
MAKERS = {
    "pandas": lambda rows: pd.DataFrame(rows, columns=list(rows[0])),
    "polars": lambda rows: pl.DataFrame(rows, strict=False),
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def column(frame, name):
    return list(frame[name])


def test_a_row_that_says_everything_may_go_and_the_frame_stays_what_it_was(make):
    frame = make(
        [{**GOOD, "n": 1}, {**GOOD, "n": 2, "purpose": "billing"}, {**GOOD, "n": 3}]
    )
    kept = keep(frame, INDEX, MARKS, **FLOW)
    assert type(kept) is type(frame)
    assert column(kept, "n") == [1, 3]
    assert list(kept.columns) == list(frame.columns)


NOTHING = [None, "", "  ", math.nan]


@pytest.mark.parametrize("key", ["label", "purpose"])
@pytest.mark.parametrize("cell", NOTHING, ids=repr)
def test_a_cell_that_says_nothing_keeps_its_row_from_going(key, cell):
    rows = [{**GOOD, "n": 1, key: cell}, {**GOOD, "n": 2}]
    frame = pd.DataFrame(rows)
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert column(kept, "n") == [2]
    assert column(dropped, "reason") == ["missing_fact"]


@pytest.mark.parametrize("key", ["from", "about", "list"])
@pytest.mark.parametrize("cell", [None, [], [None], ["vendor", None], [""]], ids=repr)
def test_a_list_that_says_nothing_or_not_all_keeps_its_row_from_going(make, key, cell):
    frame = make([{**GOOD, "n": 1, key: cell}, {**GOOD, "n": 2}])
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert column(kept, "n") == [2]
    assert column(dropped, "reason")[0] in ("missing_fact", "originator_forbids")


@pytest.mark.parametrize(
    "change",
    [
        {"label": "tlp:GREENISH"},
        {"label": "GREEN"},
        {"label": "other:GREEN"},
        {"from": ["nobody"]},
        {"about": ["indicators", "gossip"]},
        {"purpose": "Network-Defence"},
        {"purpose": " network-defence"},
    ],
    ids=repr,
)
def test_a_word_that_nobody_knows_keeps_its_row_from_going(make, change):
    frame = make([{**GOOD, **change, "n": 1}, {**GOOD, "n": 2}])
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert column(kept, "n") == [2]
    assert column(dropped, "reason")[0] in ("unknown_word", "originator_forbids")


def test_a_cell_of_another_kind_keeps_its_row_from_going():
    frame = pd.DataFrame([{**GOOD, "n": 1, "purpose": 7}, {**GOOD, "n": 2, "from": 7}])
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert len(kept) == 0
    assert column(dropped, "reason") == ["unknown_word", "unknown_word"]


def test_a_cell_of_pandas_that_is_not_available_says_nothing():
    frame = pd.DataFrame(
        {**{k: [v, v] for k, v in GOOD.items()}, "purpose": [pd.NA, pd.NaT]}
    )
    assert len(keep(frame, INDEX, MARKS, **FLOW)) == 0


def test_without_a_column_of_lists_the_audience_of_the_level_decides(make):
    marks = replace(MARKS, release_to=None, made="made")
    old = {**GOOD, "made": datetime(2025, 6, 1, tzinfo=UTC)}
    frame = make([{**old, "n": 1}, {**old, "n": 2, "label": "tlp:RED"}])
    assert column(keep(frame, INDEX, marks, **FLOW), "n") == [1]


def test_a_time_without_its_zone_keeps_its_row_from_going():
    marks = replace(MARKS, made="made")
    aware = pd.DataFrame([{**GOOD, "made": datetime(2025, 1, 1, tzinfo=UTC)}])
    naive = pd.DataFrame([{**GOOD, "made": datetime(2025, 1, 1)}])  # noqa: DTZ001
    assert len(keep(aware, INDEX, marks, **FLOW)) == 1
    assert len(keep(naive, INDEX, marks, **FLOW)) == 0


def test_an_index_of_pandas_stays_with_its_rows():
    rows = [{**GOOD, "purpose": "x"}, GOOD, {**GOOD, "purpose": "y"}]
    frame = pd.DataFrame(rows, index=["a", "b", "c"])
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert list(kept.index) == ["b"]
    assert list(dropped.index) == ["a", "c"]


def test_an_empty_frame_stays_empty(make):
    frame = make([{**GOOD, "n": 1}])[:0]
    kept, dropped = split(frame, INDEX, MARKS, **FLOW)
    assert (len(kept), len(dropped)) == (0, 0)
    assert "reason" in dropped.columns


def test_what_is_no_frame_or_lacks_a_column_is_said(make):
    with pytest.raises(InvalidInput, match="no frame"):
        _ = keep([GOOD], INDEX, MARKS, **FLOW)
    with pytest.raises(InvalidInput, match="no frame"):
        _ = keep(pl.DataFrame([GOOD]).lazy(), INDEX, MARKS, **FLOW)
    with pytest.raises(InvalidInput, match="no column `list`"):
        _ = keep(
            make([{k: v for k, v in GOOD.items() if k != "list"}]), INDEX, MARKS, **FLOW
        )
    with pytest.raises(InvalidInput, match="already"):
        _ = split(make([{**GOOD, "reason": "x"}]), INDEX, MARKS, **FLOW)
    with pytest.raises(NotKnown):
        _ = keep(make([GOOD]), INDEX, MARKS, sender="vendor", recipient="nobody", at=AT)


def test_without_the_extra_it_says_what_to_install(make, monkeypatch):
    frame = make([GOOD])
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(NotAtHand, match="narwhals"):
        _ = keep(frame, INDEX, MARKS, **FLOW)


# -- against the evaluator -----------------------------------------------------------------

PARTIES = [*WORLD.parties, "nobody"]
LEVELS = [f"{p}:{level}" for p, policy in WORLD.policies.items() for level in policy.rungs]
ROWS = st.fixed_dictionaries(
    {
        "label": st.sampled_from([*LEVELS, "tlp:NONE"]),
        "from": st.lists(st.sampled_from(PARTIES), min_size=1, max_size=2),
        "about": st.lists(
            st.sampled_from([*sorted(WORLD.categories), "x"]), min_size=1, max_size=2
        ),
        "purpose": st.sampled_from([*sorted(WORLD.purposes), "x"]),
        "list": st.lists(
            st.sampled_from([*PARTIES, *WORLD.groups]), min_size=1, max_size=3
        ),
    }
)


@settings(max_examples=60)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=5),
    sender=st.sampled_from(sorted(WORLD.parties)),
    recipient=st.sampled_from(sorted(WORLD.parties)),
    at=st.integers(
        parse_instant("2024-01-01T00:00:00Z"), parse_instant("2027-01-01T00:00:00Z")
    ),
    library=st.sampled_from(sorted(MAKERS)),
)
def test_what_is_kept_and_why_the_rest_is_not_is_what_decide_says(
    rows, sender, recipient, at, library
):
    frame = MAKERS[library]([{**row, "n": n} for n, row in enumerate(rows)])
    flow = {"sender": sender, "recipient": recipient, "at": at}
    kept, dropped = split(frame, INDEX, MARKS, **flow)
    answers = {}
    for n, row in enumerate(rows):
        item = Item(
            id="",
            title="",
            originators=tuple(row["from"]),
            label=Label(
                level=Level.parse(row["label"]),
                categories=tuple(row["about"]),
                release_to=tuple(row["list"]),
            ),
            kind="document",
            purpose=row["purpose"],
            channel="platform",
        )
        answers[n] = decide(Request(item=item, **flow), WORLD)
    assert column(kept, "n") == [n for n, a in answers.items() if not isinstance(a, Denial)]
    said = dict(zip(column(dropped, "n"), column(dropped, "reason"), strict=True))
    assert said == {n: str(a.reason) for n, a in answers.items() if isinstance(a, Denial)}
    assert column(keep(frame, INDEX, MARKS, **flow), "n") == column(kept, "n")
